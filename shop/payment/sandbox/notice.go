package sandbox

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"time"

	"strongroom/shop/payment"
	"strongroom/shop/payment/signed"
)

// maxSecrets is how many secrets are valid at once: one, or two while they are being changed.
const maxSecrets = 2

// scheme is how the sandbox signs.
var scheme = signed.Scheme{Header: "Sandbox-Signature", MaxHeader: 1024, MaxSignatures: 4, Tolerance: Tolerance}

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
		if s == "" || len(s) > 200 || !signed.Printable(s) {
			return b, false
		}
	}
	return b, b.Created >= 0 && b.Created < 1<<40 && len(b.Dispute) <= 200 && signed.Printable(b.Dispute)
}

// ParseNotice believes a notice if exactly one header carries one time, within the tolerance, and a signature over that
// time and the raw body, and if it is about our account in our mode.
func (g *Gateway) ParseNotice(_ context.Context, now time.Time, header http.Header, body []byte) (payment.Notice, error) {
	if !scheme.Genuine(now, header, body, g.c.Secrets) {
		return payment.Notice{}, payment.ErrNotice
	}
	b, ok := parseBody(body)
	if !ok || b.Account != g.c.Account || b.Mode != string(g.c.Mode) {
		return payment.Notice{}, payment.ErrNotice
	}
	return payment.Notice{ID: b.ID, Kind: b.Type, Ref: b.Session, Reference: b.Reference, Dispute: b.Dispute, Account: b.Account,
		Mode: payment.Mode(b.Mode), At: time.Unix(b.Created, 0).UTC()}, nil
}
