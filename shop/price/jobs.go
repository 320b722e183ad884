package price

import (
	"time"

	"strongroom/base/job"
)

// Register adds the periodic job that forgets old attempts. It is called once, before the queue starts.
func (s *Service) Register(q *job.Queue) error {
	return job.Every(q, "price.sweep", time.Hour, s.Sweep)
}
