package catalog_test

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"log/slog"
	"slices"
	"strings"
	"testing"

	"strongroom/base/db/dbtest"
	"strongroom/base/fault"
	"strongroom/base/job"
	"strongroom/guard/access"
	"strongroom/shop/catalog"
)

// halves is red on the left and blue on the right.
func halves(w, h int, alpha uint8) *image.NRGBA {
	img := image.NewNRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			c := color.NRGBA{220, 20, 20, alpha}
			if x >= w/2 {
				c = color.NRGBA{20, 20, 220, alpha}
			}
			img.SetNRGBA(x, y, c)
		}
	}
	return img
}

func asJPEG(t testing.TB, img image.Image) []byte {
	var b bytes.Buffer
	must(t, jpeg.Encode(&b, img, nil))
	return b.Bytes()
}

func asPNG(t testing.TB, img image.Image) []byte {
	var b bytes.Buffer
	must(t, png.Encode(&b, img))
	return b.Bytes()
}

// withEXIF puts an EXIF block with an orientation and a secret behind the start of a JPEG.
func withEXIF(j []byte, orientation byte) []byte {
	tiff := []byte("Exif\x00\x00II*\x00\x08\x00\x00\x00\x01\x00\x12\x01\x03\x00\x01\x00\x00\x00")
	tiff = append(tiff, orientation, 0, 0, 0, 0, 0, 0, 0)
	tiff = append(tiff, "GPS 52.52 13.40 secret"...)
	block := append([]byte{0xff, 0xe1}, binary.BigEndian.AppendUint16(nil, uint16(len(tiff)+2))...)
	return slices.Concat(j[:2], block, tiff, j[2:])
}

func read(t testing.TB, s shop, name string, width int) ([]byte, catalog.File) {
	t.Helper()
	f, err := s.Open(ctx, name, width)
	must(t, err)
	defer func() { _ = f.Close() }()
	b, err := io.ReadAll(f)
	must(t, err)
	if int64(len(b)) != f.Length {
		t.Errorf("length %d said, %d served", f.Length, len(b))
	}
	return b, f
}

// V5.4.3, V5.2.5, V14.2.8: what is served was encoded by us: in the ladder's widths, turned upright, without metadata or
// trailing bytes.
func TestPicturesAreDrawnAnew(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		s := furnished(t, p)
		upload := append(withEXIF(asJPEG(t, halves(1000, 500, 255)), 6), "PK\x03\x04 a zip behind it"...)
		name, err := s.AddImage(ctx, access.Console(), bytes.NewReader(upload))
		must(t, err)
		in := bowl()
		in.Images = []catalog.Picture{{Name: name, Alt: catalog.Text{"en": "A bowl"}}}
		_, err = s.Put(ctx, in, catalog.PutOptions{Actor: access.Console()})
		must(t, err)
		d, err := s.Product(ctx, "en", "bowl")
		must(t, err)
		if len(d.Images) != 1 || !slices.Equal(d.Images[0].Widths, []int{320}) || d.Images[0].Width != 320 || d.Images[0].Height != 640 || d.Images[0].Alt != "A bowl" {
			t.Fatalf("%+v", d.Images) // turned it is 500 wide: nothing above that
		}
		got, f := read(t, s, name, 320)
		if f.Type != "image/jpeg" || bytes.Contains(got, []byte("secret")) || bytes.Contains(got, []byte("PK\x03\x04")) || !strings.HasPrefix(f.ETag, `"`) {
			t.Errorf("%+v", f)
		}
		img, err := jpeg.Decode(bytes.NewReader(got))
		must(t, err)
		if r, _, b, _ := img.At(160, 10).RGBA(); r < b { // what was left is on top after a quarter turn
			t.Error("not upright")
		}
		if file, w, ok := catalog.ParseFile(d.Images[0].File(500)); !ok || file != name || w != 320 {
			t.Errorf("%q", d.Images[0].File(500))
		}
		again, err := s.AddImage(ctx, access.Console(), bytes.NewReader(upload))
		must(t, err)
		if again != name {
			t.Error("the same picture has two names")
		}
	})
}

func TestLadderAndTransparency(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		s := open(t, p)
		var g bytes.Buffer
		must(t, gif.Encode(&g, halves(30, 20, 255), nil))
		for name, c := range map[string]struct {
			data  []byte
			width []int
			mime  string
		}{
			"large jpeg": {asJPEG(t, halves(1500, 300, 255)), []int{320, 640, 960, 1440}, "image/jpeg"},
			"opaque png": {asPNG(t, halves(640, 10, 255)), []int{320, 640}, "image/jpeg"},
			"clear png":  {asPNG(t, halves(700, 10, 100)), []int{320, 640}, "image/png"},
			"small gif":  {g.Bytes(), []int{30}, "image/jpeg"},
		} {
			img, err := s.AddImage(ctx, access.Console(), bytes.NewReader(c.data))
			must(t, err)
			for _, w := range []int{30, 320, 640, 960, 1440, 1500} {
				f, err := s.Open(ctx, img, w)
				if has := slices.Contains(c.width, w); has != (err == nil) {
					t.Errorf("%s at %d: %v", name, w, err)
				}
				if err == nil {
					if f.Type != c.mime || f.Width != w {
						t.Errorf("%s: %+v", name, f)
					}
					_ = f.Close()
				} else if !fault.Is(err, fault.NotFound) {
					t.Errorf("%s at %d: %v", name, w, err)
				}
			}
		}
	})
}

