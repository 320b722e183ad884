package account

import (
	"strings"
	"time"

	"strongroom/front/parts"
)

// device reads a label such as "firefox.linux" out.
func (p *page) device(label string) string {
	browser, system, _ := strings.Cut(label, ".")
	if browser == "" {
		return ""
	}
	return p.T("account.device_on", "browser", p.T("identity.browser_"+browser), "system", p.T("identity.system_"+system))
}

// local is a moment in the store's time zone.
func (x *visit) local(t time.Time) time.Time {
	if x.Shop.TimeZone == nil {
		return t
	}
	return t.In(x.Shop.TimeZone)
}

// newPassword is the form of a new password: V6.2.6 and V6.2.7 hold by what it does not have, a limit or a ban on paste.
func (p *page) newPassword(had bool, least int) passwordForm {
	f := passwordForm{Button: p.T("account.password_set"),
		Next: p.field(parts.Field{Name: "password", Label: p.T("account.password_new"), Hint: p.T("account.password_hint", "n", least), Type: "password", Fill: "new-password", Max: 1000})}
	if had {
		cur := p.field(parts.Field{Name: "current", Label: p.T("account.password_current"), Type: "password", Fill: "current-password", Max: 1000})
		f.Current = &cur
	}
	return f
}

// span says how long something takes, in the largest unit that says it well.
func (p *page) span(seconds int) string {
	switch {
	case seconds < 100:
		return p.T("account.span_seconds", "n", seconds)
	case seconds < 5400:
		return p.T("account.span_minutes", "n", (seconds+59)/60)
	}
	return p.T("account.span_hours", "n", (seconds+3599)/3600)
}
