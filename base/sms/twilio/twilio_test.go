package twilio

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"strongroom/base/sms"
)

const (
	account = "AC00000000000000000000000000000001"
	key     = "SK00000000000000000000000000000002"
	service = "MG00000000000000000000000000000003"
	secret  = "quite-secret"
)

// desk is a stand-in that keeps what it takes and answers in the real shapes.
type desk struct {
	t    *testing.T
	mu   sync.Mutex
	sent []map[string]any
	// after is done once a message was taken: "", "hang" (no answer), "500", "garbage"; before refuses with a code.
	after  string
	before int
	status int
	stop   chan struct{}
}

func (d *desk) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	user, pass, ok := r.BasicAuth()
	if !ok || user != key || pass != secret {
		d.refuse(w, 401, 20003, "Authenticate")
		return
	}
	switch {
	case r.URL.Path == "/2010-04-01/Accounts/"+account+".json" && r.Method == http.MethodGet:
		_ = json.NewEncoder(w).Encode(map[string]any{"sid": account, "status": "active"})
	case r.URL.Path != "/2010-04-01/Accounts/"+account+"/Messages.json":
		d.refuse(w, 404, 20404, "The requested resource was not found")
	case r.Method == http.MethodGet:
		d.list(w, r)
	default:
		d.take(w, r)
	}
}

func (d *desk) refuse(w http.ResponseWriter, status, code int, text string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]any{"code": code, "message": text, "status": status,
		"more_info": fmt.Sprintf("https://www.twilio.com/docs/errors/%d", code)})
}

func (d *desk) list(w http.ResponseWriter, r *http.Request) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if r.URL.Query().Get("DateSent>") == "" || r.URL.Query().Get("PageSize") == "" {
		d.t.Errorf("the list was asked with %v", r.URL.Query())
	}
	var found []map[string]any
	for _, m := range d.sent {
		if m["to"] == r.URL.Query().Get("To") {
			found = append(found, m)
		}
	}
	_ = json.NewEncoder(w).Encode(map[string]any{"messages": found, "page": 0, "page_size": 20, "next_page_uri": nil})
}

func (d *desk) take(w http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil || r.Header.Get("Content-Type") != "application/x-www-form-urlencoded" {
		d.t.Errorf("no form: %v", err)
	}
	f := r.PostForm
	if f.Get("ValidityPeriod") != "600" || (f.Get("From") == "") == (f.Get("MessagingServiceSid") == "") {
		d.t.Errorf("the form is %v", f)
	}
	if d.before != 0 {
		d.refuse(w, d.status, d.before, "Refused: "+f.Get("To"))
		return
	}
	m := map[string]any{"sid": fmt.Sprintf("SM%032x", len(d.sent)), "status": "queued", "to": f.Get("To"), "from": f.Get("From"),
		"body": f.Get("Body"), "error_code": nil, "error_message": nil, "num_segments": "1", "direction": "outbound-api",
		"date_sent": nil, "account_sid": account, "messaging_service_sid": f.Get("MessagingServiceSid")}
	d.mu.Lock()
	d.sent = append(d.sent, m)
	d.mu.Unlock()
	switch d.after {
	case "hang":
		select {
		case <-d.stop:
		case <-r.Context().Done():
		}
	case "500":
		w.WriteHeader(500)
	case "garbage":
		_, _ = w.Write([]byte("<html>"))
	case "failed":
		m["status"], m["error_code"] = "failed", 30003
		w.WriteHeader(201)
		_ = json.NewEncoder(w).Encode(m)
	default:
		w.WriteHeader(201)
		_ = json.NewEncoder(w).Encode(m)
	}
}

func start(t *testing.T, change func(*Config)) (*Sender, *desk) {
	t.Helper()
	d := &desk{t: t, stop: make(chan struct{})}
	srv := httptest.NewTLSServer(d)
	t.Cleanup(srv.Close)
	t.Cleanup(func() { close(d.stop) })
	c := Config{Account: account, Key: key, Secret: secret, Service: service, Origin: srv.URL, Transport: srv.Client().Transport}
	if change != nil {
		change(&c)
	}
	s, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	return s, d
}

var msg = sms.Message{ID: "m1", To: "+491701234567", Text: "123456 is your code.", Kind: "code"}

