package main

import "math"

// leafPath is a pointed leaf from its stalk at x, y towards deg (0 is right,
// clockwise).
func leafPath(x, y, l, w, deg float64) Path {
	p := Smooth(x, y, x, y, x+l*0.30, y-w*0.46, x+l*0.62, y-w*0.38, x+l, y, x+l, y, x+l*0.62, y+w*0.38, x+l*0.30, y+w*0.46)
	return p.Turn(x, y, deg)
}

// leaf has a light half, a dark half and a midrib.
func (s *Scene) leaf(x, y, l, w, deg float64, c RGB) {
	p := leafPath(x, y, l, w, deg)
	s.Fill(p, sweep(x-l/2, y-l/2, x+l, y+l, lit(c, 0.16), c))
	half := Rect(x, y, l, w).Turn(x, y, deg)
	s.Within(p, func() { s.Fill(half, veil(dim(c, 0.5), 0.55)) })
	s.Fill(Curve(x-l*0.06, y, x+l*0.5, y-w*0.02, x+l*0.92, y).Turn(x, y, deg).Taper(w*0.07, w*0.02), veil(lit(c, 0.5), 0.8))
}

// twig is a bent stem with leaves alternating along it.
func (s *Scene) twig(x, y, l, deg float64, n int, size float64, c RGB) {
	stem := Curve(x, y, x+l*0.35, y-l*0.05, x+l*0.7, y-l*0.03, x+l, y-l*0.12).Turn(x, y, deg)
	s.Fill(stem.Taper(size*0.12, size*0.05), flat(dim(mix(c, oak, 0.5), 0.3)))
	pts := stem[0]
	for i := range n {
		q := pts[(i+1)*(len(pts)-1)/n]
		side := 48.0
		if i%2 == 1 {
			side = -52
		}
		if i == n-1 {
			side = -6
		}
		t := 1 - 0.35*float64(i)/float64(n)
		s.leaf(q.X, q.Y, size*t*s.around(1, 0.1), size*0.44*t, deg+side+s.around(-6, 6), mix(c, leafy, s.rnd.Float64()*0.3))
	}
}

// apple stands on the table; r is its radius in units.
func (s *Scene) apple(x, y, r float64, c, blush RGB) {
	cy := y - r*0.92
	p := Smooth(x, cy-r*0.74, x+r*0.45, cy-r*0.93, x+r*0.98, cy-r*0.35, x+r*0.86, cy+r*0.45, x+r*0.36, cy+r*0.92,
		x, cy+r*0.89, x-r*0.36, cy+r*0.92, x-r*0.86, cy+r*0.45, x-r*0.98, cy-r*0.35, x-r*0.45, cy-r*0.93)
	s.cast(p, y, r/4)
	s.touch(x, y, r*0.6, r/4)
	s.Fill(p, ball(x, cy, r*1.08, r*1.08, c))
	s.Within(p, func() {
		s.Fill(Rect(x-r, cy-r, 2*r, 2*r), glow(x+r*0.35, cy+r*0.1, r*1.1, blush, 0.75))
		s.Shade(Ellipse(x, cy-r*0.78, r*0.34, r*0.13), r*0.1, umbra, 0.5)
		s.Fill(Ellipse(x-r*0.45, cy-r*0.42, r*0.13, r*0.22).Turn(x-r*0.45, cy-r*0.42, 30), veil(white, 0.5))
	})
	s.Fill(Curve(x, cy-r*0.72, x+r*0.05, cy-r*0.95, x+r*0.16, cy-r*1.16).Taper(r*0.07, r*0.11), flat(umber))
	s.leaf(x+r*0.1, cy-r*0.98, r*0.66, r*0.3, -24, leafy)
}

// pear stands on the table; r is the radius of its belly.
func (s *Scene) pear(x, y, r float64, c, blush RGB) {
	cy := y - r*0.95
	p := Smooth(x, cy-r*1.62, x+r*0.34, cy-r*1.42, x+r*0.5, cy-r*0.85, x+r*0.93, cy-r*0.1, x+r*0.85, cy+r*0.62, x+r*0.35, cy+r*0.97,
		x-r*0.35, cy+r*0.97, x-r*0.85, cy+r*0.62, x-r*0.93, cy-r*0.1, x-r*0.5, cy-r*0.85, x-r*0.34, cy-r*1.42)
	s.cast(p, y, r/4)
	s.touch(x, y, r*0.6, r/4)
	f := turned(0.35*r, 0, 0.9*r, 0.45*r, 0.93*r, 1.05*r, 0.5*r, 1.8*r, 0.36*r, 2.35*r, 0.1*r, 2.58*r)
	s.Fill(p, s.round(f, x, y, 1, c))
	s.Within(p, func() {
		s.Fill(Rect(x-r, cy-2*r, 2*r, 3*r), glow(x+r*0.45, cy+r*0.2, r*1.0, blush, 0.6))
		s.Fill(Ellipse(x-r*0.42, cy-r*0.1, r*0.1, r*0.34).Turn(x-r*0.42, cy, 10), veil(white, 0.42))
		for range 14 {
			s.Fill(Ellipse(s.around(x, r*0.7), s.around(cy, r*0.7), r*0.016, r*0.016), veil(umber, 0.35))
		}
	})
	s.Fill(Curve(x, cy-r*1.56, x+r*0.03, cy-r*1.8, x+r*0.14, cy-r*2.02).Taper(r*0.07, r*0.1), flat(umber))
}

// orb is any small round fruit: an apricot, a plum, a lemon when stretched.
func (s *Scene) orb(x, y, rx, ry float64, c RGB) {
	cy := y - ry*0.94
	p := Ellipse(x, cy, rx, ry)
	s.cast(p, y, ry/4)
	s.touch(x, y, rx*0.5, ry/4)
	s.Fill(p, ball(x, cy, rx, ry, c))
	s.Within(p, func() {
		s.Fill(Curve(x+rx*0.1, cy-ry, x+rx*0.42, cy-ry*0.2, x+rx*0.25, cy+ry).Stroke(rx*0.05), veil(dim(c, 0.5), 0.4))
		s.Fill(Ellipse(x-rx*0.42, cy-ry*0.45, rx*0.12, ry*0.2).Turn(x-rx*0.42, cy-ry*0.45, 35), veil(white, 0.45))
	})
}

// bloom is an open flower seen from the front.
func (s *Scene) bloom(x, y, r float64, n int, c, heart RGB) {
	for i := range n {
		a := 360*float64(i)/float64(n) + s.around(0, 6)
		p := Smooth(x, y, x+r*0.5, y-r*0.34, x+r*0.98, y-r*0.16, x+r*0.98, y+r*0.16, x+r*0.5, y+r*0.34).Turn(x, y, a)
		sin := math.Sin((a + 45) * math.Pi / 180)
		s.Fill(p, flat(mix(lit(c, 0.2), dim(c, 0.22), 0.5+0.5*sin)))
	}
	s.Fill(Ellipse(x, y, r*0.26, r*0.26), ball(x, y, r*0.28, r*0.28, heart))
}

// stalk is a flower on its stem, growing up from x, y.
func (s *Scene) stalk(x, y, h, lean, r float64, c RGB) {
	tx := x + lean
	s.Fill(Curve(x, y, x+lean*0.2, y-h*0.5, tx, y-h).Taper(r*0.16, r*0.1), flat(pine))
	s.leaf(x+lean*0.15, y-h*0.38, r*1.3, r*0.4, -150, leafy)
	s.leaf(x+lean*0.25, y-h*0.55, r*1.2, r*0.4, -28, leafy)
	s.bloom(tx, y-h, r, 7, c, wax)
}
