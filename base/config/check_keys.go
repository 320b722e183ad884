package config

import (
	"net"
	"net/url"
)

func (k *checker) keys() {
	c := &k.c.Keys
	k.oneOf("keys.provider", c.Provider, "file", "openbao")
	k.path(&c.CA)
	if c.WaitSeconds < 0 || c.WaitSeconds > 3600 {
		k.bad("keys.wait_seconds", "must be from 0 to 3600", "120 suits most shops.")
	}
	if c.Address == "" {
		if c.Provider == "openbao" {
			k.bad("keys.address", "must be set", `Name the key service: "https://bao.example.org:8200".`)
		}
		return
	}
	u, err := url.Parse(c.Address)
	if err != nil || u.Host == "" || u.Scheme != "https" && (u.Scheme != "http" || !loopback(net.JoinHostPort(u.Hostname(), "0"))) {
		k.bad("keys.address", "must be an https address: it carries the root key",
			`Write "https://bao.example.org:8200"; http is for a service on this machine.`)
	}
	k.required("keys.key", c.Key, `Name the key in the transit engine: "strongroom".`)
	role := c.RoleID != "" || !c.SecretID.IsZero()
	switch {
	case role && (c.RoleID == "" || c.SecretID.IsZero()):
		k.bad("keys.secret_id", "role_id and secret_id belong together", "Set both, or a token instead.")
	case role != c.Token.IsZero():
		k.bad("keys.token", "either a token or role_id and secret_id is needed", `Write the token into a file of its own: token = "file:bao-token".`)
	}
}
