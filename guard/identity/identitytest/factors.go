package identitytest

import (
	"context"
	"encoding/base32"
	"net/netip"
	"strings"
	"time"

	"github.com/pquerna/otp/totp"

	"strongroom/base/fault"
	"strongroom/base/id"
	"strongroom/base/job"
	"strongroom/guard/identity"
	"strongroom/guard/identity/hash"
	"strongroom/guard/identity/strength"
	"strongroom/guard/vault"
)

// Cheap are costs of a hash that tests can pay many of.
var Cheap = hash.Params{Memory: 64, Passes: 1, Lanes: 1}

// Password is one that may stand alone, and Other another one.
const (
	Password = "vermilion elks ride quietly"
	Other    = "seventeen lamps and a bicycle"
)

// furnish adds what passwords and phones need: cheap hashes, the shipped list, and phones of three countries.
func furnish(k *Kit, d *identity.Deps) {
	k.T.Helper()
	var err error
	d.Hash, err = hash.NewPool(hash.Options{Params: Cheap, Pepper: Pepper(k.Vault), Waiting: 1000, Patience: time.Minute})
	k.Must(err)
	d.Strength, err = strength.New(strength.Options{Words: []string{k.Shop.Name}})
	k.Must(err)
	d.Phones = identity.PhoneRules{On: true, Home: "DE", Countries: []string{"DE", "AT", "FR"}}
}

// Pepper is the vault's keyed hash, as the store wires it.
func Pepper(v *vault.Vault) hash.Pepper {
	return func(version uint8, b []byte) []byte {
		return v.MAC("identity.pepper."+string(rune('0'+version)), b)
	}
}

// hearSMS keeps the messages that would be sent.
func (k *Kit) hearSMS() {
	k.T.Helper()
	k.Must(job.Handle(k.Jobs, identity.SMSJob, job.Options{}, func(ctx context.Context, m identity.SMS) error {
		c, err := k.ForSMS(ctx, m)
		if fault.Is(err, fault.Gone) {
			return nil
		}
		if err != nil {
			return err
		}
		k.mu.Lock()
		defer k.mu.Unlock()
		k.sms = append(k.sms, c)
		return nil
	}))
}

// Messages runs the jobs and gives all short messages, the newest last.
func (k *Kit) Messages() []identity.SMSContent {
	k.T.Helper()
	k.Run()
	k.mu.Lock()
	defer k.mu.Unlock()
	return append([]identity.SMSContent(nil), k.sms...)
}

// PhoneCode is the code of the newest message that has one.
func (k *Kit) PhoneCode() string {
	k.T.Helper()
	list := k.Messages()
	for i := len(list) - 1; i >= 0; i-- {
		if list[i].Code != "" {
			return list[i].Code
		}
	}
	k.T.Fatal("no code was sent")
	return ""
}

// SetPassword sets the first password of a session's account.
func (k *Kit) SetPassword(sess identity.Session, password string, v identity.Visitor) identity.Step {
	k.T.Helper()
	step, err := k.Service.SetPassword(k.Ctx, sess, identity.NewPassword{Next: password}, v)
	k.Must(err)
	return step
}

// SignUpWithPassword makes an account of a shopper with a password, signed in.
func (k *Kit) SignUpWithPassword(v identity.Visitor, email, password string) identity.Step {
	k.T.Helper()
	step := k.SignUp(v, email)
	return k.SetPassword(k.Session(identity.Shopper, step, v), password, v)
}

// App is an authenticator app.
type App struct {
	k      *Kit
	secret string
}

// EnrolApp adds an authenticator app to the session's account.
func (k *Kit) EnrolApp(sess identity.Session, v identity.Visitor) (*App, identity.Step) {
	k.T.Helper()
	e, err := k.BeginApp(k.Ctx, sess, v)
	k.Must(err)
	a := &App{k, strings.ReplaceAll(e.Secret, " ", "")}
	if b, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(a.secret); err != nil || len(b) != 20 {
		k.T.Fatalf("the secret is %q", e.Secret)
	}
	step, err := k.FinishApp(k.Ctx, sess, a.Code(), v)
	k.Must(err)
	return a, step
}

// Code is what the app shows now.
func (a *App) Code() string {
	a.k.T.Helper()
	return a.At(a.k.Clock.Now())
}

// At is what the app shows at a moment.
func (a *App) At(t time.Time) string {
	a.k.T.Helper()
	code, err := totp.GenerateCode(a.secret, t)
	a.k.Must(err)
	return code
}

// EnrolPhone adds a phone to the session's account.
func (k *Kit) EnrolPhone(sess identity.Session, number string, v identity.Visitor) identity.Step {
	k.T.Helper()
	_, err := k.BeginPhone(k.Ctx, sess, vault.Typed(number), v)
	k.Must(err)
	step, err := k.FinishPhone(k.Ctx, sess, k.PhoneCode(), v)
	k.Must(err)
	return step
}

// Pass tries to sign in by password.
func (k *Kit) Pass(v identity.Visitor, email, password string) (identity.Step, error) {
	k.T.Helper()
	return k.Service.Password(k.Ctx, identity.Shopper, vault.Typed(email), password, v)
}

// Elsewhere is a fresh browser at a given address.
func Elsewhere(a netip.Addr) identity.Visitor {
	return identity.Visitor{Browser: id.NewToken(), Origin: a, Agent: Firefox, Language: "en"}
}

// Again is the same store started anew, over the same databases; edit may change what it is made of.
func Again(k *Kit, edit func(*identity.Deps)) *identity.Service {
	k.T.Helper()
	d := identity.Deps{DB: k.Data, Vault: k.Vault, Audit: k.Audit, Jobs: job.New(k.Data, nil, 1), Shop: k.Shop}
	furnish(k, &d)
	if edit != nil {
		edit(&d)
	}
	s, err := identity.New(d)
	k.Must(err)
	return s
}
