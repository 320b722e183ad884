package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"strongroom/base/db"
	"strongroom/base/db/dbtest"
)

// bundle makes one and reads it, whatever state the installation is in.
func bundle(t *testing.T, config string, env ...string) (files map[string]string, said result) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "bundle.tar.gz")
	said = output(t, env, "support-bundle", "-c", config, "-o", path)
	said.expect(t, exitDone, "Wrote "+path)
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the bundle can be read by others: %v", err)
	}
	files = map[string]string{}
	z, err := gzip.NewReader(bytes.NewReader(read(t, path)))
	if err != nil {
		t.Fatal(err)
	}
	for r := tar.NewReader(z); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		files[strings.TrimPrefix(h.Name, "strongroom-support/")] = string(b)
	}
	if len(files) != 12 || !strings.Contains(files["README.txt"], "doctor.json") {
		t.Errorf("%d files in the bundle", len(files))
	}
	return files, said
}

// spellings are how a value could stand in text: as it is, in hexadecimal, and in base64 at each of its three places.
func spellings(v string) []string {
	out := []string{v, hex.EncodeToString([]byte(v)), strings.ToUpper(hex.EncodeToString([]byte(v)))}
	for shift := range 3 {
		for _, e := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
			s := e.EncodeToString([]byte(strings.Repeat("\x00", shift) + v))
			out = append(out, s[(shift*8+5)/6:len(s)-2])
		}
	}
	return out
}

func noneOf(t *testing.T, files map[string]string, planted []string) {
	t.Helper()
	for name, text := range files {
		for _, v := range planted {
			for _, s := range spellings(v) {
				if strings.Contains(strings.ToLower(name+text), strings.ToLower(s)) {
					t.Errorf("%s holds %q as %q", name, v, s)
				}
			}
		}
	}
}

// The bundle of a store that runs holds what helps, and none of the values that were planted in its configuration, in
// its secrets, in its key file and in the failure of a job (V14.2.3, V16.2.5).
func TestSupportBundleShowsNobody(t *testing.T) {
	for _, e := range dbtest.Engines() {
		dir := filepath.Join(t.TempDir(), "plantedfolder")
		config := initStoreIn(t, dir)
		text := string(read(t, config))
		for old, planted := range map[string]string{`name = "`: `name = "Plantedshop `, `address = ["`: `address = ["Plantedstreet 7", "`,
			`email = "`: `email = "plantedmail.`, `time_zone`: "phone = \"+49 40 777555333\"\nvat_id = \"DE777555333\"\nrepresented_by = \"Planted Person\"\ntime_zone"} {
			text = strings.Replace(text, old, planted, 1)
		}
		write(t, config, []byte(text), 0o600)
		secret := filepath.Join(dir, "planted-smtp")
		write(t, secret, []byte("plantedsmtppassword\n"), 0o600)
		env := []string{"STRONGROOM_MAIL_USER=planteduser", "STRONGROOM_MAIL_PASSWORD_FILE=" + secret, "STRONGROOM_MAIL_HOST=plantedhost.invalid",
			"STRONGROOM_TRACE_TOKEN=plantedtracetoken", "STRONGROOM_TRACE_OWN_HOSTS=plantedown.invalid"}
		data := "sqlite:" + filepath.Join(dir, "data", "data.db")
		if e == db.Postgres {
			data = strings.Replace(dbtest.DSN(t, e, "data"), "strongroom@", "strongroom:planteddbpassword@", 1)
			env = append(env, "STRONGROOM_DATA_DATABASE="+data, "STRONGROOM_DATA_KEY_DATABASE="+
				strings.Replace(dbtest.DSN(t, e, "keys"), "strongroom@", "strongroom:planteddbpassword@", 1))
		}
		env = append(env, "STRONGROOM_SERVER_PRIVATE_LISTEN=unix:"+filepath.Join(t.TempDir(), "plantedsocket"))
		s := startServe(t, config, env...)
		s.ask(t, "GET", "/en/search?q=plantedquery", "", "User-Agent", "plantedagent")
		behind(t, data, `INSERT INTO job_queue (id, kind, key, args, run_at, attempts, state, leased_until, error, made_at, ended_at) VALUES
			($1, 'letter.confirm', 'k', '{}', 1, 12, 'dead', 0, 'answer 550 no such user plantedjob@planted.example', 1, 1)`, []byte("0123456789abcdef"))
		files, said := bundle(t, config, env...)
		planted := []string{"Plantedshop", "Plantedstreet", "plantedmail", "777555333", "Planted Person", "plantedsmtppassword", "planteduser", "plantedhost",
			"plantedtracetoken", "plantedown", "planteddbpassword", "plantedfolder", "plantedsocket", "plantedquery", "plantedagent", "plantedjob", "203.0.113.7",
			strings.TrimSpace(string(read(t, filepath.Join(dir, "sandbox-api-key")))), strings.TrimSpace(string(read(t, filepath.Join(dir, "sandbox-notice-secret"))))}
		for line := range strings.Lines(string(read(t, filepath.Join(dir, "data", "keys", "root.key")))) {
			if f := strings.Fields(line); len(f) == 2 && f[0] == "key" {
				planted = append(planted, f[1], f[1][:16])
			}
		}
		if len(planted) < 20 {
			t.Fatal("the key was not found in its file")
		}
		noneOf(t, files, planted)
		helps(t, files, said, e)
		s.stop(t)
	}
}

