// Package signed verifies the signed notices of providers that share one scheme: a header "t=<seconds>,v1=<hex>", with
// HMAC-SHA-256 over "<seconds>.<raw body>", one v1 for each secret that is valid. Stripe made it up, and the sandbox speaks
// it too. Nothing of a body is read before it is known to be genuine.
package signed

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// MaxBody bounds the body of a notice, in bytes.
const MaxBody = 64 << 10

// Scheme is what differs between providers.
type Scheme struct {
	Header        string        // the header's name
	MaxHeader     int           // bytes of its value
	MaxSignatures int           // that it may carry
	Tolerance     time.Duration // how far the time of signing may lie from ours, in either direction
}

// Genuine says whether exactly one header carries one time, within the tolerance, and a signature with one of our secrets
// over that time and the raw body.
func (c Scheme) Genuine(now time.Time, header http.Header, body []byte, secrets []string) bool {
	values := header.Values(c.Header)
	if len(values) != 1 || len(body) > MaxBody {
		return false
	}
	s, ok := c.parse(values[0])
	if !ok || !s.genuine(body, secrets) {
		return false
	}
	age := now.Sub(s.at)
	return age <= c.Tolerance && age >= -c.Tolerance
}

// signature is what the header says.
type signature struct {
	seconds string
	at      time.Time
	macs    [][]byte
}

// parse reads "t=<seconds>,v1=<hex>[,v1=<hex>...]". Other parts are passed over, so that the provider can add a newer
// scheme; a second time is refused, because one of the two was not signed.
func (c Scheme) parse(header string) (signature, bool) {
	var s signature
	if len(header) > c.MaxHeader {
		return s, false
	}
	for part := range strings.SplitSeq(header, ",") {
		name, value, ok := strings.Cut(part, "=")
		if !ok {
			return s, false
		}
		switch name {
		case "t":
			n, err := strconv.ParseUint(value, 10, 40)
			if err != nil || s.seconds != "" || strconv.FormatUint(n, 10) != value {
				return s, false
			}
			s.seconds, s.at = value, time.Unix(int64(n), 0)
		case "v1":
			mac, err := hex.DecodeString(value)
			if err != nil || len(mac) != sha256.Size || len(s.macs) == c.MaxSignatures {
				return s, false
			}
			s.macs = append(s.macs, mac)
		}
	}
	return s, s.seconds != "" && len(s.macs) > 0
}

// genuine says whether one of the signatures was made with one of our secrets. Every pair is compared in constant time,
// whether or not one has fitted already.
func (s signature) genuine(body []byte, secrets []string) bool {
	fits := false
	for _, secret := range secrets {
		m := hmac.New(sha256.New, []byte(secret))
		m.Write([]byte(s.seconds))
		m.Write([]byte("."))
		m.Write(body)
		want := m.Sum(nil)
		for _, mac := range s.macs {
			fits = hmac.Equal(mac, want) || fits
		}
	}
	return fits
}

// Printable says whether a name of the provider's is visible ASCII only. Names go into logs and statements.
func Printable(s string) bool {
	for _, c := range []byte(s) {
		if c <= 0x20 || c >= 0x7f {
			return false
		}
	}
	return true
}
