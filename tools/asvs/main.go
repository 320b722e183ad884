// Command asvs keeps the proof table: which requirement of OWASP's ASVS 5.0 is proven by which test.
//
//	go run ./tools/asvs            writes docs/asvs.md and a page for each chapter in docs/asvs
//	go run ./tools/asvs -check     fails if they are not what the tests say
//	go run ./tools/asvs -list      every id with file and line
//
// A test names what it proves: "V2.3.4" in its comment, in its name (V2_3_4), in the name of a sub-test or of a case, or
// a range, "V3.3.1-V3.3.4". "V13.3.1 (with key service)" says that the proof holds for stores that use one. The
// requirements' texts are OWASP's and are not repeated here; data/ holds what is ours: which ids do not apply and why,
// and why an applicable one is still open, with the area of work that closes it.
package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
)

func main() {
	check := flag.Bool("check", false, "compare instead of writing")
	list := flag.Bool("list", false, "print every id with file and line")
	root := flag.String("root", ".", "root of the source")
	flag.Parse()
	if err := run(*root, *check, *list); err != nil {
		fmt.Fprintln(os.Stderr, "asvs:", err)
		os.Exit(1)
	}
}

func run(root string, check, list bool) error {
	t, err := read(root)
	if err != nil {
		return err
	}
	if list {
		for _, p := range t.proofs {
			fmt.Printf("%-8s %s:%d %s\n", p.id, p.file, p.line, p.test)
		}
		return nil
	}
	if bad := t.problems(); len(bad) > 0 {
		for _, b := range bad {
			fmt.Fprintln(os.Stderr, b)
		}
		return errors.New("the proof table does not hold together")
	}
	for name, text := range t.pages() {
		path := filepath.Join(root, "docs", name)
		if check {
			if have, err := os.ReadFile(path); err != nil || !bytes.Equal(have, text) {
				return fmt.Errorf("not current: docs/%s (make generate)", name)
			}
			continue
		}
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(path, text, 0o644); err != nil {
			return err
		}
	}
	return nil
}
