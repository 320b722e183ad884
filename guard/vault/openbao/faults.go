package openbao

import (
	"crypto/tls"
	"errors"
	"net/http"
	"strconv"

	"strongroom/base/fault"
)

// explain turns a refusal into a fault with a way out.
func (c *Client) explain(a answer) error {
	switch {
	case a.sealed():
		return fault.New(fault.Unavailable, "vault.service_sealed").
			WithHint("The key service at " + c.c.Address + " is sealed. Unseal it (bao operator unseal) and start again; nothing was changed.")
	case a.status == http.StatusForbidden:
		return c.denied("the token is wrong, has ended, or its policy does not allow it (docs/keys.md has the policy)")
	case a.status == http.StatusNotFound && a.says("no handler for route"):
		return fault.New(fault.NotFound, "vault.service_key_missing").
			WithHint("The key service has no transit engine at " + c.c.Mount + ". Check keys.mount, or switch it on: bao secrets enable -path=" + c.c.Mount + " transit.")
	case a.status == http.StatusNotFound, a.status == http.StatusBadRequest && a.says("key not found"):
		return fault.New(fault.NotFound, "vault.service_key_missing").
			WithHint("The key service has no key " + c.c.Key + " in " + c.c.Mount + ". Check keys.key and keys.mount. A new store makes it with: bao write -f " + c.c.Mount + "/keys/" + c.c.Key + ". If the key was deleted, only the recovery kit helps: strongroom key recover.")
	case a.status == http.StatusBadRequest && (a.says("too old") || a.says("too new")):
		return fault.New(fault.Conflict, "vault.service_version").
			WithHint("The root key was wrapped by a version of " + c.c.Key + " that the key service does not open (min_decryption_version), or that a restored service does not have. Allow it again: bao write " + c.c.Mount + "/keys/" + c.c.Key + "/config min_decryption_version=1; then run strongroom key rewrap.")
	case a.status == http.StatusBadRequest && a.says("permission denied"):
		return c.denied("its policy does not allow it (docs/keys.md has the policy)")
	case a.status == http.StatusBadRequest:
		return fault.New(fault.Invalid, "vault.service_foreign").Because(errors.New("answer 400")).
			WithHint("The key service at " + c.c.Address + " does not open this store's root key with " + c.c.Mount + "/keys/" + c.c.Key + ". Check keys.address, keys.mount and keys.key.")
	case a.status/100 == 3:
		return fault.New(fault.Invalid, "vault.service_redirect").
			WithHint("The key service at " + c.c.Address + " sends us elsewhere, and a token is not carried along. Put the address of the active server into keys.address, or of a balancer that knows it.")
	}
	return fault.New(fault.Unavailable, "vault.service_failing").Because(errors.New("answer " + strconv.Itoa(a.status))).
		WithHint("The key service at " + c.c.Address + " answers with errors of its own. Look at its log; nothing was changed.")
}

func (c *Client) denied(why string) error {
	return fault.New(fault.Forbidden, "vault.service_denied").
		WithHint("The key service at " + c.c.Address + " lets us not: " + why + ".")
}

func (c *Client) odd() error {
	return fault.New(fault.Invalid, "vault.service_odd").WithHint("What answers at " + c.c.Address + " is no OpenBao and no Vault. Check keys.address.")
}

// away says that nobody answered, or that who answered is not believed.
func (c *Client) away(err error) error {
	var untrusted *tls.CertificateVerificationError
	if errors.As(err, &untrusted) {
		return fault.New(fault.Invalid, "vault.service_untrusted").Because(errors.New("its certificate is not believed")).
			WithHint("The certificate of " + c.c.Address + " is not believed: " + untrusted.Err.Error() + ". Name its authority in keys.ca, and check the clock.")
	}
	return fault.New(fault.Unavailable, "vault.service_unreachable").Because(errors.New("no answer")).
		WithHint("The key service at " + c.c.Address + " does not answer. Check that it runs, the network between, and keys.address; nothing was changed.")
}
