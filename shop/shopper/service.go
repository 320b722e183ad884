package shopper

import (
	"context"
	"slices"
	"strings"

	"strongroom/base/db"
	"strongroom/base/fault"
	"strongroom/base/id"
	"strongroom/guard/access"
	"strongroom/guard/audit"
	"strongroom/guard/identity"
	"strongroom/guard/privacy"
	"strongroom/guard/vault"
	"strongroom/shop/delivery"
)

// Deps is what a Service stands on.
type Deps struct {
	DB       *db.DB
	Vault    *vault.Vault
	Audit    *audit.Log
	Identity *identity.Service // mails the owner that an address changed; nil: nobody is told
}

// Service keeps names and addresses.
type Service struct{ d Deps }

// New makes a Service.
func New(d Deps) *Service { return &Service{d} }

func (o Owner) actor() access.Actor { return access.Shopper(o.Account, o.Origin) }

// look is the owner's look at what is hers.
func (o Owner) look() vault.Look {
	return vault.Look{Actor: o.actor(), Purpose: vault.Profile, Reason: "own", Object: "account", ObjectID: o.Account}
}

// record writes an act down, in its transaction.
func (s *Service) record(tx *db.Tx, o Owner, person id.ID, act string) error {
	return s.d.Audit.Record(tx, audit.Entry{Actor: o.actor(), Action: "shopper." + act, Object: "account", ObjectID: o.Account,
		Person: person, Outcome: audit.Done})
}

// act writes something of the owner's: one change at a time, and none without its entry in the log.
func (s *Service) act(ctx context.Context, o Owner, act string, fn func(tx *db.Tx) error) error {
	person, err := s.d.Vault.AuditHandle(ctx, o.Subject)
	if err != nil {
		return err
	}
	return s.d.DB.Write(ctx, func(tx *db.Tx) error {
		if err := hold(tx, o); err != nil {
			return err
		}
		if err := fn(tx); err != nil {
			return err
		}
		if err := s.record(tx, o, person, act); err != nil {
			return err
		}
		return s.tell(tx, o, act)
	})
}

// tell mails the owner that an address of hers changed: whoever sends goods elsewhere shall not do so unnoticed. A name
// decides nothing, and is not worth a mail.
func (s *Service) tell(tx *db.Tx, o Owner, act string) error {
	if s.d.Identity == nil || !strings.HasPrefix(act, "address_") {
		return nil
	}
	return s.d.Identity.Tell(tx, o.Account, act)
}

// Name is the owner's name; empty if she has told none.
func (s *Service) Name(ctx context.Context, o Owner) (name string, err error) {
	defer fault.Wrap(&err, "shopper: name")
	var sealed []byte
	if err = s.d.DB.Read(ctx, func(tx *db.Tx) (err error) { sealed, err = nameOf(tx, o); return err }); err != nil {
		return "", err
	}
	clear, err := s.d.Vault.Reveal(ctx, o.look(), s.d.Vault.Sealed(privacy.ShopperName.Field, o.Subject, o.Account, sealed))
	if err != nil {
		return "", err
	}
	return clear[0], nil
}

// SetName keeps a name; an empty one takes it away.
func (s *Service) SetName(ctx context.Context, o Owner, name string) (err error) {
	defer fault.Wrap(&err, "shopper: set name")
	if name, err = cleanName(name); err != nil {
		return err
	}
	var sealed []byte
	if name != "" {
		if sealed, err = s.d.Vault.Seal(ctx, privacy.ShopperName.Field, o.Subject, o.Account, vault.Typed(name)); err != nil {
			return err
		}
	}
	return s.act(ctx, o, "name_set", func(tx *db.Tx) error { return setName(tx, o, sealed) })
}

// Addresses are all of the owner's addresses in clear, the chosen one first and then as they were made.
func (s *Service) Addresses(ctx context.Context, o Owner) (list []Address, err error) {
	defer fault.Wrap(&err, "shopper: addresses")
	var rows []row
	if err = s.d.DB.Read(ctx, func(tx *db.Tx) (err error) { rows, err = addressesOf(tx, o.Account); return err }); err != nil {
		return nil, err
	}
	for _, r := range rows {
		a, err := s.open(ctx, o, r)
		if err != nil {
			return nil, err
		}
		list = append(list, a)
	}
	return list, nil
}

// Address is one of the owner's addresses in clear.
func (s *Service) Address(ctx context.Context, o Owner, address id.ID) (a Address, err error) {
	defer fault.Wrap(&err, "shopper: address")
	var r row
	var ok bool
	err = s.d.DB.Read(ctx, func(tx *db.Tx) (err error) { r, ok, err = addressBy(tx, o.Account, address); return err })
	if err == nil && !ok {
		err = s.foreign(ctx, o, address)
	}
	if err != nil {
		return a, err
	}
	return s.open(ctx, o, r)
}

// foreign notes that somebody named an address that is none of hers, and answers as for one that nobody has (V8.2.2).
func (s *Service) foreign(ctx context.Context, o Owner, address id.ID) error {
	s.d.Audit.Refuse(ctx, audit.Entry{Actor: o.actor(), Action: "shopper.address", Object: "address", ObjectID: address, Outcome: audit.Refused})
	return errUnknown
}

func (s *Service) open(ctx context.Context, o Owner, r row) (Address, error) {
	list := make([]vault.Personal, len(parts))
	for i, p := range parts {
		list[i] = s.d.Vault.Sealed(p.declared.Field, o.Subject, r.id, r.sealed[i])
	}
	clear, err := s.d.Vault.Reveal(ctx, o.look(), list...)
	if err != nil {
		return Address{}, err
	}
	a := Address{ID: r.id, Chosen: r.chosen, To: delivery.Address{Country: r.country}}
	for i, p := range parts {
		a.To = a.To.With(p.name, clear[i])
	}
	return a, nil
}

// Keeps says whether the owner has this address already.
func (s *Service) Keeps(ctx context.Context, o Owner, to delivery.Address) (bool, error) {
	list, err := s.Addresses(ctx, o)
	return err == nil && slices.ContainsFunc(list, func(a Address) bool { return a.To == to }), err
}
