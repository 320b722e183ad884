// Package truststore puts the authority of a demo into the places where programs on this machine look for whom to
// believe, and takes it out again.
//
// It takes only authorities that can do no harm: constrained, critically, to localhost names and loopback addresses
// (base/localca makes them and forgets their keys). Every place says beforehand what will be done. The system's store is
// changed by the distribution's own program, those of Firefox and Chromium by NSS's certutil; both are run by fixed
// paths, without a shell. What is put carries a name of ours, so that Remove finds all of it, also of demos that are gone.
package truststore

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// Authority is a certificate authority that may be trusted without fear.
type Authority struct {
	Name        string
	Fingerprint string // SHA-256, in pairs
	Ends        time.Time

	pem []byte
	id  string
}

// ErrPowerful is returned for an authority that could vouch for more than this machine.
var ErrPowerful = errors.New("truststore: this authority could vouch for more than localhost")

// Read reads an authority's certificate and refuses one that could do harm.
func Read(file string) (a Authority, err error) {
	raw, err := os.ReadFile(file)
	if err != nil {
		return a, err
	}
	block, rest := pem.Decode(raw)
	if block == nil || block.Type != "CERTIFICATE" || len(bytes.TrimSpace(rest)) > 0 {
		return a, fmt.Errorf("truststore: %s holds no single certificate", file)
	}
	c, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		return a, fmt.Errorf("truststore: %s: %w", file, err)
	}
	if !harmless(c) {
		return a, ErrPowerful
	}
	sum := sha256.Sum256(c.Raw)
	pairs := make([]string, len(sum))
	for i, b := range sum {
		pairs[i] = fmt.Sprintf("%02X", b)
	}
	return Authority{Name: c.Subject.CommonName, Fingerprint: strings.Join(pairs, ":"), Ends: c.NotAfter,
		pem: pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Raw}), id: fmt.Sprintf("%x", sum[:8])}, nil
}

// harmless says whether an authority can vouch for localhost names and loopback addresses only, and for no further
// authority.
func harmless(c *x509.Certificate) bool {
	if !c.IsCA || !c.MaxPathLenZero || !c.PermittedDNSDomainsCritical || len(c.PermittedDNSDomains) == 0 || len(c.PermittedIPRanges) == 0 ||
		len(c.ExtKeyUsage) != 1 || c.ExtKeyUsage[0] != x509.ExtKeyUsageServerAuth {
		return false
	}
	for _, d := range c.PermittedDNSDomains {
		if d = strings.TrimPrefix(d, "."); d != "localhost" && !strings.HasSuffix(d, ".localhost") {
			return false
		}
	}
	for _, n := range c.PermittedIPRanges {
		ones, bits := n.Mask.Size()
		if !n.IP.IsLoopback() || bits == 8*net.IPv4len && ones < 8 || bits == 8*net.IPv6len && ones < 128 {
			return false
		}
	}
	return strings.HasPrefix(c.Subject.CommonName, ours)
}

// ours begins the name of every authority that a demo makes.
const ours = "Strongroom demo"

// Machine is where trust stores are looked for.
type Machine struct {
	Root string // "/", or a folder that stands for it
	Home string // of the user
	// Run runs a program by its path; nil starts a process.
	Run func(ctx context.Context, stdin []byte, path string, args ...string) (string, error)
}

// Place is one store that programs believe.
type Place struct {
	Name string
	// Shared says that it is everybody's on this machine, and not one user's.
	Shared bool
	Will   string // what putting does, for the person who is asked
	Gone   string // what removing does
	// Missing says what keeps this place from being changed, and what to do; "" for nothing.
	Missing string

	put, remove func(ctx context.Context, a Authority) error
	has         func(ctx context.Context) (bool, error)
}

// Put has the place believe the authority.
func (p Place) Put(ctx context.Context, a Authority) error { return p.put(ctx, a) }

// Remove takes everything out that Put ever put in.
func (p Place) Remove(ctx context.Context) error { return p.remove(ctx, Authority{}) }

// Has says whether anything of ours is in the place.
func (p Place) Has(ctx context.Context) (bool, error) { return p.has(ctx) }

// Places finds the stores of the machine.
func (m Machine) Places() []Place {
	return append(m.system(), m.browsers()...)
}

// folders are where system programs lie. Others' folders in PATH are not looked at.
var folders = []string{"usr/sbin", "usr/bin", "sbin", "bin"}

// program finds a system program; "" if it is not installed.
func (m Machine) program(name string) string {
	for _, f := range folders {
		path := filepath.Join(m.Root, f, name)
		if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() && info.Mode()&0o111 != 0 {
			return path
		}
	}
	return ""
}

func (m Machine) run(ctx context.Context, stdin []byte, path string, args ...string) (string, error) {
	if m.Run != nil {
		return m.Run(ctx, stdin, path, args...)
	}
	cmd := exec.CommandContext(ctx, path, args...)
	cmd.Stdin = bytes.NewReader(stdin)
	out, err := cmd.CombinedOutput()
	if err != nil {
		err = fmt.Errorf("%s: %w: %s", path, err, strings.TrimSpace(string(out)))
	}
	return string(out), err
}
