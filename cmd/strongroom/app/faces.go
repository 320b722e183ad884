package app

import (
	"context"
	"net/http"
	"strings"

	"strongroom/front/demo"
	"strongroom/guard/shield"
)

// faces puts the pages on their hosts.
func (s *Store) faces(ctx context.Context) ([]shield.Host, error) {
	shop, err := s.shopHost(ctx)
	if err != nil {
		return nil, err
	}
	hosts := []shield.Host{shop}
	if s.c.Shop.AdminURL != "" {
		desk, err := s.adminHost()
		if err != nil {
			return nil, err
		}
		hosts = append(hosts, desk)
	}
	if s.sandbox != nil {
		hosts = append(hosts, sandboxHost(authority(s.c.Payment.SandboxURL), s.sandbox))
	}
	if s.outbox != nil {
		pages, err := demo.NewOutbox(s.outbox, s.phones, s.Texts, s.c.Shop)
		if err != nil {
			return nil, err
		}
		hosts = append(hosts, pages.Host(strings.Replace(s.c.Shop.Host(), shopHost, mailHost, 1)))
	}
	return hosts, nil
}

// authority is what stands in a Host line for an origin.
func authority(origin string) string { return strings.TrimPrefix(origin, "https://") }

// sandboxHost is the payment sandbox as the shield takes it: another firm's site, with policies of its own, that
// answers this machine only.
func sandboxHost(authority string, h http.Handler) shield.Host {
	return shield.Host{Authority: authority, Handler: h, Loopback: true, Headers: func(http.Header, shield.Class) {},
		Classify: func(r *http.Request) shield.Class {
			if strings.HasPrefix(r.URL.Path, "/v1/") {
				return shield.API
			}
			return shield.ByMethod(r)
		}}
}

// shopClass is the sort of a request to the shop, by its path below the language.
func shopClass(r *http.Request) shield.Class {
	path := r.URL.Path
	switch {
	case strings.HasPrefix(path, "/assets/"), strings.HasPrefix(path, "/media/"), strings.HasPrefix(path, "/favicon"):
		return shield.Asset
	case strings.HasPrefix(path, "/notices/"):
		return shield.Notice
	}
	if len(path) > 3 && path[3] == '/' {
		path = path[3:] // "/en/cart" is "/cart"
	}
	section, rest, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	switch section {
	case "checkout", "pay", "order", "orders", "withdraw":
		return shield.Checkout
	case "cart":
		if r.Method == http.MethodPost {
			return shield.Checkout // the first step of the way that must stay open
		}
	case "account":
		switch rest {
		case "sign-in", "sign-up", "recover", "factor", "link":
			if r.Method == http.MethodPost {
				return shield.SignIn // waits for password hashes; passkeys and baskets must not wait behind it
			}
		}
	case "search":
		return shield.Search
	}
	return shield.ByMethod(r)
}