// helps holds what a helper wants to see.
func helps(t *testing.T, files map[string]string, said result, e db.Engine) {
	t.Helper()
	if strings.Contains(said.out, "could not be made") {
		t.Errorf("something is missing:\n%s", said.out)
	}
	for name, want := range map[string][]string{
		"version.json":           {`"modernc.org/sqlite v`, `"go":`},
		"configuration.json":     {`"shop.country"`, `"DE"`, `"mail.password"`, `"readable": true`},
		"doctor.json":            {`"data folder"`, `"mail"`, `"wrong"`},
		"databases.json":         {`"engine": "` + string(e) + `"`, `"job_queue": `, `"opens": true`},
		"jobs.json":              {`"letter.confirm"`, `"code": "550"`, `"tries": 12`},
		"machine.json":           {`"processors"`, `"disk_free_bytes"`},
		"running/ready.txt":      {"ready"},
		"running/live.txt":       {"alive"},
		"running/metrics.txt":    {"strongroom_database_commits_total{database=\"data\"}", "go_goroutines"},
		"running/goroutines.txt": {"goroutine profile", ".go:"},
		"running/log.txt":        {"INFO the store is open"},
	} {
		for _, w := range want {
			if !strings.Contains(files[name], w) {
				t.Errorf("%s does not hold %q:\n%.1500s", name, w, files[name])
			}
		}
		if strings.HasSuffix(name, ".json") && !json.Valid([]byte(files[name])) {
			t.Errorf("%s is no JSON", name)
		}
	}
}

// A bundle can be made of an installation that does not start, and shows as little.
func TestSupportBundleOfABrokenInstallation(t *testing.T) {
	config, data := opened(t)
	missing := func(files map[string]string, said result, parts ...string) {
		t.Helper()
		for _, p := range parts {
			if !strings.Contains(said.out, "could not be made: "+p) || !strings.Contains(files[p], "could not be made") {
				t.Errorf("%s is there:\n%s", p, said.out)
			}
		}
		if !json.Valid([]byte(files["configuration.json"])) {
			t.Error("the configuration is no JSON")
		}
	}
	key := filepath.Join(data, "keys", "root.key")
	kept := read(t, key)
	if err := os.Remove(key); err != nil {
		t.Fatal(err)
	}
	files, said := bundle(t, config)
	missing(files, said, "running/ready.txt", "running/log.txt")
	if !strings.Contains(files["doctor.json"], `"key file"`) || !strings.Contains(files["machine.json"], `"root.key": {
      "there": false
    }`) {
		t.Errorf("the missing key file is not seen:\n%s%s", files["doctor.json"], files["machine.json"])
	}
	if _, err := os.Stat(key); err == nil {
		t.Error("the bundle made a key")
	}
	write(t, key, kept, 0o600)

	gone := []string{"STRONGROOM_DATA_DATABASE=postgres://planteduser:plantedpassword@127.0.0.1:1/planteddb",
		"STRONGROOM_DATA_KEY_DATABASE=postgres://planteduser:plantedpassword@127.0.0.1:1/plantedkeys"}
	files, said = bundle(t, config, gone...)
	missing(files, said, "jobs.json")
	noneOf(t, files, []string{"planted", "127.0.0.1:1/"})
	if !strings.Contains(files["databases.json"], `"opens": false`) {
		t.Errorf("the lost database is not seen: %s", files["databases.json"])
	}

	good := string(read(t, config))
	write(t, config, []byte(strings.Replace(good, `name = "`, `plantedkey = "plantedvalue"`+"\n"+`currency = "plantedcurrency"`+"\n"+`name = "`, 1)), 0o600)
	files, said = bundle(t, config, "STRONGROOM_PLANTED=planted")
	missing(files, said, "doctor.json", "databases.json", "jobs.json")
	noneOf(t, files, []string{"planted"})
	if !strings.Contains(files["configuration.json"], "a key that this program does not know") {
		t.Errorf("problems: %s", files["configuration.json"])
	}
	files, _ = bundle(t, filepath.Join(data, "plantedplace.toml"))
	noneOf(t, files, []string{"planted"})
}
