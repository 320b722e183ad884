package catalog

import (
	"bytes"
	"encoding/binary"
	"errors"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"

	xdraw "golang.org/x/image/draw"
	"golang.org/x/image/webp"

	"strongroom/base/fault"
)

const (
	maxPixels = 50_000_000
	maxSide   = 20_000

	mimeJPEG = "image/jpeg"
	mimePNG  = "image/png"
	mimeGIF  = "image/gif"
	mimeWebP = "image/webp"
)

// ladder are the widths that pictures are served in; none is made above the source's own.
var ladder = []int{320, 640, 960, 1440}

// drawn is one size of a picture, encoded by us.
type drawn struct {
	width, height int
	mime          string
	data          []byte
}

// checkedImage is what the header says.
type checkedImage struct {
	mime          string
	width, height int
}

// checkImage looks at the first bytes and at the header alone: what sort of file it is and how many pixels it claims,
// before anything is decoded. The name and the content type that came along are never asked.
func checkImage(data []byte) (c checkedImage, err error) {
	if len(data) > MaxUpload {
		return c, fault.New(fault.TooLarge, "catalog.image_bytes").With("max", MaxUpload>>20)
	}
	var config func([]byte) (image.Config, error)
	c.mime, config = sniff(data)
	if config == nil {
		return c, fault.New(fault.Unsupported, "catalog.image_type")
	}
	h, err := config(data)
	if err != nil {
		return c, fault.New(fault.Invalid, "catalog.image_broken").Because(err)
	}
	c.width, c.height = h.Width, h.Height
	if h.Width < 1 || h.Height < 1 {
		return c, fault.New(fault.Invalid, "catalog.image_broken")
	}
	if h.Width > maxSide || h.Height > maxSide || int64(h.Width)*int64(h.Height) > maxPixels {
		return c, fault.New(fault.Invalid, "catalog.image_pixels").With("max", maxPixels/1_000_000)
	}
	return c, nil
}

func sniff(data []byte) (mime string, config func([]byte) (image.Config, error)) {
	switch {
	case bytes.HasPrefix(data, []byte("\xff\xd8\xff")):
		return mimeJPEG, func(b []byte) (image.Config, error) { return jpeg.DecodeConfig(bytes.NewReader(b)) }
	case bytes.HasPrefix(data, []byte("\x89PNG\r\n\x1a\n")):
		return mimePNG, func(b []byte) (image.Config, error) { return png.DecodeConfig(bytes.NewReader(b)) }
	case bytes.HasPrefix(data, []byte("GIF87a")), bytes.HasPrefix(data, []byte("GIF89a")):
		return mimeGIF, func(b []byte) (image.Config, error) { return gif.DecodeConfig(bytes.NewReader(b)) }
	case len(data) > 12 && string(data[:4]) == "RIFF" && string(data[8:12]) == "WEBP":
		return mimeWebP, func(b []byte) (image.Config, error) { return webp.DecodeConfig(bytes.NewReader(b)) }
	}
	return "", nil
}

// draw decodes a picture and draws it anew in the sizes of the ladder. Nothing of the file but its pixels goes on:
// metadata, colour profiles, trailing bytes and further frames stay behind.
func draw(data []byte) (out []drawn, err error) {
	defer func() {
		// The decoders are the standard library's and hostile files their trade; should one panic all the same, one
		// picture is refused and the worker lives on.
		if p := recover(); p != nil {
			out, err = nil, fault.New(fault.Invalid, "catalog.image_broken")
		}
	}()
	c, err := checkImage(data)
	if err != nil {
		return nil, err
	}
	src, err := decode(c.mime, data)
	if err != nil {
		return nil, fault.New(fault.Invalid, "catalog.image_broken").Because(err)
	}
	if b := src.Bounds(); b.Dx() != c.width || b.Dy() != c.height {
		return nil, fault.New(fault.Invalid, "catalog.image_broken")
	}
	turn := 1
	if c.mime == mimeJPEG {
		turn = orientation(data)
	}
	return sizes(src, turn)
}

func decode(mime string, data []byte) (image.Image, error) {
	r := bytes.NewReader(data)
	switch mime {
	case mimeJPEG:
		return jpeg.Decode(r)
	case mimePNG:
		return png.Decode(r)
	case mimeGIF:
		return still(r)
	case mimeWebP:
		return webp.Decode(r)
	}
	return nil, errors.New("no decoder")
}

