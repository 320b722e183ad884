package stripe

import "slices"

// book is all that one account has in one mode.
type book struct {
	account   Account
	live      bool
	sessions  []*session
	intents   map[string]*intent
	charges   []*charge
	refunds   []*refund
	disputes  []*dispute
	lines     []*line
	payouts   []*payout
	endpoints []*endpoint
	answers   map[string]kept
	paidOut   int // lines that have left
}

func newBook(a Account, live bool) *book {
	return &book{account: a, live: live, intents: map[string]*intent{}, answers: map[string]kept{}}
}

func (b *book) mode() string {
	if b.live {
		return "live"
	}
	return "test"
}

type session struct {
	id, url                        string
	made, expires                  int64
	amount                         int64
	currency, reference            string
	success, cancel, locale, title string
	methods                        []string
	status, paid                   string // open, complete, expired; unpaid, paid
	intent                         *intent
	manual, secure                 bool
	description                    string
	meta, intentMeta               map[string]string
	plan                           *plan
}

// plan is what happens later.
type plan struct {
	at      int64
	succeed bool
}

type intent struct {
	id, status, currency, description, method, reason string
	made, amount, received, capturable, canceled      int64
	manual                                            bool
	meta                                              map[string]string
	latest                                            *charge
	failed                                            *charge // the newest attempt that was declined, until one succeeds
	session                                           *session
}

type charge struct {
	id, status, currency, method, country, postcode string
	made, amount, captured, refunded                int64
	secured, disputed                               bool
	intent                                          *intent
	line                                            *line
	refunds                                         []*refund
	description                                     string
	meta                                            map[string]string
}

type refund struct {
	id, status string
	made       int64
	amount     int64
	charge     *charge
	line       *line
	meta       map[string]string
}

type dispute struct {
	id, status, reason string
	made, amount, due  int64
	charge             *charge
	lines              []*line
	evidence           map[string]string
	submitted          int64
	meta               map[string]string
}

// line is one line of the balance.
type line struct {
	id, kind, category, currency, text string
	made, amount, fee                  int64
	source                             item
}

type payout struct {
	id       string
	made     int64
	amount   int64
	currency string
	line     *line
}

type endpoint struct {
	id, url, secret, version, text string
	made                           int64
	events                         []string
	meta                           map[string]string
}

func (s *session) name() string  { return s.id }
func (s *session) at() int64     { return s.made }
func (c *charge) name() string   { return c.id }
func (c *charge) at() int64      { return c.made }
func (r *refund) name() string   { return r.id }
func (r *refund) at() int64      { return r.made }
func (d *dispute) name() string  { return d.id }
func (d *dispute) at() int64     { return d.made }
func (l *line) name() string     { return l.id }
func (l *line) at() int64        { return l.made }
func (p *payout) name() string   { return p.id }
func (p *payout) at() int64      { return p.made }
func (e *endpoint) name() string { return e.id }
func (e *endpoint) at() int64    { return e.made }

// lookUp finds something by its name.
func lookUp[T item](all []T, id string) (v T, ok bool) {
	i := slices.IndexFunc(all, func(v T) bool { return v.name() == id })
	if i < 0 {
		return v, false
	}
	return all[i], true
}

// enter writes a line of the balance.
func (s *Server) enter(b *book, l *line) *line {
	l.id, l.made = "txn_"+random(12), s.now()
	b.lines = append(b.lines, l)
	return l
}

// feeOf is what a card payment costs: 1.5 % and a quarter.
func feeOf(amount int64) int64 { return amount*15/1000 + 25 }
