package main

import (
	"image"
	"image/color"
	"math"

	"golang.org/x/image/vector"
)

// Canvas is a float picture; s is pixels per scene unit. Floats keep the long
// gentle gradients of the grounds free of steps.
type Canvas struct {
	w, h int
	s    float64
	pix  []float32
	clip *image.Alpha // nil: no clip
}

// NewCanvas makes a canvas for a scene of w by h units, px pixels wide.
func NewCanvas(w, h float64, px int) *Canvas {
	s := float64(px) / w
	c := &Canvas{w: px, h: int(math.Round(h * s)), s: s}
	c.pix = make([]float32, 3*c.w*c.h)
	return c
}

// raster gives the cover of a path at a scale; the rectangle is the part of
// the canvas it touches.
func raster(p Path, s float64, limit image.Rectangle) *image.Alpha {
	x0, y0, x1, y1 := p.box()
	if !(x0 <= x1) {
		return image.NewAlpha(image.Rectangle{})
	}
	r := image.Rect(int(math.Floor(x0*s)), int(math.Floor(y0*s)), int(math.Ceil(x1*s))+1, int(math.Ceil(y1*s))+1).Intersect(limit)
	m := image.NewAlpha(r)
	if r.Empty() {
		return m
	}
	z := vector.NewRasterizer(r.Dx(), r.Dy())
	for _, c := range p {
		for i, q := range c {
			x, y := float32(q.X*s)-float32(r.Min.X), float32(q.Y*s)-float32(r.Min.Y)
			if i == 0 {
				z.MoveTo(x, y)
			} else {
				z.LineTo(x, y)
			}
		}
		z.ClosePath()
	}
	tmp := image.NewAlpha(image.Rect(0, 0, r.Dx(), r.Dy()))
	z.Draw(tmp, tmp.Rect, image.NewUniform(color.Alpha{A: 255}), image.Point{})
	copy(m.Pix, tmp.Pix)
	return m
}

func (c *Canvas) bounds() image.Rectangle { return image.Rect(0, 0, c.w, c.h) }

// Fill paints the inside of a path.
func (c *Canvas) Fill(p Path, paint Paint) {
	m := raster(p, c.s, c.bounds())
	for y := m.Rect.Min.Y; y < m.Rect.Max.Y; y++ {
		for x := m.Rect.Min.X; x < m.Rect.Max.X; x++ {
			a := float64(m.Pix[m.PixOffset(x, y)]) / 255
			if a > 0 {
				a *= c.open(x, y)
			}
			if a > 0 {
				col, b := paint((float64(x)+0.5)/c.s, (float64(y)+0.5)/c.s)
				c.blend(x, y, col, a*b)
			}
		}
	}
}

// open says how much the clip lets through.
func (c *Canvas) open(x, y int) float64 {
	if c.clip == nil {
		return 1
	}
	return float64(c.clip.AlphaAt(x, y).A) / 255
}

func (c *Canvas) blend(x, y int, col RGB, a float64) {
	if a <= 0 {
		return
	}
	p := c.pix[3*(y*c.w+x):]
	f := float32(math.Min(a, 1))
	p[0] += (float32(col.R) - p[0]) * f
	p[1] += (float32(col.G) - p[1]) * f
	p[2] += (float32(col.B) - p[2]) * f
}

// Within limits everything that draw paints to the inside of a path.
func (c *Canvas) Within(p Path, draw func()) {
	old := c.clip
	m := raster(p, c.s, c.bounds())
	if old != nil {
		for y := m.Rect.Min.Y; y < m.Rect.Max.Y; y++ {
			for x := m.Rect.Min.X; x < m.Rect.Max.X; x++ {
				i := m.PixOffset(x, y)
				m.Pix[i] = uint8(int(m.Pix[i]) * int(old.AlphaAt(x, y).A) / 255)
			}
		}
	}
	c.clip = m
	draw()
	c.clip = old
}

