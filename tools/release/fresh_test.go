//go:build release

package main

import (
	"bytes"
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"strongroom/base/localca"
	"strongroom/tools/rig"
	"strongroom/tools/shopper"
)

// inside names the fresh system for the second half of the test, which runs in a network of its own.
const inside = "STRONGROOM_TEST_FRESH"

// The package is installed on a fresh Debian, "init" writes a store, the unit's own command serves it as the unit's own
// user on port 443, and somebody buys something. Then the package is removed and purged: the data stay.
//
// The system is a folder made by debootstrap; no systemd runs in it, so that the test plays its part with setpriv. The
// second half has no network but loopback: nothing is needed from outside.
func TestFreshDebian(t *testing.T) {
	if dir := os.Getenv(inside); dir != "" {
		firstOrder(t, debian{t, dir})
		return
	}
	for _, need := range []string{"debootstrap", "chroot", "unshare", "ip", "setpriv", "systemd-analyze"} {
		if _, err := exec.LookPath(need); err != nil {
			t.Fatalf("%s is missing: apt-get install debootstrap util-linux iproute2 systemd", need)
		}
	}
	if os.Getuid() != 0 {
		t.Fatal("this test must be root: it makes a fresh Debian in a folder and installs the package there")
	}
	dir := t.TempDir()
	mirror := os.Getenv("DEBIAN_MIRROR")
	if mirror == "" {
		mirror = "http://deb.debian.org/debian"
	}
	must(t, exec.Command("debootstrap", "--variant=minbase", "--include=ca-certificates,systemd", "bookworm", dir, mirror))
	out := filepath.Join(t.TempDir(), "dist")
	if err := run(options{source: root, out: out, platforms: []string{"linux/amd64"}, parts: []string{"binary", "sbom", "deb"}}); err != nil {
		t.Fatal(err)
	}
	debs, err := filepath.Glob(filepath.Join(out, "*.deb"))
	if err != nil || len(debs) != 1 {
		t.Fatalf("packages %v: %v", debs, err)
	}
	must(t, exec.Command("cp", debs[0], filepath.Join(dir, "strongroom.deb")))
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	again := exec.Command("unshare", "--net", "--mount", "--pid", "--fork", "--kill-child", self, "-test.run", "^TestFreshDebian$", "-test.v")
	again.Env = append(os.Environ(), inside+"="+dir)
	text, err := again.CombinedOutput()
	t.Logf("%s", text)
	if err != nil || !bytes.Contains(text, []byte("--- PASS: TestFreshDebian")) {
		t.Fatal("the second half failed:", err)
	}
}

// debian is the fresh system.
type debian struct {
	t   *testing.T
	dir string
}

func must(t *testing.T, cmd *exec.Cmd) string {
	t.Helper()
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", strings.Join(cmd.Args, " "), err, out)
	}
	return string(out)
}

