package certificate

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/caddyserver/certmagic"
)

// round is how often the hosts are looked at.
const round = time.Minute

// Run looks after the certificates until ctx ends.
func (k *Keeper) Run(ctx context.Context) {
	tick := time.NewTicker(round)
	defer tick.Stop()
	for {
		k.Tend(ctx)
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// Tend looks at every host once and does what is due. What goes wrong stands in the standings and in the log.
func (k *Keeper) Tend(ctx context.Context) {
	for _, host := range k.o.Hosts {
		h := k.hosts[host.Name]
		if err := k.tend(ctx, h); err != nil && ctx.Err() == nil {
			k.o.Log.Error("the certificate's storage does not work; the certificate in use stays", "host", h.Name, "error", err)
		}
	}
}

func (k *Keeper) tend(ctx context.Context, h *kept) error {
	if err := k.load(ctx, h); err != nil {
		return err
	}
	if h.unsaved != nil {
		return k.save(ctx, h)
	}
	if k.o.Held(ctx) {
		return nil
	}
	k.suggestion(ctx, h)
	if !k.due(h) {
		return nil
	}
	lock := "tend_" + h.Name
	mine, err := k.o.Storage.TryLock(ctx, lock)
	if err != nil || !mine {
		return err // not ours: another process is at it, and its certificate is loaded in a later round
	}
	defer func() { _ = k.o.Storage.Unlock(context.WithoutCancel(ctx), lock) }() // a lock that stays ends by itself
	if err := k.load(ctx, h); err != nil || !k.due(h) {
		return err
	}
	return k.attempt(ctx, h)
}

// due says whether it is time to ask for a certificate.
func (k *Keeper) due(h *kept) bool {
	st, b := k.standing(h)
	now := k.o.Clock.Now()
	if now.Before(st.Next) {
		return false
	}
	return b == nil || !now.Before(renewAt(b, st.Renew))
}

// renewAt is when a certificate is to be renewed: at two thirds of its life, or when the authority suggests it, but
// always with a sixth of its life left for attempts that fail.
func renewAt(b *Bundle, r Renewal) time.Time {
	leaf := b.leaf()
	life := leaf.NotAfter.Sub(leaf.NotBefore)
	at := leaf.NotAfter.Add(-life / 3)
	if r.Serial == leaf.SerialNumber.String() && !r.At.IsZero() {
		at = r.At
	}
	if last := leaf.NotAfter.Add(-life / 6); at.After(last) {
		at = last
	}
	return at
}

// askAgain bounds how often the authority is asked for its suggestion.
const askAgain = 6 * time.Hour

// suggestion asks the authority from time to time when it would like to renew (RFC 9773): an authority that must
// revoke many certificates says so there days before. Without an answer the usual time holds.
func (k *Keeper) suggestion(ctx context.Context, h *kept) {
	st, b := k.standing(h)
	now := k.o.Clock.Now()
	if b == nil || b.Authority != k.o.Authority.Directory || !now.Before(b.leaf().NotAfter) {
		return
	}
	serial := b.leaf().SerialNumber.String()
	if st.Renew.Serial == serial && now.Before(st.Renew.Ask) {
		return
	}
	r := Renewal{Serial: serial, Ask: now.Add(askAgain)}
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	info, err := k.issuer.GetRenewalInfo(ctx, certmagic.Certificate{Certificate: *b.pair})
	if err == nil && info.HasWindow() {
		r.At, r.Why = info.SelectedTime.UTC(), info.ExplanationURL
	} else if st.Renew.Serial == serial {
		r.At = st.Renew.At
	}
	if r.Why != "" && r.Why != st.Renew.Why {
		k.o.Log.Warn("the authority says when this certificate should be renewed, and why", "host", h.Name, "at", r.At, "why", r.Why)
	}
	_ = k.loadStanding(ctx, h) // another process may have been at it meanwhile
	st, _ = k.standing(h)
	st.Renew = r
	_ = k.keepStanding(ctx, h, st) // only a hint; it is asked for again
}

// attempt asks for a certificate once and takes down how it went.
func (k *Keeper) attempt(ctx context.Context, h *kept) error {
	st, old := k.standing(h)
	now := k.o.Clock.Now()
	st.Asked, st.Next = now, now.Add(pauses[0])
	// If this cannot be written, a certificate could not either: then nobody is asked for one.
	if err := k.keepStanding(ctx, h, st); err != nil {
		return k.fail(ctx, h, st, &Failure{Kind: "storage", Words: "What is known about the certificate cannot be written: " + plainly(err) +
			" No certificate is asked for while it could not be kept."}, 0)
	}
	if k.o.Preflight != nil {
		st.Checks = k.look(ctx, h)
		if words := blocking(st.Checks); words != "" {
			return k.fail(ctx, h, st, &Failure{Kind: "preflight", Words: words}, 0)
		}
	}
	b, err := k.obtain(ctx, h)
	if err != nil {
		f, after := k.explain(err)
		return k.fail(ctx, h, st, f, after)
	}
	if early := b.leaf().NotBefore.Sub(now); early > time.Minute {
		k.o.Log.Warn("the new certificate is valid only from a moment that this machine's clock has not reached: the clock is behind",
			"host", h.Name, "valid_from", b.leaf().NotBefore, "clock", now)
	}
	h.unsaved = b
	if err := k.save(ctx, h); err != nil {
		return err
	}
	k.o.Tell(ctx, Obtained{Face: h.Face, Renewal: old != nil, Days: int(b.leaf().NotAfter.Sub(now).Hours() / 24)})
	return nil
}

// look runs the preflight and says what it found.
func (k *Keeper) look(ctx context.Context, h *kept) []Check {
	checks := k.o.Preflight.Check(ctx, h.Host, StoredProbe(k.o.Storage))
	for _, c := range checks {
		if c.State != Fine {
			k.o.Log.Warn("before asking for a certificate", "check", c.Name, "host", h.Name, "expected", c.Expected, "found", c.Found, "do", c.Do)
		}
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	h.standing.Checks = checks
	return checks
}

// save writes an issued certificate and takes it into use. Until it is written the old one stays in use; only where
// there is none, the new one is used from memory.
func (k *Keeper) save(ctx context.Context, h *kept) error {
	st, old := k.standing(h)
	now := k.o.Clock.Now()
	err := writeBundle(ctx, k.o.Storage, h.Name, h.unsaved)
	if err != nil {
		if old == nil {
			err = errors.Join(err, k.use(ctx, h, h.unsaved, time.Time{}))
		}
		f := &Failure{Kind: "storage", Words: "The authority issued a certificate, but it cannot be written: " + plainly(err) +
			" It is kept in memory and written as soon as that works; nothing is asked for again."}
		return errors.Join(k.fail(ctx, h, st, f, round), ctx.Err())
	}
	info, err := k.o.Storage.Stat(ctx, bundleKey(h.Name))
	if err != nil {
		return err
	}
	if err := k.use(ctx, h, h.unsaved, info.Modified); err != nil {
		return err
	}
	h.unsaved = nil
	st.Got, st.Next, st.Failures, st.Failure, st.Renew = now, time.Time{}, 0, nil, Renewal{}
	return k.keepStanding(ctx, h, st)
}

// plainly is a cause as the end of a sentence.
func plainly(err error) string { return fmt.Sprintf("%v.", err) }
