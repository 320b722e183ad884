package vault

// HaltAt has the vault stop at a point as a kill would. nil takes it back.
func (v *Vault) HaltAt(f func(point string) error) { v.halt = f }

// Cached is how many keys are in memory.
func (v *Vault) Cached() int { return v.cache.len() }
