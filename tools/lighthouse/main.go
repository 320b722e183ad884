// Command lighthouse measures the pages of the demo with Google's Lighthouse, several times each, and prints the medians
// of its four scores as a table. It is run by hand, not with the tests: its speed scores depend on what else the machine
// does.
//
//	go run ./tools/lighthouse [-runs 3] [-form mobile|desktop] [-modules FOLDER]
//
// Lighthouse is installed by npm into a folder of the user's cache unless -modules names one that has it. Needs
// chromium, node and npm.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"strongroom/base/lang"
	"strongroom/tools/journey/chrome"
	"strongroom/tools/journey/stage"
	"strongroom/tools/journey/tour"
)

// version is the last one that runs on Debian's node.
const version = "12.8.2"

// kinds are Lighthouse's categories, in the order of the table.
var kinds = [...]string{"performance", "accessibility", "best-practices", "seo"}

func main() {
	runs := flag.Int("runs", 3, "times each page is measured")
	form := flag.String("form", "mobile", "mobile or desktop")
	modules := flag.String("modules", "", "folder with node_modules/lighthouse")
	flag.Parse()
	if err := run(*runs, *form, *modules); err != nil {
		fmt.Fprintln(os.Stderr, "lighthouse:", err)
		os.Exit(1)
	}
}

func run(runs int, form, modules string) error {
	temp, err := os.MkdirTemp("", "strongroom-lighthouse")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(temp) }()
	if modules, err = install(modules); err != nil {
		return err
	}
	bin, err := stage.Build(context.Background(), temp)
	if err != nil {
		return err
	}
	demo, err := stage.Start(bin, filepath.Join(temp, "demo"))
	if err != nil {
		return err
	}
	defer demo.Stop()
	keys, err := demo.Keys()
	if err != nil {
		return err
	}
	cookie, err := fill(demo, keys)
	if err != nil {
		return err
	}
	fmt.Printf("%-12s %s\n", form, strings.Join(kinds[:], "  "))
	for _, page := range []struct{ name, path, cookie string }{{"home", "/en/", ""}, {"category", "/en/c/tableware", ""},
		{"product", "/en/p/morning-bowl", ""}, {"search", "/en/search?q=bowl", ""}, {"cart", "/en/cart", cookie}, {"checkout", "/en/checkout", cookie}} {
		m := measurement{modules: modules, temp: temp, form: form, keys: keys, cookie: page.cookie}
		if err := m.median(page.name, demo.Shop+page.path, runs); err != nil {
			return err
		}
	}
	return nil
}

// install finds Lighthouse or has npm fetch it.
func install(modules string) (string, error) {
	if modules == "" {
		cache, err := os.UserCacheDir()
		if err != nil {
			return "", err
		}
		modules = filepath.Join(cache, "strongroom-lighthouse")
	}
	if _, err := os.Stat(filepath.Join(modules, "node_modules", "lighthouse")); err == nil {
		return modules, nil
	}
	if err := os.MkdirAll(modules, 0o755); err != nil {
		return "", err
	}
	out, err := exec.Command("npm", "install", "--prefix", modules, "--silent", "--no-audit", "--no-fund", "lighthouse@"+version).CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("npm: %w\n%s", err, out)
	}
	return modules, nil
}

// fill puts something into a cart and returns its cookie, so that cart and checkout have something to show.
func fill(demo *stage.Demo, keys []string) (string, error) {
	b, err := chrome.Open(context.Background(), keys)
	if err != nil {
		return "", err
	}
	defer b.Close()
	texts, err := lang.Load(lang.Messages())
	if err != nil {
		return "", err
	}
	g := &tour.Guide{Page: b.Page(stopper{}, chrome.Options{NoScript: true}), Demo: demo, P: texts.For("en"), Lang: "en"}
	g.Add(tour.WithOptions)
	g.Add(tour.Plain)
	var out []string
	for _, c := range g.Cookies() {
		out = append(out, c.Name+"="+c.Value)
	}
	return strings.Join(out, "; "), nil
}

// measurement is how to run Lighthouse on one page.
type measurement struct {
	modules, temp, form, cookie string
	keys                        []string
}

// report is what is read of Lighthouse's answer.
type report struct {
	Categories map[string]struct {
		Score     float64
		AuditRefs []struct{ ID string }
	}
	Audits map[string]struct {
		Title string
		Score *float64
	}
}

// median prints the medians of a page, and below them every check outside the speed that did not pass.
func (m measurement) median(name, address string, runs int) error {
	scores := map[string][]float64{}
	failed := map[string]bool{}
	for range runs {
		r, err := m.once(address)
		if err != nil { // now and then it loses its own trace
			r, err = m.once(address)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		for _, k := range kinds {
			scores[k] = append(scores[k], 100*r.Categories[k].Score)
			for _, ref := range r.Categories[k].AuditRefs {
				if a := r.Audits[ref.ID]; a.Score != nil && *a.Score < 0.9 {
					failed[fmt.Sprintf("%s: %s (%s)", k, a.Title, ref.ID)] = true
				}
			}
		}
	}
	line := fmt.Sprintf("%-12s", name)
	for _, k := range kinds {
		slices.Sort(scores[k])
		line += fmt.Sprintf(" %*.0f ", len(k), scores[k][len(scores[k])/2])
	}
	fmt.Println(line)
	for f := range failed {
		fmt.Println("    " + f)
	}
	return nil
}

func (m measurement) once(address string) (r report, err error) {
	args := []string{address, "--quiet", "--output=json", "--output-path=stdout", "--only-categories=" + strings.Join(kinds[:], ","),
		"--chrome-flags=--headless=new --no-sandbox --disable-gpu --ignore-certificate-errors-spki-list=" + strings.Join(m.keys, ",") +
			" --user-data-dir=" + filepath.Join(m.temp, "profile")}
	if m.form == "desktop" {
		args = append(args, "--preset=desktop")
	}
	if m.cookie != "" {
		h, err := json.Marshal(map[string]string{"Cookie": m.cookie})
		if err != nil {
			return r, err
		}
		args = append(args, "--extra-headers="+string(h))
	}
	cmd := exec.Command(filepath.Join(m.modules, "node_modules", ".bin", "lighthouse"), args...)
	if path, err := exec.LookPath("chromium"); err == nil && os.Getenv("CHROME_PATH") == "" {
		cmd.Env = append(os.Environ(), "CHROME_PATH="+path)
	}
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil {
		return r, fmt.Errorf("%w\n%s", err, errs.String())
	}
	return r, json.Unmarshal(out.Bytes(), &r)
}

// stopper ends the program where a test would fail.
type stopper struct{}

// Helper implements chrome.Failer.
func (stopper) Helper() {}

// Fatalf implements chrome.Failer.
func (stopper) Fatalf(format string, args ...any) {
	fmt.Fprintf(os.Stderr, "lighthouse: "+format+"\n", args...)
	os.Exit(1)
}

// Logf implements chrome.Failer.
func (stopper) Logf(string, ...any) {}
