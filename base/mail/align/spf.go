package align

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"strings"
)

// The bounds of RFC 7208, section 4.6.4: beyond them readers give up and treat the domain as if it had no record.
const (
	mostLookups = 10
	mostVoid    = 2
	mostNames   = 10 // of an MX
)

var (
	errLookups = errors.New("it makes readers ask DNS more than 10 times, and they give up")
	errVoid    = errors.New("more than two of its names do not exist, and readers give up")
	errSyntax  = errors.New("it cannot be read")
	errTwo     = errors.New("there are two records, and readers give up")
	errNone    = errors.New("there is no record")
)

// spf walks through a record as a reader does, for the addresses that our mails may come from.
type spf struct {
	r       Resolver
	ips     []netip.Addr
	lookups int
	void    int
}

// checkSPF looks at the envelope's domain. passes says whether the record names the server that takes our mails; from
// where that server sends on is not known here.
func (s Sender) checkSPF(ctx context.Context, r Resolver) (f Finding, passes bool) {
	f = Finding{Name: "SPF", Expected: s.spf()}
	e := &spf{r: r}
	if !s.local() {
		e.ips, _ = addresses(ctx, r, s.Host)
	}
	record, err := e.record(ctx, s.Return)
	f.Found = shorten(record)
	if err == nil {
		var all byte
		passes, all, err = e.walk(ctx, s.Return, record, 0)
		if err == nil {
			return s.judge(f, e, passes, all), passes || s.local()
		}
	}
	switch {
	case errors.Is(err, errNone):
		f.State, f.Found, f.Do = Wrong, "no record at "+s.Return, "Paste the record. If another company sends your mails, add its include."
	case errors.Is(err, errLookups), errors.Is(err, errVoid), errors.Is(err, errSyntax), errors.Is(err, errTwo):
		f.State, f.Do = Wrong, "Correct it: "+err.Error()+"."
	default:
		return unknown(f, s.Return, err), false
	}
	return f, false
}

func (s Sender) judge(f Finding, e *spf, passes bool, all byte) Finding {
	switch {
	case all == '+':
		f.State, f.Do = Wrong, `"+all" lets everybody send in the shop's name: end it with "-all".`
	case !passes && !s.local():
		f.State, f.Do = Warn, "It does not name "+s.Host+". Add a:"+s.Host+", or the include that your mail company gives."
	case all == 0 || all == '?':
		f.State, f.Do = Warn, `End it with "-all", so that nobody else may send in the shop's name.`
	case e.lookups > mostLookups-2:
		f.State, f.Expected, f.Do = Warn, "", fmt.Sprintf("It makes readers ask DNS %d times; with more than 10 they give up. Take out what is not needed.", e.lookups)
	default:
		f.State, f.Expected = Fine, ""
	}
	return f
}

// record is the one SPF record of a domain.
func (e *spf) record(ctx context.Context, domain string) (string, error) {
	list, err := txt(ctx, e.r, domain)
	if err != nil {
		return "", err
	}
	switch list = beginning(list, "v=spf1"); len(list) {
	case 0:
		return "", errNone
	case 1:
		return list[0], nil
	}
	return list[0], errTwo
}

// walk goes through the terms. Every term is looked at, also behind one that matches: the bound counts for all readers.
func (e *spf) walk(ctx context.Context, domain, record string, depth int) (passes bool, all byte, err error) {
	if depth > mostLookups {
		return false, 0, errLookups
	}
	decided := false
	for _, term := range strings.Fields(record)[1:] {
		sign, name, value := parseTerm(term)
		if name == "redirect" && all == 0 {
			p, a, err := e.include(ctx, value, depth)
			if err != nil {
				return false, 0, err
			}
			passes, all = passes || !decided && p, a
			continue
		}
		if strings.Contains(term, "=") { // exp= and what may come
			continue
		}
		if name == "all" {
			all = sign
			passes, decided = passes || !decided && sign == '+', true
			continue
		}
		match, err := e.match(ctx, domain, name, value, depth)
		if err != nil {
			return false, 0, err
		}
		if match && !decided {
			passes, decided = sign == '+', true
		}
	}
	return passes, all, nil
}

