// Package identitytest gives tests a store of accounts, browsers to visit it with, and passkey devices in software.
//
//	k := identitytest.New(t, pair)
//	b := k.Browser()                                // a browser with a cookie, an address and an agent
//	step := k.SignUpWithPasskey(b, "ada@example.com", k.Device()) // an account, signed in
//	mail := k.Mail(identity.LetterNewDevice)        // what would have been mailed last
package identitytest

import (
	"context"
	"net/netip"
	"sync"
	"testing"
	"time"

	"strongroom/base/config"
	"strongroom/base/db"
	"strongroom/base/db/dbtest"
	"strongroom/base/event"
	"strongroom/base/fault"
	"strongroom/base/id"
	"strongroom/base/job"
	"strongroom/guard/audit"
	"strongroom/guard/identity"
	"strongroom/guard/vault"
	"strongroom/guard/vault/vaulttest"
)

// The origins of the kit's shop and admin.
const (
	ShopOrigin  = "https://shop.example"
	AdminOrigin = "https://admin.example"
)

// Firefox and Safari are agents of two kinds of browser.
const (
	Firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0"
	Safari  = "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/19.0 Mobile/15E148 Safari/604.1"
)

// Kit is a service with everything it stands on.
type Kit struct {
	dbtest.Pair
	*identity.Service
	T     testing.TB
	Ctx   context.Context
	Vault *vault.Vault
	Audit *audit.Log
	Jobs  *job.Queue
	Shop  config.Shop

	mu     sync.Mutex
	mails  []identity.Content
	sms    []identity.SMSContent
	alarms []identity.Alarm
	events map[string]int
	next   byte
}

// New makes a kit over the databases. edit may change what the service is made of.
func New(t testing.TB, p dbtest.Pair, edit ...func(*identity.Deps)) *Kit {
	t.Helper()
	k := &Kit{Pair: p, T: t, Ctx: context.Background(), events: map[string]int{}}
	k.Vault = vaulttest.New(t, p)
	k.Audit = audit.New(audit.Deps{DB: p.Data, Vault: k.Vault})
	t.Cleanup(func() { _ = k.Audit.Close() })
	k.Shop = config.Shop{Name: "Kiln & Orchard", Languages: []string{"en", "de"}, DefaultLanguage: "en", TimeZone: time.UTC,
		Currency: "EUR", PublicURL: ShopOrigin, AdminURL: AdminOrigin, Email: "shop@shop.example"}
	k.Restart(edit...)
	return k
}

// Restart makes the service anew over the same databases, as a process that was started again.
func (k *Kit) Restart(edit ...func(*identity.Deps)) {
	k.T.Helper()
	k.Jobs = job.New(k.Data, nil, 4)
	bus := event.NewBus(k.Data, k.Jobs)
	d := identity.Deps{DB: k.Data, Vault: k.Vault, Audit: k.Audit, Jobs: k.Jobs, Events: bus, Shop: k.Shop, Even: -1}
	furnish(k, &d)
	for _, f := range edit {
		f(&d)
	}
	var err error
	k.Service, err = identity.New(d)
	k.Must(err)
	for _, kind := range identity.LetterKinds() {
		k.Must(job.Handle(k.Jobs, kind.Job(), job.Options{}, k.post))
	}
	k.hearSMS()
	k.Must(job.Handle(k.Jobs, identity.AlarmJob, job.Options{}, k.alarmed))
	k.hearAll(bus)
}

func (k *Kit) post(ctx context.Context, l identity.Letter) error {
	c, err := k.ForLetter(ctx, l)
	if fault.Is(err, fault.Gone) {
		return nil
	}
	if err != nil {
		return err
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.mails = append(k.mails, c)
	return nil
}

func (k *Kit) alarmed(_ context.Context, a identity.AlarmLetter) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.alarms = append(k.alarms, a.Alarm)
	return nil
}

// Alarms runs the jobs and gives what the shop's owner was told of.
func (k *Kit) Alarms() []identity.Alarm {
	k.T.Helper()
	k.Run()
	k.mu.Lock()
	defer k.mu.Unlock()
	return append([]identity.Alarm(nil), k.alarms...)
}

// Run runs the jobs that are due.
func (k *Kit) Run() {
	k.T.Helper()
	for range 10 {
		n, err := k.Jobs.RunDue(k.Ctx)
		if err != nil {
			k.T.Fatal(err)
		}
		if n == 0 {
			return
		}
	}
}

// Mails runs the jobs and gives all mails of a kind, the newest last.
func (k *Kit) Mails(kind identity.LetterKind) (out []identity.Content) {
	k.T.Helper()
	k.Run()
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, c := range k.mails {
		if c.Kind == kind {
			out = append(out, c)
		}
	}
	return out
}

// Mail is the newest mail of a kind; the test ends if there is none.
func (k *Kit) Mail(kind identity.LetterKind) identity.Content {
	k.T.Helper()
	list := k.Mails(kind)
	if len(list) == 0 {
		k.T.Fatalf("no mail %q was sent", kind)
	}
	return list[len(list)-1]
}

// All is how many mails were sent.
func (k *Kit) All() int {
	k.Run()
	k.mu.Lock()
	defer k.mu.Unlock()
	return len(k.mails)
}

// Heard is how often an event was told.
func (k *Kit) Heard(name string) int {
	k.T.Helper()
	k.Run()
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.events[name]
}

