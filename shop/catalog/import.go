package catalog

import (
	"context"
	"errors"
	"hash/maphash"
	"io"
	"io/fs"
	"os"
	"strconv"
	"strings"

	"strongroom/base/db"
	"strongroom/base/fault"
	"strongroom/guard/access"
)

// Options say how a file is imported.
type Options struct {
	// Progress is called now and then; nil for no calls.
	Progress func(Progress)
	// Images holds the pictures that the file names; nil if there are none.
	Images fs.FS
	// Rendered says that Images come with the program in sizes NAME-WIDTH.jpg and may be served as they are. Without it
	// every picture is drawn anew.
	Rendered bool
	// DryRun reads and checks everything and keeps nothing.
	DryRun bool
	// Recount sets the stock of variants that are there already. Without it only new variants get theirs.
	Recount bool
	// Actor is who imports; products, prices and (with Recount) stock are asked for.
	Actor access.Actor
}

// Progress says how far an import is.
type Progress struct {
	Checking  bool // the first reading: Total is not known yet
	Done      int  // products
	Total     int
	Unchanged int // of those that are done: were there already just so
}

// Report is what an import did or, when it was refused, found.
type Report struct {
	Categories int
	Products   int
	Variants   int
	Kept       int       // products that are new or were changed
	Unchanged  int       // products that were there already as the file has them
	Findings   []Finding // at most 200
}

// refused makes the fault of a file with findings.
func (r *Report) refused(t *table) error {
	r.Findings = t.findings[:min(len(t.findings), maxFindings)]
	return fault.New(fault.Invalid, "catalog.import_refused").With("n", len(r.Findings)).
		WithHint("nothing was imported; mend the lines that were named and import the file again")
}

var (
	productFields = []string{"handle", "category", "state", "tax_class", "producer", "eu_contact", "sku", "price", "was_price",
		"unit_amount", "unit_base", "weight_g", "stock", "max_per_order", "images", "popularity"}
	productTexts = []string{"title", "summary", "description", "facts", "option1", "value1", "option2", "value2", "option3",
		"value3", "image_alt"}
)

// Import keeps the products of a CSV file. The columns are handle, category, title:LANG, summary:LANG,
// description:LANG, facts:LANG, tax_class, producer, eu_contact, option1:LANG, value1:LANG (and 2, 3), sku, price,
// was_price, unit_amount, unit_base, weight_g, stock, images, image_alt:LANG, popularity, and, if wanted, state and
// max_per_order; one row for each variant, what belongs to the product on its first row.
//
// The file is read twice. The first reading checks every row and changes nothing: if anything is wrong, everything that
// is wrong is reported with line and column, and nothing is imported. The second keeps the products in batches, each in
// a transaction of its own; an import that is interrupted leaves whole products and can be run again: it passes over
// those that stand already as the file has them. Products are known by their handle and variants by their SKU, so that a
// second import of the same file changes nothing.
func (s *Service) Import(ctx context.Context, r io.Reader, o Options) (rep Report, err error) {
	defer fault.Wrap(&err, "catalog: import")
	file, done, err := rereadable(r)
	if err != nil {
		return rep, err
	}
	defer done()
	pics, err := findPictures(o)
	if err != nil {
		return rep, err
	}
	im := &importer{s: s, o: o, pics: pics, skus: map[uint64]uint32{}, handles: map[uint64]bool{}, seed: maphash.MakeSeed()}
	if im.sh, err = s.current(ctx); err != nil {
		return rep, err
	}
	if err := im.check(ctx, file, &rep); err != nil || o.DryRun {
		return rep, err
	}
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return rep, err
	}
	im.skus, im.handles = nil, nil // a million products have two million numbers
	err = im.keep(ctx, file, &rep)
	return rep, err
}

// rereadable makes a file that can be read twice of a stream.
func rereadable(r io.Reader) (io.ReadSeeker, func(), error) {
	if f, ok := r.(io.ReadSeeker); ok {
		if _, err := f.Seek(0, io.SeekCurrent); err == nil {
			return f, func() {}, nil
		}
	}
	f, err := os.CreateTemp("", "strongroom-import-*.csv")
	if err != nil {
		return nil, nil, err
	}
	done := func() { _ = f.Close(); _ = os.Remove(f.Name()) }
	if _, err = io.Copy(f, r); err == nil {
		_, err = f.Seek(0, io.SeekStart)
	}
	if err != nil {
		done()
		return nil, nil, err
	}
	return f, done, nil
}

