package letters

import (
	"context"
	"errors"
	"strings"

	"strongroom/base/job"
	"strongroom/base/mail"
	"strongroom/guard/pagewatch"
)

// Watched tells how the watch over the payment pages stands.
type Watched func(ctx context.Context) (pagewatch.Standing, error)

// TellOwnerOfPages has the owner told when pages around payment are not as declared, or when nobody could look.
func (l *Writer) TellOwnerOfPages(of Watched) error {
	return job.HandleRun(l.d.Jobs, pagewatch.LetterKind, job.Options{Outside: true},
		func(ctx context.Context, r job.Run, a pagewatch.Letter) error {
			st, err := of(ctx)
			if err != nil {
				return err
			}
			if !a.Blind && len(st.Open) == 0 || a.Blind && st.Blind == 0 {
				return nil // overtaken: it is as it should be again
			}
			m, err := l.DifferingPages(a, st)
			if err != nil {
				return err
			}
			m.ID, m.Kind = r.ID.String(), "pages"
			if err = l.d.Mail.Send(ctx, m); errors.Is(err, mail.ErrRefused) {
				return job.Permanent(err)
			}
			return err
		})
}

// mostTold is how many differences a mail tells one by one.
const mostTold = 12

// DifferingPages is the mail about pages around payment: what was found, what it may mean, what to do first.
func (l *Writer) DifferingPages(a pagewatch.Letter, st pagewatch.Standing) (mail.Message, error) {
	key := "pages"
	if a.Blind {
		key = "pages_blind"
	}
	t, p := l.begin(l.d.Shop.DefaultLanguage, key, "n", len(st.Open))
	t.Preview = p.T("letters."+key+".intro", "date", p.DateTime(st.Last.At.In(l.d.Shop.TimeZone)), "n", len(st.Open))
	t.para(t.Preview)
	if !a.Blind {
		for i, d := range st.Open {
			if i == mostTold {
				t.para(p.T("letters.pages.more", "n", len(st.Open)-mostTold))
				break
			}
			t.para("– " + p.T("pagewatch.what_"+d.What, "thing", p.T("pagewatch.kind_"+string(d.Kind)), "page", p.T("pagewatch.page_"+d.Page), "name", harmless(d.Name)))
		}
	}
	t.para(p.T("letters." + key + ".means"))
	t.para(p.T("letters." + key + ".do"))
	if l.d.Shop.AdminURL != "" {
		t.add(block{Kind: button, Text: p.T("letters.pages.go"), URL: l.d.Shop.AdminURL + "/safety/pages"})
	}
	return l.message(t, l.d.Shop.OwnerEmail, "")
}

// harmless is an address that no mail program makes a link of: it may be that of an attacker.
func harmless(name string) string { return strings.ReplaceAll(name, "://", "[:]//") }
