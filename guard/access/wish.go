package access

import "strongroom/base/id"

// Wish is a dangerous act that one person asks for and another allows. What it would do is frozen in Params: who decides
// sees exactly what is done then.
type Wish struct {
	Kind     string // names who carries it out, such as "order.refund"
	May      Permission
	Params   []byte // JSON of ids, numbers and words; nothing personal
	Object   string
	ObjectID id.ID
	Facts    map[string]string // what the page shows beside the kind: words and numbers, nothing personal
	Reason   string            // in the asker's words; sealed
}

// Approved says who stands behind an act that needed two people.
type Approved struct {
	Request id.ID
	AskedBy id.ID
	// DecidedBy is the second person; zero when there was only one, and a day went by instead.
	DecidedBy id.ID
}

// LookReasons are the words that people choose from for a look at personal data; what does not fit is written out, and
// sealed. Shoppers read the word in their account, under "access.why_" and the word.
func LookReasons() []string {
	return []string{"question", "delivery", "return", "payment", "complaint", "fraud", "law"}
}
