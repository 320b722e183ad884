package price

import (
	"strings"
	"unicode/utf8"

	"strongroom/base/db"
	"strongroom/base/fault"
)

// MaxLabel is the most characters of a code's label.
const MaxLabel = 80

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

// insert writes a code; chosen "" makes one up. The clear code is returned this once.
func (s *Service) insert(tx *db.Tx, c Code, chosen string) (Code, string, error) {
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
	if c.Starts.IsZero() {
		c.Starts = tx.Now()
	}
	fresh, err := insertCode(tx, c, s.hash(spelled))
	if err == nil && !fresh {
		err = errCode(fault.Conflict, "price.code_taken")
	}
	return c, clear, err
}
