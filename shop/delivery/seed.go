package delivery

import (
	"strings"
	"unicode"

	"strongroom/base/config"
	"strongroom/base/id"
	"strongroom/base/money"
)

// union are the member states of the European Union.
var union = strings.Fields("AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK")

// special are the parts of member states that the Union's tax does not reach; parcels there need customs papers, so
// that the defaults leave them out.
var special = map[string]string{
	"AT": "", "DE": "!27498 !78266", "DK": "!39*", "ES": "!35* !38* !51* !52*", "FI": "!22*",
	"FR": "!971* !972* !973* !974* !975* !976* !977* !978* !986* !987* !988*", "GR": "!63086 !63087", "IT": "!23041 !22061",
}

// texts of the defaults, by language.
var (
	standardName = map[string]string{"en": "Parcel", "de": "Paket"}
	standardNote = map[string]string{"en": "To your door, with tracking", "de": "Bis zur Tür, mit Sendungsverfolgung"}
	expressName  = map[string]string{"en": "Express parcel", "de": "Expresspaket"}
	expressNote  = map[string]string{"en": "Next working day if you order before noon", "de": "Am nächsten Werktag bei Bestellung bis 12 Uhr"}
	pickUpName   = map[string]string{"en": "Pick up at the shop", "de": "Im Laden abholen"}
	pickUpNote   = map[string]string{"en": "We write to you when it is ready", "de": "Wir schreiben, sobald alles bereitliegt"}
	pickUpHours  = map[string]string{"en": "Monday to Friday, 10 to 18", "de": "Montag bis Freitag, 10 bis 18 Uhr"}
)

// worth is about how many units of a currency buy what one euro buys, for sensible defaults only.
var worth = map[money.Currency]int64{"CZK": 25, "DKK": 7, "HUF": 400, "INR": 90, "ISK": 150, "JPY": 160, "KRW": 1500, "MXN": 20,
	"NOK": 11, "PHP": 60, "PLN": 4, "RON": 5, "RSD": 117, "SEK": 11, "THB": 38, "TRY": 40, "UAH": 45, "ZAR": 20, "IDR": 17000}

// defaults are the zones and methods that a new shop begins with.
func defaults(shop config.Shop, newID func() id.ID) ([]Zone, []Method) {
	unit := max(1, worth[shop.Currency])
	for range shop.Currency.Digits() {
		unit *= 10
	}
	cost := func(tenths int64) money.Amount { return money.Amount(tenths * unit / 10) }
	home := Zone{ID: newID(), Name: "Home", Position: 1, Places: map[string]string{shop.Country: special[shop.Country]}}
	zones := []Zone{home}
	parcel := Method{ID: newID(), Zone: home.ID, Key: "standard", Kind: Parcel, Position: 1, Active: true,
		FreeFrom: cost(600), DaysMin: 1, DaysMax: 3, Cutoff: 14, Names: standardName, Notes: standardNote,
		Rates: []Rate{{2_000, 0, cost(49)}, {10_000, 0, cost(69)}, {31_500, 0, cost(129)}}}
	express := Method{ID: newID(), Zone: home.ID, Key: "express", Kind: Parcel, Position: 2, Active: true,
		DaysMin: 1, DaysMax: 1, Cutoff: 12, Names: expressName, Notes: expressNote,
		Rates: []Rate{{2_000, 0, cost(129)}, {10_000, 0, cost(169)}, {31_500, 0, cost(249)}}}
	methods := []Method{parcel, express}
	if p, ok := pickUp(shop); ok {
		p.ID, p.Zone = newID(), home.ID
		methods = append(methods, p)
	}
	if abroad := unionWithout(shop.Country); len(abroad) > 0 {
		eu := Zone{ID: newID(), Name: "European Union", Position: 2, Places: abroad}
		far := parcel
		far.ID, far.Zone, far.FreeFrom, far.DaysMin, far.DaysMax = newID(), eu.ID, cost(1500), 2, 6
		far.Rates = []Rate{{2_000, 0, cost(99)}, {10_000, 0, cost(149)}, {31_500, 0, cost(249)}}
		zones, methods = append(zones, eu), append(methods, far)
	}
	return zones, methods
}

func unionWithout(home string) map[string]string {
	places := map[string]string{}
	member := false
	for _, c := range union {
		member = member || c == home
		places[c] = special[c]
	}
	delete(places, home)
	if !member {
		return nil // from outside every parcel into the Union goes through customs: the shop decides that itself
	}
	return places
}

// pickUp makes a pick-up place of the shop's own address, if it has one.
func pickUp(shop config.Shop) (Method, bool) {
	if len(shop.Address) < 2 {
		return Method{}, false
	}
	m := Method{Key: "pickup", Kind: PickUp, Position: 3, Active: true, DaysMin: 1, DaysMax: 1, Cutoff: 14,
		Rates: []Rate{{MaxWeight, 0, 0}}, Names: pickUpName, Notes: pickUpNote, Hours: pickUpHours, Country: shop.Country}
	m.Street, m.City = shop.Address[len(shop.Address)-2], shop.Address[len(shop.Address)-1]
	if head, tail, ok := strings.Cut(m.City, " "); ok && strings.ContainsFunc(head, unicode.IsDigit) {
		m.Postcode, m.City = head, tail
	}
	return m, true
}
