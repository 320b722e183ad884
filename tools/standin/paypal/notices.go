package paypal

import (
	"bytes"
	"context"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"
)

// webhook is an address for notices.
type webhook struct {
	id, url string
	app     App
	kinds   []string
}

// Notice is one transmission of an event.
type Notice struct {
	To     string
	Header http.Header
	Body   []byte
	tries  int
	done   bool
}

// keys are what PayPal's two worlds sign with, made once for all stand-ins of a process.
var keys = sync.OnceValue(func() map[bool]*rsa.PrivateKey {
	made := map[bool]*rsa.PrivateKey{}
	for _, live := range []bool{false, true} {
		k, err := rsa.GenerateKey(rand.Reader, 2048)
		if err != nil {
			panic(err)
		}
		made[live] = k
	}
	return made
})

// foreign is a key that PayPal does not know.
var foreign = sync.OnceValue(func() *rsa.PrivateKey {
	k, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return k
})

func (s *Server) certURL() string {
	return s.o.Base + "/v1/notifications/certs/CERT-360caa42-fca2a594-7a8abba8"
}

// event tells everybody who wants to hear of it.
func (s *Server) event(o *order, kind, about string, resource object) {
	s.tell(o.app, kind, about, "2.0", resource)
}

func (s *Server) tell(app App, kind, about, version string, resource object) {
	id := "WH-" + name(17) + "-" + name(17)
	body := s.Event(id, kind, about, version, resource)
	for _, w := range s.webhooks {
		if w.app.Merchant == app.Merchant && (slices.Contains(w.kinds, kind) || slices.Contains(w.kinds, "*")) {
			s.sent = append(s.sent, Notice{To: w.url, Header: s.sign(keys()[s.o.Live], w.id, s.now(), body), Body: body})
		}
	}
}

// Event is the body of a notice.
func (s *Server) Event(id, kind, about, version string, resource map[string]any) []byte {
	self := s.o.Base + "/v1/notifications/webhooks-events/" + id
	e := object{"id": id, "event_version": "1.0", "create_time": s.now().Format("2006-01-02T15:04:05.000Z"),
		"resource_type": about, "event_type": kind, "summary": "An event of the kind " + kind,
		"resource": resource, "links": []object{{"href": self, "rel": "self", "method": "GET"},
			{"href": self + "/resend", "rel": "resend", "method": "POST"}}}
	put(e, "resource_version", version)
	raw, _ := json.Marshal(e)
	return raw
}

// Sign makes the headers of a notice to a webhook: with PayPal's key, or with one that PayPal does not know.
func (s *Server) Sign(webhook string, at time.Time, body []byte, genuine bool) http.Header {
	k := keys()[s.o.Live]
	if !genuine {
		k = foreign()
	}
	return s.sign(k, webhook, at, body)
}

func (s *Server) sign(k *rsa.PrivateKey, webhook string, at time.Time, body []byte) http.Header {
	stamp, id, text := at.UTC().Format(time.RFC3339), "", "+"
	for strings.ContainsAny(text[:1], "+/") { // PayPal describes signatures that begin with a letter or a digit
		id = strings.ToLower("F" + name(7) + "-" + name(4) + "-11F0-" + name(4) + "-" + name(12))
		sig, err := rsa.SignPKCS1v15(rand.Reader, k, crypto.SHA256, digest(id, stamp, webhook, body))
		if err != nil {
			panic(err)
		}
		text = base64.StdEncoding.EncodeToString(sig)
	}
	return http.Header{"Paypal-Transmission-Id": {id}, "Paypal-Transmission-Time": {stamp}, "Paypal-Auth-Algo": {"SHA256withRSA"},
		"Paypal-Cert-Url": {s.certURL()}, "Paypal-Transmission-Sig": {text}}
}

// digest is what PayPal signs: of the body only a sum of 32 bits goes into it.
func digest(id, stamp, webhook string, body []byte) []byte {
	h := sha256.Sum256(fmt.Appendf(nil, "%s|%s|%s|%d", id, stamp, webhook, crc32.ChecksumIEEE(body)))
	return h[:]
}

// verify says whether a transmission is PayPal's own and went to a webhook of the app that asks.
func (s *Server) verify(c call) (int, any) {
	var in struct {
		Algo    string          `json:"auth_algo"`
		Cert    string          `json:"cert_url"`
		ID      string          `json:"transmission_id"`
		Sig     string          `json:"transmission_sig"`
		Time    string          `json:"transmission_time"`
		Webhook string          `json:"webhook_id"`
		Event   json.RawMessage `json:"webhook_event"`
	}
	if !c.read(&in) || in.ID == "" || len(in.Event) == 0 {
		return 400, problem("VALIDATION_ERROR", "")
	}
	sig, err := base64.StdEncoding.DecodeString(in.Sig)
	own := slices.ContainsFunc(s.webhooks, func(w *webhook) bool { return w.id == in.Webhook && w.app.ClientID == c.app.ClientID })
	good := err == nil && own && in.Cert == s.certURL() && in.Algo == "SHA256withRSA" &&
		rsa.VerifyPKCS1v15(&keys()[s.o.Live].PublicKey, crypto.SHA256, digest(in.ID, in.Time, in.Webhook, in.Event), sig) == nil
	return 200, object{"verification_status": map[bool]string{true: "SUCCESS", false: "FAILURE"}[good]}
}

