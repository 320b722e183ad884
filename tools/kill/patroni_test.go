//go:build failover

package kill

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"strongroom/tools/rig"
)

const (
	postgresBin = "/usr/lib/postgresql/15/bin"
	members     = 3
)

// group is three PostgreSQL servers that Patroni looks after, with etcd, all on loopback.
type group struct {
	t     *testing.T
	dir   string
	creds *syscall.SysProcAttr
	etcd  int
	nodes []*member
}

// member is one server and its Patroni.
type member struct {
	name      string
	port, api int
	dir       string
	cmd       *exec.Cmd
	end       chan error
}

// settings are what docs/growing.md recommends.
const settings = `scope: strongroom
name: %[1]s
log: {level: WARNING}
restapi: {listen: "127.0.0.1:%[2]d", connect_address: "127.0.0.1:%[2]d"}
etcd3: {host: "127.0.0.1:%[3]d"}
bootstrap:
  dcs:
    ttl: 15
    loop_wait: 3
    retry_timeout: 5
    primary_start_timeout: 0
    maximum_lag_on_failover: 1048576
    synchronous_mode: true
    postgresql:
      use_pg_rewind: true
      use_slots: true
      parameters: {max_connections: 300, shared_buffers: 64MB, synchronous_commit: "on", wal_log_hints: "on"}
  initdb: [{encoding: UTF8}, {locale: C}, data-checksums]
postgresql:
  listen: "127.0.0.1:%[4]d"
  connect_address: "127.0.0.1:%[4]d"
  data_dir: %[5]s/data
  bin_dir: ` + postgresBin + `
  pgpass: %[5]s/pgpass
  remove_data_directory_on_rewind_failure: true
  remove_data_directory_on_diverged_timelines: true
  authentication: {superuser: {username: postgres}, replication: {username: postgres}, rewind: {username: postgres}}
  parameters: {unix_socket_directories: %[5]s}
  pg_hba: ["host all all 127.0.0.1/32 trust", "local all all trust", "host replication all 127.0.0.1/32 trust"]
tags: {nofailover: false, noloadbalance: false, clonefrom: false, nosync: false}
`

