package catalog

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"strongroom/base/blob"
	"strongroom/base/db"
	"strongroom/base/fault"
	"strongroom/base/id"
	"strongroom/base/job"
	"strongroom/guard/access"
	"strongroom/guard/audit"
)

// MaxUpload is the most bytes of a picture that is handed in.
const MaxUpload = 20 << 20

const imageJob = "catalog.image"

type imageArgs struct{ Image string }

// AddImage takes a picture in and returns its name. Its header is checked at once; it is drawn anew in the sizes of the
// ladder by a job, and shown when that is done. What was handed in is never served, and thrown away afterwards. The
// same picture handed in twice has one name.
func (s *Service) AddImage(ctx context.Context, by access.Actor, r io.Reader) (name string, err error) {
	defer fault.Wrap(&err, "catalog: add image")
	if err := s.allow(ctx, by, access.ProductEdit, "catalog.add_image", id.ID{}); err != nil {
		return "", err
	}
	data, err := io.ReadAll(io.LimitReader(r, MaxUpload+1))
	if err != nil {
		return "", err
	}
	if _, err := checkImage(data); err != nil {
		return "", err
	}
	key, _, err := s.blobs.Put(bytes.NewReader(data), MaxUpload)
	if err != nil {
		return "", err
	}
	name = string(key[:imageNameLen])
	fresh := false
	err = s.db.Write(ctx, func(tx *db.Tx) error {
		fresh, err = insertImage(tx, name, "waiting", string(key))
		if err == nil && !fresh {
			fresh, err = retryImage(tx, name, string(key))
		}
		if err == nil && fresh && s.audit != nil {
			err = s.audit.Record(tx, audit.Entry{Actor: by, Action: "catalog.add_image", Object: "image", Outcome: audit.Done,
				Facts: []audit.Fact{{Key: "bytes", Int: int64(len(data))}, {Key: "image", Text: name}}})
		}
		if err != nil || !fresh || s.jobs == nil {
			return err
		}
		_, err = s.jobs.Enqueue(tx, job.Job{Kind: imageJob, Args: imageArgs{name}})
		return err
	})
	if err != nil || !fresh || s.jobs != nil {
		return name, err
	}
	return name, s.drawJob(ctx, imageArgs{name})
}

// drawJob draws a picture anew. Run twice, it does nothing the second time.
func (s *Service) drawJob(ctx context.Context, a imageArgs) (err error) {
	defer fault.Wrap(&err, "catalog: draw image")
	var row imageRow
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		row, _, err = imageByName(tx, a.Image)
		return err
	})
	if err != nil || row.state != "waiting" {
		return err
	}
	f, err := s.blobs.Get(blob.Key(row.upload))
	if err != nil {
		return err
	}
	data, err := io.ReadAll(f)
	_ = f.Close()
	if err != nil {
		return err
	}
	sizes, err := draw(data)
	if refused := fault.As(err); refused != nil {
		return s.refuse(ctx, row, refused)
	}
	if err != nil {
		return err
	}
	if err := s.keepDrawn(ctx, a.Image, sizes); err != nil {
		return err
	}
	return s.dropUpload(row.upload, sizes)
}

// dropUpload throws away what was handed in, unless a size happens to be the same bytes.
func (s *Service) dropUpload(upload string, sizes []drawn) error {
	for _, d := range sizes {
		if sum := sha256.Sum256(d.data); hex.EncodeToString(sum[:]) == upload {
			return nil
		}
	}
	return s.blobs.Delete(blob.Key(upload))
}

func (s *Service) refuse(ctx context.Context, row imageRow, f *fault.Error) error {
	err := s.db.Write(ctx, func(tx *db.Tx) error {
		if err := refuseImage(tx, row.name, f.Key); err != nil {
			return err
		}
		return tx.Emit(ImageRefused{row.name, f.Key})
	})
	if err != nil {
		return err
	}
	if err := s.blobs.Delete(blob.Key(row.upload)); err != nil {
		return err
	}
	return job.Permanent(f)
}