// parseTerm takes "~include:example.org" or "redirect=example.org" apart.
func parseTerm(term string) (sign byte, name, value string) {
	sign = '+'
	if strings.ContainsRune("+-~?", rune(term[0])) {
		sign, term = term[0], term[1:]
	}
	i := strings.IndexAny(term, ":=/")
	if i < 0 {
		return sign, strings.ToLower(term), ""
	}
	if term[i] == '/' {
		return sign, strings.ToLower(term[:i]), term[i:]
	}
	return sign, strings.ToLower(term[:i]), term[i+1:]
}

func (e *spf) include(ctx context.Context, domain string, depth int) (passes bool, all byte, err error) {
	if err := e.count(); err != nil {
		return false, 0, err
	}
	if strings.Contains(domain, "%") { // a macro: what it becomes depends on the mail
		return false, 0, nil
	}
	record, err := e.record(ctx, domain)
	if errors.Is(err, errNone) {
		return false, 0, fmt.Errorf("%w: %s has no record", errSyntax, domain)
	}
	if err != nil {
		return false, 0, err
	}
	return e.walk(ctx, domain, record, depth+1)
}

func (e *spf) count() error {
	if e.lookups++; e.lookups > mostLookups {
		return errLookups
	}
	return nil
}

// match says whether one of our addresses is meant.
func (e *spf) match(ctx context.Context, domain, name, value string, depth int) (bool, error) {
	switch name {
	case "ip4", "ip6":
		return e.network(value)
	case "include":
		passes, _, err := e.include(ctx, value, depth)
		return passes, err
	case "a", "mx":
		if err := e.count(); err != nil {
			return false, err
		}
		host, _, _ := strings.Cut(value, "/")
		if host == "" {
			host = domain
		}
		if strings.Contains(host, "%") {
			return false, nil
		}
		return e.hosts(ctx, name, host)
	case "exists", "ptr":
		return false, e.count()
	}
	return false, fmt.Errorf("%w: %q is no term of SPF", errSyntax, shorten(name))
}

func (e *spf) network(value string) (bool, error) {
	p, err := netip.ParsePrefix(value)
	if err != nil {
		a, aerr := netip.ParseAddr(value)
		if aerr != nil {
			return false, fmt.Errorf("%w: %q is no address", errSyntax, shorten(value))
		}
		p = netip.PrefixFrom(a, a.BitLen())
	}
	for _, ip := range e.ips {
		if p.Contains(ip) {
			return true, nil
		}
	}
	return false, nil
}

func (e *spf) hosts(ctx context.Context, name, host string) (bool, error) {
	hosts := []string{host}
	if name == "mx" {
		list, err := e.r.LookupMX(ctx, host)
		if err != nil && !notFound(err) {
			return false, err
		}
		if hosts = nil; len(list) == 0 {
			e.void++
		}
		for i, m := range list {
			if i == mostNames {
				return false, errLookups
			}
			hosts = append(hosts, strings.TrimSuffix(m.Host, "."))
		}
	}
	match := false
	for _, h := range hosts {
		list, err := addresses(ctx, e.r, h)
		if err != nil {
			return false, err
		}
		if len(list) == 0 {
			e.void++
		}
		for _, ip := range list {
			for _, ours := range e.ips {
				match = match || ip == ours
			}
		}
	}
	if e.void > mostVoid {
		return false, errVoid
	}
	return match, nil
}

func addresses(ctx context.Context, r Resolver, host string) (out []netip.Addr, err error) {
	if ip, err := netip.ParseAddr(host); err == nil {
		return []netip.Addr{ip.Unmap()}, nil
	}
	list, err := r.LookupNetIP(ctx, "ip", host)
	if notFound(err) {
		return nil, nil
	}
	for _, ip := range list {
		out = append(out, ip.Unmap())
	}
	return out, err
}
