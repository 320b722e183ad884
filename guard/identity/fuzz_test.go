package identity

import (
	"encoding/json"
	"testing"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"strongroom/guard/identity/identitytest/devicetest"
)

// asked is a question to a device, as options and as what the store keeps of it.
func asked(f *testing.F, options any, err error) json.RawMessage {
	f.Helper()
	if err != nil {
		f.Fatal(err)
	}
	b, err := json.Marshal(options)
	if err != nil {
		f.Fatal(err)
	}
	return b
}

// What a browser sends as a passkey's answer is refused, or it is an answer to the very question by the very device:
// nothing else passes, and nothing in it makes the reading fail otherwise.
func FuzzPasskeyAnswer(f *testing.F) {
	p, err := newParty("Shop", "https://shop.example")
	if err != nil {
		f.Fatal(err)
	}
	key, owner := devicetest.NewAuthenticator(p.origin), holder{handle: []byte("handle of an account, 32 bytes..")}
	create, made, err := p.web.BeginRegistration(owner)
	answer, err := key.Create(asked(f, create.Response, err))
	if err != nil {
		f.Fatal(err)
	}
	parsed, err := protocol.ParseCredentialCreationResponseBytes(answer)
	if err != nil {
		f.Fatal(err)
	}
	cred, err := p.web.CreateCredential(owner, *made, parsed)
	if err != nil {
		f.Fatal(err)
	}
	owner.credentials = []webauthn.Credential{*cred}
	login, data, err := p.web.BeginDiscoverableLogin()
	right, err := key.Get(asked(f, login.Response, err))
	if err != nil {
		f.Fatal(err)
	}
	for _, seed := range [][]byte{right, answer, nil, []byte("{}"), []byte("null"), []byte(`{"id":"","rawId":"","type":"public-key","response":{}}`), right[:len(right)/2]} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		if parsed, err := protocol.ParseCredentialRequestResponseBytes(b); err == nil {
			got, err := p.web.ValidateDiscoverableLogin(func(_, handle []byte) (webauthn.User, error) { return owner, nil }, *data, parsed)
			if err == nil && (string(got.ID) != string(cred.ID) || !got.Flags.UserVerified || string(parsed.Response.UserHandle) != string(owner.handle)) {
				t.Errorf("%q signs in", b)
			}
		}
		if parsed, err := protocol.ParseCredentialCreationResponseBytes(b); err == nil {
			if got, err := p.web.CreateCredential(owner, *made, parsed); err == nil && (got.AttestationType != cred.AttestationType || len(got.PublicKey) == 0 || !got.Flags.UserVerified) {
				t.Errorf("%q becomes a passkey: %+v", b, got)
			}
		}
	})
}
