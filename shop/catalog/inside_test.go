package catalog

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"strongroom/base/id"
	"strongroom/base/money"
)

// The lowest price is the least of what a customer could have paid at any minute of the 30 days.
func TestLowestPriceIsWhatAClockWouldHaveSeen(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
		var history []PriceChange
		at := start
		for range rapid.IntRange(0, 8).Draw(r, "changes") {
			at = at.Add(time.Duration(rapid.IntRange(0, 20*24).Draw(r, "hours")) * time.Hour)
			history = append(history, PriceChange{At: at, Price: money.Amount(rapid.IntRange(1, 50).Draw(r, "price"))})
		}
		began := start.Add(time.Duration(rapid.IntRange(0, 120*24).Draw(r, "began")) * time.Hour)
		var want money.Amount
		seen := false
		for m := began.Add(-priorPeriod); m.Before(began); m = m.Add(time.Hour) {
			p, ok := priceAt(history, m)
			if ok && (!seen || p < want) {
				want, seen = p, true
			}
		}
		if got, ok := lowest(history, began); ok != seen || got != want {
			r.Fatalf("got %d %v, want %d %v", got, ok, want, seen)
		}
	})
}

func priceAt(history []PriceChange, m time.Time) (p money.Amount, ok bool) {
	for _, c := range history {
		if !c.At.After(m) {
			p, ok = c.Price, true
		}
	}
	return p, ok
}

func TestAReductionKeepsItsBeginning(t *testing.T) {
	day := func(n int) time.Time { return time.Date(2026, 3, 1+n, 12, 0, 0, 0, time.UTC) }
	history := []PriceChange{{At: day(0), Price: 100}, {At: day(10), Price: 80}, {At: day(20), Price: 100}}
	since, low := reduction(variantRow{price: 100}, true, 70, 100, history, day(30))
	if low != 80 || !since.Equal(day(30)) {
		t.Fatalf("%d %v", low, since)
	}
	on := variantRow{price: 70, was: 100, reducedAt: day(30), lowest: 80}
	further := append(slices.Clone(history), PriceChange{At: day(30), Price: 70})
	if since, low = reduction(on, true, 60, 100, further, day(40)); low != 80 || !since.Equal(day(30)) {
		t.Errorf("going on: %d %v", low, since)
	}
	if since, low = reduction(on, true, 75, 100, further, day(40)); low != 70 || !since.Equal(day(40)) {
		t.Errorf("a price that rises begins anew: %d %v", low, since)
	}
	if since, low = reduction(on, true, 90, 0, further, day(40)); low != 0 || !since.IsZero() {
		t.Errorf("ended: %d %v", low, since)
	}
	if _, low = reduction(variantRow{}, false, 70, 95, nil, day(40)); low != 95 {
		t.Errorf("without a history: %d", low)
	}
}

func TestDistance(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want int
	}{{"", "", 0}, {"a", "", 1}, {"teller", "teller", 0}, {"teller", "tleler", 1}, {"teller", "tell", 2}, {"kanne", "tanne", 1},
		{"ab", "ba", 1}, {"abcd", "badc", 2}, {"abc", "xyz", 3}, {"äöü", "äü", 1}} {
		if got := distance([]rune(c.a), []rune(c.b), 2); got != min(c.want, 3) {
			t.Errorf("%s %s: %d", c.a, c.b, got)
		}
		if back := distance([]rune(c.b), []rune(c.a), 2); back != min(c.want, 3) {
			t.Errorf("%s %s: %d", c.b, c.a, back)
		}
	}
}

func TestDocumentsComeBackAsTheyWent(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	v := id.New(time.Unix(1, 0), nil)
	img := Image{"n", "Alt;=", 640, 480, []int{320, 640}}
	for range 50 {
		d := Product{ID: v, Handle: "h", Title: "Ü", Summary: "", Description: "a\nb", Facts: []Fact{{"", "x"}, {"a", ""}},
			Options:  []Option{{"k", "K", []Value{{"a", "A"}}}},
			Variants: []Variant{{ID: v, SKU: "s", Values: []Value{{"a", "A"}}, Price: money.Amount(r.Int64N(1e12)), WeightGrams: -1}},
			Images:   []Image{img, {}}, Popularity: r.Int64(), PublishedAt: time.UnixMicro(r.Int64N(1e15)).UTC(), UpdatedAt: time.Time{}}
		doc := packPage(d)
		got, err := unpackPage(doc)
		if err != nil || packPage(got) != doc || got.Variants[0].Price != d.Variants[0].Price || got.Images[0].Alt != "Alt;=" {
			t.Fatalf("%+v %v", got, err)
		}
		if _, err := unpackPage(doc[:r.IntN(len(doc))]); err == nil {
			t.Fatal("a cut document was read")
		}
	}
}

func FuzzCursor(f *testing.F) {
	f.Add(cursor{sort: 'p', number: 7, product: id.ID{1}}.String(), byte('p'))
	f.Add(cursor{sort: 'a', name: []byte{1, 2}, product: id.ID{1}}.String(), byte('a'))
	f.Fuzz(func(t *testing.T, s string, sort byte) {
		c, err := parseCursor(s, sort)
		if err == nil && c.String() != s {
			t.Fatalf("%q was read as %q", s, c.String())
		}
	})
}

func FuzzImage(f *testing.F) {
	f.Add([]byte("\x89PNG\r\n\x1a\n"))
	f.Add([]byte("\xff\xd8\xff\xe1\x00\x10Exif\x00\x00II*\x00\x08\x00\x00\x00"))
	f.Fuzz(func(t *testing.T, data []byte) {
		c, err := checkImage(data)
		if err == nil && (c.width < 1 || c.height < 1 || int64(c.width)*int64(c.height) > maxPixels) {
			t.Fatalf("%+v passed", c)
		}
		if o := orientation(data); o < 1 || o > 8 {
			t.Fatalf("orientation %d", o)
		}
		if err == nil && c.width*c.height < 1_000_000 {
			if sizes, err := draw(data); err == nil && len(sizes) == 0 {
				t.Fatal("drawn to nothing")
			}
		}
	})
}

func FuzzDocument(f *testing.F) {
	f.Add(packCard(Card{Handle: "a", Image: Image{"n", "a", 1, 1, []int{1}}}))
	f.Fuzz(func(t *testing.T, doc string) {
		_, _ = unpackCard(doc)
		_, _ = unpackPage(doc)
		_, _ = unpackItem(doc)
	})
}
