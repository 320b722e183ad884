package paypal_test

import (
	"testing"

	"strongroom/shop/payment/gatewaytest"
)

// The engine and the stand-in together do what every engine must, and every request and every answer of it is as
// PayPal's published descriptions say.
func TestConformance(t *testing.T) {
	gatewaytest.Run(t, func(t *testing.T) *gatewaytest.Bench { return newRig(t).bench() })
}

func TestConformanceBeyond(t *testing.T) {
	gatewaytest.RunBeyond(t, func(t *testing.T) *gatewaytest.Beyond { return newRig(t).beyond() })
}
