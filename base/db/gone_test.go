package db_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/url"
	"slices"
	"sync"
	"testing"
	"time"

	"strongroom/base/db"
	"strongroom/base/db/dbtest"
)

// wire stands between the store and PostgreSQL and can be cut, or frozen so that it takes everything and answers nothing.
type wire struct {
	ln     net.Listener
	mu     sync.Mutex
	frozen bool
	conns  []net.Conn
	thaw   chan struct{}
}

func newWire(t *testing.T, server string) *wire {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	w := &wire{ln: ln, thaw: make(chan struct{})}
	t.Cleanup(func() { _ = ln.Close(); w.cut() })
	go func() {
		for {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			s, err := net.Dial("tcp", server)
			if err != nil {
				_ = c.Close()
				continue
			}
			w.mu.Lock()
			w.conns = append(w.conns, c, s)
			w.mu.Unlock()
			go func() { _, _ = io.Copy(s, c); _ = s.Close() }()
			go w.back(c, s)
		}
	}()
	return w
}

// back carries the server's answers, unless it is frozen.
func (w *wire) back(c, s net.Conn) {
	defer func() { _ = c.Close() }()
	b := make([]byte, 32<<10)
	for {
		n, err := s.Read(b)
		w.mu.Lock()
		frozen := w.frozen
		w.mu.Unlock()
		if frozen {
			<-w.thaw
			return
		}
		if _, werr := c.Write(b[:n]); err != nil || werr != nil {
			return
		}
	}
}

func (w *wire) freeze() { w.mu.Lock(); w.frozen = true; w.mu.Unlock() }

func (w *wire) melt() { w.mu.Lock(); w.frozen = false; w.mu.Unlock(); close(w.thaw) }

func (w *wire) cut() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, c := range w.conns {
		_ = c.Close()
	}
	w.conns = nil
}

func through(t *testing.T) (*wire, *db.DB) {
	u, err := url.Parse(dbtest.DSN(t, db.Postgres, "data"))
	must(t, err)
	w := newWire(t, u.Host)
	u.Host = w.ln.Addr().String()
	d, err := db.Open(context.Background(), db.Options{DSN: u.String(), Readers: 4})
	must(t, err)
	t.Cleanup(func() { _ = d.Close() })
	return w, d
}

func put(d *db.DB, k string) error {
	return d.Write(context.Background(), func(tx *db.Tx) error {
		_, err := tx.Exec("INSERT INTO probe (k, n) VALUES ($1, 1)", k)
		return err
	})
}

// A connection that breaks between two writes, or inside one before its commit, costs no error: nothing was committed, and
// the write is done again on a new connection. V16.5.2
func TestABrokenConnectionIsReplaced(t *testing.T) {
	if !slices.Contains(dbtest.Engines(), db.Postgres) {
		return
	}
	w, d := through(t)
	table(t, d)
	must(t, put(d, "a"))
	w.cut()
	must(t, put(d, "b"))
	tries := 0
	must(t, d.Write(context.Background(), func(tx *db.Tx) error {
		if tries++; tries == 1 {
			w.cut()
		}
		_, err := tx.Exec("INSERT INTO probe (k, n) VALUES ('c', 1)")
		return err
	}))
	if n := count(t, d); n != 3 || tries != 2 {
		t.Errorf("%d rows after %d tries", n, tries)
	}
}

// A server that takes everything and answers nothing is given up after seconds, said to be unavailable, and used again
// when it is back.
func TestAFrozenServerIsGivenUp(t *testing.T) {
	if !slices.Contains(dbtest.Engines(), db.Postgres) {
		return
	}
	t.Parallel()
	w, d := through(t)
	table(t, d)
	must(t, put(d, "a"))
	w.freeze()
	begin := time.Now()
	if err := put(d, "b"); !errors.Is(err, db.ErrUnavailable) {
		t.Errorf("a write: %v", err)
	}
	if took := time.Since(begin); took > 20*time.Second {
		t.Errorf("it took %s", took)
	}
	w.melt()
	w.cut()
	for end := time.Now().Add(20 * time.Second); put(d, "c") != nil; {
		if time.Now().After(end) {
			t.Fatal("it is not used again")
		}
	}
}
