package vault

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"strongroom/base/fault"
)

// KeyFile is a root key in a file that only its owner may read:
//
//	strongroom root key 1
//	id 0f1e2d3c4b5a6978
//	key <64 hexadecimal digits>
//	sum <16 hexadecimal digits>
//
// The id is derived from the key and stands in the key database too, so that the key file of another store is told
// apart; the sum covers the lines above it, so that a damaged file is told apart. The file is read for each use, so
// that a running store follows a rotation by another process. While a rotation is under way the next key stands beside
// it, in a file whose name ends in ".next".
type KeyFile struct{ path string }

const keyFileHead = "strongroom root key 1\n"

// CreateKeyFile makes a new root key in a new file. It never writes over a file that is there.
func CreateKeyFile(path string) (k *KeyFile, err error) {
	defer fault.Wrap(&err, "vault: make key file")
	if _, err := os.Lstat(path); err == nil {
		return nil, fault.New(fault.Conflict, "vault.keyfile_exists").WithHint("There is a file at " + path + " already. A key file is never written over: whatever it keeps sealed would be lost.")
	}
	var r rootSecret
	if _, err := rand.Read(r.key[:]); err != nil {
		return nil, err
	}
	return &KeyFile{path}, writeKeyFile(path, r)
}

// OpenKeyFile checks that the file is there, private and whole.
func OpenKeyFile(path string) (*KeyFile, error) {
	if _, err := readKeyFile(path); err != nil {
		return nil, fmt.Errorf("vault: key file: %w", err)
	}
	return &KeyFile{path}, nil
}

// KeyFileAt names a key file without looking at it.
func KeyFileAt(path string) *KeyFile { return &KeyFile{path} }

// Path is where the key file lies.
func (k *KeyFile) Path() string { return k.path }

// Wrap seals plain under the file's key.
func (k *KeyFile) Wrap(_ context.Context, plain []byte) ([]byte, error) {
	r, err := readKeyFile(k.path)
	if err != nil {
		return nil, err
	}
	return r.wrap(plain)
}

// Unwrap opens what Wrap made, with the key or, in the gap of an interrupted rotation, with the next one.
func (k *KeyFile) Unwrap(_ context.Context, wrapped []byte) ([]byte, error) {
	keyID, err := wrappedBy(wrapped)
	if err != nil {
		return nil, err
	}
	r, err := k.find(keyID)
	if err != nil {
		return nil, err
	}
	return r.unwrap(wrapped)
}

// find is the key with that id: the file's, or that of the next file.
func (k *KeyFile) find(keyID []byte) (rootSecret, error) {
	r, err := readKeyFile(k.path)
	if err == nil && bytes.Equal(r.id(), keyID) {
		return r, nil
	}
	if next, nerr := readKeyFile(k.nextPath()); nerr == nil && bytes.Equal(next.id(), keyID) {
		return next, nil
	}
	if err != nil {
		return r, err
	}
	return r, fault.New(fault.Invalid, "vault.keyfile_foreign").With("want", hex.EncodeToString(keyID)).
		With("have", hex.EncodeToString(r.id())).
		WithHint("The key file " + k.path + " belongs to another store or to a time before a rotation. Put the right key file there, or make it again with the recovery kit: strongroom key recover.")
}

func (k *KeyFile) nextPath() string { return k.path + ".next" }

func (k *KeyFile) keyID() ([]byte, error) {
	r, err := readKeyFile(k.path)
	return r.id(), err
}

func (k *KeyFile) secret() ([]byte, error) {
	r, err := readKeyFile(k.path)
	return r.key[:], err
}

