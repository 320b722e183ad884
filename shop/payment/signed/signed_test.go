package signed

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"testing"
	"time"
)

const secret = "whsec_0123456789abcdef"

var scheme = Scheme{Header: "Test-Signature", MaxHeader: 1024, MaxSignatures: 4, Tolerance: 5 * time.Minute}

func sign(t, body string) string {
	m := hmac.New(sha256.New, []byte(secret))
	m.Write([]byte(t + "." + body))
	return hex.EncodeToString(m.Sum(nil))
}

// A known answer, worked out apart from this code: HMAC-SHA-256 over "1793610000.{}" with the secret above.
func TestKnownSignature(t *testing.T) {
	const want = "2db18412e858d5ec2d0786d15e1be18f26cffa38fd3fe74e842db65a19f12aa6"
	if got := sign("1793610000", "{}"); got != want {
		t.Errorf("the test's own signature is %s", got)
	}
	s, ok := scheme.parse("t=1793610000,v1=" + want)
	if !ok || !s.genuine([]byte("{}"), []string{secret}) {
		t.Error("a known signature is refused")
	}
}

func TestHeaderForms(t *testing.T) {
	mac := strings.Repeat("ab", 32)
	for header, ok := range map[string]bool{
		"t=1,v1=" + mac:                         true,
		"v1=" + mac + ",t=1":                    true,
		"t=1,v0=zz,v1=" + mac:                   true,
		"t=1,v1=" + mac + ",v1=" + mac:          true,
		"t=1":                                   false,
		"v1=" + mac:                             false,
		"t=1,t=1,v1=" + mac:                     false,
		"t=,v1=" + mac:                          false,
		"t=01,v1=" + mac:                        false,
		"t=+1,v1=" + mac:                        false,
		"t=-1,v1=" + mac:                        false,
		"t=99999999999999999999,v1=" + mac:      false,
		"t=1,v1=" + mac[2:]:                     false,
		"t=1,v1=" + mac + "ab":                  false,
		"t=1, v1=" + mac:                        false,
		"t=1;v1=" + mac:                         false,
		"":                                      false,
		"t=1" + strings.Repeat(",v1="+mac, 5):   false,
		"t=1,v1=" + strings.Repeat("ab", 2_000): false,
	} {
		if _, got := scheme.parse(header); got != ok {
			t.Errorf("%.60q: %v", header, got)
		}
	}
}

// FuzzHeader: any header is read without a panic, and one that names no signature of ours is never genuine.
func FuzzHeader(f *testing.F) {
	f.Add("t=1793610000,v1=" + strings.Repeat("ab", 32))
	f.Add("t=1,t=2,v1=" + strings.Repeat("ab", 32))
	f.Add(",,,===,t=,v1=")
	f.Fuzz(func(t *testing.T, header string) {
		s, ok := scheme.parse(header)
		if ok && (s.seconds == "" || len(s.macs) == 0 || len(s.macs) > scheme.MaxSignatures) {
			t.Fatalf("accepted %+v", s)
		}
		if ok && s.genuine([]byte("body"), []string{secret}) && !strings.Contains(strings.ToLower(header), sign(s.seconds, "body")) {
			t.Fatal("a forged header is genuine")
		}
	})
}
