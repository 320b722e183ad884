package main

import (
	"bytes"
	"strings"
	"testing"
)

// Whatever stands in a value, a line of the log stays one line, in both formats (V16.4.1).
func TestLogLinesCannotBeForged(t *testing.T) {
	for _, format := range []string{"text", "json"} {
		var b bytes.Buffer
		log, err := logger(&b, format, "info")
		if err != nil {
			t.Fatal(err)
		}
		log.Warn("request failed", "error", "x\n{\"level\":\"ERROR\",\"msg\":\"forged\"}\r\nlevel=ERROR msg=forged\x1b[2J\u2028", "status", 500)
		if out := b.String(); strings.Count(out, "\n") != 1 || strings.ContainsAny(strings.TrimSuffix(out, "\n"), "\r\x1b") {
			t.Errorf("%s: %q", format, out)
		}
	}
}
