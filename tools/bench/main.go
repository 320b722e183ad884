// Command bench measures the store as its users meet it, and prints each figure with its target and, where the target
// is a ratio, with the reference measured in the same run.
//
// It builds the program, fills a store with generated goods, and drives it over TLS from this process; the store, the
// payment sandbox and the bare reference server are processes of their own, whose processor time the kernel counts.
//
//	go run ./tools/bench                 all figures
//	go run ./tools/bench -only orders    some of them: pages, orders, race, demo, traces
//	go run ./tools/bench -only log       what the audit log adds to a checkout
//	go run ./tools/bench -only scale     a million products against ten thousand (-products, -postgres)
//	go run ./tools/bench -only import    only their import
//	go run ./tools/bench -only reconcile a hundred thousand payments against the provider's account (-postgres)
//	go run ./tools/bench -only fraud     assessing an order over a million past ones (-postgres: an empty database)
package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"sort"
	"strings"
	"time"
)

type bench struct {
	store    *store
	products int
	admin    string // address of a PostgreSQL server, for scale
	rows     int
	missed   int
}

func main() {
	reference := flag.String("reference", "", "serve this file from a bare HTTPS server (used by the bench itself)")
	kind := flag.String("type", "text/html", "content type of the reference")
	encoding := flag.String("encoding", "", "content encoding of the reference")
	only := flag.String("only", "pages,orders,race,demo,traces", "which figures")
	products := flag.Int("products", 0, "how many products (10,000; with -only scale a million)")
	admin := flag.String("postgres", "", "with -only scale, import or reconcile: run on this PostgreSQL server instead of SQLite")
	seconds := flag.Int("orders-seconds", 20, "how long whole orders are placed")
	bin := flag.String("bin", "", "measure this program instead of building one, to compare two")
	flag.Parse()
	if *reference != "" {
		if err := serveReference(*reference, *kind, *encoding); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	debug.SetGCPercent(600) // the client's own garbage is no part of the figures
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	b := &bench{products: *products, admin: *admin}
	if b.products == 0 {
		b.products = few
		if *only == "scale" {
			b.products = 1_000_000
		}
	}
	if err := b.run(ctx, *only, *bin, time.Duration(*seconds)*time.Second); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
	if b.missed > 0 {
		os.Exit(2)
	}
}

func (b *bench) run(ctx context.Context, only, bin string, orders time.Duration) error {
	dir, err := os.MkdirTemp("", "strongroom-bench")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	if bin == "" {
		if bin, err = compile(dir); err != nil {
			return err
		}
	}
	fmt.Printf("%s, %d processors, %s\n\n", runtime.Version(), runtime.NumCPU(), time.Now().UTC().Format(time.RFC3339))
	if err := b.binary(bin); err != nil {
		return err
	}
	want := func(name string) bool { return strings.Contains(","+only+",", ","+name+",") }
	if want("pages") || want("orders") || want("race") || want("traces") || want("log") {
		if b.store, err = newStore(bin, dir); err != nil {
			return err
		}
		if err := b.fill(); err != nil {
			return err
		}
		defer func() { _ = b.store.sandbox.stop() }()
	}
	if want("pages") {
		if err := b.withStore(ctx, nil, b.pages); err != nil {
			return err
		}
		if err := b.withStore(ctx, []string{"STRONGROOM_LIMITS_PAGE_CACHE=0"}, b.uncached); err != nil {
			return err
		}
	}
	if want("traces") {
		if err := b.traces(ctx); err != nil {
			return err
		}
	}
	if want("orders") {
		if err := b.withStore(ctx, nil, func(ctx context.Context) error { return b.orders(ctx, orders) }); err != nil {
			return err
		}
	}
	if want("race") {
		if err := b.withStore(ctx, nil, b.race); err != nil {
			return err
		}
	}
	if want("log") {
		if err := b.withStore(ctx, nil, b.log); err != nil {
			return err
		}
	}
	if want("reconcile") {
		if err := b.reconcile(ctx, bin, dir); err != nil {
			return err
		}
	}
	if want("import") {
		if err := b.importOnly(ctx, bin, dir, b.admin); err != nil {
			return err
		}
	}
	if want("scale") {
		if err := b.scale(ctx, bin, dir, b.admin); err != nil {
			return err
		}
	}
	if want("fraud") {
		if err := b.fraud(ctx, dir, b.admin); err != nil {
			return err
		}
	}
	if want("demo") {
		return b.demo(ctx, bin, dir)
	}
	return nil
}

func (b *bench) withStore(ctx context.Context, env []string, measure func(context.Context) error) error {
	if err := b.store.open(ctx, env...); err != nil {
		return err
	}
	if err := measure(ctx); err != nil {
		_ = b.store.close()
		return err
	}
	return b.store.close()
}

func compile(dir string) (string, error) {
	bin := filepath.Join(dir, "strongroom")
	cmd := exec.Command("go", "build", "-trimpath", "-ldflags", "-s -w", "-o", bin, "./cmd/strongroom")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build: %w\n%s", err, out)
	}
	return bin, nil
}

