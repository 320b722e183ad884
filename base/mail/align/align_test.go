package align_test

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"testing"

	"strongroom/base/mail/align"
)

// dns is a resolver that knows a few names.
type dns struct {
	txt  map[string][]string
	ip   map[string]string
	mx   map[string]string
	away bool
	n    int
}

func (d *dns) LookupTXT(_ context.Context, name string) ([]string, error) {
	if d.n++; d.away {
		return nil, &net.DNSError{Err: "server misbehaving", Name: name, IsTemporary: true}
	}
	if v, ok := d.txt[name]; ok {
		return v, nil
	}
	return nil, &net.DNSError{Err: "no such host", Name: name, IsNotFound: true}
}

func (d *dns) LookupMX(_ context.Context, name string) ([]*net.MX, error) {
	if v, ok := d.mx[name]; ok {
		return []*net.MX{{Host: v + "."}}, nil
	}
	return nil, &net.DNSError{Err: "no such host", Name: name, IsNotFound: true}
}

func (d *dns) LookupNetIP(_ context.Context, _, host string) ([]netip.Addr, error) {
	if v, ok := d.ip[host]; ok {
		return []netip.Addr{netip.MustParseAddr(v)}, nil
	}
	return nil, &net.DNSError{Err: "no such host", Name: host, IsNotFound: true}
}

const public = "MIIBIjANBgkq" + "AAAABBBBCCCC"

func sender() align.Sender {
	return align.Sender{From: "example.org", Return: "example.org", Host: "mail.example.org", Report: "owner@example.org",
		Keys: []align.Key{{Selector: "sr1e", Record: "v=DKIM1; k=ed25519; p=EEEE", Public: "EEEE"}, {Selector: "sr1r", Record: "v=DKIM1; k=rsa; p=" + public, Public: public}}}
}

// right is what the lines to paste make of DNS.
func right(s align.Sender) *dns {
	d := &dns{txt: map[string][]string{}, ip: map[string]string{"mail.example.org": "192.0.2.1"}, mx: map[string]string{"example.org": "mail.example.org"}}
	for _, l := range s.Lines() {
		d.txt[l.Name] = append(d.txt[l.Name], strings.Join(align.Split(l.Value), ""))
	}
	return d
}

func check(t *testing.T, d *dns, s align.Sender) map[string]align.Finding {
	t.Helper()
	out := map[string]align.Finding{}
	for _, f := range align.Check(context.Background(), d, s) {
		out[f.Name] = f
		if (f.State == align.Fine) != (f.Do == "") {
			t.Errorf("%s: %s, and to do: %q", f.Name, f.State, f.Do)
		}
	}
	return out
}

// What the lines say, pasted, is found right in every way.
func TestPastedLinesAreRight(t *testing.T) {
	for _, host := range []string{"mail.example.org", "192.0.2.1", "localhost", "2001:db8::1"} {
		s := sender()
		s.Host = host
		found := align.Check(context.Background(), right(s), s)
		for _, f := range found {
			if f.State != align.Fine {
				t.Errorf("%s: %+v", host, f)
			}
		}
		if len(found) != 5 || !align.Aligned(found) {
			t.Errorf("%s: not aligned: %+v", host, found)
		}
	}
}

