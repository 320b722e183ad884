package main

import (
	"context"
	"io"
	"net/netip"
	"os"
	"path/filepath"
	"regexp"
	"testing"
	"time"

	"strongroom/base/db"
	"strongroom/base/id"
	"strongroom/cmd/strongroom/app"
	"strongroom/guard/access"
	"strongroom/guard/identity"
	"strongroom/guard/identity/identitytest"
	"strongroom/guard/staff"
	"strongroom/guard/vault"
)

// withStore opens the store of a configuration in this process, between two runs of the program.
func withStore(t *testing.T, config string, do func(ctx context.Context, s *app.Store)) {
	t.Helper()
	ctx, stop := context.WithTimeout(t.Context(), time.Minute)
	defer stop()
	s, err := configFlag{Config: config}.open(ctx, &terminal{out: io.Discard, err: io.Discard, environ: adminEnv})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	do(ctx, s)
}

// enter enrols two passkeys behind a link, as an owner does, and gives her actor.
func enter(ctx context.Context, t *testing.T, s *app.Store, step identity.Step, v identity.Visitor) access.Actor {
	t.Helper()
	v.Session = step.Session
	session := func() identity.Session {
		sess, _, err := s.Identity.Check(ctx, identity.Staff, v.Session, v)
		must(t, err)
		return sess
	}
	for range 2 {
		c, err := s.Identity.BeginEnrol(ctx, session(), v)
		must(t, err)
		answer, err := identitytest.NewAuthenticator("https://admin.localhost:1").Create(c.Options)
		must(t, err)
		done, err := s.Identity.FinishEnrol(ctx, session(), c.Token, "key", answer, v)
		must(t, err)
		if done.Session != "" {
			v.Session = done.Session
		}
	}
	done, missing, err := s.Staff.Finish(ctx, session(), v)
	must(t, err)
	if len(missing) > 0 {
		t.Fatalf("missing: %v", missing)
	}
	if done.Session != "" {
		v.Session = done.Session
	}
	seat, err := s.Staff.Enter(ctx, session(), v)
	must(t, err)
	return seat.Actor
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func browser() identity.Visitor {
	return identity.Visitor{Browser: id.NewToken(), Origin: netip.MustParseAddr("198.51.100.7"), Agent: identitytest.Firefox, Language: "en"}
}

// entries counts what the log has of an action, and mails that wait to be sent.
func entries(ctx context.Context, t *testing.T, s *app.Store, action, letter string) (logged, mails int) {
	t.Helper()
	must(t, s.Data.Read(ctx, func(tx *db.Tx) error {
		if err := tx.QueryRow(`SELECT COUNT(*) FROM audit_entry WHERE action = $1 AND outcome = 1`, action).Scan(&logged); err != nil {
			return err
		}
		return tx.QueryRow(`SELECT COUNT(*) FROM job_queue WHERE kind = $1`, "letter.staff_"+letter).Scan(&mails)
	}))
	return logged, mails
}

// Attack 27: an owner who lost everything comes back in by the real program's console with the kit of this store, and by
// nothing else; the log and two mails say so, and what she had before opens nothing. Break-glass is as loud, and ends.
func TestAnOwnerComesBackByTheConsole_Attack27(t *testing.T) {
	config := initStore(t)
	kit := kitOf(config)
	var before access.Actor
	withStore(t, config, func(ctx context.Context, s *app.Store) {
		token, _, ok, err := s.Staff.SetUpLink(ctx)
		must(t, err)
		if !ok {
			t.Fatal("no link")
		}
		v := browser()
		step, err := s.Staff.SetUp(ctx, token, staff.Person{Name: "Planted Ida", Email: vault.Typed("planted.ida@shop.example"), Language: "en"}, v)
		must(t, err)
		before = enter(ctx, t, s, step, v)
		until, err := s.Staff.BreakGlass(ctx, before, "the provider is down and nobody answers")
		must(t, err)
		if logged, mails := entries(ctx, t, s, "staff.break_glass", "glass"); logged != 1 || mails != 2 || time.Until(until) > time.Hour {
			t.Errorf("broken glass: %d entries, %d mails, until %s", logged, mails, until)
		}
	})
	other := filepath.Join(t.TempDir(), "other.txt")
	output(t, nil, "key", "kit", "-c", initStore(t), "--file", other).expect(t, exitDone)
	output(t, adminEnv, "owner", "recover", "-c", config, "--file", other).expect(t, exitFailed, "belongs to another store")
	r := output(t, adminEnv, "owner", "recover", "-c", config, "--file", kit)
	r.expect(t, exitDone, "It works once")
	link := regexp.MustCompile(`https://admin\.localhost:1/enter/(\S{43})`).FindStringSubmatch(r.out)
	if link == nil {
		t.Fatalf("no link:\n%s", r.out)
	}
	withStore(t, config, func(ctx context.Context, s *app.Store) {
		if logged, mails := entries(ctx, t, s, "staff.recover_owner", "recovered"); logged != 1 || mails != 2 {
			t.Errorf("%d entries, %d mails", logged, mails)
		}
		token, err := id.ParseToken(link[1])
		must(t, err)
		v := browser()
		step, err := s.Staff.Accept(ctx, token, v)
		must(t, err)
		if _, err := s.Staff.Accept(ctx, token, browser()); err == nil {
			t.Error("the link works twice")
		}
		if again := enter(ctx, t, s, step, v); again.ID != before.ID || !again.May(access.OwnerManage) {
			t.Errorf("%s came back as %s", before, again)
		}
	})
}

// The dangerous commands want a reason, and are told to the owner's address before they begin.
func TestDangerousCommandsAreLoud(t *testing.T) {
	config := initStore(t)
	out := filepath.Join(t.TempDir(), "orders.csv")
	run := func(args ...string) result { return output(t, adminEnv, append(args, "-c", config)...) }
	run("order", "export", "--from", "2026-01-01", "--until", "2026-01-31", "--out", out).expect(t, exitUsage, "--reason")
	run("order", "export", "--from", "yesterday", "--until", "2026-01-31", "--out", out, "--numbers").expect(t, exitUsage, "days such as")
	run("order", "export", "--from", "2026-01-01", "--until", "2026-01-31", "--out", out, "--reason", "moving").expect(t, exitFailed, "No order was placed")
	if _, err := os.Stat(out); err == nil {
		t.Error("an empty file is left")
	}
	run("person", "erase").expect(t, exitUsage, "--email")
	run("person", "erase", "K7Q2-M9XD").expect(t, exitUsage, "--reason")
	run("person", "erase", "--email", "nobody@example.org", "--dry-run").expect(t, exitDone, "nothing that could be erased")
	run("person", "erase", "--email", "nobody@example.org", "--reason", "asked").expect(t, exitFailed, "nothing")
	run("key", "forget-origins", "--before", "2999-01-01", "--reason", "x").expect(t, exitFailed, "30 days")
	kit := regexp.MustCompile(`[0-9a-f]{32}`).FindString(run("key", "status").out)
	run("key", "drop-kit", kit, "--reason", "lost").expect(t, exitFailed, "last recovery kit")
	fresh := filepath.Join(t.TempDir(), "fresh.txt")
	run("key", "kit", "--file", fresh).expect(t, exitDone)
	run("key", "check", "--file", fresh).expect(t, exitDone)
	run("key", "drop-kit", kit, "--reason", "the safe was open").expect(t, exitDone, "opens nothing")
	run("key", "check", "--file", kitOf(config)).expect(t, exitFailed, "another store")
	withStore(t, config, func(ctx context.Context, s *app.Store) {
		if logged, mails := entries(ctx, t, s, "staff.console_act", "console"); logged != 1 || mails != 1 {
			t.Errorf("%d entries, %d mails: what came to nothing was told, or what was done was not", logged, mails)
		}
	})
}
