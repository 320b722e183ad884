package main

import "math"

// soil is a low mound of earth seen from above.
func (s *Scene) soil(x, y, w float64) {
	c := hex(0x5B4536)
	p := Smooth(x-w*0.5, y, x-w*0.36, y-w*0.2, x-w*0.1, y-w*0.26, x+w*0.2, y-w*0.22, x+w*0.44, y-w*0.1, x+w*0.5, y+w*0.1, x+w*0.3, y+w*0.3, x-w*0.2, y+w*0.3)
	s.Shade(p.Move(10, 10), 16, umbra, 0.35)
	s.Fill(p, ball(x-w*0.1, y-w*0.05, w*0.7, w*0.5, c))
	for range 46 {
		a, q := s.rnd.Float64()*2*math.Pi, 0.35+0.25*s.rnd.Float64()
		px, py := x+w*q*math.Cos(a), y+w*q*0.6*math.Sin(a)
		r := s.around(8, 4)
		s.Fill(Ellipse(px, py, r, r*0.8), ball(px, py, r, r, mix(c, walnut, s.rnd.Float64()*0.5)))
	}
}

// bird is a small tit on a twig; r is the radius of its body.
func (s *Scene) bird(x, y, r float64) {
	s.Fill(Curve(x-r*3, y+r*1.3, x, y+r*1.05, x+r*4, y+r*0.7).Taper(r*0.2, r*0.26), flat(hex(0x6B5546)))
	s.leaf(x+r*2, y+r*0.9, r*1.3, r*0.6, -50, leafy)
	s.Fill(Smooth(x+r*0.6, y+r*0.1, x+r*1.6, y+r*0.9, x+r*2.1, y+r*1.5, x+r*1.8, y+r*1.6, x+r*0.4, y+r*0.8), flat(ink))
	s.Fill(Smooth(x-r*0.95, y-r*0.3, x-r*0.75, y-r, x-r*0.1, y-r*1.05, x+r*0.5, y-r*0.4, x+r*1.0, y+r*0.5, x+r*0.6, y+r*1.0, x-r*0.2, y+r*1.05, x-r*0.8, y+r*0.5), ball(x, y, r*1.2, r*1.2, hex(0xD9B84C)))
	s.Fill(Smooth(x-r*0.95, y-r*0.45, x-r*0.72, y-r*1.02, x-r*0.15, y-r*1.1, x+r*0.25, y-r*0.68, x-r*0.3, y-r*0.5), flat(ink))
	s.Fill(Smooth(x-r*0.86, y-r*0.4, x-r*0.3, y-r*0.52, x+r*0.05, y-r*0.36, x-r*0.3, y-r*0.1, x-r*0.8, y-r*0.16), flat(white))
	s.Fill(Ellipse(x-r*0.58, y-r*0.56, r*0.075, r*0.075), flat(night))
	s.Fill(Poly(x-r*0.93, y-r*0.42, x-r*1.2, y-r*0.28, x-r*0.9, y-r*0.22), flat(night))
	s.Fill(leafPath(x-r*0.1, y-r*0.2, r*1.5, r*0.7, 42), sweep(x, y-r, x+r, y+r, lit(sea, 0.1), ink))
}
