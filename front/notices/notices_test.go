package notices_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/iotest"

	"strongroom/base/fault"
	"strongroom/front/notices"
)

// listener answers as it is told to and remembers what it heard.
type listener struct {
	err      error
	heard    int
	provider string
	body     []byte
}

func (l *listener) Notice(_ context.Context, provider string, _ http.Header, body []byte) error {
	l.heard++
	l.provider, l.body = provider, body
	return l.err
}

func post(l *listener, method, path string, body io.Reader) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	notices.New(l, nil).ServeHTTP(w, httptest.NewRequest(method, "https://shop.test"+path, body))
	return w
}

// A 2xx only when the notice is known; a reason never.
func TestAnswers(t *testing.T) {
	for status, err := range map[int]error{
		204: nil,
		404: fault.New(fault.NotFound, "payment.provider_unknown"),
		400: fault.New(fault.Malformed, "payment.notice_refused").Because(errors.New("secret detail")),
		503: errors.New("secret detail of the database"),
	} {
		l := &listener{err: err}
		w := post(l, "POST", "/notices/sandbox", strings.NewReader(`{"a":1} `))
		if w.Code != status || w.Body.Len() != 0 {
			t.Errorf("%v: %d %q", err, w.Code, w.Body)
		}
		if l.provider != "sandbox" || !bytes.Equal(l.body, []byte(`{"a":1} `)) {
			t.Errorf("heard %s %q: the body must stay as it came", l.provider, l.body)
		}
	}
}

// What is too long, broken off, or sent in another way is never heard (V2.4, V4.3).
func TestRefusedBeforeItIsHeard(t *testing.T) {
	long := strings.NewReader(strings.Repeat("x", notices.MaxBody+1))
	for _, c := range []struct {
		method, path string
		body         io.Reader
		status       int
	}{
		{"POST", "/notices/sandbox", long, 413},
		{"POST", "/notices/sandbox", iotest.ErrReader(errors.New("broken off")), 400},
		{"GET", "/notices/sandbox", nil, 405},
		{"PUT", "/notices/sandbox", strings.NewReader("x"), 405},
		{"POST", "/notices/", strings.NewReader("x"), 404},
		{"POST", "/notices/a/b", strings.NewReader("x"), 404},
	} {
		l := &listener{}
		if w := post(l, c.method, c.path, c.body); w.Code != c.status || l.heard != 0 {
			t.Errorf("%s %s: %d, heard %d times", c.method, c.path, w.Code, l.heard)
		}
	}
	l := &listener{}
	if w := post(l, "POST", "/notices/sandbox", strings.NewReader(strings.Repeat("x", notices.MaxBody))); w.Code != 204 || l.heard != 1 {
		t.Errorf("a body of the largest size: %d", w.Code)
	}
}
