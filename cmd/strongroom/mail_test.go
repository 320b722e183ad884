package main

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"strongroom/cmd/strongroom/app"
)

// The commands of the mails, on a machine without DNS: what to paste is shown all the same, and what is no bounce is
// refused or ignored.
func TestMailCommands(t *testing.T) {
	config, _ := opened(t)
	env := []string{"STRONGROOM_MAIL_BOUNCE_ADDRESS=bounces@example.org"}
	output(t, env, "mail", "keys", "-c", config).expect(t, exitDone, "There are no keys yet")
	r := output(t, env, "doctor", "mail", "--no-send", "--json", "-c", config)
	r.expect(t, exitFailed)
	var m app.MailReport
	if err := json.Unmarshal([]byte(r.out), &m); err != nil || len(m.Lines) != 4 || m.From != "example.org" {
		t.Fatalf("%v\n%s%s", err, r.out, r.err)
	}
	r = output(t, env, "doctor", "mail", "--no-send", "-c", config)
	r.expect(t, exitFailed, "v=spf1 ", "k=ed25519", "k=rsa", "_dmarc.example.org", "IN TXT (", m.Lines[1].Value)
	output(t, env, "mail", "keys", "-c", config).expect(t, exitDone, "waits for DNS", "ed25519", "rsa")
	output(t, env, "mail", "rotate", "-c", config).expect(t, exitDone, "Publish their records")
	output(t, env, "mail", "bounces", "-c", config).expect(t, exitDone, "No mail came back")
	output(t, env, "mail", "release", "AAAA-AAAA", "-c", config).expect(t, exitFailed)
	output(t, env, "doctor", "mail", "--to", "nobody", "-c", config).expect(t, exitUsage, "--to")
	for to, want := range map[string]string{"bounces@example.org": "signed", "bounces+aaaaaaaa@example.org": "signed", "x@y.example": "signed"} {
		cmd := command(t, "mail", "bounce", "--to", to, "-c", config)
		cmd.Env = append(cmd.Env, env...)
		cmd.Stdin = strings.NewReader("From: a@b.example\r\n\r\nHello.\r\n")
		var errs bytes.Buffer
		cmd.Stderr = &errs
		if err := cmd.Run(); err == nil || cmd.ProcessState.ExitCode() != exitFailed || !strings.Contains(errs.String(), want) {
			t.Errorf("%s: %v %s", to, err, errs.String())
		}
	}
	f := findings(t, config, exitFailed, env...)
	if f["bounces"].State != app.Fine || f["mail alignment"].State != app.Warn {
		t.Errorf("the doctor: %+v %+v", f["bounces"], f["mail alignment"])
	}
}
