package certificate

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/miekg/dns"

	"strongroom/base/clock"
)

// State is how a check ended.
type State string

// The states.
const (
	Fine  State = "ok"
	Warn  State = "warning" // may work all the same
	Wrong State = "wrong"   // the authority would refuse: it is not asked
)

// Check is one thing that was looked at before asking: what should be, what is, and what to do.
type Check struct {
	Name     string `json:"name"`
	State    State  `json:"state"`
	Expected string `json:"expected"`
	Found    string `json:"found"`
	Do       string `json:"do,omitempty"`
}

// Preflight looks at what an authority will look at, before it is asked.
type Preflight struct {
	Authority Authority
	Resolver  Resolver
	Clock     clock.Clock
	// Addresses are this machine's own; nil asks the machine.
	Addresses func() ([]netip.Addr, error)
	// Dial opens connections to addresses of the host; nil is the net package's.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
	// HTTPPort and TLSPort are where authorities knock: 80 and 443. HTTPPort below 0 is that nobody answers there.
	HTTPPort, TLSPort int
}

// Check looks at everything for one host. Without a probe the ports are not looked at.
func (p *Preflight) Check(ctx context.Context, h Host, probe Probe) []Check {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	d, checks := p.authority(ctx)
	addrs, names := p.names(ctx, h.Name)
	checks = append(checks, names)
	if names.State == Wrong {
		return checks
	}
	checks = append(checks, p.caa(ctx, h.Name, d.Meta.Identities))
	if probe != nil {
		checks = append(checks, p.ports(ctx, h.Name, addrs, probe)...)
	}
	return checks
}

// blocking are the words about everything that makes asking pointless; "" if nothing does.
func blocking(checks []Check) string {
	var words []string
	for _, c := range checks {
		if c.State == Wrong {
			words = append(words, fmt.Sprintf("%s: expected %s, found %s. %s", c.Name, c.Expected, c.Found, c.Do))
		}
	}
	return strings.Join(words, " ")
}

// directory is what an ACME authority tells about itself.
type directory struct {
	NewOrder string `json:"newOrder"`
	Meta     struct {
		Identities []string `json:"caaIdentities"`
		Terms      string   `json:"termsOfService"`
	} `json:"meta"`
}

// How far the clock may be off before it is said. Certificates and signatures have days and minutes of play.
const clockPlay = 5 * time.Minute

// authority reads the authority's directory, and its clock beside ours.
func (p *Preflight) authority(ctx context.Context) (d directory, checks []Check) {
	c := Check{Name: "authority", Expected: "an ACME directory at " + p.Authority.Directory}
	now := p.Clock.Now()
	date, err := p.fetch(ctx, &d)
	var invalid x509.CertificateInvalidError
	switch {
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		c.State, c.Found = Wrong, "its own certificate is not valid at this machine's time, "+now.Format(time.DateTime)+" UTC"
		c.Do = "Set the machine's clock, and keep it right with NTP."
	case err != nil:
		c.State, c.Found = Wrong, err.Error()
		c.Do = "Look whether this machine reaches the internet, and whether acme.authority is right."
	default:
		c.State, c.Found = Fine, "one that takes orders"
	}
	checks = append(checks, c)
	if date.IsZero() {
		return d, checks
	}
	return d, append(checks, clockCheck(now, date))
}

// clockCheck holds our clock beside the authority's. A wrong clock does not keep certificates from being issued, but
// renews them at the wrong time and believes what is over.
func clockCheck(now, theirs time.Time) Check {
	c := Check{Name: "clock", State: Fine, Expected: theirs.Format(time.DateTime) + " UTC, by the authority's clock",
		Found: now.Format(time.DateTime) + " UTC"}
	if off := now.Sub(theirs); off.Abs() > clockPlay {
		c.State, c.Do = Warn, "Set the machine's clock, and keep it right with NTP: certificates are renewed at the wrong time otherwise."
		way := "ahead"
		if off < 0 {
			way = "behind"
		}
		c.Found += fmt.Sprintf(": %v %s", off.Abs().Round(time.Minute), way)
	}
	return c
}

func (p *Preflight) fetch(ctx context.Context, d *directory) (date time.Time, err error) {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.TLSClientConfig = &tls.Config{RootCAs: p.Authority.Roots, MinVersion: tls.VersionTLS12, Time: p.Clock.Now}
	t.DisableKeepAlives = true
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, p.Authority.Directory, nil)
	if err != nil {
		return date, err
	}
	resp, err := (&http.Client{Transport: t, Timeout: 15 * time.Second}).Do(req)
	if err != nil {
		return date, err
	}
	defer func() { _ = resp.Body.Close() }()
	date, _ = http.ParseTime(resp.Header.Get("Date"))
	b, err := io.ReadAll(io.LimitReader(resp.Body, 64<<10))
	if err == nil {
		err = json.Unmarshal(b, d)
	}
	if resp.StatusCode != http.StatusOK || err != nil || d.NewOrder == "" {
		return date, fmt.Errorf("something that is no ACME directory answers (status %d)", resp.StatusCode)
	}
	return date, nil
}

