package certificate

import (
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
)

// listener hears what the authority's answers carried beside their words. The ACME library hands out problem documents
// without the header that says when to ask again; it stands only in the library's log of requests.
type listener struct {
	mu    sync.Mutex
	after string            // Retry-After of the last answer that was a refusal
	tried map[string]string // what the authority said of each challenge that failed
}

func (l *listener) reset() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.after, l.tried = "", map[string]string{}
}

// failed notes what the authority said of a challenge: when all have failed, its last words are only about one.
func (l *listener) failed(challenge, detail string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.tried != nil && challenge != "" && detail != "" {
		l.tried[challenge] = detail
	}
}

// others are the words about challenges, but for one that was told already.
func (l *listener) others(told string) (words []string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, challenge := range slices.Sorted(maps.Keys(l.tried)) {
		if l.tried[challenge] != told {
			words = append(words, fmt.Sprintf("of %s: %q", challenge, l.tried[challenge]))
		}
	}
	return words
}

func (l *listener) answer(status int64, h http.Header) {
	if status != http.StatusTooManyRequests && status < http.StatusInternalServerError {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.after = h.Get("Retry-After")
}

// retryAfter is how long the authority wants not to be asked; 0 if it did not say.
func (l *listener) retryAfter(now time.Time) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	if n, err := strconv.Atoi(strings.TrimSpace(l.after)); err == nil {
		return time.Duration(min(max(n, 0), 1<<30)) * time.Second
	}
	if t, err := http.ParseTime(l.after); err == nil {
		return max(t.Sub(now), 0)
	}
	return 0
}

// bridge hands the library's log to ours: warnings only, and without whoever connected, since addresses are personal.
func bridge(log *slog.Logger, l *listener) *zap.Logger {
	return zap.New(&core{log: log, heard: l})
}

type core struct {
	log   *slog.Logger
	heard *listener
	with  []zapcore.Field
}

// Enabled lets requests through for the listener, which are logged for debugging.
func (c *core) Enabled(zapcore.Level) bool { return true }

// With remembers fields.
func (c *core) With(f []zapcore.Field) zapcore.Core {
	return &core{c.log, c.heard, append(c.with[:len(c.with):len(c.with)], f...)}
}

// Check takes requests, and everything from warnings up but handshakes that nobody waits for: our probe, strangers.
func (c *core) Check(e zapcore.Entry, ce *zapcore.CheckedEntry) *zapcore.CheckedEntry {
	if e.Level >= zapcore.WarnLevel && e.Message != "tls-alpn challenge" || e.Message == requestLine {
		return ce.AddCore(e, c)
	}
	return ce
}

// requestLine is how the ACME library logs an exchange with the authority.
const requestLine = "http request"

// shown are the fields that are worth a line of our log and hold nobody's address.
var shown = map[string]string{"error": "error", "identifier": "host", "challenge_type": "challenge", "problem": "problem"}

// Write hands an entry on.
func (c *core) Write(e zapcore.Entry, fields []zapcore.Field) error {
	if e.Message == requestLine {
		c.hear(fields)
		return nil
	}
	enc := zapcore.NewMapObjectEncoder()
	for _, f := range append(c.with[:len(c.with):len(c.with)], fields...) {
		f.AddTo(enc)
	}
	if problem, ok := enc.Fields["problem"].(map[string]any); ok && e.Message == "challenge failed" {
		detail, _ := problem["detail"].(string)
		challenge, _ := enc.Fields["challenge_type"].(string)
		c.heard.failed(challenge, detail)
	}
	attrs := []any{"part", e.LoggerName}
	for from, to := range shown {
		if v, ok := enc.Fields[from]; ok {
			attrs = append(attrs, to, v)
		}
	}
	c.log.Info("a word of the certificate library", append(attrs, "word", e.Message)...) // what it means is said by our own lines
	return nil
}

func (c *core) hear(fields []zapcore.Field) {
	var status int64
	var header http.Header
	for _, f := range fields {
		switch f.Key {
		case "status_code":
			status = f.Integer
		case "response_headers":
			header, _ = f.Interface.(http.Header)
		}
	}
	c.heard.answer(status, header)
}

// Sync implements zapcore.Core.
func (c *core) Sync() error { return nil }
