//go:build !browser

package attack

import "testing"

// foreignBrowser needs a browser; see browser_test.go.
func (o *office) foreignBrowser(*testing.T, []unsafeRoute, []unsafeRoute) string { return "" }

// readEverything has the owner open every page without a browser: what was planted may stand there as text only.
func (o *office) readEverything(t *testing.T, list []string, numbers []string, email string) string {
	return o.readPages(t, list, numbers, email)
}

// inlineBlocked needs a browser; see skimmer_browser_test.go.
func (x *skimmed) inlineBlocked(*testing.T) string { return "" }

// nothingLeaves needs a browser, too.
func (x *skimmed) nothingLeaves(*testing.T) string { return "" }
