// Package hash makes and checks the records of passwords.
//
// A record is a PHC string, "$argon2id$v=19$m=19456,t=2,p=1,keyid=AQ$salt$hash": algorithm, parameters and the number
// of the pepper stand in it, so that all of them can change and old records still open. What is hashed is not the
// password but its HMAC under the pepper, a key that lives in the key database: who has the data alone cannot try
// passwords at all.
//
// # The pool
//
// A hash costs tens of megabytes and milliseconds on purpose. Pool runs few at once, lets some more wait for a bounded
// time, and answers "busy, try again" beyond that, so that a flood of sign-ins takes neither the memory nor the
// processor of those who shop. Unknown names are hashed too (Waste), at the same cost and through the same queue.
package hash

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"errors"
	"runtime"
	"sync/atomic"
	"time"

	"golang.org/x/crypto/argon2"

	"strongroom/base/fault"
)

// Params are the costs of one hash.
type Params struct {
	Memory uint32 // KiB
	Passes uint32
	Lanes  uint8
}

// Default is what a store uses that is told nothing else: as much memory as a small machine has for a few at once,
// above the least that OWASP names (19 MiB, 2 passes).
func Default() Params { return Params{Memory: 32 << 10, Passes: 2, Lanes: 1} }

// Thrifty is the least that should be used.
func Thrifty() Params { return Params{Memory: 19 << 10, Passes: 2, Lanes: 1} }

// Generous is the second choice of RFC 9106, for machines with memory to spare.
func Generous() Params { return Params{Memory: 64 << 10, Passes: 3, Lanes: 4} }

// The bounds of what a record may ask for, so that a forged one cannot take the machine.
const (
	maxMemory = 1 << 20 // KiB: one gigabyte
	maxPasses = 64
	maxLanes  = 16
	saltSize  = 16
	hashSize  = 32
)

// mostGarbage is what hashes may leave behind before it is collected, in KiB.
const mostGarbage = 64 << 10

func (p Params) check() error {
	if p.Lanes < 1 || p.Lanes > maxLanes || p.Passes < 1 || p.Passes > maxPasses || p.Memory > maxMemory ||
		p.Memory < 8*uint32(p.Lanes) {
		return errors.New("hash: the parameters are out of bounds")
	}
	return nil
}

// Pepper is a keyed hash whose key stands apart from the records; version says which key. vault.MAC is one.
type Pepper func(version uint8, password []byte) []byte

// PepperVersion is the key that new records are made with.
const PepperVersion = 1

// Options say how a Pool works. The zero value of a number means its default.
type Options struct {
	Params   Params
	Pepper   Pepper
	Parallel int           // hashes at once; default a third of Go's threads, which are half as many again as processors
	Waiting  int           // how many more may wait; default 32 for each of Parallel
	Patience time.Duration // how long each may wait; default 3 s
}

// Pool makes and checks records. It is safe for use by many goroutines.
type Pool struct {
	params   Params
	pepper   Pepper
	places   chan struct{}
	waiting  atomic.Int64
	garbage  atomic.Int64 // KiB that hashes left since they were last cleared away
	most     int64
	patience time.Duration
	spare    record // checked for names that nobody has
}

// NewPool checks the options.
func NewPool(o Options) (*Pool, error) {
	if o.Params == (Params{}) {
		o.Params = Default()
	}
	if err := o.Params.check(); err != nil {
		return nil, err
	}
	if o.Pepper == nil {
		return nil, errors.New("hash: a pepper is needed")
	}
	if o.Parallel <= 0 {
		o.Parallel = max(1, runtime.GOMAXPROCS(0)/3)
	}
	if o.Waiting <= 0 {
		o.Waiting = 32 * o.Parallel
	}
	if o.Patience <= 0 {
		o.Patience = 3 * time.Second
	}
	p := &Pool{params: o.Params, pepper: o.Pepper, places: make(chan struct{}, o.Parallel), most: int64(o.Waiting), patience: o.Patience}
	p.spare = record{Params: o.Params, keyed: PepperVersion, salt: random(saltSize), hash: random(hashSize)}
	return p, nil
}

func random(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b) // crypto/rand ends the program rather than fail
	return b
}

// Make makes the record of a password, which is in the form that strength.Normal gives.
func (p *Pool) Make(ctx context.Context, password string) (string, error) {
	r := record{Params: p.params, keyed: PepperVersion, salt: random(saltSize)}
	var err error
	r.hash, err = p.compute(ctx, r, hashSize, password)
	if err != nil {
		return "", err
	}
	return r.String(), nil
}

// Check says whether the password is that of the record, and whether the record should be made anew because the costs
// or the pepper have changed since.
func (p *Pool) Check(ctx context.Context, rec, password string) (right, stale bool, err error) {
	r, err := parse(rec)
	if err != nil {
		return false, false, err
	}
	got, err := p.compute(ctx, r, len(r.hash), password)
	if err != nil {
		return false, false, err
	}
	right = subtle.ConstantTimeCompare(got, r.hash) == 1
	return right, right && (r.Params != p.params || r.keyed != PepperVersion || len(r.hash) != hashSize), nil
}

// Waste does the work of Check for a name that nobody has, or that has no password, so that nobody can tell by the
// time.
func (p *Pool) Waste(ctx context.Context, password string) error {
	_, err := p.compute(ctx, p.spare, hashSize, password)
	return err
}

// compute waits for a place and hashes.
func (p *Pool) compute(ctx context.Context, r record, size int, password string) ([]byte, error) {
	if err := p.enter(ctx); err != nil {
		return nil, err
	}
	defer func() { <-p.places }()
	defer p.clear(r.Memory)
	keyed := p.pepper(r.keyed, []byte(password))
	return argon2.IDKey(keyed, r.salt, r.Passes, r.Memory, r.Lanes, uint32(size)), nil
}

// clear has the memory of hashes collected after every few, in the place of a hash. Left to itself a collection would
// begin when the next hash takes its memory, and run beside it: on a small machine nobody else would then be served for
// ten milliseconds, and those who shop while passwords are tried would feel it.
func (p *Pool) clear(kib uint32) {
	if p.garbage.Add(int64(kib)) >= mostGarbage {
		p.garbage.Store(0)
		runtime.GC()
	}
}

// enter takes a place, or says busy.
func (p *Pool) enter(ctx context.Context) error {
	select {
	case p.places <- struct{}{}:
		return nil
	default:
	}
	defer p.waiting.Add(-1)
	if p.waiting.Add(1) > p.most {
		return p.busy()
	}
	late := time.NewTimer(p.patience)
	defer late.Stop()
	select {
	case p.places <- struct{}{}:
		return nil
	case <-late.C:
		return p.busy()
	case <-ctx.Done():
		return ctx.Err()
	}
}

// busy tells to come back after about the time that the queue takes.
func (p *Pool) busy() error {
	return fault.New(fault.Unavailable, "identity.busy").With("seconds", int(max(1, p.patience/time.Second))).
		WithHint("More sign-ins came in than the pool of password hashes can take. If this lasts and is no attack, the machine is too small.")
}
