// Package journey walks through the shop as people do: a real headless Chromium against the real demo, with script and
// without, on a wide screen and on a narrow one, with the mouse and with the keyboard alone.
//
// The journeys are tests behind the build tag "browser", so that plain go test ./... passes with nothing installed:
//
//	go test -tags browser ./tools/journey
//
// They need Debian's chromium and the axe-core of tools/browser (tools/ci/deps.sh installs both). One demo and one
// Chromium serve the whole test binary; every page has a profile of its own, so journeys run side by side. A failed
// journey leaves a picture of the page and its HTML in the test's output folder, which it names.
//
// chrome drives the browser, stage runs the demo and reads its outbox, tour leads to every page that there is.
package journey
