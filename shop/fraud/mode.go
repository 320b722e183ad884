package fraud

import (
	"context"
	"encoding/hex"
	"math"
	"time"

	"strongroom/base/db"
	"strongroom/base/fault"
	"strongroom/base/id"
	"strongroom/base/job"
	"strongroom/guard/access"
	"strongroom/guard/audit"
)

// What an honest crowd looks like: of a hundred newcomers ten end with a declined card, a bad day has three deviations
// more, and a few always come together. Strict times begin above that.
const (
	usual      = 0.10
	deviations = 3.0
	lookBack   = time.Hour
	lookAt     = 1000 // sessions at most
)

// Times and counts of strict times.
const (
	leastStrict = 20 * time.Minute // that nothing happened, before they end
	fewBad      = 3                // declined sessions in that time that still count as nothing
	fewStopped  = 10               // newcomers who were stopped in that time and did not pay, or half as many again as usually come
	baseline    = 24 * time.Hour   // that says how many usually come
	firstPause  = 10 * time.Minute // until newcomers get another session
	lastPause   = 4 * time.Hour
	quarters    = 4              // the budget is counted in quarters of a session
	earned      = 5              // quarters that a paid session gives back: its own, and one more
	earnedTrust = 8              // the same of somebody for whom something speaks
	lostTrust   = 12             // quarters that a declined session of such a one costs beside its own
	firstTrust  = 4              // sessions for such ones when strict times begin
	mostBudget  = 40             // sessions
	spare       = 3              // sessions beyond the first budget that must be there for who is odd as well as new
	wary        = 24 * time.Hour // after strict times half as much begins them again
)

var (
	windows = [...]time.Duration{5 * time.Minute, 15 * time.Minute, lookBack}
	numbers = [...]int{30, 60, 100, 300}
)

// AlarmJob is the job that mails the owner that strict times began or ended; front/letters writes it.
const AlarmJob = "letter.fraud_alarm"

// AlarmLetter is what it carries.
type AlarmLetter struct {
	Strict bool
	At     int64 // microseconds
	Bad    int64 // sessions with declined cards that were seen
}

// StrictBegan says that the store became strict by itself.
type StrictBegan struct{ Bad int64 }

// EventName names the event.
func (StrictBegan) EventName() string { return "fraud.strict" }

// StrictEnded says that it is over.
type StrictEnded struct{ Minutes int64 }

// EventName names the event.
func (StrictEnded) EventName() string { return "fraud.calm" }

// OrderFreed says that an order that waited can be paid.
type OrderFreed struct{ Order id.ID }

// EventName names the event.
func (OrderFreed) EventName() string { return "fraud.freed" }

// alert looks at the last hour after a newcomer's card was declined. In strict times it makes the pause longer.
func (s *Service) alert(tx *db.Tx, c Case) error {
	m, err := modeOf(tx)
	if err != nil {
		return err
	}
	if m.Strict && c.spent != free {
		trust := int64(0)
		if c.spent == trusted {
			trust = lostTrust
		}
		return lose(tx, trust, lastPause)
	}
	if m.Strict && m.Scope == "" {
		return nil
	}
	list, err := recent(tx, tx.Now().Add(-lookBack), lookAt)
	if err != nil {
		return err
	}
	bad, scope, strict := crowd(list, tx.Now(), m)
	switch {
	case !strict || m.Strict && scope == m.Scope:
		return nil
	case m.Strict: // it goes on elsewhere: strict times are about everybody new now
		scope = ""
	}
	return s.begin(tx, m, bad, scope)
}

// crowd says whether the newcomers of the last hour are no honest crowd, and whom it is about: all of them, or those
// with the same goods, the same house of mail or sums of one size. It looks back over spans of time and over numbers of
// sessions, so that a sale just before hides nobody.
func crowd(list []brief, now time.Time, m Mode) (bad int64, scope string, strict bool) {
	alarm := m.Rules.Alarm
	if !m.Strict && !m.Since.IsZero() && now.Sub(m.Since) < wary {
		alarm = max(alarm/2, 2)
	}
	groups := map[string]*group{}
	for _, b := range list { // the newest first
		if b.declines == 0 && b.ended != Paid {
			continue
		}
		for _, name := range [...]string{"", "goods:" + hex.EncodeToString([]byte(b.goods)), "sum:" + itoa(band(b.total)),
			"domain:" + hex.EncodeToString([]byte(b.domain))} {
			if groups[name] == nil {
				groups[name] = &group{}
			}
			groups[name].add(b, now)
		}
	}
	if g := groups[""]; g != nil {
		if n, strange := g.strange(alarm); strange {
			return n, "", true
		}
	}
	for name, g := range groups {
		if n, strange := g.strange(alarm); strange && (!strict || n > bad || n == bad && name < scope) {
			bad, scope, strict = n, name, true
		}
	}
	return bad, scope, strict
}

// group is how the sessions of a group ended, over spans of time and over numbers of sessions.
type group struct {
	seen  int
	spans [len(windows)]ends
	last  [len(numbers)]ends
}

func (g *group) add(b brief, now time.Time) {
	for i, w := range windows {
		if now.Sub(b.at) <= w {
			g.spans[i].add(b)
		}
	}
	for i, n := range numbers {
		if g.seen < n {
			g.last[i].add(b)
		}
	}
	g.seen++
}

