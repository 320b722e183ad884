// Package notices is the door for signed notices of payment firms: POST /notices/{provider}.
//
// A notice is verified over its raw bytes before anything of it is read, and the answer is a 2xx only when it is
// durably known, so that the provider repeats what we could not keep. Answers have no body and tell no reasons: who
// forges a notice learns nothing. The work for a forged one is the same small work each time: at most MaxBody bytes
// read, and one signature computed for each secret or, where the provider itself says what is genuine, one question to it,
// of which a few are asked at the same time and no more.
package notices

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"time"

	"strongroom/base/fault"
)

// MaxBody bounds a notice.
const MaxBody = 64 << 10

// limit is how long a notice may take: two seconds for asking the provider, and time for the commit. Providers wait
// for 10 seconds or more.
const limit = 8 * time.Second

// Listener hears notices. payment.Service is one.
type Listener interface {
	Notice(ctx context.Context, provider string, header http.Header, body []byte) error
}

// New makes the handler. Its one route carries its method, so that everything else is answered by the caller's mux.
func New(l Listener, log *slog.Logger) http.Handler {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	m := http.NewServeMux()
	m.Handle("POST /notices/{provider}", &door{l, log})
	return m
}

type door struct {
	listener Listener
	log      *slog.Logger
}

func (d *door) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, MaxBody))
	if err != nil {
		var large *http.MaxBytesError
		if errors.As(err, &large) {
			w.WriteHeader(http.StatusRequestEntityTooLarge)
			return
		}
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	// What has been taken in is finished, also when the provider hangs up.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), limit)
	defer cancel()
	w.WriteHeader(d.answer(r.PathValue("provider"), d.listener.Notice(ctx, r.PathValue("provider"), r.Header, body)))
}

// answer is the status for an outcome: 400 and 404 for what will never be believed, 503 for what should come again.
func (d *door) answer(provider string, err error) int {
	switch {
	case err == nil:
		return http.StatusNoContent
	case fault.Is(err, fault.NotFound):
		return http.StatusNotFound
	case fault.Is(err, fault.Malformed):
		return http.StatusBadRequest
	}
	d.log.Warn("a notice was not kept and will be sent again", "provider", provider, "error", err)
	return http.StatusServiceUnavailable
}
