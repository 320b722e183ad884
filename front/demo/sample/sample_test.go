package sample

import (
	"encoding/csv"
	"fmt"
	"io/fs"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

const (
	categoryColumns = "slug,parent,position,title:en,title:de,intro:en,intro:de,image"
	productColumns  = "handle,category,title:en,title:de,summary:en,summary:de,description:en,description:de,facts:en,facts:de,tax_class,producer,eu_contact,option1:en,option1:de,value1:en,value1:de,option2:en,option2:de,value2:en,value2:de,sku,price,was_price,unit_amount,unit_base,weight_g,stock,images,image_alt:en,image_alt:de,popularity"
)

type row map[string]string

// read parses a table and holds it to its columns.
func read(t *testing.T, name, columns string) []row {
	t.Helper()
	f, err := FS().Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	lines, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(lines[0], ","); got != columns {
		t.Fatalf("%s has columns %s", name, got)
	}
	var rows []row
	for _, line := range lines[1:] {
		r := row{}
		for i, v := range line {
			r[lines[0][i]] = v
		}
		rows = append(rows, r)
	}
	return rows
}

// byHandle groups variants, in file order.
func byHandle(rows []row) (order []string, groups map[string][]row) {
	groups = map[string][]row{}
	for _, r := range rows {
		if len(groups[r["handle"]]) == 0 {
			order = append(order, r["handle"])
		}
		groups[r["handle"]] = append(groups[r["handle"]], r)
	}
	return order, groups
}

func needPicture(t *testing.T, name string) {
	t.Helper()
	for _, w := range []int{320, 640, 1200} {
		if _, err := fs.Stat(FS(), fmt.Sprintf("pictures/%s-%d.jpg", name, w)); err != nil {
			t.Error(err)
		}
	}
}

// needBoth wants a text in both languages.
func needBoth(t *testing.T, r row, columns ...string) {
	t.Helper()
	for _, c := range columns {
		for _, l := range []string{":en", ":de"} {
			if strings.TrimSpace(r[c+l]) == "" {
				t.Errorf("%s%s: %s%s is empty", r["handle"], r["slug"], c, l)
			}
		}
	}
}

func TestCategories(t *testing.T) {
	rows := read(t, "categories.csv", categoryColumns)
	if len(rows) != 6 {
		t.Errorf("%d categories, want 6", len(rows))
	}
	for _, r := range rows {
		needBoth(t, r, "title", "intro")
		needPicture(t, r["image"])
	}
}

func TestProducts(t *testing.T) {
	known := map[string]bool{}
	for _, c := range read(t, "categories.csv", categoryColumns) {
		known[c["slug"]] = true
	}
	order, groups := byHandle(read(t, "products.csv", productColumns))
	if len(order) < 55 {
		t.Errorf("%d products, want at least 55", len(order))
	}
	for _, h := range order {
		first := groups[h][0]
		needBoth(t, first, "title", "summary", "description", "facts", "image_alt")
		if !known[first["category"]] {
			t.Errorf("%s: unknown category %q", h, first["category"])
		}
		if tax := first["tax_class"]; tax != "standard" && tax != "reduced" {
			t.Errorf("%s: tax class %q", h, tax)
		}
		checkProducer(t, first)
		checkPictures(t, first)
		checkFacts(t, first)
		checkOptions(t, groups[h])
	}
}

func checkProducer(t *testing.T, r row) {
	t.Helper()
	for _, c := range []string{"producer", "eu_contact"} {
		if v := r[c]; v != "" && (strings.Count(v, ", ") != 4 || !strings.HasSuffix(v, ".example")) {
			t.Errorf("%s: %s is %q", r["handle"], c, v)
		}
	}
	if r["producer"] == "" {
		t.Errorf("%s: no producer", r["handle"])
	}
}

func checkPictures(t *testing.T, r row) {
	t.Helper()
	names := strings.Split(r["images"], ";")
	if len(names) < 2 {
		t.Errorf("%s: fewer than two pictures", r["handle"])
	}
	for _, n := range names {
		needPicture(t, n)
	}
	for _, l := range []string{":en", ":de"} {
		if n := len(strings.Split(r["image_alt"+l], ";")); n != len(names) {
			t.Errorf("%s: %d pictures but %d texts in image_alt%s", r["handle"], len(names), n, l)
		}
	}
}

func checkFacts(t *testing.T, r row) {
	t.Helper()
	en, de := strings.Split(r["facts:en"], "\n"), strings.Split(r["facts:de"], "\n")
	if len(en) != len(de) {
		t.Errorf("%s: %d facts in English, %d in German", r["handle"], len(en), len(de))
	}
	for _, line := range append(en, de...) {
		if label, value, ok := strings.Cut(line, ": "); !ok || label == "" || value == "" {
			t.Errorf("%s: fact %q", r["handle"], line)
		}
	}
}

// checkOptions wants names where there are values, and no two variants alike.
func checkOptions(t *testing.T, rows []row) {
	t.Helper()
	seen := map[string]bool{}
	for _, r := range rows {
		for _, n := range []string{"1", "2"} {
			named := rows[0]["option"+n+":en"] != "" && rows[0]["option"+n+":de"] != ""
			if valued := r["value"+n+":en"] != "" && r["value"+n+":de"] != ""; named != valued {
				t.Errorf("%s: option %s and its value do not go together", r["sku"], n)
			}
		}
		for _, l := range []string{":en", ":de"} {
			key := l + r["value1"+l] + "/" + r["value2"+l]
			if seen[key] {
				t.Errorf("%s: variant %s twice", r["handle"], key)
			}
			seen[key] = true
		}
	}
}

func TestVariants(t *testing.T) {
	price := regexp.MustCompile(`^\d+\.\d\d$`)
	unit := regexp.MustCompile(`^\d+ (g|ml)$`)
	skus, reduced, out := map[string]bool{}, 0, 0
	for _, r := range read(t, "products.csv", productColumns) {
		sku := r["sku"]
		if sku == "" || skus[sku] {
			t.Errorf("%s: sku %q is empty or taken", r["handle"], sku)
		}
		skus[sku] = true
		now, _ := strconv.ParseFloat(r["price"], 64)
		if !price.MatchString(r["price"]) || now <= 0 {
			t.Errorf("%s: price %q", sku, r["price"])
		}
		if was := r["was_price"]; was != "" {
			before, _ := strconv.ParseFloat(was, 64)
			if reduced++; !price.MatchString(was) || before <= now {
				t.Errorf("%s: was %s, is %s", sku, was, r["price"])
			}
		}
		if u := r["unit_amount"]; u != "" && (!unit.MatchString(u) || r["unit_base"] != "kg" && r["unit_base"] != "l") {
			t.Errorf("%s: unit %q of %q", sku, u, r["unit_base"])
		}
		if g, err := strconv.Atoi(r["weight_g"]); err != nil || g <= 0 {
			t.Errorf("%s: weight %q", sku, r["weight_g"])
		}
		n, err := strconv.Atoi(r["stock"])
		if err != nil || n < 0 {
			t.Errorf("%s: stock %q", sku, r["stock"])
		}
		if n == 0 {
			out++
		}
	}
	if reduced < 5 || out < 3 {
		t.Errorf("%d reduced and %d sold out: too few to show either", reduced, out)
	}
}

// The pictures travel inside the program, so their weight is everybody's.
func TestPicturesWeigh(t *testing.T) {
	var total int64
	err := fs.WalkDir(FS(), "pictures", func(_ string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if err == nil {
			total += info.Size()
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if total > 8_000_000 {
		t.Errorf("pictures weigh %d bytes, the limit is 8 MB", total)
	}
	for _, name := range []string{"home-wide-640", "home-wide-1200", "home-wide-1920", "home-tall-640", "home-tall-1200", "open-graph-1200"} {
		if _, err := fs.Stat(FS(), "pictures/"+name+".jpg"); err != nil {
			t.Error(err)
		}
	}
}
