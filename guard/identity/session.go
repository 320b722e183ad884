package identity

import (
	"context"
	"crypto/subtle"
	"net/netip"
	"time"

	"strongroom/base/db"
	"strongroom/base/fault"
	"strongroom/base/id"
)

// Session is somebody's presence in one browser.
type Session struct {
	ID, Account, Device id.ID
	Realm               Realm
	Level               Level
	Methods             Methods
	Since               time.Time
	StepUp              time.Time // of the last strong proof, in the network where it was given; zero if none
	IdleUntil, Until    time.Time
	// Locked says that the session shows nothing but its unlock page: it was idle too long (staff), or the cookie came
	// from another network and another kind of browser at once.
	Locked bool

	browser []byte
}

// RequireFull refuses sessions that may change nothing, and locked ones.
func (s Session) RequireFull() error {
	switch {
	case s.ID.IsZero():
		return ErrNoSession
	case s.Locked:
		return ErrLocked
	case s.Level != Full:
		return ErrLimited
	}
	return nil
}

// RequireStepUp refuses unless a strong proof was given within the time before now.
func (s Session) RequireStepUp(now time.Time, within time.Duration) error {
	if err := s.RequireFull(); err != nil {
		return err
	}
	if s.StepUp.IsZero() || now.Sub(s.StepUp) > within {
		return ErrStepUp
	}
	return nil
}

// RequireStepUp is Session.RequireStepUp by the store's time.
func (s *Service) RequireStepUp(sess Session, within time.Duration) error {
	return sess.RequireStepUp(s.now(), within)
}

// mayChange says whether the session may add, change or remove ways of signing in.
func (s *Service) mayChange(sess Session) error {
	if sess.Level == Enrolling && !sess.Locked && !sess.ID.IsZero() {
		return nil
	}
	return s.RequireStepUp(sess, StepUpFor)
}

// Check says whose session the token is. Every request of a signed-in person asks it. ErrNoSession means that the
// cookie is worth nothing any more. A session is bound to its browser: its token from a browser with another cookie is
// a stolen one, and ends it.
func (s *Service) Check(ctx context.Context, realm Realm, token id.Token, v Visitor) (Session, Account, error) {
	if token == "" || v.Browser == "" {
		return Session{}, Account{}, ErrNoSession
	}
	var row sessionRow
	var acc Account
	var found bool
	var now time.Time
	err := s.read(ctx, func(tx *db.Tx) (err error) {
		now = tx.Now()
		row, acc, found, err = s.sessionBy(tx, s.tokenHash(token))
		return err
	})
	if err != nil {
		return Session{}, Account{}, err
	}
	if !found || acc.Realm != realm || !acc.State.open() || row.generation != acc.generation || !now.Before(row.until) {
		return Session{}, Account{}, ErrNoSession
	}
	if subtle.ConstantTimeCompare(row.browser, v.Browser.Hash()) != 1 {
		return Session{}, Account{}, s.stolen(ctx, row, acc, v)
	}
	sess := s.present(row, acc, v, now)
	if !sess.Locked && !now.Before(sess.IdleUntil) {
		if realm != Staff {
			return Session{}, Account{}, ErrNoSession
		}
		sess.Locked = true
	}
	if !sess.Locked && now.Sub(row.touched) >= touchEvery {
		err = s.write(ctx, func(tx *db.Tx) error { return touchSession(tx, row.id, row.device) })
	}
	return sess, acc, err
}

// present is the session as it looks from where the request came.
func (s *Service) present(row sessionRow, acc Account, v Visitor, now time.Time) Session {
	sess := Session{ID: row.id, Account: row.account, Device: row.device, Realm: acc.Realm, Level: row.level, Methods: row.methods,
		Since: row.made, StepUp: row.stepUp, IdleUntil: row.touched.Add(idle(acc.Realm)), Until: row.until, browser: row.browser}
	if now.Sub(row.touched) < 0 { // the clock was set back: nothing is idle longer than it lives
		sess.IdleUntil = now.Add(idle(acc.Realm))
	}
	if subtle.ConstantTimeCompare(row.network, s.networkHash(row.id, v.Origin)) != 1 {
		sess.StepUp = time.Time{}
		sess.Locked = Label(v.Agent) != row.agent
	}
	return sess
}

func idle(r Realm) time.Duration {
	if r == Staff {
		return staffIdle
	}
	return shopperIdle
}

// life is how long a session may last at most.
func life(r Realm, l Level) time.Duration {
	switch {
	case l == Enrolling:
		return enrolLife
	case l == Limited:
		return limitedLife
	case r == Staff:
		return staffLife
	}
	return shopperLife
}

// stolen ends a session whose token came from a browser that it does not belong to.
func (s *Service) stolen(ctx context.Context, row sessionRow, acc Account, v Visitor) error {
	_ = s.refuse(ctx, refusal{act: "session", acc: acc, reason: "browser", event: SessionRefused{about(acc, 0, "browser")}}, v)
	err := s.write(context.WithoutCancel(ctx), func(tx *db.Tx) error { _, err := dropSession(tx, acc.ID, row.id); return err })
	if err != nil {
		return err
	}
	return ErrNoSession
}

func (s *Service) tokenHash(t id.Token) []byte { return s.mac("session", []byte(t)) }

// networkHash names a network for one session only, so that the rows tell nobody who is where together.
func (s *Service) networkHash(session id.ID, a netip.Addr) []byte {
	return s.mac("network", session[:], network(a))[:16]
}

