package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// instructions are the lines of the container file, continued ones joined, comments left out.
func instructions(t *testing.T) [][2]string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, "deploy", "container", "Containerfile"))
	if err != nil {
		t.Fatal(err)
	}
	var out [][2]string
	for line := range strings.Lines(strings.ReplaceAll(string(text), "\\\n", "")) {
		if line = strings.TrimSpace(line); line != "" && line[0] != '#' {
			word, rest, _ := strings.Cut(line, " ")
			out = append(out, [2]string{word, strings.TrimSpace(rest)})
		}
	}
	return out
}

// No engine builds the container in the tests; what can be known without one is held here: the last stage has nothing
// but the program and its authorities, it does not run as root, and nothing is fetched from an address.
func TestContainerFile(t *testing.T) {
	known := map[string]bool{"FROM": true, "ARG": true, "WORKDIR": true, "COPY": true, "RUN": true, "ENV": true, "USER": true, "VOLUME": true,
		"EXPOSE": true, "STOPSIGNAL": true, "HEALTHCHECK": true, "ENTRYPOINT": true, "CMD": true}
	last, user, stages := "", "", 0
	for _, i := range instructions(t) {
		switch word, rest := i[0], i[1]; {
		case !known[word]:
			t.Errorf("%s is not used here", word)
		case word == "FROM":
			last, user = rest, ""
			if stages++; rest != "scratch" && !regexp.MustCompile(`:[0-9][^ ]* AS `).MatchString(rest) {
				t.Errorf("FROM %s: name the version", rest)
			}
		case last == "scratch" && word == "RUN":
			t.Error("the last stage has nothing to run")
		case last == "scratch" && word == "COPY" && !strings.HasPrefix(rest, "--from=build "):
			t.Errorf("COPY %s: only what was built goes in", rest)
		case word == "USER":
			user = rest
		case (word == "ENTRYPOINT" || word == "CMD") && !strings.HasPrefix(rest, "["):
			t.Errorf("%s %s: there is no shell", word, rest)
		case word == "ENV" && regexp.MustCompile(`(?i)password|secret|key=|token`).MatchString(rest):
			t.Errorf("ENV %s: secrets come from files", rest)
		}
	}
	if last != "scratch" || stages != 2 || !regexp.MustCompile(`^[1-9][0-9]*:[1-9][0-9]*$`).MatchString(user) {
		t.Errorf("the last of %d stages is %q and runs as %q", stages, last, user)
	}
}

// service is what the test reads of a compose file's service.
type service struct {
	Image       string
	User        string
	ReadOnly    bool                                  `yaml:"read_only"`
	CapDrop     []string                              `yaml:"cap_drop"`
	CapAdd      []string                              `yaml:"cap_add"`
	Privileged  bool                                  `yaml:"privileged"`
	SecurityOpt []string                              `yaml:"security_opt"`
	Environment map[string]string                     `yaml:"environment"`
	Secrets     []string                              `yaml:"secrets"`
	Ports       []string                              `yaml:"ports"`
	Networks    []string                              `yaml:"networks"`
	HealthCheck struct{ Test []string }               `yaml:"healthcheck"`
	DependsOn   map[string]struct{ Condition string } `yaml:"depends_on"`
}

// Every service is read-only, without privileges, watched and not root; secrets come from files; only the store is
// reached from outside, and data and keys stand on servers of their own; no password is a
// default one (V13.2.3).
func TestComposeFile(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(root, "deploy", "container", "compose.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	var c struct {
		Services map[string]service
		Networks map[string]struct{ Internal bool }
		Secrets  map[string]struct{ File string }
	}
	if err := yaml.Unmarshal(text, &c); err != nil {
		t.Fatal(err)
	}
	if len(c.Services) != 3 || !c.Networks["inside"].Internal {
		t.Fatalf("%d services, networks %v", len(c.Services), c.Networks)
	}
	for name, s := range c.Services {
		if !s.ReadOnly || s.Privileged || strings.Join(s.CapDrop, "") != "ALL" || len(s.CapAdd) > 0 || strings.Join(s.SecurityOpt, "") != "no-new-privileges:true" {
			t.Errorf("%s may do too much: %+v", name, s)
		}
		if s.User == "" || s.User == "root" || strings.HasPrefix(s.User, "0") || len(s.HealthCheck.Test) < 2 || strings.HasSuffix(s.Image, ":latest") {
			t.Errorf("%s: user %q, health %v, image %q", name, s.User, s.HealthCheck.Test, s.Image)
		}
		for k, v := range s.Environment {
			if regexp.MustCompile(`(?i)password|secret|_key$|database`).MatchString(k) && k != "POSTGRES_DB" && (!strings.HasSuffix(k, "_FILE") || !strings.HasPrefix(v, "/run/secrets/")) {
				t.Errorf("%s: %s is no file", name, k)
			}
		}
		for _, secret := range s.Secrets {
			if !strings.HasPrefix(c.Secrets[secret].File, "./secrets/") {
				t.Errorf("%s: secret %s has no file", name, secret)
			}
		}
		if name != "store" && (len(s.Ports) > 0 || strings.Join(s.Networks, "") != "inside") {
			t.Errorf("%s is reached from outside: %v %v", name, s.Ports, s.Networks)
		}
		if name == "store" && (s.DependsOn["data"].Condition != "service_healthy" || s.DependsOn["keys"].Condition != "service_healthy") {
			t.Errorf("the store does not wait: %v", s.DependsOn)
		}
	}
}
