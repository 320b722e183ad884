package hash

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/crypto/argon2"

	"strongroom/base/fault"
)

var small = Params{Memory: 64, Passes: 1, Lanes: 1}

func peppered(key string) Pepper {
	return func(version uint8, b []byte) []byte {
		m := hmac.New(sha256.New, []byte{version})
		m.Write([]byte(key))
		m.Write(b)
		return m.Sum(nil)
	}
}

func pool(t testing.TB, o Options) *Pool {
	t.Helper()
	if o.Params == (Params{}) {
		o.Params = small
	}
	if o.Pepper == nil {
		o.Pepper = peppered("one")
	}
	p, err := NewPool(o)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// V6.2.8, V11.4.2: the record opens for the very password, whatever it is made of, and for nothing else.
func TestARecordOpensForItsPasswordOnly(t *testing.T) {
	ctx := context.Background()
	p := pool(t, Options{})
	for _, pw := range []string{"vermilion elks ride", "Vermilion elks ride", " vermilion elks ride", "", strings.Repeat("ä", 256), "a\x00b"} {
		rec, err := p.Make(ctx, pw)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasPrefix(rec, "$argon2id$v=19$m=64,t=1,p=1,keyid=AQ$") || strings.Contains(rec, "elks") {
			t.Errorf("the record is %q", rec)
		}
		if right, stale, err := p.Check(ctx, rec, pw); err != nil || !right || stale {
			t.Errorf("%.20q: %v %v %v", pw, right, stale, err)
		}
		for _, other := range []string{pw + " ", pw + "\x00", strings.ToUpper(pw) + "x", "a"} {
			if right, _, _ := p.Check(ctx, rec, other); right {
				t.Errorf("%.20q opens the record of %.20q", other, pw)
			}
		}
	}
	a, _ := p.Make(ctx, "same")
	b, _ := p.Make(ctx, "same")
	if a == b {
		t.Error("no salt")
	}
}

// NIST 800-63B-4: without the key that is kept apart, a stolen record cannot be tried.
func TestWithoutThePepperNothingOpens(t *testing.T) {
	ctx := context.Background()
	rec, err := pool(t, Options{}).Make(ctx, "vermilion elks ride")
	if err != nil {
		t.Fatal(err)
	}
	if right, _, err := pool(t, Options{Pepper: peppered("two")}).Check(ctx, rec, "vermilion elks ride"); err != nil || right {
		t.Errorf("another pepper: %v %v", right, err)
	}
	r, _ := parse(rec)
	if got := argon2.IDKey([]byte("vermilion elks ride"), r.salt, r.Passes, r.Memory, r.Lanes, 32); string(got) == string(r.hash) {
		t.Error("no pepper")
	}
	if _, err := NewPool(Options{Params: small}); err == nil {
		t.Error("a pool without a pepper")
	}
}

// The algorithm is what its name says: a known answer, computed without the pepper by RFC 9106's reference.
func TestTheAlgorithmIsArgon2id(t *testing.T) {
	// argon2 password "password", salt "somesalt", -id -t 2 -m 16 -p 1 -l 32, from the reference implementation's tests.
	got := argon2.IDKey([]byte("password"), []byte("somesalt"), 2, 64<<10, 1, 32)
	if hex.EncodeToString(got) != "09316115d5cf24ed5a15a31a3ba326e5cf32edc24702987c02b6566f61913cf7" {
		t.Errorf("%x", got)
	}
}

// A record made with other costs or under an older pepper still opens, and asks to be made anew.
func TestOldRecordsOpenAndAreMadeAnew(t *testing.T) {
	ctx := context.Background()
	old := pool(t, Options{})
	rec, _ := old.Make(ctx, "pw")
	now := pool(t, Options{Params: Params{Memory: 128, Passes: 2, Lanes: 2}})
	if right, stale, err := now.Check(ctx, rec, "pw"); err != nil || !right || !stale {
		t.Errorf("%v %v %v", right, stale, err)
	}
	if _, stale, _ := now.Check(ctx, rec, "wrong"); stale {
		t.Error("a wrong password asks for a new record")
	}
	r := record{Params: small, keyed: 7, salt: random(saltSize)}
	r.hash, _ = old.compute(ctx, r, hashSize, "pw")
	if right, stale, err := old.Check(ctx, r.String(), "pw"); err != nil || !right || !stale {
		t.Errorf("another pepper's version: %v %v %v", right, stale, err)
	}
}

// V2.4.2, V15.2.2: a flood takes neither memory nor time without bound: few run, some wait, the rest is told to come back.
func TestTheQueueIsBounded(t *testing.T) {
	var running, most atomic.Int64
	hold := make(chan struct{})
	p := pool(t, Options{Parallel: 2, Waiting: 3, Patience: time.Minute, Pepper: func(uint8, []byte) []byte {
		most.Store(max(most.Load(), running.Add(1)))
		defer running.Add(-1)
		<-hold
		return nil
	}})
	var busy, done atomic.Int64
	var all sync.WaitGroup
	for range 50 {
		all.Go(func() {
			err := p.Waste(context.Background(), "x")
			switch f := fault.As(err); {
			case err == nil:
				done.Add(1)
			case f != nil && f.Kind == fault.Unavailable && f.Key == "identity.busy" && f.Params["seconds"].(int) > 0:
				if busy.Add(1) == 45 {
					close(hold) // everybody who can be inside is
				}
			default:
				t.Errorf("%v", err)
			}
		})
	}
	all.Wait()
	if done.Load() != 5 || busy.Load() != 45 || most.Load() > 2 {
		t.Errorf("%d done, %d sent away, %d at once", done.Load(), busy.Load(), most.Load())
	}
	if err := p.Waste(context.Background(), "x"); err != nil {
		t.Errorf("afterwards: %v", err)
	}
}

func TestNobodyWaitsForever(t *testing.T) {
	hold, entered := make(chan struct{}), make(chan struct{}, 9)
	p := pool(t, Options{Parallel: 1, Waiting: 8, Patience: 5 * time.Millisecond, Pepper: func(uint8, []byte) []byte {
		entered <- struct{}{}
		<-hold
		return nil
	}})
	var first sync.WaitGroup
	first.Go(func() { _ = p.Waste(context.Background(), "x") })
	<-entered
	if err := p.Waste(context.Background(), "x"); !fault.Is(err, fault.Unavailable) {
		t.Errorf("after its patience: %v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := p.Waste(ctx, "x"); !errors.Is(err, context.Canceled) && !fault.Is(err, fault.Unavailable) {
		t.Errorf("who has gone: %v", err)
	}
	close(hold)
	first.Wait()
	if n := p.waiting.Load(); n != 0 {
		t.Errorf("%d still wait", n)
	}
}

func TestBadParametersAreRefused(t *testing.T) {
	for _, x := range []Params{{Memory: 4, Passes: 1, Lanes: 1}, {64, 0, 1}, {64, 1, 0}, {64, 65, 1}, {2 << 20, 1, 1}, {64, 1, 17}, {64, 1, 16}} {
		if _, err := NewPool(Options{Params: x, Pepper: peppered("x")}); err == nil {
			t.Errorf("%+v was taken", x)
		}
	}
	for _, p := range []Params{Default(), Thrifty(), Generous()} {
		if p.check() != nil || p.Memory < 19<<10 || p.Passes < 2 {
			t.Errorf("%+v is too little", p)
		}
	}
}

func TestForgedRecordsAreRefused(t *testing.T) {
	p := pool(t, Options{})
	good, _ := p.Make(context.Background(), "pw")
	for _, s := range []string{"", "$", good + "$", good + "=", " " + good, strings.Replace(good, "argon2id", "argon2i", 1),
		strings.Replace(good, "m=64", "m=4294967295", 1), strings.Replace(good, "m=64", "m=064", 1), strings.Replace(good, "m=64", "m=+64", 1),
		strings.Replace(good, "t=1", "t=9999", 1), strings.Replace(good, "v=19", "v=16", 1), strings.Replace(good, ",keyid=AQ", "", 1),
		strings.Replace(good, "AQ$", "AQE$", 1), strings.Replace(good, "m=64,t=1", "t=1,m=64", 1), good[:len(good)-30]} {
		if right, _, err := p.Check(context.Background(), s, "pw"); err == nil || right {
			t.Errorf("%q was taken", s)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add("$argon2id$v=19$m=64,t=1,p=1,keyid=AQ$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")
	f.Add("$argon2id$v=19$m=64,t=1,p=1$AAAA$AAAA")
	f.Add("$$$$$")
	f.Fuzz(func(t *testing.T, s string) {
		r, err := parse(s)
		if err == nil && (r.String() != s || r.check() != nil) {
			t.Errorf("%q was taken for %q", s, r)
		}
	})
}

func BenchmarkDefault(b *testing.B) {
	p := pool(b, Options{Params: Default()})
	for b.Loop() {
		_ = p.Waste(context.Background(), "vermilion elks ride")
	}
}
