package fraud

import (
	"context"
	"net/netip"
	"strings"
	"unicode/utf8"

	"strongroom/base/db"
	"strongroom/base/fault"
	"strongroom/base/id"
	"strongroom/guard/access"
	"strongroom/guard/audit"
)

// Wish is what somebody of the staff puts on a list. Value is what she typed; it is hashed and not kept.
type Wish struct {
	Kind  Kind
	Allow bool
	Value string // an address, a mail domain, a network
	Order id.ID  // or: whatever the case of that order has
	Why   string
	Days  int // 0: for good
}

const (
	mostEntries = 1000 // of both lists, which are one page
	mostWhy     = 200
	mostDays    = 3650
)

// Put writes a line of the lists.
func (s *Service) Put(ctx context.Context, who access.Actor, w Wish) (err error) {
	defer fault.Wrap(&err, "fraud: put on a list")
	if err := s.d.Audit.Allow(ctx, who, access.FraudDecide, audit.Act{Action: "fraud.list", Object: "store"}); err != nil {
		return err
	}
	e := Entry{Kind: w.Kind, Allow: w.Allow, Why: strings.Join(strings.Fields(w.Why), " "), By: who.ID}
	clear, label, err := w.check(e.Why)
	if err != nil {
		return err
	}
	if w.Order.IsZero() {
		e.key, e.Label = s.hash(w.Kind, clear), label
	}
	return s.d.DB.Write(ctx, func(tx *db.Tx) error {
		e := e
		if !w.Order.IsZero() {
			c, ok, err := caseOf(tx, w.Order)
			if err != nil {
				return err
			}
			if e.key = c.key(w.Kind); !ok || len(e.key) == 0 {
				return fault.New(fault.NotFound, "fraud.key_unknown")
			}
			e.Label = Reference(w.Order)
		}
		switch n, err := countEntries(tx); {
		case err != nil:
			return err
		case n >= mostEntries:
			return fault.New(fault.Conflict, "fraud.lists_full").With("most", mostEntries)
		}
		e.ID = tx.NewID()
		if w.Days > 0 {
			e.Ends = tx.Now().AddDate(0, 0, w.Days)
		}
		if err := putEntry(tx, e); err != nil {
			return err
		}
		return s.d.Audit.Record(tx, listEntry(who, "fraud.list", e))
	})
}

// check says all at once what is wrong with a line, and gives what is hashed and shown of it.
func (w Wish) check(why string) (clear, label string, err error) {
	bad := fault.New(fault.Invalid, "fraud.list_wrong")
	if w.Kind < Device || w.Kind > Domain {
		bad.WithField("kind", "fraud.kind_missing", nil)
	}
	if why == "" || len(why) > mostWhy {
		bad.WithField("why", "fraud.why_missing", fault.Params{"max": mostWhy})
	}
	if w.Days < 0 || w.Days > mostDays {
		bad.WithField("days", "fraud.days_wrong", fault.Params{"max": mostDays})
	}
	if w.Order.IsZero() && w.Kind >= Device && w.Kind <= Domain {
		if clear, label, err = normal(w.Kind, w.Value); err != nil {
			bad.WithField("value", "fraud.value_"+w.Kind.String(), nil)
		}
	}
	if len(bad.Fields) > 0 {
		return "", "", bad
	}
	return clear, label, nil
}

func listEntry(who access.Actor, action string, e Entry) audit.Entry {
	word := "block"
	if e.Allow {
		word = "allow"
	}
	return audit.Entry{Actor: who, Action: action, Object: "fraud_entry", ObjectID: e.ID, Reason: e.Why, Outcome: audit.Done,
		Facts: []audit.Fact{{Key: "kind", Text: e.Kind.String()}, {Key: "list", Text: word}}}
}

// key is the case's keyed hash of a kind.
func (c Case) key(k Kind) []byte {
	switch k {
	case Device:
		return c.keys.device
	case Address:
		return c.keys.contact
	case Network:
		return c.keys.network
	case Domain:
		return c.keys.domain
	}
	return nil
}

// normal brings what was typed into the form that is hashed, with what the list shows of it.
func normal(k Kind, typed string) (clear, label string, err error) {
	typed = strings.ToLower(strings.TrimSpace(typed))
	wrong := fault.New(fault.Invalid, "fraud.list_wrong").WithField("value", "fraud.value_"+k.String(), nil)
	switch k {
	case Address:
		m := foldMail(typed)
		local, domain, ok := strings.Cut(m, "@")
		if !ok || local == "" || !strings.Contains(domain, ".") || len(typed) > 254 {
			return "", "", wrong
		}
		return m, first(local) + "•••@" + first(domain) + "•••" + domain[strings.LastIndex(domain, "."):], nil
	case Domain:
		d := strings.TrimPrefix(typed, "@")
		if !strings.Contains(d, ".") || strings.ContainsAny(d, " @/:") || len(d) > 253 {
			return "", "", wrong
		}
		return d, d, nil
	case Network:
		p, perr := netip.ParsePrefix(typed)
		a := p.Addr()
		if perr != nil {
			if a, perr = netip.ParseAddr(typed); perr != nil {
				return "", "", wrong
			}
		}
		n := networkOf(a)
		if whole, err := netip.ParsePrefix(n); err != nil || perr == nil && p.IsValid() && p.Bits() < whole.Bits() {
			return "", "", wrong // of a wider one its first part alone would be listed
		}
		return n, maskNetwork(n), nil
	}
	return "", "", wrong
}

// first is the first letter of a text, whole.
func first(text string) string {
	_, n := utf8.DecodeRuneInString(text)
	return text[:n]
}

// maskNetwork shows enough of a network to know it again, and not whose it is.
func maskNetwork(n string) string {
	if first, _, ok := strings.Cut(n, "."); ok {
		return first + ".•.•.0" + n[strings.LastIndex(n, "/"):]
	}
	first, _, _ := strings.Cut(n, ":")
	return first + ":•::" + n[strings.LastIndex(n, "/"):]
}

// Drop takes a line off its list.
func (s *Service) Drop(ctx context.Context, who access.Actor, entry id.ID) (err error) {
	defer fault.Wrap(&err, "fraud: drop from a list")
	if err := s.d.Audit.Allow(ctx, who, access.FraudDecide, audit.Act{Action: "fraud.unlist", Object: "store"}); err != nil {
		return err
	}
	return s.d.DB.Write(ctx, func(tx *db.Tx) error {
		e, err := entryOf(tx, entry)
		if err != nil {
			return err
		}
		if err := dropEntry(tx, entry); err != nil {
			return err
		}
		e.Why = ""
		return s.d.Audit.Record(tx, listEntry(who, "fraud.unlist", e))
	})
}

// Entries lists both lists, the newest first.
func (s *Service) Entries(ctx context.Context, who access.Actor) (list []Entry, err error) {
	defer fault.Wrap(&err, "fraud: lists")
	if err := s.d.Audit.Allow(ctx, who, access.FraudDecide, audit.Act{Action: "fraud.lists", Object: "store"}); err != nil {
		return nil, err
	}
	err = s.d.DB.Read(ctx, func(tx *db.Tx) (err error) { list, err = entries(tx, mostEntries); return err })
	now := s.d.DB.Clock().Now()
	kept := list[:0]
	for _, e := range list {
		if e.Ends.IsZero() || now.Before(e.Ends) {
			kept = append(kept, e)
		}
	}
	return kept, err
}
