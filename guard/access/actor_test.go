package access_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/netip"
	"strings"
	"testing"

	"strongroom/base/id"
	"strongroom/guard/access"
)

// V16.2.5: where an actor came from is never printed.
func TestOriginIsNeverPrinted_V16_2_5(t *testing.T) {
	a := access.Guest(id.ID{0: 1}, netip.MustParseAddr("203.0.113.77"))
	var b bytes.Buffer
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q"} {
		fmt.Fprintf(&b, verb+verb+verb, a, &a, struct{ A access.Actor }{a})
	}
	if err := json.NewEncoder(&b).Encode(a); err != nil {
		t.Fatal(err)
	}
	slog.New(slog.NewTextHandler(&b, nil)).Info("m", "actor", a)
	if strings.Contains(b.String(), "203") || !strings.Contains(b.String(), a.ID.String()) {
		t.Errorf("printed as %s", b.String())
	}
	if k := access.Kind(99); k.String() != "none" || access.Console().String() != "console:console" {
		t.Errorf("kinds are named %s and %s", k, access.Console())
	}
}
