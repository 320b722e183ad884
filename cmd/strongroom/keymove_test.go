package main

import (
	"encoding/pem"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"strongroom/cmd/strongroom/app"
	"strongroom/guard/vault/openbao/baotest"
)

// keyService starts a key service and gives the environment of a store that uses it.
func keyService(t *testing.T) (*baotest.Server, []string) {
	t.Helper()
	bao := baotest.New()
	t.Cleanup(bao.Close)
	bao.AddKey("strongroom", "")
	dir := t.TempDir()
	write(t, filepath.Join(dir, "ca.pem"), pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: bao.Certificate().Raw}), 0o600)
	write(t, filepath.Join(dir, "token"), []byte(bao.Token("read", "encrypt", "decrypt", "rotate")+"\n"), 0o600)
	return bao, []string{"STRONGROOM_KEYS_ADDRESS=" + bao.URL, "STRONGROOM_KEYS_CA=" + filepath.Join(dir, "ca.pem"),
		"STRONGROOM_KEYS_TOKEN_FILE=" + filepath.Join(dir, "token")}
}

// The root key of a store that sells moves into a key service and back, and the store goes on selling (V13.3.3).
func TestTheRootKeyMovesWhileTheStoreRuns_V13_3_3(t *testing.T) {
	config, data := opened(t)
	file := filepath.Join(data, "keys", "root.key")
	bao, env := keyService(t)
	output(t, nil, "key", "move", "--to", "openbao", "-c", config).expect(t, exitUsage, "keys.address")
	s := startServe(t, config, env...)
	for _, c := range []struct{ to, where string }{{"openbao", bao.URL + ", key transit/strongroom"}, {"file", file}} {
		output(t, env, "key", "move", "--to", c.to, "-c", config).expect(t, exitDone, "the old keys are destroyed", c.where[:20])
		if _, err := os.Stat(file); (err == nil) != (c.to == "file") {
			t.Errorf("moved to %s, and the key file: %v", c.to, err)
		}
		output(t, env, "key", "status", "-c", config).expect(t, exitDone, "Root key", c.where)
		if status, page := s.ask(t, "GET", "/en/", ""); status != 200 || !strings.Contains(page, "Test Shop") {
			t.Errorf("after the move to %s the store answers %d", c.to, status)
		}
		output(t, env, "key", "rotate", "-c", config).expect(t, exitDone)
	}
	s.stop(t)
	bao.Seal(true)
	output(t, env, "order", "list", "-c", config).expect(t, exitDone) // nothing needs the service any more
}

// A start while the key service is sealed says so, harms nothing, and opens once it is unsealed (V16.5.2).
func TestStartWithASealedKeyService_V16_5_2(t *testing.T) {
	bao, env := keyService(t)
	env = append(env, "STRONGROOM_KEYS_PROVIDER=openbao")
	config := initStore(t, env...)
	data := filepath.Join(filepath.Dir(config), "data")
	if _, err := os.Stat(filepath.Join(data, "keys", "root.key")); err == nil {
		t.Error("a store whose root key is in a key service has a key file")
	}
	output(t, env, "order", "list", "-c", config).expect(t, exitDone)
	m := findings(t, config, exitFailed, env...)
	if m["key service"].State != app.Fine || m["keys"].State != app.Fine || m["key file"].Name != "" {
		t.Errorf("well: %+v %+v %+v", m["key service"], m["keys"], m["key file"])
	}
	before := read(t, filepath.Join(data, "keys", "keys.db"))
	bao.Seal(true)
	output(t, append(env, "STRONGROOM_KEYS_WAIT_SECONDS=0"), "serve", "-c", config).
		expect(t, exitStore, "The key service is sealed", "bao operator unseal", bao.URL)
	m = findings(t, config, exitFailed, env...)
	if f := m["keys"]; f.State != app.Wrong || !strings.Contains(f.Do, "unseal") {
		t.Errorf("sealed: %+v", f)
	}
	if string(before) != string(read(t, filepath.Join(data, "keys", "keys.db"))) {
		t.Error("the key database was changed while the service was sealed")
	}
	unsealed := time.AfterFunc(3*time.Second, func() { bao.Seal(false) })
	defer unsealed.Stop()
	s := startServe(t, config, env...)
	if log := s.log.String(); !strings.Contains(log, "waits for its key service") || !strings.Contains(log, "is sealed") {
		t.Errorf("it did not say why it waits:\n%s", log)
	}
	bao.Close() // gone for good: a running store does not mind
	if status, _ := s.ask(t, "GET", "/en/", ""); status != 200 {
		t.Errorf("without its key service the store answers %d", status)
	}
	s.stop(t)
	output(t, env, "order", "list", "-c", config).expect(t, exitStore, "does not answer", bao.URL)
	kit := output(t, env, "key", "recover", "--file", kitOf(config), "-c", config)
	kit.expect(t, exitDone, "The key file is back")
	output(t, nil, "order", "list", "-c", config).expect(t, exitDone)
}
