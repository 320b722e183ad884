package shield

import (
	"net"
	"net/netip"
	"sync"

	"strongroom/base/web"
)

// Bounds of open connections: all together, and from one network that is no named proxy.
const (
	maxConns        = 8192
	maxConnsNetwork = 512
)

// Listen wraps a listener so that no network can hold all connections open. Behind a proxy (plain is true) only the
// named proxies get through at all: everything else is closed unread.
func Listen(ln net.Listener, proxies web.Proxies, plain bool) net.Listener {
	return &listener{Listener: ln, proxies: proxies, plain: plain, open: map[netip.Prefix]int{}}
}

type listener struct {
	net.Listener
	proxies web.Proxies
	plain   bool
	mu      sync.Mutex
	total   int
	open    map[netip.Prefix]int
}

// Accept waits for the next connection that is within the bounds.
func (l *listener) Accept() (net.Conn, error) {
	for {
		c, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		if n, ok := l.admit(c); ok {
			return &conn{Conn: c, leave: sync.OnceFunc(func() { l.forget(n) })}, nil
		}
		_ = c.Close()
	}
}

func (l *listener) admit(c net.Conn) (netip.Prefix, bool) {
	addr := netip.Addr{}
	if ap, err := netip.ParseAddrPort(c.RemoteAddr().String()); err == nil {
		addr = ap.Addr().Unmap()
	}
	trusted := l.proxies.Trusts(addr)
	if l.plain && !trusted {
		return netip.Prefix{}, false
	}
	network := web.Network(addr)
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.total >= maxConns || !trusted && l.open[network] >= maxConnsNetwork {
		return netip.Prefix{}, false
	}
	l.total++
	l.open[network]++
	return network, true
}

func (l *listener) forget(network netip.Prefix) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.total--
	if l.open[network]--; l.open[network] <= 0 {
		delete(l.open, network)
	}
}

type conn struct {
	net.Conn
	leave func()
}

// Close gives the connection's place back.
func (c *conn) Close() error {
	c.leave()
	return c.Conn.Close()
}
