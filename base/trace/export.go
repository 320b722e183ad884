package trace

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	sdk "go.opentelemetry.io/otel/sdk/trace"
	collector "go.opentelemetry.io/proto/slim/otlp/collector/trace/v1"
	common "go.opentelemetry.io/proto/slim/otlp/common/v1"
	resource "go.opentelemetry.io/proto/slim/otlp/resource/v1"
	spans "go.opentelemetry.io/proto/slim/otlp/trace/v1"
	"google.golang.org/protobuf/proto"
)

// exporter speaks OTLP over HTTP with protocol buffers. The library's own exporter would link a whole gRPC stack into
// the store for the sake of one POST.
type exporter struct {
	address, token string
	client         *http.Client
	log            *slog.Logger
	silent         atomic.Bool // the collector's failure has been logged
}

func newExporter(o Options) (*exporter, error) {
	u, err := url.Parse(o.Endpoint)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		return nil, errors.New("trace: the collector's address cannot be read")
	}
	if strings.Trim(u.Path, "/") == "" {
		u.Path = "/v1/traces"
	}
	e := &exporter{address: u.String(), token: o.Token, log: o.Log, client: &http.Client{Transport: o.Way,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
	if e.log == nil {
		e.log = slog.New(slog.DiscardHandler)
	}
	return e, nil
}

// ExportSpans sends what has ended. It logs the first failure of a row; the store goes on either way.
func (e *exporter) ExportSpans(ctx context.Context, list []sdk.ReadOnlySpan) error {
	if len(list) == 0 {
		return nil
	}
	body, err := proto.Marshal(request(list))
	if err != nil {
		return err
	}
	err = e.send(ctx, body)
	if err == nil {
		e.silent.Store(false)
	} else if !e.silent.Swap(true) {
		e.log.Warn("the collector takes no traces; they are dropped until it does", "error", err)
	}
	return nil // told; the SDK would only write it to the error stream once more
}

// send tries three times while that makes sense.
func (e *exporter) send(ctx context.Context, body []byte) (err error) {
	for try := range 3 {
		if try > 0 {
			pause := time.NewTimer(time.Duration(try) * time.Second)
			select {
			case <-pause.C:
			case <-ctx.Done():
				pause.Stop()
				return err
			}
		}
		var again bool
		if again, err = e.once(ctx, body); !again {
			return err
		}
	}
	return err
}

func (e *exporter) once(ctx context.Context, body []byte) (again bool, err error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, e.address, bytes.NewReader(body))
	if err != nil {
		return false, err
	}
	r.Header.Set("Content-Type", "application/x-protobuf")
	if e.token != "" {
		r.Header.Set("Authorization", "Bearer "+e.token)
	}
	resp, err := e.client.Do(r)
	if err != nil {
		return true, errors.New("it does not answer") // the cause holds its address
	}
	defer func() { _ = resp.Body.Close() }()
	_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, 64<<10)) // so that the connection can be used again
	if resp.StatusCode/100 == 2 {
		return false, nil
	}
	return resp.StatusCode == http.StatusTooManyRequests || resp.StatusCode >= 500, fmt.Errorf("it answers with %d", resp.StatusCode)
}

// Shutdown implements the SDK's exporter.
func (e *exporter) Shutdown(context.Context) error {
	e.client.CloseIdleConnections()
	return nil
}

// request writes spans as the protocol wants them: name, times, attributes, and nothing that this package does not make.
func request(list []sdk.ReadOnlySpan) *collector.ExportTraceServiceRequest {
	out := make([]*spans.Span, len(list))
	for i, s := range list {
		c := s.SpanContext()
		traceID, spanID := c.TraceID(), c.SpanID()
		x := &spans.Span{TraceId: traceID[:], SpanId: spanID[:], Name: s.Name(), Kind: spans.Span_SPAN_KIND_INTERNAL,
			StartTimeUnixNano: uint64(s.StartTime().UnixNano()), EndTimeUnixNano: uint64(s.EndTime().UnixNano()),
			Attributes: attributes(s.Attributes())}
		if p := s.Parent().SpanID(); p.IsValid() {
			x.ParentSpanId = p[:]
		}
		if s.Status().Code == codes.Error {
			x.Status = &spans.Status{Code: spans.Status_STATUS_CODE_ERROR}
		}
		out[i] = x
	}
	about := &resource.Resource{Attributes: attributes(list[0].Resource().Attributes())}
	return &collector.ExportTraceServiceRequest{ResourceSpans: []*spans.ResourceSpans{{Resource: about,
		ScopeSpans: []*spans.ScopeSpans{{Scope: &common.InstrumentationScope{Name: "strongroom"}, Spans: out}}}}}
}

func attributes(list []attribute.KeyValue) []*common.KeyValue {
	out := make([]*common.KeyValue, 0, len(list))
	for _, a := range list {
		v := &common.AnyValue{Value: &common.AnyValue_StringValue{StringValue: a.Value.AsString()}}
		if a.Value.Type() == attribute.INT64 {
			v.Value = &common.AnyValue_IntValue{IntValue: a.Value.AsInt64()}
		}
		out = append(out, &common.KeyValue{Key: string(a.Key), Value: v})
	}
	return out
}
