package identity

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base32"
	"net/url"
	"strings"
	"time"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/hotp"

	"strongroom/base/db"
	"strongroom/base/fault"
	"strongroom/base/id"
)

// The app's codes are those of RFC 6238 as every app knows them: SHA-1, six digits, thirty seconds. A code of the step
// before or after is taken too, because phones and servers disagree by some seconds (ADR 0067).
const (
	appPeriod = 30
	appSlack  = 1
	appSecret = 20 // bytes, as RFC 4226 recommends
	appWithin = 30 * time.Minute
)

// AppEnrolment is what a page shows so that an app can learn the secret. It is shown once.
type AppEnrolment struct {
	Secret string // for typing, in groups of four
	URI    string // "otpauth://...", what the code says
	QR     string // the code as an SVG element
	Until  time.Time
}

// BeginApp makes a secret for an authenticator app. It counts only once FinishApp got a code from it; until then an app
// that was enrolled before goes on working.
func (s *Service) BeginApp(ctx context.Context, sess Session, _ Visitor) (out AppEnrolment, err error) {
	defer fault.Wrap(&err, "identity: begin app")
	if err := s.mayFactor(ctx, sess); err != nil {
		return out, err
	}
	acc, err := s.Account(ctx, sess.Account)
	if err != nil {
		return out, err
	}
	address, err := s.clear(ctx, acc.Email)
	if err != nil {
		return out, err
	}
	secret := make([]byte, appSecret)
	_, _ = rand.Read(secret) // crypto/rand ends the program rather than fail
	row := appRow{id: id.New(s.now(), nil), account: acc.ID}
	if row.secret, err = s.d.Vault.SealSecret(row.label(), secret); err != nil {
		return out, err
	}
	text := base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(secret)
	out.Secret, out.URI = groups(text), appURI(s.d.Shop.Name, address, text)
	if out.QR, err = qrSVG(out.URI); err != nil {
		return AppEnrolment{}, err
	}
	out.Until = s.now().Add(appWithin)
	return out, s.write(ctx, func(tx *db.Tx) error { return putPendingApp(tx, row) })
}

// label binds a sealed secret to its row and account, so that it opens in no other place.
func (r appRow) label() string { return "identity.app." + r.id.String() + "." + r.account.String() }

// groups writes a text in groups of four.
func groups(s string) string {
	var b strings.Builder
	for i, r := range s {
		if i > 0 && i%4 == 0 {
			b.WriteByte(' ')
		}
		b.WriteRune(r)
	}
	return b.String()
}

// appURI is what apps read from the code.
func appURI(shop, address, secret string) string {
	shop = strings.ReplaceAll(shop, ":", " ") // it parts the names from each other
	q := url.Values{"secret": {secret}, "issuer": {shop}, "algorithm": {"SHA1"}, "digits": {"6"}, "period": {"30"}}
	// Apps read a plus as a plus.
	return "otpauth://totp/" + url.PathEscape(shop) + ":" + url.PathEscape(address) + "?" + strings.ReplaceAll(q.Encode(), "+", "%20")
}

// FinishApp makes the app count, when it shows the right code. An app that was enrolled before ends.
func (s *Service) FinishApp(ctx context.Context, sess Session, code string, v Visitor) (step Step, err error) {
	defer fault.Wrap(&err, "identity: finish app")
	if err := s.mayFactor(ctx, sess); err != nil {
		return step, err
	}
	acc, err := s.ownAccount(ctx, sess)
	if err != nil {
		return step, err
	}
	if err := s.takeEnrolCode(ctx, acc, AppMethod, v); err != nil {
		return step, err
	}
	err = s.write(ctx, func(tx *db.Tx) error {
		row, ok, err := appOf(tx, acc.ID, factorPending)
		if err != nil {
			return err
		}
		if !ok || tx.Now().Sub(row.made) > appWithin {
			return ErrAttempt
		}
		used, err := s.rightApp(row, code, tx.Now())
		if err != nil {
			return err
		}
		if err := activateApp(tx, row, used); err != nil {
			return err
		}
		step, err = s.enrolled(tx, sess, acc, AppMethod, "app_added", v)
		return err
	})
	return step, s.wrongEnrol(ctx, err, acc, AppMethod, v)
}