// Found is held against expected, and each difference is said with what to do.
func TestDifferences(t *testing.T) {
	many := "v=spf1 include:_a.example.net include:_b.example.net -all"
	for name, c := range map[string]struct {
		change func(*dns, *align.Sender)
		at     string
		state  align.State
		words  string
		passes bool
	}{
		"nothing there":     {func(d *dns, _ *align.Sender) { d.txt = nil }, "alignment", align.Wrong, "look forged", false},
		"no SPF":            {func(d *dns, _ *align.Sender) { delete(d.txt, "example.org") }, "SPF", align.Wrong, "no record at example.org", false},
		"other TXT":         {func(d *dns, _ *align.Sender) { d.txt["example.org"] = []string{"site-check=1", "v=spf10"} }, "SPF", align.Wrong, "no record", false},
		"two SPF":           {func(d *dns, _ *align.Sender) { d.txt["example.org"] = []string{"v=spf1 -all", "v=spf1 mx -all"} }, "SPF", align.Wrong, "two records", false},
		"another server":    {func(d *dns, _ *align.Sender) { d.txt["example.org"] = []string{"v=spf1 ip4:198.51.100.0/24 -all"} }, "SPF", align.Warn, "does not name mail.example.org", true},
		"everybody":         {func(d *dns, _ *align.Sender) { d.txt["example.org"] = []string{"v=spf1 mx +all"} }, "SPF", align.Wrong, "everybody", false},
		"open end":          {func(d *dns, _ *align.Sender) { d.txt["example.org"] = []string{"v=spf1 mx"} }, "SPF", align.Warn, "-all", true},
		"nonsense":          {func(d *dns, _ *align.Sender) { d.txt["example.org"] = []string{"v=spf1 mxx -all"} }, "SPF", align.Wrong, "cannot be read", false},
		"bad network":       {func(d *dns, _ *align.Sender) { d.txt["example.org"] = []string{"v=spf1 ip4:1.2.3 -all"} }, "SPF", align.Wrong, "cannot be read", false},
		"include of nobody": {func(d *dns, _ *align.Sender) { d.txt["example.org"] = []string{"v=spf1 include:gone.example -all"} }, "SPF", align.Wrong, "cannot be read", false},
		"include that names": {func(d *dns, _ *align.Sender) {
			d.txt["example.org"] = []string{"v=spf1 include:_s.example.net -all"}
			d.txt["_s.example.net"] = []string{"v=spf1 ip4:192.0.2.0/24 ~all"}
		}, "SPF", align.Fine, "", true},
		"redirect": {func(d *dns, _ *align.Sender) {
			d.txt["example.org"] = []string{"v=spf1 redirect=_s.example.net"}
			d.txt["_s.example.net"] = []string{"v=spf1 ip4:192.0.2.0/24 -all"}
		}, "SPF", align.Fine, "", true},
		"eleven lookups": {func(d *dns, _ *align.Sender) {
			d.txt["example.org"] = []string{many}
			d.txt["_a.example.net"] = []string{"v=spf1 a:mail.example.org a:mail.example.org a:mail.example.org a:mail.example.org ?all"}
			d.txt["_b.example.net"] = []string{"v=spf1 mx:example.org mx:example.org mx:example.org mx:example.org exists:x.example ?all"}
		}, "SPF", align.Wrong, "more than 10 times", false},
		"nine lookups": {func(d *dns, _ *align.Sender) {
			d.txt["example.org"] = []string{many}
			d.txt["_a.example.net"] = []string{"v=spf1 a:mail.example.org a:mail.example.org a:mail.example.org a:mail.example.org ?all"}
			d.txt["_b.example.net"] = []string{"v=spf1 mx:example.org mx:example.org mx:example.org ?all"}
		}, "SPF", align.Warn, "9 times", true},
		"a circle": {func(d *dns, _ *align.Sender) { d.txt["example.org"] = []string{"v=spf1 include:example.org -all"} }, "SPF", align.Wrong, "more than 10 times", false},
		"names that are no": {func(d *dns, _ *align.Sender) {
			d.txt["example.org"] = []string{"v=spf1 a:x1.example a:x2.example a:x3.example mx -all"}
		}, "SPF", align.Wrong, "do not exist", false},
		"key missing": {func(d *dns, _ *align.Sender) { delete(d.txt, "sr1r._domainkey.example.org") }, "DKIM sr1r", align.Wrong, "no record at sr1r._domainkey.example.org", false},
		"key cut": {func(d *dns, _ *align.Sender) {
			d.txt["sr1r._domainkey.example.org"] = []string{"v=DKIM1; k=rsa; p=" + public[:12]}
		}, "DKIM sr1r", align.Wrong, "missing", false},
		"key with spaces": {func(d *dns, _ *align.Sender) {
			d.txt["sr1r._domainkey.example.org"] = []string{"v=DKIM1;k=rsa;p= " + public[:12] + " " + public[12:] + ";"}
		}, "DKIM sr1r", align.Fine, "", true},
		"two keys": {func(d *dns, _ *align.Sender) {
			d.txt["sr1e._domainkey.example.org"] = []string{"v=DKIM1; p=EEEE", "v=DKIM1; p=x"}
		}, "DKIM sr1e", align.Wrong, "2 records", false},
		"no keys":      {func(_ *dns, s *align.Sender) { s.Keys = nil }, "DKIM", align.Wrong, "no keys", false},
		"no DMARC":     {func(d *dns, _ *align.Sender) { delete(d.txt, "_dmarc.example.org") }, "DMARC", align.Wrong, "no policy", false},
		"watching":     {func(d *dns, _ *align.Sender) { d.txt["_dmarc.example.org"] = []string{"v=DMARC1; p=none"} }, "DMARC", align.Warn, "only watches", true},
		"broken DMARC": {func(d *dns, _ *align.Sender) { d.txt["_dmarc.example.org"] = []string{"v=DMARC1; p=perhaps"} }, "DMARC", align.Wrong, "cannot be read", false},
		"two DMARC": {func(d *dns, _ *align.Sender) {
			d.txt["_dmarc.example.org"] = []string{"v=DMARC1; p=none", "v=DMARC1; p=reject"}
		}, "DMARC", align.Wrong, "two policies", false},
		"foreign envelope": {func(d *dns, s *align.Sender) {
			s.Return = "bounces.example.net"
			d.txt["bounces.example.net"] = []string{"v=spf1 a:mail.example.org -all"}
		}, "alignment", align.Warn, "another one", true},
		"own subdomain": {func(d *dns, s *align.Sender) {
			s.Return = "b.example.org"
			d.txt["b.example.org"] = []string{"v=spf1 a:mail.example.org -all"}
		}, "alignment", align.Fine, "", true},
		"strict envelope": {func(d *dns, s *align.Sender) {
			s.Return = "b.example.org"
			d.txt["b.example.org"] = []string{"v=spf1 a:mail.example.org -all"}
			d.txt["_dmarc.example.org"] = []string{"v=DMARC1; p=reject; aspf=s"}
		}, "DMARC", align.Warn, "aspf=s", true},
		"policy above": {func(d *dns, s *align.Sender) {
			*s = below(*s)
			*d = *right(*s)
			d.txt["_dmarc.example.org"] = []string{"v=DMARC1; p=reject; sp=none"}
			delete(d.txt, "_dmarc.shop.example.org")
		}, "DMARC", align.Warn, "only watches", true},
		"DNS away": {func(d *dns, _ *align.Sender) { d.away = true }, "SPF", align.Unknown, "does not answer", false},
	} {
		s := sender()
		d := right(s)
		c.change(d, &s)
		found := check(t, d, s)
		f := found[c.at]
		if f.State != c.state || !strings.Contains(f.Found+" "+f.Do, c.words) {
			t.Errorf("%s: %+v, want %s with %q", name, f, c.state, c.words)
		}
		list := []align.Finding{}
		for _, f := range found {
			list = append(list, f)
		}
		if align.Aligned(list) != c.passes {
			t.Errorf("%s: aligned %v", name, align.Aligned(list))
		}
	}
}

