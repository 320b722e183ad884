// Package baotest is a key service for tests: the part of the transit engine, of AppRole and of tokens that the store
// uses, with the status codes and bodies of the real thing, over HTTPS on loopback.
//
// It can be sealed, taken away, made slow or failing, its key rotated and its oldest version raised, so that everything
// that goes wrong with a key service goes wrong in tests. That it answers as the real server does is held by the same
// conformance suite, which runs against a real server when STRONGROOM_TEST_OPENBAO names one.
package baotest

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
)

// Server is a key service. Its fields may be changed between requests through its methods.
type Server struct {
	*httptest.Server
	mu      sync.Mutex
	sealed  bool
	failing []int // status codes of the next answers
	tokens  map[string]map[string]bool
	roles   map[string]string
	keys    map[string]*key
	calls   []string
}

type key struct {
	kind     string
	versions [][]byte
	oldest   int
	export   bool
}

// New starts a service with the transit engine at "transit".
func New() *Server {
	s := &Server{tokens: map[string]map[string]bool{}, roles: map[string]string{}, keys: map[string]*key{}}
	s.Server = httptest.NewTLSServer(http.HandlerFunc(s.serve))
	return s
}

// Seal seals or unseals it.
func (s *Server) Seal(on bool) { s.do(func() { s.sealed = on }) }

// Fail has the next requests answered with these codes.
func (s *Server) Fail(codes ...int) { s.do(func() { s.failing = codes }) }

// AddKey makes a key of a kind; "" is aes256-gcm96.
func (s *Server) AddKey(name, kind string) {
	if kind == "" {
		kind = "aes256-gcm96"
	}
	s.do(func() { s.keys[name] = &key{kind: kind, versions: [][]byte{random()}, oldest: 1} })
}

// DropKey deletes a key.
func (s *Server) DropKey(name string) { s.do(func() { delete(s.keys, name) }) }

// RotateKey makes a new version, as an operator does.
func (s *Server) RotateKey(name string) {
	s.do(func() { k := s.keys[name]; k.versions = append(k.versions, random()) })
}

// Oldest sets min_decryption_version.
func (s *Server) Oldest(name string, v int) { s.do(func() { s.keys[name].oldest = v }) }

// Newest is the newest version of a key.
func (s *Server) Newest(name string) (n int) {
	s.do(func() { n = len(s.keys[name].versions) })
	return n
}

// Token makes a token that may do these things: "read", "encrypt", "decrypt", "rotate", or "root" for all.
func (s *Server) Token(may ...string) string {
	t := "hvs." + base64.RawURLEncoding.EncodeToString(random())
	s.do(func() {
		s.tokens[t] = map[string]bool{}
		for _, m := range may {
			s.tokens[t][m] = true
		}
	})
	return t
}

// Revoke ends a token.
func (s *Server) Revoke(token string) { s.do(func() { delete(s.tokens, token) }) }

// Tokens is how many tokens live.
func (s *Server) Tokens() (n int) {
	s.do(func() { n = len(s.tokens) })
	return n
}

// Role makes an AppRole.
func (s *Server) Role(id, secret string) { s.do(func() { s.roles[id] = secret }) }

// Calls are the requests so far, "POST transit/encrypt/strongroom".
func (s *Server) Calls() (out []string) {
	s.do(func() { out = append(out, s.calls...) })
	return out
}

func (s *Server) do(f func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f()
}

func random() []byte {
	b := make([]byte, 32)
	_, _ = rand.Read(b)
	return b
}

func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	path := strings.TrimPrefix(r.URL.Path, "/v1/")
	s.calls = append(s.calls, r.Method+" "+path)
	var in map[string]any
	_ = json.NewDecoder(r.Body).Decode(&in)
	code, data, errs := s.answer(r, path, in)
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	switch {
	case code == http.StatusNoContent:
	case code/100 == 2:
		_ = json.NewEncoder(w).Encode(data)
	default:
		_ = json.NewEncoder(w).Encode(map[string]any{"errors": append([]string{}, errs...)})
	}
}

func (s *Server) answer(r *http.Request, path string, in map[string]any) (code int, data map[string]any, errs []string) {
	if len(s.failing) > 0 {
		code, s.failing = s.failing[0], s.failing[1:]
		return code, nil, []string{"internal error"}
	}
	if s.sealed {
		return 503, nil, []string{"Vault is sealed"}
	}
	if path == "auth/approle/login" {
		return s.login(in)
	}
	token := r.Header.Get("X-Vault-Token")
	may, known := s.tokens[token]
	parts := strings.Split(path, "/")
	switch {
	case !known:
		return 403, nil, []string{"2 errors occurred:\n\t* permission denied\n\t* invalid token\n\n"}
	case path == "auth/token/revoke-self":
		delete(s.tokens, token)
		return 204, nil, nil
	case path == "auth/token/lookup-self":
		policies := []string{"default", "strongroom"}
		if may["root"] {
			policies = []string{"root"}
		}
		return 200, wrap(map[string]any{"policies": policies, "ttl": 2764800}), nil
	case parts[0] != "transit" && may["root"]:
		return 404, nil, []string{fmt.Sprintf("no handler for route %q. route entry not found.", path)}
	case parts[0] != "transit" || len(parts) < 3:
		return 403, nil, []string{"1 error occurred:\n\t* permission denied\n\n"}
	}
	return s.transit(r.Method, parts, may, in)
}

