package main

import (
	"encoding/json"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"
)

// The demo furnishes a store, answers on its hosts, stops cleanly, keeps what was there and is back within 500 ms.
func TestDemoStartsStopsAndComesBack(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "demo")
	first := startDemo(t, folder)
	if status, _, page := first.get(t, first.Shop+"/en/"); status != 200 || !strings.Contains(page, "Kiln &amp; Orchard") {
		t.Fatalf("home page: %d %.300s", status, page)
	}
	if status, _, page := first.get(t, first.Outbox+"/"); status != 200 || !strings.Contains(page, "outbox") {
		t.Errorf("outbox: %d", status)
	}
	if status, h, _ := first.get(t, first.Sandbox+"/"); status != 200 || h.Get("Strict-Transport-Security") != "" {
		t.Errorf("sandbox: %d, HSTS %q", status, h.Get("Strict-Transport-Security"))
	}
	if status, _, text := first.get(t, first.Private+"/ready"); status != 200 || text != "ready\n" {
		t.Errorf("ready: %d %s", status, text)
	}
	first.stop(t)

	second := startDemo(t, folder)
	begin := time.Now()
	if status, _, _ := second.get(t, second.Shop+"/en/"); status != 200 {
		t.Errorf("second start: %d", status)
	}
	if took := second.took + time.Since(begin); took > 500*time.Millisecond*slack() {
		t.Errorf("the first page of the second start took %v", took)
	}
	if rss := residentKB(t, second.PID); rss > 120<<10 {
		t.Errorf("at rest the demo takes %d KiB", rss)
	}
	second.stop(t)
}

// slack allows for the race detector, which makes everything slower.
func slack() time.Duration {
	if raceDetector {
		return 12
	}
	return 2 // the machine runs other tests at the same time
}

func residentKB(t *testing.T, pid int) int {
	t.Helper()
	if runtime.GOOS != "linux" || raceDetector {
		return 0
	}
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(b)) {
		if f := strings.Fields(line); len(f) > 1 && f[0] == "VmRSS:" {
			n, err := strconv.Atoi(f[1])
			if err != nil {
				t.Fatal(err)
			}
			return n
		}
	}
	t.Fatal("the system does not tell the memory in use")
	return 0
}

// Every host has a certificate of its own, and a name gets no other host's pages (V3.5.4).
func TestDemoHostsAreApart(t *testing.T) {
	d := startDemo(t, filepath.Join(t.TempDir(), "demo"))
	_, port, err := net.SplitHostPort(d.Listen)
	if err != nil {
		t.Fatal(err)
	}
	if resp, err := d.http.Get("https://evil.localhost:" + port + "/"); err == nil {
		_ = resp.Body.Close()
		t.Error("an unknown name got a certificate")
	}
	for _, folder := range []string{d.Data, filepath.Join(d.Data, "keys"), filepath.Join(d.Data, "tls")} {
		if info, err := os.Stat(folder); err != nil || info.Mode().Perm() != 0o700 {
			t.Errorf("%s: %v %v", folder, info.Mode(), err)
		}
	}
	err = filepath.Walk(d.Data, func(path string, info os.FileInfo, err error) error {
		if err == nil && info.Mode().IsRegular() && info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s can be read by others (%o)", path, info.Mode().Perm())
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
	d.stop(t)
}

// Two demos do not share a folder; a busy port is named, and the default one is left for the next.
func TestDemoInUse(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "demo")
	d := startDemo(t, folder)
	output(t, nil, "demo", "--listen", "127.0.0.1:0", "--data", folder, "--json").
		expect(t, exitInUse, "another strongroom runs on the folder", folder, "Stop it first")
	output(t, nil, "demo", "--listen", d.Listen, "--data", filepath.Join(t.TempDir(), "other"), "--json").
		expect(t, exitInUse, d.Listen+" is in use", "--listen")
	d.stop(t)
}

// The log is structured, its times say their zone, and it has no personal data and no addresses of clients in it (V16.2.2,
// V16.2.4, V16.2.5).
func TestDemoLog(t *testing.T) {
	d := startDemo(t, filepath.Join(t.TempDir(), "demo"))
	d.get(t, d.Shop+"/en/nothing-here?email=ada%40example.org")
	if c, err := net.Dial("tcp", d.Listen); err == nil {
		_, _ = c.Write([]byte("GET / HTTP/1.1\r\n\r\n")) // no TLS: net/http would log the client's address
		_ = c.Close()
	}
	d.stop(t)
	for line := range strings.Lines(d.log.String()) {
		if !json.Valid([]byte(line)) {
			t.Errorf("not JSON: %s", line)
		}
		var entry struct{ Time, Level, Msg string }
		if err := json.Unmarshal([]byte(line), &entry); err != nil || entry.Level == "" || entry.Msg == "" {
			t.Errorf("no entry: %s", line)
		}
		if _, err := time.Parse(time.RFC3339Nano, entry.Time); err != nil {
			t.Errorf("a time without a zone: %s", line)
		}
		if strings.Contains(line, "ada") || strings.Contains(strings.ReplaceAll(line, d.Listen, ""), "127.0.0.1:") {
			t.Errorf("personal: %s", line)
		}
	}
}
