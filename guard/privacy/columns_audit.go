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
		plain("audit_tree", "size and hash of the log", "id", "size", "root", "at"),
		plain("audit_tile", "hashes", "level", "number", "hashes"),
		plain("audit_checkpoint", "signed size and hash of the log", "size", "at", "note"),
		plain("audit_signer", "the log's signing key, sealed, and its public half", "id", "made_at", "verifier", "sealed"),
		plain("audit_push", "where signed heads and entries were pushed", "place", "size", "entries", "at", "failed_at", "failure"),
		plain("epoch_mark", "a random mark of the installation", "id", "epoch"),
	)
}