func (g *group) strange(alarm int64) (bad int64, strange bool) {
	for _, list := range [...][]ends{g.spans[:], g.last[:]} {
		for _, e := range list {
			if e.strange(alarm) {
				return e.bad, true
			}
		}
	}
	return 0, false
}

// ends are how sessions ended.
type ends struct{ bad, paid int64 }

func (e *ends) add(b brief) {
	switch {
	case b.ended == Paid:
		e.paid++
	case b.declines >= 3:
		e.bad += 2
	case b.declines > 0:
		e.bad++
	}
}

// strange says whether there are more declined sessions than an honest crowd of that size has.
func (e ends) strange(alarm int64) bool {
	expected := usual * float64(e.bad+e.paid)
	return float64(e.bad) > float64(alarm)+expected+deviations*math.Sqrt(expected)
}

// begin makes the store strict: entry, event and mail in the transaction that found it out.
func (s *Service) begin(tx *db.Tx, m Mode, bad int64, scope string) error {
	wider := m.Strict
	if m.Scope, m.Bad = scope, bad; !wider {
		m.Strict, m.Since = true, tx.Now()
		m.Left, m.pause, m.refill = m.Rules.Budget*quarters, firstPause, tx.Now().Add(firstPause)
		m.Trust = min(firstTrust, m.Rules.Budget) * quarters
		n, err := newcomers(tx, tx.Now().Add(-lookBack-baseline), tx.Now().Add(-lookBack))
		if err != nil {
			return err
		}
		m.usual = n * int64(leastStrict) / int64(baseline)
	}
	wrote, err := setMode(tx, m)
	if err != nil || !wrote || wider {
		return err // another session's end was quicker, or the owner knows
	}
	err = s.d.Audit.Record(tx, audit.Entry{Actor: actor(), Action: "fraud.strict", Object: "store", Outcome: audit.Done,
		Facts: []audit.Fact{{Key: "declined_sessions", Int: bad}}})
	if err != nil {
		return err
	}
	if err := tx.Emit(StrictBegan{bad}); err != nil {
		return err
	}
	return s.mail(tx, AlarmLetter{true, tx.Now().UnixMicro(), bad})
}

func (s *Service) mail(tx *db.Tx, a AlarmLetter) error {
	_, err := s.d.Jobs.Enqueue(tx, job.Job{Kind: AlarmJob, Args: a})
	return err
}

// Watch ends strict times that are over, and gives newcomers another session from time to time. It is a periodic job.
func (s *Service) Watch(ctx context.Context) (err error) {
	defer fault.Wrap(&err, "fraud: watch")
	m, err := s.Mode(ctx)
	if err != nil || !m.Strict {
		return err
	}
	return s.d.DB.Write(ctx, func(tx *db.Tx) error {
		m, err := modeOf(tx)
		if err != nil || !m.Strict {
			return err
		}
		over, err := s.over(tx, m)
		if err != nil {
			return err
		}
		if over {
			return s.end(tx, m, actor(), "")
		}
		if m.Left < m.Rules.Budget*quarters && !tx.Now().Before(m.refill) {
			m.Left += quarters
			m.refill = tx.Now().Add(m.pause)
			_, err = setMode(tx, m)
		}
		return err
	})
}

// over says whether nothing has happened for a while.
func (s *Service) over(tx *db.Tx, m Mode) (bool, error) {
	from := tx.Now().Add(-leastStrict)
	if m.Since.After(from) {
		return false, nil
	}
	list, err := recent(tx, from, lookAt)
	if err != nil {
		return false, err
	}
	var e ends
	for _, b := range list {
		e.add(b)
	}
	stopped, err := pressure(tx, from)
	return e.bad < fewBad && stopped < max(fewStopped, m.usual*3/2), err
}

// end makes the store calm again and frees the orders that waited for it.
func (s *Service) end(tx *db.Tx, m Mode, who access.Actor, reason string) error {
	minutes := int64(tx.Now().Sub(m.Since).Minutes())
	m.Strict, m.Since, m.Scope, m.Left, m.Trust = false, tx.Now(), "", 0, 0
	wrote, err := setMode(tx, m)
	if err != nil || !wrote {
		return err
	}
	err = s.d.Audit.Record(tx, audit.Entry{Actor: who, Action: "fraud.calm", Object: "store", Outcome: audit.Done, Reason: reason,
		Facts: []audit.Fact{{Key: "minutes", Int: minutes}}})
	if err != nil {
		return err
	}
	list, err := forCalm(tx, 10*mostWaiting)
	if err != nil {
		return err
	}
	for _, c := range list { // they have taken the step; nobody has looked at them, so the next strict times are about them, too
		if err := s.turn(tx, c, Passed); err != nil {
			return err
		}
		if err := tx.Emit(OrderFreed{c.Order}); err != nil {
			return err
		}
	}
	if err := tx.Emit(StrictEnded{minutes}); err != nil {
		return err
	}
	return s.mail(tx, AlarmLetter{false, tx.Now().UnixMicro(), m.Bad})
}

// Mode says how the store looks at newcomers at present.
func (s *Service) Mode(ctx context.Context) (m Mode, err error) {
	err = s.d.DB.Read(ctx, func(tx *db.Tx) (err error) { m, err = modeOf(tx); return err })
	return m, err
}
