package web

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"runtime"
	"runtime/debug"
	"strconv"
	"time"

	"strongroom/base/db"
	"strongroom/base/fault"
	"strongroom/base/trace"
)

// Handler answers a request or returns an error. Face.Handle turns the error into status, page and log line.
type Handler func(w http.ResponseWriter, r *http.Request) error

// Failure is what the page of an error may know: nothing of the inside.
type Failure struct {
	Status     int
	Key        string // message key; "web.internal" for what is no fault
	Params     fault.Params
	Fields     []fault.Field
	RequestID  string        // for "tell us this when you write"
	RetryAfter time.Duration // when it makes sense to try again; 0 if unknown
}

// ErrorPage writes the page of a failure in the reader's language. Status and headers that every error has are set
// by the caller beforehand, but WriteHeader(f.Status) is the page's to call.
type ErrorPage func(w http.ResponseWriter, r *http.Request, f Failure)

// Face is what the handlers of one host have in common.
type Face struct {
	Log  *slog.Logger // nil for none
	Page ErrorPage    // nil for a plain text page
}

// Handle makes an http.Handler of h: one place where errors and panics become answers.
func (f *Face) Handle(h Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		tw := &tracked{ResponseWriter: w}
		if span := trace.From(r.Context()); span != nil {
			span.Route(r)
			defer func() { span.Number("status", int64(tw.status)) }()
		}
		defer func() {
			if v := recover(); v != nil {
				f.Fail(tw, r, panicError(v))
			}
		}()
		if err := h(tw, r); err != nil {
			f.Fail(tw, r, err)
		}
	})
}

// Fail answers a request with the page of err. If a part of another answer has been sent, the connection is cut, so
// that nobody takes half a page for a whole one.
func (f *Face) Fail(w http.ResponseWriter, r *http.Request, err error) {
	if errors.Is(err, http.ErrAbortHandler) {
		panic(http.ErrAbortHandler)
	}
	fl := failure(err)
	fl.RequestID = RequestID(r.Context())
	f.log(r, fl, err)
	if t, ok := w.(*tracked); ok && t.wrote {
		panic(http.ErrAbortHandler)
	}
	h := w.Header()
	for _, name := range []string{"ETag", "Last-Modified", "Content-Encoding", "Content-Length", "Content-Disposition"} {
		h.Del(name)
	}
	NoStore(w)
	if fl.RetryAfter > 0 {
		h.Set("Retry-After", strconv.Itoa(int((fl.RetryAfter+time.Second-1)/time.Second)))
	}
	if f.Page == nil {
		plainPage(w, r, fl)
		return
	}
	f.Page(w, r, fl)
}

// failure says what the reader may know of err.
func failure(err error) Failure {
	var big *http.MaxBytesError
	switch {
	case errors.As(err, &big):
		return Failure{Status: http.StatusRequestEntityTooLarge, Key: "web.too_large"}
	case errors.Is(err, db.ErrFull), errors.Is(err, db.ErrUnavailable), errors.Is(err, db.ErrBusy),
		errors.Is(err, context.DeadlineExceeded):
		return Failure{Status: http.StatusServiceUnavailable, Key: "web.unavailable", RetryAfter: 10 * time.Second}
	}
	ft := fault.As(err)
	if ft == nil || ft.Kind == fault.Internal {
		return Failure{Status: http.StatusInternalServerError, Key: "web.internal"}
	}
	fl := Failure{Status: ft.Kind.Status(), Key: ft.Key, Params: ft.Params, Fields: ft.Fields}
	if s, ok := ft.Params["seconds"].(int); ok && s > 0 {
		fl.RetryAfter = time.Duration(s) * time.Second
	}
	return fl
}

// log writes the one line of a failure: the route's pattern and never the path, which may hold a secret link.
func (f *Face) log(r *http.Request, fl Failure, err error) {
	if f.Log == nil {
		return
	}
	level := slog.LevelDebug
	if fl.Status >= 500 {
		level = slog.LevelError
	}
	attrs := []slog.Attr{slog.Int("status", fl.Status), slog.String("method", r.Method),
		slog.String("route", r.Pattern), slog.String("request", fl.RequestID), slog.String("error", err.Error())}
	if ft := fault.As(err); ft != nil && ft.Hint != "" {
		attrs = append(attrs, slog.String("hint", ft.Hint))
	}
	if p := (*panicked)(nil); errors.As(err, &p) {
		attrs = append(attrs, slog.String("stack", p.stack))
	}
	f.Log.LogAttrs(r.Context(), level, "request failed", attrs...)
}

// panicked is a panic as an error. Its text names the type only, unless the runtime itself wrote the text: a value
// may hold anything.
type panicked struct{ text, stack string }

func (p *panicked) Error() string { return p.text }

func panicError(v any) error {
	if v == http.ErrAbortHandler { //nolint:errorlint // the value itself is the signal
		return http.ErrAbortHandler
	}
	p := &panicked{text: fmt.Sprintf("panic: %T", v), stack: string(debug.Stack())}
	if re, ok := v.(runtime.Error); ok {
		p.text = "panic: " + re.Error()
	}
	return p
}

// plainPage is the page of a face that has none: a status word, and no more.
func plainPage(w http.ResponseWriter, r *http.Request, fl Failure) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(fl.Status)
	if r.Method != http.MethodHead {
		_, _ = fmt.Fprintf(w, "%d %s\n", fl.Status, http.StatusText(fl.Status))
	}
}

// tracked knows whether anything has been sent.
type tracked struct {
	http.ResponseWriter
	wrote  bool
	status int
}

func (t *tracked) WriteHeader(code int) {
	if code >= 200 {
		t.wrote, t.status = true, code
	}
	t.ResponseWriter.WriteHeader(code)
}

func (t *tracked) Write(b []byte) (int, error) {
	if !t.wrote {
		t.wrote, t.status = true, http.StatusOK
	}
	return t.ResponseWriter.Write(b)
}

// Unwrap lets http.ResponseController reach the connection.
func (t *tracked) Unwrap() http.ResponseWriter { return t.ResponseWriter }
