package app

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"

	"strongroom/base/clock"
	"strongroom/guard/certificate"
)

// recheck is how often certificate files are looked at.
const recheck = 15 * time.Second

// Certificates answers handshakes from two files and reads them again when they change. Files that do not fit together
// (a renewal half way) leave the old certificate in use.
type Certificates struct {
	cert, key string
	clock     clock.Clock
	log       *slog.Logger
	host      certificate.Host // whom it is for
	mu        sync.Mutex
	now       *tls.Certificate
	looked    time.Time
	stamp     string
}

// OpenCertificates reads the files for the first time.
func OpenCertificates(cert, key string, c clock.Clock, log *slog.Logger) (*Certificates, error) {
	f := &Certificates{cert: cert, key: key, clock: c, log: log}
	stamp, err := f.stamps()
	if err == nil {
		err = f.read(stamp)
	}
	if err != nil {
		e := &Error{Kind: BadConfig, Cause: err, What: fmt.Sprintf("the certificate %s and its key cannot be used: %v", cert, err),
			Do: "Check server.certificate and server.certificate_key: PEM files that belong together and that strongroom may read."}
		if errors.Is(err, os.ErrNotExist) {
			e.Do = "Put the files there, or correct server.certificate and server.certificate_key."
		}
		return nil, e
	}
	return f, nil
}

// Certificate answers a handshake.
func (f *Certificates) Certificate(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if at := f.clock.Now(); at.Sub(f.looked) >= recheck {
		f.looked = at
		f.refresh()
	}
	return f.now, nil
}

// Expires is when the certificate in use ends.
func (f *Certificates) Expires() time.Time {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.now.Leaf.NotAfter
}

// Expiries tells about the certificate in use, after a look at the files.
func (f *Certificates) Expiries(context.Context) ([]certificate.Expiry, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.looked = f.clock.Now()
	f.refresh()
	return []certificate.Expiry{{Host: f.host, From: f.now.Leaf.NotBefore, Ends: f.now.Leaf.NotAfter}}, nil
}

func (f *Certificates) refresh() {
	stamp, err := f.stamps()
	if err == nil && stamp != f.stamp {
		if err = f.read(stamp); err == nil {
			f.log.Info("certificate read again", "expires", f.now.Leaf.NotAfter)
		}
	}
	if err != nil {
		f.log.Warn("the certificate files cannot be used; the old certificate stays", "error", err)
	}
}

// stamps is when the files were last written.
func (f *Certificates) stamps() (string, error) {
	c, err := os.Stat(f.cert)
	if err != nil {
		return "", err
	}
	k, err := os.Stat(f.key)
	if err != nil {
		return "", err
	}
	return c.ModTime().String() + k.ModTime().String(), nil
}

func (f *Certificates) read(stamp string) error {
	c, err := tls.LoadX509KeyPair(f.cert, f.key)
	if err != nil {
		return err
	}
	f.now, f.stamp = &c, stamp
	return nil
}
