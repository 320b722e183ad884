package chrome

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// Page is one tab in a profile of its own.
type Page struct {
	Fail    Failer
	o       Options
	ctx     context.Context
	stop    func()
	profile cdp.BrowserContextID

	mu       sync.Mutex
	troubles []string
	asked    []string         // every address that was requested
	statuses map[string]int64 // of documents, by address
	pending  []failedFile
	uploads  []string // folders of files that were handed in
}

// A condition is looked at again after soon, and then ever more seldom, up to late: most hold after a moment.
const (
	soon = 4 * time.Millisecond
	late = 32 * time.Millisecond
	// still is how long something must stand where it is before it is pressed.
	still = 16 * time.Millisecond
)

// Close closes the tab and forgets its profile.
func (p *Page) Close() {
	p.stop()
	for _, dir := range p.uploads {
		_ = os.RemoveAll(dir)
	}
}

// Size sets the window. Below 600 pixels the page believes to be on a telephone.
func (p *Page) Size(width, height int64) {
	p.Fail.Helper()
	p.o.Width, p.o.Height = width, height
	p.do(emulation.SetDeviceMetricsOverride(width, height, 1, width < 600))
}

// Now is how the page was asked for, with the size that it has now.
func (p *Page) Now() Options { return p.o }

// Theme sets what the reader prefers. Motion is always reduced, so that pictures and clicks hit what stands still.
func (p *Page) Theme(dark bool) {
	p.Fail.Helper()
	scheme := "light"
	if dark {
		scheme = "dark"
	}
	p.do(emulation.SetEmulatedMedia().WithFeatures([]*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme},
		{Name: "prefers-reduced-motion", Value: "reduce"}}))
}

// Still keeps the scripts of the next pages from running, or lets them run again. It is for looking at a page that goes on
// by itself.
func (p *Page) Still(on bool) {
	p.Fail.Helper()
	p.o.NoScript = on
	p.do(emulation.SetScriptExecutionDisabled(on))
}

// Drop takes a cookie from the browser, as its owner could.
func (p *Page) Drop(address, name string) {
	p.Fail.Helper()
	p.do(network.DeleteCookies(name).WithURL(address))
}

func (p *Page) language() {
	if p.o.Language == "" {
		p.o.Language = "en"
	}
	p.do(network.SetExtraHTTPHeaders(network.Headers{"Accept-Language": p.o.Language}))
}

// do runs commands that have no reason to fail.
func (p *Page) do(actions ...chromedp.Action) {
	p.Fail.Helper()
	if err := p.try(actions...); err != nil {
		p.Fail.Fatalf("the browser: %v", err)
	}
}

func (p *Page) try(actions ...chromedp.Action) error {
	ctx, stop := context.WithTimeout(p.ctx, p.o.Patience)
	defer stop()
	return chromedp.Run(ctx, actions...)
}

// Goto opens an address, waits until it is loaded and returns the status.
func (p *Page) Goto(address string) int64 {
	p.Fail.Helper()
	var refused string
	err := p.try(chromedp.ActionFunc(func(ctx context.Context) (err error) {
		_, _, refused, _, err = page.Navigate(address).Do(ctx)
		return err
	}))
	if err != nil || refused != "" {
		p.Fail.Fatalf("%s: %v %s", address, err, refused)
	}
	p.loaded()
	return p.Status()
}

// mark is left in a document's window, so that the next document is known by its absence.
const mark = "__seen"

// Seen says whether this very document was waited for already.
func (p *Page) Seen() bool { return p.Bool("window." + mark + " === true") }

// loaded waits for a document that is complete and has not been seen.
func (p *Page) loaded() {
	p.Fail.Helper()
	p.wait("a new page", `location.protocol !== "about:" && !window.`+mark+` && document.readyState === "complete"`)
	_, _ = p.eval("window." + mark + " = true")
}

// Status is the status with which the present document came.
func (p *Page) Status() int64 {
	p.Fail.Helper()
	address, _, _ := strings.Cut(p.URL(), "#")
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.statuses[address]
}

// URL is where the page is.
func (p *Page) URL() string { p.Fail.Helper(); return p.String("location.href") }

