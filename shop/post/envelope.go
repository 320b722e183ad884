package post

import (
	"crypto/hmac"
	"encoding/base32"
	"slices"
	"strings"

	"strongroom/base/id"
)

// Letter is a mail that went out: of which kind, and about which order or withdrawal.
type Letter struct {
	Object id.ID
	Kind   string
}

// kinds number the letters in tokens. Numbers are permanent: add at the end. Kinds that stand not here are 0.
var kinds = [...]string{"mail", "confirmation", "corrected", "pending", "received", "failed", "expired", "cancelled", "late_refund",
	"double_refund", "link", "receipt"}

const (
	macSize  = 8
	macLabel = "post.return"
)

var code = base32.StdEncoding.WithPadding(base32.NoPadding)

// Return is the envelope sender of a letter: a token before the @ of the bounce address. "" when bounces are not seen.
// It holds the random id of an order and a keyed hash, and nobody but the store can make one.
func (s *Service) Return(l Letter) string {
	if s.d.Bounces == "" || l.Object.IsZero() {
		return ""
	}
	body := append([]byte{1, byte(max(0, slices.Index(kinds[:], l.Kind)))}, l.Object[:]...)
	token := append(body, s.d.Vault.MAC(macLabel, body)[:macSize]...)
	local, host, _ := strings.Cut(s.d.Bounces, "@")
	return local + "+" + strings.ToLower(code.EncodeToString(token)) + "@" + host
}

// Letter reads an envelope sender. false means that the store did not make it.
func (s *Service) Letter(address string) (l Letter, ok bool) {
	local, host, _ := strings.Cut(strings.ToLower(strings.Trim(address, "<> ")), "@")
	want, ours, _ := strings.Cut(strings.ToLower(s.d.Bounces), "@")
	name, token, plus := strings.Cut(local, "+")
	if s.d.Bounces == "" || !plus || name != want || host != ours || len(token) > 64 {
		return l, false
	}
	b, err := code.DecodeString(strings.ToUpper(token))
	if err != nil || len(b) != 2+len(l.Object)+macSize || b[0] != 1 || int(b[1]) >= len(kinds) {
		return l, false
	}
	body, mac := b[:len(b)-macSize], b[len(b)-macSize:]
	if !hmac.Equal(mac, s.d.Vault.MAC(macLabel, body)[:macSize]) {
		return l, false
	}
	copy(l.Object[:], body[2:])
	l.Kind = kinds[b[1]]
	return l, true
}
