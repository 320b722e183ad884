package privacy

import "slices"

// auditColumns classifies the log and the mark of the installation. People stand in the log as a random handle that
// dies with their keys; where an act came from and sentences that somebody typed are sealed inside body.
func auditColumns() []Column {
	return slices.Concat(
		plain("audit_entry", "the log's own words, numbers and random ids",
			"id", "at", "actor_kind", "actor", "action", "object", "object_id", "outcome", "leaf", "sequence"),
		plain("audit_entry", "a random handle that leads to nobody once the person's keys are gone", "person"),
		sealed("audit_entry", "body", AuditOrigin, AuditReason),
		plain("epoch_mark", "a random mark of the installation", "id", "epoch"),
	)
}