// still is the first frame of a GIF on the whole of its canvas.
func still(r *bytes.Reader) (image.Image, error) {
	c, err := gif.DecodeConfig(r)
	if err != nil {
		return nil, err
	}
	if _, err := r.Seek(0, 0); err != nil {
		return nil, err
	}
	frame, err := gif.Decode(r)
	if err != nil {
		return nil, err
	}
	canvas := image.NewNRGBA(image.Rect(0, 0, c.Width, c.Height))
	xdraw.Draw(canvas, frame.Bounds(), frame, frame.Bounds().Min, xdraw.Src)
	return canvas, nil
}

// sizes makes the ladder from its top down, each step scaled from the one above, and turned after scaling: both cost
// less than starting from the source each time.
func sizes(src image.Image, turn int) ([]drawn, error) {
	w, h := src.Bounds().Dx(), src.Bounds().Dy()
	if turn >= 5 {
		w, h = h, w
	}
	widths := stepsFor(w)
	out := make([]drawn, len(widths))
	for i := len(widths) - 1; i >= 0; i-- {
		sw, sh := widths[i], max(1, (h*widths[i]+w/2)/w)
		if turn >= 5 {
			sw, sh = sh, sw
		}
		scaled := image.NewNRGBA(image.Rect(0, 0, sw, sh))
		xdraw.CatmullRom.Scale(scaled, scaled.Bounds(), src, src.Bounds(), xdraw.Src, nil)
		d, err := encode(turned(scaled, turn))
		if err != nil {
			return nil, err
		}
		out[i], src = d, scaled
	}
	return out, nil
}

// stepsFor are the widths of the ladder up to the picture's own; a picture below the first step keeps its width.
func stepsFor(width int) []int {
	var out []int
	for _, w := range ladder {
		if w <= width {
			out = append(out, w)
		}
	}
	if len(out) == 0 {
		return []int{width}
	}
	return out
}

func encode(img *image.NRGBA) (drawn, error) {
	d := drawn{width: img.Rect.Dx(), height: img.Rect.Dy(), mime: mimeJPEG}
	var b bytes.Buffer
	var err error
	if img.Opaque() {
		err = jpeg.Encode(&b, img, &jpeg.Options{Quality: 82})
	} else {
		d.mime = mimePNG
		err = (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&b, img)
	}
	d.data = b.Bytes()
	return d, err
}

// turned applies an EXIF orientation: 1 to 8, where 5 to 8 swap the sides.
func turned(src *image.NRGBA, o int) *image.NRGBA {
	if o <= 1 || o > 8 {
		return src
	}
	w, h := src.Rect.Dx(), src.Rect.Dy()
	dw, dh := w, h
	if o >= 5 {
		dw, dh = h, w
	}
	dst := image.NewNRGBA(image.Rect(0, 0, dw, dh))
	for y := range h {
		for x := range w {
			tx, ty := x, y
			switch o {
			case 2:
				tx = w - 1 - x
			case 3:
				tx, ty = w-1-x, h-1-y
			case 4:
				ty = h - 1 - y
			case 5:
				tx, ty = y, x
			case 6:
				tx, ty = h-1-y, x
			case 7:
				tx, ty = h-1-y, w-1-x
			case 8:
				tx, ty = y, w-1-x
			}
			dst.SetNRGBA(tx, ty, color.NRGBA(src.NRGBAAt(x, y)))
		}
	}
	return dst
}

// orientation finds tag 0x0112 in the first EXIF block of a JPEG; 1 (as it is) for anything that is not in order.
func orientation(data []byte) int {
	for at := 2; at+4 <= len(data) && data[at] == 0xff; {
		marker, size := data[at+1], int(binary.BigEndian.Uint16(data[at+2:]))
		if marker == 0xda || size < 2 || at+2+size > len(data) {
			return 1
		}
		block := data[at+4 : at+2+size]
		if tiff, ok := bytes.CutPrefix(block, []byte("Exif\x00\x00")); marker == 0xe1 && ok {
			return tiffOrientation(tiff)
		}
		at += 2 + size
	}
	return 1
}

func tiffOrientation(b []byte) int {
	if len(b) < 8 {
		return 1
	}
	var order binary.ByteOrder = binary.LittleEndian
	if string(b[:2]) == "MM" {
		order = binary.BigEndian
	}
	at := int64(order.Uint32(b[4:]))
	if at < 8 || at+2 > int64(len(b)) {
		return 1
	}
	n := int64(order.Uint16(b[at:]))
	for i := range min(n, 200) {
		e := at + 2 + 12*i
		if e+12 > int64(len(b)) {
			return 1
		}
		if order.Uint16(b[e:]) == 0x0112 {
			if v := int(order.Uint16(b[e+8:])); v >= 1 && v <= 8 {
				return v
			}
			return 1
		}
	}
	return 1
}