func below(s align.Sender) align.Sender {
	s.From, s.Return = "shop.example.org", "shop.example.org"
	return s
}

// Whatever a domain's record says, the walk ends soon and never asks more than a reader would.
func TestHostileRecords(t *testing.T) {
	s := sender()
	d := right(s)
	d.txt["example.org"] = []string{"v=spf1 " + strings.Repeat("include:example.org ", 5000)}
	if f := check(t, d, s)["SPF"]; f.State != align.Wrong || d.n > 30 {
		t.Errorf("%+v after %d questions", f, d.n)
	}
}

func FuzzSPF(f *testing.F) {
	for _, r := range []string{"v=spf1 -all", "v=spf1 a/24 mx//64 ip6:::/0 include:%{d} redirect=x", "v=spf1 + - : =", "v=spf1 ip4:/ exists:"} {
		f.Add(r)
	}
	f.Fuzz(func(t *testing.T, record string) {
		s := sender()
		d := right(s)
		d.txt["example.org"] = []string{record}
		if got := align.Check(context.Background(), d, s); len(got) != 5 || d.n > 60 {
			t.Fatalf("%d findings, %d questions", len(got), d.n)
		}
	})
}

// A long record is cut into strings that fit, and put together again it is the same (RFC 1035, 255 bytes).
func TestLongRecordsAreCut(t *testing.T) {
	for _, n := range []int{0, 1, 254, 255, 256, 400, 510, 511} {
		value := strings.Repeat("x", n)
		parts := align.Split(value)
		if strings.Join(parts, "") != value {
			t.Errorf("%d: not the same", n)
		}
		for _, p := range parts {
			if len(p) > 255 {
				t.Errorf("%d: a string of %d bytes", n, len(p))
			}
		}
	}
	zone := align.Line{Name: "k._domainkey.example.org", Value: `v=DKIM1; p="` + strings.Repeat("A", 300)}.Zone()
	if !strings.HasPrefix(zone, "k._domainkey.example.org. 3600 IN TXT ( \"v=DKIM1; p=\\\"AAA") || strings.Count(zone, `" "`) != 1 || !strings.HasSuffix(zone, ` )`) {
		t.Errorf("%s", zone)
	}
	if short := fmt.Sprint(align.Line{Name: "a.example", Value: "v=spf1 -all"}.Zone()); short != `a.example. 3600 IN TXT "v=spf1 -all"` {
		t.Error(short)
	}
}
