package main

import (
	"context"
	"errors"
	"io"
	"strings"
	"time"

	"strongroom/guard/access"
	"strongroom/shop/post"
)

type mailCommand struct {
	Keys    mailKeysCommand    `cmd:"" help:"List the keys that sign mails."`
	Rotate  mailRotateCommand  `cmd:"" help:"Make the next pair of signing keys."`
	Bounces mailBouncesCommand `cmd:"" help:"List mails that came back."`
	Bounce  mailBounceCommand  `cmd:"" help:"Take down a mail that came back, from the mail server's pipe."`
	Release mailReleaseCommand `cmd:"" help:"Let mails about an order go out again after one came back."`
}

type mailKeysCommand struct{ configFlag }

// Run lists the keys.
func (c mailKeysCommand) Run(ctx context.Context, t *terminal) error {
	s, err := c.open(ctx, t)
	if err != nil {
		return err
	}
	defer s.Close()
	keys, err := s.Post.Keys(ctx)
	if err != nil {
		return err
	}
	if len(keys) == 0 {
		t.printf("There are no keys yet. \"strongroom doctor mail\" makes them.\n")
	}
	t.keys(keys)
	return nil
}

func (t *terminal) keys(keys []post.Key) {
	for _, k := range keys {
		t.printf("%-16s %-8s made %s  %s\n", k.Selector, k.Algorithm, k.Made.Format(time.DateOnly), k.State())
	}
}

type mailRotateCommand struct{ configFlag }

// Help is shown by --help.
func (mailRotateCommand) Help() string {
	return `Makes the next pair of keys. Publish their records ("strongroom doctor mail" shows them) beside the old
ones; as soon as DNS shows them they sign, and the old ones end. A week later the old records may go.

Example:
  strongroom mail rotate --config /srv/shop/strongroom.toml`
}

// Run makes keys.
func (c mailRotateCommand) Run(ctx context.Context, t *terminal) error {
	s, err := c.open(ctx, t)
	if err != nil {
		return err
	}
	defer s.Close()
	made, err := s.Post.RotateKeys(ctx)
	if err != nil {
		return err
	}
	t.keys(made)
	t.printf("Publish their records beside the old ones: strongroom doctor mail\n")
	return nil
}

type mailBouncesCommand struct {
	configFlag
	Limit int `default:"50" help:"At most so many (${default})."`
}

// Run lists bounces, which hold nothing personal.
func (c mailBouncesCommand) Run(ctx context.Context, t *terminal) error {
	s, err := c.open(ctx, t)
	if err != nil {
		return err
	}
	defer s.Close()
	list, err := s.Post.Recent(ctx, min(max(c.Limit, 1), 500))
	if err != nil {
		return err
	}
	if len(list) == 0 {
		t.printf("No mail came back.\n")
	}
	for _, b := range list {
		who, err := s.Order.Addressee(ctx, b.Letter.Object)
		if err != nil {
			return err
		}
		t.printf("%-10s  %s  %s\n", who.Number, b.At.In(s.Shop().TimeZone).Format("2006-01-02 15:04"), bounceText(b))
	}
	return nil
}

// bounceText is a bounce in a line.
func bounceText(b post.Bounce) string {
	words := []string{"mail \"" + b.Letter.Kind + "\""}
	if words = append(words, "came back"); b.Source == "refused" {
		words[1] = "was refused"
	}
	if b.Status != "" {
		words = append(words, b.Status)
	}
	if b.Nobody {
		words = append(words, "(nobody at the address)")
	}
	return strings.Join(words, " ")
}

type mailBounceCommand struct {
	configFlag
	To string `required:"" placeholder:"ADDRESS" help:"The address that the mail came to, with its token."`
}

// Help is shown by --help.
func (mailBounceCommand) Help() string {
	return `Reads a message from the standard input: a mail server calls this for mail to the bounce address. What is
no report of a failed delivery is ignored.

Postfix, in master.cf and transport:
  strongroom unix - n n - 1 pipe user=strongroom argv=/usr/bin/strongroom mail bounce -c /etc/strongroom/strongroom.toml --to ${recipient}`
}

// Run takes a bounce down.
func (c mailBounceCommand) Run(ctx context.Context, t *terminal) error {
	message, err := io.ReadAll(io.LimitReader(t.in, post.MaxReport+1))
	if err != nil {
		return err
	}
	if len(message) > post.MaxReport {
		return usageError{errors.New("the message is larger than 1 MiB and cannot be a report")}
	}
	s, err := c.open(ctx, t)
	if err != nil {
		return err
	}
	defer s.Close()
	failed, err := s.Post.Report(ctx, c.To, message)
	if err == nil && !failed {
		t.printf("No report of a failed delivery; nothing was taken down.\n")
	}
	return err
}

type mailReleaseCommand struct {
	configFlag
	Number string `arg:"" help:"Order number, such as K7Q2-M9XD."`
}

// Run releases.
func (c mailReleaseCommand) Run(ctx context.Context, t *terminal) error {
	s, err := c.open(ctx, t)
	if err != nil {
		return err
	}
	defer s.Close()
	m, err := s.Order.Show(ctx, access.Console(), c.Number)
	if err != nil {
		return err
	}
	released, err := s.Post.Release(ctx, m.ID, m.Subject, access.Console())
	if err != nil {
		return err
	}
	if !released {
		t.printf("Nothing was stopped for order %s.\n", m.Number)
		return nil
	}
	t.printf("Mails about order %s go out again.\n", m.Number)
	return nil
}
