// Package rig runs the real program as a process of its own, with everything around it that a store has: databases, a
// payment provider and a mail server that belong to the rig, so that they can be asked what they saw when the store is
// killed. The kill tests, the attack simulations and the planted-values test stand on it.
package rig

import (
	"bytes"
	"context"
	"crypto/x509"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"strongroom/base/config"
	"strongroom/base/db"
	"strongroom/base/db/dbtest"
	"strongroom/base/localca"
	"strongroom/front/demo/sandbox"
	"strongroom/tools/balancer"
	"strongroom/tools/shopper"
)

const (
	apiKey       = "sk_test_rig_0123456789abcdef"
	noticeSecret = "whsec_rig_0123456789abcdef0123456789abcdef"
)

var build = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "strongroom-rig")
	if err != nil {
		return "", err
	}
	bin := filepath.Join(dir, "strongroom")
	cmd := exec.Command("go", "build", "-o", bin, "strongroom/cmd/strongroom")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build: %w\n%s", err, out)
	}
	return bin, nil
})

// Binary builds the program once for the test binary and returns its path.
func Binary(t testing.TB) string {
	t.Helper()
	bin, err := build()
	if err != nil {
		t.Fatal(err)
	}
	return bin
}

// Rig is one store and what stands around it.
type Rig struct {
	Engine  db.Engine
	Dir     string // configuration and data folder
	Config  string
	Shop    string // origin
	Admin   string // origin of the desk; empty without one
	Data    string // address of the data database
	Keys    string
	Sandbox *sandbox.Server
	Gate    *Gate // before the sandbox
	Mail    *MailServer
	Network *shopper.Network
	Roots   *x509.CertPool
	Log     *Log // what the program printed, over all its lives

	t      testing.TB
	once   sync.Once
	shared *http.Transport
	bin    string
	env    []string
	set    *localca.Set
	nodes  []*node
	front  *balancer.Balancer // in front of a cluster
}

// New prepares a store in test mode on the engine; Start opens it. With STRONGROOM_CLUSTER=3 in the environment, a store on
// PostgreSQL is three processes behind a balancer. Environment settings may be added.
func New(t testing.TB, e db.Engine, env ...string) *Rig {
	t.Helper()
	return prepare(&Rig{Engine: e, t: t}, env)
}

// NewOn is New on two empty databases of a PostgreSQL that the test looks after.
func NewOn(t testing.TB, data, keys string, env ...string) *Rig {
	t.Helper()
	return prepare(&Rig{Engine: db.Postgres, Data: data, Keys: keys, t: t}, env)
}

func prepare(r *Rig, env []string) *Rig {
	t := r.t
	r.Dir, r.bin, r.Log = t.TempDir(), Binary(t), &Log{}
	certs := filepath.Join(r.Dir, "certs")
	set, err := localca.Open(certs, []string{"shop.localhost", "pay.localhost"}, time.Now())
	r.must(err)
	r.trust(set.CAFile())
	r.set = set
	port := FreePort(t)
	r.Shop = fmt.Sprintf("https://shop.localhost:%d", port)
	pay := r.startSandbox(set)
	r.Mail = StartMail(t)
	r.databases()
	r.configure(port, pay, certs, set.CAFile(), env)
	r.nodes = []*node{{}}
	r.Network = shopper.NewNetwork(r.Roots, 64)
	t.Cleanup(func() {
		r.Network.Close()
		r.Kill()
		if t.Failed() {
			t.Logf("the program's last words:\n%s", r.Log.Tail())
		}
	})
	if n, _ := strconv.Atoi(os.Getenv("STRONGROOM_CLUSTER")); n > 1 && r.Engine == db.Postgres {
		r.Cluster(n)
	}
	return r
}

func (r *Rig) must(err error) {
	r.t.Helper()
	if err != nil {
		r.t.Fatal(err)
	}
}

func (r *Rig) trust(file string) {
	pem, err := os.ReadFile(file)
	r.must(err)
	r.Roots = x509.NewCertPool()
	if !r.Roots.AppendCertsFromPEM(pem) {
		r.t.Fatal("no certificate in " + file)
	}
}

// databases uses fresh migrated ones, so that a test begins quickly and leaves nothing behind on the server.
func (r *Rig) databases() {
	folder := filepath.Join(r.Dir, "data")
	r.must(os.MkdirAll(filepath.Join(folder, "keys"), 0o700))
	if r.Data != "" {
		return
	}
	if r.Engine == db.Postgres {
		r.Data, r.Keys = dbtest.DSN(r.t, r.Engine, "data"), dbtest.DSN(r.t, r.Engine, "keys")
		return
	}
	r.Data = "sqlite:" + filepath.Join(folder, "data.db")
	r.Keys = "sqlite:" + filepath.Join(folder, "keys", "keys.db")
}

