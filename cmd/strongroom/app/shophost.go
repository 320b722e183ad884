package app

import (
	"context"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"

	"strongroom/front/demo/sample"
	"strongroom/front/notices"
	"strongroom/front/storefront/account"
	"strongroom/guard/shield"
)

// shopHost is the storefront with the door for payment notices.
func (s *Store) shopHost(ctx context.Context) (shield.Host, error) {
	if err := s.openFront(ctx); err != nil {
		return shield.Host{}, err
	}
	front := s.front
	account.Mount(account.Deps{Front: front, Identity: s.Identity, Vault: s.Vault, Staff: s.Staff, Order: s.Order, Shopper: s.Shopper, Shop: &s.c.Shop, Assets: s.assets,
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