// root runs a command as the administrator.
func (d debian) root(args ...string) string {
	d.t.Helper()
	cmd := exec.Command("chroot", append([]string{d.dir}, args...)...)
	cmd.Env = []string{"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "DEBIAN_FRONTEND=noninteractive", "LC_ALL=C.UTF-8", "HOME=/root"}
	return must(d.t, cmd)
}

// service prepares a command as the unit runs one: its user, its one capability, no new privileges, a read-only program.
func (d debian) service(args ...string) *exec.Cmd {
	as := []string{d.dir, "setpriv", "--reuid=strongroom", "--regid=strongroom", "--clear-groups", "--no-new-privs",
		"--inh-caps=-all,+net_bind_service", "--ambient-caps=-all,+net_bind_service", "--bounding-set=-all,+net_bind_service"}
	cmd := exec.Command("chroot", append(as, args...)...)
	cmd.Env = []string{"PATH=/usr/bin:/bin", "HOME=/var/lib/strongroom"}
	defaults, err := os.ReadFile(filepath.Join(d.dir, "etc/default/strongroom"))
	if err != nil {
		d.t.Fatal(err)
	}
	for line := range strings.Lines(string(defaults)) {
		if line = strings.TrimSpace(line); line != "" && line[0] != '#' {
			cmd.Env = append(cmd.Env, line)
		}
	}
	return cmd
}

// start runs a service until the test ends or it is told to stop.
func (d debian) start(args ...string) (stop func(), log *rig.Log) {
	d.t.Helper()
	log = &rig.Log{}
	cmd := d.service(args...)
	cmd.Stdout, cmd.Stderr = log, log
	if err := cmd.Start(); err != nil {
		d.t.Fatal(err)
	}
	done := false
	stop = func() {
		if done {
			return
		}
		done = true
		_ = cmd.Process.Signal(syscall.SIGTERM)
		if err := cmd.Wait(); err != nil {
			d.t.Errorf("%s: %v\n%s", args[0], err, log.Tail())
		}
	}
	d.t.Cleanup(stop)
	return stop, log
}

// firstOrder is the second half, in a network of its own.
func firstOrder(t *testing.T, d debian) {
	must(t, exec.Command("ip", "link", "set", "lo", "up"))
	must(t, exec.Command("mount", "-t", "proc", "proc", filepath.Join(d.dir, "proc")))
	defer func() { _ = exec.Command("umount", filepath.Join(d.dir, "proc")).Run() }()
	installs(t, d)
	mail := rig.StartMail(t)
	settings := fmt.Sprintf("STRONGROOM_MAIL_PORT=%d\nSTRONGROOM_MAIL_SECURITY=none\n", mail.Port)
	appendTo(t, filepath.Join(d.dir, "etc/default/strongroom"), settings)
	roots := initialises(t, d)
	stop := serves(t, d)
	n := shopper.NewNetwork(roots, 4)
	defer n.Close()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	o, err := n.New("").Buy(ctx, "https://shop.localhost", "/en/p/cup", shopper.Somebody("first@buyer.example"), shopper.Paid)
	if err != nil || o.Number == "" {
		t.Fatalf("the first order: %v", err)
	}
	if _, ok := mail.Wait("first@buyer.example", 20*time.Second, func(data string) bool { return strings.Contains(data, o.Number) }); !ok {
		t.Error("no confirmation was mailed")
	}
	list := must(t, d.service("/usr/bin/strongroom", "order", "list", "--config", "/etc/strongroom/strongroom.toml"))
	if !strings.Contains(list, o.Number) || !strings.Contains(list, "paid") {
		t.Errorf("the order is not paid:\n%s", list)
	}
	stop()
	leaves(t, d)
}

// installs looks at what the package does on its own: user, folders, nothing started.
func installs(t *testing.T, d debian) {
	said := d.root("dpkg", "-i", "/strongroom.deb")
	if !strings.Contains(said, "strongroom init --dir /etc/strongroom") {
		t.Errorf("the package does not say how to go on:\n%s", said)
	}
	d.root("dpkg", "--verify", "strongroom")
	passwd := d.root("getent", "passwd", "strongroom")
	if !strings.HasSuffix(strings.TrimSpace(passwd), ":/var/lib/strongroom:/usr/sbin/nologin") {
		t.Errorf("user: %s", passwd)
	}
	for _, dir := range []string{"/var/lib/strongroom", "/etc/strongroom"} {
		if got := strings.TrimSpace(d.root("stat", "-c", "%U:%G %a", dir)); got != "strongroom:strongroom 700" {
			t.Errorf("%s: %s", dir, got)
		}
	}
	if got := d.root("/usr/bin/strongroom", "version"); !strings.HasPrefix(got, "strongroom "+version(t)+" ") {
		t.Errorf("version: %s", got)
	}
	if _, err := os.Lstat(filepath.Join(d.dir, "etc/systemd/system/multi-user.target.wants/strongroom.service")); err != nil {
		t.Errorf("the service is not enabled: %v", err)
	}
	must(t, exec.Command("systemd-analyze", "verify", "--man=no", "--recursive-errors=no", "--root="+d.dir, "/usr/lib/systemd/system/strongroom.service"))
}

func version(t *testing.T) string {
	t.Helper()
	r := release{options: options{source: root}}
	if err := r.readVersion(); err != nil {
		t.Fatal(err)
	}
	return r.version
}

// initialises writes a store as the package's text says, gives it a certificate and goods, and returns whom to trust.
func initialises(t *testing.T, d debian) *x509.CertPool {
	now := time.Now()
	set, err := localca.Open(filepath.Join(d.dir, "etc/strongroom/tls"), []string{"shop.localhost"}, now)
	if err != nil {
		t.Fatal(err)
	}
	d.root("chown", "-R", "strongroom:strongroom", "/etc/strongroom")
	said := must(t, d.service("/usr/bin/strongroom", "init", "--dir", "/etc/strongroom", "--data", "/var/lib/strongroom", "--kit", "/var/lib/strongroom/kit.txt",
		"--name", "Fresh", "--legal-name", "Fresh GmbH", "--address", "Weg 1", "--address", "20359 Hamburg", "--country", "DE",
		"--email", "shop@fresh.example", "--url", "https://shop.localhost", "--listen", "127.0.0.1:443", "--mail-host", "127.0.0.1",
		"--certificate", "/etc/strongroom/tls/shop.localhost.pem", "--certificate-key", "/etc/strongroom/tls/shop.localhost-key.pem"))
	t.Logf("%s", said)
	goods := "handle,category,title:en,tax_class,sku,price,weight_g,stock\ncup,cups,Cup,standard,CUP-1,12.50,300,5\n"
	shelves := "slug,parent,position,title:en\ncups,,1,Cups\n"
	appendTo(t, filepath.Join(d.dir, "tmp/goods.csv"), goods)
	appendTo(t, filepath.Join(d.dir, "tmp/shelves.csv"), shelves)
	must(t, d.service("/usr/bin/strongroom", "product", "import", "/tmp/goods.csv", "--categories", "/tmp/shelves.csv",
		"--config", "/etc/strongroom/strongroom.toml"))
	_, log := d.start("/usr/bin/strongroom", "sandbox", "--config", "/etc/strongroom/strongroom.toml", "--data", "/etc/strongroom/sandbox",
		"--notice-ca", "/etc/strongroom/tls/authority.pem")
	sandboxCA := filepath.Join(d.dir, "etc/strongroom/sandbox/tls/authority.pem")
	wait(t, "the sandbox", log, func() bool {
		_, err := os.Stat(sandboxCA)
		return err == nil && strings.Contains(log.String(), "listening on")
	})
	roots := x509.NewCertPool()
	for _, file := range []string{set.CAFile(), sandboxCA} {
		pem, err := os.ReadFile(file)
		if err != nil || !roots.AppendCertsFromPEM(pem) {
			t.Fatalf("%s: %v", file, err)
		}
	}
	return roots
}

var execStart = regexp.MustCompile(`(?m)^ExecStart=(.*)$`)

// serves runs the unit's own line and waits until the store says that it is ready.
func serves(t *testing.T, d debian) (stop func()) {
	m := execStart.FindStringSubmatch(unit(t))
	if m == nil {
		t.Fatal("the unit starts nothing")
	}
	stop, log := d.start(strings.Fields(m[1])...)
	wait(t, "the store", log, func() bool {
		return d.service("/usr/bin/strongroom", "health", "--config", "/etc/strongroom/strongroom.toml").Run() == nil
	})
	c := http.Client{Timeout: 5 * time.Second}
	resp, err := c.Get("http://127.0.0.1:9464/live")
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("live: %v", err)
	}
	_ = resp.Body.Close()
	return stop
}

