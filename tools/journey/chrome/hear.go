package chrome

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/chromedp/cdproto/audits"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
)

// failedFile is a message of the network that is only a trouble if it is not about a document.
type failedFile struct{ address, text string }

// hear notes what the browser reports. It runs on the browser's own loop and must not ask it anything.
func (p *Page) hear(event any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		p.asked = append(p.asked, e.Request.URL)
	case *network.EventResponseReceived:
		if e.Type == network.ResourceTypeDocument {
			p.statuses[e.Response.URL] = e.Response.Status
		} else if e.Response.Status >= 400 {
			p.trouble("%s came with status %d", e.Response.URL, e.Response.Status)
		}
	case *runtime.EventExceptionThrown:
		p.trouble("script: %s", e.ExceptionDetails.Error())
	case *runtime.EventConsoleAPICalled:
		if e.Type == runtime.APITypeError || e.Type == runtime.APITypeAssert {
			p.trouble("console: %v", e.Args)
		}
	case *log.EventEntryAdded:
		p.entry(e.Entry)
	case *audits.EventIssueAdded:
		p.issue(e.Issue)
	}
}

func (p *Page) entry(e *log.Entry) {
	if e.Level != log.LevelError {
		return
	}
	if e.Source == log.SourceNetwork { // the page of an error comes with its status; that is no trouble
		p.pending = append(p.pending, failedFile{e.URL, e.Text})
		return
	}
	p.trouble("%s: %s %s", e.Source, e.Text, e.URL)
}

func (p *Page) issue(i *audits.InspectorIssue) {
	if d := i.Details.ContentSecurityPolicyIssueDetails; d != nil && !d.IsReportOnly {
		p.trouble("content security policy: %s %s", d.ViolatedDirective, d.BlockedURL)
	}
}

func (p *Page) trouble(format string, args ...any) {
	p.troubles = append(p.troubles, fmt.Sprintf(format, args...))
}

// Troubles are the errors that were noted since the last call, each once.
func (p *Page) Troubles() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, f := range p.pending {
		if _, document := p.statuses[f.address]; !document {
			p.trouble("network: %s %s", f.text, f.address)
		}
	}
	out := p.troubles
	p.troubles, p.pending = nil, nil
	slices.Sort(out)
	return slices.Compact(out)
}

// Hosts are the authorities that anything was requested from, each once.
func (p *Page) Hosts() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	var out []string
	for _, a := range p.asked {
		u, err := url.Parse(a)
		if err != nil || u.Scheme == "data" || u.Scheme == "about" || strings.HasPrefix(a, "blob:") {
			continue
		}
		if h := u.Scheme + "://" + u.Host; !slices.Contains(out, h) {
			out = append(out, h)
		}
	}
	slices.Sort(out)
	return out
}
