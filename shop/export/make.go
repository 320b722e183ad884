package export

import (
	"bytes"
	"compress/gzip"
	"context"
	"time"

	"strongroom/base/db"
	"strongroom/base/fault"
	"strongroom/base/id"
	"strongroom/base/job"
	"strongroom/guard/access"
	"strongroom/guard/audit"
	"strongroom/guard/privacy"
	"strongroom/guard/vault"
	"strongroom/shop/order"
)

type makeArgs struct{ File id.ID }

// make writes a file, page by page. It goes on where an earlier run stood, and lets others have their turn.
func (s *Service) make(ctx context.Context, a makeArgs) (err error) {
	defer fault.Wrap(&err, "export: make")
	by, err := s.d.Second.Behind(ctx, a.File, access.MassExport)
	if fault.Is(err, fault.Forbidden) || fault.Is(err, fault.NotFound) {
		return job.Permanent(err)
	}
	if err != nil {
		return err
	}
	for range runPages {
		var f File
		err := s.read(ctx, func(tx *db.Tx) (err error) { f, err = fileByID(tx, a.File); return err })
		if err != nil || f.State != Making {
			return err // stopped meanwhile, or made already
		}
		done, err := s.page(ctx, f, by)
		if err != nil || done {
			return err
		}
	}
	return job.Later(100 * time.Millisecond)
}

// page adds one page of orders to a file, with a look at each person, or finds that there are no more.
func (s *Service) page(ctx context.Context, f File, by access.Approved) (done bool, err error) {
	records, err := s.d.Orders.People(ctx, by, f.Span, f.mark, pageSize)
	if err != nil {
		return false, err
	}
	if len(records) == 0 {
		return true, s.write(ctx, func(tx *db.Tx) error { return s.ready(tx, f) })
	}
	var text bytes.Buffer
	w := s.writer(&text, f.Format, true)
	if f.pieces == 0 {
		w.head()
	}
	for _, r := range records {
		w.record(r)
	}
	if err := w.err(); err != nil {
		return false, err
	}
	to := f
	last := records[len(records)-1]
	to.mark, to.Orders, to.Size = order.Mark{At: last.PlacedAt, ID: last.ID}, f.Orders+int64(len(records)), f.Size+int64(text.Len())
	pieces, err := s.cut(ctx, f, text.Bytes())
	if err != nil {
		return false, err
	}
	to.pieces = f.pieces + int64(len(pieces))
	who := access.Staff(f.asker, id.ID{}, f.role, access.Set{}, noOrigin)
	return false, s.write(ctx, func(tx *db.Tx) error {
		if err := advance(tx, f, to); err != nil {
			return err
		}
		for i, p := range pieces {
			if err := insertPiece(tx, f.ID, f.pieces+int64(i), p.row, p.sealed); err != nil {
				return err
			}
		}
		return s.looks(tx, who, records)
	})
}

// looks writes a look at each person of a page. Who fetches the file is shown nothing that does not stand here.
func (s *Service) looks(tx *db.Tx, who access.Actor, records []order.Record) error {
	for _, r := range records {
		if r.Fields == 0 {
			continue
		}
		e := audit.Entry{Actor: who, Action: "vault.look", Object: "order", ObjectID: r.ID, Person: r.Handle, Reason: "export", Outcome: audit.Done,
			Facts: []audit.Fact{{Key: "fields", Int: int64(r.Fields)}}}
		if err := s.d.Audit.Record(tx, e); err != nil {
			return err
		}
	}
	return nil
}

// ready says that a file can be fetched.
func (s *Service) ready(tx *db.Tx, f File) error {
	if err := setReady(tx, f.ID); err != nil {
		return err
	}
	return s.d.Audit.Record(tx, audit.Entry{Actor: access.System("export"), Action: "export.ready", Object: "export", ObjectID: f.ID,
		Outcome: audit.Done, Facts: []audit.Fact{{Key: "orders", Int: f.Orders}, {Key: "asked_by", Text: f.asker.String()}}})
}

// rawPiece is how much text goes into one piece: compressed it stays within what the vault seals at once.
const rawPiece = 60 << 10

// cut compresses and seals text in pieces, each of which opens by itself.
func (s *Service) cut(ctx context.Context, f File, text []byte) (out []piece, err error) {
	for len(text) > 0 {
		part := text[:min(rawPiece, len(text))]
		text = text[len(part):]
		var b bytes.Buffer
		z := gzip.NewWriter(&b)
		if _, err := z.Write(part); err != nil {
			return nil, err
		}
		if err := z.Close(); err != nil {
			return nil, err
		}
		p := piece{row: id.New(s.d.DB.Clock().Now(), nil)}
		if p.sealed, err = s.d.Vault.Seal(ctx, privacy.ExportPiece.Field, f.subject, p.row, vault.Typed(b.String())); err != nil {
			return nil, err
		}
		out = append(out, p)
	}
	return out, nil
}
