package identitytest

import "strongroom/guard/identity/identitytest/device"

// Authenticator is a passkey device in software (package device).
type Authenticator = device.Authenticator

// NewAuthenticator is one that behaves, in a browser that shows a page of the origin.
func NewAuthenticator(origin string) *Authenticator { return device.NewAuthenticator(origin) }