func hear[E event.Event](k *Kit, b *event.Bus) {
	err := event.On(b, "test", func(_ context.Context, e E) error {
		k.mu.Lock()
		defer k.mu.Unlock()
		k.events[e.EventName()]++
		return nil
	})
	if err != nil {
		k.T.Fatal(err)
	}
}

func (k *Kit) hearAll(b *event.Bus) {
	hear[identity.SignedIn](k, b)
	hear[identity.SignInRefused](k, b)
	hear[identity.SessionEnded](k, b)
	hear[identity.SessionRefused](k, b)
	hear[identity.SteppedUp](k, b)
	hear[identity.StepUpRefused](k, b)
	hear[identity.MethodEnrolled](k, b)
	hear[identity.EnrolRefused](k, b)
	hear[identity.MethodRemoved](k, b)
	hear[identity.RemoveRefused](k, b)
	hear[identity.Confirmed](k, b)
	hear[identity.ConfirmRefused](k, b)
	hear[identity.LinkAsked](k, b)
	hear[identity.LinkRefused](k, b)
	hear[identity.RecoveryStarted](k, b)
	hear[identity.RecoveryRefused](k, b)
	hear[identity.RecoveryEnded](k, b)
	hear[identity.RecoveryCancelled](k, b)
	hear[identity.EmailChanged](k, b)
	hear[identity.EmailRefused](k, b)
	hear[identity.CloneSeen](k, b)
	hear[identity.NotMe](k, b)
	hear[identity.NewDevice](k, b)
	hear[identity.AccountClosed](k, b)
	hear[identity.SMSAsked](k, b)
	hear[identity.SMSRefused](k, b)
	hear[identity.AlarmRaised](k, b)
}

// Browser is a fresh browser in a network of its own.
func (k *Kit) Browser() identity.Visitor {
	k.next++
	return identity.Visitor{Browser: id.NewToken(), Origin: netip.AddrFrom4([4]byte{198, 51, k.next, 7}), Agent: Firefox, Language: "en"}
}

// Device is a passkey device in a browser that shows the shop.
func (k *Kit) Device() *Authenticator { return NewAuthenticator(ShopOrigin) }

// Must ends the test on an error.
func (k *Kit) Must(err error) {
	k.T.Helper()
	if err != nil {
		k.T.Fatal(err)
	}
}

// Session checks a step's session and ends the test if it is none.
func (k *Kit) Session(r identity.Realm, s identity.Step, v identity.Visitor) identity.Session {
	k.T.Helper()
	sess, _, err := k.Check(k.Ctx, r, s.Session, v)
	k.Must(err)
	return sess
}

// SignUp makes an account of a shopper without any way of signing in but the mailbox, and returns the enrolling session.
func (k *Kit) SignUp(v identity.Visitor, email string) identity.Step {
	k.T.Helper()
	_, err := k.Service.SignUp(k.Ctx, vault.Typed(email), v)
	k.Must(err)
	step, err := k.SpendLink(k.Ctx, k.Mail(identity.LetterAccount).Link, "", v)
	k.Must(err)
	return step
}

// SignUpWithPasskey makes an account of a shopper with a passkey, signed in.
func (k *Kit) SignUpWithPasskey(v identity.Visitor, email string, a *Authenticator) identity.Step {
	k.T.Helper()
	step := k.SignUp(v, email)
	return k.Enrol(k.Session(identity.Shopper, step, v), v, a)
}

// Enrol adds a passkey to the session's account.
func (k *Kit) Enrol(sess identity.Session, v identity.Visitor, a *Authenticator) identity.Step {
	k.T.Helper()
	c, err := k.BeginEnrol(k.Ctx, sess, v)
	k.Must(err)
	answer, err := a.Create(c.Options)
	k.Must(err)
	step, err := k.FinishEnrol(k.Ctx, sess, c.Token, "my key", answer, v)
	k.Must(err)
	return step
}

// SignIn tries to sign in with a passkey.
func (k *Kit) SignIn(r identity.Realm, v identity.Visitor, a *Authenticator) (identity.Step, error) {
	k.T.Helper()
	c, err := k.BeginPasskey(k.Ctx, r, v)
	k.Must(err)
	answer, err := a.Get(c.Options)
	k.Must(err)
	return k.FinishPasskey(k.Ctx, r, c.Token, answer, v)
}

// StepUp proves a passkey anew and returns the renewed session.
func (k *Kit) StepUp(sess identity.Session, v identity.Visitor, a *Authenticator) (identity.Step, error) {
	k.T.Helper()
	step, err := k.BeginStepUp(k.Ctx, sess, v)
	if err != nil {
		return step, err
	}
	c, err := k.BeginFactorPasskey(k.Ctx, step.Attempt, v)
	if err != nil {
		return step, err
	}
	answer, err := a.Get(c.Options)
	k.Must(err)
	return k.FinishFactorPasskey(k.Ctx, step.Attempt, c.Token, answer, v)
}

// Staff makes a staff account that counts, without any way of signing in.
func (k *Kit) Staff(email string) id.ID {
	k.T.Helper()
	p, err := k.PrepareAccount(k.Ctx, identity.Staff, vault.Typed(email), "en")
	k.Must(err)
	k.Must(k.Data.Write(k.Ctx, func(tx *db.Tx) error { return k.InsertAccount(tx, p) }))
	k.Must(k.Indexed(k.Ctx, p))
	return p.Account
}
