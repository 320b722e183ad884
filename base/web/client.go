package web

import (
	"net/http"
	"net/netip"
	"strings"
)

// maxHops bounds how many entries of X-Forwarded-For are looked at, from the right.
const maxHops = 16

// Proxies are the addresses of the proxies that the configuration names as trusted. The zero value trusts none.
type Proxies []netip.Prefix

// Trusts says whether an address belongs to a named proxy.
func (p Proxies) Trusts(a netip.Addr) bool {
	a = a.Unmap().WithZone("")
	for _, n := range p {
		if n.Contains(a) {
			return true
		}
	}
	return false
}

// ClientAddr is the address of who asks. X-Forwarded-For counts only when the connection itself comes from a named
// proxy; it is read from the right, past further named proxies, because everything to the left may be forged.
func (p Proxies) ClientAddr(r *http.Request) netip.Addr {
	peer := PeerAddr(r)
	if !peer.IsValid() || !p.Trusts(peer) {
		return peer
	}
	return p.fromForwarded(peer, r.Header.Values("X-Forwarded-For"))
}

// fromForwarded walks the header's entries from the last one. An entry that is no address ends the walk: the last
// address that a trusted proxy vouched for is the answer.
func (p Proxies) fromForwarded(peer netip.Addr, headers []string) netip.Addr {
	client, hops := peer, 0
	for i := len(headers) - 1; i >= 0; i-- {
		rest := headers[i]
		for rest != "" || hops == 0 {
			var last string
			if at := strings.LastIndexByte(rest, ','); at >= 0 {
				rest, last = rest[:at], rest[at+1:]
			} else {
				rest, last = "", rest
			}
			a, ok := forwardedAddr(last)
			if hops++; !ok || hops > maxHops {
				return client
			}
			client = a
			if !p.Trusts(a) {
				return client
			}
		}
	}
	return client
}

// forwardedAddr reads one entry: an address, with a port or in brackets as some proxies write it.
func forwardedAddr(s string) (netip.Addr, bool) {
	s = strings.TrimSpace(s)
	if len(s) > 64 {
		return netip.Addr{}, false
	}
	if ap, err := netip.ParseAddrPort(s); err == nil {
		return ap.Addr().Unmap().WithZone(""), true
	}
	a, err := netip.ParseAddr(strings.TrimSuffix(strings.TrimPrefix(s, "["), "]"))
	return a.Unmap().WithZone(""), err == nil
}

// PeerAddr is the address at the other end of the connection.
func PeerAddr(r *http.Request) netip.Addr {
	ap, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}
	}
	return ap.Addr().Unmap().WithZone("")
}

// Network is the part of an address that one customer of a provider has: the address itself for IPv4, the /64 for
// IPv6. Limits count by it.
func Network(a netip.Addr) netip.Prefix {
	if !a.IsValid() {
		return netip.Prefix{}
	}
	bits := 32
	if a = a.Unmap().WithZone(""); a.Is6() {
		bits = 64
	}
	p, _ := a.Prefix(bits)
	return p
}
