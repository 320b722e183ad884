package cart

import (
	"time"

	"strongroom/base/job"
)

// Register adds the periodic job that removes old carts. It is called once, before the queue starts.
func (s *Service) Register(q *job.Queue) error { return job.Every(q, "cart.sweep", time.Hour, s.Sweep) }
