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

// Rights do not travel: what goes into a job's arguments, an event or the log is who it was, and nothing can be read back
// as an actor that may do something (V8.3.3).
func TestRightsDoNotTravel_V8_3_3(t *testing.T) {
	owner := access.Staff(id.ID{0: 1}, id.ID{0: 2}, access.Owner, access.OwnersOnly(), netip.Addr{})
	b, err := json.Marshal(struct{ Who access.Actor }{owner})
	if err != nil || !strings.Contains(string(b), owner.ID.String()) {
		t.Fatalf("%s %v", b, err)
	}
	var back struct{ Who access.Actor }
	if err := json.Unmarshal(b, &back); err == nil || !access.RightsOf(back.Who).IsEmpty() || back.Who.Kind == access.KindStaff {
		t.Errorf("%s comes back as %+v with rights", b, back.Who)
	}
	for name, forged := range map[string]string{"fields": fmt.Sprintf(`{"Who":{"Kind":%d,"Name":"console"}}`, access.KindConsole), "a word": `{"Who":"console:console"}`} {
		back.Who = access.Actor{}
		if err := json.Unmarshal([]byte(forged), &back); err == nil || !access.RightsOf(back.Who).IsEmpty() {
			t.Errorf("forged by %s: %+v may do something (%v)", name, back.Who, err)
		}
	}
}
