package main

import (
	"hash/fnv"
	"image"
	"math"
	"math/rand/v2"
)

// frame is a picture format in scene units, with the widths it is written in.
type frame struct {
	w, h   float64
	widths []int
}

func upright() frame { return frame{1000, 1250, []int{320, 640, 1200}} }
func wide() frame    { return frame{1500, 1000, []int{320, 640, 1200}} }
func grand() frame   { return frame{1500, 1000, []int{640, 1200, 1920}} }
func tall() frame    { return frame{1000, 1250, []int{640, 1200}} }
func banner() frame  { return frame{1200, 630, []int{1200}} }

// picture is one entry of the list: a name, a format and what to draw.
type picture struct {
	name  string
	frame frame
	draw  func(*Scene)
}

// render draws the picture at its widest size times fine.
func (p picture) render(fine float64) *image.RGBA {
	widest := p.frame.widths[len(p.frame.widths)-1]
	s := newScene(p.name, p.frame, int(math.Round(float64(widest)*fine)))
	p.draw(s)
	return s.Image()
}

// Scene is a canvas with a table, a light and a source of small irregularities.
type Scene struct {
	*Canvas
	W, H float64
	tilt float64 // height over width of a circle lying on the table
	rnd  *rand.Rand
}

func newScene(name string, f frame, px int) *Scene {
	h := fnv.New64a()
	h.Write([]byte(name))
	return &Scene{
		Canvas: NewCanvas(f.w, f.h, px), W: f.w, H: f.h, tilt: 0.26,
		rnd: rand.New(rand.NewPCG(h.Sum64(), 7)),
	}
}

// around gives a number within d of v.
func (s *Scene) around(v, d float64) float64 { return v + d*(2*s.rnd.Float64()-1) }

var umbra = RGB{0.36, 0.27, 0.26}

// mood is the paper a category is drawn on.
type mood struct{ wall, table, shape RGB }

func moodTable() mood  { return mood{hex(0xF0E8DB), hex(0xE0D0B9), hex(0xE9D9C4)} }
func moodLinen() mood  { return mood{hex(0xECEAE3), hex(0xDAD6CB), hex(0xE1DFD4)} }
func moodPantry() mood { return mood{hex(0xF3E7D1), hex(0xDFC8A3), hex(0xEFD6A9)} }
func moodGarden() mood { return mood{hex(0xE8EADD), hex(0xCDD2BB), hex(0xD6DDC6)} }
func moodLight() mood  { return mood{hex(0xA99790), hex(0x8C756A), hex(0xB8A59B)} }
func moodPaper() mood  { return mood{hex(0xEEE9E6), hex(0xDCD4CF), hex(0xE6DAD3)} }

// table lays wall and tabletop; horizon is a share of the height.
func (s *Scene) table(m mood, horizon float64) {
	y := s.H * horizon
	s.Fill(Rect(-2, -2, s.W+4, y+4), sweep(0, 0, s.W*0.8, y, shift(m.wall, 0.028), shift(m.wall, -0.006)))
	s.Fill(Rect(-2, y, s.W+4, s.H), sweep(s.W*0.1, y, s.W*0.7, s.H, shift(m.table, 0.022), shift(m.table, -0.034)))
	s.Fill(Rect(-2, y-1, s.W+4, 60), fade(0, y, 0, y+60, dim(m.table, 0.5), 0.14, 0))
}

// arch stands a plain shape behind the still life.
func (s *Scene) arch(m mood, cx, w, top, base float64) {
	p := Path{append(arc(cx, top+w/2, w/2, w/2, 180, 360), Pt{cx + w/2, base}, Pt{cx - w/2, base})}
	s.Fill(p, sweep(cx-w/2, top, cx+w/2, base, shift(m.shape, -0.008), shift(m.shape, 0.016)))
}

// disc is a pale sun behind the still life.
func (s *Scene) disc(m mood, cx, cy, r float64) {
	s.Fill(Ellipse(cx, cy, r, r), sweep(cx-r, cy-r, cx+r, cy+r, shift(m.shape, -0.008), shift(m.shape, 0.018)))
}

// window lets a slanted patch of daylight fall on the wall, with its bars.
func (s *Scene) window(m mood, x, y, w, h float64) {
	tint := lit(m.wall, 0.75)
	for i := range 2 {
		for j := range 3 {
			px, py := x+float64(i)*(w/2+10), y+float64(j)*(h/3+10)+float64(i)*w*0.16
			s.Fill(Poly(px, py, px+w/2-4, py+w*0.15, px+w/2-4, py+w*0.15+h/3-4, px, py+h/3-4), veil(tint, 0.55))
		}
	}
}

// sheet is the ground of a picture taken from straight above, with the blurred
// shadow of a twig somewhere outside it.
func (s *Scene) sheet(m mood) {
	base := mix(m.wall, m.table, 0.35)
	s.Fill(Rect(-2, -2, s.W+4, s.H+4), sweep(0, 0, s.W, s.H, shift(base, 0.034), shift(base, -0.034)))
	k := s.W / 1000
	x, y, bend := s.around(s.W*0.05, s.W*0.08), s.around(s.H*0.05, s.H*0.05), s.around(0.3, 0.5)
	for i := range 8 {
		t := float64(i)
		px, py := x+t*96*k, y+t*t*6*bend*k+t*14*k
		side := 62 - 118*float64(i%2)
		p := leafPath(px, py, s.around(190, 26)*k, s.around(70, 12)*k, side+s.around(t*5*bend, 12))
		s.Shade(p, 22*k, umbra, 0.11)
	}
}

// cast drops the soft shadow of an upright thing: its outline laid over on the
// table towards the right, sharper where it touches.
func (s *Scene) cast(p Path, base, k float64) {
	lay := func(run, rise float64) Path {
		return p.Each(func(q Pt) Pt {
			h := math.Max(0, base-q.Y)
			return Pt{q.X + h*run, q.Y + h*(1-rise)}
		})
	}
	s.Shade(lay(0.62, 0.16), 1.3*k, umbra, 0.47)
	s.Shade(lay(0.40, 0.08), 0.5*k, umbra, 0.22)
}

// touch is the dark line where a thing meets the table.
func (s *Scene) touch(x, y, rx float64, k float64) {
	s.Shade(Ellipse(x+0.1*rx, y+0.02*rx, rx*1.02, rx*s.tilt*1.05), 0.28*k, umbra, 0.6)
}

// drop is the shadow of a thing lying flat, raised by lift units.
func (s *Scene) drop(p Path, lift float64) {
	s.Shade(p.Move(lift*0.9, lift*0.75), lift*1.1+3, umbra, 0.42)
	s.Shade(p.Move(lift*0.2, lift*0.2), 5, umbra, 0.3)
}