// keepDrawn stores the sizes, shows the picture, and has the products with it made anew.
func (s *Service) keepDrawn(ctx context.Context, name string, sizes []drawn) error {
	rs := make([]rendition, 0, len(sizes))
	var ladder []string
	for _, d := range sizes {
		key, n, err := s.blobs.Put(bytes.NewReader(d.data), MaxUpload)
		if err != nil {
			return err
		}
		rs = append(rs, rendition{d.width, d.height, d.mime, n, string(key)})
		ladder = append(ladder, strconv.Itoa(d.width))
	}
	var stale int64
	err := s.write(ctx, func(w *writing) error {
		if err := readyImage(w.Tx, name, rs, strings.Join(ladder, ",")); err != nil {
			return err
		}
		shown, err := categoriesShow(w.Tx, name)
		if err != nil {
			return err
		}
		w.reshelve = shown
		if stale, err = markStaleWith(w.Tx, name); err != nil {
			return err
		}
		return w.Emit(ImageReady{name})
	})
	if err != nil || stale == 0 {
		return err
	}
	return s.refresh(ctx, nil)
}

// Rendered is one size of a picture that comes with the program.
type Rendered struct {
	Data []byte // JPEG or PNG
}

// AddRendered takes a picture that is there in its sizes already and was made by us: the demo's. Its bytes are served
// as they are; their headers are checked like any other's.
func (s *Service) AddRendered(ctx context.Context, by access.Actor, sizes []Rendered) (name string, err error) {
	defer fault.Wrap(&err, "catalog: add rendered")
	if err := s.allow(ctx, by, access.ProductEdit, "catalog.add_image", id.ID{}); err != nil {
		return "", err
	}
	if len(sizes) == 0 || len(sizes) > 12 {
		return "", fault.New(fault.Malformed, "catalog.image_sizes")
	}
	h := sha256.New()
	var all []drawn
	for _, r := range sizes {
		c, err := checkImage(r.Data)
		if err != nil {
			return "", err
		}
		if c.mime != mimeJPEG && c.mime != mimePNG || len(all) > 0 && all[len(all)-1].width >= c.width {
			return "", fault.New(fault.Malformed, "catalog.image_sizes")
		}
		all = append(all, drawn{c.width, c.height, c.mime, r.Data})
		sum := sha256.Sum256(r.Data)
		h.Write(sum[:])
	}
	name = hex.EncodeToString(h.Sum(nil))[:imageNameLen]
	known := false
	err = s.db.Write(ctx, func(tx *db.Tx) error {
		row, _, err := imageByName(tx, name)
		if known = row.state == "ready"; err != nil || known {
			return err
		}
		_, err = insertImage(tx, name, "waiting", "")
		return err
	})
	if err != nil || known {
		return name, err
	}
	return name, s.keepDrawn(ctx, name, all)
}

// File is one size of a picture, open for serving. The caller closes it.
type File struct {
	*os.File
	Type   string // content type
	Length int64
	ETag   string // strong, quoted
	Width  int
	Height int
}

// Open opens one size of a picture for serving, or returns the fault catalog.image_gone. The bytes behind a name and a
// width never change.
func (s *Service) Open(ctx context.Context, name string, width int) (f File, err error) {
	defer fault.Wrap(&err, "catalog: open image")
	gone := fault.New(fault.NotFound, "catalog.image_gone")
	if !imageName(name) || s.blobs == nil {
		return f, gone
	}
	var r rendition
	known := false
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		r, known, err = renditionOf(tx, name, width)
		return err
	})
	if err != nil || !known {
		if err == nil {
			err = gone
		}
		return f, err
	}
	file, err := s.blobs.Get(blob.Key(r.blob))
	if err != nil {
		return f, gone.Because(err).WithHint(fmt.Sprintf("the file %s is missing from the picture folder", r.blob))
	}
	return File{File: file, Type: r.mime, Length: r.bytes, ETag: `"` + r.blob[:32] + `"`, Width: r.width, Height: r.height}, nil
}

// ImageState says how far a picture is: waiting, ready, refused (and then the message key why), or empty if unknown.
func (s *Service) ImageState(ctx context.Context, name string) (state, reason string, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		row, _, err := imageByName(tx, name)
		state, reason = row.state, row.reason
		return err
	})
	return state, reason, err
}