// importer is one import under way.
type importer struct {
	s       *Service
	o       Options
	sh      *shelves
	pics    *pictures
	seed    maphash.Seed
	skus    map[uint64]uint32 // hash of SKU -> line
	handles map[uint64]bool
}

// rows of one product, with their lines.
type rows struct {
	row  [][]string
	line []int
}

// each reads the file product by product.
func (im *importer) each(r io.Reader, fn func(t *table, p rows) error) (*table, error) {
	t, err := openTable(r, columnsAre(productFields, productTexts), "handle", "sku", "price")
	if err != nil || len(t.findings) > 0 {
		return t, ignoreEnough(err)
	}
	var p rows
	flush := func() error {
		if len(p.row) == 0 {
			return nil
		}
		err := fn(t, p)
		p = rows{}
		return err
	}
	for {
		row, err := t.next()
		if errors.Is(err, io.EOF) {
			return t, flush()
		}
		if err != nil {
			return t, ignoreEnough(err)
		}
		if len(p.row) > 0 && t.get(row, "handle") != t.get(p.row[0], "handle") {
			if err := flush(); err != nil {
				return t, err
			}
		}
		if len(p.row) > MaxVariants { // the finding is Check's; what goes beyond need not be held
			continue
		}
		p.row, p.line = append(p.row, row), append(p.line, t.line)
	}
}

func ignoreEnough(err error) error {
	if errors.Is(err, errEnough) {
		return nil
	}
	return err
}

func (im *importer) hash(s string) uint64 { return maphash.String(im.seed, s) }

// check is the first reading.
func (im *importer) check(ctx context.Context, r io.Reader, rep *Report) error {
	var batch []skuAt
	t, err := im.each(r, func(t *table, p rows) error {
		in, _ := im.product(t, p)
		im.checkProduct(t, p, in)
		rep.Products++
		rep.Variants += len(in.Variants)
		for i, v := range in.Variants {
			batch = append(batch, skuAt{v.SKU, in.Handle, p.line[i]})
		}
		if len(batch) < 100 {
			return ctx.Err()
		}
		err := im.checkOwners(ctx, t, batch)
		if batch = batch[:0]; im.o.Progress != nil {
			im.o.Progress(Progress{Checking: true, Done: rep.Products})
		}
		return err
	})
	if err == nil {
		err = im.checkOwners(ctx, t, batch)
	}
	if err != nil {
		return err
	}
	if len(t.findings) > 0 {
		rep.Products, rep.Variants = 0, 0
		return rep.refused(t)
	}
	return nil
}

type skuAt struct {
	sku, handle string
	line        int
}

// checkOwners finds article numbers that another product has already.
func (im *importer) checkOwners(ctx context.Context, t *table, batch []skuAt) error {
	if len(batch) == 0 {
		return nil
	}
	skus := make([]string, len(batch))
	for i, b := range batch {
		skus[i] = b.sku
	}
	return im.s.db.Read(ctx, func(tx *db.Tx) error {
		owners, err := ownersOf(tx, skus)
		for _, b := range batch {
			if h, taken := owners[b.sku]; taken && h != b.handle {
				t.findAt(b.line, t.at("sku"), "sku", "catalog.sku_taken", fault.Params{"sku": shown(b.sku)})
			}
		}
		return err
	})
}

// checkProduct notes what is wrong with a product, at the rows that it came from.
func (im *importer) checkProduct(t *table, p rows, in Input) {
	if f := in.Check(); f != nil {
		for _, x := range f.Fields {
			column, n, _ := strings.Cut(x.Name, "#")
			column, tag, tagged := strings.Cut(column, ":")
			if tagged {
				column += ":" + strings.SplitN(tag, "#", 2)[0]
			}
			i, _ := strconv.Atoi(n)
			t.findAt(p.line[min(i, len(p.line)-1)], t.at(column), column, x.Key, x.Params)
		}
	}
	if h := im.hash(in.Handle); im.handles[h] {
		t.findAt(p.line[0], t.at("handle"), "handle", "catalog.csv.handle_apart", nil)
	} else {
		im.handles[h] = true
	}
	for _, slug := range in.Categories {
		if im.sh.bySlug[slug] == nil {
			t.findAt(p.line[0], t.at("category"), "category", "catalog.category_unknown", fault.Params{"slug": shown(slug)})
		}
	}
	for i, v := range in.Variants {
		h := im.hash(v.SKU)
		if line, twice := im.skus[h]; twice && v.SKU != "" && int(line) != p.line[i] {
			t.findAt(p.line[i], t.at("sku"), "sku", "catalog.csv.sku_line", fault.Params{"line": int(line)})
		}
		im.skus[h] = uint32(p.line[i])
	}
}
