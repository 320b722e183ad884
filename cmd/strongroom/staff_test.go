package main

import (
	"bufio"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
)

var adminEnv = []string{"STRONGROOM_SERVER_ADMIN_URL=https://admin.localhost:1"}

// The console lists, invites and removes; who was invited is shown as a mask, and nobody becomes an owner by it.
func TestStaffOnTheConsole(t *testing.T) {
	config := initStore(t)
	run := func(args ...string) result { return output(t, adminEnv, append(args, "-c", config)...) }
	run("staff", "list").expect(t, exitDone, "Nobody", "strongroom serve")
	run("staff", "invite", "--name", "Planted Eva", "--email", "planted.eva@shop.example", "--role", "support").expect(t, exitDone, "Invited")
	r := run("staff", "list")
	r.expect(t, exitDone, "p•••@shop.example", "support", "invited")
	if strings.Contains(r.out, "Planted") || strings.Contains(r.out, "planted.eva") {
		t.Errorf("the list shows who it is:\n%s", r.out)
	}
	run("staff", "invite", "--name", "X", "--email", "x@shop.example", "--role", "owner").expect(t, exitFailed, "Owners are made")
	run("staff", "invite", "--name", "X", "--email", "x@shop.example", "--role", "helper").expect(t, exitFailed, "ends")
	run("staff", "invite", "--name", "X", "--email", "x@shop.example", "--role", "king").expect(t, exitUsage, "king")
	member := regexp.MustCompile(`[0-9a-f]{32}`).FindString(r.out)
	run("staff", "remove", member).expect(t, exitDone, "next request")
	run("staff", "list", "--gone").expect(t, exitDone, "left")
}

// Attack 47, V13.2.3: the link of the first owner is printed by the program that serves, on its console and nowhere else;
// the next start prints another one.
func TestSetUpLinkIsPrintedByEachStart_Attack47(t *testing.T) {
	config := initStore(t)
	first, log := setUpLink(t, config)
	second, _ := setUpLink(t, config)
	if first == "" || second == "" || first == second {
		t.Fatalf("links %q and %q", first, second)
	}
	if strings.Contains(log, first) {
		t.Error("the link stands in the log")
	}
}

// Attack 27: without the recovery kit, and without an owner, nothing is recovered.
func TestOwnerRecoverWantsKitAndOwner_Attack27(t *testing.T) {
	config := initStore(t)
	kit := filepath.Join(t.TempDir(), "kit.txt")
	output(t, adminEnv, "key", "kit", "-c", config, "--file", kit).expect(t, exitDone)
	output(t, adminEnv, "owner", "recover", "-c", config, "--file", kit).expect(t, exitUsage, "0 owners")
	output(t, adminEnv, "owner", "recover", "00000000000000000000000000000001", "-c", config, "--file", kit).expect(t, exitFailed, "nobody")
	other := filepath.Join(t.TempDir(), "other.txt")
	output(t, nil, "key", "kit", "-c", initStore(t), "--file", other).expect(t, exitDone)
	output(t, adminEnv, "owner", "recover", "00000000000000000000000000000001", "-c", config, "--file", other).expect(t, exitFailed)
}

// setUpLink serves a store until it has printed the link, and stops it.
func setUpLink(t *testing.T, config string) (link, log string) {
	t.Helper()
	cmd := command(t, "serve", "-c", config)
	cmd.Env = append(cmd.Env, adminEnv...)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	said := &lines{}
	cmd.Stderr = said
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	form := regexp.MustCompile(`https://admin\.localhost:1/enter/\S{43}`)
	for sc := bufio.NewScanner(out); link == "" && sc.Scan(); {
		link = form.FindString(sc.Text())
	}
	if err := cmd.Process.Signal(syscall.SIGINT); err != nil {
		t.Error(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Errorf("%v\n%s", err, said)
	}
	return link, said.String()
}
