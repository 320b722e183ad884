package app

import (
	"context"
	"net"
	"net/http"
	"strings"
	"time"
)

// outward is the transport for calls to providers. Names below "localhost" are this machine (RFC 6761, 6.3), which
// few resolvers know: they are dialled on loopback and never asked of a name server.
func outward() *http.Transport {
	d := &net.Dialer{Timeout: 5 * time.Second, KeepAlive: 30 * time.Second}
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.MaxIdleConnsPerHost = 32
	t.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
		if host, port, err := net.SplitHostPort(address); err == nil && (host == "localhost" || strings.HasSuffix(host, ".localhost")) {
			address = net.JoinHostPort("127.0.0.1", port)
		}
		return d.DialContext(ctx, network, address)
	}
	return t
}
