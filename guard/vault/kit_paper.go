package vault

import (
	"crypto/subtle"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"filippo.io/age"
	"golang.org/x/term"

	"strongroom/base/fault"
)

// Text is the kit as it stands on paper: the identity in numbered groups that can be copied by hand.
func (k *Kit) Text() string {
	var b strings.Builder
	b.WriteString(kitHead + "\n\nKeep this on paper, away from the machine. Whoever has it and a copy of the key database\ncan read everything. It stays valid when keys are rotated.\n\n")
	for i, g := range k.groups() {
		fmt.Fprintf(&b, "%2d %-*s", i+1, kitGroup+1, g)
		if i%4 == 3 {
			b.WriteByte('\n')
		}
	}
	b.WriteString("\n\nTo use it: strongroom key recover\n")
	return b.String()
}

// groups cuts the identity, without its fixed beginning, into pieces.
func (k *Kit) groups() (out []string) {
	s := strings.TrimPrefix(k.identity.String(), kitPrefix)
	for len(s) > kitGroup {
		out, s = append(out, s[:kitGroup]), s[kitGroup:]
	}
	return append(out, s)
}

// Ask names the group, counted from 1, that the keeper is to type back.
func (k *Kit) Ask() int { return 1 + int(randomID()[0])%len(k.groups()) }

// Check says whether typed is that group of the kit.
func (k *Kit) Check(group int, typed string) bool {
	g := k.groups()
	if group < 1 || group > len(g) {
		return false
	}
	return subtle.ConstantTimeCompare([]byte(compact(typed)), []byte(g[group-1])) == 1
}

// Show writes the kit on a terminal, and refuses anything else: a redirected output ends in a log.
func (k *Kit) Show(terminal *os.File) error {
	if !term.IsTerminal(int(terminal.Fd())) {
		return fault.New(fault.Invalid, "vault.kit_no_terminal").
			WithHint("The recovery kit is shown on a terminal only. To keep it in a file, name one: strongroom key kit --file PATH.")
	}
	_, err := io.WriteString(terminal, k.Text())
	return err
}

// WriteFile writes the kit into a new file of mode 0600.
func (k *Kit) WriteFile(path string) error {
	if _, err := os.Lstat(path); err == nil {
		return fault.New(fault.Conflict, "vault.kit_file_exists").WithHint("There is a file at " + path + " already.")
	}
	return writePrivate(filepath.Clean(path), []byte(k.Text()))
}

// ParseKit reads a kit as typed or from its file: with or without the words around it, numbers of groups, spaces and
// line ends, in any case.
func ParseKit(text string) (*Kit, error) {
	if len(text) > 8192 {
		return nil, errKit
	}
	if _, rest, ok := strings.Cut(text, kitHead); ok { // from the file: the groups are the lines that begin with a number
		text = kitLines(rest)
	}
	s := compact(text)
	if !strings.HasPrefix(s, kitPrefix) {
		s = kitPrefix + s
	}
	identity, err := age.ParseHybridIdentity(s)
	if err != nil {
		return nil, errKit // without the cause, which quotes what was typed
	}
	return &Kit{identity}, nil
}

var errKit = fault.New(fault.Invalid, "vault.kit_unreadable").
	WithHint("This is no recovery kit, or a letter of it is wrong. Type all groups in their order, without their numbers.")

// kitLines keeps the groups of the lines of numbered groups.
func kitLines(text string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		words := strings.Fields(line)
		if len(words) < 2 || strings.Trim(words[0], "0123456789") != "" {
			continue
		}
		for i := 1; i < len(words); i += 2 {
			b.WriteString(words[i])
		}
	}
	return b.String()
}

func compact(s string) string { return strings.ToUpper(strings.Join(strings.Fields(s), "")) }
