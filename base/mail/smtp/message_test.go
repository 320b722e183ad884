package smtp

import (
	"bytes"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	netmail "net/mail"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"strongroom/base/mail"
)

// What is written is read back by the standard library, in lines that every server takes.
func TestQuotedIsReadBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		line := rapid.OneOf(rapid.String(), rapid.StringMatching(`[.= \tÄa-z]{0,200}`))
		text := strings.ReplaceAll(strings.Join(rapid.SliceOf(line).Draw(t, "lines"), "\n"), "\r", "")
		coded := appendQuoted(nil, text)
		for l := range strings.SplitSeq(string(coded), "\r\n") {
			if len(l) > 76 || strings.HasPrefix(l, ".") || strings.TrimRight(l, " \t") != l {
				t.Fatalf("a line that not every server takes: %q", l)
			}
		}
		back, err := io.ReadAll(quotedprintable.NewReader(bytes.NewReader(coded)))
		if err != nil || strings.ReplaceAll(string(back), "\r\n", "\n") != text {
			t.Fatalf("%q came back as %q: %v", text, back, err)
		}
	})
}

// A mail program finds headers and parts as they were meant.
func TestComposed(t *testing.T) {
	s := &Sender{c: Config{From: "shop@example.org", FromName: "Töpfe & Co, \"fein\""}}
	in := mail.Message{ID: "m1", To: "ada@example.org", ToName: "Ada Löwenherz", ReplyTo: "help@example.org", Language: "de",
		Subject: "Grüße aus der Töpferei " + strings.Repeat("und noch mehr Grüße ", 8), Text: "Hallo.\n.\nEin Punkt.", HTML: "<p>Grüße</p>\n"}
	m, err := netmail.ReadMessage(bytes.NewReader(s.compose(in, time.Unix(1_800_000_000, 0))))
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"From": s.c.FromName, "To": in.ToName, "Reply-To": ""} {
		list, err := m.Header.AddressList(name)
		if err != nil || len(list) != 1 || list[0].Name != want {
			t.Errorf("%s: %v, %v", name, list, err)
		}
	}
	if got, err := new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject")); err != nil || got != in.Subject {
		t.Errorf("the subject is %q, %v", got, err)
	}
	for name, want := range map[string]string{"Message-ID": "<m1@example.org>", "Auto-Submitted": "auto-generated", "Content-Language": "de"} {
		if got := m.Header.Get(name); got != want {
			t.Errorf("%s is %q", name, got)
		}
	}
	if at, err := m.Header.Date(); err != nil || at.Unix() != 1_800_000_000 {
		t.Errorf("dated %s, %v", at, err)
	}
	kind, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/alternative" {
		t.Fatalf("%s, %v", kind, err)
	}
	parts := multipart.NewReader(m.Body, params["boundary"])
	for _, want := range []string{in.Text, in.HTML} {
		p, err := parts.NextPart()
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(p)
		if got := strings.ReplaceAll(string(b), "\r\n", "\n"); err != nil || strings.TrimRight(got, "\n") != strings.TrimRight(want, "\n") {
			t.Errorf("%q instead of %q: %v", got, want, err)
		}
	}
	in.HTML = ""
	m, err = netmail.ReadMessage(bytes.NewReader(s.compose(in, time.Unix(0, 0))))
	if err != nil || !strings.HasPrefix(m.Header.Get("Content-Type"), "text/plain") {
		t.Errorf("without HTML: %v, %v", m, err)
	}
}
