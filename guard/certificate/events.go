package certificate

// Obtained is that a host has a new certificate.
type Obtained struct {
	Face    string
	Renewal bool // it had one before
	Days    int  // how long it is valid
}

// EventName implements event.Event.
func (Obtained) EventName() string { return "certificate.obtained" }

// Refused is that an attempt to get a certificate did not work.
type Refused struct {
	Face     string
	Kind     string // of the failure, a short word
	Failures int    // in a row
}

// EventName implements event.Event.
func (Refused) EventName() string { return "certificate.refused" }

// Expiring is that a certificate comes to its end and was not renewed.
type Expiring struct {
	Face string
	Days int // the threshold that was passed: 21, 7 or 2
}

// EventName implements event.Event.
func (Expiring) EventName() string { return "certificate.expiring" }