// startGroup starts everything and waits for a primary with a synchronous standby.
func startGroup(t *testing.T) *group {
	t.Helper()
	for _, name := range []string{"patroni", "etcd"} {
		if _, err := exec.LookPath(name); err != nil {
			t.Fatalf("%s is missing; on Debian: apt-get install --no-install-recommends patroni etcd-server postgresql", name)
		}
	}
	dir, err := os.MkdirTemp("", "strongroom-failover")
	must(t, err)
	g := &group{t: t, dir: dir, creds: &syscall.SysProcAttr{Setpgid: true}, etcd: rig.FreePort(t)}
	if os.Getuid() == 0 { // PostgreSQL refuses to run as root
		u, err := user.Lookup("postgres")
		must(t, err)
		uid, _ := strconv.Atoi(u.Uid)
		gid, _ := strconv.Atoi(u.Gid)
		g.creds.Credential = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
		must(t, os.Chown(dir, uid, gid))
	}
	t.Cleanup(g.clear)
	peer := rig.FreePort(t)
	at := func(port int) string { return fmt.Sprintf("http://127.0.0.1:%d", port) }
	g.run("etcd", "etcd", "--name", "one", "--data-dir", filepath.Join(dir, "etcd"), "--listen-client-urls", at(g.etcd), "--advertise-client-urls", at(g.etcd),
		"--listen-peer-urls", at(peer), "--initial-advertise-peer-urls", at(peer), "--initial-cluster", "one="+at(peer), "--logger", "zap", "--log-level", "error", "--unsafe-no-fsync=false")
	for i := range members {
		m := &member{name: fmt.Sprintf("pg%d", i+1), port: rig.FreePort(t), api: rig.FreePort(t), dir: filepath.Join(dir, fmt.Sprintf("pg%d", i+1))}
		g.nodes = append(g.nodes, m)
		g.make(m)
		g.start(m)
		if i == 0 {
			g.wait(func() bool { return g.leader() != nil })
		}
	}
	g.wait(func() bool { return g.leader() != nil && g.standbys() == members-1 && g.synchronous() })
	return g
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (g *group) make(m *member) {
	g.must(os.MkdirAll(m.dir, 0o700))
	text := fmt.Sprintf(settings, m.name, m.api, g.etcd, m.port, m.dir)
	file := filepath.Join(m.dir, "patroni.yml")
	g.must(os.WriteFile(file, []byte(text), 0o600))
	if c := g.creds.Credential; c != nil {
		g.must(os.Chown(m.dir, int(c.Uid), int(c.Gid)))
		g.must(os.Chown(file, int(c.Uid), int(c.Gid)))
	}
}

func (g *group) must(err error) {
	g.t.Helper()
	must(g.t, err)
}

func (g *group) start(m *member) {
	m.cmd, m.end = g.run(m.name, "patroni", filepath.Join(m.dir, "patroni.yml"))
}

// run starts a program as the user of the database. What it says is kept beside its files.
func (g *group) run(name string, args ...string) (*exec.Cmd, chan error) {
	g.t.Helper()
	log, err := os.OpenFile(filepath.Join(g.dir, name+".log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	g.must(err)
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Dir, cmd.Stdout, cmd.Stderr, cmd.SysProcAttr = g.dir, log, log, g.creds
	cmd.Env = append(os.Environ(), "HOME="+g.dir, "LC_ALL=C")
	g.must(cmd.Start())
	end := make(chan error, 1)
	go func() { end <- cmd.Wait(); _ = log.Close() }()
	g.t.Cleanup(func() { _ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) })
	return cmd, end
}

// clear ends every server that the group started.
func (g *group) clear() {
	for _, m := range g.nodes {
		for _, pid := range m.servers() {
			_ = syscall.Kill(pid, syscall.SIGCONT)
			_ = syscall.Kill(pid, syscall.SIGKILL)
		}
	}
	if g.t.Failed() {
		for _, m := range g.nodes {
			b, _ := os.ReadFile(filepath.Join(g.dir, m.name+".log"))
			g.t.Logf("%s: %s", m.name, b[max(0, len(b)-1500):])
		}
	}
	_ = os.RemoveAll(g.dir)
}

// servers are the processes of the member's PostgreSQL, the one above all others first.
func (m *member) servers() []int {
	b, err := os.ReadFile(filepath.Join(m.dir, "data", "postmaster.pid"))
	if err != nil {
		return nil
	}
	first, _, _ := strings.Cut(string(b), "\n")
	top, err := strconv.Atoi(strings.TrimSpace(first))
	if err != nil {
		return nil
	}
	out := []int{top}
	dirs, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, name := range dirs {
		stat, err := os.ReadFile(name)
		if err != nil {
			continue
		}
		f := strings.Fields(string(stat[strings.LastIndexByte(string(stat), ')')+1:]))
		pid, _ := strconv.Atoi(strings.Split(name, "/")[2])
		if len(f) > 1 && f[1] == strconv.Itoa(top) {
			out = append(out, pid)
		}
	}
	return out
}

// signal goes to Patroni and every process of its PostgreSQL.
func (m *member) signal(s syscall.Signal) {
	list := m.servers()
	_ = syscall.Kill(m.cmd.Process.Pid, s)
	for _, pid := range list {
		_ = syscall.Kill(pid, s)
	}
}

// kill takes the member away as a power cut would.
func (m *member) kill() {
	m.signal(syscall.SIGKILL)
	<-m.end
}

// ask is a question to a member's Patroni; true for 200.
func (m *member) ask(path string, into any) bool {
	client := &http.Client{Timeout: 2 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := client.Get(fmt.Sprintf("http://127.0.0.1:%d%s", m.api, path))
	if err != nil {
		return false
	}
	defer func() { _ = resp.Body.Close() }()
	if into != nil && json.NewDecoder(resp.Body).Decode(into) != nil {
		return false
	}
	return resp.StatusCode == http.StatusOK
}

func (g *group) leader() *member {
	for _, m := range g.nodes {
		if m.ask("/primary", nil) {
			return m
		}
	}
	return nil
}

func (g *group) standbys() (n int) {
	for _, m := range g.nodes {
		if m.ask("/replica", nil) {
			n++
		}
	}
	return n
}

func (g *group) synchronous() bool {
	for _, m := range g.nodes {
		if m.ask("/synchronous", nil) {
			return true
		}
	}
	return false
}

func (g *group) wait(for_ func() bool) {
	g.t.Helper()
	limit := time.Now().Add(2 * time.Minute)
	for !for_() {
		if time.Now().After(limit) {
			g.t.Fatal("the servers do not come to an agreement")
		}
		pause(context.Background(), 200*time.Millisecond)
	}
}

// address is that of a database: all three servers, the one that takes writes wanted.
func (g *group) address(name string) string {
	var hosts []string
	for _, m := range g.nodes {
		hosts = append(hosts, fmt.Sprintf("127.0.0.1:%d", m.port))
	}
	return "postgres://postgres@" + strings.Join(hosts, ",") + "/" + name + "?target_session_attrs=read-write&connect_timeout=2"
}
