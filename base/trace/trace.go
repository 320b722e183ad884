// Package trace says how long the parts of a request or a job took, to an OpenTelemetry collector of the operator's
// own. It is off unless an endpoint is configured.
//
// # Nothing personal gets in
//
// A span holds no text of the run. Its name, the keys and the words of its attributes have the type word, which nobody
// outside can name: only constants of the source fit. Besides words there are numbers, ids and random tokens, the
// pattern of a route (never its path), and names out of a list that was closed before the first request (Names). An
// error leaves its kind, never its text. So that the rule needs no discipline, spans are made here and nowhere else;
// tools/rules holds OpenTelemetry's own packages out of every other one.
//
// # Use
//
//	ctx, span := tracer.Start(ctx, "request")   // a request or a job: the first span of a trace
//	defer func() { span.End(err) }()
//	ctx, span := trace.Child(ctx, "db.write")   // below whatever ctx carries; nothing if it carries none
//	span.Number("statements", n)
//
// A nil *Tracer and a nil *Span do nothing, and cost next to nothing. A trace never goes on from what a visitor sends:
// headers from outside are not read.
package trace

import (
	"context"
	"encoding/hex"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/sdk/resource"
	sdk "go.opentelemetry.io/otel/sdk/trace"
	oteltrace "go.opentelemetry.io/otel/trace"

	"strongroom/base/fault"
	"strongroom/base/id"
)

// word is text of the source: no variable of another package has this type.
type word string

// Options say where traces go.
type Options struct {
	Endpoint string            // origin of the collector, or its full address for traces
	Token    string            // sent as a bearer token; "" for none
	Way      http.RoundTripper // nil for the default
	Percent  int               // how many of a hundred requests and jobs are traced
	Own      []string          // hosts of the operator's own that are told which trace a call belongs to
	Version  string            // of the program
	Log      *slog.Logger      // is told when the collector does not take traces; nil for none
}

// Tracer makes spans. Close sends what is left.
type Tracer struct {
	tracer   oteltrace.Tracer
	provider *sdk.TracerProvider
	own      map[string]bool
}

// New makes a tracer, or nil if no endpoint is named.
func New(o Options) (*Tracer, error) {
	if o.Endpoint == "" {
		return nil, nil
	}
	e, err := newExporter(o)
	if err != nil {
		return nil, err
	}
	about := resource.NewSchemaless(attribute.String("service.name", "strongroom"), attribute.String("service.version", o.Version))
	t := &Tracer{own: map[string]bool{}, provider: sdk.NewTracerProvider(sdk.WithResource(about),
		sdk.WithSampler(sdk.TraceIDRatioBased(float64(o.Percent)/100)),
		sdk.WithBatcher(e, sdk.WithBatchTimeout(2*time.Second), sdk.WithExportTimeout(10*time.Second)))}
	t.tracer = t.provider.Tracer("strongroom")
	for _, h := range o.Own {
		t.own[h] = true
	}
	return t, nil
}

// Close sends what has not been sent, for as long as ctx allows.
func (t *Tracer) Close(ctx context.Context) error {
	if t == nil {
		return nil
	}
	return t.provider.Shutdown(ctx)
}

// Span is one part of the work. A nil span takes everything and keeps nothing.
type Span struct {
	span   oteltrace.Span
	tracer *Tracer
}

type contextKey struct{}

// From is the span that ctx carries; nil for none.
func From(ctx context.Context) *Span {
	s, _ := ctx.Value(contextKey{}).(*Span)
	return s
}

// Start begins a trace. Without a tracer, and for what is not sampled, it gives ctx back and a nil span.
func (t *Tracer) Start(ctx context.Context, name word) (context.Context, *Span) {
	if t == nil {
		return ctx, nil
	}
	inner, span := t.tracer.Start(ctx, string(name), oteltrace.WithNewRoot())
	if !span.IsRecording() {
		return ctx, nil
	}
	s := &Span{span, t}
	return context.WithValue(inner, contextKey{}, s), s
}

// Child begins a part of the span that ctx carries; nothing if it carries none.
func Child(ctx context.Context, name word) (context.Context, *Span) {
	above := From(ctx)
	if above == nil {
		return ctx, nil
	}
	inner, span := above.tracer.tracer.Start(oteltrace.ContextWithSpan(ctx, above.span), string(name))
	s := &Span{span, above.tracer}
	return context.WithValue(inner, contextKey{}, s), s
}

// Number notes a number.
func (s *Span) Number(key word, n int64) {
	if s != nil {
		s.span.SetAttributes(attribute.Int64(string(key), n))
	}
}

// Word notes a constant.
func (s *Span) Word(key, value word) {
	if s != nil {
		s.span.SetAttributes(attribute.String(string(key), string(value)))
	}
}

// ID notes the id of a row.
func (s *Span) ID(key word, v id.ID) {
	if s != nil {
		s.span.SetAttributes(attribute.String(string(key), v.String()))
	}
}

// Random notes a random number that names something, such as a request.
func (s *Span) Random(key word, v [8]byte) {
	if s != nil {
		s.span.SetAttributes(attribute.String(string(key), hex.EncodeToString(v[:])))
	}
}

// Route notes the pattern that a request was answered by, and never its path.
func (s *Span) Route(r *http.Request) {
	if s != nil && r.Pattern != "" {
		s.span.SetAttributes(attribute.String("route", r.Pattern))
	}
}

// Names are words that the program put together before it answered anybody, such as the kinds of its jobs.
type Names map[string]bool

// Name notes one of the names; a text that is none of them becomes "other".
func (s *Span) Name(key word, all Names, name string) {
	if s == nil {
		return
	}
	if !all[name] {
		name = "other"
	}
	s.span.SetAttributes(attribute.String(string(key), name))
}

// End ends the span. Of an error it keeps the kind.
func (s *Span) End(err error) {
	if s == nil {
		return
	}
	if err != nil {
		s.span.SetAttributes(attribute.String("error", kind(err)))
		s.span.SetStatus(codes.Error, "")
	}
	s.span.End()
}

// kind is what may be known of an error.
func kind(err error) string {
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return "timeout"
	case errors.Is(err, context.Canceled):
		return "cancelled"
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return "broken off"
	}
	if f := fault.As(err); f != nil {
		return "fault " + http.StatusText(f.Kind.Status())
	}
	return "failed"
}
