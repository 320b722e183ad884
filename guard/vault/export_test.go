package vault

// HaltAt has the vault stop at a point as a kill would. nil takes it back.
func (v *Vault) HaltAt(f func(point string) error) { v.halt = f }

// Cached is how many keys are in memory.
func (v *Vault) Cached() int { return v.cache.len() }

// WriteRootForTest writes a root key into a key file, as somebody would who got hold of it.
func WriteRootForTest(dir string, secret []byte) string {
	var r rootSecret
	copy(r.key[:], secret)
	path := dir + "/stolen"
	if err := writeKeyFile(path, r); err != nil {
		panic(err)
	}
	return path
}
