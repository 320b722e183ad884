package config

import (
	"fmt"
	"reflect"
	"regexp"
)

// Fact is what a stranger may know of one key of the configuration: whether it was set, and its value if the value is
// a word of the program or a number.
type Fact struct {
	Key   string `json:"key"`
	Set   bool   `json:"set"` // to something else than the default
	Value string `json:"value,omitempty"`
}

// told are the keys whose values may be told, each with the form that the value must have. A key that is not here is
// told as set or not set: new keys are secret until somebody decides otherwise.
var told = map[string]*regexp.Regexp{
	"shop.country":           regexp.MustCompile(`^[A-Z]{2}$`),
	"shop.currency":          regexp.MustCompile(`^[A-Z]{3}$`),
	"shop.price_mode":        regexp.MustCompile(`^(inclusive|exclusive)$`),
	"shop.languages":         regexp.MustCompile(`^\[([a-z]{2} ?)*\]$`),
	"shop.default_language":  regexp.MustCompile(`^[a-z]{2}$`),
	"shop.time_zone":         regexp.MustCompile(`^(UTC|[A-Z][A-Za-z]+/[A-Z][A-Za-z_]+)$`),
	"shop.withdrawal_days":   number,
	"shop.return_days":       number,
	"server.listen":          listening,
	"server.redirect_listen": listening,
	"server.private_listen":  listening,
	"server.test_mode":       regexp.MustCompile(`^(true|false)$`),
	"server.leave_seconds":   number,
	"server.drain_seconds":   number,
	"keys.provider":          regexp.MustCompile(`^(file|openbao)$`),
	"keys.wait_seconds":      number,
	"mail.port":              number,
	"mail.security":          regexp.MustCompile(`^(tls|starttls|none)$`),
	"payment.capture":        regexp.MustCompile(`^(order|shipment)$`),
	"payment.provider":       regexp.MustCompile(`^(sandbox|stripe|paypal)$`),
	"log.format":             regexp.MustCompile(`^(text|json)$`),
	"log.level":              regexp.MustCompile(`^(debug|info|warn|error)$`),
	"limits.scale":           number,
	"limits.page_cache":      number,
	"trace.percent":          number,
	"watch.pages":            regexp.MustCompile(`^(true|false)$`),
}

var (
	number    = regexp.MustCompile(`^[0-9]{1,6}$`)
	listening = regexp.MustCompile(`^(127\.0\.0\.1|0\.0\.0\.0|\[::1?\]|localhost)?:[0-9]{1,5}$`)
)

// Facts are the keys of the configuration as a stranger may know them.
func (c *Config) Facts() []Fact {
	usual := fields(Defaults())
	var out []Fact
	for i, f := range fields(c) {
		fact := Fact{Key: f.key, Set: !reflect.DeepEqual(f.value.Interface(), usual[i].value.Interface())}
		if form := told[f.key]; form != nil {
			if text := fmt.Sprint(f.value.Interface()); form.MatchString(text) {
				fact.Value = text
			}
		}
		out = append(out, fact)
	}
	return out
}

// Places are where the problems stand, for a stranger: keys of the program and lines, without what was written there.
func (ps Problems) Places() []string {
	known := map[string]bool{}
	for _, k := range Keys() {
		known[k], known[Variable(k)] = true, true
	}
	var out []string
	for _, p := range ps {
		key := p.Key
		if !known[key] {
			key = "(a key that this program does not know)"
		}
		if p.Line > 0 {
			key += fmt.Sprintf(", line %d", p.Line)
		}
		out = append(out, key)
	}
	return out
}
