package export

import (
	"compress/gzip"
	"context"
	"errors"
	"io"
	"net/netip"
	"strings"
	"time"

	"strongroom/base/db"
	"strongroom/base/fault"
	"strongroom/base/id"
	"strongroom/guard/access"
	"strongroom/guard/audit"
	"strongroom/guard/privacy"
	"strongroom/guard/vault"
)

// noOrigin is the origin of work that goes on in the background.
var noOrigin netip.Addr

// Mine lists the files of the last month that who asked for.
func (s *Service) Mine(ctx context.Context, who access.Actor) (out []File, err error) {
	defer fault.Wrap(&err, "export: files")
	if err := s.d.Audit.Allow(ctx, who, access.DataExport, audit.Act{Action: "export.list", Object: "export"}); err != nil {
		return nil, err
	}
	err = s.read(ctx, func(tx *db.Tx) error { out, err = filesOf(tx, who.ID, tx.Now().Add(-30*24*time.Hour)); return err })
	return out, err
}

// Download is a file that is being fetched. WriteTo must be called, and Size bytes are what it writes.
type Download struct {
	Name string
	Size int64

	s    *Service
	file File
	who  access.Actor
}

// Fetch lets the asker have her file, after a step-up. A file of somebody else is one that does not exist, and asking for
// it is an entry in the log.
func (s *Service) Fetch(ctx context.Context, who access.Actor, v id.ID) (d *Download, err error) {
	defer fault.Wrap(&err, "export: fetch")
	act := audit.Act{Action: "export.fetch", Object: "export", ObjectID: v}
	if err := s.d.Audit.AllowFresh(ctx, who, access.DataExport, act); err != nil {
		return nil, err
	}
	var f File
	err = s.write(ctx, func(tx *db.Tx) error {
		if f, err = s.own(tx, who, v); err != nil {
			return err
		}
		if f.State > Fetching || !tx.Now().Before(f.Ends) || f.tries >= maxTries {
			return errOver
		}
		if err := begin(tx, f.ID); err != nil {
			return err
		}
		return s.d.Audit.Record(tx, audit.Entry{Actor: who, Action: act.Action, Object: act.Object, ObjectID: v, Outcome: audit.Done,
			Facts: []audit.Fact{{Key: "orders", Int: f.Orders}, {Key: "try", Int: f.tries + 1}}})
	})
	if err != nil {
		if fault.KindOf(err) == fault.NotFound || fault.KindOf(err) == fault.Gone {
			s.d.Audit.Refuse(ctx, audit.Entry{Actor: who, Action: act.Action, Object: act.Object, ObjectID: v, Reason: "not_there"})
		}
		return nil, err
	}
	return &Download{Name: f.Name(s.d.Shop.TimeZone), Size: f.Size, s: s, file: f, who: who}, nil
}

func (s *Service) own(tx *db.Tx, who access.Actor, v id.ID) (File, error) {
	f, err := fileByID(tx, v)
	if err == nil && (who.Kind != access.KindStaff || f.asker != who.ID) {
		return File{}, errUnknown
	}
	return f, err
}

// Write writes the file. When all of it went out, it is erased; when the connection broke, it can be fetched again.
func (d *Download) Write(ctx context.Context, w io.Writer) (err error) {
	defer fault.Wrap(&err, "export: write")
	err = d.pieces(ctx, w)
	after := context.WithoutCancel(ctx)
	if err != nil {
		return errors.Join(err, d.s.write(after, func(tx *db.Tx) error { return giveBack(tx, d.file.ID) }))
	}
	err = d.s.write(after, func(tx *db.Tx) error { _, err := d.s.end(tx, d.file, Fetched, d.who, "fetched"); return err })
	if err != nil {
		return err
	}
	_, err = d.s.d.Vault.EraseIntended(after, d.s.d.DB) // at once; if this fails, the vault's job does it
	return err
}

// pieces opens and writes one piece after the other.
func (d *Download) pieces(ctx context.Context, w io.Writer) error {
	for seq := range d.file.pieces {
		var p piece
		var ok bool
		err := d.s.read(ctx, func(tx *db.Tx) (err error) { p, ok, err = pieceAt(tx, d.file.ID, seq); return err })
		if err == nil && !ok {
			err = errOver // stopped by the mailed link meanwhile
		}
		if err != nil {
			return err
		}
		// The looks at the people in it stand in the log since the piece was made, and the fetching since it began.
		clear, err := d.s.d.Vault.Reveal(ctx, vault.Look{Actor: access.System("export"), Purpose: vault.Fulfilment, Reason: "export",
			Object: "export", ObjectID: d.file.ID}, d.s.d.Vault.Sealed(privacy.ExportPiece.Field, d.file.subject, p.row, p.sealed))
		if err != nil {
			return err
		}
		z, err := gzip.NewReader(strings.NewReader(clear[0]))
		if err != nil {
			return err
		}
		if _, err := io.Copy(w, io.LimitReader(z, rawPiece)); err != nil {
			return err
		}
	}
	return nil
}

// Drop erases a file that is not wanted any more.
func (s *Service) Drop(ctx context.Context, who access.Actor, v id.ID) (err error) {
	defer fault.Wrap(&err, "export: drop")
	if err := s.d.Audit.Allow(ctx, who, access.DataExport, audit.Act{Action: "export.drop", Object: "export", ObjectID: v}); err != nil {
		return err
	}
	return s.write(ctx, func(tx *db.Tx) error {
		f, err := s.own(tx, who, v)
		if err != nil {
			return err
		}
		ok, err := s.end(tx, f, Erased, who, "dropped")
		if err == nil && !ok {
			err = errOver
		}
		return err
	})
}
