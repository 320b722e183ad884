package tree

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// Checkpoint is the head of a tree.
type Checkpoint struct {
	Origin string // which log it is of
	Size   int64
	Root   Hash
}

// maxCheckpoint is far more than a checkpoint with a handful of signatures has.
const maxCheckpoint = 16 << 10

// Sign writes the checkpoint as a signed note (C2SP tlog-checkpoint).
func (c Checkpoint) Sign(s note.Signer) ([]byte, error) {
	text := fmt.Sprintf("%s\n%d\n%s\n", c.Origin, c.Size, base64.StdEncoding.EncodeToString(c.Root[:]))
	return note.Sign(&note.Note{Text: text}, s)
}

// ErrSignature says that a checkpoint is not signed by the key that it was held against.
var ErrSignature = errors.New("tree: the checkpoint is not signed by this log's key")

// ParseCheckpoint reads a signed checkpoint and checks that one of the keys signed it. The origin must be the key's name.
func ParseCheckpoint(b []byte, keys ...note.Verifier) (c Checkpoint, err error) {
	if len(b) > maxCheckpoint {
		return c, errors.New("tree: too long for a checkpoint")
	}
	n, err := note.Open(b, note.VerifierList(keys...))
	if err != nil {
		return c, fmt.Errorf("%w: %w", ErrSignature, err)
	}
	lines := strings.Split(n.Text, "\n")
	if len(lines) < 4 {
		return c, errors.New("tree: no checkpoint")
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil || size < 0 || strconv.FormatInt(size, 10) != lines[1] {
		return c, errors.New("tree: a checkpoint without a size")
	}
	root, err := base64.StdEncoding.Strict().DecodeString(lines[2])
	if err != nil || len(root) != tlog.HashSize {
		return c, errors.New("tree: a checkpoint without a root")
	}
	if lines[0] != n.Sigs[0].Name {
		return c, errors.New("tree: a checkpoint of another log")
	}
	return Checkpoint{Origin: lines[0], Size: size, Root: Hash(root)}, nil
}

// ParseKey reads the line that a log's checkpoints are verified with.
func ParseKey(line []byte) (note.Verifier, error) {
	v, err := note.NewVerifier(string(bytes.TrimSpace(line)))
	if err != nil {
		return nil, fmt.Errorf("tree: no key of a log: %w", err)
	}
	return v, nil
}
