package trace_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	collector "go.opentelemetry.io/proto/slim/otlp/collector/trace/v1"
	spans "go.opentelemetry.io/proto/slim/otlp/trace/v1"
	"google.golang.org/protobuf/proto"

	"strongroom/base/fault"
	"strongroom/base/trace"
)

// sink is a collector that keeps what it is sent.
type sink struct {
	mu    sync.Mutex
	spans []*spans.Span
	raw   strings.Builder
	fail  int // answers with an error so often
}

func (s *sink) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.fail > 0 {
		s.fail--
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	body, _ := io.ReadAll(r.Body)
	var got collector.ExportTraceServiceRequest
	if err := proto.Unmarshal(body, &got); err != nil || r.URL.Path != "/v1/traces" || r.Header.Get("Content-Type") != "application/x-protobuf" {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	s.raw.Write(body)
	s.raw.WriteString(r.Header.Get("Authorization"))
	for _, rs := range got.ResourceSpans {
		for _, ss := range rs.ScopeSpans {
			s.spans = append(s.spans, ss.Spans...)
		}
	}
}

func (s *sink) named(name string) *spans.Span {
	for _, x := range s.spans {
		if x.Name == name {
			return x
		}
	}
	return nil
}

func attributes(s *spans.Span) map[string]any {
	out := map[string]any{}
	for _, a := range s.GetAttributes() {
		if v := a.Value.GetStringValue(); v != "" {
			out[a.Key] = v
		} else {
			out[a.Key] = a.Value.GetIntValue()
		}
	}
	return out
}

func open(t *testing.T, o trace.Options) (*trace.Tracer, *sink, func()) {
	t.Helper()
	s := &sink{}
	srv := httptest.NewServer(s)
	t.Cleanup(srv.Close)
	o.Endpoint = srv.URL
	tr, err := trace.New(o)
	if err != nil {
		t.Fatal(err)
	}
	return tr, s, func() {
		if err := tr.Close(context.Background()); err != nil {
			t.Error(err)
		}
	}
}

// What arrives is the tree of what happened, with patterns and numbers; what an error says, the path, the query and a
// name that is on no list stay here (V16.2.5, V14.2.3).
func TestSpansHoldWordsAndNumbersOnly(t *testing.T) {
	tr, s, done := open(t, trace.Options{Percent: 100, Token: "collector-token", Version: "1.2.3"})
	ctx, root := tr.Start(context.Background(), "request")
	mux := http.NewServeMux()
	mux.HandleFunc("GET /order/{link}", func(_ http.ResponseWriter, r *http.Request) { root.Route(r) })
	mux.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/order/plantedlink?q=plantedquery", nil))
	_, child := trace.Child(ctx, "db.write")
	child.Number("statements", 7)
	child.Name("kind", trace.Names{"letter.confirm": true}, "plantedname")
	child.End(errors.New("plantederror ada@planted.example"))
	_, other := trace.Child(ctx, "job")
	other.Name("kind", trace.Names{"letter.confirm": true}, "letter.confirm")
	other.End(fault.New(fault.NotFound, "order.gone").With("name", "plantedparam"))
	root.End(nil)
	done()
	if len(s.spans) != 3 {
		t.Fatalf("%d spans arrived", len(s.spans))
	}
	request, write, job := s.named("request"), s.named("db.write"), s.named("job")
	if string(write.ParentSpanId) != string(request.SpanId) || string(write.TraceId) != string(request.TraceId) || len(request.ParentSpanId) != 0 {
		t.Error("the spans make no tree")
	}
	if a := attributes(request); a["route"] != "GET /order/{link}" || len(a) != 1 {
		t.Errorf("request: %v", a)
	}
	if a := attributes(write); a["statements"] != int64(7) || a["kind"] != "other" || a["error"] != "failed" || write.Status.GetMessage() != "" {
		t.Errorf("write: %v %v", a, write.Status)
	}
	if a := attributes(job); a["kind"] != "letter.confirm" || a["error"] != "fault Not Found" {
		t.Errorf("job: %v", a)
	}
	if raw := s.raw.String(); strings.Contains(raw, "planted") || !strings.HasSuffix(raw, "Bearer collector-token") {
		t.Errorf("%q", raw)
	}
}

// A trace is told to the operator's own hosts only, and never goes on from a header that a visitor sent.
func TestPropagationStaysAtHome(t *testing.T) {
	var got []string
	host := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		got = append(got, r.Header.Get("Traceparent"))
	}))
	defer host.Close()
	own := strings.TrimPrefix(host.URL, "http://")
	for _, o := range []trace.Options{{Percent: 100}, {Percent: 100, Own: []string{own}}, {Percent: 100, Own: []string{"other.example"}}} {
		tr, s, done := open(t, o)
		ctx, root := tr.Start(context.Background(), "request")
		r, _ := http.NewRequestWithContext(ctx, "GET", host.URL+"/plantedpath", nil)
		resp, err := (&http.Client{Transport: trace.Transport("call.payment", nil)}).Do(r)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		root.End(nil)
		done()
		if a := attributes(s.named("call.payment")); a["status"] != int64(200) || len(a) != 1 || r.Header.Get("Traceparent") != "" {
			t.Errorf("call: %v", a)
		}
	}
	if len(got) != 3 || got[0] != "" || !strings.HasPrefix(got[1], "00-") || got[2] != "" {
		t.Errorf("sent %q", got)
	}
}

// Off means off: no tracer, no span, nothing carried, and calls that go on unchanged. So does what is not sampled.
func TestOffCostsNothing(t *testing.T) {
	none, err := trace.New(trace.Options{})
	if none != nil || err != nil {
		t.Fatal(none, err)
	}
	never, s, done := open(t, trace.Options{Percent: 0})
	for _, tr := range []*trace.Tracer{none, never} {
		ctx, span := tr.Start(t.Context(), "request")
		if span != nil || trace.From(ctx) != nil {
			t.Error("a span was made")
		}
		allocs := testing.AllocsPerRun(100, func() {
			inner, child := trace.Child(ctx, "db.read")
			child.Number("statements", 1)
			child.End(nil)
			if inner != ctx {
				t.Error("the context was changed")
			}
		})
		if allocs > 0 {
			t.Errorf("%v allocations", allocs)
		}
	}
	done()
	if len(s.spans) > 0 {
		t.Error("something was sent")
	}
}

// A collector that is busy for a moment gets the spans at the second try.
func TestBusyCollector(t *testing.T) {
	tr, s, done := open(t, trace.Options{Percent: 100})
	s.fail = 1
	_, span := tr.Start(t.Context(), "request")
	span.End(nil)
	done()
	if len(s.spans) != 1 {
		t.Errorf("%d spans arrived", len(s.spans))
	}
}
