package certificate

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"time"

	"github.com/mholt/acmez/v3/acme"
)

// pauses is how long to wait after the first, second ... failure in a row; the last one holds from then on. An
// authority counts failures (five an hour, usually), so that the ladder is steep.
var pauses = [...]time.Duration{2 * time.Minute, 10 * time.Minute, 30 * time.Minute, time.Hour, 3 * time.Hour, 6 * time.Hour, 12 * time.Hour}

// pause is how long to wait after a failure. What was found here before anybody was asked may be looked at again soon;
// what the authority wants is honoured, within a week.
func pause(f *Failure, failures int, after time.Duration) time.Duration {
	p := pauses[min(max(failures, 1), len(pauses))-1]
	switch {
	case f.Kind == "preflight":
		p = min(p, 10*time.Minute)
	case f.Kind == "rate-limited":
		p = max(p, time.Hour)
	}
	return max(p, min(after, 7*24*time.Hour))
}

// fail takes a failure down: in the standing, in the log, and for whoever listens.
func (k *Keeper) fail(ctx context.Context, h *kept, st Standing, f *Failure, after time.Duration) error {
	if errors.Is(ctx.Err(), context.Canceled) {
		return nil // the store stops; nobody failed
	}
	now := k.o.Clock.Now()
	f.At = now
	st.Failures++
	st.Failure, st.Next = f, now.Add(pause(f, st.Failures, after))
	if f.Kind == "storage" && after > 0 {
		st.Next = now.Add(after)
	}
	_, b := k.standing(h)
	attrs := []any{"host", h.Name, "authority", k.o.Authority.Directory, "why", f.Words, "next_attempt", st.Next, "failures", st.Failures}
	if b != nil {
		attrs = append(attrs, "in_use_until", b.leaf().NotAfter)
	}
	k.o.Log.Warn("no new certificate", attrs...)
	k.o.Tell(ctx, Refused{Face: h.Face, Kind: f.Kind, Failures: st.Failures})
	return k.keepStanding(context.WithoutCancel(ctx), h, st)
}

// explain puts an error of the issuer into words: the authority's own, if it spoke. The second result is how long the
// authority wants not to be asked.
func (k *Keeper) explain(err error) (*Failure, time.Duration) {
	after := k.heard.retryAfter(k.o.Clock.Now())
	var p acme.Problem
	if errors.As(err, &p) {
		f := &Failure{Kind: "refused", Words: problemWords(p, k.heard.others(p.Detail))}
		if p.Type == acme.ProblemTypeRateLimited || p.Status == http.StatusTooManyRequests {
			f.Kind = "rate-limited"
			after = max(after, saidUntil(p.Detail).Sub(k.o.Clock.Now()))
		}
		if p.Type == acme.ProblemTypeServerInternal || p.Status >= 500 {
			f.Kind = "unreachable"
		}
		return f, after
	}
	var expired x509.CertificateInvalidError
	switch {
	case errors.As(err, &expired) && expired.Reason == x509.Expired:
		return &Failure{Kind: "clock", Words: fmt.Sprintf("By this machine's clock (%s) the authority's own certificate is not valid: "+
			"the clock is probably wrong. %v.", k.o.Clock.Now().Format(time.DateTime), err)}, after
	case errors.Is(err, context.DeadlineExceeded):
		return &Failure{Kind: "unreachable", Words: "The authority did not answer in time."}, after
	}
	return &Failure{Kind: "unreachable", Words: "The authority could not be asked: " + plainly(err)}, after
}

// problemWords is what an authority said: its words, those about single names, and those about other challenges.
func problemWords(p acme.Problem, others []string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "The authority said: %q", strings.TrimSpace(p.Detail))
	if kind := strings.TrimPrefix(p.Type, acme.ProblemTypeNamespace); kind != "" {
		fmt.Fprintf(&b, " (%s)", kind)
	}
	for _, s := range p.Subproblems {
		b.WriteString("; ")
		if s.Identifier.Value != "" {
			b.WriteString("about " + s.Identifier.Value + ": ")
		}
		fmt.Fprintf(&b, "%q", strings.TrimSpace(s.Detail))
	}
	for _, o := range others {
		b.WriteString("; " + o)
	}
	return b.String() + "."
}

// until is how the largest authority says in its words when a limit is over.
var until = regexp.MustCompile(`retry after (\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)`)

// saidUntil reads the moment out of an authority's words; the zero time if there is none.
func saidUntil(detail string) time.Time {
	m := until.FindStringSubmatch(detail)
	if m == nil {
		return time.Time{}
	}
	t, err := time.Parse(time.DateTime, m[1]+" "+m[2])
	if err != nil {
		return time.Time{}
	}
	return t
}
