package outside_test

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"strongroom/base/mail"
	"strongroom/guard/audit"
	"strongroom/guard/audit/outside"
)

var (
	ctx = context.Background()
	at  = time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)
)

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// Every place that can be read back does the same.
func TestPlaces(t *testing.T) {
	places := map[string]audit.Place{"folder": outside.NewFolder(filepath.Join(t.TempDir(), "a", "b"))}
	if c, ok := objectStore(t); ok {
		s, err := outside.NewStore(c)
		must(t, err)
		c.Prefix = ""
		bare, err := outside.NewStore(c)
		must(t, err)
		places["store"], places["store without prefix"] = s, bare
	}
	for name, p := range places {
		t.Run(name, func(t *testing.T) { conform(t, p) })
	}
}

func conform(t *testing.T, p audit.Place) {
	newest := func(want string) {
		t.Helper()
		got, err := p.Newest(ctx)
		must(t, err)
		if string(got) != want || (want == "") != (got == nil) {
			t.Errorf("the newest is %q, want %q", got, want)
		}
	}
	newest("")
	must(t, p.Put(ctx, 9, at, []byte("nine")))
	newest("nine")
	must(t, p.Put(ctx, 1000, at.Add(time.Hour), []byte("a thousand")))
	must(t, p.Put(ctx, 200, at.Add(2*time.Hour), []byte("two hundred"))) // what counts is the size
	newest("a thousand")
	must(t, p.Put(ctx, 1000, at.Add(time.Hour), []byte("a thousand")))
	newest("a thousand")
}

// V13.2.4: a wrong key, a missing bucket and a store that is away are errors in plain words that hold no key.
func TestAnObjectStoreThatRefuses(t *testing.T) {
	c, ok := objectStore(t)
	if !ok {
		return
	}
	wrong, away, other := c, c, c
	wrong.SecretKey = "not-the-key-0000"
	other.Bucket = "elsewhere"
	away.Endpoint = "http://127.0.0.1:1"
	for name, c := range map[string]outside.StoreConfig{"wrong key": wrong, "away": away, "no bucket": other} {
		s, err := outside.NewStore(c)
		must(t, err)
		short, cancel := context.WithTimeout(ctx, 10*time.Second)
		for _, err := range []error{s.Put(short, 1, at, []byte("x")), second(s.Newest(short))} {
			if err == nil || strings.Contains(err.Error(), c.SecretKey) || strings.Contains(err.Error(), "Signature=") {
				t.Errorf("%s: %v", name, err)
			}
		}
		cancel()
	}
	for _, e := range []string{"", "s3.example.com", "ftp://s3.example.com", "http://s3.example.com"} {
		if _, err := outside.NewStore(outside.StoreConfig{Endpoint: e}); err == nil {
			t.Errorf("%q was taken", e)
		}
	}
}

func second(_ []byte, err error) error { return err }

// A checkpoint by mail can be cut out of it and verified.
func TestAMailHoldsTheCheckpointAsItIs(t *testing.T) {
	var got mail.Message
	m := outside.NewMail(sender(func(x mail.Message) { got = x }), "auditor@shop.example", func(size int64, _ time.Time) outside.Words {
		return outside.Words{Subject: "Head", Text: fmt.Sprint("at ", size), Language: "en"}
	})
	must(t, m.Put(ctx, 7, at, []byte("shop/log\n7\nroot\n\n— sig\n")))
	must(t, got.Check())
	if got.To != "auditor@shop.example" || !strings.HasSuffix(got.Text, "at 7\n\nshop/log\n7\nroot\n\n— sig\n") {
		t.Errorf("sent %+v", got)
	}
	if b, err := m.Newest(ctx); b != nil || err != nil {
		t.Error("a mailbox was read")
	}
}

type sender func(mail.Message)

func (s sender) Send(_ context.Context, m mail.Message) error { s(m); return nil }

// objectStore starts a real object store on loopback, if tools/ci/deps.sh put one there.
func objectStore(t *testing.T) (outside.StoreConfig, bool) {
	t.Helper()
	bin, err := filepath.Abs("../../../tools/bin/versitygw")
	must(t, err)
	if _, err := os.Stat(bin); err != nil {
		t.Log("the object store for tests is not here; tools/ci/deps.sh installs it, and make test runs this with it")
		return outside.StoreConfig{}, false
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	address := l.Addr().String()
	must(t, l.Close())
	dir := t.TempDir()
	must(t, os.Mkdir(filepath.Join(dir, "bucket"), 0o700))
	var said bytes.Buffer
	c := exec.Command(bin, "--port", address, "--access", "test-access", "--secret", "test-secret-000", "--quiet", "posix", dir)
	c.Stdout, c.Stderr = &said, &said
	must(t, c.Start())
	t.Cleanup(func() { _ = c.Process.Kill(); _ = c.Wait() })
	limit := time.Now().Add(20 * time.Second)
	for {
		r, err := http.Get("http://" + address + "/")
		if err == nil {
			_ = r.Body.Close()
			break
		}
		if time.Now().After(limit) {
			t.Fatalf("the object store does not answer: %v", err)
		}
	}
	return outside.StoreConfig{Endpoint: "http://" + address, Region: "us-east-1", Bucket: "bucket", Prefix: "shop/log", AccessKey: "test-access",
		SecretKey: "test-secret-000"}, true
}
