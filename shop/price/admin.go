package price

import (
	"context"
	"strings"
	"unicode/utf8"

	"strongroom/base/db"
	"strongroom/base/fault"
	"strongroom/base/id"
	"strongroom/guard/access"
	"strongroom/guard/audit"
)

// Bounds of what the shop's people can ask for.
const (
	MaxLabel    = 80   // characters of a code's label
	MaxGenerate = 1000 // codes made at once
	maxList     = 200
)

// check refuses a code that cannot be sold with.
func (c Code) check() error {
	f := fault.New(fault.Invalid, "price.code_invalid")
	if c.Discount.check() != nil {
		f.WithField("amount", "price.discount_invalid", nil)
	}
	if n := utf8.RuneCountInString(c.Label); strings.TrimSpace(c.Label) == "" || n > MaxLabel {
		f.WithField("label", "price.label_invalid", fault.Params{"max": MaxLabel})
	}
	if !c.Ends.IsZero() && !c.Ends.After(c.Starts) {
		f.WithField("ends", "price.ends_before_start", nil)
	}
	if c.MaxUses < 0 || c.MaxPerson < 0 {
		f.WithField("max_uses", "price.limit_invalid", nil)
	}
	if len(f.Fields) > 0 {
		return f
	}
	return nil
}

// Create makes a code. chosen is what the shop's people want it to be called, or "" for one that nobody guesses. The
// clear code is returned this once and kept nowhere.
func (s *Service) Create(ctx context.Context, by access.Actor, c Code, chosen string) (_ Code, clear string, err error) {
	defer fault.Wrap(&err, "price: create a code")
	if err := s.allow(ctx, by, access.CodeEdit, "price.code_create", id.ID{}); err != nil {
		return c, "", err
	}
	err = s.d.DB.Write(ctx, func(tx *db.Tx) (err error) {
		if c, clear, err = s.insert(tx, c, chosen); err != nil {
			return err
		}
		return s.record(tx, by, "price.code_create", c.Code, 1)
	})
	return c, clear, err
}

// Generate makes many codes that are alike, for a letter with a code of its own to each reader.
func (s *Service) Generate(ctx context.Context, by access.Actor, like Code, n int) (clear []string, err error) {
	defer fault.Wrap(&err, "price: generate codes")
	if err := s.allow(ctx, by, access.CodeEdit, "price.code_generate", id.ID{}); err != nil {
		return nil, err
	}
	if n < 1 || n > MaxGenerate {
		return nil, fault.New(fault.Invalid, "price.generate_count").WithField("count", "price.generate_count", fault.Params{"max": MaxGenerate})
	}
	err = s.d.DB.Write(ctx, func(tx *db.Tx) error {
		clear = make([]string, 0, n)
		var last Code
		for range n {
			c, text, err := s.insert(tx, like, "")
			if err != nil {
				return err
			}
			clear, last = append(clear, text), c
		}
		return s.record(tx, by, "price.code_generate", last.Code, n)
	})
	return clear, err
}

// Switch makes a code usable or unusable. Orders that used it keep their price.
func (s *Service) Switch(ctx context.Context, by access.Actor, code id.ID, active bool) (err error) {
	defer fault.Wrap(&err, "price: switch a code")
	action := map[bool]string{true: "price.code_on", false: "price.code_off"}[active]
	if err := s.allow(ctx, by, access.CodeEdit, action, code); err != nil {
		return err
	}
	return s.d.DB.Write(ctx, func(tx *db.Tx) error {
		ok, err := setActive(tx, code, active)
		if err == nil && !ok {
			err = fault.New(fault.NotFound, "price.code_not_found")
		}
		if err != nil {
			return err
		}
		return s.record(tx, by, action, code, 1)
	})
}

// List returns codes, newest first; before is the id of the last one of the page before, or zero.
func (s *Service) List(ctx context.Context, by access.Actor, before id.ID, limit int) (out []Code, err error) {
	defer fault.Wrap(&err, "price: list codes")
	if err := s.allow(ctx, by, access.CodeView, "price.code_list", id.ID{}); err != nil {
		return nil, err
	}
	err = s.d.DB.Read(ctx, func(tx *db.Tx) error {
		out, err = listCodes(tx, before, min(max(limit, 1), maxList))
		return err
	})
	return out, err
}

func (s *Service) allow(ctx context.Context, by access.Actor, p access.Permission, action string, code id.ID) error {
	return s.d.Audit.Allow(ctx, by, p, audit.Act{Action: action, Object: "price_code", ObjectID: code})
}

// insert writes a code; chosen "" makes one up.
func (s *Service) insert(tx *db.Tx, c Code, chosen string) (Code, string, error) {
	if c.Starts.IsZero() {
		c.Starts = tx.Now()
	}
	if err := c.check(); err != nil {
		return c, "", err
	}
	clear, hint := chosen, hintOf(chosen)
	if chosen == "" {
		clear, hint = newCode()
	}
	spelled := Spell(clear)
	if spelled == "" {
		return c, "", errCode(fault.Invalid, "price.code_form")
	}
	c.Code, c.Hint, c.Made, c.Active, c.Uses = tx.NewID(), hint, tx.Now(), true, 0
	fresh, err := insertCode(tx, c, s.hash(spelled))
	if err == nil && !fresh {
		err = errCode(fault.Conflict, "price.code_taken")
	}
	return c, clear, err
}

// record writes the audit entry of a change to codes.
func (s *Service) record(tx *db.Tx, by access.Actor, action string, code id.ID, n int) error {
	return s.d.Audit.Record(tx, audit.Entry{Actor: by, Action: action, Object: "price_code", ObjectID: code,
		Outcome: audit.Done, Facts: []audit.Fact{{Key: "codes", Int: int64(n)}}})
}
