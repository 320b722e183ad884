package certificate

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"time"
)

// Standing is how the work for one host stands: what people are told about it.
type Standing struct {
	Face      string    `json:"face"`
	Host      string    `json:"host"`
	Authority string    `json:"authority"`
	Asked     time.Time `json:"asked,omitzero"`    // the last attempt
	Got       time.Time `json:"got,omitzero"`      // the last success
	Next      time.Time `json:"next,omitzero"`     // no attempt before
	Failures  int       `json:"failures"`          // since the last success
	Failure   *Failure  `json:"failure,omitempty"` // the last one, until a success
	Checks    []Check   `json:"checks,omitempty"`  // what was found before the last attempt
	Renew     Renewal   `json:"renew,omitzero"`
}

// Failure is why an attempt did not work, in the authority's own words where it spoke.
type Failure struct {
	At    time.Time `json:"at"`
	Kind  string    `json:"kind"`  // a short word: "refused", "rate-limited", "unreachable", "preflight", "storage"
	Words string    `json:"words"` // one or more sentences
}

// Renewal is when the authority suggests to renew, and when to ask it again.
type Renewal struct {
	Serial string    `json:"serial,omitempty"` // of the certificate that it is about
	At     time.Time `json:"at,omitzero"`
	Ask    time.Time `json:"ask,omitzero"`
	Why    string    `json:"why,omitempty"` // address of an explanation
}

func standingKey(host string) string { return "hosts/" + host + "/standing.json" }

// ReadStanding reads how a host stands, for those that run beside the store.
func ReadStanding(ctx context.Context, s Storage, h Host) (Standing, error) {
	st := Standing{Face: h.Face, Host: h.Name}
	raw, err := s.Load(ctx, standingKey(h.Name))
	if errors.Is(err, fs.ErrNotExist) {
		return st, nil
	}
	if err == nil {
		err = json.Unmarshal(raw, &st)
	}
	return st, err
}

// ReadExpiry reads when a host's stored certificate ends, for those that run beside the store.
func ReadExpiry(ctx context.Context, s Storage, h Host) (Expiry, error) {
	b, err := readBundle(ctx, s, h.Name)
	if b == nil {
		return Expiry{Host: h}, err
	}
	return Expiry{Host: h, From: b.leaf().NotBefore, Ends: b.leaf().NotAfter}, nil
}

// loadStanding takes over what another process may have written. What cannot be read is as if nothing was known.
func (k *Keeper) loadStanding(ctx context.Context, h *kept) error {
	st, err := ReadStanding(ctx, k.o.Storage, h.Host)
	var damaged *json.SyntaxError
	if errors.As(err, &damaged) {
		st, err = Standing{}, nil
	}
	if err != nil {
		return err
	}
	if st.Authority != k.o.Authority.Directory {
		st = Standing{Asked: st.Asked} // what another authority said holds no more
	}
	st.Face, st.Host, st.Authority = h.Face, h.Name, k.o.Authority.Directory
	k.mu.Lock()
	defer k.mu.Unlock()
	if st.Asked.After(h.standing.Asked) || h.standing.Host == "" {
		if h.standing.Host == "" {
			st.Next = soon(st)
		}
		h.standing = st // an older one is what this process could not write
	}
	return nil
}

// soon is when a fresh start tries again: whoever mended something starts the store anew. A limit of the authority holds.
func soon(st Standing) time.Time {
	first := st.Asked.Add(pauses[0])
	if st.Failure == nil || st.Failure.Kind == "rate-limited" || first.After(st.Next) {
		return st.Next
	}
	return first
}

// keepStanding remembers and writes how a host stands.
func (k *Keeper) keepStanding(ctx context.Context, h *kept, st Standing) error {
	k.mu.Lock()
	h.standing = st
	k.mu.Unlock()
	raw, err := json.Marshal(st)
	if err != nil {
		return err
	}
	return k.o.Storage.Store(ctx, standingKey(h.Name), raw)
}

func (k *Keeper) standing(h *kept) (Standing, *Bundle) {
	k.mu.Lock()
	defer k.mu.Unlock()
	return h.standing, h.bundle
}
