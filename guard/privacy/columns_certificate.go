package privacy

import "slices"

// certificateColumns classifies what belongs to the shop's own host names. An account at an authority may name the
// shop's address; it stands inside the sealed value.
func certificateColumns() []Column {
	return slices.Concat(
		plain("certificate_item", "a path made of the authority's and the shop's own host names", "key"),
		plain("certificate_item", "the shop's own keys and certificates, sealed by the vault; no person's data", "value"),
		plain("certificate_item", "number and time", "size", "changed_at"),
		plain("certificate_lock", "name of a piece of work, random id of a call, time", "name", "holder", "until_at"),
		plain("certificate_alarm", "which host, and times", "face", "ends_at", "days", "told_at"),
	)
}