// ProveApp proves the authenticator app in an attempt.
func (s *Service) ProveApp(ctx context.Context, token id.Token, code string, v Visitor) (Step, error) {
	return s.prove(ctx, token, AppMethod, v, func(tx *db.Tx, a *attempt, acc Account) error {
		row, ok, err := appOf(tx, acc.ID, factorActive)
		if err != nil || !ok {
			return orCode(err)
		}
		used, err := s.rightApp(row, code, tx.Now())
		if err != nil {
			return err
		}
		return useApp(tx, row.id, used)
	})
}

func orCode(err error) error {
	if err == nil {
		return ErrCode
	}
	return err
}

// rightApp finds the time step whose code this is, by the store's time, among those that were not used yet. All steps
// are computed and compared, so that the time tells nothing.
func (s *Service) rightApp(row appRow, code string, now time.Time) (int64, error) {
	secret, err := s.d.Vault.OpenSecret(row.label(), row.secret)
	if err != nil {
		return 0, err
	}
	code = plainDigits(code)
	text := base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(secret)
	found := int64(0)
	at := now.Unix() / appPeriod
	for step := at - appSlack; step <= at+appSlack; step++ {
		want, err := hotp.GenerateCodeCustom(text, uint64(step), hotp.ValidateOpts{Digits: otp.DigitsSix, Algorithm: otp.AlgorithmSHA1})
		if err != nil {
			return 0, err
		}
		if subtle.ConstantTimeCompare([]byte(want), []byte(code)) == 1 && step > row.used {
			found = step
		}
	}
	if found == 0 {
		return 0, ErrCode
	}
	return found, nil
}

// plainDigits takes out what people type between digits.
func plainDigits(s string) string {
	return strings.NewReplacer(" ", "", "-", "", "\u00a0", "", "\t", "").Replace(s)
}

// RemoveApp takes the authenticator app away, unless nothing strong would be left.
func (s *Service) RemoveApp(ctx context.Context, sess Session, v Visitor) (err error) {
	defer fault.Wrap(&err, "identity: remove app")
	return s.removal(ctx, sess, AppMethod, "app_removed", v, func(e *Enrolled) { e.App = false }, dropApp)
}

// takeEnrolCode counts a try at the code of an enrolment, over all enrolments of the account.
func (s *Service) takeEnrolCode(ctx context.Context, acc Account, m Method, v Visitor) error {
	err := s.write(ctx, func(tx *db.Tx) error { return take(tx, s.mac("try.enrol", acc.ID[:])) })
	return s.slowed(ctx, err, acc, m, v)
}

// wrongEnrol writes down that a code was wrong.
func (s *Service) wrongEnrol(ctx context.Context, err error, acc Account, m Method, v Visitor) error {
	if fault.Is(err, fault.Invalid) || fault.Is(err, fault.Gone) {
		_ = s.refuse(ctx, refusal{act: "enrol", acc: acc, method: m, reason: "wrong", event: EnrolRefused{about(acc, m, "wrong")}}, v)
	}
	return err
}

// enrolled tells everybody of a factor that counts now, and gives the session its new token.
func (s *Service) enrolled(tx *db.Tx, sess Session, acc Account, m Method, what string, v Visitor) (Step, error) {
	if err := dropThrottle(tx, s.mac("try.enrol", acc.ID[:])); err != nil {
		return Step{}, err
	}
	if err := tx.Emit(MethodEnrolled{about(acc, m, "")}); err != nil {
		return Step{}, err
	}
	if err := s.changed(tx, acc, what, v); err != nil {
		return Step{}, err
	}
	return s.afterEnrol(tx, sess, acc, m, v)
}
