package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"net"
	"net/http"
	"sort"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// result is what one load gave.
type result struct {
	Requests int64
	Failures int64
	Bytes    int64
	Wall     time.Duration
	CPU      time.Duration // of the server
	latency  []time.Duration
}

func (r result) perSecond() float64 { return float64(r.Requests) / r.Wall.Seconds() }

// cpuMS is the server's processor time for one request in milliseconds.
func (r result) cpuMS() float64 {
	return float64(r.CPU) / float64(time.Millisecond) / float64(max(r.Requests, 1))
}

func (r result) percentile(p float64) time.Duration {
	if len(r.latency) == 0 {
		return 0
	}
	i := int(math.Ceil(p*float64(len(r.latency)))) - 1
	return r.latency[max(i, 0)]
}

// load sends GET requests over n kept connections for the time, each address chosen by next, and takes the
// processor time of the server's process over the same span.
func load(ctx context.Context, roots *x509.CertPool, pid, n int, span time.Duration, next func(worker, i int) string) (result, error) {
	client := &http.Client{Transport: transport(roots, n), Timeout: 30 * time.Second}
	defer client.CloseIdleConnections()
	var r result
	var mu sync.Mutex
	before, err := cpu(pid)
	if err != nil {
		return r, err
	}
	start := time.Now()
	ctx, cancel := context.WithTimeout(ctx, span)
	defer cancel()
	var failures, requests, bytes atomic.Int64
	var wg sync.WaitGroup
	for w := range n {
		wg.Go(func() {
			var lat []time.Duration
			for i := 0; ctx.Err() == nil; i++ {
				t := time.Now()
				size, err := fetch(client, next(w, i))
				if err != nil {
					failures.Add(1)
					continue
				}
				requests.Add(1)
				bytes.Add(size)
				lat = append(lat, time.Since(t))
			}
			mu.Lock()
			r.latency = append(r.latency, lat...)
			mu.Unlock()
		})
	}
	wg.Wait()
	r.Wall = time.Since(start)
	after, err := cpu(pid)
	r.CPU = after - before
	r.Requests, r.Failures, r.Bytes = requests.Load(), failures.Load(), bytes.Load()
	sort.Slice(r.latency, func(i, j int) bool { return r.latency[i] < r.latency[j] })
	return r, err
}

func fetch(c *http.Client, address string) (int64, error) {
	req, err := http.NewRequest(http.MethodGet, address, nil)
	if err != nil {
		return 0, err
	}
	req.Header.Set("Accept-Encoding", "gzip")
	req.Header.Set("X-Forwarded-For", visitor())
	resp, err := c.Do(req)
	if err != nil {
		return 0, err
	}
	defer func() { _ = resp.Body.Close() }()
	n, err := io.Copy(io.Discard, resp.Body)
	if err == nil && resp.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: status %d", address, resp.StatusCode)
	}
	return n, err
}

// visitor is an address from the range for documentation and tests, so that limits by network see many visitors.
func visitor() string {
	return fmt.Sprintf("198.%d.%d.%d", 18+rand.IntN(2), rand.IntN(256), 1+rand.IntN(254))
}

func transport(roots *x509.CertPool, n int) *http.Transport {
	return &http.Transport{
		TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS13},
		MaxConnsPerHost: n, MaxIdleConnsPerHost: n, IdleConnTimeout: time.Minute,
		DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
			if host, port, err := net.SplitHostPort(addr); err == nil && strings.HasSuffix(host, "localhost") {
				addr = net.JoinHostPort("127.0.0.1", port)
			}
			return (&net.Dialer{Timeout: 10 * time.Second}).DialContext(ctx, network, addr)
		},
	}
}

// zipf chooses ranks 0..n-1 with probability proportional to 1/(rank+1), which is Zipf's law with s = 1.
type zipf struct{ sums []float64 }

func newZipf(n int) zipf {
	z := zipf{make([]float64, n)}
	total := 0.0
	for i := range n {
		total += 1 / float64(i+1)
		z.sums[i] = total
	}
	return z
}

func (z zipf) next(r *rand.Rand) int {
	x := r.Float64() * z.sums[len(z.sums)-1]
	return sort.SearchFloat64s(z.sums, x)
}
