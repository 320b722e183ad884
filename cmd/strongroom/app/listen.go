package app

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"strconv"
	"strings"
	"syscall"

	"strongroom/guard/certificate"
	"strongroom/guard/shield"
)

// tries is how many ports the demo tries when its own is taken.
const tries = 20

// listen opens the listening address: "host:port" or "unix:/path".
func listen(address string) (net.Listener, error) {
	if path, ok := strings.CutPrefix(address, "unix:"); ok {
		return listenUnix(path)
	}
	ln, err := net.Listen("tcp", address)
	return ln, explainListen(address, err)
}

func explainListen(address string, err error) error {
	if err == nil {
		return nil
	}
	e := &Error{Kind: BadConfig, Cause: err, What: fmt.Sprintf("cannot listen on %s: %v", address, err),
		Do: "Correct server.listen (or --listen)."}
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		e.Kind, e.What = InUse, "the address "+address+" is in use"
		e.Do = "Stop what uses it, or choose another port with --listen (or server.listen)."
	case errors.Is(err, syscall.EACCES):
		e.What = "the port of " + address + " is reserved for the system"
		e.Do = "Choose a port above 1023 behind a proxy, or give the program CAP_NET_BIND_SERVICE (see docs/configuration.md)."
	}
	return e
}

// listenNext is listen, but takes one of the next ports when this one is in use. moved says whether it did.
func listenNext(address string) (ln net.Listener, moved bool, err error) {
	host, port, err := net.SplitHostPort(address)
	first, perr := strconv.Atoi(port)
	if err != nil || perr != nil {
		return nil, false, explainListen(address, errors.Join(err, perr))
	}
	for i := range tries {
		ln, err = net.Listen("tcp", net.JoinHostPort(host, strconv.Itoa(first+i)))
		if err == nil || !errors.Is(err, syscall.EADDRINUSE) {
			return ln, i > 0, explainListen(address, err)
		}
	}
	return nil, false, explainListen(address, err)
}

// listenUnix replaces the socket that a process which is gone left behind; one that still answers is left alone.
func listenUnix(path string) (net.Listener, error) {
	if c, err := net.Dial("unix", path); err == nil {
		_ = c.Close()
		return nil, explainListen("unix:"+path, syscall.EADDRINUSE)
	}
	if info, err := os.Lstat(path); err == nil && info.Mode()&os.ModeSocket != 0 {
		_ = os.Remove(path)
	}
	ln, err := net.Listen("unix", path)
	if err != nil {
		return nil, explainListen("unix:"+path, err)
	}
	if err := os.Chmod(path, 0o660); err != nil {
		return nil, explainListen("unix:"+path, err)
	}
	return localListener{ln}, nil
}

// localListener gives the connections of a unix socket the loopback address, so that a proxy on this machine can be
// named in the configuration like any other.
type localListener struct{ net.Listener }

// Accept waits for the next connection.
func (l localListener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return localConn{c}, nil
}

type localConn struct{ net.Conn }

// RemoteAddr is the loopback address.
func (localConn) RemoteAddr() net.Addr {
	return net.TCPAddrFromAddrPort(netip.MustParseAddrPort("127.0.0.1:0"))
}

// guard puts the shield's bounds and TLS around a listener.
func guard(ln net.Listener, c Config) net.Listener {
	ln = shield.Listen(ln, c.Proxies, c.Certificate == nil)
	if c.Certificate == nil {
		return ln
	}
	t := TLSConfig(c.Certificate)
	if c.ACME != nil {
		t.NextProtos = append(t.NextProtos, certificate.Protocol)
	}
	return tls.NewListener(ln, t)
}

// TLSConfig is how the store speaks TLS: 1.2 with forward secrecy and authenticated encryption, better 1.3, with the
// post-quantum key exchange first (V12.1.1, V12.1.2).
func TLSConfig(certificate func(*tls.ClientHelloInfo) (*tls.Certificate, error)) *tls.Config {
	return &tls.Config{
		MinVersion:       tls.VersionTLS12,
		GetCertificate:   certificate,
		NextProtos:       []string{"h2", "http/1.1"},
		CurvePreferences: []tls.CurveID{tls.X25519MLKEM768, tls.X25519, tls.CurveP256, tls.CurveP384},
		CipherSuites: []uint16{
			tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, tls.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
			tls.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, tls.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
			tls.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256, tls.TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
		},
	}
}
