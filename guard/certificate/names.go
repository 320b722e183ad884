package certificate

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/miekg/dns"
)

// Resolver asks name servers. The standard library's resolver knows no CAA records and hides why a name is not found.
type Resolver struct {
	Servers []string // "host:port"
}

// SystemResolver asks the name servers that this machine is set to.
func SystemResolver() Resolver {
	c, err := dns.ClientConfigFromFile("/etc/resolv.conf")
	if err != nil {
		return Resolver{}
	}
	var r Resolver
	for _, s := range c.Servers {
		r.Servers = append(r.Servers, net.JoinHostPort(s, c.Port))
	}
	return r
}

// What name servers answer when they have nothing.
var (
	errNoName    = errors.New("there is no such name")
	errNoServers = errors.New("no name server is known here; name one in acme.resolver")
)

// dnsPatience is how long one server may take.
const dnsPatience = 4 * time.Second

// ask asks for the records of one type; none is no error.
func (r Resolver) ask(ctx context.Context, name string, kind uint16) ([]dns.RR, error) {
	last := errNoServers
	for _, server := range r.Servers {
		m := new(dns.Msg)
		m.SetQuestion(dns.Fqdn(name), kind)
		m.SetEdns0(1232, false)
		c := &dns.Client{Timeout: dnsPatience}
		in, _, err := c.ExchangeContext(ctx, m, server)
		if err == nil && in.Truncated {
			c.Net = "tcp"
			in, _, err = c.ExchangeContext(ctx, m, server)
		}
		if err != nil {
			last = fmt.Errorf("the name server %s does not answer", server)
			continue
		}
		switch in.Rcode {
		case dns.RcodeSuccess:
			return in.Answer, nil
		case dns.RcodeNameError:
			return nil, errNoName
		}
		last = fmt.Errorf("the name server %s answers %s: the servers of this name fail, or its DNSSEC is broken", server, dns.RcodeToString[in.Rcode])
	}
	return nil, last
}

// addresses are the A and AAAA records of a name.
func (r Resolver) addresses(ctx context.Context, name string) (out []netip.Addr, err error) {
	for _, kind := range []uint16{dns.TypeA, dns.TypeAAAA} {
		rrs, err := r.ask(ctx, name, kind)
		if err != nil {
			return nil, err
		}
		for _, rr := range rrs {
			switch x := rr.(type) {
			case *dns.A:
				out = addAddr(out, x.A)
			case *dns.AAAA:
				out = addAddr(out, x.AAAA)
			}
		}
	}
	return out, nil
}

func addAddr(out []netip.Addr, ip net.IP) []netip.Addr {
	if a, ok := netip.AddrFromSlice(ip); ok {
		out = append(out, a.Unmap())
	}
	return out
}

// caa finds the CAA records that hold for a name: its own, or the nearest ones above (RFC 8659, 3).
func (r Resolver) caa(ctx context.Context, name string) (where string, set []*dns.CAA, err error) {
	for at := strings.TrimSuffix(name, "."); at != ""; _, at, _ = strings.Cut(at, ".") {
		rrs, err := r.ask(ctx, at, dns.TypeCAA)
		if err != nil && !errors.Is(err, errNoName) {
			return at, nil, err
		}
		for _, rr := range rrs {
			if c, ok := rr.(*dns.CAA); ok {
				set = append(set, c)
			}
		}
		if len(set) > 0 {
			return at, set, nil
		}
	}
	return "", nil, nil
}

// tags are the properties of CAA records that authorities know. One that is critical and not among them forbids all.
var tags = map[string]bool{"issue": true, "issuewild": true, "iodef": true, "contactemail": true, "contactphone": true,
	"issuemail": true, "issuevmc": true}

// permits says whether CAA records let one of the authority's names issue, by a method that we use; and if not, why.
func permits(set []*dns.CAA, identities []string) (ok bool, why string) {
	asked := false
	for _, c := range set {
		tag := strings.ToLower(c.Tag)
		if c.Flag&128 != 0 && !tags[tag] {
			return false, fmt.Sprintf("the record %q is critical and no authority knows it", c.Tag)
		}
		if tag != "issue" {
			continue
		}
		asked = true
		yes, reason := permit(c.Value, identities)
		ok = ok || yes
		if reason != "" {
			why = reason
		}
	}
	return ok || !asked, why
}

// permit looks at the value of one record: "name; parameter=value". Which account a record wants (RFC 8657) is known to
// the authority alone.
func permit(value string, identities []string) (ok bool, why string) {
	name, parameters, _ := strings.Cut(value, ";")
	if !slices.ContainsFunc(identities, func(id string) bool { return strings.EqualFold(id, strings.TrimSpace(name)) }) {
		return false, ""
	}
	for p := range strings.SplitSeq(parameters, ";") {
		key, v, _ := strings.Cut(strings.TrimSpace(p), "=")
		if strings.EqualFold(strings.TrimSpace(key), "validationmethods") && !strings.Contains(v, "http-01") && !strings.Contains(v, "tls-alpn-01") {
			return false, "it allows other methods of validation only: " + v
		}
	}
	return true, ""
}
