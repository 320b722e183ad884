package vault

// RotateForKill is the child of TestRotationSurvivesSIGKILL: it rotates until it is killed.
func RotateForKill() bool { return false }
