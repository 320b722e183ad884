// Package align looks at a sender's domain as those see it who receive its mails: does DNS name the servers that may send
// (SPF), show the keys that sign (DKIM), and say what to do with mails that are neither (DMARC)? And do the three speak
// of the domain that the reader sees?
//
// Check compares what DNS has with what is expected and says of each difference what to do. It changes nothing and sends
// nothing. DNS is asked through Resolver, which net.Resolver fulfils and tests stand in for.
package align

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"

	"golang.org/x/net/publicsuffix"
)

// Resolver asks DNS.
type Resolver interface {
	LookupTXT(ctx context.Context, name string) ([]string, error)
	LookupMX(ctx context.Context, name string) ([]*net.MX, error)
	LookupNetIP(ctx context.Context, network, host string) ([]netip.Addr, error)
}

// State is how a check ended.
type State string

// The states.
const (
	Fine    State = "ok"
	Warn    State = "warning"
	Wrong   State = "wrong"
	Unknown State = "unknown" // DNS did not answer
)

// Finding is one comparison.
type Finding struct {
	Name     string // "SPF", "DKIM sr20261122r", "DMARC", "alignment"
	State    State
	Found    string
	Expected string // the record to paste; "" where the record that is found does
	Do       string
}

// Key is a signing key that DNS should show.
type Key struct {
	Selector string
	Record   string // "v=DKIM1; ..."
	Public   string // its p tag
}

// Sender is who writes.
type Sender struct {
	From   string // domain of the address that readers see
	Return string // domain of the envelope sender
	Host   string // server that takes the mails from us
	Keys   []Key
	Report string // address for DMARC's reports; may be empty
}

// Line is a TXT record to paste.
type Line struct{ Name, Value string }

// Lines are the records of a domain that has none yet. SPF is given for the envelope's domain.
func (s Sender) Lines() []Line {
	out := []Line{{s.Return, s.spf()}}
	for _, k := range s.Keys {
		out = append(out, Line{k.Selector + "._domainkey." + s.From, k.Record})
	}
	return append(out, Line{"_dmarc." + s.From, s.dmarc()})
}

func (s Sender) spf() string {
	if ip, err := netip.ParseAddr(s.Host); err == nil && !ip.IsLoopback() {
		if ip.Is4() {
			return "v=spf1 ip4:" + s.Host + " -all"
		}
		return "v=spf1 ip6:" + s.Host + " -all"
	}
	if s.local() {
		return "v=spf1 a mx -all"
	}
	return "v=spf1 a:" + s.Host + " mx -all"
}

// local says whether the mail server is this machine, whose address in the world is not known here.
func (s Sender) local() bool {
	ip, err := netip.ParseAddr(s.Host)
	return s.Host == "localhost" || err == nil && ip.IsLoopback()
}

func (s Sender) dmarc() string {
	if s.Report == "" {
		return "v=DMARC1; p=quarantine; adkim=r; aspf=r"
	}
	return "v=DMARC1; p=quarantine; adkim=r; aspf=r; rua=mailto:" + s.Report
}

// Zone writes a line as a zone file has it, cut into strings of at most 255 bytes.
func (l Line) Zone() string {
	var b strings.Builder
	b.WriteString(l.Name + ". 3600 IN TXT")
	parts := Split(l.Value)
	if len(parts) > 1 {
		b.WriteString(" (")
	}
	for _, p := range parts {
		b.WriteString(` "` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(p) + `"`)
	}
	if len(parts) > 1 {
		b.WriteString(" )")
	}
	return b.String()
}

// Split cuts a record into the strings of a TXT record, which hold 255 bytes at most. Readers join them without a space.
func Split(value string) (out []string) {
	const most = 255
	for len(value) > most {
		out, value = append(out, value[:most]), value[most:]
	}
	return append(out, value)
}

