package main

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"strongroom/tools/shopper"
)

// few is the number of products that many are held against.
const few = 10_000

// scale holds a store with very many products against one with ten thousand: how long they take to come in while the
// shop sells, what pages and searches cost, and what both take at rest.
func (b *bench) scale(ctx context.Context, bin, dir, admin string) error {
	small, err := b.sized(ctx, bin, filepath.Join(dir, "few"), few, admin)
	if err != nil {
		return err
	}
	defer small.end()
	if err := small.fill(); err != nil {
		return err
	}
	big, err := b.sized(ctx, bin, filepath.Join(dir, "many"), b.products, admin)
	if err != nil {
		return err
	}
	defer big.end()
	if err := big.importBeside(ctx); err != nil {
		return err
	}
	if err := big.siteMap(ctx); err != nil {
		return err
	}
	if err := both(ctx, small, big, nil, func() error { return b.atRest(ctx, small, big) }); err != nil {
		return err
	}
	uncached := []string{"STRONGROOM_LIMITS_PAGE_CACHE=0"}
	err = both(ctx, small, big, uncached, func() error { return b.sides(ctx, small, big) })
	b.rows, b.missed = b.rows+small.rows+big.rows, b.missed+small.missed+big.missed
	return err
}

// importOnly measures the import alone.
func (b *bench) importOnly(ctx context.Context, bin, dir, admin string) error {
	one, err := b.sized(ctx, bin, filepath.Join(dir, "many"), b.products, admin)
	if err != nil {
		return err
	}
	defer one.end()
	err = one.importBeside(ctx)
	b.missed += one.missed
	return err
}

// sized prepares a store for so many products, on SQLite or on databases of its own of a PostgreSQL server.
func (b *bench) sized(ctx context.Context, bin, dir string, n int, admin string) (*bench, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	s, err := newStore(bin, dir)
	if err != nil {
		return nil, err
	}
	if err := s.postgres(ctx, admin); err != nil {
		return nil, err
	}
	return &bench{store: s, products: n, rows: 1}, nil // the heading stands already
}

func (b *bench) end() {
	if b.store.sandbox != nil {
		_ = b.store.sandbox.stop()
	}
	b.store.dropPostgres()
}

// both runs two stores at once.
func both(ctx context.Context, x, y *bench, env []string, measure func() error) error {
	return x.withStore(ctx, env, func(ctx context.Context) error {
		return y.withStore(ctx, env, func(context.Context) error { return measure() })
	})
}

// sides asks both stores for the same sorts of pages in turns, and holds the costs against each other.
func (b *bench) sides(ctx context.Context, small, big *bench) error {
	if _, err := load(ctx, small.store.roots, small.store.serve.pid(), 2, 3*time.Second, small.searches()); err != nil { // the dictionaries are read
		return err
	}
	if _, err := load(ctx, big.store.roots, big.store.serve.pid(), 2, 20*time.Second, big.searches()); err != nil {
		return err
	}
	for _, m := range []struct {
		name string
		next func(*bench) func(int, int) string
	}{{"product page", (*bench).productPages}, {"category page", (*bench).categoryPages}, {"search", (*bench).searches}, {"home page", (*bench).homePages}} {
		var cost [2][]float64
		failures := int64(0)
		for range 3 {
			for i, one := range []*bench{small, big} {
				r, err := load(ctx, one.store.roots, one.store.serve.pid(), connections, 5*time.Second, m.next(one))
				if err != nil {
					return err
				}
				cost[i], failures = append(cost[i], r.cpuMS()), failures+r.Failures
			}
		}
		slices.Sort(cost[0])
		slices.Sort(cost[1])
		ratio := cost[1][1] / cost[0][1]
		b.row(m.name+", uncached", fmt.Sprintf("%d products %.3f CPU-ms, %d products %.3f CPU-ms, ratio %.2f, %d failures", small.products, cost[0][1], big.products, cost[1][1], ratio, failures),
			"ratio at most 1.20", ratio <= 1.2 && failures == 0)
	}
	return nil
}

func (b *bench) productPages() func(int, int) string {
	return chooser(b.products, func(r int) string { return b.store.shop + "/en/p/" + handle(r) })
}

func (b *bench) categoryPages() func(int, int) string {
	forms := []string{"", "?sort=new", "?sort=price", "?stock=1", "?f.colour=moss", "?sort=name"}
	return chooser(len(shelves)*len(forms), func(r int) string { return b.store.shop + "/en/c/" + shelves[r%len(shelves)] + forms[r/len(shelves)] })
}

