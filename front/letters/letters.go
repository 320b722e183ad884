// Package letters writes the mails of the store at the moment they are sent.
//
// A mail is a job whose arguments are ids. Its handler reads the order, asks the vault for the name and address in the
// name of the job, makes the link, and hands the message to the sender. So no mail lies anywhere in clear, a mail says
// what is true when it goes out, and the token of a link exists outside its mail only as a hash.
//
// Each mail is a list of blocks that is written out twice, as HTML and as text, so that both say the same. The HTML
// loads nothing from anywhere and reads well by day and by night. The confirmation is the durable record that the law
// asks for: terms, withdrawal notice with the model form, legal guarantee and imprint stand in it in full.
package letters

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"

	"strongroom/base/config"
	"strongroom/base/fault"
	"strongroom/base/id"
	"strongroom/base/job"
	"strongroom/base/lang"
	"strongroom/base/mail"
	"strongroom/guard/identity"
	"strongroom/guard/staff"
	"strongroom/shop/fraud"
	"strongroom/shop/order"
	"strongroom/shop/payment"
	"strongroom/shop/payment/offline"
	"strongroom/shop/payment/setup"
	"strongroom/shop/post"
)

// Pages are the pages of the shop in Markdown, by name: "terms" and "withdrawal". Both the program's own pages and
// those that the shopkeeper wrote fulfil it. Empty means that there is no such page.
type Pages interface {
	Markdown(lang, name string) string
}

// Words are a person's own words, which stand in every mail to her so that she tells ours from those of forgers. They
// are asked for by the address that the mail goes to, and by nothing else: whoever had an order tied to somebody's
// account and then sent its mails elsewhere must not read them there. false means that nobody with that address has
// chosen any.
type Words interface {
	Words(ctx context.Context, to string) (string, bool)
}

// Deps are what the letters stand on.
type Deps struct {
	Orders   *order.Service
	Identity *identity.Service
	Staff    *staff.Service
	Texts    *lang.Catalog
	Pages    Pages
	Mail     mail.Sender
	Jobs     *job.Queue
	Post     *post.Service                                                                // nil: bounces are not seen
	Words    Words                                                                        // nil: nobody has any
	Transfer func(ctx context.Context, payment id.ID) (offline.Instructions, bool, error) // nil: nobody pays by transfer or at pick-up
	Money    *payment.Service                                                             // nil: nobody is told of disputes
	Shop     config.Shop
	Log      *slog.Logger
	// LinkPath is where the mailed link leads, with {lang} and {token}; WithdrawPath the withdrawal function.
	LinkPath, WithdrawPath string
}

// Writer writes and sends letters.
type Writer struct {
	d Deps
	w *writer
}

// New makes the writer and registers the jobs of all mails.
func New(d Deps) (*Writer, error) {
	if d.LinkPath == "" {
		d.LinkPath = "/{lang}/order/open/{token}"
	}
	if d.WithdrawPath == "" {
		d.WithdrawPath = "/{lang}/withdraw"
	}
	l := &Writer{d, newWriter()}
	err := errors.Join(l.registerIdentity(), l.registerStaff(),
		job.HandleRun(d.Jobs, identity.AlarmJob, job.Options{Outside: true}, l.sendAlarm),
		job.HandleRun(d.Jobs, fraud.AlarmJob, job.Options{Outside: true}, l.sendStrict),
		job.HandleRun(d.Jobs, setup.LetterJob, job.Options{Outside: true}, l.sendProvider))
	if err != nil {
		return nil, err
	}
	for _, k := range order.LetterKinds() {
		err := job.HandleRun(d.Jobs, "letter."+string(k), job.Options{Outside: true}, l.send)
		if err != nil {
			return nil, fmt.Errorf("letters: %w", err)
		}
	}
	if d.Money != nil {
		if err := job.HandleRun(d.Jobs, payment.LetterJob, job.Options{Outside: true}, l.sendMoney); err != nil {
			return nil, err
		}
	}
	if d.Post == nil {
		return l, nil
	}
	return l, job.HandleRun(d.Jobs, post.OwnerLetter, job.Options{Outside: true}, l.sendBounce)
}

// send is the handler of every mail. The job's id is the mail's, so that a repeated try is the same mail.
func (l *Writer) send(ctx context.Context, r job.Run, a order.Letter) error {
	m, to, err := l.write(ctx, a)
	if fault.Is(err, fault.Gone) || fault.Is(err, fault.NotFound) {
		return nil // overtaken: a newer link is on its way, or the order is erased
	}
	if err != nil {
		return err
	}
	m.ID, m.Kind = r.ID.String(), string(a.Kind)
	return l.post(ctx, m, to)
}

