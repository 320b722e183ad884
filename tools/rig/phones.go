package rig

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
)

const (
	phoneHost    = "api.twilio.com"
	phoneAccount = "AC0123456789abcdef0123456789abcdef"
	phoneKey     = "SK0123456789abcdef0123456789abcdef"
	phoneSecret  = "rig-0123456789abcdef"
)

// Phones is the provider of short messages as the program sees it. It takes what the real one takes and answers in its
// form, and keeps every message.
type Phones struct {
	*Outside

	mu  sync.Mutex
	got []Text
}

// Text is a short message that the provider took.
type Text struct{ To, Body string }

// StartPhones runs the provider until the test ends.
func StartPhones(t testing.TB) *Phones {
	t.Helper()
	p := &Phones{}
	p.Outside = StartOutside(t, map[string]http.Handler{phoneHost: http.HandlerFunc(p.take)})
	p.Env = append(p.Env, "STRONGROOM_SMS_PROVIDER=twilio", "STRONGROOM_SMS_ACCOUNT="+phoneAccount, "STRONGROOM_SMS_API_KEY="+phoneKey,
		"STRONGROOM_SMS_API_SECRET="+phoneSecret, "STRONGROOM_SMS_FROM=+491510000000", "STRONGROOM_SMS_COUNTRIES=DE")
	return p
}

// take is the provider's resource of messages.
func (p *Phones) take(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	key, secret, _ := r.BasicAuth()
	switch path := "/2010-04-01/Accounts/" + phoneAccount + "/Messages.json"; {
	case key != phoneKey || secret != phoneSecret:
		w.WriteHeader(http.StatusUnauthorized)
	case r.URL.Path != path:
		p.note(r.Method + " " + r.URL.Path)
		w.WriteHeader(http.StatusNotFound)
	case r.Method == http.MethodGet:
		_, _ = io.WriteString(w, `{"messages":[]}`)
	default:
		p.mu.Lock()
		p.got = append(p.got, Text{r.PostFormValue("To"), r.PostFormValue("Body")})
		n := len(p.got)
		p.mu.Unlock()
		w.WriteHeader(http.StatusCreated)
		_ = json.NewEncoder(w).Encode(map[string]any{"sid": fmt.Sprintf("SM%032x", n), "status": "queued", "error_code": nil})
	}
}

// Texts are the messages to numbers that begin so, oldest first.
func (p *Phones) Texts(begin string) (out []Text) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, m := range p.got {
		if strings.HasPrefix(m.To, begin) {
			out = append(out, m)
		}
	}
	return out
}
