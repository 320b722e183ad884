package privacy

// settingsColumns classifies the tables whose names begin with settings.
func settingsColumns() []Column { return nil }
