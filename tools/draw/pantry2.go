package main

// dish is a bowl from straight above with something in it.
func (s *Scene) dish(x, y, r float64, c RGB, inside func()) {
	s.drop(Ellipse(x, y, r*0.9, r*0.9), r*0.13)
	s.Fill(Ellipse(x, y, r, r), sweep(x-r, y-r, x+r, y+r, lit(c, 0.38), dim(c, 0.14)))
	in := Ellipse(x, y, r*0.92, r*0.92)
	s.Fill(in, sweep(x-r, y-r, x+r, y+r, dim(c, 0.5), lit(c, 0.1)))
	s.Within(in, func() {
		inside()
		s.Shade(Ring(x, y, r*1.3, r*1.3, r*0.36).Move(-r*0.03, -r*0.03), r*0.13, umbra, 0.42)
	})
	s.Fill(Ring(x, y, r, r, r*0.03), veil(bisque, 0.6))
}

// dipper is a honey spoon of beech lying on the table, l long.
func (s *Scene) dipper(x, y, l float64) {
	c := hex(0xC89B63)
	rod := Curve(x, y, x+l*0.6, y-l*0.05).Taper(l*0.034, l*0.028)
	head := Ellipse(x+l*0.72, y-l*0.06, l*0.15, l*0.10)
	s.Shade(rod.Move(8, 16), 8, umbra, 0.4)
	s.Shade(head.Move(14, 22), 12, umbra, 0.45)
	s.Fill(rod, sweep(x, y-12, x, y+12, lit(c, 0.3), dim(c, 0.25)))
	s.Fill(head, ball(x+l*0.72, y-l*0.06, l*0.16, l*0.11, c))
	s.Within(head, func() {
		for i := range 6 {
			px := x + l*(0.61+0.044*float64(i))
			s.Fill(Curve(px, y-l*0.2, px+l*0.012, y-l*0.06, px, y+l*0.1).Stroke(l*0.014), veil(dim(c, 0.6), 0.6))
		}
		s.Fill(Rect(x+l*0.7, y-l*0.2, l*0.3, l*0.3), glow(x+l*0.82, y-l*0.02, l*0.16, hex(0xE3A02A), 0.8))
	})
}

// squares are pieces of chocolate stacked on the table.
func (s *Scene) squares(x, y, w float64, c RGB) {
	th, d := w*0.16, w*0.22
	for i := range 3 {
		px, py := x+[]float64{0, 0.06, -0.03}[i]*w, y-float64(i)*th
		ww := w * []float64{1, 0.86, 0.62}[i]
		l := px - ww/2
		if i == 0 {
			s.cast(Rect(l, py-th*3, ww, th*3), py, w/10)
			s.Shade(Rect(l, py-6, ww*1.03, 16), 8, umbra, 0.5)
		}
		s.Fill(Poly(l, py-th, l+d*0.4, py-th-d, l+ww-d*0.1, py-th-d, l+ww, py-th), sweep(l, py-d, l+ww, py, lit(c, 0.3), lit(c, 0.06)))
		s.Fill(Rect(l, py-th, ww, th), sweep(l, py-th, l+ww, py, lit(c, 0.1), dim(c, 0.3)))
		s.Fill(Rect(l+ww*0.5-2, py-th, 4, th), veil(dim(c, 0.7), 0.6))
		s.Fill(Rect(l, py-th, ww, 3), veil(lit(c, 0.5), 0.5))
	}
}
