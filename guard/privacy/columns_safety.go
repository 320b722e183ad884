package privacy

import "slices"

// safetyColumns classifies what the watch over the pages keeps, and what was accepted. The watch is nobody: what it was
// served holds no shopper.
func safetyColumns() []Column {
	return slices.Concat(
		plain("pagewatch_look", "random id with its time", "id"),
		plain("pagewatch_look", "time", "at", "ended_at"),
		plain("pagewatch_look", "enum word", "outcome"),
		plain("pagewatch_look", "number", "pages", "things"),
		plain("pagewatch_look", "truth value", "short"),
		plain("pagewatch_look", "why the shop's own address gave no answer", "trouble"),
		plain("pagewatch_difference", "hash of the next columns", "mark"),
		plain("pagewatch_difference", "word of a page, enum words", "page", "kind", "what"),
		plain("pagewatch_difference", "part of a page as it is served to somebody without name, account or order", "name", "expected", "found"),
		plain("pagewatch_difference", "time", "first_at", "last_at", "ended_at", "told_at"),
		plain("pagewatch_record", "random id with its time", "id"),
		plain("pagewatch_record", "enum word", "sort", "result"),
		plain("pagewatch_record", "name of a company: who scans, which provider", "subject"),
		plain("pagewatch_record", "day of a document, and time", "day", "made_at"),
		plain("pagewatch_record", "where a company's document lies; the form says to name no people", "place"),
		plain("pagewatch_record", "random id of a staff member; whose it is stands sealed elsewhere", "member"),
		plain("safety_acceptance", "word of a check or hash of a difference, enum word, number", "subject", "found", "most"),
		plain("safety_acceptance", "why a technical finding is lived with; the form says to name no people", "reason"),
		plain("safety_acceptance", "random id of a staff member; whose it is stands sealed elsewhere", "member"),
		plain("safety_acceptance", "time", "made_at", "until_at"),
	)
}
