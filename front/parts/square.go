package parts

import (
	"fmt"
	"strings"

	"github.com/boombuler/barcode/qr"
)

// Square is a square code as one path, with the empty border that cameras need. Its zero value draws nothing.
type Square struct {
	Size int // with the border, in dots
	Path string
}

// Box is the square's viewBox.
func (s Square) Box() string { return fmt.Sprintf("0 0 %d %d", s.Size, s.Size) }

// border is how many dots of nothing stand around a code.
const border = 4

// QR draws a text as a square code of medium error correction.
func QR(text string) (Square, error) {
	code, err := qr.Encode(text, qr.M, qr.Auto)
	if err != nil {
		return Square{}, err
	}
	size := code.Bounds().Dx()
	dark := func(x, y int) bool { r, _, _, _ := code.At(x, y).RGBA(); return r < 1<<15 }
	var path strings.Builder
	for y := range size {
		for x := 0; x < size; x++ {
			n := 0
			for x+n < size && dark(x+n, y) {
				n++
			}
			if n > 0 {
				fmt.Fprintf(&path, "M%d %dh%dv1h-%dz", x+border, y+border, n, n)
				x += n
			}
		}
	}
	return Square{size + 2*border, path.String()}, nil
}
