package storefront

import (
	"fmt"
	"strings"

	"strongroom/base/lang"
	"strongroom/guard/privacy"
)

// privacyTable is the inventory of personal data as a Markdown table: what the program really stores, as it is
// declared in guard/privacy, and not what somebody once wrote about it. Fields that differ in nothing but what they
// are share a row.
func privacyTable(p *lang.Printer) string {
	var b strings.Builder
	head := [...]string{p.T("shop.privacy_what"), p.T("shop.privacy_why"), p.T("shop.privacy_keep"), p.T("shop.privacy_who")}
	fmt.Fprintf(&b, "| %s |\n|---|---|---|---|\n", strings.Join(head[:], " | "))
	what := map[string][]string{}
	var order []string
	for _, it := range privacy.Inventory() {
		key := strings.Join([]string{it.Why.In(p.Code()) + " (" + p.T("shop.basis_"+basisKey(it.Basis)) + ")", it.Keep.Text.In(p.Code()), receivers(p, it.SharedWith)}, " | ")
		if what[key] == nil {
			order = append(order, key)
		}
		what[key] = append(what[key], it.What.In(p.Code()))
	}
	for _, key := range order {
		fmt.Fprintf(&b, "| %s | %s |\n", strings.Join(what[key], "; "), key)
	}
	return b.String()
}

func basisKey(b privacy.Basis) string {
	switch b {
	case privacy.Contract:
		return "contract"
	case privacy.LegalDuty:
		return "law"
	case privacy.Interest:
		return "interest"
	}
	return "consent"
}

// receivers names who else gets a field.
func receivers(p *lang.Printer, list []privacy.Receiver) string {
	if len(list) == 0 {
		return p.T("shop.shared_nobody")
	}
	names := make([]string, len(list))
	for i, r := range list {
		names[i] = p.T("shop.shared_" + string(r))
	}
	return strings.Join(names, ", ")
}
