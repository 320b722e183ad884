package main

import (
	"bytes"
	"context"
	"crypto/x509"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"strongroom/tools/shopper"
)

// The newcomer's way: buy something in the demo, see its mail in the outbox, open the order through the mailed link;
// stop, start again, and all of it is still there, while no file of the folder shows who bought.
func TestDemoFromShelfToMailedLink(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	d := startDemo(t, filepath.Join(t.TempDir(), "demo"))
	const mail = "ada.planted@example.org"
	o, err := guest(t, d).Buy(ctx, d.Shop, "/en/p/wall-calendar", buyer(mail), shopper.Paid)
	if err != nil || o.Number == "" {
		t.Fatalf("buying: %v\n%s", err, d.log)
	}
	letter := waitForMail(ctx, t, d, mail)
	if !strings.Contains(letter, o.Number) {
		t.Errorf("the confirmation does not name order %s", o.Number)
	}
	opensOrder(ctx, t, d, letter, o.Number)
	d.stop(t)

	noFileShows(t, d.Data, mail, "Löwenherz", "Pflanzweg 77")
	again := startDemo(t, d.Data, "--listen", d.Listen)
	if kept := waitForMail(ctx, t, again, mail); !strings.Contains(kept, o.Number) {
		t.Error("the second start has lost the mail")
	}
	again.stop(t)
	if strings.Contains(d.log.String()+again.log.String(), "ada.planted") {
		t.Error("the log names the buyer")
	}
}

// guest is a new browser.
func guest(t *testing.T, d *demo) *shopper.Shopper {
	t.Helper()
	pem, err := os.ReadFile(d.CA)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(pem)
	n := shopper.NewNetwork(roots, 8)
	t.Cleanup(n.Close)
	return n.New("")
}

// waitForMail is the page of the first mail to the address.
func waitForMail(ctx context.Context, t *testing.T, d *demo, to string) string {
	t.Helper()
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for {
		_, _, list := d.get(t, d.Outbox+"/")
		for _, entry := range strings.Split(list, "<li>") {
			if _, rest, ok := strings.Cut(entry, `href="/mail/`); ok && strings.Contains(entry, to) {
				name, _, _ := strings.Cut(rest, `"`)
				status, _, page := d.get(t, d.Outbox+"/mail/"+name)
				if status != 200 {
					t.Fatalf("mail page: %d", status)
				}
				if status, h, _ := d.get(t, d.Outbox+"/mail/"+name+"/html"); status != 200 || !strings.Contains(h.Get("Content-Security-Policy"), "sandbox") {
					t.Errorf("HTML part: %d %v", status, h)
				}
				return page
			}
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			t.Fatalf("no mail to %s\n%s", to, d.log)
		}
	}
}

// opensOrder follows the mailed link: a button first, then the order.
func opensOrder(ctx context.Context, t *testing.T, d *demo, letter, number string) {
	t.Helper()
	_, rest, ok := strings.Cut(letter, d.Shop+"/en/order/open/")
	if !ok {
		t.Fatal("the mail has no link to the order")
	}
	token, _, _ := strings.Cut(rest, `"`)
	other := guest(t, d)
	page, err := other.Get(ctx, d.Shop+"/en/order/open/"+token)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(page.Body), number) {
		t.Error("the link shows the order before the button is pressed")
	}
	f, err := page.Form("/order/open")
	if err != nil {
		t.Fatal(err)
	}
	shown, err := other.Submit(ctx, f, nil)
	if err != nil || !strings.Contains(string(shown.Body), number) {
		t.Errorf("the order does not open: %v", err)
	}
}

// noFileShows searches every file of a folder for values that must be sealed.
func noFileShows(t *testing.T, folder string, values ...string) {
	t.Helper()
	err := filepath.Walk(folder, func(path string, info os.FileInfo, err error) error {
		if err != nil || !info.Mode().IsRegular() {
			return err
		}
		b, err := os.ReadFile(path)
		for _, v := range values {
			if bytes.Contains(b, []byte(v)) {
				t.Errorf("%s shows %q", filepath.Base(path), v)
			}
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

// buyer is a person in Germany with an address that passes.
func buyer(mail string) shopper.Person {
	who := shopper.Somebody(mail)
	who["street"], who["line1"] = "Pflanzweg 77", "Pflanzweg 77" // no maker of the sample's goods lives there
	return who
}