func (b *bench) homePages() func(int, int) string {
	return func(int, int) string { return b.store.shop + "/en/" }
}

// searches are two words each, misspellings and beginnings among them.
func (b *bench) searches() func(int, int) string {
	words := append(append([]string{}, nounsEN...), "speckeld bowl", "glazd", "table", "wat", "linnen napkin", "candel", "moss vase", "notebok")
	return func(w, i int) string {
		q := words[(w*7+i)%len(words)]
		return fmt.Sprintf("%s/en/search?q=%s", b.store.shop, escape(fmt.Sprintf("%s %s", adjectives[(w+i*3)%len(adjectives)], q)))
	}
}

// atRest is the memory of both half a minute after they were asked for a page and a search.
func (b *bench) atRest(ctx context.Context, small, big *bench) error {
	for _, one := range []*bench{small, big} {
		for _, path := range []string{"/en/", "/en/search?q=speckled+bowl", "/de/search?q=teller"} {
			if err := answers(ctx, one.store.roots, one.store.shop+path); err != nil {
				return err
			}
		}
	}
	time.Sleep(30 * time.Second)
	var rss [2]int64
	for i, one := range []*bench{small, big} {
		var err error
		if rss[i], err = memory(one.store.serve.pid(), "VmRSS"); err != nil {
			return err
		}
	}
	b.row("memory at rest", fmt.Sprintf("%d products %d MB, %d products %d MB", small.products, rss[0]>>20, big.products, rss[1]>>20), "at most 300 MB", rss[1] < 300<<20)
	return nil
}

// importBeside brings the goods in while the shop sells: killed after a while and run again, as an import must bear.
func (b *bench) importBeside(ctx context.Context) error {
	file, categories, err := b.files()
	if err != nil {
		return err
	}
	rare := filepath.Join(b.store.dir, "first.csv")
	text := "handle,category,title:en,title:de,tax_class,sku,price,weight_g,stock\nfirst-bowl,tableware,First bowl,Erste Schale,standard,FIRST-1,12.00,300,1000000\n"
	if err := os.WriteFile(rare, []byte(text), 0o600); err != nil {
		return err
	}
	if _, err := b.store.run("product", "import", rare, "--categories", categories); err != nil {
		return err
	}
	return b.withStore(ctx, nil, func(ctx context.Context) error {
		probe, stop := context.WithCancel(ctx)
		defer stop()
		seen := make(chan sold, 1)
		go func() { seen <- b.sell(probe) }()
		first, err := b.importProcess(ctx, file, 20*time.Second)
		if err != nil {
			return err
		}
		begin := time.Now()
		rest, err := b.importProcess(ctx, file, 0)
		if err != nil {
			return err
		}
		took := time.Since(begin)
		stop()
		v := <-seen
		b.row("import while the shop sells", fmt.Sprintf("%d products in %s, %.0f a second, %.2f CPU-ms each; at most %d MB; killed before after %d products, which it passed over", rest.Products, took.Round(time.Second),
			float64(rest.Products-rest.Unchanged)/took.Seconds(), float64(rest.cpu.Milliseconds())/float64(max(rest.Products-rest.Unchanged, 1)), rest.peak>>20, rest.Unchanged), "a million in 15 minutes (1,111 a second), below 300 MB",
			took < time.Duration(float64(15*time.Minute)*float64(b.products)/1e6) && rest.peak < 300<<20 && first.Products == 0)
		b.row("meanwhile: adding to a cart", fmt.Sprintf("%d times, p50 %s, p99 %s, longest %s, %d failures; %d whole orders, %d failures", len(v.latency), v.percentile(0.5).Round(time.Millisecond),
			v.percentile(0.99).Round(time.Millisecond), v.percentile(1).Round(time.Millisecond), v.failed, v.orders, v.lost), "p99 at most 200 ms", v.percentile(0.99) < 200*time.Millisecond && v.failed+v.lost == 0)
		return nil
	})
}

// imported is what an import reported, and the most memory it took.
type imported struct {
	Products  int `json:"products"`
	Unchanged int `json:"unchanged"`
	peak      int64
	cpu       time.Duration
}

