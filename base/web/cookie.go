package web

import (
	"net/http"
	"time"
)

// Cookie describes one of a face's cookies. Its name begins with "__Host-", so that browsers take it only over HTTPS,
// only for this very host and for all its paths; it is never readable by script.
type Cookie struct {
	Name   string        // "__Host-shop"
	Strict bool          // SameSite=Strict instead of Lax
	MaxAge time.Duration // 0: until the browser is closed
}

// Set sends the cookie. The value is one of our own tokens, so that it needs no quoting.
func (c Cookie) Set(w http.ResponseWriter, value string) {
	http.SetCookie(w, c.cookie(value, int(c.MaxAge/time.Second)))
}

// Clear takes the cookie away.
func (c Cookie) Clear(w http.ResponseWriter) { http.SetCookie(w, c.cookie("", -1)) }

// Get returns the cookie's value; "" if it is not there, comes twice or is longer than any of ours.
func (c Cookie) Get(r *http.Request) string {
	found := r.CookiesNamed(c.Name)
	if len(found) != 1 || len(found[0].Value) > 512 {
		return ""
	}
	return found[0].Value
}

func (c Cookie) cookie(value string, maxAge int) *http.Cookie {
	same := http.SameSiteLaxMode
	if c.Strict {
		same = http.SameSiteStrictMode
	}
	return &http.Cookie{Name: c.Name, Value: value, Path: "/", MaxAge: maxAge, Secure: true, HttpOnly: true, SameSite: same}
}
