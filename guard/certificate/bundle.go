package certificate

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"strongroom/base/fault"
)

// Bundle is a certificate with its key, stored as one value.
type Bundle struct {
	Chain     string    `json:"chain"` // PEM, the host's certificate first
	Key       string    `json:"key"`   // PEM
	Authority string    `json:"authority"`
	GotAt     time.Time `json:"got_at"`

	pair *tls.Certificate
}

func bundleKey(host string) string { return "hosts/" + host + "/certificate.json" }

// parse reads the PEM texts and refuses what does not fit together or is for another host.
func (b *Bundle) parse(host string) error {
	pair, err := tls.X509KeyPair([]byte(b.Chain), []byte(b.Key))
	if err != nil {
		return err
	}
	if err := pair.Leaf.VerifyHostname(host); err != nil {
		return err
	}
	b.pair = &pair
	return nil
}

func (b *Bundle) leaf() *x509.Certificate { return b.pair.Leaf }

// readBundle reads a host's stored certificate; nil if there is none.
func readBundle(ctx context.Context, s Storage, host string) (b *Bundle, err error) {
	defer fault.Wrap(&err, "certificate: read that of %s", host)
	raw, err := s.Load(ctx, bundleKey(host))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	b = &Bundle{}
	if err := json.Unmarshal(raw, b); err != nil {
		return nil, fmt.Errorf("%w: %w", errDamaged, err)
	}
	if err := b.parse(host); err != nil {
		return nil, fmt.Errorf("%w: %w", errDamaged, err)
	}
	return b, nil
}

// errDamaged is a stored certificate that cannot be used; a new one is asked for.
var errDamaged = errors.New("the stored certificate is damaged")

func writeBundle(ctx context.Context, s Storage, host string, b *Bundle) error {
	raw, err := json.Marshal(b)
	if err != nil {
		return err
	}
	return s.Store(ctx, bundleKey(host), raw)
}

// load takes over what is stored, if it is newer than what is in use. A damaged value is as good as none, but never
// takes a good certificate out of use.
func (k *Keeper) load(ctx context.Context, h *kept) error {
	info, err := k.o.Storage.Stat(ctx, bundleKey(h.Name))
	if errors.Is(err, fs.ErrNotExist) {
		return k.loadStanding(ctx, h)
	}
	if err != nil {
		return err
	}
	if k.same(h, info.Modified) {
		return k.loadStanding(ctx, h)
	}
	b, err := readBundle(ctx, k.o.Storage, h.Name)
	switch {
	case errors.Is(err, errDamaged):
		k.o.Log.Warn("a stored certificate cannot be used", "host", h.Name, "error", err)
	case err != nil:
		return err
	case b != nil:
		if err := k.use(ctx, h, b, info.Modified); err != nil {
			return err
		}
	}
	return k.loadStanding(ctx, h)
}

func (k *Keeper) same(h *kept, stamp time.Time) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	return h.bundle != nil && h.stamp.Equal(stamp)
}

// use answers handshakes with a certificate from now on.
func (k *Keeper) use(ctx context.Context, h *kept, b *Bundle, stamp time.Time) error {
	hash, err := k.config.CacheUnmanagedTLSCertificate(ctx, *b.pair, nil)
	if err != nil {
		return fmt.Errorf("certificate: take into use: %w", err)
	}
	k.mu.Lock()
	old, first := h.hash, h.bundle == nil
	h.bundle, h.stamp, h.hash = b, stamp, hash
	k.mu.Unlock()
	if old != "" && old != hash {
		k.cache.Remove([]string{old})
	}
	if !first {
		k.o.Log.Info("a new certificate is in use", "host", h.Name, "ends", b.leaf().NotAfter)
	}
	return nil
}