// network is what an address is counted by: a /24 of IPv4, a /64 of IPv6.
func network(a netip.Addr) []byte {
	a = a.Unmap().WithZone("")
	bits := 24
	if a.Is6() {
		bits = 64
	}
	p, err := a.Prefix(bits)
	if err != nil {
		return nil
	}
	return p.Addr().AsSlice()
}

// openSession begins a session with a new token, and ends the one that the browser had: a token that was planted before
// is worth nothing afterwards.
func (s *Service) openSession(tx *db.Tx, acc Account, l Level, m Methods, v Visitor) (token id.Token, err error) {
	if v.Browser == "" {
		return "", errBrowser
	}
	if v.Session != "" {
		if err := dropSessionByToken(tx, s.tokenHash(v.Session)); err != nil {
			return "", err
		}
	}
	device, err := s.meet(tx, acc, l, v)
	if err != nil {
		return "", err
	}
	token = id.NewToken()
	now, sid := tx.Now(), tx.NewID()
	r := sessionRow{id: sid, account: acc.ID, device: device, token: s.tokenHash(token), level: l, methods: m, generation: acc.generation,
		browser: v.Browser.Hash(), network: s.networkHash(sid, v.Origin), agent: Label(v.Agent), made: now, touched: now, until: now.Add(life(acc.Realm, l))}
	if l == Full {
		r.stepUp = now
	}
	if err := insertSession(tx, r); err != nil {
		return "", err
	}
	most := 50
	if acc.Realm == Staff {
		most = 10
	}
	return token, trimSessions(tx, acc.ID, most)
}

// renew gives a session a new token after a proof, and lifts its lock.
func (s *Service) renew(tx *db.Tx, sess Session, acc Account, l Level, m Methods, v Visitor) (id.Token, error) {
	token, now := id.NewToken(), tx.Now()
	r := sessionRow{id: sess.ID, token: s.tokenHash(token), level: l, methods: sess.Methods | m, generation: acc.generation,
		network: s.networkHash(sess.ID, v.Origin), agent: Label(v.Agent), stepUp: now, touched: now, until: sess.Until}
	if l != sess.Level {
		r.until = sess.Since.Add(life(acc.Realm, l))
	}
	return token, rotateSession(tx, r)
}

// SignOut ends a session.
func (s *Service) SignOut(ctx context.Context, sess Session, v Visitor) (err error) {
	defer fault.Wrap(&err, "identity: sign out")
	acc, err := s.ownAccount(ctx, sess)
	if err != nil {
		return err
	}
	return s.write(ctx, func(tx *db.Tx) error {
		ok, err := dropSession(tx, acc.ID, sess.ID)
		if err != nil || !ok {
			return err
		}
		return s.record(tx, "sign_out", acc, 0, v, SessionEnded{about(acc, 0, "sign_out")})
	})
}

// ownAccount is the account of a session, ready to be written down.
func (s *Service) ownAccount(ctx context.Context, sess Session) (Account, error) {
	if sess.ID.IsZero() {
		return Account{}, ErrNoSession
	}
	acc, err := s.Account(ctx, sess.Account)
	if err != nil {
		return acc, err
	}
	return acc, s.known(ctx, &acc)
}

// SessionsOf counts the sessions of an account.
func (s *Service) SessionsOf(tx *db.Tx, account id.ID) (int, error) {
	return countSessions(tx, account)
}

// endOthers ends the other sessions of an account, after a way of signing in was changed.
func (s *Service) endOthers(tx *db.Tx, account, keep id.ID) error {
	return dropSessions(tx, account, keep)
}

// OpenEnrolment begins a session that may only add ways of signing in, for who came by a spent invitation or set-up
// link. Whoever calls it has checked that link.
func (s *Service) OpenEnrolment(ctx context.Context, realm Realm, account id.ID, v Visitor) (step Step, err error) {
	defer fault.Wrap(&err, "identity: open enrolment")
	acc, err := s.Account(ctx, account)
	if err != nil {
		return step, err
	}
	if acc.Realm != realm || !acc.State.open() {
		return step, ErrMissing
	}
	if err := s.known(ctx, &acc); err != nil {
		return step, err
	}
	err = s.write(ctx, func(tx *db.Tx) error {
		step = Step{Need: Done, Level: Enrolling, Until: tx.Now().Add(enrolLife)}
		if step.Session, err = s.openSession(tx, acc, Enrolling, 0, v); err != nil {
			return err
		}
		return s.record(tx, "enrolment", acc, 0, v, nil)
	})
	return step, err
}

// Raise makes an enrolling session a full one, when its caller finds that what was enrolled suffices.
func (s *Service) Raise(ctx context.Context, sess Session, v Visitor) (step Step, err error) {
	defer fault.Wrap(&err, "identity: raise")
	if sess.Level != Enrolling || sess.Locked {
		return step, ErrLimited
	}
	acc, err := s.ownAccount(ctx, sess)
	if err != nil {
		return step, err
	}
	err = s.write(ctx, func(tx *db.Tx) (err error) { step, err = s.raise(tx, sess, acc, 0, v); return err })
	return step, err
}

// raise is Raise in a transaction.
func (s *Service) raise(tx *db.Tx, sess Session, acc Account, m Methods, v Visitor) (Step, error) {
	token, err := s.renew(tx, sess, acc, Full, m, v)
	if err != nil {
		return Step{}, err
	}
	if err := setSeen(tx, acc.ID); err != nil {
		return Step{}, err
	}
	if err := s.release(tx, acc, v); err != nil {
		return Step{}, err
	}
	return Step{Need: Done, Session: token, Level: Full, Proven: m}, s.record(tx, "sign_in", acc, 0, v, SignedIn{about(acc, 0, "enrolled")})
}