type kind struct {
	Name string `json:"name"`
}

func (s *Server) subscribe(c call) (int, any) {
	var in struct {
		URL   string `json:"url"`
		Kinds []kind `json:"event_types"`
	}
	if !c.read(&in) || len(in.Kinds) == 0 {
		return 400, problem("VALIDATION_ERROR", "")
	}
	if u, err := url.Parse(in.URL); err != nil || u.Scheme != "https" || u.Host == "" {
		return 400, problem("VALIDATION_ERROR", "")
	}
	mine := 0
	for _, w := range s.webhooks {
		if w.app.ClientID != c.app.ClientID {
			continue
		}
		if mine++; w.url == in.URL {
			return 400, problem("WEBHOOK_URL_ALREADY_EXISTS", "")
		}
	}
	if mine >= 10 {
		return 400, problem("WEBHOOK_NUMBER_LIMIT_EXCEEDED", "")
	}
	w := &webhook{id: name(17), url: in.URL, app: c.app, kinds: names(in.Kinds)}
	s.webhooks = append(s.webhooks, w)
	return 201, s.describeWebhook(w)
}

func names(kinds []kind) (list []string) {
	for _, k := range kinds {
		list = append(list, k.Name)
	}
	return list
}

func (s *Server) describeWebhook(w *webhook) object {
	var kinds []object
	for _, k := range w.kinds {
		kinds = append(kinds, object{"name": k, "description": "An event.", "status": "ENABLED"})
	}
	return object{"id": w.id, "url": w.url, "event_types": kinds,
		"links": []object{{"href": s.o.Base + "/v1/notifications/webhooks/" + w.id, "rel": "self", "method": "GET"}}}
}

func (s *Server) subscriptions(c call) (int, any) {
	all := []object{}
	for _, w := range s.webhooks {
		if w.app.ClientID == c.app.ClientID {
			all = append(all, s.describeWebhook(w))
		}
	}
	return 200, object{"webhooks": all}
}

func (s *Server) resubscribe(c call) (int, any) {
	var in []struct {
		Op    string `json:"op"`
		Path  string `json:"path"`
		Value []kind `json:"value"`
	}
	for _, w := range s.webhooks {
		if w.id != c.id || w.app.ClientID != c.app.ClientID {
			continue
		}
		if !c.read(&in) || len(in) != 1 || in[0].Op != "replace" || in[0].Path != "/event_types" {
			return 400, problem("VALIDATION_ERROR", "")
		}
		w.kinds = names(in[0].Value)
		return 200, s.describeWebhook(w)
	}
	return 404, problem("INVALID_RESOURCE_ID", "")
}

// Webhook subscribes an address to kinds of events as a person does at PayPal's own desk, and returns its id.
func (s *Server) Webhook(clientID, address string, kinds ...string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, a := range s.o.Apps {
		if a.ClientID == clientID {
			w := &webhook{id: name(17), url: address, app: a, kinds: kinds}
			s.webhooks = append(s.webhooks, w)
			return w.id
		}
	}
	return ""
}

// Subscribed counts the subscriptions of an address.
func (s *Server) Subscribed(address string) (n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, w := range s.webhooks {
		if w.url == address {
			n++
		}
	}
	return n
}

// WebhookOf is the id of the newest subscription of an address; empty without one.
func (s *Server) WebhookOf(address string) (id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, w := range s.webhooks {
		if w.url == address {
			id = w.id
		}
	}
	return id
}

// Sent is what was sent so far, oldest first.
func (s *Server) Sent() []Notice {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.sent)
}

// maxTries is how often PayPal sends a notice that nobody takes, over three days.
const maxTries = 25

// deliver carries what was not taken yet to its addresses. A rehearsal calls Step as often as it wants them repeated.
func (s *Server) deliver() {
	if s.o.Client == nil {
		return
	}
	for i := range s.Sent() {
		s.mu.Lock()
		n := s.sent[i]
		s.sent[i].tries++
		s.mu.Unlock()
		if n.done || n.tries >= maxTries || !s.post(n) {
			continue
		}
		s.mu.Lock()
		s.sent[i].done = true
		s.mu.Unlock()
	}
}

func (s *Server) post(n Notice) bool {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, n.To, bytes.NewReader(n.Body))
	if err != nil {
		return false
	}
	r.Header = n.Header.Clone()
	r.Header.Set("Content-Type", "application/json")
	answer, err := s.o.Client.Do(r)
	if err != nil {
		return false
	}
	_ = answer.Body.Close()
	return answer.StatusCode/100 == 2
}