// names looks where the host's name leads.
func (p *Preflight) names(ctx context.Context, host string) ([]netip.Addr, Check) {
	c := Check{Name: "name", Expected: host + " leads to this machine"}
	addrs, err := p.Resolver.addresses(ctx, host)
	switch {
	case errors.Is(err, errNoName):
		c.State, c.Found = Wrong, "the name does not exist"
		c.Do = "Make an A record (and AAAA, if this machine has IPv6) for " + host + " at whoever keeps your domain."
		return nil, c
	case err != nil:
		c.State, c.Found = Wrong, err.Error()
		c.Do = "Look at the domain's name servers, and at /etc/resolv.conf of this machine."
		return nil, c
	case len(addrs) == 0:
		c.State, c.Found, c.Do = Wrong, "the name has no address", "Make an A record for "+host+"."
		return nil, c
	}
	c.State, c.Found = Fine, "it leads to "+list(addrs)
	own, err := p.own()
	if err != nil || !slices.ContainsFunc(own, public) {
		return addrs, c // behind a router: only the probe can tell
	}
	var foreign []netip.Addr
	for _, a := range addrs {
		if !slices.Contains(own, a) {
			foreign = append(foreign, a)
		}
	}
	if len(foreign) > 0 {
		c.State, c.Found = Warn, "it leads to "+list(foreign)+"; this machine has "+list(slices.DeleteFunc(own, func(a netip.Addr) bool { return !public(a) }))
		c.Do = "Correct the A and AAAA records, unless those addresses are passed on to this machine. Authorities try IPv6 first."
	}
	return addrs, c
}

func public(a netip.Addr) bool {
	return a.IsGlobalUnicast() && !a.IsPrivate()
}

func list(addrs []netip.Addr) string {
	s := make([]string, len(addrs))
	for i, a := range addrs {
		s[i] = a.String()
	}
	return strings.Join(s, ", ")
}

func (p *Preflight) own() ([]netip.Addr, error) {
	if p.Addresses != nil {
		return p.Addresses()
	}
	all, err := net.InterfaceAddrs()
	if err != nil { // a hardened service may not ask the kernel
		return outgoing(), nil
	}
	var out []netip.Addr
	for _, a := range all {
		if n, ok := a.(*net.IPNet); ok {
			out = addAddr(out, n.IP)
		}
	}
	return out, nil
}

// outgoing are the addresses that this machine would send from. Nothing is sent: a UDP socket only chooses its way. The
// targets are addresses for documentation.
func outgoing() (out []netip.Addr) {
	for _, target := range []string{"192.0.2.1:9", "[2001:db8::1]:9"} {
		c, err := net.Dial("udp", target)
		if err != nil {
			continue
		}
		if a, ok := c.LocalAddr().(*net.UDPAddr); ok {
			out = addAddr(out, a.IP)
		}
		_ = c.Close()
	}
	return out
}

// caa looks whether the domain lets the authority issue.
func (p *Preflight) caa(ctx context.Context, host string, identities []string) Check {
	names := strings.Join(identities, " or ")
	if names == "" {
		names = "the authority"
	}
	c := Check{Name: "CAA", State: Fine, Expected: "no CAA record, or one that names " + names, Found: "no CAA record"}
	where, set, err := p.Resolver.caa(ctx, host)
	if err != nil {
		c.State, c.Found = Wrong, err.Error()
		c.Do = "Authorities refuse when they cannot look CAA records up: mend the domain's name servers."
		return c
	}
	if len(set) == 0 {
		return c
	}
	c.Found = fmt.Sprintf("at %s: %s", where, records(set))
	if len(identities) == 0 {
		return c // the authority does not say what it is called
	}
	if ok, why := permits(set, identities); !ok {
		c.State, c.Do = Wrong, fmt.Sprintf("Add this record at %s: %s. CAA 0 issue %q", where, where, identities[0])
		if why != "" {
			c.Found += " (" + why + ")"
		}
	}
	return c
}

func records(set []*dns.CAA) string {
	s := make([]string, len(set))
	for i, c := range set {
		s[i] = fmt.Sprintf("%d %s %q", c.Flag, c.Tag, c.Value)
	}
	return strings.Join(s, ", ")
}
