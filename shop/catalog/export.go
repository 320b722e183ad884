package catalog

import (
	"context"
	"encoding/csv"
	"io"
	"maps"
	"strconv"
	"strings"

	"strongroom/base/db"
	"strongroom/base/fault"
	"strongroom/base/id"
	"strongroom/base/money"
)

// Export writes the whole catalogue in the form that Import reads, drafts included, pictures by their names in the
// store. Cells that a spreadsheet would take for a formula are made harmless (ASVS V1.2.10): see guarded.
func (s *Service) Export(ctx context.Context, w io.Writer) (err error) {
	defer fault.Wrap(&err, "catalog: export")
	out := csv.NewWriter(w)
	columns := s.exportColumns()
	if err := out.Write(columns); err != nil {
		return err
	}
	for after := (id.ID{}); ; {
		var batch []productRow
		var left map[id.ID]int64
		var slugs map[id.ID]string
		err := s.db.Snapshot(ctx, func(tx *db.Tx) (err error) {
			batch, left, slugs, err = s.exportBatch(tx, after)
			return err
		})
		if err != nil {
			return err
		}
		if len(batch) == 0 {
			out.Flush()
			return out.Error()
		}
		for _, p := range batch {
			for _, row := range s.exportRows(p, left, slugs, columns) {
				if err := out.Write(row); err != nil {
					return err
				}
			}
			after = p.id
		}
	}
}

const exportBatch = 50

func (s *Service) exportBatch(tx *db.Tx, after id.ID) (batch []productRow, left map[id.ID]int64, slugs map[id.ID]string, err error) {
	ids, err := productsAfter(tx, after, exportBatch)
	if err != nil {
		return nil, nil, nil, err
	}
	var variants []id.ID
	for _, v := range ids {
		p, ok, err := productByID(tx, v)
		if err != nil {
			return nil, nil, nil, err
		}
		if ok {
			batch = append(batch, p)
		}
		for _, v := range p.variants {
			variants = append(variants, v.id)
		}
	}
	if left, err = s.stock.AvailableTx(tx, variants); err != nil {
		return nil, nil, nil, err
	}
	sh, err := loadShelves(tx, 0)
	if err != nil {
		return nil, nil, nil, err
	}
	slugs = map[id.ID]string{}
	for _, c := range sh.byID {
		slugs[c.id] = c.slug
	}
	return batch, left, slugs, nil
}

// exportColumns are the columns in the order of the sample, each text in each language of the store.
func (s *Service) exportColumns() []string {
	columns := []string{"handle", "category", "state"}
	each := func(names ...string) {
		for _, n := range names {
			for _, tag := range s.languages {
				columns = append(columns, n+":"+tag)
			}
		}
	}
	each("title", "summary", "description", "facts")
	columns = append(columns, "tax_class", "producer", "eu_contact")
	each("option1", "value1", "option2", "value2", "option3", "value3")
	columns = append(columns, "sku", "price", "was_price", "unit_amount", "unit_base", "weight_g", "stock", "max_per_order", "images")
	each("image_alt")
	return append(columns, "popularity")
}

func (s *Service) exportRows(p productRow, left map[id.ID]int64, slugs map[id.ID]string, columns []string) (rows [][]string) {
	for i, v := range p.active() {
		cells := map[string]string{"handle": p.handle}
		if i == 0 {
			s.exportProduct(p, slugs, cells)
		}
		s.exportVariant(v, left[v.id], cells)
		row := make([]string, len(columns))
		for k, c := range columns {
			row[k] = guarded(cells[c])
		}
		rows = append(rows, row)
	}
	return rows
}

func (s *Service) exportProduct(p productRow, slugs map[id.ID]string, cells map[string]string) {
	var categories, images []string
	for _, c := range p.categories {
		categories = append(categories, slugs[c])
	}
	alts := map[string][]string{}
	for _, i := range p.source.Images {
		images = append(images, i.Name)
		for _, tag := range s.languages {
			alts[tag] = append(alts[tag], strings.ReplaceAll(i.Alt[tag], ";", ","))
		}
	}
	maps.Copy(cells, map[string]string{"category": strings.Join(categories, ";"), "state": p.state, "tax_class": p.taxClass,
		"producer": p.producer, "eu_contact": p.euContact, "images": strings.Join(images, ";"),
		"popularity": strconv.FormatInt(p.popularity, 10)})
	for _, tag := range s.languages {
		t := p.source.Texts[tag]
		cells["title:"+tag], cells["summary:"+tag] = t.Title, t.Summary
		cells["description:"+tag], cells["facts:"+tag] = t.Description, t.Facts
		cells["image_alt:"+tag] = strings.Join(alts[tag], ";")
		for i, o := range p.source.Options {
			cells["option"+strconv.Itoa(i+1)+":"+tag] = o[tag]
		}
	}
}

func (s *Service) exportVariant(v variantRow, left int64, cells map[string]string) {
	maps.Copy(cells, map[string]string{"sku": v.sku, "price": money.Decimal(v.price, s.currency), "unit_base": v.unitBase,
		"weight_g": strconv.FormatInt(v.weight, 10), "stock": strconv.FormatInt(left, 10)})
	if v.was > 0 {
		cells["was_price"] = money.Decimal(v.was, s.currency)
	}
	if v.unitAmount > 0 {
		cells["unit_amount"] = strconv.FormatInt(v.unitAmount, 10)
	}
	if v.maxPerOrder > 0 {
		cells["max_per_order"] = strconv.FormatInt(v.maxPerOrder, 10)
	}
	for _, tag := range s.languages {
		for i, n := range v.names {
			cells["value"+strconv.Itoa(i+1)+":"+tag] = n[tag]
		}
	}
}

// formulaStarts are the characters by which a spreadsheet takes a cell for a formula.
const formulaStarts = "=+-@\t\r\n"

// guarded puts an apostrophe before a cell that a spreadsheet would take for a formula, also behind blanks. Import
// takes it away again.
func guarded(s string) string {
	if t := strings.TrimLeft(s, " \u00a0"); t != "" && (strings.ContainsRune(formulaStarts, rune(t[0])) || isGuarded(t)) {
		return "'" + s
	}
	return s
}

// isGuarded says whether s is an apostrophe (or several) before what looks like a formula.
func isGuarded(s string) bool {
	t := strings.TrimLeft(s, "'")
	if len(t) == len(s) || t == "" {
		return false
	}
	t = strings.TrimLeft(t, " \u00a0")
	return t != "" && strings.ContainsRune(formulaStarts, rune(t[0]))
}

// unguarded is the cell as it was before guarded.
func unguarded(s string) string {
	if strings.HasPrefix(s, "'") && isGuarded(s) {
		return s[1:]
	}
	return s
}
