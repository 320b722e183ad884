package main

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// demo measures the second start of the demo and what it takes at rest.
func (b *bench) demo(ctx context.Context, bin, dir string) error {
	data := filepath.Join(dir, "demo")
	port, err := freePort()
	if err != nil {
		return err
	}
	args := []string{"demo", "--data", data, "--listen", fmt.Sprintf("127.0.0.1:%d", port), "--json"}
	begin := time.Now()
	p, err := start(ctx, os.Environ(), bin, args...)
	if err != nil {
		return err
	}
	furnished := time.Since(begin)
	shop, _ := p.Ready["shop"].(string)
	pem, err := os.ReadFile(fmt.Sprint(p.Ready["ca"]))
	if err != nil {
		return err
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(pem)
	if err := answers(ctx, roots, shop+"/en/"); err != nil {
		return err
	}
	if err := p.stop(); err != nil {
		return err
	}
	b.row("demo, first start", furnished.Round(10*time.Millisecond).String(), "no target", true)
	var starts []time.Duration
	for range 5 {
		begin := time.Now()
		if p, err = launch(ctx, os.Environ(), bin, args...); err != nil {
			return err
		}
		if err := answers(ctx, roots, shop+"/en/"); err != nil {
			return err
		}
		starts = append(starts, time.Since(begin))
		if len(starts) < 5 {
			if err := p.stop(); err != nil {
				return err
			}
		}
	}
	d := median(starts)
	b.row("demo on an existing folder, first page", fmt.Sprintf("%s after the start (median of 5)", d.Round(time.Millisecond)), "within 500 ms", d <= 500*time.Millisecond)
	time.Sleep(20 * time.Second) // at rest
	rss, err := memory(p.pid(), "VmRSS")
	if err != nil {
		return err
	}
	b.row("demo at rest", fmt.Sprintf("%.0f MB resident", float64(rss)/1e6), "below 120 MB", rss < 120e6)
	return p.stop()
}

func median(d []time.Duration) time.Duration {
	for i := range d {
		for j := i; j > 0 && d[j] < d[j-1]; j-- {
			d[j], d[j-1] = d[j-1], d[j]
		}
	}
	return d[len(d)/2]
}

// commits reads how often both databases have committed from the store's metrics.
func (s *store) commits(ctx context.Context) (int64, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, fmt.Sprintf("http://127.0.0.1:%d/metrics", s.private), nil)
	if err != nil {
		return 0, err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, err
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return 0, err
	}
	var sum int64
	found := false
	for line := range strings.Lines(string(body)) {
		if name, value, ok := strings.Cut(strings.TrimSpace(line), " "); ok && strings.HasPrefix(name, "strongroom_database_commits_total") {
			f, err := strconv.ParseFloat(value, 64)
			if err != nil {
				return 0, err
			}
			sum, found = sum+int64(f), true
		}
	}
	if !found {
		return 0, errors.New("the metrics hold no commits")
	}
	return sum, nil
}
