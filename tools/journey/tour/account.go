package tour

import (
	"context"
	"crypto/rand"
	"fmt"
	"math/big"
	"strings"
	"time"

	"github.com/pquerna/otp/totp"
)

// Passphrase is a password that is long enough to stand alone.
const Passphrase = "seven lamps over a quiet harbour"

// Account walks through the pages of an account, from the door to the last room, and stops at each.
func Account(g *Guide, email, password string, stop Stop) {
	g.Fail.Helper()
	door(g, email, password, stop)
	rooms(g, stop)
	g.Goto(g.To("/account/email"))
	g.Fill("#f-email", "new-"+email)
	g.Press("account.email_change")
	stop("account-email-waits")
	g.Goto(g.To("/account/words"))
	g.Fill("#f-words", "the blue bicycle in the yard")
	g.Press("account.words_set")
	stop("account-words-set")
	g.Goto(g.To("/account/codes"))
	g.Press("account.codes_make")
	codes := g.Texts(".codes li")
	stop("account-codes-new")
	g.Goto(g.To("/account/password"))
	if g.Scripts() {
		g.Fill("#f-password", "two geese and a violin")
		g.Wait("advice", `document.querySelector(".weigh.fits") !== null`)
		stop("account-password-weighed")
	}
	g.Fill("#f-current", password)
	g.Fill("#f-password", "password")
	g.Press("account.password_set")
	stop("account-password-refused")
	phone(g, stop)
	g.Goto(g.To("/account/app"))
	g.Press("account.app_begin")
	stop("account-app-scan")
	g.Fill("#f-code", AppCode(g.Text(".secret"), 0))
	g.Press("account.app_confirm")
	stop("account-app")
	g.Goto(g.To("/account/activity"))
	stop("account-activity")
	g.Goto(g.To("/account/methods"))
	stop("account-methods-all")
	back(g, email, codes, stop)
}

// door walks from the sign-in page to the first look into the account.
func door(g *Guide, email, password string, stop Stop) {
	g.Fail.Helper()
	g.Goto(g.To("/account/sign-in"))
	stop("account-sign-in")
	g.Press("account.sign_in_go")
	stop("account-sign-in-problem")
	g.Goto(g.To("/account/recover"))
	stop("account-recover")
	g.Goto(g.To("/account/sign-up"))
	stop("account-sign-up")
	g.Fill("#f-email", email)
	g.Press("account.sign_up_go")
	stop("account-wait")
	g.Goto(g.Mail(email, "letters.identity.account.subject").Links("/account/link/")[0])
	stop("account-link")
	g.Press("account.link_account_go")
	stop("account-begin")
	g.Fill("#f-password", password)
	g.Press("account.password_set")
	stop("account-overview")
	g.Goto(g.To("/account/prove?to=passkeys"))
	stop("account-prove")
	g.Fill("#f-proof-password", password)
	g.Press("account.proof_go")
	stop("account-passkeys")
}

// rooms are the pages behind the door as they are at first.
func rooms(g *Guide, stop Stop) {
	g.Fail.Helper()
	for _, room := range []string{"check", "methods", "password", "app", "phone", "codes", "devices", "words", "email", "recovery"} {
		g.Goto(g.To("/account/" + room))
		stop("account-" + room)
	}
}

// phone walks through what is said while a mobile phone is added.
func phone(g *Guide, stop Stop) {
	g.Fail.Helper()
	number := Mobile()
	g.Goto(g.To("/account/phone"))
	g.Fill("#f-phone", "+86 138 0013 8000")
	g.Press("account.phone_begin")
	stop("account-phone-country")
	g.Fill("#f-phone", number)
	g.Press("account.phone_begin")
	stop("account-phone-code")
	g.Fill("#f-code", g.SMSCode(number, ""))
	g.Press("account.phone_confirm")
	stop("account-phone-on")
}

// back walks out and in again, with the second proof, and asks for the account to be given back.
func back(g *Guide, email string, codes []string, stop Stop) {
	g.Fail.Helper()
	g.Press("account.sign_out")
	g.Fill("#f-email", email)
	g.Fill("#f-password", Passphrase)
	g.Press("account.sign_in_go")
	stop("account-factor")
	g.Goto(g.To("/account/recover"))
	g.Fill("#f-email", email)
	g.Press("account.recover_go")
	g.Goto(g.Mail(email, "letters.identity.recovery.subject").Links("/account/link/")[0])
	g.Press("account.link_recovery_go")
	stop("account-factor-recovery")
	g.Fill("#f-proof-code", codes[0])
	g.Follow(`form:has(#f-proof-code) button`)
	stop("account-recovery-begun")
	g.Goto(g.To("/account/sign-in"))
	g.Fill("#f-email", email)
	g.Fill("#f-password", Passphrase)
	g.Press("account.sign_in_go")
	g.Fill("#f-proof-code", codes[1])
	g.Follow(`form:has(#f-proof-code) button`)
	stop("account-overview-recovery")
	g.Goto(g.To("/account/recovery"))
	stop("account-recovery-runs")
	g.Goto(g.To("/account/check"))
	stop("account-check-alarm")
}

// Mobile is a mobile number that nobody else has.
func Mobile() string {
	n, err := rand.Int(rand.Reader, big.NewInt(100_000_000))
	if err != nil {
		panic(err)
	}
	return fmt.Sprintf("+4917%08d", n.Int64())
}

// AppCode is what an authenticator app shows that learned the secret, so many steps of half a minute from now.
func AppCode(secret string, steps int) string {
	code, err := totp.GenerateCode(strings.ReplaceAll(secret, " ", ""), time.Now().Add(time.Duration(steps)*30*time.Second))
	if err != nil {
		panic(err)
	}
	return code
}

// SMSCode waits for a short message with a code that is not the one before.
func (g *Guide) SMSCode(number, before string) string {
	g.Fail.Helper()
	code, err := g.Demo.SMSCode(context.Background(), number, before, time.Minute)
	if err != nil {
		g.Fail.Fatalf("%v", err)
	}
	return code
}
