package app

import (
	"context"

	"strongroom/front/admin"
	"strongroom/front/look"
	"strongroom/guard/shield"
)

// adminHost is the desk, on a name of its own.
func (s *Store) adminHost() (shield.Host, error) {
	assets, err := look.New(look.Colours{})
	if err != nil {
		return shield.Host{}, err
	}
	if err := s.openFront(context.Background()); err != nil {
		return shield.Host{}, err
	}
	desk := admin.New(admin.Deps{Shop: &s.c.Shop, Texts: s.Texts, Assets: assets, Identity: s.Identity, Staff: s.Staff, Order: s.Order, Fraud: s.Fraud, Audit: s.Audit, Safety: s.Safety, Watch: s.Watch, Takers: s.takers, Offline: s.Offline,
		Setup: s.Setup, Payment: s.Payment, Catalog: s.Catalog, Stock: s.Stock, Export: s.Export, Person: s.Person, Clock: s.c.Clock, Log: s.c.Log, MAC: func(b []byte) []byte { return s.Vault.Sign("admin.form", b) }})
	return desk.Host(authority(s.c.Shop.AdminURL)), nil
}
