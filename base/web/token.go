package web

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"net/http"

	"strongroom/base/fault"
)

// TokenField is the name of the hidden field that carries a form token.
const TokenField = "form_token"

// FormTokens binds forms to a session, beside http.CrossOriginProtection, which lets a request pass that carries
// neither Sec-Fetch-Site nor Origin. A token is a keyed hash of the session's secret, masked with fresh random bytes
// in every page so that compression gives nothing of it away.
type FormTokens struct {
	// MAC is a keyed hash of 32 bytes, such as vault.MAC with a label of the face.
	MAC func(data []byte) []byte
}

const tokenMask = 32

// For makes a token for a form of this session. Without a session there is nothing to ride on and no token.
func (t FormTokens) For(session string) string {
	if session == "" {
		return ""
	}
	out := make([]byte, 2*tokenMask)
	_, _ = rand.Read(out[:tokenMask])
	subtle.XORBytes(out[tokenMask:], out[:tokenMask], t.MAC([]byte(session)))
	return base64.RawURLEncoding.EncodeToString(out)
}

// Valid says whether token was made for this session.
func (t FormTokens) Valid(session, token string) bool {
	b, err := base64.RawURLEncoding.Strict().DecodeString(token)
	if err != nil || len(b) != 2*tokenMask || session == "" {
		return false
	}
	got := make([]byte, tokenMask)
	subtle.XORBytes(got, b[:tokenMask], b[tokenMask:])
	return subtle.ConstantTimeCompare(got, t.MAC([]byte(session))) == 1
}

// Check refuses a form whose token is not this session's. A form that comes without a session passes when the
// browser itself says where it comes from, which CrossOriginProtection has looked at by then.
func (t FormTokens) Check(r *http.Request, f *Form, session string) error {
	if session == "" && SaysOrigin(r) || session != "" && t.Valid(session, f.Typed(TokenField)) {
		return nil
	}
	return fault.New(fault.Forbidden, "web.form_foreign")
}

// SaysOrigin says whether the browser told where the request comes from.
func SaysOrigin(r *http.Request) bool {
	return r.Header.Get("Sec-Fetch-Site") != "" || r.Header.Get("Origin") != ""
}
