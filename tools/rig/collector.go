package rig

import (
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	collector "go.opentelemetry.io/proto/slim/otlp/collector/trace/v1"
	"google.golang.org/protobuf/proto"
)

// Collector takes OpenTelemetry traces, as an operator's own would, and keeps them.
type Collector struct {
	Address string // for STRONGROOM_TRACE_ENDPOINT
	mu      sync.Mutex
	raw     []byte
	names   map[string]int
	routes  map[string]int
}

// StartCollector runs one until the test ends.
func StartCollector(t testing.TB) *Collector {
	t.Helper()
	c := &Collector{names: map[string]int{}, routes: map[string]int{}}
	srv := httptest.NewServer(c)
	c.Address = srv.URL
	t.Cleanup(srv.Close)
	return c
}

// ServeHTTP takes one message; what is no message of the protocol is refused.
func (c *Collector) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(io.LimitReader(r.Body, 64<<20))
	var got collector.ExportTraceServiceRequest
	if err != nil || r.URL.Path != "/v1/traces" || proto.Unmarshal(body, &got) != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.raw = append(c.raw, body...)
	for _, rs := range got.ResourceSpans {
		for _, ss := range rs.ScopeSpans {
			for _, s := range ss.Spans {
				c.names[s.Name]++
				for _, a := range s.Attributes {
					if a.Key == "route" {
						c.routes[a.Value.GetStringValue()]++
					}
				}
			}
		}
	}
}

// Bytes are all messages as they came.
func (c *Collector) Bytes() []byte {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]byte(nil), c.raw...)
}

// Count is how many spans of a name came, or with a route.
func (c *Collector) Count(nameOrRoute string) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.names[nameOrRoute] + c.routes[nameOrRoute]
}
