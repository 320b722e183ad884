package main

// openBook lies open: w by h over both pages, a picture left, lines right.
func (s *Scene) openBook(x, y, w, h float64, kind int, c RGB) {
	s.drop(Rect(x-w/2, y-h/2, w, h), 18)
	s.Fill(RoundRect(x-w/2-10, y-h/2-8, w+20, h+18, 8), flat(dim(deep, 0.1)))
	for _, d := range []float64{6, 3, 0} {
		s.Fill(Rect(x-w/2-d, y-h/2+d*0.6, w+2*d, h), flat(dim(paper, 0.03*d)))
	}
	s.Fill(Rect(x-w/2, y-h/2, w/2, h), sweep(x-w/2, y, x, y, lit(paper, 0.5), dim(paper, 0.13)))
	s.Fill(Rect(x, y-h/2, w/2, h), sweep(x, y, x+w*0.3, y, dim(paper, 0.2), lit(paper, 0.5)))
	s.Fill(Rect(x-w*0.43, y-h*0.38, w*0.35, h*0.72), sweep(x-w/2, y-h/2, x, y+h/2, hex(0xF2E2C4), hex(0xE3CDA4)))
	s.motif(kind, x-w*0.255, y-h*0.02, w*0.12, c)
	s.Fill(Rect(x+w*0.08, y-h*0.36, w*0.24, 8), veil(umber, 0.7))
	for i := range 11 {
		l := w * 0.34
		if i%4 == 3 {
			l *= 0.6
		}
		s.Fill(Rect(x+w*0.08, y-h*0.24+float64(i)*h*0.052, l, 3.4), veil(umber, 0.34))
	}
}

// parcel is a wrapped present with a ribbon and a bow.
func (s *Scene) parcel(o spot, w, h float64, ground RGB, kind int, c, ribbon RGB) {
	p := o.p(Rect(-w/2, -h/2, w, h))
	s.drop(p, 34)
	s.Fill(o.p(Poly(-w/2, h/2-2, w/2, h/2-2, w/2-8, h/2+34, -w/2+8, h/2+34)), flat(dim(ground, 0.34)))
	s.Fill(p, sweep(o.x-w/2, o.y-h/2, o.x+w/2, o.y+h/2, lit(ground, 0.3), dim(ground, 0.06)))
	s.Within(p, func() {
		for i := range 5 {
			for j := range 4 {
				q := o.p(Path{{{-w*0.42 + float64(i)*w*0.22 - float64(j%2)*w*0.1, -h*0.36 + float64(j)*h*0.26}}})[0][0]
				s.motif(kind, q.X, q.Y, w*0.062, c)
			}
		}
	})
	band := func(p Path) { s.Fill(o.p(p), linenPaint(o.x, o.y, w, h, ribbon)) }
	s.Shade(o.p(Rect(-w*0.18, -h/2, w*0.07, h)), 6, umbra, 0.3)
	band(Rect(-w*0.19, -h/2, w*0.07, h+30))
	band(Rect(-w/2, -h*0.06, w, w*0.07))
	bx, by := -w*0.155, -h*0.06+w*0.035
	for _, d := range []float64{-1, 1} {
		loop := Smooth(bx, by, bx+d*w*0.10, by-w*0.13, bx+d*w*0.24, by-w*0.11, bx+d*w*0.22, by+w*0.01, bx+d*w*0.10, by+w*0.02)
		tail := Curve(bx, by, bx+d*w*0.10, by+w*0.10, bx+d*w*0.15, by+w*0.22)
		s.Shade(o.p(loop).Move(8, 12), 9, umbra, 0.4)
		band(tail.Taper(w*0.03, w*0.06))
		band(loop)
		s.Fill(o.p(Smooth(bx+d*w*0.05, by-w*0.03, bx+d*w*0.12, by-w*0.08, bx+d*w*0.19, by-w*0.07, bx+d*w*0.17, by-w*0.01)), veil(dim(ribbon, 0.6), 0.6))
	}
	s.Fill(o.p(RoundRect(bx-w*0.04, by-w*0.04, w*0.08, w*0.075, w*0.02)), ball(o.x, o.y, w*0.3, w*0.3, lit(ribbon, 0.1)))
}

// calendarLeaf is one month of the wall calendar, torn off.
func (s *Scene) calendarLeaf(o spot, w float64, kind int) {
	h := w * 1.08
	p := o.p(Rect(-w/2, -h/2, w, h))
	grounds := []RGB{hex(0xDCE3DC), hex(0xE7D3CB), hex(0xF0DDBB), hex(0xE4E2C8), hex(0xD9DFE2), hex(0xEBD8B4)}
	inks := []RGB{hex(0x9AA65C), leafy, hex(0xC4573F), plum, hex(0xB9A24C), pine}
	s.drop(p, 7)
	s.Fill(p, sweep(o.x-w/2, o.y-h/2, o.x+w/2, o.y+h/2, lit(paper, 0.6), dim(paper, 0.05)))
	s.Fill(o.p(Rect(-w*0.43, -h*0.44, w*0.86, h*0.56)), sweep(o.x-w/2, o.y-h/2, o.x+w/2, o.y+h/2, lit(grounds[kind], 0.14), grounds[kind]))
	s.motif(kind, o.x, o.y-h*0.16, w*0.19, inks[kind])
	for i := range 30 {
		col, row := (i+kind*2)%7, (i+kind*2)/7
		s.Fill(o.p(RoundRect(-w*0.36+float64(col)*w*0.115, h*0.2+float64(row)*h*0.062, w*0.026, w*0.026, 2)), veil(umber, 0.7))
	}
}

// letter is a sheet of writing paper with a printed twig at its head.
func (s *Scene) letter(o spot, w, h float64) {
	p := o.p(Rect(-w/2, -h/2, w, h))
	s.drop(p, 6)
	s.Fill(p, sweep(o.x-w/2, o.y-h/2, o.x+w/2, o.y+h/2, lit(paper, 0.6), dim(paper, 0.04)))
	q := o.p(Path{{{-w * 0.12, -h * 0.36}}})[0][0]
	s.twig(q.X, q.Y, w*0.26, o.deg-8, 6, w*0.1, leafy)
	for i := range 7 {
		l := w * 0.72
		if i == 6 {
			l = w * 0.4
		}
		y := -h*0.2 + float64(i)*h*0.075
		s.Fill(o.p(Curve(-w*0.36, y, -w*0.36+l*0.3, y-3, -w*0.36+l*0.7, y+3, -w*0.36+l, y).Stroke(3.4)), veil(ink, 0.55))
	}
}
