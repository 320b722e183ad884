package access

// LookReasons are the words that people choose from for a look at personal data; what does not fit is written out, and
// sealed. Shoppers read the word in their account, under "access.why_" and the word.
func LookReasons() []string {
	return []string{"question", "delivery", "return", "payment", "complaint", "fraud", "law"}
}

// OwnReasons are the words of looks that follow from an act and are not chosen: packing an order, exporting many.
func OwnReasons() []string { return []string{"packing", "export"} }
