package privacy

import "slices"

// postColumns classifies what becomes of mails: signing keys of the shop, and mails that came back.
func postColumns() []Column {
	return slices.Concat(
		plain("post_key", "keys of the shop's domain, the private half sealed as a secret of the store",
			"selector", "domain", "algorithm", "public", "sealed", "made_at", "seen_at", "ended_at"),
		plain("post_bounce", "internal and random ids", "id", "object", "order_id", "subject"),
		plain("post_bounce", "words and numbers of programs, and times", "kind", "nobody", "code", "status", "source", "at"),
		sealed("post_bounce", "detail", PostDetail),
		plain("post_stop", "internal and random ids, and times", "id", "subject", "bounce", "made_at", "released_at"),
		sealed("post_stop", "address", PostAddress),
		plain("post_check", "how the shop's own domain looks in DNS", "id", "at", "aligned", "summary"),
	)
}
