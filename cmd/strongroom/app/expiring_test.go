package app

import (
	"context"
	"strings"
	"testing"
	"time"

	"strongroom/base/clock"
	"strongroom/base/db"
	"strongroom/base/db/dbtest"
	"strongroom/base/mail"
	"strongroom/guard/certificate"
)

// sent keeps what would have been mailed.
type sent struct{ mails []mail.Message }

func (s *sent) Send(_ context.Context, m mail.Message) error {
	s.mails = append(s.mails, m)
	return nil
}

// ending is a certificate from files.
type ending struct{ e certificate.Expiry }

func (e *ending) Expiries(context.Context) ([]certificate.Expiry, error) {
	return []certificate.Expiry{e.e}, nil
}

// The owner gets one mail for each threshold of a certificate that comes to its end, also of one from files, and none
// about a certificate that was replaced meanwhile.
func TestOwnerIsToldOfTheEnd(t *testing.T) {
	for _, e := range dbtest.Engines() {
		t.Run(string(e), func(t *testing.T) {
			shop, err := DemoShop("https://shop.example.org")
			if err != nil {
				t.Fatal(err)
			}
			shop.Demo = false
			box, c := &sent{}, clock.NewManual(noon)
			src := &ending{certificate.Expiry{Host: certificate.Host{Face: "shop", Name: "shop.example.org"}, From: noon.AddDate(0, 0, -80), Ends: noon.AddDate(0, 0, 20)}}
			cfg := Config{Shop: shop, Place: InFolder(t.TempDir()), Clock: c, Mail: box, Ends: src,
				Payment: Payment{SandboxURL: "https://pay.localhost:1", Account: "a", APIKey: strings.Repeat("k", 24), NoticeSecret: strings.Repeat("s", 24)}}
			if e == db.Postgres {
				cfg.Place.Data, cfg.Place.Keys = dbtest.DSN(t, e, "data"), dbtest.DSN(t, e, "keys")
			}
			s, err := Open(t.Context(), cfg)
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			if err := s.openCertificates(t.Context()); err != nil {
				t.Fatal(err)
			}
			look := func(want int) {
				t.Helper()
				for range 2 {
					if _, err := s.Jobs.RunDue(t.Context()); err != nil {
						t.Fatal(err)
					}
					c.Advance(2 * time.Hour)
				}
				if len(box.mails) != want {
					t.Errorf("%d mails, want %d", len(box.mails), want)
				}
			}
			look(1)
			if m := box.mails[0]; m.To != shop.OwnerEmail || !strings.Contains(m.Subject, "shop.example.org") || !strings.Contains(m.Text, "files") {
				t.Errorf("%+v", m)
			}
			c.Advance(14 * 24 * time.Hour)
			look(2)
			src.e.From, src.e.Ends = c.Now(), c.Now().AddDate(0, 0, 90)
			look(2)
		})
	}
}
