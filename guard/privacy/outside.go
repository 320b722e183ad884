package privacy

// Outside is a service that the store asks something, although no declared field goes to it: what is sent stands here,
// so that the policy can say it.
type Outside struct {
	Receiver Receiver
	Sent     Text
	Why      Text
	When     Text
}

// OutsideServices lists them. Each is asked only when the configuration allows it.
func OutsideServices() []Outside {
	return []Outside{{
		Receiver: LeakedPasswords,
		Sent: Text{EN: "The first five of forty digits of a hash of a new password, which thousands of passwords share. Neither the password nor its hash nor who chose it",
			DE: "Die ersten fünf von vierzig Stellen eines Hashwerts eines neuen Passworts, die Tausende Passwörter gemeinsam haben. Weder das Passwort noch sein Hashwert noch wer es gewählt hat"},
		Why: Text{EN: "To refuse passwords that were leaked elsewhere", DE: "Um Passwörter abzulehnen, die anderswo bekannt geworden sind"},
		When: Text{EN: "When somebody sets a password, if password.leak_service is configured",
			DE: "Wenn jemand ein Passwort setzt und password.leak_service eingestellt ist"},
	}}
}
