package identity

import (
	"context"
	"crypto/sha256"
	"strings"
	"time"

	"strongroom/base/db"
	"strongroom/base/fault"
	"strongroom/base/id"
)

// Device is a browser in which somebody signed in to an account.
type Device struct {
	ID              id.ID
	Label           string // "firefox.linux"
	Current         bool
	Known           bool // released: a password alone may sign in there
	FirstAt, LastAt time.Time
	Sessions        int
}

// deviceHash names a browser for one account, so that a browser's accounts cannot be put together.
func deviceHash(account id.ID, browser id.Token) []byte {
	h := sha256.New()
	h.Write(account[:])
	h.Write([]byte(browser))
	return h.Sum(nil)
}

// meet notes the browser of a new session. A full session releases it. An account that was used before is told of a
// browser that it does not know.
func (s *Service) meet(tx *db.Tx, acc Account, l Level, v Visitor) (id.ID, error) {
	hash := deviceHash(acc.ID, v.Browser)
	d, met, err := deviceByBrowser(tx, hash)
	if err != nil {
		return id.ID{}, err
	}
	if !met {
		d.id = tx.NewID()
	}
	if err := upsertDevice(tx, d.id, acc.ID, hash, Label(v.Agent), l == Full); err != nil {
		return id.ID{}, err
	}
	if met || acc.SeenAt.IsZero() || l == Enrolling {
		return d.id, nil
	}
	if err := tx.Emit(NewDevice{about(acc, 0, "")}); err != nil {
		return id.ID{}, err
	}
	return d.id, s.tellDevice(tx, acc, d.id)
}

// release lets a password alone sign in from this browser, where the account has no second factor.
func (s *Service) release(tx *db.Tx, acc Account, v Visitor) error {
	return upsertDevice(tx, tx.NewID(), acc.ID, deviceHash(acc.ID, v.Browser), Label(v.Agent), true)
}

// knows says whether a browser was released for the account.
func knows(tx *db.Tx, account id.ID, browser id.Token) (bool, error) {
	d, met, err := deviceByBrowser(tx, deviceHash(account, browser))
	return met && d.known, err
}

// Devices lists the browsers of the session's account, the latest first.
func (s *Service) Devices(ctx context.Context, sess Session) (out []Device, err error) {
	defer fault.Wrap(&err, "identity: devices")
	if err := sess.RequireFull(); err != nil {
		return nil, err
	}
	err = s.read(ctx, func(tx *db.Tx) error {
		list, err := devicesOf(tx, sess.Account)
		for _, d := range list {
			out = append(out, Device{ID: d.id, Label: d.label, Current: d.id == sess.Device, Known: d.known,
				FirstAt: d.first, LastAt: d.last, Sessions: d.sessions})
		}
		return err
	})
	return out, err
}

// SignOutDevice ends the sessions of one browser and takes its release back.
func (s *Service) SignOutDevice(ctx context.Context, sess Session, device id.ID, v Visitor) (err error) {
	defer fault.Wrap(&err, "identity: sign out device")
	if err := s.RequireStepUp(sess, StepUpFor); err != nil {
		return err
	}
	acc, err := s.ownAccount(ctx, sess)
	if err != nil {
		return err
	}
	return s.write(ctx, func(tx *db.Tx) error {
		if _, ok, err := deviceOf(tx, acc.ID, device); err != nil || !ok {
			return missing(err)
		}
		if err := s.expel(tx, acc.ID, device); err != nil {
			return err
		}
		return s.record(tx, "sign_out_device", acc, 0, v, SessionEnded{about(acc, 0, "device")})
	})
}

func missing(err error) error {
	if err == nil {
		return ErrMissing
	}
	return err
}

// expel ends what a browser had.
func (s *Service) expel(tx *db.Tx, account, device id.ID) error {
	if err := dropDeviceSessions(tx, account, device); err != nil {
		return err
	}
	return forgetDevice(tx, account, device)
}

// SignOutEverywhere ends all other sessions, takes the release of every other browser back, and gives this session a
// new token. It asks for no fresh proof: who fears somebody else must not be held up.
func (s *Service) SignOutEverywhere(ctx context.Context, sess Session, v Visitor) (token id.Token, err error) {
	defer fault.Wrap(&err, "identity: sign out everywhere")
	if err := sess.RequireFull(); err != nil {
		return "", err
	}
	acc, err := s.ownAccount(ctx, sess)
	if err != nil {
		return "", err
	}
	err = s.write(ctx, func(tx *db.Tx) error {
		if err := dropSessions(tx, acc.ID, sess.ID); err != nil {
			return err
		}
		if err := forgetDevices(tx, acc.ID); err != nil {
			return err
		}
		if err := s.release(tx, acc, v); err != nil {
			return err
		}
		if err := setCompromised(tx, acc.ID, false); err != nil {
			return err
		}
		if token, err = s.turn(tx, sess, v); err != nil {
			return err
		}
		return s.record(tx, "sign_out_everywhere", acc, 0, v, SessionEnded{about(acc, 0, "everywhere")})
	})
	return token, err
}

// turn gives a session a new token and proves nothing.
func (s *Service) turn(tx *db.Tx, sess Session, v Visitor) (id.Token, error) {
	token := id.NewToken()
	return token, turnSession(tx, sess.ID, s.tokenHash(token))
}

// The words of a label, in the order in which they are looked for: many browsers name others beside themselves.
var (
	browsers = [][2]string{{"Edg", "edge"}, {"OPR/", "opera"}, {"SamsungBrowser", "samsung"}, {"Firefox", "firefox"}, {"FxiOS", "firefox"},
		{"CriOS", "chrome"}, {"Chrome", "chrome"}, {"Chromium", "chrome"}, {"Safari", "safari"}}
	systems = [][2]string{{"iPhone", "iphone"}, {"iPad", "ipad"}, {"Android", "android"}, {"CrOS", "chromeos"}, {"Windows", "windows"},
		{"Macintosh", "mac"}, {"Linux", "linux"}}
)

// Label makes coarse words of a User-Agent header: kind of browser and system, without versions, such as
// "firefox.linux". What it does not know is "other".
func Label(agent string) string {
	if len(agent) > 512 {
		agent = agent[:512]
	}
	return find(agent, browsers) + "." + find(agent, systems)
}

func find(agent string, words [][2]string) string {
	for _, w := range words {
		if strings.Contains(agent, w[0]) {
			return w[1]
		}
	}
	return "other"
}
