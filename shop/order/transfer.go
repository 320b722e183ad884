package order

import (
	"strconv"

	"strongroom/base/db"
	"strongroom/base/fault"
	"strongroom/base/job"
)

// AskForTransfer mails the buyer of an order, by its number, that a transfer or the rest of one is still waited for. It is
// called inside the transaction that found out, at most once a minute.
func (s *Service) AskForTransfer(tx *db.Tx, number string) (err error) {
	defer fault.Wrap(&err, "order: ask for a transfer")
	o, ok, err := byNumber(tx, number)
	if err != nil || !ok || o.State != PaymentPending {
		return err
	}
	key := o.ID.String() + "." + strconv.FormatInt(tx.Now().Unix()/60, 10)
	_, err = s.d.Jobs.Enqueue(tx, job.Job{Kind: "letter." + string(LetterTransferDue), Key: key, Args: Letter{Kind: LetterTransferDue, Order: o.ID}})
	return err
}
