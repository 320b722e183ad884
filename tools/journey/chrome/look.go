package chrome

import (
	"context"
	"os"
	"path/filepath"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/storage"
	"github.com/chromedp/chromedp"
)

// shaped waits until everything stands where it will stand: the fonts are there and nothing moves. Pictures have their
// place from the beginning.
func (p *Page) shaped() {
	p.Fail.Helper()
	p.wait("fonts and the end of all movement", `document.fonts.status === "loaded" && document.getAnimations().every(a => a.playState === "finished")`)
}

// settle waits until everything that is seen has come, too: all pictures, also those further down.
func (p *Page) settle() {
	p.Fail.Helper()
	p.Eval(`document.querySelectorAll("img[loading=lazy]").forEach(i => i.loading = "eager")`, nil)
	p.wait("all pictures", `[...document.images].every(i => i.complete)`)
	p.shaped()
	if !p.o.NoScript { // a picture that has come may still wait to be decoded
		p.Eval(`Promise.all([...document.images].map(i => i.decode().catch(() => {}))).then(() => true)`, nil)
	}
}

// Whole is a picture of the whole page as PNG, at most 8000 pixels long.
func (p *Page) Whole() []byte {
	p.Fail.Helper()
	p.settle()
	p.Eval("scrollTo({top: 0, behavior: 'instant'})", nil)
	var height float64
	p.Eval("Math.max(document.documentElement.scrollHeight, innerHeight)", &height)
	return p.shoot(&page.Viewport{Width: float64(p.o.Width), Height: min(height, 8000), Scale: 1})
}

func (p *Page) shoot(clip *page.Viewport) (b []byte) {
	p.Fail.Helper()
	p.do(chromedp.ActionFunc(func(ctx context.Context) (err error) {
		b, err = page.CaptureScreenshot().WithFormat(page.CaptureScreenshotFormatPng).WithCaptureBeyondViewport(clip != nil).WithClip(clip).Do(ctx)
		return err
	}))
	return b
}

// Dump writes a picture and the HTML of the page as it is into a folder, for somebody who looks for a fault. It fails
// silently: it runs when something failed already.
func (p *Page) Dump(folder, name string) {
	var shot []byte
	_ = p.try(chromedp.ActionFunc(func(ctx context.Context) (err error) {
		shot, err = page.CaptureScreenshot().WithCaptureBeyondViewport(true).Do(ctx)
		return err
	}))
	_ = os.WriteFile(filepath.Join(folder, name+".png"), shot, 0o600)
	if html, err := p.eval("location.href + '\\n' + document.documentElement.outerHTML"); err == nil {
		_ = os.WriteFile(filepath.Join(folder, name+".html.json"), html, 0o600)
	}
}

// Overflow is how many pixels the page is wider than the window, and the element that sticks out furthest.
func (p *Page) Overflow() (wide int64, who string) {
	p.Fail.Helper()
	var o struct {
		Wide int64
		Who  string
	}
	p.Eval(`(() => {
    const wide = document.scrollingElement.scrollWidth - `+itoa(p.o.Width)+`;
    let who = "", far = 0;
    if (wide > 0) for (const e of document.body.querySelectorAll("*")) {
      const right = e.getBoundingClientRect().right;
      if (right > far + 1) { far = right; who = e.outerHTML.slice(0, 160); }
    }
    return {wide, who};
  })()`, &o)
	return o.Wide, o.Who
}

// Cookies are all cookies of the page's profile.
func (p *Page) Cookies() (out []*network.Cookie) {
	p.Fail.Helper()
	p.do(chromedp.ActionFunc(func(ctx context.Context) (err error) {
		asBrowser := cdp.WithExecutor(ctx, chromedp.FromContext(ctx).Browser)
		out, err = storage.GetCookies().WithBrowserContextID(p.profile).Do(asBrowser)
		return err
	}))
	return out
}

// Scripts says whether the page's scripts run.
func (p *Page) Scripts() bool { return !p.o.NoScript }