func wrap(data map[string]any) map[string]any { return map[string]any{"data": data} }

func (s *Server) login(in map[string]any) (int, map[string]any, []string) {
	role, _ := in["role_id"].(string)
	secret, ok := s.roles[role]
	if !ok || secret != in["secret_id"] {
		return 400, nil, []string{"invalid role or secret ID"}
	}
	t := "hvs." + base64.RawURLEncoding.EncodeToString(random())
	s.tokens[t] = map[string]bool{"read": true, "encrypt": true, "decrypt": true, "rotate": true}
	return 200, map[string]any{"auth": map[string]any{"client_token": t, "lease_duration": 60}}, nil
}

func (s *Server) transit(method string, parts []string, may map[string]bool, in map[string]any) (int, map[string]any, []string) {
	verb, name := parts[1], parts[2]
	if verb == "keys" {
		if verb = "read"; len(parts) == 4 {
			verb = parts[3]
		}
	}
	if !may[verb] && !may["root"] {
		return 403, nil, []string{"1 error occurred:\n\t* permission denied\n\n"}
	}
	k := s.keys[name]
	switch {
	case k == nil && verb == "read" && method == http.MethodGet:
		return 404, nil, nil
	case k == nil && verb == "encrypt": // a token that may create makes the key of a mistyped name
		k = &key{kind: "aes256-gcm96", versions: [][]byte{random()}, oldest: 1}
		s.keys[name] = k
	case k == nil && verb == "rotate":
		return 400, nil, []string{"key not found"}
	case k == nil:
		return 400, nil, []string{"encryption key not found"}
	}
	switch verb {
	case "read":
		return 200, wrap(map[string]any{"name": name, "type": k.kind, "latest_version": len(k.versions),
			"min_decryption_version": k.oldest, "exportable": k.export, "allow_plaintext_backup": false, "deletion_allowed": false}), nil
	case "rotate":
		k.versions = append(k.versions, random())
		return 200, wrap(map[string]any{"name": name}), nil
	case "encrypt":
		return k.encrypt(in)
	case "decrypt":
		return k.decrypt(in)
	}
	return 405, nil, []string{"1 error occurred:\n\t* unsupported operation\n\n"}
}

func (k *key) encrypt(in map[string]any) (int, map[string]any, []string) {
	plain, err := base64.StdEncoding.DecodeString(str(in["plaintext"]))
	if err != nil {
		return 400, nil, []string{"failed to base64-decode plaintext"}
	}
	if k.kind != "aes256-gcm96" {
		return 400, nil, []string{"'[0].associated_data' provided for non-AEAD cipher suite " + k.kind}
	}
	ad, _ := base64.StdEncoding.DecodeString(str(in["associated_data"]))
	aead := gcm(k.versions[len(k.versions)-1])
	nonce := random()[:12]
	ct := "vault:v" + strconv.Itoa(len(k.versions)) + ":" + base64.StdEncoding.EncodeToString(aead.Seal(nonce, nonce, plain, ad))
	return 200, wrap(map[string]any{"ciphertext": ct, "key_version": len(k.versions)}), nil
}

func (k *key) decrypt(in map[string]any) (int, map[string]any, []string) {
	rest, ok := strings.CutPrefix(str(in["ciphertext"]), "vault:v")
	if !ok {
		return 400, nil, []string{"invalid ciphertext: no prefix"}
	}
	head, body, ok := strings.Cut(rest, ":")
	v, err := strconv.Atoi(head)
	switch {
	case !ok:
		return 400, nil, []string{"invalid ciphertext: wrong number of fields"}
	case err != nil:
		return 400, nil, []string{"invalid ciphertext: version number could not be decoded"}
	case v > len(k.versions):
		return 400, nil, []string{"invalid ciphertext: version is too new"}
	case v < k.oldest:
		return 400, nil, []string{"ciphertext or signature version is disallowed by policy (too old)"}
	}
	raw, err := base64.StdEncoding.DecodeString(body)
	if err != nil || len(raw) < 12 {
		return 400, nil, []string{"invalid ciphertext: could not decode base64"}
	}
	ad, _ := base64.StdEncoding.DecodeString(str(in["associated_data"]))
	plain, err := gcm(k.versions[max(v, 1)-1]).Open(nil, raw[:12], raw[12:], ad)
	if err != nil {
		return 400, nil, []string{"cipher: message authentication failed"}
	}
	return 200, wrap(map[string]any{"plaintext": base64.StdEncoding.EncodeToString(plain)}), nil
}

func str(v any) string { s, _ := v.(string); return s }

func gcm(key []byte) cipher.AEAD {
	b, err := aes.NewCipher(key)
	if err != nil {
		panic(err) // 32 bytes always
	}
	g, err := cipher.NewGCM(b)
	if err != nil {
		panic(err)
	}
	return g
}
