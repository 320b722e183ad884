package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/mattn/go-isatty"

	"strongroom/base/config"
	"strongroom/base/db"
	"strongroom/base/fault"
	"strongroom/base/lang"
	"strongroom/cmd/strongroom/app"
)

// terminal is where a command reads and writes. Colours appear only where a person looks.
type terminal struct {
	in       io.Reader
	out, err io.Writer
	environ  []string
}

// interactive says whether w is a terminal.
func interactive(w any) bool {
	f, ok := w.(*os.File)
	return ok && (isatty.IsTerminal(f.Fd()) || isatty.IsCygwinTerminal(f.Fd()))
}

// paint colours s for a terminal: "1" bold, "2" faint, "31" red, "32" green, "33" yellow.
func (t *terminal) paint(w io.Writer, code, s string) string {
	if !interactive(w) || slices.ContainsFunc(t.environ, func(e string) bool { return strings.HasPrefix(e, "NO_COLOR=") && e != "NO_COLOR=" }) {
		return s
	}
	return "\x1b[" + code + "m" + s + "\x1b[0m"
}

func (t *terminal) printf(format string, args ...any) { _, _ = fmt.Fprintf(t.out, format, args...) }

// step tells about progress on long work; on the error stream, so that the output stays clean for programs.
func (t *terminal) step(s string) {
	_, _ = fmt.Fprintf(t.err, "  %s %s\n", t.paint(t.err, "32", "·"), s)
}

// json prints one value on one line.
func (t *terminal) json(v any) error { return json.NewEncoder(t.out).Encode(v) }

// fail says what is wrong and what to do, and gives the exit code.
func (t *terminal) fail(err error) int {
	var q quiet
	if errors.As(err, &q) {
		return q.code
	}
	what, do, code := explain(err)
	_, _ = fmt.Fprintf(t.err, "%s %s\n", t.paint(t.err, "31", "strongroom:"), what)
	if do != "" {
		_, _ = fmt.Fprintf(t.err, "    %s\n", do)
	}
	return code
}

// explain turns an error into what is wrong and what to do.
func explain(err error) (what, do string, code int) {
	var ps config.Problems
	var ue usageError
	var ae *app.Error
	switch {
	case errors.As(err, &ue):
		return ue.Error(), "", exitUsage
	case errors.As(err, &ps):
		return fmt.Sprintf("the configuration has %d problem(s)\n%s", len(ps), ps.Error()), "", exitConfig
	case errors.As(err, &ae):
		return ae.What, ae.Do, codes[ae.Kind]
	case errors.Is(err, db.ErrFull):
		return err.Error(), "Nothing was written. Make room on the disk and try again.", exitFailed
	}
	if f := fault.As(err); f != nil {
		return explainFault(err, f)
	}
	return err.Error(), "", exitFailed
}

// explainFault reads a fault out in English; the terminal belongs to the operator.
func explainFault(err error, f *fault.Error) (what, do string, code int) {
	texts, lerr := lang.Load(lang.Messages())
	if lerr != nil {
		return err.Error(), f.Hint, exitFailed
	}
	p := texts.For("en")
	lines := []string{p.Fault(f)}
	for _, x := range f.Fields {
		lines = append(lines, "  "+x.Name+": "+p.Message(x.Key, x.Params))
	}
	return strings.Join(lines, "\n"), f.Hint, exitFailed
}

// codes are the exit codes of the wiring's errors.
var codes = map[app.Kind]int{app.BadConfig: exitConfig, app.BadStore: exitStore, app.InUse: exitInUse, app.Failed: exitFailed}
