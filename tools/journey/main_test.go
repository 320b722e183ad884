//go:build browser

package journey

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"strongroom/base/lang"
	"strongroom/tools/journey/chrome"
	"strongroom/tools/journey/stage"
	"strongroom/tools/journey/tour"
)

// What the whole test binary shares: one program, one demo, one browser, the texts.
var (
	demo   *stage.Demo
	tab    *chrome.Browser
	texts  *lang.Catalog
	axe    string
	shared string // folder of the program and of the shared demo
	// program builds what all demos of this run are started from, once.
	program = sync.OnceValues(func() (string, error) {
		if processes() > 1 {
			return stage.BuildNode(context.Background(), shared)
		}
		return stage.Build(context.Background(), shared)
	})
	// slots bound how many journeys run at once. One waits for pages and mails about half of its time, so three keep two
	// cores busy.
	slots = make(chan struct{}, 3)
)

func TestMain(m *testing.M) {
	code, err := run(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, "the journeys cannot begin:", err)
		code = 1
	}
	os.Exit(code)
}

func run(m *testing.M) (int, error) {
	folder, err := os.MkdirTemp("", "strongroom-journey")
	if err != nil {
		return 0, err
	}
	defer func() { _ = os.RemoveAll(folder) }()
	shared = folder
	source, err := os.ReadFile("../browser/node_modules/axe-core/axe.min.js")
	if err != nil {
		return 0, fmt.Errorf("axe-core is missing; install it with: tools/ci/deps.sh (%w)", err)
	}
	axe = string(source)
	if texts, err = lang.Load(lang.Messages()); err != nil {
		return 0, err
	}
	if demo, err = begin(folder); err != nil {
		return 0, err
	}
	defer demo.Stop()
	keys, err := demo.Keys()
	if err != nil {
		return 0, err
	}
	if tab, err = chrome.Open(context.Background(), keys); err != nil {
		return 0, err
	}
	defer tab.Close()
	return m.Run(), nil
}

// begin starts the demo; with STRONGROOM_CLUSTER=3 a demo store of three processes on PostgreSQL; or uses one that runs
// already, while journeys are being written: STRONGROOM_JOURNEY_DEMO names a
// file with the line that its --json printed.
func begin(folder string) (*stage.Demo, error) {
	if name := os.Getenv("STRONGROOM_JOURNEY_DEMO"); name != "" {
		line, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		return stage.Attach(line)
	}
	bin, err := program()
	if err != nil {
		return nil, err
	}
	at := filepath.Join(folder, "demo")
	if n := processes(); n > 1 {
		return stage.StartCluster(context.Background(), bin, at, os.Getenv("STRONGROOM_TEST_POSTGRES"), n, false)
	}
	return stage.Start(bin, at)
}

// processes is how many of them a demo has.
func processes() int {
	n, _ := strconv.Atoi(os.Getenv("STRONGROOM_CLUSTER"))
	return n
}

// sameCertificates gives a demo that is still to begin those of the shared one, which the browser trusts already.
func sameCertificates(folder string) error {
	to := filepath.Join(folder, "demo", "tls")
	if err := os.MkdirAll(to, 0o700); err != nil {
		return err
	}
	from := filepath.Dir(demo.CA)
	list, err := os.ReadDir(from)
	if err != nil {
		return err
	}
	for _, f := range list {
		b, err := os.ReadFile(filepath.Join(from, f.Name()))
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(to, f.Name()), b, 0o600); err != nil {
			return err
		}
	}
	return nil
}

// way is one way to use the shop.
type way struct {
	name string
	o    chrome.Options
}

// ways are with script and without, on a desk and in the hand.
var ways = []way{
	{"script/1280", chrome.Options{Width: 1280, Height: 900}},
	{"script/390", chrome.Options{Width: 390, Height: 844}},
	{"no-script/1280", chrome.Options{Width: 1280, Height: 900, NoScript: true}},
	{"no-script/390", chrome.Options{Width: 390, Height: 844, NoScript: true}},
}

// everyWay runs a journey in English in every way, each in a fresh profile: the one journey that everything rests on.
func everyWay(t *testing.T, journey func(t *testing.T, g *tour.Guide)) {
	t.Parallel()
	inWays(t, ways, journey)
}

// otherWays is twoWays on the other diagonal: script in the hand, and none on the desk. Journeys take turns in which of
// the two they use every day; "make journeys" has all four for both.
func otherWays(t *testing.T, journey func(t *testing.T, g *tour.Guide)) {
	t.Parallel()
	list := []way{ways[1], ways[2]}
	if everyLook {
		list = ways
	}
	inWays(t, list, journey)
}

// twoWays is everyWay for what differs by script more than by width.
func twoWays(t *testing.T, journey func(t *testing.T, g *tour.Guide)) {
	t.Parallel()
	list := []way{ways[0], ways[3]}
	if everyLook {
		list = ways
	}
	inWays(t, list, journey)
}

func inWays(t *testing.T, list []way, journey func(t *testing.T, g *tour.Guide)) {
	for _, w := range list {
		t.Run(w.name, func(t *testing.T) {
			t.Parallel()
			turn(t)
			journey(t, guide(t, "en", w.o))
		})
	}
}

// turn waits until few enough journeys run. Who then waits for something that needs no browser may end its turn early.
func turn(t *testing.T) (end func()) {
	slots <- struct{}{}
	begun := time.Now()
	end = sync.OnceFunc(func() {
		<-slots
		t.Logf("at work for %.1f s", time.Since(begun).Seconds())
	})
	t.Cleanup(end)
	return end
}

// guide opens a page in a fresh profile. When the test ends, whatever the page complained about fails it, and a failed
// test leaves a picture.
func guide(t *testing.T, code string, o chrome.Options) *tour.Guide {
	t.Helper()
	o.Language = code
	g := &tour.Guide{Page: tab.Page(t, o), Demo: demo, P: texts.For(code), Lang: code}
	t.Cleanup(func() {
		for _, trouble := range g.Troubles() {
			t.Errorf("the browser reports: %s", trouble)
		}
		if t.Failed() {
			leave(t, g)
		}
		g.Close()
	})
	return g
}

// leave keeps what the page looked like when a journey failed.
func leave(t *testing.T, g *tour.Guide) {
	folder := filepath.Join(os.TempDir(), "strongroom-journeys")
	if err := os.MkdirAll(folder, 0o700); err != nil {
		t.Log(err)
		return
	}
	name := strings.NewReplacer("/", "_", " ", "_").Replace(t.Name())
	g.Dump(folder, name)
	t.Logf("the page as it was: %s", filepath.Join(folder, name+".png"))
	if lines := strings.Split(strings.TrimSpace(demo.Log()), "\n"); len(lines) > 0 {
		t.Logf("the demo's last words:\n%s", strings.Join(lines[max(0, len(lines)-8):], "\n"))
	}
}

// same reports a difference.
func same[T comparable](t *testing.T, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}
