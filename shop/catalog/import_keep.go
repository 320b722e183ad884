package catalog

import (
	"context"
	"errors"
	"io"
	"slices"
	"time"

	"strongroom/base/db"
	"strongroom/base/fault"
	"strongroom/guard/access"
	"strongroom/guard/audit"
)

// Bounds of one transaction of an import. Orders get their turn between two, so that it is the time that counts: the
// number of products follows what the last transaction took.
const (
	keepFirst = 25
	keepLeast = 40
	keepMost  = 400
	keepAbout = 90 * time.Millisecond
	// keepAhead is how many products may have been read and wait to be written.
	keepAhead = 512
)

// keep is the second reading: one goroutine reads and looks through, this one writes.
func (im *importer) keep(ctx context.Context, r io.Reader, rep *Report) (err error) {
	if err := im.note(ctx, "catalog.import_begun", audit.Done, rep); err != nil {
		return err
	}
	defer func() {
		outcome := audit.Done
		if err != nil {
			outcome = audit.Failed
		}
		// Also when ctx has ended: what was kept until then stands.
		if bad := im.note(context.WithoutCancel(ctx), "catalog.imported", outcome, rep); bad != nil {
			err = errors.Join(err, bad)
		}
	}()
	relieved, err := im.s.db.Relieve(ctx)
	if err != nil {
		return err
	}
	defer relieved()
	read, stop := context.WithCancel(ctx)
	defer stop()
	ahead, failed := make(chan Input, keepAhead), make(chan error, 1)
	go func() {
		failed <- im.ahead(read, r, ahead)
		close(ahead)
	}()
	size := keepFirst
	for {
		batch := take(ahead, size)
		if len(batch) == 0 {
			return <-failed
		}
		begin := im.s.db.Clock().Now()
		if err := im.keepBatch(ctx, batch, rep); err != nil {
			stop()
			<-failed
			return err
		}
		size = nextSize(size, im.s.db.Clock().Now().Sub(begin))
		if im.o.Progress != nil {
			im.o.Progress(Progress{Done: rep.Kept + rep.Unchanged, Total: rep.Products, Unchanged: rep.Unchanged})
		}
		select {
		case <-time.After(db.Rest):
		case <-ctx.Done():
		}
	}
}

// take receives up to n, and fewer only at the end.
func take(from <-chan Input, n int) []Input {
	batch := make([]Input, 0, n)
	for len(batch) < n {
		in, ok := <-from
		if !ok {
			break
		}
		batch = append(batch, in)
	}
	return batch
}

// nextSize comes nearer to the number of products that takes as long as one transaction should.
func nextSize(size int, took time.Duration) int {
	want := keepMost
	if took > 0 {
		want = int(float64(size) * float64(keepAbout) / float64(took))
	}
	return min(max((size+want)/2, keepLeast), keepMost, size*2)
}

// ahead reads the file product by product.
func (im *importer) ahead(ctx context.Context, r io.Reader, to chan<- Input) error {
	t, err := im.each(r, func(t *table, p rows) error {
		in, names := im.product(t, p)
		for i := range in.Images {
			name, err := im.pics.add(ctx, im.s, names[i])
			if err != nil {
				return err
			}
			in.Images[i].Name = name
		}
		if len(t.findings) > 0 || in.Check() != nil {
			return fault.New(fault.Conflict, "catalog.csv.changed")
		}
		select {
		case to <- in:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	})
	if err == nil && len(t.findings) > 0 {
		return fault.New(fault.Conflict, "catalog.csv.changed")
	}
	return err
}

// keepBatch keeps the products that are not there already as they are in the file.
func (im *importer) keepBatch(ctx context.Context, batch []Input, rep *Report) error {
	if !im.o.Recount {
		same, err := im.s.unchanged(ctx, batch)
		if err != nil {
			return err
		}
		rep.Unchanged += len(same)
		batch = slices.DeleteFunc(batch, func(in Input) bool { return same[in.Handle] })
	}
	if len(batch) == 0 {
		return nil
	}
	err := im.s.write(ctx, func(w *writing) error {
		for _, in := range batch {
			if _, err := w.put(in, PutOptions{Actor: im.o.Actor, Recount: im.o.Recount}); err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil {
		rep.Kept += len(batch)
	}
	return err
}

// note leaves an entry of the import in the audit log: one act, however many transactions it takes.
func (im *importer) note(ctx context.Context, action string, outcome audit.Outcome, rep *Report) error {
	if im.s.audit == nil {
		return nil
	}
	by := im.o.Actor
	if by.Kind == 0 {
		by = access.System("catalog")
	}
	facts := []audit.Fact{{Key: "products", Int: int64(rep.Products)}, {Key: "variants", Int: int64(rep.Variants)},
		{Key: "kept", Int: int64(rep.Kept)}, {Key: "unchanged", Int: int64(rep.Unchanged)}}
	return im.s.db.Write(ctx, func(tx *db.Tx) error {
		return im.s.audit.Record(tx, audit.Entry{Actor: by, Action: action, Object: "catalog", Outcome: outcome, Facts: facts})
	})
}

// unchanged are the handles of those products that are there already just as they were put in, so that an import that
// was interrupted, or is repeated, passes over them quickly.
func (s *Service) unchanged(ctx context.Context, ins []Input) (same map[string]bool, err error) {
	sh, err := s.current(ctx)
	if err != nil {
		return nil, err
	}
	same = map[string]bool{}
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		handles := make([]string, len(ins))
		for i, in := range ins {
			handles[i] = in.Handle
		}
		there, err := handlesAmong(tx, handles)
		if err != nil {
			return err
		}
		for _, in := range ins {
			if !there[in.Handle] {
				continue
			}
			p, ok, err := productByHandle(tx, in.Handle)
			if err != nil {
				return err
			}
			if ok && p.as(in, sh) {
				same[in.Handle] = true
			}
		}
		return nil
	})
	return same, err
}

// as says whether the product is what the input would make of it.
func (p *productRow) as(in Input, sh *shelves) bool {
	active := p.active()
	if p.state != in.State || p.taxClass != in.TaxClass || p.producer != in.Producer || p.euContact != in.EUContact ||
		p.popularity != in.Popularity || len(active) != len(in.Variants) ||
		asJSON(p.source) != asJSON(source{in.Texts, in.Options, in.Images}) {
		return false
	}
	var slugs []string
	for _, c := range p.categories {
		if up := sh.byID[c]; up != nil {
			slugs = append(slugs, up.slug)
		}
	}
	if !slices.Equal(slugs, in.Categories) {
		return false
	}
	for i, v := range active {
		w := in.Variants[i]
		if v.sku != w.SKU || v.price != w.Price || v.was != w.WasPrice || v.unitAmount != w.UnitAmount || v.unitBase != w.UnitBase ||
			v.weight != w.WeightGrams || v.maxPerOrder != w.MaxPerOrder || len(v.names) != len(w.Values) {
			return false
		}
		for n, t := range w.Values {
			if !sameText(v.names[n], t) {
				return false
			}
		}
	}
	return true
}
