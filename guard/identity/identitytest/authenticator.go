package identitytest

import "strongroom/guard/identity/identitytest/devicetest"

// Authenticator is a passkey device in software (package devicetest).
type Authenticator = devicetest.Authenticator

// NewAuthenticator is one that behaves, in a browser that shows a page of the origin.
func NewAuthenticator(origin string) *Authenticator { return devicetest.NewAuthenticator(origin) }
