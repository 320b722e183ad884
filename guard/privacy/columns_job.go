package privacy

import "slices"

// jobColumns classifies the outbox. Arguments and errors are made of ids, numbers and words of the program by rule of
// the job package; the planted-values test searches them.
func jobColumns() []Column {
	return slices.Concat(
		plain("job_queue", "names and states of work; arguments are ids, numbers and short words, errors are the program's words",
			"id", "kind", "key", "args", "run_at", "attempts", "state", "leased_until", "lease", "error", "made_at", "ended_at"),
		plain("job_period", "when periodic work is due", "kind", "next_at"),
	)
}
