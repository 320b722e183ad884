package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// mustSay are the lines of the unit that hold the promise, one reason each. Taking one out fails here.
var mustSay = map[string]string{
	"User=strongroom":                                     "not root",
	"NoNewPrivileges=yes":                                 "no program that it starts could get more",
	"CapabilityBoundingSet=CAP_NET_BIND_SERVICE":          "nothing but ports below 1024",
	"AmbientCapabilities=CAP_NET_BIND_SERVICE":            "nothing but ports below 1024",
	"ProtectSystem=strict":                                "the system is read-only",
	"ReadWritePaths=/var/lib/strongroom":                  "only the data folder may be written",
	"NoExecPaths=/":                                       "no other program can be run",
	"ExecPaths=/usr/bin/strongroom":                       "but this one",
	"ProtectHome=yes":                                     "homes are not its business",
	"PrivateTmp=yes":                                      "temporary files of its own",
	"PrivateDevices=yes":                                  "no disk, no camera",
	"ProtectKernelTunables=yes":                           "the kernel stays as it is",
	"ProtectKernelModules=yes":                            "the kernel stays as it is",
	"ProtectKernelLogs=yes":                               "the kernel's log is not its business",
	"ProtectControlGroups=yes":                            "nor are limits of others",
	"ProtectClock=yes":                                    "nor the time",
	"ProtectProc=invisible":                               "nor other processes",
	"RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX":    "no raw packets",
	"RestrictNamespaces=yes":                              "the usual first step of an escape",
	"RestrictSUIDSGID=yes":                                "no file that makes others mighty",
	"MemoryDenyWriteExecute=yes":                          "injected code does not run",
	"LockPersonality=yes":                                 "no older, weaker interface",
	"SystemCallArchitectures=native":                      "no older, weaker interface",
	"SystemCallFilter=@system-service":                    "calls that services need",
	"SystemCallFilter=~@privileged @resources":            "without those that administrators need",
	"UMask=0077":                                          "files are the owner's alone",
	"LimitCORE=0":                                         "memory holds keys",
	"ConditionPathExists=/etc/strongroom/strongroom.toml": "nothing starts before init",
}

func unit(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, "deploy", "strongroom.service"))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// The service may do little (V13.2.2: least privilege for what runs the store).
func TestUnitIsHardened(t *testing.T) {
	lines := map[string]bool{}
	for line := range strings.Lines(unit(t)) {
		lines[strings.TrimSpace(line)] = true
	}
	for line, why := range mustSay {
		if !lines[line] {
			t.Errorf("%s is missing: %s", line, why)
		}
	}
	for line := range lines {
		key, value, _ := strings.Cut(line, "=")
		if key == "CapabilityBoundingSet" && value != "CAP_NET_BIND_SERVICE" || key == "ReadWritePaths" && value != "/var/lib/strongroom" ||
			key == "Environment" || key == "SupplementaryGroups" {
			t.Errorf("%s gives more than is needed", line)
		}
	}
}

// most is the exposure, in tenths, above which the unit is refused. It stands at 1.4: what is left is the network
// (0.7), the port below 1024 with the users of the machine (0.3), and what of /proc and devices every service sees.
const most = 15

var exposure = regexp.MustCompile(`Overall exposure level for \S+: ([0-9.]+)`)

// systemd's own opinion, where the tool is there.
func TestUnitExposureIsLow(t *testing.T) {
	tool, err := exec.LookPath("systemd-analyze")
	if err != nil {
		t.Log("systemd-analyze is not on this machine: the unit's lines were checked by TestUnitIsHardened only")
		return
	}
	file := filepath.Join(root, "deploy", "strongroom.service")
	out, err := exec.Command(tool, "security", "--offline=true", "--no-pager", "--threshold="+itoa(most), file).CombinedOutput()
	m := exposure.FindStringSubmatch(string(out))
	if err != nil || m == nil {
		t.Fatalf("%v\n%s", err, out)
	}
	t.Logf("exposure %s (at most %d.%d)", m[1], most/10, most%10)
	if out, err := exec.Command(tool, "security", "--offline=true", "--no-pager", "--threshold=5", file).CombinedOutput(); err == nil {
		t.Errorf("a bound of 0.5 passes: the tool judges nothing\n%s", out)
	}
}

func itoa(n int) string { return string(rune('0'+n/10)) + string(rune('0'+n%10)) }

// The scripts of the package are kind: they start nothing, and delete no data and no configuration.
func TestPackageScriptsAreKind(t *testing.T) {
	forbidden := regexp.MustCompile(`(?m)^\s*(systemctl (--system )?(start|restart|enable)|service |invoke-rc\.d|rm |deluser|userdel|find .*-delete)`)
	for _, name := range []string{"postinst", "prerm", "postrm"} {
		file := filepath.Join(root, "deploy", "debian", name)
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if m := forbidden.Find(text); m != nil {
			t.Errorf("%s: %s", name, m)
		}
		if out, err := exec.Command("sh", "-n", file).CombinedOutput(); err != nil {
			t.Errorf("%s: %v\n%s", name, err, out)
		}
	}
}

// The manual page names every command that the program has.
func TestManualPageNamesEveryCommand(t *testing.T) {
	main, err := os.ReadFile(filepath.Join(root, "cmd", "strongroom", "main.go"))
	if err != nil {
		t.Fatal(err)
	}
	page, err := os.ReadFile(filepath.Join(root, "deploy", "strongroom.1"))
	if err != nil {
		t.Fatal(err)
	}
	found := regexp.MustCompile("(?m)^\t([A-Z][A-Za-z]+) +[a-zA-Z]+Command +`cmd:\"\"").FindAllStringSubmatch(string(main), -1)
	if len(found) < 10 {
		t.Fatalf("only %d commands were found: the search is broken", len(found))
	}
	for _, m := range found {
		name := strings.ToLower(regexp.MustCompile(`([a-z])([A-Z])`).ReplaceAllString(m[1], "$1-$2"))
		if !strings.Contains(string(page), "\n.B "+name+"\n") {
			t.Errorf("deploy/strongroom.1 does not name %q", name)
		}
	}
}
