package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"strongroom/cmd/strongroom/app"
	"strongroom/guard/certificate/certtest"
)

// authority is an ACME directory over HTTPS, and the file of whom to believe for it.
func authority(t *testing.T) (url, ca string) {
	t.Helper()
	s := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte(`{"newOrder": "https://ca.example/order", "meta": {"caaIdentities": ["ca.example"]}}`))
	}))
	t.Cleanup(s.Close)
	ca = filepath.Join(t.TempDir(), "ca.pem")
	write(t, ca, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw}), 0o600)
	return s.URL, ca
}

// For a public name init proposes certificates by themselves and says what an authority will find; the doctor says it
// again, each time with what was expected, what was found and what to do.
func TestInitProposesCertificates(t *testing.T) {
	zone := certtest.NewZone(t)
	zone.Add(t, "shop.kiln.org. 1 IN A 127.0.0.1", `kiln.org. 1 IN CAA 0 issue "other.example"`)
	url, ca := authority(t)
	dir := filepath.Join(t.TempDir(), "shop")
	env := []string{"STRONGROOM_ACME_AUTHORITY=" + url, "STRONGROOM_ACME_AUTHORITY_CA=" + ca, "STRONGROOM_ACME_RESOLVER=" + zone.Address,
		"STRONGROOM_SERVER_LISTEN=127.0.0.1:0", "STRONGROOM_SERVER_REDIRECT_LISTEN=127.0.0.1:0"}
	r := output(t, env, "init", "--dir", dir, "--name", "Test Shop", "--legal-name", "Test GmbH", "--address", "Weg 1", "--country", "DE",
		"--email", "shop@example.org", "--url", "https://shop.kiln.org", "--kit", filepath.Join(t.TempDir(), "kit.txt"))
	r.expect(t, exitDone, "by themselves", "agree to its terms", `other.example`, `CAA 0 issue "ca.example"`, "strongroom serve --config")
	config := filepath.Join(dir, "strongroom.toml")
	text, err := os.ReadFile(config)
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{`authority = "https://acme-v02.api.letsencrypt.org/directory"`, `redirect_listen = ":80"`, `listen = ":443"`} {
		if !strings.Contains(string(text), "\n"+line) {
			t.Errorf("%s is not in the configuration", line)
		}
	}
	m := findings(t, config, exitFailed, env...)
	for name, want := range map[string]struct {
		state app.State
		words string
	}{
		"certificate":           {app.Warn, "none for shop.kiln.org yet"},
		"certificate: CAA":      {app.Wrong, "found at kiln.org"},
		"certificate: clock":    {app.Fine, "UTC"},
		"certificate: name":     {app.Fine, "127.0.0.1"},
		"certificate: port 443": {app.Wrong, "127.0.0.1: the port is closed"},
		"certificate: port 80":  {app.Wrong, "127.0.0.1: the port is closed"},
	} {
		if name == "certificate" && m[name].Name == "" {
			continue // the databases come with the first start
		}
		if f := m[name]; f.State != want.state || !strings.Contains(f.Found, want.words) {
			t.Errorf("%s: %+v", name, f)
		}
	}
	zone.Remove("shop.kiln.org")
	if f := findings(t, config, exitFailed, env...)["certificate: name"]; f.State != app.Wrong || !strings.Contains(f.Found, "does not exist") {
		t.Errorf("no name: %+v", f)
	}
	if f := findings(t, config, exitFailed, append(env, "STRONGROOM_ACME_RESOLVER=127.0.0.1:1")...)["certificate: name"]; f.State != app.Wrong ||
		!strings.Contains(f.Found, "does not answer") {
		t.Errorf("no DNS: %+v", f)
	}
}

// A configuration that cannot work is refused with what to do.
func TestACMEConfiguration(t *testing.T) {
	config := initStore(t)
	for env, want := range map[string]string{
		"STRONGROOM_ACME_AUTHORITY=http://ca.example":                                "acme.authority",
		"STRONGROOM_ACME_AUTHORITY=https://ca.example/dir":                           "no certificates for \"shop.localhost\"",
		"STRONGROOM_ACME_KEY_ID=a STRONGROOM_ACME_AUTHORITY=https://ca.example/dir":  "belong together",
		"STRONGROOM_ACME_AUTHORITY_CA=/nowhere STRONGROOM_ACME_AUTHORITY=https://ca": "acme.authority_ca",
	} {
		output(t, strings.Fields(env), "serve", "-c", config).expect(t, exitConfig, want)
	}
}

// The doctor sees a certificate from files come to its end weeks before, and says when it has.
func TestDoctorSeesTheEnd(t *testing.T) {
	config := initStore(t)
	for left, want := range map[time.Duration]app.State{60 * 24 * time.Hour: app.Fine, 20 * 24 * time.Hour: app.Warn, -time.Hour: app.Wrong} {
		cert, key := pair(t, "shop.localhost", time.Now().Add(left))
		f := findings(t, config, exitFailed, "STRONGROOM_SERVER_CERTIFICATE="+cert, "STRONGROOM_SERVER_CERTIFICATE_KEY="+key)["certificate"]
		if f.State != want || !strings.Contains(f.Found, "shop.localhost") {
			t.Errorf("%v left: %+v", left, f)
		}
	}
}

// pair makes the files of a certificate.
func pair(t *testing.T, host string, ends time.Time) (cert, key string) {
	t.Helper()
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: ends.AddDate(0, 0, -90), NotAfter: ends, DNSNames: []string{host}}
	der, err := x509.CreateCertificate(rand.Reader, c, c, k.Public(), k)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := x509.MarshalPKCS8PrivateKey(k)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	cert, key = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	write(t, cert, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600)
	write(t, key, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: raw}), 0o600)
	return cert, key
}