// importProcess runs the command, and kills it after a while if one is given.
func (b *bench) importProcess(ctx context.Context, file string, kill time.Duration) (r imported, err error) {
	cmd := exec.CommandContext(ctx, b.store.bin, "product", "import", file, "--json", "--config", b.store.config)
	var out strings.Builder
	cmd.Env, cmd.Stdout, cmd.Stderr = b.store.env, &out, os.Stderr
	if err := cmd.Start(); err != nil {
		return r, err
	}
	end := make(chan error, 1)
	go func() { end <- cmd.Wait() }()
	tick := time.NewTicker(250 * time.Millisecond)
	defer tick.Stop()
	var limit <-chan time.Time
	if kill > 0 {
		limit = time.After(kill)
	}
	for {
		select {
		case <-tick.C:
			if n, err := memory(cmd.Process.Pid, "VmHWM"); err == nil {
				r.peak = max(r.peak, n)
			}
		case <-limit:
			_ = cmd.Process.Signal(syscall.SIGKILL)
		case err := <-end:
			if kill > 0 && err != nil {
				return r, nil
			}
			r.cpu = cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
			return r, errors.Join(err, json.Unmarshal([]byte(out.String()), &r))
		}
	}
}

// sold is what a shopper met while an import ran.
type sold struct {
	result
	failed, orders, lost int
}

// sell adds to a cart four times a second, and buys now and then.
func (b *bench) sell(ctx context.Context) (v sold) {
	net := shopper.NewNetwork(b.store.roots, 4)
	defer net.Close()
	tick := time.NewTicker(250 * time.Millisecond)
	defer tick.Stop()
	for i := 0; ; i++ {
		select {
		case <-ctx.Done():
			slices.Sort(v.latency)
			return v
		case <-tick.C:
		}
		s := net.New(visitor())
		if i%8 == 7 {
			o, err := s.Buy(context.WithoutCancel(ctx), b.store.shop, "/en/p/first-bowl", shopper.Somebody(fmt.Sprintf("s%d@buyers.example", i)), shopper.Paid)
			if v.orders++; err != nil || o.Number == "" {
				v.lost++
			}
			continue
		}
		took, err := add(context.WithoutCancel(ctx), s, b.store.shop+"/en/p/first-bowl")
		if err != nil {
			v.failed++
			continue
		}
		v.latency = append(v.latency, took)
	}
}

func add(ctx context.Context, s *shopper.Shopper, address string) (time.Duration, error) {
	p, err := s.Get(ctx, address)
	if err != nil {
		return 0, err
	}
	form, err := p.Form("/cart/add")
	if err != nil {
		return 0, err
	}
	begin := time.Now()
	p, err = s.Submit(ctx, form, nil)
	if err == nil && p.Status != http.StatusOK {
		err = fmt.Errorf("status %d", p.Status)
	}
	return time.Since(begin), err
}

// siteMap measures the first look at the map and one of its parts.
func (b *bench) siteMap(ctx context.Context) error {
	return b.withStore(ctx, nil, func(context.Context) error {
		client := &http.Client{Transport: transport(b.store.roots, 1), Timeout: time.Minute}
		defer client.CloseIdleConnections()
		var took [3]time.Duration
		var size [3]int64
		for i, path := range []string{"/sitemap.xml", "/sitemap.xml", "/sitemap/en-1.xml"} {
			begin := time.Now()
			n, err := fetch(client, b.store.shop+path)
			if err != nil {
				return err
			}
			took[i], size[i] = time.Since(begin), n
		}
		b.row("site map", fmt.Sprintf("first look %s, again %s; a part of 10,000 products %s, %d kB packed", took[0].Round(time.Millisecond), took[1].Round(time.Millisecond), took[2].Round(time.Millisecond), size[2]>>10),
			"at most 50,000 addresses a part; a part within a second", took[2] < time.Second)
		return nil
	})
}

// postgres gives the store two databases of its own on the server, if one is named.
func (s *store) postgres(ctx context.Context, admin string) error {
	if admin == "" {
		return nil
	}
	d, err := sql.Open("pgx", admin)
	if err != nil {
		return err
	}
	name := fmt.Sprintf("bench_%d", rand.Uint32())
	base := admin[:strings.LastIndex(admin, "/")+1]
	for _, kind := range []string{"data", "keys"} {
		if _, err := d.ExecContext(ctx, `CREATE DATABASE `+name+`_`+kind); err != nil {
			return errors.Join(err, d.Close())
		}
	}
	s.env = append(s.env, "STRONGROOM_DATA_DATABASE="+base+name+"_data", "STRONGROOM_DATA_KEY_DATABASE="+base+name+"_keys")
	s.drop = func() {
		for _, kind := range []string{"data", "keys"} {
			_, _ = d.Exec(`DROP DATABASE ` + name + `_` + kind)
		}
		_ = d.Close()
	}
	return nil
}

func (s *store) dropPostgres() {
	if s.drop != nil {
		s.drop()
	}
}
