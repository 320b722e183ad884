package app

import (
	"context"
	"fmt"
	"log/slog"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"
)

// Recent keeps the last lines of the log in a form that a stranger may read: time, level, the sentence of the source,
// and the values of a few keys that are words of the program or numbers. Whatever else a line holds is left out. It is
// for the support bundle; the log itself stays whole where it is written.
type Recent struct {
	mu    sync.Mutex
	lines []string
	next  int
}

// NewRecent keeps n lines.
func NewRecent(n int) *Recent { return &Recent{lines: make([]string, n)} }

// Around has a handler's lines kept too.
func (r *Recent) Around(h slog.Handler) slog.Handler { return recorder{h, r} }

// Lines are the kept ones, the oldest first.
func (r *Recent) Lines() []string {
	if r == nil {
		return nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	all := append(slices.Clone(r.lines[r.next:]), r.lines[:r.next]...)
	return slices.DeleteFunc(all, func(s string) bool { return s == "" })
}

func (r *Recent) add(line string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.lines[r.next] = line
	r.next = (r.next + 1) % len(r.lines)
}

type recorder struct {
	slog.Handler
	recent *Recent
}

// Handle keeps the line and passes it on.
func (h recorder) Handle(ctx context.Context, r slog.Record) error {
	h.recent.add(redact(r))
	return h.Handler.Handle(ctx, r)
}

// WithAttrs keeps the recorder around.
func (h recorder) WithAttrs(as []slog.Attr) slog.Handler {
	return recorder{h.Handler.WithAttrs(as), h.recent}
}

// WithGroup keeps the recorder around.
func (h recorder) WithGroup(name string) slog.Handler {
	return recorder{h.Handler.WithGroup(name), h.recent}
}

// shown are the keys whose values may be shown, each with the form that a value must have: words of the program, ids
// of rows and requests, numbers.
var shown = map[string]*regexp.Regexp{
	"status":  regexp.MustCompile(`^[1-5][0-9]{2}$`),
	"method":  regexp.MustCompile(`^(GET|HEAD|POST|PUT|DELETE|OPTIONS)$`),
	"route":   regexp.MustCompile(`^(GET |HEAD |POST )?/[a-z0-9_{}$./-]*$`),
	"request": regexp.MustCompile(`^[0-9a-f]{16}$`),
	"kind":    regexp.MustCompile(`^[a-z]+\.[a-z_.]+$`),
	"job":     regexp.MustCompile(`^[0-9a-f]{32}$`),
	"attempt": regexp.MustCompile(`^[0-9]{1,3}$`),
	"act":     regexp.MustCompile(`^[a-z]+\.[a-z_.]+$`),
	"class":   regexp.MustCompile(`^[a-z]{3,10}$`),
	"count":   regexp.MustCompile(`^[0-9]{1,12}$`),
}

// sentence is what a line of the source looks like: a test holds every log call to a constant, and this keeps out what
// libraries put together.
var sentence = regexp.MustCompile(`^[A-Za-z][A-Za-z ,;:'()-]{2,120}$`)

func redact(r slog.Record) string {
	var b strings.Builder
	text := r.Message
	if !sentence.MatchString(text) {
		text = "(withheld)"
	}
	fmt.Fprintf(&b, "%s %s %s", r.Time.UTC().Format(time.RFC3339), r.Level, text)
	r.Attrs(func(a slog.Attr) bool {
		form, value := shown[a.Key], a.Value.Resolve().String()
		if form != nil && form.MatchString(value) {
			b.WriteString(" " + a.Key + "=" + value)
		}
		return true
	})
	return b.String()
}
