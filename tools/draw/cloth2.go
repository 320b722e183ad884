package main

import "math"

// clothTable is a table under a cloth: its top edge at y, the fall below.
func (s *Scene) clothTable(x, y, w, fall float64, c RGB) {
	d := w * 0.10
	for _, lx := range []float64{x - w*0.40, x + w*0.40} {
		s.Fill(Poly(lx-16, y+d, lx+16, y+d, lx+12, y+d+fall*1.06, lx-12, y+d+fall*1.06), sweep(lx-16, 0, lx+16, 0, lit(oak, 0.1), dim(oak, 0.4)))
	}
	s.Shade(Ellipse(x+w*0.08, y+d+fall*1.05, w*0.52, 36), 30, umbra, 0.35)
	top := Poly(x-w*0.44, y-d, x+w*0.44, y-d, x+w/2, y+d, x-w/2, y+d)
	s.Fill(top, sweep(x-w/2, y-d, x+w/2, y+d, lit(c, 0.48), lit(c, 0.10)))
	var low []float64
	for i := range 17 {
		t := float64(i) / 16
		low = append(low, x+w/2*1.03-w*1.03*t, y+d+fall*(0.80+0.05*math.Sin(t*31)+0.10*math.Pow(2*t-1, 4)))
	}
	front := Path{append([]Pt{{x - w/2, y + d - 1}, {x + w/2, y + d - 1}}, spline(pairs(low), false)...)}
	s.Fill(front, drape(x-w/2, y+d, w, fall, 4.6, c))
	s.Within(front, func() {
		s.hem(Path{spline(pairs(low), false)}.Move(0, -18), 16, dim(c, 0.5))
		s.Fill(Rect(x-w/2, y+d-2, w, 26), fade(0, y+d, 0, y+d+24, lit(c, 0.8), 0.5, 0))
	})
}

// plank fills the ground with wooden boards seen from above.
func (s *Scene) plank(x, y, w, h float64, c RGB) {
	c = lit(c, 0.22)
	s.Fill(Rect(x-w/2-2, y-h/2-2, w+4, h+4), sweep(x-w/2, y-h/2, x+w/2, y+h/2, lit(c, 0.2), dim(c, 0.14)))
	n := 4
	for i := range n {
		bx := x - w/2 + w*(float64(i)+0.5)/float64(n)
		s.Within(Rect(bx-w/2/float64(n), y-h/2, w/float64(n), h), func() {
			for range 4 {
				gx, d := s.around(bx, w*0.11), s.around(0, w*0.02)
				s.Fill(Curve(gx, y-h/2, gx+d, y-h/5, gx-d, y+h/5, gx+d, y+h/2).Taper(3, 5), veil(dim(c, 0.4), 0.28))
			}
		})
		s.Fill(Rect(bx+w/2/float64(n)-2, y-h/2, 4, h), veil(dim(c, 0.7), 0.5))
	}
}

// runner is a long cloth that leaves the picture above and below.
func (s *Scene) runner(o spot, w, h float64, c RGB) {
	p := o.p(Rect(-w/2, -h/2, w, h))
	s.drop(p, 8)
	s.Fill(p, linenPaint(o.x, o.y, w, h, c))
	s.Within(p, func() {
		for _, x := range []float64{-0.43, -0.39, 0.39, 0.43} {
			s.Fill(o.p(Rect(x*w-3, -h/2, 6, h)), veil(clay, 0.75))
		}
		s.weave(o, w, h*0.8, c)
		s.crease(o, -w/2, -h*0.2, w/2, -h*0.19, 26)
		s.crease(o, -w/2, h*0.2, w/2, h*0.21, 26)
	})
}

// bench is a plain wooden seat, w wide, its feet at y.
func (s *Scene) bench(x, y, w float64) {
	h := w * 0.46
	s.Shade(Ellipse(x+w*0.1, y, w*0.55, 34), 34, umbra, 0.4)
	for _, t := range []float64{-0.40, 0.40} {
		s.Fill(Poly(x+t*w-22, y-h, x+t*w+22, y-h, x+t*w*1.04+16, y, x+t*w*1.04-16, y), sweep(x+t*w-22, 0, x+t*w+22, 0, lit(oak, 0.14), dim(oak, 0.36)))
	}
	s.Fill(Rect(x-w*0.4, y-h*0.42, w*0.8, 22), flat(dim(oak, 0.3)))
	seat := Poly(x-w*0.46, y-h-52, x+w*0.46, y-h-52, x+w*0.5, y-h, x-w*0.5, y-h)
	s.Fill(seat, sweep(x-w/2, y-h-50, x+w/2, y-h, lit(oak, 0.4), lit(oak, 0.02)))
	s.Fill(Rect(x-w*0.5, y-h-1, w, 34), sweep(x-w/2, y-h, x+w/2, y-h+30, lit(oak, 0.06), dim(oak, 0.28)))
}

// throw lies over the edge of a bench seat at y, with a fringe.
func (s *Scene) throw(x, y, w float64, c RGB) {
	top := Smooth(x-w*0.46, y-48, x-w*0.46, y-48, x, y-60, x+w*0.45, y-48, x+w*0.45, y-48, x+w*0.5, y+24, x+w*0.5, y+24, x-w*0.5, y+24, x-w*0.5, y+24)
	s.Shade(top.Move(14, 8), 12, umbra, 0.35)
	s.hang(x, y+10, w, w*0.62, 3.2, c, []float64{0.70, 0.78}, chalk)
	for i := range 26 {
		t := float64(i)/25 - 0.5
		fx := x + t*w*1.04
		s.Fill(Curve(fx, y+w*0.62, fx+s.around(0, 3), y+w*0.66, fx+s.around(2, 5), y+w*0.70).Stroke(4), flat(dim(c, 0.15+0.2*s.rnd.Float64())))
	}
	s.Fill(top, sweep(x-w/2, y-60, x+w/2, y+20, lit(c, 0.42), lit(c, 0.02)))
	s.Within(top, func() {
		s.crease(spot{x, y, 0}, -w*0.2, -60, -w*0.24, 30, 22)
		s.crease(spot{x, y, 0}, w*0.16, -60, w*0.2, 30, 22)
	})
}

// leek and a twig look out of a bag.
func (s *Scene) leek(x, y, h float64) {
	for i := range 3 {
		t := float64(i) - 1
		s.Fill(Curve(x+t*26, y, x+t*40, y-h*0.5, x+t*64, y-h).Taper(30, 44), sweep(x-60, y, x+60, y-h, hex(0xE8E6C4), leafy))
		s.leaf(x+t*50, y-h*0.72, h*0.7, h*0.2, -90+t*34, pine)
	}
	s.twig(x+70, y, h*1.1, -66, 7, 70, leafy)
}
