package smtp

import (
	"crypto/rand"
	"mime"
	netmail "net/mail"
	"time"

	"strongroom/base/mail"
)

// compose writes the message as it goes over the line: headers, the text part and, if there is one, the HTML part. No
// line of it begins with a dot, so that SMTP has nothing to escape.
func (s *Sender) compose(m mail.Message, now time.Time) []byte {
	b := make([]byte, 0, 2048+len(m.Text)*5/4+len(m.HTML)*5/4)
	header := func(name, value string) {
		if value != "" {
			b = append(append(append(append(b, name...), ": "...), value...), "\r\n"...)
		}
	}
	header("Date", now.Format(time.RFC1123Z))
	header("Message-ID", "<"+m.ID+"@"+domain(s.c.From)+">")
	header("From", named(s.c.FromName, s.c.From))
	header("To", named(m.ToName, m.To))
	if m.ReplyTo != "" {
		header("Reply-To", named("", m.ReplyTo))
	}
	header("Subject", mime.QEncoding.Encode("utf-8", m.Subject))
	header("Auto-Submitted", "auto-generated")
	header("Content-Language", m.Language)
	header("MIME-Version", "1.0")
	if m.HTML == "" {
		return appendPart(b, "text/plain", m.Text)
	}
	edge := "=_" + rand.Text() // "=_" stands in no quoted-printable text
	header("Content-Type", "multipart/alternative;\r\n boundary=\""+edge+"\"")
	for _, p := range [...][2]string{{"text/plain", m.Text}, {"text/html", m.HTML}} {
		b = append(append(append(b, "\r\n--"...), edge...), "\r\n"...)
		b = appendPart(b, p[0], p[1])
	}
	return append(append(append(b, "\r\n--"...), edge...), "--\r\n"...)
}

func named(name, address string) string {
	return (&netmail.Address{Name: name, Address: address}).String()
}

// appendPart ends the headers with those of a text and writes the text.
func appendPart(b []byte, kind, text string) []byte {
	b = append(append(append(b, "Content-Type: "...), kind...), "; charset=UTF-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"...)
	return append(appendQuoted(b, text), "\r\n"...)
}

const (
	lineMost = 76 // characters of a quoted-printable line
	hexagits = "0123456789ABCDEF"
)

// appendQuoted writes a text as quoted-printable (RFC 2045, 6.7): a whole letter at once, a few times as fast as the
// standard library's writer, and with dots at the beginning of a line escaped.
func appendQuoted(b []byte, text string) []byte {
	column := 0
	for i := 0; i < len(text); i++ {
		c := text[i]
		if c == '\n' || c == '\r' && i+1 < len(text) && text[i+1] == '\n' {
			if c == '\n' {
				b, column = append(b, '\r', '\n'), 0
			}
			continue
		}
		last := i+1 == len(text) || text[i+1] == '\n' || text[i+1] == '\r'
		width := 3
		if c > ' ' && c <= '~' && c != '=' || c == ' ' && !last {
			width = 1
		}
		if column+width > lineMost-1 && !(last && column+width <= lineMost) {
			b, column = append(b, '=', '\r', '\n'), 0
		}
		if c == '.' && column == 0 {
			width = 3
		}
		if width == 1 {
			b = append(b, c)
		} else {
			b = append(b, '=', hexagits[c>>4], hexagits[c&15])
		}
		column += width
	}
	return b
}
