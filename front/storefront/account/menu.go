package account

import "strongroom/front/parts"

// menu are the rooms of an account in three groups, as its head and its first page list them. The single ways of signing
// in stand below one of them.
var menu = [...]struct {
	heading string
	rooms   []string
}{
	{"account.group_buy", []string{"orders", "addresses", "profile"}},
	{"account.group_in", []string{"methods", "devices", "email"}},
	{"account.group_safe", []string{"check", "activity", "words"}},
}

// ways is the menu for a page.
func ways(p *parts.Page) []parts.Group {
	out := []parts.Group{{Links: []parts.Link{{Text: p.T("account.overview"), Href: p.To("/account"), Current: p.Path == "/account"}}}}
	for _, g := range menu {
		group := parts.Group{Heading: p.T(g.heading)}
		for _, room := range g.rooms {
			path := "/account/" + room
			group.Links = append(group.Links, parts.Link{Text: p.T("account." + room), Href: p.To(path), Current: p.Path == path || roomOf(p.Path) == room})
		}
		out = append(out, group)
	}
	return out
}

// waysToLook is the menu for a session that may only look.
func waysToLook(p *parts.Page) []parts.Group {
	return []parts.Group{{Links: []parts.Link{{Text: p.T("account.overview"), Href: p.To("/account"), Current: p.Path == "/account"},
		{Text: p.T("account.orders"), Href: p.To("/account/orders"), Current: p.Path == "/account/orders"}}}}
}

// roomOf is the room that a page without a place in the menu belongs to.
func roomOf(path string) string {
	switch {
	case isMethod(path):
		return "methods"
	case path == "/account/address":
		return "addresses"
	case path == "/account/close":
		return "profile"
	}
	return ""
}

// isMethod says whether a page is that of a single way of signing in.
func isMethod(path string) bool {
	switch path {
	case "/account/passkeys", "/account/password", "/account/app", "/account/phone", "/account/codes", "/account/recovery":
		return true
	}
	return false
}
