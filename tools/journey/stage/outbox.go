package stage

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	"golang.org/x/net/html"
)

// lookAgain is how often the outbox is asked for a mail that has not come.
const lookAgain = 50 * time.Millisecond

// Mail is a mail in the outbox.
type Mail struct {
	Address string // of its page
	To      string
	Subject string
	Text    string // the plain part
}

// Get fetches a page and returns its status and body.
func (d *Demo) Get(ctx context.Context, address string) (int, string, http.Header, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return 0, "", nil, err
	}
	req.Header.Set("Accept-Language", "en")
	resp, err := d.Client.Do(req)
	if err != nil {
		return 0, "", nil, err
	}
	defer func() { _ = resp.Body.Close() }()
	b, err := io.ReadAll(io.LimitReader(resp.Body, 8<<20))
	return resp.StatusCode, string(b), resp.Header, err
}

// Mails are the mails to an address whose subject holds the words, newest first, without their text.
func (d *Demo) Mails(ctx context.Context, to, words string) ([]Mail, error) {
	status, body, _, err := d.Get(ctx, d.Outbox+"/?to="+url.QueryEscape(to))
	if err != nil {
		return nil, err
	}
	if status != http.StatusOK {
		return nil, fmt.Errorf("the outbox answers with status %d", status)
	}
	root, err := html.Parse(strings.NewReader(body))
	if err != nil {
		return nil, err
	}
	var out []Mail
	for n := range root.Descendants() {
		if n.Data != "a" || find(n, "subject") == nil {
			continue
		}
		m := Mail{Address: d.Outbox + attr(n, "href"), To: text(find(n, "to")), Subject: text(find(n, "subject"))}
		if m.To == to && strings.Contains(m.Subject, words) {
			out = append(out, m)
		}
	}
	return out, nil
}

// Mail waits for a mail to an address whose subject holds the words and reads the newest such one.
func (d *Demo) Mail(ctx context.Context, to, words string, patience time.Duration) (Mail, error) {
	return d.await(ctx, to, words, patience, func(Mail) bool { return true })
}

// MailSaying waits for a mail to an address that says something, wherever its lines end, and reads it.
func (d *Demo) MailSaying(ctx context.Context, to, text string, patience time.Duration) (Mail, error) {
	flat := func(s string) string { return strings.Join(strings.Fields(s), " ") }
	return d.await(ctx, to, "", patience, func(m Mail) bool { return strings.Contains(flat(m.Text), flat(text)) })
}

// await reads mails, the newest first, until one is the right one.
func (d *Demo) await(ctx context.Context, to, words string, patience time.Duration, right func(Mail) bool) (Mail, error) {
	ctx, stop := context.WithTimeout(ctx, patience)
	defer stop()
	t := time.NewTicker(lookAgain)
	defer t.Stop()
	wrong := map[string]bool{} // read already
	for {
		list, err := d.Mails(ctx, to, words)
		if err != nil {
			return Mail{}, fmt.Errorf("the outbox cannot be read: %w", err)
		}
		for _, m := range list {
			if wrong[m.Address] {
				continue
			}
			if m, err = d.read(ctx, m); err != nil || right(m) {
				return m, err
			}
			wrong[m.Address] = true
		}
		select {
		case <-ctx.Done():
			return Mail{}, fmt.Errorf("no such mail to %s with %q: %w", to, words, ctx.Err())
		case <-t.C:
		}
	}
}

func (d *Demo) read(ctx context.Context, m Mail) (Mail, error) {
	_, body, _, err := d.Get(ctx, m.Address)
	if err != nil {
		return m, err
	}
	root, err := html.Parse(strings.NewReader(body))
	if err != nil {
		return m, err
	}
	for n := range root.Descendants() {
		if n.Data == "pre" {
			m.Text = text(n)
		}
	}
	return m, nil
}

// Links are the addresses of the shop in the mail whose path holds a word.
func (m Mail) Links(word string) []string {
	var out []string
	for _, f := range strings.Fields(m.Text) {
		u, err := url.Parse(strings.Trim(f, "<>.,;()"))
		if err == nil && u.Scheme == "https" && strings.Contains(u.Path, word) {
			out = append(out, u.String())
		}
	}
	return out
}

func attr(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

// find is the first node below with the class.
func find(n *html.Node, class string) *html.Node {
	for c := range n.Descendants() {
		if attr(c, "class") == class {
			return c
		}
	}
	return nil
}

func text(n *html.Node) string {
	if n == nil {
		return ""
	}
	var b strings.Builder
	for c := range n.Descendants() {
		if c.Type == html.TextNode {
			b.WriteString(c.Data)
		}
	}
	return strings.TrimSpace(b.String())
}

var sixDigits = regexp.MustCompile(`\b\d{6}\b`)

// SMSCode waits for a short message to a number that holds a code, and not the one that came before.
func (d *Demo) SMSCode(ctx context.Context, to, before string, patience time.Duration) (string, error) {
	ctx, stop := context.WithTimeout(ctx, patience)
	defer stop()
	t := time.NewTicker(lookAgain)
	defer t.Stop()
	for {
		list, err := d.Mails(ctx, to, "")
		if err != nil {
			return "", fmt.Errorf("the outbox cannot be read: %w", err)
		}
		for _, m := range list {
			if code := sixDigits.FindString(m.Subject); code != "" && code != before {
				return code, nil
			}
		}
		select {
		case <-ctx.Done():
			return "", fmt.Errorf("no code to %s: %w", to, ctx.Err())
		case <-t.C:
		}
	}
}
