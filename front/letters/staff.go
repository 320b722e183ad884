package letters

import (
	"context"
	"errors"
	"fmt"

	"strongroom/base/fault"
	"strongroom/base/job"
	"strongroom/base/lang"
	"strongroom/base/mail"
	"strongroom/guard/staff"
)

// registerStaff has the mails about staff written here, where there is a staff.
func (l *Writer) registerStaff() error {
	if l.d.Staff == nil {
		return nil
	}
	for _, k := range staff.LetterKinds() {
		if err := job.HandleRun(l.d.Jobs, "letter.staff_"+string(k), job.Options{Outside: true}, l.sendStaff); err != nil {
			return fmt.Errorf("letters: %w", err)
		}
	}
	return nil
}

func (l *Writer) sendStaff(ctx context.Context, r job.Run, a staff.Letter) error {
	c, err := l.d.Staff.ForLetter(ctx, a)
	if fault.Is(err, fault.Gone) || fault.Is(err, fault.NotFound) {
		return nil // there is nothing to say any more
	}
	if err != nil {
		return err
	}
	m, err := l.message(l.aboutStaff(c), c.To, c.Name)
	if err != nil {
		return err
	}
	m.ID, m.Kind = r.ID.String(), "staff_"+string(c.Kind)
	if err = l.d.Mail.Send(ctx, m); errors.Is(err, mail.ErrRefused) {
		return job.Permanent(err)
	}
	return err
}

// aboutStaff writes a mail to somebody of the staff, or to the address outside.
func (l *Writer) aboutStaff(c staff.Content) letter {
	key := "staff." + string(c.Kind)
	t, p := l.begin(c.Language, key)
	t.Preview = p.T("letters."+key+".intro", "shop", l.d.Shop.Name, "who", c.About, "role", roleName(p, c), "when",
		p.DateTime(c.When.In(l.d.Shop.TimeZone)), "what", whatIsDone(p, c))
	t.para(t.Preview)
	if !c.Approval.ID.IsZero() {
		l.aboutApproval(&t, p, c)
	}
	if c.Reason != "" {
		t.add(block{Kind: quote, Text: c.Reason})
	}
	switch {
	case c.Link != "" && (c.Kind == staff.LetterAlone || c.Kind == staff.LetterLoud):
		t.button(p.T("letters.staff.alone.button"), c.Base+"/stop/"+c.Link.Clear())
	case c.Link != "":
		t.button(p.T("letters.staff.invitation.button"), c.Base+"/enter/"+c.Link.Clear())
		t.para(p.T("letters.staff.until", "until", p.DateTime(c.Until.In(l.d.Shop.TimeZone))))
	case c.Base != "":
		t.button(p.T("letters.staff.desk"), c.Base+"/")
	}
	t.para(p.T("letters." + key + ".after"))
	return t
}

// aboutApproval says what a dangerous act would do. Its numbers are those of the frozen act.
func (l *Writer) aboutApproval(t *letter, p *lang.Printer, c staff.Content) {
	rows := []row{{Label: p.T("letters.staff.act"), Value: p.T(c.Approval.Key())},
		{Label: p.T("letters.state"), Value: p.T("staff.approval_" + c.Approval.State.String())}}
	for _, k := range []string{"number", "numbers", "amount", "currency", "from", "until", "orders", "format", "accounts", "kit", "made", "before", "provider", "account"} {
		if v := c.Approval.Facts[k]; v != "" {
			rows = append(rows, row{Label: p.T("letters.staff.fact_" + k), Value: v})
		}
	}
	if c.Approval.Alone {
		rows = append(rows, row{Label: p.T("letters.staff.ready"), Value: p.DateTime(c.Approval.Ready.In(l.d.Shop.TimeZone))})
	}
	t.facts(rows...)
}

// whatIsDone names the act that was done on the console.
func whatIsDone(p *lang.Printer, c staff.Content) string {
	if c.Danger == "" {
		return ""
	}
	return p.T(c.Danger.Key())
}

func roleName(p *lang.Printer, c staff.Content) string {
	if c.RoleName != "" {
		return c.RoleName
	}
	if c.Role == "" {
		return ""
	}
	return p.T(c.Role)
}