func (r *Rig) configure(port int, pay, certs, ca string, env []string) {
	r.Config = filepath.Join(r.Dir, "strongroom.toml")
	text := config.Sample(config.Answers{Name: "Rig & Daughters", LegalName: "Rig Ltd", Address: []string{"Lane 1", "20359 Hamburg"},
		Country: "DE", Currency: "EUR", Languages: []string{"en", "de"}, TimeZone: "Europe/Berlin", Email: "shop@rig.example",
		PublicURL: r.Shop, Listen: fmt.Sprintf("127.0.0.1:%d", port), Certificate: filepath.Join(certs, "shop.localhost.pem"),
		CertificateKey: filepath.Join(certs, "shop.localhost-key.pem"), TrustedProxies: []string{"127.0.0.1"}, TestMode: true,
		MailHost: "127.0.0.1", Sandbox: pay, APIKey: apiKey, NoticeSecret: noticeSecret})
	r.must(os.WriteFile(r.Config, []byte(text), 0o600))
	own := slices.DeleteFunc(os.Environ(), func(v string) bool { return strings.HasPrefix(v, "STRONGROOM_CLUSTER=") })
	r.env = append(own, "STRONGROOM_SERVER_PRIVATE_LISTEN=127.0.0.1:0", "STRONGROOM_MAIL_SECURITY=none",
		fmt.Sprintf("STRONGROOM_MAIL_PORT=%d", r.Mail.Port), "STRONGROOM_PAYMENT_SANDBOX_CA="+ca,
		"STRONGROOM_WATCH_CA="+ca, "STRONGROOM_WATCH_PAGES=false") // a stranger's cart is nothing that tests reckon with
	if r.Engine == db.Postgres {
		r.env = append(r.env, "STRONGROOM_DATA_DATABASE="+r.Data, "STRONGROOM_DATA_KEY_DATABASE="+r.Keys)
	}
	for _, v := range env {
		r.env = append(r.env, strings.ReplaceAll(v, "{port}", strconv.Itoa(port)))
	}
	if slices.Contains(env, WithDesk) {
		r.Admin = fmt.Sprintf("https://admin.localhost:%d", port)
	}
}

// WithDesk is the environment setting of a store with a desk. It answers with the shop's certificate: who asks it by
// DeskNetwork looks for that name.
const WithDesk = "STRONGROOM_SERVER_ADMIN_URL=https://admin.localhost:{port}"

// DeskNetwork is how visitors reach the desk.
func (r *Rig) DeskNetwork() *shopper.Network {
	n := r.Network.As("shop.localhost")
	r.t.Cleanup(n.Close)
	return n
}

// Certificate is the file of the shop's certificate, for browsers that are told to trust its key.
func (r *Rig) Certificate() string { return filepath.Join(r.Dir, "certs", "shop.localhost.pem") }

// SetUpLink waits for the set-up link that this start of the program prints, beside those that were printed before.
func (r *Rig) SetUpLink(before ...string) string {
	r.t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	limit := time.After(20 * time.Second)
	for {
		for _, word := range slices.Backward(strings.Fields(r.Log.String())) {
			if strings.HasPrefix(word, r.Admin+"/enter/") && !slices.Contains(before, word) {
				return word
			}
		}
		select {
		case <-limit:
			r.t.Fatalf("no set-up link was printed: %s", r.Log.Tail())
		case <-tick.C:
		}
	}
}

func (r *Rig) startSandbox(set *localca.Set) string {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	r.must(err)
	pay := fmt.Sprintf("https://pay.localhost:%d", ln.Addr().(*net.TCPAddr).Port)
	ctx, stop := context.WithCancel(context.Background())
	r.Sandbox, err = sandbox.New(ctx, sandbox.Config{Origin: pay, Client: &http.Client{Timeout: 5 * time.Second, Transport: transport(r.Roots)},
		Slow: time.Second, Settle: time.Second, Late: time.Second,
		Accounts: []sandbox.Account{{ID: "test", Name: "Rig & Daughters", Mode: "test", Secret: apiKey,
			NoticeURL: r.Shop + "/notices/sandbox", NoticeSecrets: []string{noticeSecret}}}})
	r.must(err)
	r.Gate = NewGate(r.Sandbox)
	srv := &http.Server{Handler: r.Gate, ReadHeaderTimeout: 5 * time.Second}
	go func() { _ = srv.Serve(tlsListener(ln, set)) }()
	go r.Sandbox.Run(ctx)
	r.t.Cleanup(func() { stop(); _ = srv.Close(); _ = r.Sandbox.Close() })
	return pay
}

// Import fills the catalogue with a CSV text and the sample's six categories.
func (r *Rig) Import(products string) {
	r.t.Helper()
	const categories = "slug,parent,position,title:en,title:de\ntableware,,1,Tableware,Geschirr\nlinen,,2,Linen,Leinen\n" +
		"pantry,,3,Pantry,Vorrat\ngarden,,4,Garden,Garten\nlight,,5,Light,Licht\npaper,,6,Paper,Papier\n"
	goods, shelves := filepath.Join(r.Dir, "goods.csv"), filepath.Join(r.Dir, "categories.csv")
	r.must(os.WriteFile(goods, []byte(products), 0o600))
	r.must(os.WriteFile(shelves, []byte(categories), 0o600))
	r.MustCommand("product", "import", goods, "--categories", shelves)
}

// Command runs another command of the program on this store and returns what it printed.
func (r *Rig) Command(args ...string) (string, error) {
	cmd := exec.Command(r.bin, append(args, "--config", r.Config)...)
	cmd.Env = r.env
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil {
		return out.String(), fmt.Errorf("strongroom %s: %w\n%s%s", strings.Join(args, " "), err, out.String(), errs.String())
	}
	return out.String(), nil
}

// MustCommand is Command for what must work.
func (r *Rig) MustCommand(args ...string) string {
	r.t.Helper()
	out, err := r.Command(args...)
	r.must(err)
	return out
}

// Environ is the environment that the program runs with here, for tests that run it in their own process.
func (r *Rig) Environ() []string { return r.env }
