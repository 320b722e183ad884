package main

import (
	"context"
	"crypto/x509"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"time"
)

const (
	connections = 16
	span        = 8 * time.Second
	warm        = 20 * time.Second // until the pages that people come back to are in the cache
)

// chooser picks addresses after Zipf's law, a generator for each worker.
func chooser(n int, address func(rank int) string) func(worker, i int) string {
	z := newZipf(n)
	rs := make([]*rand.Rand, connections)
	for w := range rs {
		rs[w] = rand.New(rand.NewPCG(uint64(w), 7))
	}
	return func(w, _ int) string { return address(z.next(rs[w])) }
}

// pages measures what shoppers look at.
func (b *bench) pages(ctx context.Context) error {
	product := chooser(b.products, func(r int) string { return b.store.shop + "/en/p/" + handle(r) })
	category := chooser(len(shelves)*4, func(r int) string {
		return b.store.shop + "/en/c/" + shelves[r%len(shelves)] + []string{"", "?sort=new", "?sort=price", "?stock=1"}[r/len(shelves)]
	})
	if err := b.cached(ctx, "product page, cached", product, "/en/p/"+handle(0)); err != nil {
		return err
	}
	if err := b.cached(ctx, "category page, cached", category, "/en/c/"+shelves[0]); err != nil {
		return err
	}
	return b.search(ctx, "search, cached as it comes", 0)
}

// cached measures the pages as they are served, and a bare Go HTTPS server with the same bytes, in turns.
func (b *bench) cached(ctx context.Context, name string, next func(int, int) string, sample string) error {
	ref, roots, err := b.reference(ctx, b.store.shop+sample)
	if err != nil {
		return err
	}
	defer func() { _ = ref.stop() }()
	address, _ := ref.Ready["url"].(string)
	if _, err := load(ctx, b.store.roots, b.store.serve.pid(), connections, warm, next); err != nil {
		return err
	}
	var store, bare []result
	for range 3 {
		r, err := load(ctx, b.store.roots, b.store.serve.pid(), connections, span, next)
		if err != nil {
			return err
		}
		q, err := load(ctx, roots, ref.pid(), connections, span, func(int, int) string { return address })
		if err != nil {
			return err
		}
		store, bare = append(store, r), append(bare, q)
	}
	s, q := middle(store), middle(bare)
	ratio := s.perSecond() / q.perSecond()
	b.row(name, fmt.Sprintf("%.0f requests/s, %.3f CPU-ms, p99 %s, %d failures", s.perSecond(), s.cpuMS(), s.percentile(0.99).Round(10*time.Microsecond), s.Failures),
		fmt.Sprintf("bare server %.0f requests/s, %.3f CPU-ms; ratio %.2f (at least 0.50)", q.perSecond(), q.cpuMS(), ratio), ratio >= 0.5 && s.Failures == 0)
	return nil
}

// reference starts the bare server with the bytes of a page of the store.
func (b *bench) reference(ctx context.Context, address string) (*process, *x509.CertPool, error) {
	client := &http.Client{Transport: transport(b.store.roots, 1), Timeout: 10 * time.Second}
	defer client.CloseIdleConnections()
	body, header, err := take(client, address)
	if err != nil {
		return nil, nil, err
	}
	file := filepath.Join(b.store.dir, "page")
	if err := os.WriteFile(file, body, 0o600); err != nil {
		return nil, nil, err
	}
	self, err := os.Executable()
	if err != nil {
		return nil, nil, err
	}
	p, err := start(ctx, os.Environ(), self, "-reference", file, "-type", header.Get("Content-Type"), "-encoding", header.Get("Content-Encoding"))
	if err != nil {
		return nil, nil, err
	}
	roots := x509.NewCertPool()
	pem, _ := p.Ready["ca"].(string)
	roots.AppendCertsFromPEM([]byte(pem))
	return p, roots, nil
}

// uncached measures the same pages with the cache switched off.
func (b *bench) uncached(ctx context.Context) error {
	product := chooser(b.products, func(r int) string { return b.store.shop + "/en/p/" + handle(r) })
	category := chooser(len(shelves), func(r int) string { return b.store.shop + "/en/c/" + shelves[r] })
	for _, m := range []struct {
		name string
		next func(int, int) string
	}{{"product page, uncached", product}, {"category page, uncached", category}} {
		r, err := load(ctx, b.store.roots, b.store.serve.pid(), connections, span, m.next)
		if err != nil {
			return err
		}
		b.row(m.name, fmt.Sprintf("%.0f requests/s, %.3f CPU-ms, p99 %s, %d failures", r.perSecond(), r.cpuMS(), r.percentile(0.99).Round(100*time.Microsecond), r.Failures),
			"at most 0.5 CPU-ms", r.cpuMS() <= 0.5 && r.Failures == 0)
	}
	return b.search(ctx, "search, uncached", 1)
}

// search asks for words, prefixes and misspelt words, each time another.
func (b *bench) search(ctx context.Context, name string, limit float64) error {
	r, err := load(ctx, b.store.roots, b.store.serve.pid(), connections, span, b.searches())
	if err != nil {
		return err
	}
	target, ok := "no target", true
	if limit > 0 {
		target, ok = fmt.Sprintf("at most %.1f CPU-ms", limit), r.cpuMS() <= limit
	}
	b.row(name, fmt.Sprintf("%.0f requests/s, %.3f CPU-ms, p99 %s, %d failures", r.perSecond(), r.cpuMS(), r.percentile(0.99).Round(100*time.Microsecond), r.Failures), target, ok && r.Failures == 0)
	return nil
}