// bomb is a PNG whose header claims a size that its few bytes do not hold.
func bomb(w, h uint32) []byte {
	head := binary.BigEndian.AppendUint32([]byte("IHDR"), w)
	head = append(binary.BigEndian.AppendUint32(head, h), 8, 6, 0, 0, 0)
	out := append([]byte("\x89PNG\r\n\x1a\n\x00\x00\x00\x0d"), head...)
	return binary.BigEndian.AppendUint32(out, crc32.ChecksumIEEE(head))
}

// V5.2.1, V5.2.2, V5.2.6, V1.3.4, attack 3: a corpus of what is no picture, or too much of one.
func TestHostileUploadsAreRefused(t *testing.T) {
	good := asJPEG(t, halves(400, 300, 255))
	corpus := map[string]struct {
		data []byte
		key  string
	}{
		"empty":           {nil, "catalog.image_type"},
		"html":            {[]byte("<!doctype html><script>alert(1)</script>"), "catalog.image_type"},
		"html as jpeg":    {[]byte("\xff\xd8\xff<script>alert(1)</script>"), "catalog.image_broken"},
		"svg":             {[]byte(`<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>`), "catalog.image_type"},
		"svg with a mark": {[]byte("\xef\xbb\xbf<?xml version=\"1.0\"?><svg/>"), "catalog.image_type"},
		"php":             {[]byte("<?php system($_GET[0]);"), "catalog.image_type"},
		"zip":             {[]byte("PK\x03\x04"), "catalog.image_type"},
		"pdf":             {[]byte("%PDF-1.7"), "catalog.image_type"},
		"gif polyglot":    {[]byte("GIF89a/*<script>alert(1)</script>*/"), "catalog.image_pixels"},
		"truncated jpeg":  {good[:40], "catalog.image_broken"},
		"cut jpeg":        {good[:len(good)/2], "catalog.image_broken"},
		"png head only":   {[]byte("\x89PNG\r\n\x1a\n"), "catalog.image_broken"},
		"bomb":            {bomb(50_000, 50_000), "catalog.image_pixels"},
		"wide bomb":       {bomb(1<<31-1, 1), "catalog.image_pixels"},
		"just over":       {bomb(7072, 7072), "catalog.image_pixels"},
		"empty png":       {bomb(100, 100), "catalog.image_broken"},
		"riff":            {[]byte("RIFF\x00\x00\x00\x00WEBPVP8 \x00"), "catalog.image_broken"},
		"too many bytes":  {append(slices.Clone(good), make([]byte, catalog.MaxUpload)...), "catalog.image_bytes"},
	}
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		s := open(t, p)
		for name, c := range corpus {
			_, err := s.AddImage(ctx, access.Console(), bytes.NewReader(c.data))
			if f := fault.As(err); f == nil || f.Key != c.key {
				t.Errorf("%s: %v", name, err)
			}
		}
		for _, name := range []string{"", "../x", strings.Repeat("a", 32), strings.Repeat("A", 32), "'"} {
			if _, err := s.Open(ctx, name, 320); !fault.Is(err, fault.NotFound) {
				t.Errorf("%q: %v", name, err)
			}
		}
	})
	for _, file := range []string{"", "-", "x-320", strings.Repeat("a", 32), strings.Repeat("a", 32) + "-0320", strings.Repeat("a", 32) + "-+3", strings.Repeat("a", 32) + "-320-1"} {
		if _, _, ok := catalog.ParseFile(file); ok {
			t.Errorf("%q was read", file)
		}
	}
}

// With a queue, pictures are drawn by a job, and shown when it is done.
func TestPicturesWaitForTheirJob(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		s := furnished(t, p)
		q := job.New(p.Data, slog.New(slog.DiscardHandler), 0)
		must(t, s.Register(q))
		name, err := s.AddImage(ctx, access.Console(), bytes.NewReader(asPNG(t, halves(400, 300, 255))))
		must(t, err)
		in := bowl()
		in.Images = []catalog.Picture{{Name: name}}
		_, err = s.Put(ctx, in, catalog.PutOptions{Actor: access.Console()})
		must(t, err)
		if d, _ := s.Product(ctx, "en", "bowl"); len(d.Images) != 0 {
			t.Error("shown before it was drawn")
		}
		if state, _, _ := s.ImageState(ctx, name); state != "waiting" {
			t.Error(state)
		}
		if _, err := q.RunDue(ctx); err != nil {
			t.Fatal(err)
		}
		if d, _ := s.Product(ctx, "en", "bowl"); len(d.Images) != 1 {
			t.Error("not shown after it was drawn")
		}
	})
}