// renew takes over the next file of an interrupted rotation: whether its key is in use already cannot be told from
// here, so that it must not be replaced.
func (k *KeyFile) renew(context.Context) (renewer, error) {
	next := &KeyFile{k.nextPath()}
	_, err := readKeyFile(next.path)
	if err == nil {
		return next, nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	return CreateKeyFile(next.path)
}

// promote renames the next file over the present one if it holds the key that is in use.
func (k *KeyFile) promote(keyID []byte) error {
	next, err := readKeyFile(k.nextPath())
	if err == nil && bytes.Equal(next.id(), keyID) {
		if err := os.Rename(k.nextPath(), k.path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		return syncFolder(k.path)
	}
	return nil
}

func (k *KeyFile) lies() (Place, []byte) { return InFile, nil }

// retire removes the file once its key, the one of that name, wraps nothing any more. Another key's file stays.
func (k *KeyFile) retire(was []byte) error {
	r, err := readKeyFile(k.path)
	if err != nil || len(was) == 0 || !bytes.Equal(r.id(), was) {
		return nil
	}
	if err := os.Remove(k.path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return syncFolder(k.path)
}

// readKeyFile refuses what is no regular file of its owner's alone, and tells missing, exposed and damaged apart.
func readKeyFile(path string) (r rootSecret, err error) {
	f, err := openPrivate(path)
	if err != nil {
		return r, err
	}
	defer func() { _ = f.Close() }()
	b, err := io.ReadAll(io.LimitReader(f, 4096))
	if err != nil {
		return r, err
	}
	return parseKeyFile(string(b), path)
}

func parseKeyFile(text, path string) (r rootSecret, err error) {
	damaged := fault.New(fault.Invalid, "vault.keyfile_damaged").
		WithHint("The key file " + path + " is damaged. Put a copy of it back, or make it again with the recovery kit: strongroom key recover.")
	body, sum, ok := strings.Cut(text, "sum ")
	rest, head := strings.CutPrefix(body, keyFileHead)
	if !ok || !head || strings.TrimSpace(sum) != checksum(body) {
		return r, damaged
	}
	var keyID, key string
	if _, err := fmt.Sscanf(rest, "id %16s\nkey %64s\n", &keyID, &key); err != nil {
		return r, damaged
	}
	if n, err := hex.Decode(r.key[:], []byte(key)); err != nil || n != rootSize || hex.EncodeToString(r.id()) != keyID {
		return rootSecret{}, damaged
	}
	return r, nil
}

func keyFileText(r rootSecret) string {
	body := keyFileHead + "id " + hex.EncodeToString(r.id()) + "\nkey " + hex.EncodeToString(r.key[:]) + "\n"
	return body + "sum " + checksum(body) + "\n"
}

func checksum(body string) string {
	h := sha256.Sum256([]byte(body))
	return hex.EncodeToString(h[:8])
}

// writeKeyFile makes the file whole or not at all, reads it back, and returns only once it would outlive a power cut.
func writeKeyFile(path string, r rootSecret) error {
	if err := writePrivate(path, []byte(keyFileText(r))); err != nil {
		return err
	}
	back, err := readKeyFile(path)
	if err == nil && back != r {
		err = errors.New("the key file reads back as something else")
	}
	return err
}

// writePrivate writes a file of mode 0600 through a temporary neighbour, with the folder flushed too.
func writePrivate(path string, content []byte) (err error) {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-*") // 0600 by itself
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = f.Close()
			_ = os.Remove(f.Name())
		}
	}()
	if _, err = f.Write(content); err != nil {
		return err
	}
	if err = f.Sync(); err != nil {
		return err
	}
	if err = f.Close(); err != nil {
		return err
	}
	// Link before rename: it fails when a file came to stand there meanwhile. Some file systems have no links.
	if err = os.Link(f.Name(), path); errors.Is(err, fs.ErrExist) {
		return err
	}
	if err != nil {
		err = os.Rename(f.Name(), path)
	} else {
		_ = os.Remove(f.Name())
	}
	if err != nil {
		return err
	}
	return syncFolder(path)
}

func syncFolder(path string) error {
	d, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	defer func() { _ = d.Close() }()
	return d.Sync()
}