// leaves removes and purges the package: what belongs to the shop stays, and it is said.
func leaves(t *testing.T, d debian) {
	d.root("dpkg", "--remove", "strongroom")
	if _, err := os.Stat(filepath.Join(d.dir, "usr/bin/strongroom")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the program is still there: %v", err)
	}
	said := d.root("dpkg", "--purge", "strongroom")
	if !strings.Contains(said, "are kept in: /etc/strongroom /var/lib/strongroom") || !strings.Contains(said, "rm -rf /etc/strongroom /var/lib/strongroom") {
		t.Errorf("purging does not say what is kept:\n%s", said)
	}
	for _, f := range []string{"var/lib/strongroom/data.db", "var/lib/strongroom/keys/keys.db", "var/lib/strongroom/keys/root.key", "etc/strongroom/strongroom.toml"} {
		if info, err := os.Stat(filepath.Join(d.dir, f)); err != nil || info.Size() == 0 {
			t.Errorf("%s is gone: %v", f, err)
		}
	}
	if _, err := os.Stat(filepath.Join(d.dir, "etc/default/strongroom")); !errors.Is(err, os.ErrNotExist) {
		t.Error("the package's own settings were not purged")
	}
}

func wait(t *testing.T, what string, log *rig.Log, ready func() bool) {
	t.Helper()
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	limit := time.After(time.Minute)
	for !ready() {
		select {
		case <-tick.C:
		case <-limit:
			t.Fatalf("%s does not get ready\n%s", what, log.Tail())
		}
	}
}

func appendTo(t *testing.T, file, text string) {
	t.Helper()
	f, err := os.OpenFile(file, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteString(text); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}