func TestAMessageIsSent(t *testing.T) {
	for _, change := range []func(*Config){nil, func(c *Config) { c.Service, c.From = "", "+15005550006" }} {
		s, d := start(t, change)
		if err := s.Send(context.Background(), msg); err != nil {
			t.Fatal(err)
		}
		if len(d.sent) != 1 || d.sent[0]["to"] != msg.To || d.sent[0]["body"] != msg.Text {
			t.Errorf("%v", d.sent)
		}
		if err := s.Probe(context.Background()); err != nil {
			t.Error(err)
		}
	}
}

// When nobody knows whether it was taken, the list decides, and nothing is sent twice.
func TestWhatIsUnclearIsLookedUp(t *testing.T) {
	for _, after := range []string{"hang", "500", "garbage"} {
		s, d := start(t, func(c *Config) { c.Timeout = 300 * time.Millisecond })
		d.after = after
		if err := s.Send(context.Background(), msg); err != nil {
			t.Errorf("%s: %v", after, err)
		}
		again := msg
		again.Again = true
		if err := s.Send(context.Background(), again); err != nil {
			t.Errorf("%s again: %v", after, err)
		}
		if len(d.sent) != 1 {
			t.Errorf("%s: sent %d times", after, len(d.sent))
		}
		other := sms.Message{ID: "m2", To: msg.To, Text: "654321 is your code.", Again: true}
		d.after = ""
		if err := s.Send(context.Background(), other); err != nil || len(d.sent) != 2 {
			t.Errorf("%s, another text: %v, sent %d times", after, err, len(d.sent))
		}
	}
}

// Answers are sorted into taken, refused for good and try again; none repeats number, text or secret.
func TestAnswersAreSorted(t *testing.T) {
	for _, x := range []struct {
		status, code int
		final        bool
	}{
		{400, 21211, true}, {400, 21408, true}, {400, 21610, true}, {400, 21614, true}, {400, 21608, true}, {404, 20404, true},
		{400, 21611, false}, {429, 20429, false}, {503, 20503, false}, {500, 20500, false}, {401, 20003, false},
	} {
		s, d := start(t, nil)
		d.before, d.status = x.code, x.status
		err := s.Send(context.Background(), msg)
		if err == nil || errors.Is(err, sms.ErrRefused) != x.final || Keyless(err) != (x.status == 401) {
			t.Errorf("%d/%d: %v", x.status, x.code, err)
		}
		for _, secretly := range []string{"170123", "123456", secret} {
			if strings.Contains(err.Error(), secretly) {
				t.Errorf("the error holds %q: %v", secretly, err)
			}
		}
		var e *Error
		if !errors.As(err, &e) || e.Code != x.code {
			t.Errorf("%d/%d: the code is lost: %v", x.status, x.code, err)
		}
	}
	s, d := start(t, nil)
	d.after = "failed"
	if err := s.Send(context.Background(), msg); !errors.Is(err, sms.ErrRefused) {
		t.Errorf("a failed message: %v", err)
	}
}

func TestNoConnectionIsTriedAgain(t *testing.T) {
	s, err := New(Config{Account: account, Key: key, Secret: secret, Service: service, Origin: "https://127.0.0.1:1"})
	if err != nil {
		t.Fatal(err)
	}
	err = s.Send(context.Background(), msg)
	if err == nil || errors.Is(err, sms.ErrRefused) || errors.Is(err, errUnclear) {
		t.Errorf("%v", err)
	}
}

func TestAWrongSecretIsToldApart(t *testing.T) {
	s, _ := start(t, func(c *Config) { c.Secret = "wrong" })
	if err := s.Send(context.Background(), msg); !Keyless(err) {
		t.Errorf("%v", err)
	}
	if err := s.Probe(context.Background()); !Keyless(err) {
		t.Errorf("%v", err)
	}
}

func TestTheConfigurationIsChecked(t *testing.T) {
	good := Config{Account: account, Key: key, Secret: secret, From: "+15005550006"}
	if _, err := New(good); err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*Config){
		"no account": func(c *Config) { c.Account = "" }, "foreign account": func(c *Config) { c.Account = "AC1/../x" },
		"no key": func(c *Config) { c.Key = "" }, "no secret": func(c *Config) { c.Secret = "" },
		"no sender": func(c *Config) { c.From = "" }, "two senders": func(c *Config) { c.Service = service },
		"odd number": func(c *Config) { c.From = "0170" }, "odd service": func(c *Config) { c.From, c.Service = "", "XX" },
	} {
		c := good
		change(&c)
		if _, err := New(c); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
}
