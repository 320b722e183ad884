package letters

import (
	"strings"
	"testing"
	"time"

	"strongroom/base/config"
	"strongroom/base/lang"
	"strongroom/guard/identity"
)

// The mail about an attack says when, what the store does and what the owner can do, in the shop's language.
func TestAlarmLetter(t *testing.T) {
	texts, err := lang.Load(lang.Messages())
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 12, 1, 10, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		lang  string
		alarm identity.Alarm
		words []string
	}{
		{"en", identity.AlarmStuffing, []string{"1 December 2026", "leaked elsewhere", "None of these opens"}},
		{"de", identity.AlarmStuffing, []string{"1. Dezember 2026", "anderswo", "Passkeys"}},
		{"en", identity.AlarmPumping, []string{"short messages", "budget"}},
		{"de", identity.AlarmPumping, []string{"Kurznachrichten", "Budget"}},
	} {
		l := &Writer{Deps{Texts: texts, Shop: config.Shop{Name: "Kiln", DefaultLanguage: c.lang, OwnerEmail: "owner@example.org", Email: "shop@example.org",
			TimeZone: time.UTC, PublicURL: "https://shop.example.org"}}, newWriter()}
		m, err := l.Alarm(identity.AlarmLetter{Alarm: c.alarm, At: at.UnixMicro()})
		if err != nil || m.To != "owner@example.org" || m.Subject == "" || strings.Contains(m.Subject+m.Text, "letters.") {
			t.Errorf("%+v %v", m, err)
		}
		flat := strings.Join(strings.Fields(m.Text), " ")
		for _, w := range c.words {
			if !strings.Contains(flat, w) {
				t.Errorf("%s %s: %q is not in:\n%s", c.lang, c.alarm, w, m.Text)
			}
		}
	}
}
