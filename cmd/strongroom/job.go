package main

import (
	"context"
	"time"

	"strongroom/base/id"
)

type jobCommand struct {
	Dead  jobDeadCommand  `cmd:"" help:"List the work that failed for good and waits for a person."`
	Retry jobRetryCommand `cmd:"" help:"Try failed work again."`
}

type jobDeadCommand struct {
	configFlag
	JSON bool `help:"Print one line of JSON for each."`
}

// Help is shown by --help.
func (jobDeadCommand) Help() string {
	return "Examples:\n  strongroom job dead\n  strongroom job retry 0197f0c2a1b27c3d8e4f5a6b7c8d9e0f\n  strongroom job retry --all"
}

type jobReport struct {
	ID       string    `json:"id"`
	Kind     string    `json:"kind"`
	Attempts int64     `json:"attempts"`
	Ended    time.Time `json:"ended"`
	Error    string    `json:"error"`
}

// Run lists the dead letters.
func (c jobDeadCommand) Run(ctx context.Context, t *terminal) error {
	s, err := c.open(ctx, t)
	if err != nil {
		return err
	}
	defer s.Close()
	n := 0
	for after := (id.ID{}); ; {
		list, err := s.Jobs.Dead(ctx, after)
		if err != nil || len(list) == 0 {
			if n == 0 && err == nil && !c.JSON {
				t.printf("No failed work waits.\n")
			}
			return err
		}
		for _, d := range list {
			n++
			r := jobReport{d.ID.String(), d.Kind, int64(d.Attempts), d.Ended, d.Error}
			if !c.JSON {
				t.printf("%s  %-28s %s  after %d attempts: %s\n", r.ID, r.Kind, r.Ended.Format(time.DateTime), r.Attempts, r.Error)
			} else if err := t.json(r); err != nil {
				return err
			}
		}
		after = list[len(list)-1].ID
	}
}

type jobRetryCommand struct {
	configFlag
	ID  []string `arg:"" optional:"" help:"Ids as \"job dead\" lists them."`
	All bool     `help:"Everything that waits."`
}

// Run makes dead letters ready again; the running store takes them up.
func (c jobRetryCommand) Run(ctx context.Context, t *terminal) error {
	s, err := c.open(ctx, t)
	if err != nil {
		return err
	}
	defer s.Close()
	ids := make([]id.ID, 0, len(c.ID))
	for _, text := range c.ID {
		v, err := id.Parse(text)
		if err != nil {
			return usageError{err}
		}
		ids = append(ids, v)
	}
	if c.All {
		list, err := s.Jobs.Dead(ctx, id.ID{})
		if err != nil {
			return err
		}
		for _, d := range list {
			ids = append(ids, d.ID)
		}
	}
	for _, v := range ids {
		if err := s.Jobs.Retry(ctx, v); err != nil {
			return err
		}
	}
	t.printf("%d will be tried again.\n", len(ids))
	return nil
}