// Shade darkens through a blurred path, the way a soft shadow does: it
// multiplies, so that the ground keeps its own colour.
func (c *Canvas) Shade(p Path, blur float64, tint RGB, a float64) {
	const small = 5 // blurred shapes need no detail
	s := c.s / small
	pad := int(blur*s*2) + 2
	limit := image.Rect(-pad, -pad, c.w/small+pad+1, c.h/small+pad+1)
	m := spread(raster(p, s, limit), pad)
	r := max(1, int(math.Round(blur*s*0.6)))
	for range 3 {
		m = boxBlur(m, r)
	}
	area := image.Rect(m.Rect.Min.X*small, m.Rect.Min.Y*small, m.Rect.Max.X*small, m.Rect.Max.Y*small).Intersect(c.bounds())
	for y := area.Min.Y; y < area.Max.Y; y++ {
		for x := area.Min.X; x < area.Max.X; x++ {
			k := sample(m, (float64(x)+0.5)/small-0.5, (float64(y)+0.5)/small-0.5) * a
			if k > 0.002 {
				c.multiply(x, y, tint, k*c.open(x, y))
			}
		}
	}
}

func (c *Canvas) multiply(x, y int, t RGB, k float64) {
	p := c.pix[3*(y*c.w+x):]
	p[0] *= float32(1 - k*(1-t.R))
	p[1] *= float32(1 - k*(1-t.G))
	p[2] *= float32(1 - k*(1-t.B))
}

// spread puts a mask into a larger one with an empty margin.
func spread(m *image.Alpha, pad int) *image.Alpha {
	out := image.NewAlpha(m.Rect.Inset(-pad))
	for y := m.Rect.Min.Y; y < m.Rect.Max.Y; y++ {
		copy(out.Pix[out.PixOffset(m.Rect.Min.X, y):], m.Pix[m.PixOffset(m.Rect.Min.X, y):][:m.Rect.Dx()])
	}
	return out
}

// boxBlur averages rows, then columns, with running sums.
func boxBlur(m *image.Alpha, r int) *image.Alpha {
	w, h := m.Rect.Dx(), m.Rect.Dy()
	out := image.NewAlpha(m.Rect)
	for y := range h {
		slide(m.Pix[y*m.Stride:], out.Pix[y*out.Stride:], w, 1, r)
	}
	back := image.NewAlpha(m.Rect)
	for x := range w {
		slide(out.Pix[x:], back.Pix[x:], h, out.Stride, r)
	}
	return back
}

func slide(in, out []uint8, n, stride, r int) {
	sum, span := 0, 2*r+1
	for i := -r; i < n; i++ {
		if j := i + r; j < n {
			sum += int(in[max(j, 0)*stride]) * toOne(j >= 0)
		}
		if j := i - r - 1; j >= 0 {
			sum -= int(in[j*stride])
		}
		if i >= 0 {
			out[i*stride] = uint8((sum + span/2) / span)
		}
	}
}

func toOne(b bool) int {
	if b {
		return 1
	}
	return 0
}

// sample reads a mask between its pixels.
func sample(m *image.Alpha, x, y float64) float64 {
	fx, fy := math.Floor(x), math.Floor(y)
	u, v := x-fx, y-fy
	at := func(i, j int) float64 { return float64(m.AlphaAt(int(fx)+i, int(fy)+j).A) }
	top := at(0, 0)*(1-u) + at(1, 0)*u
	low := at(0, 1)*(1-u) + at(1, 1)*u
	return (top*(1-v) + low*v) / 255
}

// Image rounds the canvas to eight bits.
func (c *Canvas) Image() *image.RGBA {
	img := image.NewRGBA(c.bounds())
	for i := range c.w * c.h {
		for j := range 3 {
			img.Pix[4*i+j] = uint8(math.Round(255 * math.Min(1, math.Max(0, float64(c.pix[3*i+j])))))
		}
		img.Pix[4*i+3] = 255
	}
	return img
}