// about says whom a mail goes to: what it is about, and whose keys seal the address. Mails to the owner have neither.
type about struct{ object, subject id.ID }

// post hands a mail on, and has noted what is refused. An address at which nobody is gets no mail.
func (l *Writer) post(ctx context.Context, m mail.Message, to about) error {
	letter := post.Letter{Object: to.object, Kind: m.Kind}
	if l.d.Post != nil && !to.object.IsZero() {
		stopped, err := l.d.Post.Stopped(ctx, to.subject, m.To)
		if err != nil || stopped {
			return err
		}
		m.Return = l.d.Post.Return(letter)
	}
	err := l.d.Mail.Send(ctx, m)
	if !errors.Is(err, mail.ErrRefused) {
		return err
	}
	var r *mail.Refusal
	if l.d.Post == nil || to.object.IsZero() || !errors.As(err, &r) || r.Stage == "from" {
		return job.Permanent(err)
	}
	if rerr := l.d.Post.Refused(ctx, letter, m.To, r); rerr != nil {
		return rerr
	}
	if r.Nobody() {
		return nil // the bounce says all, and trying again would not help
	}
	return job.Permanent(err)
}

// Write makes the message of a letter as it would be sent now.
func (l *Writer) Write(ctx context.Context, a order.Letter) (mail.Message, error) {
	m, _, err := l.write(ctx, a)
	return m, err
}

func (l *Writer) write(ctx context.Context, a order.Letter) (m mail.Message, to about, err error) {
	defer fault.Wrap(&err, "letters: %s", a.Kind)
	if !a.Withdrawal.IsZero() {
		return l.aboutWithdrawal(ctx, a)
	}
	c, err := l.d.Orders.ForLetter(ctx, a)
	if err != nil {
		return m, to, err
	}
	if a.Kind == order.LetterOwnerOrder {
		m, err = l.message(l.ownerOrder(c), l.d.Shop.OwnerEmail, "")
		return m, to, err
	}
	if a.Kind == order.LetterOwnerHold {
		m, err = l.message(l.ownerHold(c), l.d.Shop.OwnerEmail, "")
		return m, to, err
	}
	t, err := l.aboutOrder(ctx, a, c)
	if err != nil {
		return m, to, err
	}
	l.own(ctx, &t, c.Details.Email)
	m, err = l.message(t, c.Details.Email, c.Details.Delivery.Name)
	return m, about{c.ID, c.Subject}, err
}

// own puts the reader's own words on top.
func (l *Writer) own(ctx context.Context, t *letter, to string) {
	if l.d.Words == nil || to == "" {
		return
	}
	if words, ok := l.d.Words.Words(ctx, to); ok && words != "" {
		t.Words = l.d.Texts.For(t.Lang).T("letters.words", "words", oneLine(words, 100))
	}
}

func (l *Writer) message(t letter, to, name string) (mail.Message, error) {
	html, text, err := l.w.write(t)
	if err != nil {
		return mail.Message{}, err
	}
	return mail.Message{To: to, ToName: oneLine(name, 100), ReplyTo: l.d.Shop.Email, Subject: t.Subject, Text: text,
		HTML: html, Language: t.Lang}, nil
}

// begin makes a letter with what all have: shop, imprint and the warning of a shop in test mode.
func (l *Writer) begin(code, key string, params ...any) (letter, *lang.Printer) {
	p := l.d.Texts.For(code)
	params = append(params, "shop", l.d.Shop.Name)
	t := letter{Lang: p.Code(), Shop: l.d.Shop.Name, Home: l.d.Shop.URL("/" + p.Code() + "/"),
		Subject: oneLine(p.T("letters."+key+".subject", params...), 200), Title: p.T("letters."+key+".title", params...),
		Footer: l.imprint(p)}
	if l.d.Shop.TestMode {
		t.Test = p.T("letters.test")
	}
	return t, p
}

// imprintKeys name the lines of the imprint in their order.
var imprintKeys = [...]string{"represented", "register", "vat", "email", "phone"}

// imprint says who writes.
func (l *Writer) imprint(p *lang.Printer) []string {
	s := l.d.Shop
	lines := append([]string{s.LegalName}, s.Address...)
	lines = append(lines, p.Country(s.Country))
	for key, x := range []string{s.RepresentedBy, s.Register, s.VATID, s.Email, s.Phone} {
		if x != "" {
			lines = append(lines, p.T("letters.imprint."+imprintKeys[key], "value", x))
		}
	}
	return lines
}

// path fills in an address of the shop.
func (l *Writer) path(pattern, code string, token id.Token) string {
	return l.d.Shop.URL(strings.NewReplacer("{lang}", code, "{token}", token.Clear()).Replace(pattern))
}
