package payment

import (
	"context"
	"time"

	"strongroom/base/db"
	"strongroom/base/id"
	"strongroom/base/job"
)

// LetterJob is the kind of job that tells the owner something about money. Whoever writes mails handles it.
const LetterJob = "letter.money"

// The letters to the owner.
const (
	LetterDispute     = "dispute"      // a buyer disputes a payment
	LetterDisputeDue  = "dispute_due"  // an answer is soon not taken any more
	LetterDisputeOver = "dispute_over" // a dispute has ended
	LetterDifferences = "differences"  // provider and store do not agree
)

// Letter is what the owner is told; ids and words only.
type Letter struct {
	Kind     string
	Provider string
	Dispute  id.ID
	Key      string    `json:"-"` // told once for it
	At       time.Time `json:"-"` // not before
}

func (s *Service) tellOwner(tx *db.Tx, l Letter) error {
	_, err := s.jobs.Enqueue(tx, job.Job{Kind: LetterJob, Key: l.Kind + "/" + l.Key, Args: l, At: l.At})
	return err
}

// ForLetter reads what a letter says, as it is when the letter goes out. current is false for one that was overtaken.
func (s *Service) ForLetter(ctx context.Context, l Letter) (d Dispute, open int64, current bool, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) (err error) {
		if l.Kind == LetterDifferences {
			open, err = countDifferences(tx)
			current = open > 0
			return err
		}
		d, err = disputeByID(tx, l.Dispute)
		switch now := tx.Now(); l.Kind {
		case LetterDisputeOver:
			current = true
		case LetterDisputeDue: // of a deadline that was put off, the letter comes before the new one
			current = d.Answerable(now) && !now.Before(d.Due.Add(-reminderAhead))
		default:
			current = d.Answerable(now)
		}
		return err
	})
	return d, open, current, err
}
