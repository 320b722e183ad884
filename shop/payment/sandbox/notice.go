package sandbox

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"time"

	"strongroom/shop/payment"
)

const (
	signatureHeader = "Sandbox-Signature"
	maxHeader       = 1024
	maxSecrets      = 2
	maxSignatures   = 4
	maxBody         = 64 << 10
)

// signature is what the header says.
type signature struct {
	seconds string
	at      time.Time
	macs    [][]byte
}

// parseHeader reads "t=<seconds>,v1=<hex>[,v1=<hex>...]". Unknown parts are passed over, so that the provider can add a
// newer scheme; a second time is refused, because one of the two was not signed.
func parseHeader(header string) (signature, bool) {
	var s signature
	if len(header) > maxHeader {
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
			if err != nil || len(mac) != sha256.Size || len(s.macs) == maxSignatures {
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

// noticeBody is what a notice says.
type noticeBody struct {
	ID        string `json:"id"`
	Type      string `json:"type"`
	Created   int64  `json:"created"`
	Account   string `json:"account"`
	Mode      string `json:"mode"`
	Session   string `json:"session"`
	Reference string `json:"reference"`
	Dispute   string `json:"dispute"`
}

// parseBody reads a body that is known to be genuine; odd ones are refused all the same.
func parseBody(body []byte) (noticeBody, bool) {
	var b noticeBody
	d := json.NewDecoder(bytes.NewReader(body))
	if err := d.Decode(&b); err != nil || d.More() {
		return b, false
	}
	for _, s := range []string{b.ID, b.Type, b.Account, b.Session, b.Reference} {
		if s == "" || len(s) > 200 || !printable(s) {
			return b, false
		}
	}
	return b, b.Created >= 0 && b.Created < 1<<40 && len(b.Dispute) <= 200 && printable(b.Dispute)
}

func printable(s string) bool {
	for _, c := range []byte(s) {
		if c <= 0x20 || c >= 0x7f {
			return false
		}
	}
	return true
}

// ParseNotice believes a notice if exactly one header carries one time, within the tolerance, and a signature over that
// time and the raw body, and if it is about our account in our mode.
func (g *Gateway) ParseNotice(_ context.Context, now time.Time, header http.Header, body []byte) (payment.Notice, error) {
	values := header.Values(signatureHeader)
	if len(values) != 1 || len(body) > maxBody {
		return payment.Notice{}, payment.ErrNotice
	}
	s, ok := parseHeader(values[0])
	if !ok || !s.genuine(body, g.c.Secrets) {
		return payment.Notice{}, payment.ErrNotice
	}
	if age := now.Sub(s.at); age > Tolerance || age < -Tolerance {
		return payment.Notice{}, payment.ErrNotice
	}
	b, ok := parseBody(body)
	if !ok || b.Account != g.c.Account || b.Mode != string(g.c.Mode) {
		return payment.Notice{}, payment.ErrNotice
	}
	return payment.Notice{ID: b.ID, Kind: b.Type, Ref: b.Session, Reference: b.Reference, Dispute: b.Dispute, Account: b.Account,
		Mode: payment.Mode(b.Mode), At: time.Unix(b.Created, 0).UTC()}, nil
}
