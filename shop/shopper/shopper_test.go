package shopper_test

import (
	"bytes"
	"context"
	"errors"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"strongroom/base/db"
	"strongroom/base/db/dbtest"
	"strongroom/base/fault"
	"strongroom/base/id"
	"strongroom/guard/audit"
	"strongroom/guard/vault"
	"strongroom/guard/vault/vaulttest"
	"strongroom/shop/delivery"
	"strongroom/shop/shopper"
)

var ctx = context.Background()

type world struct {
	dbtest.Pair
	*shopper.Service
	t     *testing.T
	vault *vault.Vault
	log   *audit.Log
}

func each(t *testing.T, test func(w world)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		v := vaulttest.New(t, p)
		log := audit.New(audit.Deps{DB: p.Data, Vault: v})
		t.Cleanup(func() { _ = log.Close() })
		test(world{p, shopper.New(shopper.Deps{DB: p.Data, Vault: v, Audit: log}), t, v, log})
	})
}

func (w world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// somebody is an account with keys.
func (w world) somebody() shopper.Owner {
	w.t.Helper()
	subject, err := w.vault.NewSubject(ctx, vault.Profile)
	w.must(err)
	w.must(w.vault.Confirm(ctx, subject))
	return shopper.Owner{Account: id.New(w.Clock.Now(), nil), Subject: subject}
}

func home(street string) delivery.Address {
	return delivery.Address{Name: "Ada Planted", Street: street, Postcode: "04109", City: "Plantedtown", Country: "DE"}
}

func (w world) add(o shopper.Owner, street string, chosen bool) id.ID {
	w.t.Helper()
	w.Clock.Advance(time.Second) // ids of one moment have no order
	v, err := w.Add(ctx, o, home(street), chosen)
	w.must(err)
	return v
}

// chosen is the street of the chosen address, and how many are.
func (w world) chosen(o shopper.Owner) (street string, n int) {
	w.t.Helper()
	list, err := w.Addresses(ctx, o)
	w.must(err)
	for _, a := range list {
		if a.Chosen {
			street, n = a.To.Street, n+1
		}
	}
	return street, n
}

// A book of addresses: the first is chosen, another one on request, and one takes over when the chosen one goes.
func TestBook(t *testing.T) {
	each(t, func(w world) {
		o := w.somebody()
		first := w.add(o, "Plantedstreet 1", false)
		second := w.add(o, "Plantedstreet 2", false)
		third := w.add(o, "Plantedstreet 3", true)
		want := func(street string) {
			w.t.Helper()
			if got, n := w.chosen(o); got != street || n != 1 {
				w.t.Errorf("%q is chosen, %d times", got, n)
			}
		}
		want("Plantedstreet 3")
		w.must(w.Choose(ctx, o, second))
		want("Plantedstreet 2")
		w.must(w.Change(ctx, o, second, home(" Plantedstreet  22 ")))
		want("Plantedstreet 22")
		w.must(w.Remove(ctx, o, second))
		want("Plantedstreet 1")
		if keeps, err := w.Keeps(ctx, o, home("Plantedstreet 3")); err != nil || !keeps {
			w.t.Errorf("kept %v, %v", keeps, err)
		}
		w.must(w.Remove(ctx, o, first))
		w.must(w.Remove(ctx, o, third))
		if _, n := w.chosen(o); n != 0 {
			w.t.Error("an address is left")
		}
		err := fault.As(w.Change(ctx, o, third, delivery.Address{Country: "DE"}))
		if err == nil || err.Kind != fault.Invalid || len(err.Fields) < 3 {
			w.t.Errorf("an empty address: %v", err)
		}
	})
}

// The id of somebody else's address opens, changes and removes nothing, and the try is in the log. V8.2.2, V8.3.1.
func TestSomebodyElsesAddress(t *testing.T) {
	each(t, func(w world) {
		ada, eve := w.somebody(), w.somebody()
		hers := w.add(ada, "Plantedstreet 1", false)
		w.add(eve, "Thiefstreet 1", false)
		_, err := w.Address(ctx, eve, hers)
		for act, err := range map[string]error{"look": err, "change": w.Change(ctx, eve, hers, home("Thiefstreet 2")),
			"choose": w.Choose(ctx, eve, hers), "remove": w.Remove(ctx, eve, hers)} {
			if f := fault.As(err); f == nil || f.Key != "shopper.address_unknown" {
				w.t.Errorf("%s: %v", act, err)
			}
		}
		if street, n := w.chosen(ada); street != "Plantedstreet 1" || n != 1 {
			w.t.Errorf("her address is %q, %d chosen", street, n)
		}
		if street, n := w.chosen(eve); street != "Thiefstreet 1" || n != 1 {
			w.t.Errorf("the thief's chosen address is %q, %d chosen", street, n)
		}
		w.must(w.log.Flush(ctx))
		page, err := w.log.List(ctx, audit.Filter{Action: "shopper.address"})
		w.must(err)
		if len(page.Rows) == 0 {
			w.t.Error("nothing of it stands in the log")
		}
	})
}

// What is stored can be read with the account's keys alone, and not at all once they are gone; closing takes the rows.
func TestSealedAndForgotten(t *testing.T) {
	each(t, func(w world) {
		o := w.somebody()
		w.must(w.SetName(ctx, o, "  Ada   Planted "))
		if name, err := w.Name(ctx, o); err != nil || name != "Ada Planted" {
			w.t.Errorf("%q, %v", name, err)
		}
		w.add(o, "Plantedstreet 1", false)
		w.must(w.Data.Read(ctx, func(tx *db.Tx) error {
			rows, err := db.All(tx, func(r db.Scanner) ([]byte, error) {
				var a, b, c []byte
				err := r.Scan(&a, &b, &c)
				return bytes.Join([][]byte{a, b, c}, nil), err
			}, `SELECT a.street, a.name, p.name FROM shopper_address a JOIN shopper_person p ON p.account = a.account`)
			if len(rows) != 1 || bytes.Contains(bytes.ToLower(rows[0]), []byte("planted")) {
				w.t.Error("an address lies open")
			}
			return err
		}))
		if f := fault.As(w.SetName(ctx, o, strings.Repeat("a", 101))); f == nil || f.Fields[0].Name != "name" {
			w.t.Error("a name without end")
		}
		w.must(w.vault.Erase(ctx, o.Subject, vault.Profile))
		if _, err := w.Addresses(ctx, o); !vault.Erased(errors.Unwrap(err)) && !vault.Erased(err) {
			w.t.Errorf("opened after the keys went: %v", err)
		}
		w.must(w.Forget(ctx, o.Account))
		if list, err := w.Addresses(ctx, o); err != nil || len(list) != 0 {
			w.t.Errorf("%d addresses are left, %v", len(list), err)
		}
	})
}

// The book has an end, also for requests at once, and one address is chosen whatever comes together.
func TestBookHasAnEnd(t *testing.T) {
	each(t, func(w world) {
		o := w.somebody()
		var wg sync.WaitGroup
		for n := range shopper.MaxAddresses + 4 {
			wg.Go(func() {
				_, err := w.Add(ctx, o, home("Plantedstreet "+strconv.Itoa(n)), n%3 == 0)
				if f := fault.As(err); err != nil && (f == nil || f.Key != "shopper.addresses_full") {
					w.t.Error(err)
				}
			})
		}
		wg.Wait()
		list, err := w.Addresses(ctx, o)
		if _, n := w.chosen(o); err != nil || len(list) != shopper.MaxAddresses || n != 1 {
			w.t.Errorf("%d addresses, %d chosen, %v", len(list), n, err)
		}
	})
}
