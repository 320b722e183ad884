package post

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/mail"
	"net/textproto"
	"strings"
)

// MaxReport bounds a message that is read as a report. Servers send the whole mail back; ours are far smaller.
const MaxReport = 1 << 20

const (
	maxParts  = 8
	maxStatus = 64 << 10 // of the part that programs read
	maxDetail = 500
)

// report is what a delivery status notification (RFC 3464) says of our one recipient.
type report struct {
	failed    bool   // false: delayed, delivered, or no report at all
	status    string // 5.1.1
	recipient string
	detail    string // the server's words
}

var errNoReport = errors.New("post: no report of delivery")

// parseReport reads a message as a report. Whatever the message is, it reads at most its bytes and gives an error or a
// report; answers of people and of holiday programs are errNoReport.
func parseReport(message []byte) (r report, err error) {
	if len(message) > MaxReport {
		return r, errNoReport
	}
	m, err := mail.ReadMessage(bytes.NewReader(message))
	if err != nil {
		return r, errNoReport
	}
	kind, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/report" || !strings.EqualFold(params["report-type"], "delivery-status") || params["boundary"] == "" {
		return r, errNoReport
	}
	parts := multipart.NewReader(m.Body, params["boundary"])
	for range maxParts {
		p, err := parts.NextRawPart()
		if err != nil {
			return r, errNoReport
		}
		kind, _, err := mime.ParseMediaType(p.Header.Get("Content-Type"))
		if err != nil || kind != "message/delivery-status" && kind != "message/global-delivery-status" {
			continue
		}
		return parseStatus(io.LimitReader(p, maxStatus))
	}
	return r, errNoReport
}

// parseStatus reads the groups of fields: one about the message, then one for each recipient. Our mails have one; if
// a report names several, the first that failed counts.
func parseStatus(in io.Reader) (r report, err error) {
	t := textproto.NewReader(bufio.NewReader(in))
	found := false
	for range 20 {
		h, herr := t.ReadMIMEHeader()
		if action := strings.ToLower(strings.TrimSpace(h.Get("Action"))); action != "" && !r.failed {
			r = report{failed: action == "failed", status: statusOf(h.Get("Status")), recipient: typed(h.Get("Final-Recipient")),
				detail: clip(typed(h.Get("Diagnostic-Code")))}
			if o := typed(h.Get("Original-Recipient")); o != "" {
				r.recipient = o // what we wrote to; the final one may be somebody else's secret
			}
			found = true
		}
		if herr != nil {
			break
		}
	}
	if !found {
		return r, errNoReport
	}
	return r, nil
}

// typed takes the type off "rfc822; a@example.org".
func typed(s string) string {
	if _, v, ok := strings.Cut(s, ";"); ok {
		s = v
	}
	return strings.Trim(strings.TrimSpace(s), "<>")
}

// statusOf is "5.1.1" of "5.1.1 (no such user)", or "".
func statusOf(s string) string {
	s, _, _ = strings.Cut(strings.TrimSpace(s), " ")
	parts := strings.Split(s, ".")
	if len(parts) != 3 || len(s) > 9 || !strings.Contains("245", parts[0]) || len(parts[0]) != 1 {
		return ""
	}
	for _, p := range parts {
		if p == "" || len(p) > 3 || strings.Trim(p, "0123456789") != "" {
			return ""
		}
	}
	return s
}

// clip bounds the server's words, and makes text of them.
func clip(s string) string {
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "?"))
	if len(s) > maxDetail {
		s = strings.ToValidUTF8(s[:maxDetail], "")
	}
	return s
}
