// Package person erases people, as the law gives everybody the right to (Article 17 of the GDPR).
//
// A person is found by the number of one of her orders, or by her exact e-mail address; nobody sees her data for that.
// Plan says what would go, what the law keeps and until when, and what stands in the way; it changes nothing. Ask freezes
// exactly these orders and this account, and a second person decides (guard/staff). Then the intent of each destruction
// stands in the ledger in one transaction, with the entries of the log, and the keys are destroyed. The log's tree stays
// as it is: people stand in it by a random handle that dies with their keys.
//
// What stays: billing details of what was paid, under a key of their own, until tax law lets go; withdrawals, as long as
// claims can be made from them; numbers, goods and amounts of orders, which lead to nobody any more.
package person

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"strongroom/base/db"
	"strongroom/base/fault"
	"strongroom/base/id"
	"strongroom/guard/access"
	"strongroom/guard/audit"
	"strongroom/guard/identity"
	"strongroom/guard/vault"
	"strongroom/shop/order"
)

// Second finds a second person; staff.Service fulfils it.
type Second interface {
	Ask(ctx context.Context, who access.Actor, w access.Wish) (request id.ID, err error)
}

// Deps are what the service stands on.
type Deps struct {
	DB       *db.DB
	Vault    *vault.Vault
	Audit    *audit.Log
	Orders   *order.Service
	Identity *identity.Service
	Second   Second
}

// Service erases people.
type Service struct{ d Deps }

// New makes the service.
func New(d Deps) (*Service, error) {
	if d.Orders == nil || d.Identity == nil || d.Second == nil {
		return nil, errors.New("person: orders, accounts and staff are needed")
	}
	return &Service{d}, nil
}

// Plan is what an erasure would do.
type Plan struct {
	Orders  []order.Erasing
	Account id.ID // the shopper's account; zero for none
}

// Nothing says whether there is nothing that could be erased.
func (p Plan) Nothing() bool {
	return p.Account.IsZero() && !slices.ContainsFunc(p.Orders, func(o order.Erasing) bool { return !o.Gone })
}

// Hindered are the orders that stand in the way.
func (p Plan) Hindered(evenSo bool) (out []order.Erasing) {
	for _, o := range p.Orders {
		if o.Hindered(evenSo) {
			out = append(out, o)
		}
	}
	return out
}

// Kept is the last day until which tax law keeps billing details; zero if it keeps none.
func (p Plan) Kept() (last time.Time) {
	for _, o := range p.Orders {
		if o.KeptTill.After(last) {
			last = o.KeptTill
		}
	}
	return last
}

// May lets who pass that may ask for an erasure.
func (s *Service) May(ctx context.Context, who access.Actor) error {
	return s.d.Audit.Allow(ctx, who, access.OrderErase, audit.Act{Action: "person.ask", Object: "order"})
}

// Plan looks what an erasure would do. It changes nothing.
func (s *Service) Plan(ctx context.Context, who access.Actor, w order.Whom) (p Plan, err error) {
	defer fault.Wrap(&err, "person: plan")
	if w.Number == "" && w.Email.IsZero() {
		return p, fault.New(fault.Invalid, "person.whom").WithField("whom", "person.whom", nil)
	}
	var address vault.Personal
	if p.Orders, address, err = s.d.Orders.PlanErase(ctx, who, w); err != nil {
		return p, err
	}
	if p.Account, err = s.d.Identity.ShopperAt(ctx, address); err == nil && p.Account.IsZero() {
		p.Account, err = s.d.Orders.AccountOf(ctx, p.Orders)
	}
	if err != nil || p.Account.IsZero() {
		return p, err
	}
	more, err := s.d.Orders.PlanEraseAccount(ctx, who, p.Account, p.Orders)
	p.Orders = append(p.Orders, more...)
	return p, err
}

// frozen is what a second person agrees to: exactly these orders and this account.
type frozen struct {
	Orders  []id.ID
	Account id.ID
	EvenSo  bool
}

