package outside

import (
	"context"
	"fmt"
	"time"

	"strongroom/base/mail"
)

// Words are what a mail with a checkpoint says, in its reader's language.
type Words struct{ Subject, Text, Language string }

// Mail sends checkpoints to a mailbox outside. It cannot be read back.
type Mail struct {
	sender mail.Sender
	to     string
	words  func(size int64, at time.Time) Words
}

// NewMail sends to an address; words makes what stands around the checkpoint.
func NewMail(s mail.Sender, to string, words func(size int64, at time.Time) Words) *Mail {
	return &Mail{sender: s, to: to, words: words}
}

// Name is "mail".
func (m *Mail) Name() string { return "mail" }

// Put sends the checkpoint as it is, below a few words.
func (m *Mail) Put(ctx context.Context, size int64, at time.Time, checkpoint []byte) error {
	w := m.words(size, at)
	return m.sender.Send(ctx, mail.Message{ID: fmt.Sprintf("checkpoint-%d-%d", size, at.Unix()), To: m.to, Language: w.Language,
		Kind: "checkpoint", Subject: w.Subject, Text: fmt.Sprintf("%s\n\n%s", w.Text, checkpoint)})
}

// Newest is always nil: a mailbox is read by its owner.
func (m *Mail) Newest(context.Context) ([]byte, error) { return nil, nil }
