package post

import (
	"context"
	"strings"
	"time"

	"strongroom/base/clock"
	"strongroom/base/db"
	"strongroom/base/fault"
	"strongroom/base/mail/align"
	"strongroom/base/mail/dkim"
)

// Sender says what DNS should show.
func (s *Service) Sender(ctx context.Context) (align.Sender, error) {
	all, err := s.Keys(ctx)
	out := align.Sender{From: domain(s.d.From), Return: domain(s.d.From), Host: s.d.Host, Report: s.d.Owner}
	if s.d.Bounces != "" {
		out.Return = domain(s.d.Bounces)
	}
	for _, k := range live(all) {
		out.Keys = append(out.Keys, align.Key{Selector: k.Selector, Record: dkim.Record(k.Algorithm, k.Public), Public: k.Public})
	}
	return out, err
}

// Check asks DNS, lets keys sign that it shows, and remembers how it looks.
func (s *Service) Check(ctx context.Context) (found []align.Finding, err error) {
	defer fault.Wrap(&err, "post: check the sender's domain")
	sender, err := s.Sender(ctx)
	if err != nil {
		return nil, err
	}
	asked, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	found = align.Check(asked, s.d.Resolver, sender)
	shown := map[string]bool{}
	var sum []string
	for _, f := range found {
		if selector, ok := strings.CutPrefix(f.Name, "DKIM "); ok && f.State == align.Fine {
			shown[selector] = true
		}
		if f.State != align.Fine {
			sum = append(sum, f.Name+": "+f.Found)
		}
	}
	if err := s.seen(ctx, shown); err != nil {
		return found, err
	}
	aligned := align.Aligned(found)
	return found, s.d.DB.Write(ctx, func(tx *db.Tx) error { return noteCheck(tx, aligned, strings.Join(sum, "; ")) })
}

// daily makes the first keys and asks DNS.
func (s *Service) daily(ctx context.Context) error {
	all, err := s.Keys(ctx)
	if err == nil && len(live(all)) == 0 {
		_, err = s.RotateKeys(ctx)
	}
	if err != nil {
		return err
	}
	if _, err = s.Check(ctx); err == nil {
		s.Warn(ctx)
	}
	return err
}

// Warn says in the log that mails look forged, when they did at the last check.
func (s *Service) Warn(ctx context.Context) {
	if c, err := s.Checked(ctx); err == nil && !c.At.IsZero() && !c.Aligned {
		s.d.Log.Warn("mails may not arrive: DNS does not speak for the sender", "found", c.Summary, "do", "strongroom doctor mail")
	}
}

// Checked is the last look at DNS.
type Checked struct {
	At      time.Time // zero when there was none
	Aligned bool
	Summary string
}

// Checked reads the last look.
func (s *Service) Checked(ctx context.Context) (c Checked, err error) {
	err = s.d.DB.Read(ctx, func(tx *db.Tx) error {
		c, _, err = db.One(tx, func(s db.Scanner) (c Checked, err error) {
			var at, aligned int64
			err = s.Scan(&at, &aligned, &c.Summary)
			c.At, c.Aligned = clock.FromMicros(at), aligned == 1
			return c, err
		}, "SELECT at, aligned, summary FROM post_check WHERE id = 1")
		return err
	})
	return c, err
}

func noteCheck(tx *db.Tx, aligned bool, summary string) error {
	n := 0
	if aligned {
		n = 1
	}
	_, err := tx.Exec(`INSERT INTO post_check (id, at, aligned, summary) VALUES (1, $1, $2, $3)
		ON CONFLICT (id) DO UPDATE SET at = excluded.at, aligned = excluded.aligned, summary = excluded.summary`, clock.Micros(tx.Now()), n, summary)
	return err
}
