package app

import (
	"context"

	"strongroom/base/mail"
	"strongroom/base/trace"
)

// tracedMail notes how long the mail server took. Of the mail itself nothing is noted.
type tracedMail struct{ mail.Sender }

// Send passes the message on.
func (t tracedMail) Send(ctx context.Context, m mail.Message) error {
	ctx, span := trace.Child(ctx, "call.mail")
	err := t.Sender.Send(ctx, m)
	span.End(err)
	return err
}
