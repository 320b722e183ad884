package trace

import (
	"net/http"

	"go.opentelemetry.io/otel/propagation"
)

// transport notes calls to the outside.
type transport struct {
	name word
	next http.RoundTripper
}

// Transport notes each call that goes through next: how long it took and its status. The host is told which trace the
// call belongs to (W3C Trace Context) only if it is one of Options.Own; a payment firm never is.
func Transport(name word, next http.RoundTripper) http.RoundTripper {
	if next == nil {
		next = http.DefaultTransport
	}
	return transport{name, next}
}

// RoundTrip implements http.RoundTripper.
func (t transport) RoundTrip(r *http.Request) (resp *http.Response, err error) {
	ctx, span := Child(r.Context(), t.name)
	if span == nil {
		return t.next.RoundTrip(r)
	}
	defer func() { span.End(err) }()
	r = r.Clone(ctx)
	if span.tracer.own[r.URL.Host] {
		propagation.TraceContext{}.Inject(ctx, propagation.HeaderCarrier(r.Header))
	}
	if resp, err = t.next.RoundTrip(r); err == nil {
		span.Number("status", int64(resp.StatusCode))
	}
	return resp, err
}
