package app

import (
	"context"
	"log/slog"
	"strings"
)

// panicsOnly takes what net/http itself has to say. It names client addresses, which are personal, in every line; so
// only panics are passed on, without their first line.
type panicsOnly struct{ slog.Handler }

// Handle passes panics on.
func (h panicsOnly) Handle(ctx context.Context, r slog.Record) error {
	if !strings.HasPrefix(r.Message, "http: panic serving") {
		return nil
	}
	_, stack, _ := strings.Cut(r.Message, "\n")
	out := slog.NewRecord(r.Time, slog.LevelError, "panic outside every handler", 0)
	out.AddAttrs(slog.String("stack", stack))
	return h.Handler.Handle(ctx, out)
}
