package setup

import (
	"strongroom/base/clock"
	"strongroom/base/db"
	"strongroom/base/job"
)

// LetterJob is the kind of the job that writes to the owner about a provider. front/letters handles it; its address
// stands in the configuration, so that who took over a session cannot change it.
const LetterJob = "letter.provider"

// Letter is what the job carries: words and the shop's own account.
type Letter struct {
	Kind    string // on, off, keys, broken
	Name    string // of the maker
	Label   string
	Mode    string
	Account string
	Problem string
	At      int64
}

// tell writes to the owner.
func (s *Service) tell(tx *db.Tx, kind string, p Provider) error {
	_, err := s.d.Jobs.Enqueue(tx, job.Job{Kind: LetterJob, Args: Letter{Kind: kind, Name: p.Name, Label: s.d.Makers[p.Name].Label,
		Mode: string(p.Mode), Account: p.Account, Problem: p.Problem, At: clock.Micros(tx.Now())}})
	return err
}