func (b *bench) binary(bin string) error {
	info, err := os.Stat(bin)
	if err != nil {
		return err
	}
	mb := float64(info.Size()) / 1e6
	b.row("binary, stripped, no cgo", fmt.Sprintf("%.1f MB", mb), "below 80 MB", mb < 80)
	return nil
}

// files writes the generated catalogue.
func (b *bench) files() (file, categories string, err error) {
	file = filepath.Join(b.store.dir, "goods.csv")
	f, err := os.Create(file)
	if err != nil {
		return "", "", err
	}
	out := bufio.NewWriterSize(f, 1<<20)
	if err := goods(out, b.products, nil); err != nil {
		return "", "", err
	}
	if err := errors.Join(out.Flush(), f.Close()); err != nil {
		return "", "", err
	}
	categories = filepath.Join(b.store.dir, "categories.csv")
	text := "slug,parent,position,title:en,title:de\n"
	for i, shelf := range shelves {
		text += fmt.Sprintf("%s,,%d,%s,%s\n", shelf, i+1, shelf, shelf)
	}
	return file, categories, os.WriteFile(categories, []byte(text), 0o600)
}

// fill imports the generated catalogue.
func (b *bench) fill() error {
	file, categories, err := b.files()
	if err != nil {
		return err
	}
	start := time.Now()
	if _, err := b.store.run("product", "import", file, "--categories", categories); err != nil {
		return err
	}
	b.row("import of products", fmt.Sprintf("%d in %s, %.0f a second", b.products, time.Since(start).Round(100*time.Millisecond), float64(b.products)/time.Since(start).Seconds()), "no target", true)
	return nil
}

// row prints one figure.
func (b *bench) row(name, figure, target string, ok bool) {
	if b.rows++; b.rows == 1 {
		fmt.Println("| Figure | Measured | Target or reference | |\n|---|---|---|---|")
	}
	word := "met"
	if !ok {
		word = "MISSED"
		b.missed++
	}
	fmt.Printf("| %s | %s | %s | %s |\n", name, figure, target, word)
}

// middle is the result with the median rate.
func middle(rs []result) result {
	sort.Slice(rs, func(i, j int) bool { return rs[i].perSecond() < rs[j].perSecond() })
	return rs[len(rs)/2]
}

func escape(s string) string { return url.QueryEscape(s) }

// take fetches a page as the load does, with its bytes as they are on the wire.
func take(c *http.Client, address string) ([]byte, http.Header, error) {
	req, err := http.NewRequest(http.MethodGet, address, nil)
	if err != nil {
		return nil, nil, err
	}
	req.Header.Set("Accept-Encoding", "gzip")
	resp, err := c.Do(req)
	if err != nil {
		return nil, nil, err
	}
	defer func() { _ = resp.Body.Close() }()
	b, err := io.ReadAll(resp.Body)
	return b, resp.Header, err
}
