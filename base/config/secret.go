package config

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// Secret is a configured value that no log and no error shows. In the file it is the value itself, or "file:" and the
// path of a file that holds it.
type Secret struct {
	raw   string // as written
	clear string
	file  string // where it stands; "" for in the configuration itself
}

// NewSecret is a secret that is already known.
func NewSecret(clear string) Secret { return Secret{clear: clear} }

// Clear is the value itself, for the one call it was configured for.
func (s Secret) Clear() string { return s.clear }

// Again is the value as its file holds it now, for secrets that are replaced while the store runs.
func (s Secret) Again() (string, error) {
	if s.file == "" {
		return s.clear, nil
	}
	return readSecretFile(s.file)
}

// IsZero says whether nothing was configured.
func (s Secret) IsZero() bool { return s.clear == "" }

// String hides the value.
func (s Secret) String() string { return "•••" }

// GoString hides the value from %#v.
func (s Secret) GoString() string { return "config.Secret(•••)" }

// MarshalText hides the value from JSON and TOML.
func (s Secret) MarshalText() ([]byte, error) { return []byte("•••"), nil }

// UnmarshalText takes the value as it is written in the file.
func (s *Secret) UnmarshalText(b []byte) error {
	s.raw, s.clear = string(b), string(b)
	return nil
}

// resolve reads a secret that stands in a file of its own.
func (s *Secret) resolve(dir string) error {
	path, ok := strings.CutPrefix(s.raw, "file:")
	if !ok {
		return nil
	}
	if !filepath.IsAbs(path) {
		path = filepath.Join(dir, path)
	}
	clear, err := readSecretFile(path)
	s.clear, s.file = clear, path
	return err
}

// readSecretFile reads a secret of one line.
func readSecretFile(path string) (string, error) {
	info, err := os.Stat(path)
	if err != nil {
		return "", fmt.Errorf("the file %s cannot be read: %w", path, plain(err))
	}
	if info.Size() > 16<<10 || !info.Mode().IsRegular() {
		return "", fmt.Errorf("%s is no file of one short secret", path)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return "", fmt.Errorf("the file %s cannot be read: %w", path, plain(err))
	}
	s := strings.TrimRight(string(b), "\r\n")
	if s == "" || strings.ContainsAny(s, "\r\n\x00") {
		return "", fmt.Errorf("the file %s must hold the secret on one line", path)
	}
	return s, nil
}
