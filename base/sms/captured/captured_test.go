package captured_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"strongroom/base/clock"
	"strongroom/base/db/dbtest"
	"strongroom/base/sms"
	"strongroom/base/sms/captured"
)

func flip(b []byte) ([]byte, error) {
	out := bytes.Clone(b)
	for i := range out {
		out[i] ^= 0x5a
	}
	return out, nil
}

func TestKeptSealedBoundedAndFoundAgain(t *testing.T) {
	dir := t.TempDir()
	c := clock.NewManual(dbtest.Start)
	open := func() *captured.Box {
		b, err := captured.Open(dir, c, flip, flip)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	b := open()
	for i := range captured.Limit + 5 {
		m := sms.Message{ID: fmt.Sprint("m", i), To: "+491701234567", Text: "planted-text"}
		for range 2 { // the second is the same message again
			if err := b.Send(context.Background(), m); err != nil {
				t.Fatal(err)
			}
		}
		c.Advance(1e9)
	}
	list := open().List()
	if len(list) != captured.Limit || list[0].Message.ID != fmt.Sprint("m", captured.Limit+4) {
		t.Fatalf("%d messages, newest %s", len(list), list[0].Message.ID)
	}
	if m, ok := open().Find(list[3].ID); !ok || m.Message.Text != "planted-text" {
		t.Fatal("a listed message was not found")
	}
	files, _ := filepath.Glob(filepath.Join(dir, "*"))
	if len(files) != captured.Limit {
		t.Fatalf("%d files", len(files))
	}
	for _, f := range files {
		if data, _ := os.ReadFile(f); bytes.Contains(data, []byte("planted")) || bytes.Contains(data, []byte("+4917")) {
			t.Fatalf("%s is not sealed", f)
		}
	}
}
