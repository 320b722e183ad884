package chrome

import (
	"bytes"
	"context"
	"encoding/base64"
	"strings"

	"github.com/chromedp/cdproto/fetch"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// Inject puts markup at the end of every document that comes from now on, as an attacker would who got it past the
// shop. The document's headers, and so its policy, stay as they are.
func (p *Page) Inject(markup string) {
	p.Fail.Helper()
	chromedp.ListenTarget(p.ctx, func(event any) {
		if e, ok := event.(*fetch.EventRequestPaused); ok {
			go p.infect(e, markup) // the browser's loop must not wait for itself
		}
	})
	p.do(fetch.Enable().WithPatterns([]*fetch.RequestPattern{{URLPattern: "*", ResourceType: network.ResourceTypeDocument,
		RequestStage: fetch.RequestStageResponse}}))
}

func (p *Page) infect(e *fetch.EventRequestPaused, markup string) {
	err := p.try(chromedp.ActionFunc(func(ctx context.Context) error {
		if e.ResponseStatusCode != 200 {
			return fetch.ContinueRequest(e.RequestID).Do(ctx)
		}
		body, err := fetch.GetResponseBody(e.RequestID).Do(ctx)
		if err != nil {
			return err
		}
		body = bytes.Replace(body, []byte("</main>"), []byte(markup+"</main>"), 1)
		var headers []*fetch.HeaderEntry
		for _, h := range e.ResponseHeaders {
			if n := strings.ToLower(h.Name); n != "content-length" && n != "content-encoding" {
				headers = append(headers, h)
			}
		}
		return fetch.FulfillRequest(e.RequestID, e.ResponseStatusCode).WithResponseHeaders(headers).
			WithBody(base64.StdEncoding.EncodeToString(body)).Do(ctx)
	}))
	if err != nil {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.trouble("nothing was injected: %v", err)
	}
}
