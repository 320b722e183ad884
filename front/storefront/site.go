package storefront

import (
	"strongroom/base/config"
	"strongroom/base/lang"
	"strongroom/front/look"
	"strongroom/front/parts"
)

// sites makes what all pages of a language share. The navigation comes from the catalogue and is put in by the caller.
type sites struct {
	shop   *config.Shop
	texts  *lang.Catalog
	assets *look.Assets
}

// site is the frame of one language.
func (s *sites) site(code string, nav []parts.Link) *parts.Site {
	p := s.texts.For(code)
	site := &parts.Site{P: p, Shop: s.shop, Lang: code, Nav: nav,
		CSS: s.assets.Path("shop.css"), Icon: s.assets.Path("favicon.svg"), TouchIcon: s.assets.Path("icon-180.png"),
		Fonts: []string{s.assets.Path("fraunces.woff2"), s.assets.Path("source-sans.woff2")},
		Bag:   s.assets.Path("bag.js"), Find: s.assets.Path("find.js")}
	for _, l := range s.shop.Languages {
		site.Languages = append(site.Languages, parts.Language{Code: l, Name: lang.LanguageName(l)})
	}
	site.Foot = foot(site)
	return site
}

// foot are the ways that every page offers, the withdrawal among them.
func foot(s *parts.Site) []parts.Group {
	way := func(key, path string) parts.Link { return parts.Link{Text: s.T(key), Href: s.To(path)} }
	return []parts.Group{
		{Heading: s.T("shop.foot_help"), Links: []parts.Link{way("shop.contact", "/contact"), way("shop.delivery", "/delivery"),
			way("shop.returns", "/returns"), way("shop.find_order", "/order/link")}},
		{Heading: s.T("shop.foot_law"), Links: []parts.Link{way("shop.withdraw", "/withdraw"),
			way("shop.withdrawal_notice", "/withdrawal-notice"), way("shop.guarantee", "/guarantee"), way("shop.terms", "/terms")}},
		{Heading: s.T("shop.foot_shop"), Links: []parts.Link{way("shop.imprint", "/imprint"), way("shop.privacy", "/privacy")}},
	}
}
