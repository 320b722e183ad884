package price

import (
	"cmp"
	"context"
	"time"

	"strongroom/base/db"
	"strongroom/base/fault"
	"strongroom/base/id"
	"strongroom/guard/access"
	"strongroom/guard/audit"
)

// refuse says why a code cannot be used at a moment, before limits of one person are looked at; "" if it can.
func (c Code) refuse(now time.Time) string {
	switch {
	case !c.Active:
		return "price.code_unknown"
	case now.Before(c.Starts):
		return "price.code_early"
	case !c.Ends.IsZero() && !now.Before(c.Ends):
		return "price.code_ended"
	case c.MaxUses > 0 && c.Uses >= c.MaxUses:
		return "price.code_used_up"
	}
	return ""
}

func errCode(kind fault.Kind, key string) error {
	return fault.New(kind, key).WithField("code", key, nil)
}

// Check looks a typed code up for an asker. Attempts that find nothing usable are counted, and beyond the limit even a
// right code is refused. Whether the code goes with others and with the basket is for Together and Calculate.
func (s *Service) Check(ctx context.Context, by Asker, typed string) (d Discount, err error) {
	spelled := Spell(typed)
	if spelled == "" {
		return d, errCode(fault.Invalid, "price.code_unknown")
	}
	defer fault.Wrap(&err, "price: check a code")
	hash, buckets := s.hash(spelled), s.buckets(by)
	var refusal error
	err = s.d.DB.Write(ctx, func(tx *db.Tx) error {
		d, refusal = Discount{}, nil
		err := count(tx, buckets)
		if fault.Is(err, fault.TooMany) {
			refusal = err // and the counter stands, because this transaction commits
			return nil
		}
		if err != nil {
			return err
		}
		d, refusal, err = usable(tx, hash, by.Contact)
		if err != nil || refusal != nil {
			return err
		}
		return uncount(tx, buckets)
	})
	if err == nil {
		err = refusal
	}
	if fault.Is(err, fault.TooMany) {
		s.d.Audit.Refuse(ctx, audit.Entry{Actor: access.Guest(by.Cart, by.Origin), Action: "price.code_try", Object: "cart",
			ObjectID: by.Cart, Reason: "too_many_attempts"})
	}
	return d, err
}

func usable(tx *db.Tx, hash []byte, contact id.ID) (Discount, error, error) {
	c, ok, err := codeByHash(tx, hash)
	if err != nil {
		return Discount{}, nil, err
	}
	if !ok {
		return Discount{}, errCode(fault.Invalid, "price.code_unknown"), nil
	}
	key, err := c.refuseFor(tx, contact)
	if err != nil || key != "" {
		return Discount{}, errCode(fault.Invalid, key), err
	}
	return c.Discount, nil, nil
}

// refuseFor is refuse with the limit of one person, as far as the person is known.
func (c Code) refuseFor(tx *db.Tx, contact id.ID) (string, error) {
	if key := c.refuse(tx.Now()); key != "" || c.MaxPerson == 0 || contact.IsZero() {
		return key, nil
	}
	n, err := usesBy(tx, c.Code, contact)
	if err == nil && n >= c.MaxPerson {
		return "price.code_used_by_you", nil
	}
	return "", err
}

// Refusal is a code that cannot be used any more, and the message that says why.
type Refusal struct {
	Code id.ID
	Hint string
	Key  string
}

// Current reads the codes of a cart as they stand now. Attempts are not counted: these ids were checked before.
func (s *Service) Current(ctx context.Context, codes []id.ID, contact id.ID) (ds []Discount, gone []Refusal, err error) {
	if len(codes) == 0 {
		return nil, nil, nil
	}
	defer fault.Wrap(&err, "price: read codes")
	err = s.d.DB.Read(ctx, func(tx *db.Tx) error {
		for _, code := range codes {
			c, ok, err := codeByID(tx, code)
			if err != nil {
				return err
			}
			if !ok {
				continue
			}
			key, err := c.refuseFor(tx, contact)
			if err != nil {
				return err
			}
			if key != "" {
				gone = append(gone, Refusal{code, c.Hint, key})
				continue
			}
			ds = append(ds, c.Discount)
		}
		return nil
	})
	return ds, gone, err
}

// Redeem spends one use of the code on an order, in the order's transaction. The same order never spends twice. An
// order with several codes redeems them in the order of their ids. The contact handle is resolved before the
// transaction; it must be known for a code that is limited for each person.
func (s *Service) Redeem(tx *db.Tx, code, order, contact id.ID) (err error) {
	defer fault.Wrap(&err, "price: redeem a code")
	fresh, err := insertUse(tx, code, order, contact)
	if err != nil || !fresh {
		return err
	}
	taken, err := takeUse(tx, code, tx.Now())
	if err != nil {
		return err
	}
	c, ok, err := codeByID(tx, code)
	if err != nil {
		return err
	}
	switch {
	case !ok:
		return errCode(fault.Conflict, "price.code_unknown")
	case !taken:
		return errCode(fault.Conflict, cmp.Or(c.refuse(tx.Now()), "price.code_used_up"))
	case c.MaxPerson == 0:
		return nil
	case contact.IsZero():
		return errCode(fault.Conflict, "price.code_person")
	}
	n, err := usesBy(tx, code, contact) // with this one
	if err == nil && n > c.MaxPerson {
		return errCode(fault.Conflict, "price.code_used_by_you")
	}
	return err
}

// Unredeem gives back all uses by an order that came to nothing. Giving back twice gives back once.
func (s *Service) Unredeem(tx *db.Tx, order id.ID) error { return move(tx, order, giveBack, giveUse) }

// Reinstate takes the uses of an order again, beyond all limits: its money came late, and its price stands.
func (s *Service) Reinstate(tx *db.Tx, order id.ID) error {
	return move(tx, order, takeAgain, forceUse)
}

// move changes every use of an order that is not yet as wanted, and its code's count with it.
func move(tx *db.Tx, order id.ID, mark func(tx *db.Tx, code, order id.ID) (bool, error), count func(*db.Tx, id.ID) error) (err error) {
	defer fault.Wrap(&err, "price: move the codes of an order")
	codes, err := usesOf(tx, order)
	if err != nil {
		return err
	}
	for _, code := range codes {
		moved, err := mark(tx, code, order)
		if err != nil {
			return err
		}
		if !moved {
			continue
		}
		if err := count(tx, code); err != nil {
			return err
		}
	}
	return nil
}

// Sweep forgets old counters of attempts. It is run by a periodic job.
func (s *Service) Sweep(ctx context.Context) error {
	return s.d.DB.Write(ctx, func(tx *db.Tx) error { return dropAttempts(tx, tx.Now().Add(-keepAttempts)) })
}
