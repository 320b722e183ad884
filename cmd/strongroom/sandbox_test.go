package main

import (
	"bufio"
	"encoding/json"
	"net/http"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// The sandbox runs as a process of its own, makes its keys, and takes nobody in without them.
func TestSandboxProcess(t *testing.T) {
	cmd := command(t, "sandbox", "--listen", "127.0.0.1:0", "--origin", "https://pay.localhost:0", "--data", filepath.Join(t.TempDir(), "pay"), "--json")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	line, err := bufio.NewReader(out).ReadBytes('\n')
	if err != nil {
		t.Fatal(err)
	}
	var r sandboxReport
	if err := json.Unmarshal(line, &r); err != nil || !strings.HasPrefix(r.Origin, "https://pay.localhost:") || len(r.APIKey) < 30 {
		t.Fatalf("%v %+v", err, r)
	}
	client := clientFor(t, r.CA)
	for key, want := range map[string]int{r.APIKey: 404, "sk_test_" + strings.Repeat("x", 26): 401, "": 401} {
		req, err := http.NewRequest("GET", r.Origin+"/v1/sessions/none", nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer "+key)
		resp, err := client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		if resp.StatusCode != want {
			t.Errorf("key of %d characters: %d, want %d", len(key), resp.StatusCode, want)
		}
	}
	_ = cmd.Process.Signal(syscall.SIGTERM)
	if err := cmd.Wait(); err != nil {
		t.Errorf("did not end cleanly: %v", err)
	}
}
