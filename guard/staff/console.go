package staff

import (
	"context"
	"strings"

	"strongroom/base/db"
	"strongroom/base/fault"
	"strongroom/base/id"
	"strongroom/guard/access"
	"strongroom/guard/audit"
)

// OnConsole lets who has the machine's command line do a dangerous act at once: who has it has the files and the keys, so
// that a second person would protect nothing. It is loud instead. The entry in the log, a mail to every owner and one to
// the address outside are written before the act begins; if that fails, the act does not happen.
func (s *Service) OnConsole(ctx context.Context, who access.Actor, kind access.Danger, reason string, facts ...audit.Fact) (by access.Approved, err error) {
	defer fault.Wrap(&err, "staff: %s on the console", kind)
	if who != access.Console() {
		return by, s.refuse(ctx, who, "staff.console_act", id.ID{}, "not_console", fault.New(fault.Forbidden, "staff.console_only"))
	}
	if !kind.Known() || s.executors[kind] == nil {
		return by, fault.New(fault.Malformed, "staff.ask_invalid")
	}
	reason = strings.TrimSpace(reason)
	if reason == "" || len(reason) > maxReason {
		return by, fault.New(fault.Invalid, "staff.ask_invalid").WithField("reason", "staff.reason_missing", fault.Params{"max": maxReason})
	}
	err = s.write(ctx, func(tx *db.Tx) error {
		facts = append([]audit.Fact{{Key: "kind", Text: string(kind)}}, facts...)
		if err := s.entry(tx, who, "staff.console_act", id.ID{}, reason, facts...); err != nil {
			return err
		}
		if err := s.toOwners(tx, Letter{Kind: LetterConsole, Danger: kind}); err != nil {
			return err
		}
		return s.outside(tx, Letter{Kind: LetterConsole, Danger: kind})
	})
	return access.ApproveConsole(kind), err
}
