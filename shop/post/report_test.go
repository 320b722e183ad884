package post

import (
	"context"
	"strings"
	"testing"
	"unicode/utf8"

	"strongroom/base/db"
)

// SealedForTest are the sealed private halves, and how many keys have none any more.
func SealedForTest(ctx context.Context, d *db.DB) (sealed map[string][]byte, gone int) {
	sealed = map[string][]byte{}
	_ = d.Read(ctx, func(tx *db.Tx) error {
		keys, err := keysOf(tx, "shop.example")
		for _, k := range keys {
			if k.sealed == nil {
				gone++
			} else {
				sealed[k.Selector] = k.sealed
			}
		}
		return err
	})
	return sealed, gone
}

// ForgetForTest runs the job.
func (s *Service) ForgetForTest(ctx context.Context) error { return s.forget(ctx) }

const frame = "Content-Type: multipart/report; report-type=\"delivery-status\"; boundary=b\r\n\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\n"

// Reports are read as different servers write them.
func TestReports(t *testing.T) {
	for name, c := range map[string]struct {
		text string
		want report
	}{
		"usual": {frame + "Reporting-MTA: dns; mx\r\n\r\nFinal-Recipient: rfc822; <a@b.example>\r\nAction: failed\r\nStatus: 5.1.1 (no such)\r\n\r\n--b--",
			report{true, "5.1.1", "a@b.example", ""}},
		"forwarded": {frame + "\r\nOriginal-Recipient: rfc822;a@b.example\r\nFinal-Recipient: rfc822;secret@c.example\r\nAction: FAILED\r\nStatus: 4.4.7\r\nDiagnostic-Code: smtp; 452 too\r\n long\r\n\r\n--b--",
			report{true, "4.4.7", "a@b.example", "452 too long"}},
		"second failed": {frame + "Reporting-MTA: x\r\n\r\nAction: relayed\r\nStatus: 2.0.0\r\n\r\nFinal-Recipient: rfc822; z@b.example\r\nAction: failed\r\nStatus: 5.2.2\r\n\r\n--b--",
			report{true, "5.2.2", "z@b.example", ""}},
		"delayed":       {frame + "X: y\r\n\r\nAction: delayed\r\nStatus: 4.0.0\r\n\r\n--b--", report{false, "4.0.0", "", ""}},
		"strange codes": {frame + "X: y\r\n\r\nAction: failed\r\nStatus: 5.1.1.1\r\n\r\n--b--", report{true, "", "", ""}},
	} {
		if got, err := parseReport([]byte(c.text)); err != nil || got != c.want {
			t.Errorf("%s: %+v, %v; want %+v", name, got, err, c.want)
		}
	}
	for name, text := range map[string]string{"no report": "Content-Type: text/plain\r\n\r\nAction: failed\r\n", "no boundary": "Content-Type: multipart/report; report-type=delivery-status\r\n\r\n",
		"cut": frame[:len(frame)-30], "without action": frame + "X: y\r\n\r\n--b--", "too large": frame + strings.Repeat("x", MaxReport)} {
		if _, err := parseReport([]byte(text)); err == nil {
			t.Errorf("%s: was read", name)
		}
	}
}

// Whatever comes is a report or none, in bounded time, and what is kept of it is text of bounded length (V1.5.3, V2.2.1).
func FuzzReport(f *testing.F) {
	f.Add([]byte(frame + "Reporting-MTA: dns; mx\r\n\r\nFinal-Recipient: rfc822; a@b.example\r\nAction: failed\r\nStatus: 5.1.1\r\nDiagnostic-Code: smtp; 550 \xff\x00no\r\n\r\n--b--"))
	f.Add([]byte("Content-Type: multipart/report; report-type=delivery-status; boundary=\"\"\r\n\r\n--\r\n\r\n----\r\n"))
	f.Add([]byte("\r\n\r\n"))
	f.Fuzz(func(t *testing.T, message []byte) {
		r, err := parseReport(message)
		if err != nil {
			return
		}
		if len(r.detail) > maxDetail || len(r.status) > 9 || strings.ContainsAny(r.detail+r.status, "\r\n\x00") || !utf8.ValidString(r.detail) {
			t.Fatalf("%+v", r)
		}
	})
}
