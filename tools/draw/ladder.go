package main

import (
	"bytes"
	"fmt"
	"image"
	"image/jpeg"
	"math"
	"os"
	"path/filepath"

	"golang.org/x/image/draw"
)

// The wider the file, the more screen pixels it is meant to be squeezed into,
// so the wide ones stand a coarser quality without showing it.
func quality(width int) int {
	switch {
	case width <= 320:
		return 78
	case width <= 640:
		return 68
	case width <= 1200:
		return 55
	}
	return 58
}

// encode scales the picture to a width and writes it as JPEG.
func encode(img *image.RGBA, width int) ([]byte, error) {
	b := img.Bounds()
	out := img
	if b.Dx() != width {
		h := int(math.Round(float64(b.Dy()) * float64(width) / float64(b.Dx())))
		out = image.NewRGBA(image.Rect(0, 0, width, h))
		draw.CatmullRom.Scale(out, out.Rect, img, b, draw.Src, nil)
	}
	var buf bytes.Buffer
	if err := jpeg.Encode(&buf, out, &jpeg.Options{Quality: quality(width)}); err != nil {
		return nil, err
	}
	return repack(buf.Bytes())
}

// write puts one picture into a folder in all its sizes.
func write(dir string, p picture, fine float64) (int, error) {
	img := p.render(fine)
	total := 0
	for _, w := range p.frame.widths {
		data, err := encode(img, w)
		if err != nil {
			return total, fmt.Errorf("encode %s at %d: %w", p.name, w, err)
		}
		total += len(data)
		file := filepath.Join(dir, fmt.Sprintf("%s-%d.jpg", p.name, w))
		if err := os.WriteFile(file, data, 0o644); err != nil {
			return total, err
		}
	}
	return total, nil
}
