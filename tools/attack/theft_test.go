package attack

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"strongroom/base/db"
	"strongroom/base/db/dbtest"
	"strongroom/tools/shopper"
)

// planted are values that stand nowhere but in what people type.
type planted struct{ values []string }

func (p *planted) word() string {
	letters := "bcdfghjklmnpqrstvwxz"
	b := make([]byte, 12)
	for i := range b {
		b[i] = letters[rand.IntN(len(letters))]
	}
	w := string(b)
	p.values = append(p.values, w)
	return w
}

func (p *planted) person() shopper.Person {
	digits := fmt.Sprintf("%09d", rand.IntN(1_000_000_000))
	p.values = append(p.values, digits)
	return shopper.Person{"email": p.word() + "@" + p.word() + ".example", "name": "Pl " + p.word(), "company": p.word(), "street": p.word() + " 7",
		"line1": p.word() + " 7", "line2": p.word(), "postcode": "20359", "city": p.word(), "phone": "+49 40 " + digits, "note": "ring " + p.word()}
}

// databaseTheft plants values through every form, then looks for them in all that a thief could take without the keys
// being of use: both databases, every file of the data folder, the log, a crash's output, the traces that the operator's
// collector was sent, and a support bundle (V14.2.3, V14.2.4, V16.2.5).
func databaseTheft(t *testing.T, s *site) string {
	p := &planted{}
	people := size(12, 100)
	for i := range people {
		b := s.stranger()
		if _, err := b.Buy(t.Context(), s.Shop, "/en/p/card", p.person(), []shopper.Outcome{shopper.Paid, shopper.Declined, shopper.Pending}[i%3]); err != nil {
			t.Error(err)
		}
		s.withdraw(t, b, p)
		_, _ = b.Get(t.Context(), s.Shop+"/en/search?q="+p.word())
		_, _ = b.Get(t.Context(), s.Shop+"/en/order/open/"+p.word())
		_, _ = b.Post(t.Context(), s.Shop+"/en/order/link", url.Values{"number": {p.word()}, "email": {p.word() + "@x.example"}}, nil)
	}
	s.settleMail(t)
	wait(t, func() bool {
		return s.traces.Count("GET /en/order/open/{link}") >= people && s.traces.Count("call.mail") > 0
	})
	for _, span := range []string{"request", "db.read", "db.write", "job", "call.payment", "POST /en/checkout"} {
		if s.traces.Count(span) < people {
			t.Errorf("%d spans %q arrived", s.traces.Count(span), span)
		}
	}
	bundle := s.bundle(t)
	fatal(t, s.crash())
	found := 0
	loot := s.loot(t)
	loot["the support bundle"] = bundle
	for name, data := range loot {
		for _, v := range p.values {
			if bytes.Contains(data, []byte(v)) || bytes.Contains(data, []byte(hex.EncodeToString([]byte(v)))) {
				found++
				if found < 10 {
					t.Errorf("%q stands in %s", v, name)
				}
			}
		}
	}
	s.Start()
	return fmt.Sprintf("%d values planted by %d people; %d found in databases, files, log, traces, support bundle and crash output", len(p.values), people, found)
}

func (s *site) withdraw(t *testing.T, b *shopper.Shopper, p *planted) {
	t.Helper()
	page, err := b.Get(t.Context(), s.Shop+"/en/withdraw")
	fatal(t, err)
	f, err := page.Form("/withdraw")
	fatal(t, err)
	v := url.Values{}
	for _, n := range f.Names {
		switch n {
		case "name", "statement":
			v.Set(n, "Pl "+p.word())
		case "email":
			v.Set(n, p.word()+"@x.example")
		case "number":
			v.Set(n, "AAAA-AAAA")
		}
	}
	page, err = b.Submit(t.Context(), f, v)
	fatal(t, err)
	if f, err = page.Form("/withdraw/confirm"); err != nil {
		t.Errorf("%v; %q", err, page.Problems())
		return
	}
	_, err = b.Submit(t.Context(), f, nil)
	fatal(t, err)
}

// settleMail waits until no letter is due. A lease of 45 seconds that was not renewed for 15 is that of a program that a row
// before has killed: its letter comes again, and nobody waits for it.
func (s *site) settleMail(t *testing.T) {
	t.Helper()
	wait(t, func() bool {
		now := time.Now()
		return s.count(t, `SELECT COUNT(*) FROM job_queue WHERE kind LIKE 'letter%' AND ((state = 'leased' AND leased_until > $1)
			OR (state = 'ready' AND attempts = 0 AND run_at <= $2))`, now.Add(30*time.Second).UnixMicro(), now.UnixMicro()) == 0
	})
}

// bundle is what a support bundle of the running store holds, unpacked.
func (s *site) bundle(t *testing.T) []byte {
	t.Helper()
	path := filepath.Join(t.TempDir(), "bundle.tar.gz")
	s.MustCommand("support-bundle", "-o", path)
	f, err := os.Open(path)
	fatal(t, err)
	defer func() { _ = f.Close() }()
	z, err := gzip.NewReader(f)
	fatal(t, err)
	b, err := io.ReadAll(z)
	fatal(t, err)
	if !bytes.Contains(b, []byte(`"order_head": `)) {
		t.Error("the bundle does not count the orders")
	}
	return b
}

