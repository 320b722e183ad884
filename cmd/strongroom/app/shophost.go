package app

import (
	"context"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"

	"strongroom/front/demo/sample"
	"strongroom/front/look"
	"strongroom/front/notices"
	"strongroom/front/storefront"
	"strongroom/front/storefront/account"
	"strongroom/guard/shield"
)

// shopHost is the storefront with the door for payment notices.
func (s *Store) shopHost(context.Context) (shield.Host, error) {
	assets, err := look.New(look.Colours{})
	if err != nil {
		return shield.Host{}, err
	}
	front, err := storefront.New(storefront.Deps{Shop: &s.c.Shop, Texts: s.Texts, Assets: assets, Catalog: s.Catalog, Cart: s.Cart,
		Delivery: s.Delivery, Order: s.Order, Providers: s.Payment.Providers, Pages: s.Pages, Own: s.own(), Clock: s.c.Clock, Log: s.c.Log, CacheBytes: s.c.PageCache,
		MAC: func(b []byte) []byte { return s.Vault.Sign("storefront.form", b) }})
	if err != nil {
		return shield.Host{}, err
	}
	account.Mount(account.Deps{Front: front, Identity: s.Identity, Vault: s.Vault, Staff: s.Staff, Order: s.Order, Shopper: s.Shopper, Shop: &s.c.Shop, Assets: assets,
		MAC: func(b []byte) []byte { return s.Vault.Sign("account.form", b) }})
	mux := http.NewServeMux()
	mux.Handle("POST /notices/{provider}", notices.New(s.Payment, s.c.Log))
	mux.Handle("/", front)
	return shield.Host{Authority: s.c.Shop.Host(), Handler: mux, Face: front.Face(), Classify: shopClass}, nil
}

// own is where the shopkeeper's own texts and pictures lie: the folder "own" beside the data, then what the demo brings.
func (s *Store) own() (places []fs.FS) {
	dir := filepath.Join(s.c.Place.Folder, "own")
	if info, err := os.Stat(dir); err == nil && info.IsDir() {
		places = append(places, os.DirFS(dir))
	}
	if s.c.Demo {
		places = append(places, sample.FS())
	}
	return places
}
