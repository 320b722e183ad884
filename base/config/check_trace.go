package config

import (
	"net"
	"net/url"
	"strings"
)

// trace checks where traces go: encrypted, or not beyond this machine.
func (k *checker) trace() {
	t := &k.c.Trace
	k.path(&t.CA)
	k.path(&k.c.Watch.CA)
	if t.Percent < 0 || t.Percent > 100 {
		k.bad("trace.percent", "must be from 0 to 100", "10 suits most shops.")
	}
	for _, h := range t.OwnHosts {
		if h == "" || strings.ContainsAny(h, "/ @") || h != strings.ToLower(h) {
			k.bad("trace.own_hosts", "must be host names, with a port where it is not the usual one", `Write ["keys.example.org:8200"].`)
		}
	}
	if t.Endpoint == "" {
		return
	}
	u, err := url.Parse(t.Endpoint)
	if err != nil || u.Hostname() == "" || u.User != nil || u.RawQuery != "" || u.Scheme != "https" &&
		(u.Scheme != "http" || !loopback(net.JoinHostPort(u.Hostname(), "1"))) {
		k.bad("trace.endpoint", "must be an https address, or http on this machine", `Write "https://collector.example.org:4318" or "http://127.0.0.1:4318".`)
	}
}
