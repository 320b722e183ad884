package chrome

import (
	"encoding/json"
	"strings"
	"unicode/utf8"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// aim finds where to click: the middle of the first visible element that fits, scrolled into view and not covered by
// another. It answers a point, or why there is none.
const aim = `(() => {
  const all = %FIND%;
  const seen = all.filter(e => e.getClientRects().length && getComputedStyle(e).visibility !== "hidden");
  if (!seen.length) return {why: all.length ? "it is not visible" : "there is none"};
  const e = seen[0];
  e.scrollIntoView({block: "center", behavior: "instant"});
  const r = e.getClientRects()[0], x = r.left + r.width / 2, y = r.top + r.height / 2;
  const hit = document.elementFromPoint(x, y);
  if (!hit) return {why: "it is outside of the window"};
  if (hit !== e && !e.contains(hit) && !hit.contains(e) && !(e.labels && [...e.labels].some(l => l.contains(hit))))
    return {why: "it is covered by " + hit.outerHTML.slice(0, 120)};
  if (e.disabled) return {why: "it is disabled"};
  return {x, y};
})()`

// bySelector and byText are JavaScript that lists elements.
func bySelector(sel string) string { return "[...document.querySelectorAll(" + quote(sel) + ")]" }

// byText lists links, buttons, labels and summaries that say exactly the text, to the eye or to the ear.
func byText(text string) string {
	return `[...document.querySelectorAll("a, button, summary, label")].filter(e => {
    const said = s => s.replace(/\s+/g, " ").trim() === ` + quote(text) + `;
    const shown = [...e.childNodes].filter(n => !(n.classList && n.classList.contains("unseen"))).map(n => n.textContent).join("");
    return said(e.textContent) || said(shown) || said(e.getAttribute("aria-label") || "");
  })`
}

// Click presses the first visible element of a selector.
func (p *Page) Click(sel string) { p.Fail.Helper(); p.press(sel, bySelector(sel), 1) }

// ClickText presses the first visible link, button or label that says the text.
func (p *Page) ClickText(text string) { p.Fail.Helper(); p.press(quote(text), byText(text), 1) }

// Follow is Click and the wait for the page that it leads to.
func (p *Page) Follow(sel string) { p.Fail.Helper(); p.Click(sel); p.loaded() }

// FollowText is ClickText and the wait for the page that it leads to.
func (p *Page) FollowText(text string) { p.Fail.Helper(); p.ClickText(text); p.loaded() }

// DoubleFollow clicks twice in a row, as impatient people do, and waits for the page that it leads to.
func (p *Page) DoubleFollow(sel string) {
	p.Fail.Helper()
	p.press(sel, bySelector(sel), 2)
	p.loaded()
}

// Loaded waits for a page that comes without a click, such as one that refreshes itself.
func (p *Page) Loaded() { p.Fail.Helper(); p.loaded() }

func (p *Page) press(name, find string, times int) {
	p.Fail.Helper()
	var at struct {
		X, Y float64
		Why  string
	}
	before := at // what is pressed has to stand still: a page that still loads moves
	p.untilFrom(still, "something to press: "+name, func() bool {
		before, at.Why = at, ""
		b, err := p.eval(strings.ReplaceAll(aim, "%FIND%", find))
		return err == nil && json.Unmarshal(b, &at) == nil && at.Why == "" && at == before
	})
	mouse := func(t input.MouseType) *input.DispatchMouseEventParams {
		return input.DispatchMouseEvent(t, at.X, at.Y)
	}
	list := []chromedp.Action{mouse(input.MouseMoved)}
	for n := range times {
		list = append(list, mouse(input.MousePressed).WithButton(input.Left).WithClickCount(int64(n+1)),
			mouse(input.MouseReleased).WithButton(input.Left).WithClickCount(int64(n+1)))
	}
	p.do(list...)
}

// Fill replaces what stands in a field by typing.
func (p *Page) Fill(sel, text string) {
	p.Fail.Helper()
	p.Click(sel)
	p.Wait("focus in "+sel, "document.activeElement === document.querySelector("+quote(sel)+")")
	p.Eval("document.activeElement.select()", nil)
	if text == "" {
		p.Key(kb.Backspace)
		return
	}
	p.do(input.InsertText(text))
}

// Type types into whatever has the focus.
func (p *Page) Type(text string) { p.Fail.Helper(); p.do(input.InsertText(text)) }

// Key presses a key, such as kb.Tab or kb.Enter. Down and character are one event, as from a real keyboard, so that a
// page that cancels the first cancels both.
func (p *Page) Key(key string, modifiers ...input.Modifier) {
	p.Fail.Helper()
	r, _ := utf8.DecodeRuneInString(key)
	k, known := kb.Keys[r]
	if !known {
		p.Fail.Fatalf("no such key: %q", key)
	}
	var held input.Modifier
	for _, m := range modifiers {
		held |= m
	}
	event := func(t input.KeyType) *input.DispatchKeyEventParams {
		return input.DispatchKeyEvent(t).WithKey(k.Key).WithCode(k.Code).WithWindowsVirtualKeyCode(k.Windows).WithModifiers(held)
	}
	down := event(input.KeyRawDown)
	if k.Print {
		down = event(input.KeyDown).WithText(k.Text)
	}
	p.do(down, event(input.KeyUp))
}

// Select chooses an option of a list by its value, as the keyboard would: with its events.
func (p *Page) Select(sel, value string) {
	p.Fail.Helper()
	// Answered in one go: a page with script leaves as soon as something is chosen.
	var got string
	p.Eval(`(() => { const s = document.querySelector(`+quote(sel)+`); if (!s) return "no list"; s.value = `+quote(value)+`; const got = s.value;
    s.dispatchEvent(new Event("input", {bubbles: true})); s.dispatchEvent(new Event("change", {bubbles: true})); return got })()`, &got)
	if got != value {
		p.Fail.Fatalf("%s has no option %q: %s", sel, value, got)
	}
}

// Value is what stands in a field.
func (p *Page) Value(sel string) string {
	p.Fail.Helper()
	return p.String("(document.querySelector(" + quote(sel) + ") || {value: ''}).value")
}

// Has says whether something fits the selector.
func (p *Page) Has(sel string) bool {
	p.Fail.Helper()
	return p.Bool("document.querySelector(" + quote(sel) + ")")
}

// Sees says whether the text stands visibly on the page.
func (p *Page) Sees(text string) bool {
	p.Fail.Helper()
	flat := func(s string) string { return strings.Join(strings.Fields(s), " ") }
	return strings.Contains(flat(p.Text("body")), flat(text))
}

// Text is the visible text of the first element of a selector.
func (p *Page) Text(sel string) string {
	p.Fail.Helper()
	return p.String("(document.querySelector(" + quote(sel) + ") || {innerText: ''}).innerText")
}

// Texts are the trimmed texts of all elements of a selector.
func (p *Page) Texts(sel string) []string {
	p.Fail.Helper()
	var out []string
	p.Eval("[...document.querySelectorAll("+quote(sel)+")].map(e => e.innerText.trim())", &out)
	return out
}

// Attr is an attribute of the first element of a selector.
func (p *Page) Attr(sel, name string) string {
	p.Fail.Helper()
	return p.String("(document.querySelector(" + quote(sel) + ") || document.createElement('i')).getAttribute(" + quote(name) + ") || ''")
}

// Title is the document's title.
func (p *Page) Title() string { p.Fail.Helper(); return p.String("document.title") }
