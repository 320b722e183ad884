// Package chrome drives a real headless Chromium: as many pages as wanted, each with a profile of its own, on which one
// clicks, types, presses keys, measures and takes pictures. Everything works on pages without script too, because it
// goes through the browser's own debugging door and waits from outside.
//
// A page notes what a person would not see and a shop must not do: messages of errors in the console, violations of the
// content security policy, files that did not come, and every host that was asked for anything.
package chrome

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"sync"
	"time"

	"github.com/chromedp/cdproto/audits"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"
)

// Failer is what stops when something is wrong: a test, or a program that takes pictures.
type Failer interface {
	Helper()
	Fatalf(format string, args ...any)
	Logf(format string, args ...any)
}

// Browser is a running Chromium.
type Browser struct {
	ctx  context.Context
	stop []context.CancelFunc
	mu   sync.Mutex
}

// names are what distributions call the program.
var names = []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable"}

// find is the browser's program.
func find() (string, error) {
	for _, n := range names {
		if path, err := exec.LookPath(n); err == nil {
			return path, nil
		}
	}
	return "", errors.New("chromium is missing; install it with: sudo apt-get install -y --no-install-recommends chromium")
}

// features are switched off: the first three as the library does; the others draw the browser's own toolbar, which nobody
// sees here, as a page with a process of its own for every window.
var features = []string{"site-per-process", "Translate", "BlinkGenPropertyTrees",
	"InitialWebUI", "PreloadTopChromeWebUI", "TabSearch", "WebUIOmniboxAimPopup", "WebUIOmniboxPopup", "WebUIReloadButton", "WebUITabStrip", "WebUIToolbar"}

// Open starts a browser that trusts the certificates whose keys have the given hashes (base64 of SHA-256), and no others
// beside the machine's own.
func Open(ctx context.Context, keys []string) (*Browser, error) {
	path, err := find()
	if err != nil {
		return nil, err
	}
	opts := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.Flag("headless", "new"), chromedp.Flag("ignore-certificate-errors-spki-list", strings.Join(keys, ",")),
		chromedp.Flag("host-resolver-rules", "MAP *.localhost 127.0.0.1"))
	for _, off := range []string{"disable-quic", "disable-component-update", "disable-domain-reliability", "no-pings", "hide-scrollbars"} {
		opts = append(opts, chromedp.Flag(off, true))
	}
	opts = append(opts, chromedp.Flag("disable-features", strings.Join(features, ",")))
	b := &Browser{}
	alloc, stopAlloc := chromedp.NewExecAllocator(ctx, opts...)
	main, stopMain := chromedp.NewContext(alloc, chromedp.WithErrorf(func(string, ...any) {}), chromedp.WithLogf(func(string, ...any) {}))
	b.ctx, b.stop = main, []context.CancelFunc{stopMain, stopAlloc}
	if err := chromedp.Run(main); err != nil {
		b.Close()
		return nil, fmt.Errorf("chromium does not start: %w", err)
	}
	return b, nil
}

// Close ends the browser and removes its profile.
func (b *Browser) Close() {
	for _, stop := range b.stop {
		stop()
	}
}

// Options say what a page is like.
type Options struct {
	Width, Height int64
	NoScript      bool
	Dark          bool
	Language      string // of the browser; "en" if empty
	Patience      time.Duration
}

// Page opens an empty page in a fresh profile. Close gives it back.
func (b *Browser) Page(f Failer, o Options) *Page {
	f.Helper()
	if o.Width == 0 {
		o.Width, o.Height = 1280, 900
	}
	if o.Height == 0 {
		o.Height = 844
	}
	if o.Patience == 0 {
		o.Patience = 40 * time.Second
	}
	p := &Page{Fail: f, o: o, statuses: map[string]int64{}}
	if err := b.window(p); err != nil {
		f.Fatalf("no page: %v", err)
	}
	p.language()
	p.Size(o.Width, o.Height)
	p.Theme(o.Dark)
	return p
}

// window opens a window of a fresh profile. The library opens tabs only, and a new profile has no window to put one in.
// One after the other: a profile that is being made does not bear a second one beside it.
func (b *Browser) window(p *Page) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	ctx, stop := context.WithTimeout(b.ctx, p.o.Patience)
	defer stop()
	asBrowser := cdp.WithExecutor(ctx, chromedp.FromContext(b.ctx).Browser)
	var err error
	if p.profile, err = target.CreateBrowserContext().WithDisposeOnDetach(true).Do(asBrowser); err != nil {
		return err
	}
	id, err := target.CreateTarget("about:blank").WithBrowserContextID(p.profile).WithNewWindow(true).Do(asBrowser)
	if err != nil {
		return err
	}
	tab, closeTab := chromedp.NewContext(b.ctx, chromedp.WithTargetID(id))
	p.ctx = tab
	p.stop = func() {
		closeTab()
		_ = target.DisposeBrowserContext(p.profile).Do(cdp.WithExecutor(b.ctx, chromedp.FromContext(b.ctx).Browser))
	}
	chromedp.ListenTarget(tab, p.hear)
	return chromedp.Run(tab, audits.Enable(), emulation.SetFocusEmulationEnabled(true), emulation.SetScriptExecutionDisabled(p.o.NoScript))
}
