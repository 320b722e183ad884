package storefront

import (
	"io/fs"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/pelletier/go-toml/v2"

	"strongroom/base/lang"
)

var (
	usedKey = regexp.MustCompile(`[^\[]"(shop\.[a-z0-9_.]+)"[^:]`)
	madeKey = []string{"shop.sort_", "shop.cart_", "shop.code_", "shop.pledge_", "shop.basis_", "shop.shared_", "shop.merged_"} // keys that are put together at run time
	inText  = regexp.MustCompile(`\{[a-z_]+\}`)
)

// TestTextsAreCompleteAndUsed reads all templates and handlers: a key without a text in some language fails, and so
// does a text that no page shows.
func TestTextsAreCompleteAndUsed(t *testing.T) {
	used := map[string]bool{}
	for _, dir := range [...]string{".", "../parts"} {
		for _, f := range sources(t, dir) {
			for _, m := range usedKey.FindAllStringSubmatch(f, -1) {
				used[m[1]] = true
			}
		}
	}
	en, de := readTexts(t, "en"), readTexts(t, "de")
	for key := range used {
		if strings.HasSuffix(key, "_") || strings.HasSuffix(key, ".css") {
			continue
		}
		for code, texts := range map[string]map[string]string{"en": en, "de": de} {
			if texts[key] == "" && texts[key+".other"] == "" {
				t.Errorf("%s has no text for %s", code, key)
			}
		}
	}
	for key, text := range en {
		plain := strings.TrimSuffix(strings.TrimSuffix(key, ".other"), ".one")
		if !used[plain] && !isMade(key) {
			t.Errorf("no page shows %s", key)
		}
		if a, b := params(text), params(de[key]); a != b {
			t.Errorf("%s has the parameters %s in English and %s in German", key, a, b)
		}
	}
	if len(en) != len(de) {
		t.Errorf("%d English texts and %d German ones", len(en), len(de))
	}
}

func isMade(key string) bool {
	for _, p := range madeKey {
		if strings.HasPrefix(key, p) {
			return true
		}
	}
	return false
}

func params(text string) string {
	set := map[string]bool{}
	for _, m := range inText.FindAllString(text, -1) {
		set[m] = true
	}
	var names []string
	for m := range set {
		names = append(names, m)
	}
	slices.Sort(names)
	return strings.Join(names, " ")
}

func sources(t *testing.T, dir string) []string {
	t.Helper()
	var out []string
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		n := e.Name()
		if strings.HasSuffix(n, "_test.go") || strings.HasSuffix(n, "_templ.go") || !strings.HasSuffix(n, ".go") && !strings.HasSuffix(n, ".templ") {
			continue
		}
		b, err := os.ReadFile(path.Join(dir, n))
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, string(b))
	}
	return out
}

func readTexts(t *testing.T, code string) map[string]string {
	t.Helper()
	files, err := fs.Glob(lang.Messages(), code+"/*.toml")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	all := map[string]string{}
	for _, name := range files { // some subjects have a file of their own, for the shop, the desk and the letters
		b, err := fs.ReadFile(lang.Messages(), name)
		if err != nil {
			t.Fatal(err)
		}
		var m map[string]string
		if err := toml.Unmarshal(b, &m); err != nil {
			t.Fatal(err)
		}
		for key, text := range m {
			if strings.HasPrefix(key, "shop.") {
				all[key] = text
			}
		}
	}
	return all
}

// A letter is read anywhere: every link of a page that goes into one is whole.
func TestPagesInLettersHaveWholeLinks(t *testing.T) {
	in := "See [returns](returns#how), [the goods](/en/c/pantry), [above](#top), <b>[us](mailto:a@shop.example)</b>\n" +
		"[there](https://x.example/y), [the law] and ![a](../pic.png \"t\").\n\n[the law]: ./withdrawal-notice\n"
	want := "See [returns](https://shop.example/en/returns#how), [the goods](https://shop.example/en/c/pantry), [above](https://shop.example/en/terms#top), <b>[us](mailto:a@shop.example)</b>\n" +
		"[there](https://x.example/y), [the law] and ![a](https://shop.example/pic.png \"t\").\n\n[the law]: https://shop.example/en/withdrawal-notice\n"
	if got := whole(in, "https://shop.example/en/terms"); got != want {
		t.Errorf("%s", got)
	}
}
