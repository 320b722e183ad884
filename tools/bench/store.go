package main

import (
	"context"
	"crypto/x509"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"strongroom/base/config"
	"strongroom/base/localca"
)

// store is a real store under measurement: the program and the payment sandbox, a process each.
type store struct {
	dir, bin, config string
	shop             string
	roots            *x509.CertPool
	serve, sandbox   *process
	private          int // port of the metrics
	env              []string
	drop             func() // removes its databases on PostgreSQL
}

const (
	apiKey       = "sk_test_bench_0123456789abcdef"
	noticeSecret = "whsec_bench_0123456789abcdef0123456789"
)

func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer func() { _ = l.Close() }()
	return l.Addr().(*net.TCPAddr).Port, nil
}

// newStore writes a configuration in which everything is switched on: TLS by the program itself, limits, sealing, audit,
// full durability. The load tool is named as a trusted proxy, so that limits see as many visitors as it plays.
func newStore(bin, dir string) (*store, error) {
	s := &store{dir: dir, bin: bin, config: filepath.Join(dir, "strongroom.toml")}
	certs := filepath.Join(dir, "certs")
	set, err := localca.Open(certs, []string{"shop.localhost", "pay.localhost"}, time.Now())
	if err != nil {
		return nil, err
	}
	pem, err := os.ReadFile(set.CAFile())
	if err != nil {
		return nil, err
	}
	s.roots = x509.NewCertPool()
	s.roots.AppendCertsFromPEM(pem)
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	pay, err := freePort()
	if err != nil {
		return nil, err
	}
	if s.private, err = freePort(); err != nil {
		return nil, err
	}
	mail, err := takeMail()
	if err != nil {
		return nil, err
	}
	s.shop = fmt.Sprintf("https://shop.localhost:%d", port)
	text := config.Sample(config.Answers{Name: "Bench", LegalName: "Bench Ltd", Address: []string{"Lane 1", "20359 Hamburg"}, Country: "DE",
		Currency: "EUR", Languages: []string{"en", "de"}, TimeZone: "Europe/Berlin", Email: "shop@bench.example", PublicURL: s.shop,
		Listen: fmt.Sprintf("127.0.0.1:%d", port), Certificate: filepath.Join(certs, "shop.localhost.pem"),
		CertificateKey: filepath.Join(certs, "shop.localhost-key.pem"), TrustedProxies: []string{"127.0.0.1"}, TestMode: true,
		MailHost: "127.0.0.1", Sandbox: fmt.Sprintf("https://pay.localhost:%d", pay), APIKey: apiKey, NoticeSecret: noticeSecret})
	s.env = append(os.Environ(), fmt.Sprintf("STRONGROOM_SERVER_PRIVATE_LISTEN=127.0.0.1:%d", s.private), "STRONGROOM_MAIL_SECURITY=none",
		fmt.Sprintf("STRONGROOM_MAIL_PORT=%d", mail),
		"STRONGROOM_PAYMENT_SANDBOX_CA="+set.CAFile(), "STRONGROOM_LOG_LEVEL=warn", "STRONGROOM_LIMITS_SCALE=1000")
	return s, os.WriteFile(s.config, []byte(text), 0o600)
}

// run runs a command of the program on this store.
func (s *store) run(args ...string) (string, error) {
	cmd := exec.Command(s.bin, append(args, "--config", s.config)...)
	cmd.Env = s.env
	out, err := cmd.CombinedOutput()
	if err != nil {
		err = fmt.Errorf("strongroom %s: %w\n%s", strings.Join(args, " "), err, out)
	}
	return string(out), err
}

// open starts sandbox and store and waits until the shop answers.
func (s *store) open(ctx context.Context, extra ...string) error {
	var err error
	if s.sandbox == nil {
		certs := filepath.Join(s.dir, "certs")
		s.sandbox, err = start(ctx, s.env, s.bin, "sandbox", "--config", s.config, "--listen", s.payListen(), "--data", filepath.Join(s.dir, "pay"),
			"--certificate", filepath.Join(certs, "pay.localhost.pem"), "--certificate-key", filepath.Join(certs, "pay.localhost-key.pem"),
			"--notice-ca", filepath.Join(certs, "authority.pem"), "--json")
		if err != nil {
			return err
		}
	}
	s.serve, err = launch(ctx, append(s.env, extra...), s.bin, "serve", "--config", s.config)
	if err != nil {
		return err
	}
	return answers(ctx, s.roots, s.shop+"/en/")
}

func (s *store) payListen() string {
	text, err := os.ReadFile(s.config)
	if err != nil {
		return ""
	}
	_, after, _ := strings.Cut(string(text), "https://pay.localhost:")
	port, _, _ := strings.Cut(after, `"`)
	return "127.0.0.1:" + port
}

func (s *store) close() error {
	err := s.serve.stop()
	s.serve = nil
	return err
}