// crash ends the program with a dump of all its goroutines, which goes to the log.
func (s *site) crash() error {
	if err := syscall.Kill(s.PID(), syscall.SIGQUIT); err != nil {
		return err
	}
	s.Kill()
	return nil
}

// loot is everything that can be copied: files by name, tables of PostgreSQL as text.
func (s *site) loot(t *testing.T) map[string][]byte {
	t.Helper()
	out := map[string][]byte{"the log": []byte(s.Log.String()), "the traces": s.traces.Bytes()}
	err := filepath.WalkDir(filepath.Join(s.Dir, "data"), func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		out[path] = b
		return err
	})
	fatal(t, err)
	if s.Engine == db.Postgres {
		out["the data database"] = s.dump(t, s.Data)
		out["the key database"] = s.dump(t, s.Keys)
	}
	return out
}

func (s *site) dump(t *testing.T, dsn string) []byte {
	t.Helper()
	d, err := db.Open(context.Background(), db.Options{DSN: dsn, Readers: 1})
	fatal(t, err)
	defer func() { _ = d.Close() }()
	var b bytes.Buffer
	scan := func(r db.Scanner) (x string, err error) { err = r.Scan(&x); return x, err }
	fatal(t, d.Read(context.Background(), func(tx *db.Tx) error {
		tables, err := db.All(tx, scan, `SELECT table_name FROM information_schema.tables WHERE table_schema = 'public' ORDER BY table_name`)
		if err != nil {
			return err
		}
		for _, table := range tables {
			rows, err := db.All(tx, scan, `SELECT CAST(x AS TEXT) FROM "`+table+`" AS x`)
			if err != nil {
				return err
			}
			b.WriteString(strings.Join(rows, "\n"))
		}
		return nil
	}))
	return b.Bytes()
}

// erasedReturns erases a customer and puts the old database back, as a thief or a careless restore would (V14.2.7).
func erasedReturns(t *testing.T, s *site) string {
	p := &planted{}
	mail := p.word() + "@" + p.word() + ".example"
	who := shopper.Somebody(mail)
	who["street"], who["line1"] = "Nowhere Lane 7", "Nowhere Lane 7"
	o, err := s.stranger().Buy(t.Context(), s.Shop, "/en/p/card", who, shopper.Paid)
	fatal(t, err)
	wait(t, func() bool { return s.state(t, o.Number) == 3 })
	if out := s.MustCommand("order", "show", o.Number, "--reveal", "--reason", "test"); !strings.Contains(out, mail) {
		t.Fatalf("the order cannot be read before the erasure:\n%s", out)
	}
	s.settleMail(t)
	fatal(t, s.Stop())
	old := s.copyData(t)
	if out, err := s.Command("order", "erase", o.Number, "--reason", "asked for it"); err == nil {
		t.Errorf("erased within the time of returns without being told to:\n%s", out)
	}
	s.MustCommand("order", "erase", o.Number, "--reason", "asked for it", "--even-so")
	unreadable := func(when string) {
		if out, err := s.Command("order", "show", o.Number, "--reveal", "--reason", "test"); strings.Contains(out, mail) || err != nil && strings.Contains(err.Error(), mail) {
			t.Errorf("%s the erased customer can be read:\n%s", when, out)
		}
	}
	unreadable("after the erasure")
	if n := s.refusals(t, "order.erase"); n == 0 {
		t.Error("no entry of the erasure stands in the log")
	}
	s.putBack(t, old)
	unreadable("with the old data database")
	s.Start()
	return "erased, the data database of before put back: e-mail and address stay unreadable"
}

// keptData is a copy of the data database of a store that was stopped: files, or the address of a PostgreSQL database.
type keptData struct {
	files map[string][]byte
	kept  string
}

func (s *site) copyData(t *testing.T) keptData {
	t.Helper()
	if s.Engine == db.Postgres {
		return keptData{kept: dbtest.Copy(t, s.Data)}
	}
	out := map[string][]byte{}
	for _, name := range []string{"data.db", "data.db-wal", "data.db-shm"} {
		if b, err := os.ReadFile(filepath.Join(s.Dir, "data", name)); err == nil {
			out[name] = b
		}
	}
	return keptData{files: out}
}

func (s *site) putBack(t *testing.T, old keptData) {
	t.Helper()
	if s.Engine == db.Postgres {
		dbtest.PutBack(t, s.Data, old.kept)
		return
	}
	for _, name := range []string{"data.db", "data.db-wal", "data.db-shm"} {
		path := filepath.Join(s.Dir, "data", name)
		_ = os.Remove(path)
		if b, ok := old.files[name]; ok {
			fatal(t, os.WriteFile(path, b, 0o600))
		}
	}
}
