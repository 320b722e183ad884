package chrome

import (
	"context"

	"github.com/chromedp/cdproto/webauthn"
	"github.com/chromedp/chromedp"
)

// Authenticator is a virtual one: a phone, a computer or a key on a key ring, as the page's browser sees it.
type Authenticator struct {
	page *Page
	id   webauthn.AuthenticatorID
}

// Authenticator plugs a virtual authenticator into the page's browser. Internal ones are part of the device; others are
// plugged in by USB. It answers as soon as it is asked; whether it verifies its user is up to Verifies.
func (p *Page) Authenticator(internal bool) *Authenticator {
	p.Fail.Helper()
	a := &Authenticator{page: p}
	transport := webauthn.AuthenticatorTransportUsb
	if internal {
		transport = webauthn.AuthenticatorTransportInternal
	}
	p.do(webauthn.Enable(), chromedp.ActionFunc(func(ctx context.Context) (err error) {
		a.id, err = webauthn.AddVirtualAuthenticator(&webauthn.VirtualAuthenticatorOptions{Protocol: webauthn.AuthenticatorProtocolCtap2,
			Ctap2version: webauthn.Ctap2versionCtap21, Transport: transport, HasResidentKey: true, HasUserVerification: true,
			IsUserVerified: true, AutomaticPresenceSimulation: true}).Do(ctx)
		return err
	}))
	return a
}

// Verifies says whether the authenticator finds that its user is who she is.
func (a *Authenticator) Verifies(yes bool) {
	a.page.Fail.Helper()
	a.page.do(webauthn.SetUserVerified(a.id, yes))
}

// Present says whether somebody touches the authenticator when it asks.
func (a *Authenticator) Present(yes bool) {
	a.page.Fail.Helper()
	a.page.do(webauthn.SetAutomaticPresenceSimulation(a.id, yes))
}

// Credentials are the passkeys on it.
func (a *Authenticator) Credentials() (list []*webauthn.Credential) {
	a.page.Fail.Helper()
	a.page.do(chromedp.ActionFunc(func(ctx context.Context) (err error) {
		list, err = webauthn.GetCredentials(a.id).Do(ctx)
		return err
	}))
	return list
}

// Put puts a passkey onto it, as somebody does who copied one.
func (a *Authenticator) Put(c *webauthn.Credential) {
	a.page.Fail.Helper()
	a.page.do(webauthn.AddCredential(a.id, c))
}

// Unplug takes the authenticator away.
func (a *Authenticator) Unplug() {
	a.page.Fail.Helper()
	a.page.do(webauthn.RemoveVirtualAuthenticator(a.id))
}