// freeze turns a plan into what will be done, if nothing stands in the way.
func (p Plan) freeze(evenSo bool) (f frozen, err error) {
	if p.Nothing() {
		return f, fault.New(fault.NotFound, "person.nothing")
	}
	if in := p.Hindered(evenSo); len(in) > 0 {
		if in[0].Open {
			return f, fault.New(fault.Conflict, "order.erase_open").With("number", in[0].Number)
		}
		return f, fault.New(fault.Conflict, "order.erase_waits").With("day", in[0].Waits.Format(time.DateOnly)).
			WithHint("Add --even-so if the person wants it now and knows that the shop cannot reach her about this order any more.")
	}
	f = frozen{Account: p.Account, EvenSo: evenSo}
	for _, o := range p.Orders {
		if !o.Gone {
			f.Orders = append(f.Orders, o.ID)
		}
	}
	return f, nil
}

// Ask asks that a person is erased. evenSo is for who knows that the shop cannot reach her about open returns any more.
func (s *Service) Ask(ctx context.Context, who access.Actor, w order.Whom, evenSo bool, reason string) (request id.ID, err error) {
	defer fault.Wrap(&err, "person: ask")
	if err := s.d.Audit.AllowFresh(ctx, who, access.OrderErase, audit.Act{Action: "person.ask", Object: "order"}); err != nil {
		return request, err
	}
	if reason = strings.TrimSpace(reason); reason == "" {
		return request, fault.New(fault.Invalid, "order.reason_missing").WithField("reason", "order.reason_missing", nil)
	}
	p, err := s.Plan(ctx, who, w)
	if err != nil {
		return request, err
	}
	f, err := p.freeze(evenSo)
	if err != nil {
		return request, err
	}
	params, err := json.Marshal(f)
	if err != nil {
		return request, err
	}
	wish := access.Wish{Kind: access.ErasePerson, Params: params, Object: "account", ObjectID: f.Account, Reason: reason,
		Facts: map[string]string{"orders": strconv.Itoa(len(f.Orders)), "accounts": "0"}}
	if !f.Account.IsZero() {
		wish.Facts["accounts"] = "1"
	}
	if len(f.Orders) > 0 {
		wish.Object, wish.ObjectID = "order", f.Orders[0]
		wish.Facts["numbers"] = numbers(p, f)
	}
	return s.d.Second.Ask(ctx, who, wish)
}

// numbers names the orders to who decides.
func numbers(p Plan, f frozen) string {
	var out []string
	for _, o := range p.Orders {
		if slices.Contains(f.Orders, o.ID) && len(out) < 5 {
			out = append(out, o.Number)
		}
	}
	if more := len(f.Orders) - len(out); more > 0 {
		out = append(out, "+"+strconv.Itoa(more))
	}
	return strings.Join(out, ", ")
}

// Approved erases a person that two people agreed on.
func (s *Service) Approved(ctx context.Context, params []byte, by access.Approved) (err error) {
	defer fault.Wrap(&err, "person: approved")
	if err := by.For(access.ErasePerson); err != nil {
		return err
	}
	var f frozen
	if err := json.Unmarshal(params, &f); err != nil {
		return err
	}
	return s.erase(ctx, by, access.System("staff"), f)
}

// OnConsole erases a person for who has the machine's command line (staff.OnConsole). It does what Plan said.
func (s *Service) OnConsole(ctx context.Context, by access.Approved, p Plan, evenSo bool) (err error) {
	defer fault.Wrap(&err, "person: on the console")
	if err := by.For(access.ErasePerson); err != nil {
		return err
	}
	f, err := p.freeze(evenSo)
	if err != nil {
		return err
	}
	return s.erase(ctx, by, access.Console(), f)
}

// Check says whether what a plan wants can be done.
func (p Plan) Check(evenSo bool) error { _, err := p.freeze(evenSo); return err }

func (s *Service) erase(ctx context.Context, by access.Approved, who access.Actor, f frozen) error {
	err := s.d.DB.Write(ctx, func(tx *db.Tx) error {
		if err := s.d.Orders.EraseApproved(tx, by, who, f.Orders, f.EvenSo); err != nil {
			return err
		}
		if f.Account.IsZero() {
			return nil
		}
		return s.d.Identity.EraseApproved(tx, by, who, f.Account, audit.Fact{Key: "request", Text: by.Request.String()})
	})
	if err != nil {
		return err
	}
	_, err = s.d.Vault.EraseIntended(ctx, s.d.DB) // at once; if this fails, the vault's job does it
	return err
}
