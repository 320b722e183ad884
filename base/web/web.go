// Package web is what all faces of the store share on the way of a request: handlers that return errors, the one
// place that turns an error into an answer, forms and queries read with limits, cookies, form tokens, languages,
// and files with an ETag.
//
// # Handlers
//
//	face := &web.Face{Log: log, Page: errorPage}
//	mux.Handle("POST /{lang}/cart", face.Handle(func(w http.ResponseWriter, r *http.Request) error {
//		f, err := web.ReadForm(r)
//		if err != nil {
//			return err
//		}
//		n := f.Int("quantity", 1, 99)
//		if err := f.Err(); err != nil {
//			return err // or show the form again with f.Typed and the faults beside the fields
//		}
//		...
//	}))
//
// # Who asks
//
// Identify is the outermost link of the chain: it gives the request its id and works out the client's address, which
// comes from the connection, and from X-Forwarded-For only behind a proxy that the configuration names.
package web

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"net/http"
	"net/netip"

	"strongroom/base/trace"
)

// Middleware wraps a handler.
type Middleware func(http.Handler) http.Handler

// Chain wraps h so that the first middleware sees the request first.
func Chain(h http.Handler, ms ...Middleware) http.Handler {
	for i := len(ms) - 1; i >= 0; i-- {
		h = ms[i](h)
	}
	return h
}

type contextKey struct{}

// about is what the chain has found out about a request.
type about struct {
	id     string
	client netip.Addr
}

// RequestID is the request's random name, for log lines and for a reader who writes to us.
func RequestID(ctx context.Context) string {
	a, _ := ctx.Value(contextKey{}).(about)
	return a.id
}

// Client is the address of who asks; the zero Addr if it is unknown (unix socket, test). It is personal data: it is
// sealed or counted by network, and never logged.
func Client(ctx context.Context) netip.Addr {
	a, _ := ctx.Value(contextKey{}).(about)
	return a.client
}

// WithClient is for tests and for jobs that act for a request that is over.
func WithClient(ctx context.Context, client netip.Addr) context.Context {
	a, _ := ctx.Value(contextKey{}).(about)
	a.client = client
	return context.WithValue(ctx, contextKey{}, a)
}

// Identify gives requests an id and the client's address.
func Identify(p Proxies) Middleware {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			random := newRequestID()
			a := about{id: hex.EncodeToString(random[:]), client: p.ClientAddr(r)}
			trace.From(r.Context()).Random("request", random)
			next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), contextKey{}, a)))
		})
	}
}

func newRequestID() (b [8]byte) {
	_, _ = rand.Read(b[:]) // never fails since Go 1.24
	return b
}

// NoStore marks an answer as private: no cache keeps it, and the back button asks again.
func NoStore(w http.ResponseWriter) { w.Header().Set("Cache-Control", "no-store") }

// Redirect sends the reader on with 303 See Other to a path of this host. Anything that is no plain absolute path
// becomes "/": an address from outside never decides where a reader lands.
func Redirect(w http.ResponseWriter, path string) error {
	if !LocalPath(path) {
		path = "/"
	}
	NoStore(w)
	w.Header().Set("Location", path)
	w.WriteHeader(http.StatusSeeOther)
	return nil
}

// RedirectOut sends the reader on with 303 See Other to another site. The caller vouches for the address: it comes
// from configuration or from a provider's signed answer, never from the request.
func RedirectOut(w http.ResponseWriter, address string) error {
	NoStore(w)
	w.Header().Set("Location", address)
	w.WriteHeader(http.StatusSeeOther)
	return nil
}

// LocalPath says whether path is an absolute path of this host in plain characters: one leading slash, no backslash,
// no control characters and no scheme.
func LocalPath(path string) bool {
	if path == "" || path[0] != '/' || len(path) > 2000 || len(path) > 1 && path[1] == '/' {
		return false
	}
	for i := range len(path) {
		if c := path[i]; c <= ' ' || c == '\\' || c >= 0x7f {
			return false
		}
	}
	return true
}