// Path is the path and query of where the page is.
func (p *Page) Path() string {
	p.Fail.Helper()
	u, err := url.Parse(p.URL())
	if err != nil {
		p.Fail.Fatalf("%v", err)
	}
	if u.RawQuery != "" {
		return u.Path + "?" + u.RawQuery
	}
	return u.Path
}

// Back presses the browser's back button.
func (p *Page) Back() {
	p.Fail.Helper()
	_, _ = p.eval("window." + mark + " = false") // a page that comes out of the back-forward cache brings its window along
	at := p.URL()
	var entries []*page.NavigationEntry
	var i int64
	p.do(chromedp.ActionFunc(func(ctx context.Context) (err error) {
		i, entries, err = page.GetNavigationHistory().Do(ctx)
		return err
	}))
	if i < 1 {
		p.Fail.Fatalf("there is nothing to go back to from %s", at)
	}
	p.do(page.NavigateToHistoryEntry(entries[i-1].ID))
	p.wait("the page before", `location.href !== `+quote(at)+` && document.readyState === "complete"`)
	_, _ = p.eval("window." + mark + " = true")
}

// Reload asks for the page again.
func (p *Page) Reload() {
	p.Fail.Helper()
	p.do(page.Reload())
	p.loaded()
}

// eval evaluates an expression in the page, also where script is off.
func (p *Page) eval(expr string) (json.RawMessage, error) {
	var out json.RawMessage
	err := p.try(chromedp.ActionFunc(func(ctx context.Context) error {
		v, thrown, err := runtime.Evaluate(expr).WithReturnByValue(true).WithAwaitPromise(true).Do(ctx)
		if err != nil {
			return err
		}
		if thrown != nil {
			return fmt.Errorf("%s: %w", expr[:min(len(expr), 120)], thrown)
		}
		out = json.RawMessage(v.Value)
		return nil
	}))
	return out, err
}

// Eval evaluates an expression into out.
func (p *Page) Eval(expr string, out any) {
	p.Fail.Helper()
	var err error
	p.until("a value of "+expr[:min(len(expr), 80)], func() bool {
		var b json.RawMessage
		if b, err = p.eval(expr); err != nil {
			return !passing(err)
		}
		if out != nil && len(b) > 0 {
			err = json.Unmarshal(b, out)
		}
		return true
	})
	if err != nil {
		p.Fail.Fatalf("%v", err)
	}
}

// passing says whether an error comes of asking a page that is just being replaced.
func passing(err error) bool {
	s := err.Error()
	return strings.Contains(s, "context") && !errors.Is(err, context.DeadlineExceeded) && !errors.Is(err, context.Canceled) || strings.Contains(s, "navigated")
}

// String evaluates an expression to a text.
func (p *Page) String(expr string) string {
	p.Fail.Helper()
	var s string
	p.Eval("String("+expr+")", &s)
	return s
}

// Bool evaluates an expression to yes or no.
func (p *Page) Bool(expr string) bool {
	p.Fail.Helper()
	var b bool
	p.Eval("!!("+expr+")", &b)
	return b
}

// Wait blocks until an expression holds.
func (p *Page) Wait(what, expr string) { p.Fail.Helper(); p.wait(what, expr) }

func (p *Page) wait(what, expr string) {
	p.Fail.Helper()
	p.until(what, func() bool {
		b, err := p.eval("!!(" + expr + ")")
		return err == nil && string(b) == "true"
	})
}

// until looks at a condition again and again until it holds or patience ends.
func (p *Page) until(what string, holds func() bool) { p.Fail.Helper(); p.untilFrom(soon, what, holds) }

// untilFrom is until that begins with a pause of its own.
func (p *Page) untilFrom(pause time.Duration, what string, holds func() bool) {
	p.Fail.Helper()
	limit := time.NewTimer(p.o.Patience)
	defer limit.Stop()
	again := time.NewTimer(pause)
	defer again.Stop()
	for !holds() {
		again.Reset(pause)
		select {
		case <-limit.C:
			at, _ := p.eval("location.href + ' ' + document.title")
			p.Fail.Fatalf("waited in vain for %s at %s", what, at)
		case <-again.C:
		}
		pause = min(pause*3/2, late)
	}
}

func quote(s string) string {
	b, _ := json.Marshal(s)
	return string(b)
}
