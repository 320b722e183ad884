package chrome

import (
	"context"
	"os"
	"path/filepath"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/dom"
	"github.com/chromedp/chromedp"
)

// Upload chooses a file for a field, as the dialog of the browser does.
func (p *Page) Upload(sel, name string, data []byte) {
	p.Fail.Helper()
	dir, err := os.MkdirTemp("", "strongroom-upload")
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, name), data, 0o600)
	}
	if err != nil {
		p.Fail.Fatalf("%v", err)
	}
	p.uploads = append(p.uploads, dir)
	p.do(chromedp.ActionFunc(func(ctx context.Context) error {
		root, err := dom.GetDocument().Do(ctx)
		if err != nil {
			return err
		}
		var node cdp.NodeID
		if node, err = dom.QuerySelector(root.NodeID, sel).Do(ctx); err != nil {
			return err
		}
		return dom.SetFileInputFiles([]string{filepath.Join(dir, name)}).WithNodeID(node).Do(ctx)
	}))
}