// Check asks DNS for everything.
func Check(ctx context.Context, r Resolver, s Sender) []Finding {
	spf, passes := s.checkSPF(ctx, r)
	out := []Finding{spf}
	signs := false
	for _, k := range s.Keys {
		f := s.checkKey(ctx, r, k)
		signs = signs || f.State == Fine
		out = append(out, f)
	}
	if len(s.Keys) == 0 {
		out = append(out, Finding{"DKIM", Wrong, "there are no keys yet", "", "strongroom mail rotate makes them."})
	}
	return append(out, s.checkDMARC(ctx, r), s.aligned(signs, passes))
}

// Aligned says whether findings make mails that pass DMARC.
func Aligned(list []Finding) bool {
	for _, f := range list {
		if f.State == Wrong || f.State == Unknown {
			return false
		}
	}
	return true
}

// aligned says whether a mail passes DMARC: at least one of the two speaks, and for the domain that the reader sees.
func (s Sender) aligned(signs, passes bool) Finding {
	const name = "alignment"
	same := Org(s.Return) == Org(s.From)
	switch {
	case signs && passes && same:
		return Finding{name, Fine, "DKIM and SPF both speak for " + s.From, "", ""}
	case signs && !same:
		return Finding{name, Warn, "DKIM speaks for " + s.From + "; the envelope's domain " + s.Return + " is another one, so that SPF does not count", "",
			"Set mail.bounce_address to an address of " + Org(s.From) + "."}
	case signs:
		return Finding{name, Warn, "DKIM speaks for " + s.From + ", SPF does not", "", "Publish the SPF record, so that a broken signature does not lose the mail."}
	case passes && same:
		return Finding{name, Warn, "SPF speaks for " + s.From + ", DKIM does not", "", "Publish the DKIM records: forwarded mails have only those."}
	}
	return Finding{name, Wrong, "neither DKIM nor SPF speaks for " + s.From + ": mails look forged", "", "Publish the records above."}
}

// Org is the part of a domain that somebody registered.
func Org(domain string) string {
	if o, err := publicsuffix.EffectiveTLDPlusOne(strings.ToLower(strings.TrimSuffix(domain, "."))); err == nil {
		return o
	}
	return strings.ToLower(domain)
}

// checkKey compares a key's record.
func (s Sender) checkKey(ctx context.Context, r Resolver, k Key) Finding {
	f := Finding{Name: "DKIM " + k.Selector, Expected: k.Record}
	name := k.Selector + "._domainkey." + s.From
	list, err := txt(ctx, r, name)
	switch {
	case err != nil:
		return unknown(f, name, err)
	case len(list) == 0:
		f.State, f.Found, f.Do = Wrong, "no record at "+name, "Paste the record into the DNS of "+Org(s.From)+"."
	case len(list) > 1:
		f.State, f.Found, f.Do = Wrong, fmt.Sprintf("%d records at %s", len(list), name), "Leave only the expected one; readers refuse two."
	case tag(list[0], "p") != k.Public:
		f.State, f.Found, f.Do = Wrong, shorten(list[0]), "Replace it: this is another key, or a part is missing. Spaces and line breaks inside p= do no harm, missing letters do."
	default:
		f.State, f.Found = Fine, "the record is there and right"
	}
	return f
}

// tag is the value of a tag in a list "a=b; c=d", without white space.
func tag(record, name string) string {
	for part := range strings.SplitSeq(record, ";") {
		k, v, _ := strings.Cut(part, "=")
		if strings.EqualFold(strings.TrimSpace(k), name) {
			return strings.Join(strings.Fields(v), "")
		}
	}
	return ""
}

func shorten(s string) string {
	if len(s) > 90 {
		return s[:60] + "…" + s[len(s)-20:]
	}
	return s
}

// txt are the TXT records of a name; none is no error.
func txt(ctx context.Context, r Resolver, name string) ([]string, error) {
	list, err := r.LookupTXT(ctx, name)
	if notFound(err) {
		return nil, nil
	}
	return list, err
}

func notFound(err error) bool {
	var d *net.DNSError
	return errors.As(err, &d) && d.IsNotFound
}

func unknown(f Finding, name string, err error) Finding {
	f.State, f.Found, f.Do = Unknown, "DNS does not answer for "+name, "Look at this machine's DNS, then try again."
	if errors.Is(err, context.DeadlineExceeded) {
		f.Found += " in time"
	}
	return f
}
