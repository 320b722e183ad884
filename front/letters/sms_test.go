package letters

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"strongroom/base/db/dbtest"
	"strongroom/base/job"
	"strongroom/base/lang"
	"strongroom/base/sms"
	"strongroom/base/sms/captured"
	"strongroom/guard/identity"
	"strongroom/guard/identity/identitytest"
	"strongroom/guard/vault"
)

func same(b []byte) ([]byte, error) { return b, nil }

// The codes and notices that go out: short enough for two parts, with no link but the one that stops a recovery, in the reader's language.
func TestMessages(t *testing.T) {
	texts, err := lang.Load(lang.Messages())
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range []string{"en", "de"} {
		p := texts.For(l)
		shop := strings.Repeat("x", 30)
		all := []string{p.T("identity.sms_code", "code", "123456", "shop", shop), p.T("identity.sms_enrol", "code", "123456", "shop", shop)}
		for _, what := range []string{"passkey_added", "passkey_removed", "password_set", "password_removed", "app_added", "app_removed",
			"phone_added", "phone_removed", "codes_made", "code_used", "recovery_started", "email_changed", "clone_seen", "other"} {
			all = append(all, p.T("identity.sms_notice", "shop", shop, "what", p.T("identity.sms_"+what)))
		}
		link := "https://a-shop-with-a-longer-name.example/" + l + "/account/link/" + strings.Repeat("x", 43)
		for _, what := range []string{"recovery_started", "email_changed", "other"} {
			m := sms.Message{ID: "x", To: "+491701234567", Kind: "notice", Link: link,
				Text: p.T("identity.sms_stop", "shop", shop, "what", p.T("identity.sms_"+what), "link", link)}
			if err := m.Check(); err != nil {
				t.Errorf("%s: %q: %v", l, m.Text, err)
			}
		}
		for _, text := range all {
			m := sms.Message{ID: "x", To: "+491701234567", Text: text, Kind: "code"}
			if err := m.Check(); err != nil {
				t.Errorf("%s: %q: %v", l, text, err)
			}
		}
	}
}

// stubborn fails at first, as a provider does that is away.
type stubborn struct {
	left  int
	err   error
	again []bool
	next  sms.Sender
}

func (s *stubborn) Send(ctx context.Context, m sms.Message) error {
	s.again = append(s.again, m.Again)
	if s.left--; s.left >= 0 {
		return s.err
	}
	return s.next.Send(ctx, m)
}

// A message that could not be sent is tried again with the same text, and given up when its provider refuses it.
func TestAMessageIsTriedAgain(t *testing.T) {
	out := &stubborn{left: 2, err: errors.New("away")}
	k := identitytest.New(t, dbtest.Open(t, dbtest.Engines()[0]))
	box, err := captured.Open(t.TempDir(), k.Clock, same, same)
	k.Must(err)
	texts, err := lang.Load(lang.Messages())
	k.Must(err)
	v := k.Browser()
	sess := k.Session(identity.Shopper, k.SignUpWithPasskey(v, "ada@buyer.example", k.Device()), v)
	k.Run()
	out.next = box
	q := job.New(k.Data, nil, 1) // another process, that sends
	_, err = NewSMS(SMSDeps{Identity: k.Service, Texts: texts, SMS: out, Jobs: q, Shop: k.Shop})
	k.Must(err)
	_, err = k.BeginPhone(k.Ctx, sess, vault.Typed("0170 1234567"), v)
	k.Must(err)
	for range 5 {
		if _, err := q.RunDue(k.Ctx); err != nil {
			t.Fatal(err)
		}
		k.Clock.Advance(30 * time.Second)
	}
	list := box.List()
	if len(list) != 1 || list[0].Message.To != "+491701234567" || len(out.again) != 3 || out.again[0] || !out.again[2] {
		t.Fatalf("%d messages, tries %v", len(list), out.again)
	}
	if _, err := k.FinishPhone(k.Ctx, sess, list[0].Message.Text[:6], v); err != nil {
		t.Errorf("its code: %v", err)
	}
}
