// Command look takes pictures of every page of the shop, in both languages, on a wide and a narrow screen, light and
// dark, so that a person can look at them. It starts the real demo and walks through it as a shopper does, and then as
// its owner does at the desk.
//
//	go run ./tools/look -out DIR [-lang en,de] [-only PART-OF-NAME] [-walk shop,account,desk,house,guard] [-demo FILE]
//
// -demo uses a demo that runs already, by a file with what its --json printed.
//
// The files are called NAME-LANGUAGE-WIDTH-THEME.png. Needs chromium.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"strongroom/base/lang"
	"strongroom/tools/journey/chrome"
	"strongroom/tools/journey/stage"
	"strongroom/tools/journey/tour"
)

func main() {
	out := flag.String("out", "", "folder of the pictures")
	langs := flag.String("lang", "en,de", "languages")
	only := flag.String("only", "", "only pages whose name holds this")
	walks := flag.String("walk", "shop,account,desk,house", "whose pages")
	attach := flag.String("demo", "", "file with the line of a running demo")
	flag.Parse()
	if *out == "" {
		flag.Usage()
		os.Exit(2)
	}
	if err := run(*out, strings.Split(*langs, ","), *only, *walks, *attach); err != nil {
		fmt.Fprintln(os.Stderr, "look:", err)
		os.Exit(1)
	}
}

// views are the ways to look at a page.
var views = [...]struct {
	width, height int64
	dark          bool
}{{1280, 900, false}, {1280, 900, true}, {390, 844, false}, {390, 844, true}}

func run(out string, langs []string, only, walks, attach string) (err error) {
	defer func() {
		if r := recover(); r != nil {
			f, ok := r.(failure)
			if !ok {
				panic(r)
			}
			err = f
		}
	}()
	if err := os.MkdirAll(out, 0o755); err != nil {
		return err
	}
	for _, code := range langs {
		for _, w := range []walk{{"shop", tour.Walk}, {"account", account}, {"desk", tour.Office}, {"house", tour.House}, {"guard", guard}} {
			if !strings.Contains(walks, w.name) {
				continue
			}
			if err := look(out, code, only, attach, w); err != nil {
				return err
			}
		}
	}
	return nil
}

// walk is a way past pages.
type walk struct {
	name string
	past func(*tour.Guide, tour.Stop)
}

// account is the way past the pages of an account.
func account(g *tour.Guide, stop tour.Stop) {
	who := tour.Somebody()
	tour.Account(g, who.Email, tour.Passphrase, stop)
	tour.Own(g, who, stop)
	tour.Limited(g, stop)
}

// guard is the way past what the defence against stolen cards shows.
func guard(g *tour.Guide, stop tour.Stop) {
	tour.SetUp(g, 0, func(string) {})
	tour.Guard(g, stop)
}

// look takes the pictures of one walk in one language. Each has a demo of its own: a desk is set up once, and speaks the
// language of who did it.
func look(out, code, only, attach string, w walk) error {
	temp, err := os.MkdirTemp("", "strongroom-look")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(temp) }()
	demo, err := begin(temp, attach)
	if err != nil {
		return err
	}
	defer demo.Stop()
	keys, err := demo.Keys()
	if err != nil {
		return err
	}
	browser, err := chrome.Open(context.Background(), keys)
	if err != nil {
		return err
	}
	defer browser.Close()
	texts, err := lang.Load(lang.Messages())
	if err != nil {
		return err
	}
	p := browser.Page(stopper{}, chrome.Options{Width: 1280, Height: 900, Language: code})
	defer p.Close()
	g := &tour.Guide{Page: p, Demo: demo, P: texts.For(code), Lang: code}
	n := 0
	w.past(g, func(name string) {
		n++
		if strings.Contains(name, only) {
			shoot(g, out, fmt.Sprintf("%02d-%s-%s", n, name, code))
		}
	})
	return nil
}

func begin(temp, attach string) (*stage.Demo, error) {
	if attach != "" {
		line, err := os.ReadFile(attach)
		if err != nil {
			return nil, err
		}
		return stage.Attach(line)
	}
	bin, err := stage.Build(context.Background(), temp)
	if err != nil {
		return nil, err
	}
	return stage.Start(bin, filepath.Join(temp, "demo"))
}

// fresh are the pages that are loaded anew for each picture, because script fits them to the window when they come.
var fresh = []string{"home", "category", "search", "product"}

// shoot takes the pictures of one stop and leaves the page as it was.
func shoot(g *tour.Guide, out, name string) {
	for _, v := range views {
		g.Size(v.width, v.height)
		g.Theme(v.dark)
		if slices.ContainsFunc(fresh, func(f string) bool { return strings.Contains(name, "-"+f) }) {
			g.Reload()
		}
		theme := map[bool]string{false: "light", true: "dark"}[v.dark]
		file := filepath.Join(out, fmt.Sprintf("%s-%d-%s.png", name, v.width, theme))
		if err := os.WriteFile(file, g.Whole(), 0o644); err != nil {
			panic(failure{err.Error()})
		}
	}
	g.Size(1280, 900)
	g.Theme(false)
	fmt.Println(name)
	for _, t := range g.Troubles() {
		fmt.Println("   the browser reports:", t)
	}
}

// stopper ends the program where a test would fail.
type stopper struct{}

type failure struct{ text string }

// Error implements error.
func (f failure) Error() string { return f.text }

// Helper implements chrome.Failer.
func (stopper) Helper() {}

// Fatalf implements chrome.Failer.
func (stopper) Fatalf(format string, args ...any) { panic(failure{fmt.Sprintf(format, args...)}) }

// Logf implements chrome.Failer.
func (stopper) Logf(format string, args ...any) { fmt.Printf(format+"\n", args...) }
