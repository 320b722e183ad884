package main

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"strongroom/base/db"
	"strongroom/base/db/dbtest"
)

// server is a store that "serve" runs behind a trusted proxy, which the tests play.
type server struct {
	listen string
	cmd    *exec.Cmd
	log    *lines
	ended  chan error
}

const shopAuthority = "shop.localhost:1" // as initStore sets it

var listening = regexp.MustCompile(`listening on ([^)]+)\)`)

func startServe(t *testing.T, config string, env ...string) *server {
	t.Helper()
	s := &server{cmd: command(t, "serve", "-c", config), log: &lines{}, ended: make(chan error, 1)}
	s.cmd.Env = append(append(s.cmd.Env, "STRONGROOM_SERVER_PRIVATE_LISTEN=127.0.0.1:0", "STRONGROOM_LOG_FORMAT=json"), env...)
	s.cmd.Stderr = s.log
	out, err := s.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.cmd.Process.Kill() })
	line, err := bufio.NewReader(out).ReadString('\n')
	go func() { s.ended <- s.cmd.Wait() }()
	m := listening.FindStringSubmatch(line)
	if err != nil || m == nil {
		t.Fatalf("serve said %q: %v\n%s", line, err, s.log)
	}
	s.listen = m[1]
	return s
}

func (s *server) ask(t *testing.T, method, path, body string, header ...string) (int, string) {
	t.Helper()
	req, err := http.NewRequest(method, "http://"+s.listen+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Host = shopAuthority
	req.Header.Set("X-Forwarded-For", "203.0.113.7")
	req.Header.Set("X-Forwarded-Proto", "https")
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	c := &http.Client{Timeout: 20 * time.Second, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := c.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	b, _ := io.ReadAll(resp.Body)
	return resp.StatusCode, string(b)
}

func (s *server) stop(t *testing.T) {
	t.Helper()
	_ = s.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case err := <-s.ended:
		if err != nil {
			t.Errorf("serve did not end cleanly: %v\n%s", err, s.log)
		}
	case <-time.After(40 * time.Second):
		t.Fatal("serve does not end")
	}
}

// A real store behind a proxy: what came to the proxy unencrypted is refused, and every page says that it is a test.
func TestServeBehindProxy(t *testing.T) {
	config := initStore(t)
	s := startServe(t, config)
	if status, page := s.ask(t, "GET", "/en/", ""); status != 200 || !strings.Contains(page, "test mode") {
		t.Errorf("home: %d %.200s", status, page)
	}
	if status, _ := s.ask(t, "GET", "/en/", "", "X-Forwarded-Proto", "http"); status != 403 {
		t.Errorf("unencrypted: %d", status)
	}
	s.stop(t)
	foreign := startServe(t, config, "STRONGROOM_SERVER_TRUSTED_PROXIES=192.0.2.1")
	if resp, err := http.Get("http://" + foreign.listen + "/"); err == nil {
		_ = resp.Body.Close()
		t.Errorf("a stranger got %d over plain HTTP", resp.StatusCode)
	}
	foreign.stop(t)
}

// A stop waits for what is under way: a form whose second half comes after SIGTERM is still answered.
func TestStopDrains(t *testing.T) {
	s := startServe(t, initStore(t))
	c, err := net.Dial("tcp", s.listen)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	_ = c.SetDeadline(time.Now().Add(20 * time.Second))
	_, _ = fmt.Fprintf(c, "POST /en/cart/add HTTP/1.1\r\nHost: %s\r\nSec-Fetch-Site: same-origin\r\nX-Forwarded-Proto: https\r\n"+
		"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 10\r\n\r\nvaria", shopAuthority)
	if status, _ := s.ask(t, "GET", "/en/", ""); status != 200 { // by now the first half has arrived
		t.Fatalf("home: %d", status)
	}
	_ = s.cmd.Process.Signal(syscall.SIGTERM)
	refused := false
	for end := time.Now().Add(5 * time.Second); time.Now().Before(end); {
		probe, err := net.DialTimeout("tcp", s.listen, time.Second)
		if refused = err != nil; refused {
			break
		}
		_ = probe.Close()
	}
	_, _ = io.WriteString(c, "nt=12")
	resp, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		t.Fatalf("the request under way was cut off: %v", err)
	}
	_ = resp.Body.Close()
	if resp.StatusCode < 400 || resp.StatusCode >= 500 {
		t.Errorf("a form with half a variant: %d", resp.StatusCode)
	}
	if !refused {
		t.Error("new connections were taken while stopping")
	}
	if err := <-s.ended; err != nil {
		t.Errorf("serve did not end cleanly: %v", err)
	}
}

// The database goes away and comes back: pages say so with 503, and then work again, without a restart (V16.5.2).
func TestLostDatabaseConnection(t *testing.T) {
	for _, e := range dbtest.Engines() {
		if e != db.Postgres {
			continue // SQLite has no connection to lose
		}
		data, cut := throughProxy(t, dbtest.DSN(t, e, "data"))
		keys, _ := throughProxy(t, dbtest.DSN(t, e, "keys"))
		s := startServe(t, initStore(t), "STRONGROOM_DATA_DATABASE="+data, "STRONGROOM_DATA_KEY_DATABASE="+keys)
		if status, _ := s.ask(t, "GET", "/en/search?q=before", ""); status != 200 {
			t.Fatalf("before: %d", status)
		}
		cut(true)
		status, page := s.ask(t, "GET", "/en/search?q=during", "")
		if status != 503 || strings.Contains(page, "postgres") || strings.Contains(page, "SQLSTATE") || !strings.Contains(page, "moment") {
			t.Errorf("without the database: %d %.600s\n%s", status, page, s.log)
		}
		cut(false)
		recovered := false
		for i := 0; i < 100 && !recovered; i++ {
			status, _ = s.ask(t, "GET", fmt.Sprintf("/en/search?q=after%d", i), "")
			recovered = status == 200
		}
		if !recovered {
			t.Errorf("after: %d\n%s", status, s.log)
		}
		s.stop(t)
	}
}

// throughProxy puts a proxy in front of a PostgreSQL server that can be cut.
func throughProxy(t *testing.T, dsn string) (address string, cut func(bool)) {
	t.Helper()
	u, err := url.Parse(dsn)
	if err != nil {
		t.Fatal(err)
	}
	target := u.Host
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = ln.Close() })
	var mu sync.Mutex
	off, open := false, map[net.Conn]bool{}
	go func() {
		for {
			in, err := ln.Accept()
			if err != nil {
				return
			}
			out, err := net.Dial("tcp", target)
			mu.Lock()
			if off || err != nil {
				_ = in.Close()
				mu.Unlock()
				continue
			}
			open[in], open[out] = true, true
			mu.Unlock()
			go func() { _, _ = io.Copy(out, in); _ = out.Close() }()
			go func() { _, _ = io.Copy(in, out); _ = in.Close() }()
		}
	}()
	u.Host = ln.Addr().String()
	return u.String(), func(now bool) {
		mu.Lock()
		defer mu.Unlock()
		off = now
		for c := range open {
			_ = c.Close()
			delete(open, c)
		}
	}
}
