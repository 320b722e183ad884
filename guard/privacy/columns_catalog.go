package privacy

// catalogColumns classifies the tables whose names begin with catalog.
func catalogColumns() []Column { return nil }
