package main

// book lies flat: cover with spine, a paper edge at the right, a title label.
func (s *Scene) book(o spot, w, h, thick float64, c RGB, face func(spot)) {
	page := o.p(RoundRect(-w/2+4, -h/2+thick*0.5, w+thick*0.45, h, 5))
	s.drop(o.p(RoundRect(-w/2, -h/2, w+thick*0.3, h+thick*0.3, 8)), thick*0.8)
	s.Fill(o.p(RoundRect(-w/2+thick*0.6, -h/2+thick*0.8, w, h, 8)), flat(dim(c, 0.36)))
	s.Fill(page, flat(dim(paper, 0.10)))
	for i := range 3 {
		d := float64(i+1) * thick * 0.13
		s.Fill(o.p(Rect(-w/2+6, h/2+d, w+d, 1.6)), veil(dim(paper, 0.5), 0.4))
	}
	cover := o.p(RoundRect(-w/2, -h/2, w, h, 8))
	s.Fill(cover, sweep(o.x-w/2, o.y-h/2, o.x+w/2, o.y+h/2, lit(c, 0.2), dim(c, 0.10)))
	s.Within(cover, func() {
		s.Fill(o.p(Rect(-w/2, -h/2, w*0.085, h)), veil(dim(c, 0.5), 0.34))
		s.Fill(o.p(Rect(-w/2+w*0.085, -h/2, 3, h)), veil(lit(c, 0.5), 0.3))
		face(o)
	})
}

// notebook adds an elastic and a small label.
func (s *Scene) notebook(o spot, w float64, c RGB) {
	s.book(o, w, w*1.42, w*0.07, c, func(o spot) {
		s.Fill(o.p(RoundRect(-w*0.2, -w*0.42, w*0.48, w*0.26, 4)), sweep(o.x-w*0.2, o.y-w*0.4, o.x+w*0.3, o.y-w*0.2, lit(paper, 0.4), dim(paper, 0.06)))
		s.Fill(o.p(Rect(-w*0.12, -w*0.31, w*0.32, 3)), veil(umber, 0.5))
		s.Fill(o.p(Rect(-w*0.12, -w*0.25, w*0.22, 3)), veil(umber, 0.35))
		s.Fill(o.p(Rect(w*0.38, -w, w*0.035, 2*w)), flat(dim(c, 0.4)))
	})
}

// motif prints one flat fruit or twig, as on cards and wrapping paper.
func (s *Scene) motif(kind int, x, y, r float64, c RGB) {
	switch kind % 4 {
	case 0: // pear
		s.Fill(Smooth(x, y-r, x+r*0.2, y-r*0.85, x+r*0.3, y-r*0.35, x+r*0.62, y+r*0.15, x+r*0.5, y+r*0.75, x, y+r*0.9, x-r*0.5, y+r*0.75, x-r*0.62, y+r*0.15, x-r*0.3, y-r*0.35, x-r*0.2, y-r*0.85), sweep(x-r, y-r, x+r, y+r, lit(c, 0.22), dim(c, 0.12)))
		s.leaf(x+r*0.04, y-r*0.98, r*0.6, r*0.28, -25, leafy)
		s.Fill(Curve(x, y-r*0.95, x+r*0.02, y-r*1.1, x-r*0.06, y-r*1.3).Stroke(r*0.07), flat(umber))
	case 1: // twig
		s.twig(x-r*0.7, y+r*0.8, r*1.9, -52, 7, r*0.62, c)
	case 2: // apple cut in half
		p := Smooth(x, y-r*0.62, x+r*0.4, y-r*0.78, x+r*0.85, y-r*0.3, x+r*0.7, y+r*0.42, x+r*0.25, y+r*0.78, x, y+r*0.7, x-r*0.25, y+r*0.78, x-r*0.7, y+r*0.42, x-r*0.85, y-r*0.3, x-r*0.4, y-r*0.78)
		s.Fill(p, sweep(x-r, y-r, x+r, y+r, lit(c, 0.1), dim(c, 0.12)))
		in := p.Each(func(q Pt) Pt { return Pt{x + (q.X-x)*0.88, y + (q.Y-y)*0.88} })
		s.Fill(in, flat(hex(0xF3E6C4)))
		s.Fill(Ellipse(x, y, r*0.26, r*0.36), veil(dim(hex(0xF3E6C4), 0.25), 0.6))
		s.Fill(leafPath(x-r*0.08, y+r*0.16, r*0.3, r*0.15, -100), flat(umber))
		s.Fill(leafPath(x+r*0.08, y+r*0.16, r*0.3, r*0.15, -80), flat(umber))
		s.leaf(x, y-r*0.66, r*0.55, r*0.26, -40, leafy)
	case 3: // flower
		s.Fill(Curve(x, y+r, x+r*0.05, y+r*0.3, x, y-r*0.3).Stroke(r*0.07), flat(pine))
		s.leaf(x, y+r*0.6, r*0.6, r*0.24, -30, leafy)
		s.leaf(x, y+r*0.75, r*0.6, r*0.24, -150, leafy)
		s.bloom(x, y-r*0.4, r*0.55, 8, c, wax)
	}
}

// card is a folded greeting card with one motif.
func (s *Scene) card(o spot, w float64, ground RGB, kind int, c RGB) {
	h := w * 1.4
	p := o.p(Rect(-w/2, -h/2, w, h))
	s.drop(p, 7)
	s.Fill(p, sweep(o.x-w/2, o.y-h/2, o.x+w/2, o.y+h/2, lit(paper, 0.6), dim(paper, 0.04)))
	in := o.p(Rect(-w*0.42, -h*0.43, w*0.84, h*0.86))
	s.Fill(in, sweep(o.x-w/2, o.y-h/2, o.x+w/2, o.y+h/2, lit(ground, 0.15), dim(ground, 0.05)))
	s.motif(kind, o.x, o.y, w*0.30, c)
}

// envelope lies flap up.
func (s *Scene) envelope(o spot, w float64, c, lining RGB) {
	h := w * 0.7
	p := o.p(Rect(-w/2, -h/2, w, h))
	s.drop(p, 7)
	s.Fill(p, sweep(o.x-w/2, o.y-h/2, o.x+w/2, o.y+h/2, lit(c, 0.3), dim(c, 0.06)))
	s.Fill(o.p(Poly(-w/2, h/2, 0, -h*0.02, w/2, h/2)), veil(lit(c, 0.5), 0.5))
	flap := o.p(Smooth(-w/2, -h/2, -w/2, -h/2, -w*0.06, h*0.08, 0, h*0.12, w*0.06, h*0.08, w/2, -h/2, w/2, -h/2))
	s.Shade(flap.Move(2, 6), 6, umbra, 0.3)
	s.Fill(flap, sweep(o.x-w/2, o.y-h/2, o.x+w/2, o.y, lit(lining, 0.2), dim(lining, 0.08)))
}

// framed hangs a print on the wall, w by h with a wooden edge.
func (s *Scene) framed(x, y, w, h float64, wood, ground RGB, kind int, c RGB) {
	b := w * 0.045
	out := Rect(x-w/2, y-h/2, w, h)
	s.Shade(out.Move(w*0.05, w*0.05), w*0.05, umbra, 0.4)
	s.Fill(out, sweep(x-w/2, y-h/2, x+w/2, y+h/2, lit(wood, 0.25), dim(wood, 0.22)))
	in := Rect(x-w/2+b, y-h/2+b, w-2*b, h-2*b)
	s.Fill(in, sweep(x-w/2, y-h/2, x+w/2, y+h/2, lit(paper, 0.3), dim(paper, 0.04)))
	s.Within(in, func() {
		s.Shade(append(Rect(x-w, y-h, 2*w, 2*h), reversed(in[0])).Move(w*0.012, w*0.015), 6, umbra, 0.3)
		g := Rect(x-w*0.34, y-h*0.36, w*0.68, h*0.66)
		s.Fill(g, sweep(x-w/2, y-h/2, x+w/2, y+h/2, lit(ground, 0.14), dim(ground, 0.06)))
		s.motif(kind, x, y-h*0.02, w*0.25, c)
		s.Fill(Rect(x-w*0.1, y+h*0.36, w*0.2, 3), veil(umber, 0.5))
	})
}

// roll is wrapping paper, partly unrolled towards the lower right.
func (s *Scene) roll(o spot, w, open float64, ground RGB, kind int, c RGB) {
	sheet := o.p(Rect(-w/2, 0, w, open))
	s.drop(sheet, 4)
	s.Fill(sheet, sweep(o.x-w/2, o.y, o.x+w/2, o.y+open, lit(ground, 0.16), dim(ground, 0.06)))
	s.Within(sheet, func() {
		for i := range 5 {
			for j := range int(open/(w*0.24)) + 1 {
				x := -w*0.42 + float64(i)*w*0.23 - float64(j%2)*w*0.08
				q := o.p(Path{{{x, w*0.18 + float64(j)*w*0.22}}})[0][0]
				s.motif(kind, q.X, q.Y, w*0.068, c)
			}
		}
	})
	tube := o.p(RoundRect(-w/2-6, -w*0.07, w+12, w*0.14, 8))
	s.drop(tube, 16)
	q := o.p(Path{{{0, -w * 0.07}, {0, w * 0.07}}})[0]
	s.Fill(tube, sweep(q[0].X, q[0].Y, q[1].X, q[1].Y, lit(ground, 0.35), dim(ground, 0.35)))
	s.Fill(o.p(Rect(-w*0.09, -w*0.075, w*0.18, w*0.15)), sweep(q[0].X, q[0].Y, q[1].X, q[1].Y, lit(kraft, 0.35), dim(kraft, 0.3)))
}

// pencil lies flat, l long.
func (s *Scene) pencil(o spot, l float64, c RGB) {
	w := l * 0.042
	body := o.p(Rect(-w/2, -l*0.38, w, l*0.88))
	tip := o.p(Poly(-w/2, -l*0.38, 0, -l*0.5, w/2, -l*0.38))
	s.drop(append(body, tip[0]), 7)
	s.Fill(tip, flat(ash))
	s.Fill(o.p(Poly(-w*0.17, -l*0.46, 0, -l*0.5, w*0.17, -l*0.46)), flat(dim(c, 0.35)))
	s.Fill(body, flat(c))
	s.Fill(o.p(Rect(-w/2, -l*0.38, w*0.3, l*0.88)), veil(lit(c, 0.5), 0.6))
	s.Fill(o.p(Rect(w*0.2, -l*0.38, w*0.3, l*0.88)), veil(dim(c, 0.5), 0.5))
	s.Fill(o.p(Rect(-w/2, l*0.42, w, l*0.02)), veil(brass, 0.95))
}

// calendar hangs by a clip: a picture above, the days below as dots.
func (s *Scene) calendar(x, y, w float64, ground RGB, kind int, c RGB, first int) {
	h := w * 1.42
	p := Rect(x-w/2, y, w, h)
	s.Shade(p.Move(w*0.04, w*0.04), w*0.04, umbra, 0.36)
	s.Fill(p, sweep(x-w/2, y, x+w/2, y+h, lit(paper, 0.6), dim(paper, 0.05)))
	s.Fill(Rect(x-w*0.42, y+w*0.1, w*0.84, w*0.72), sweep(x-w/2, y, x+w/2, y+w, lit(ground, 0.14), dim(ground, 0.06)))
	s.motif(kind, x, y+w*0.48, w*0.23, c)
	for i := range 31 {
		col, row := (i+first)%7, (i+first)/7
		q := Pt{x - w*0.36 + float64(col)*w*0.12, y + w*0.96 + float64(row)*w*0.085}
		tint := umber
		if col == 6 {
			tint = clay
		}
		s.Fill(RoundRect(q.X-w*0.015, q.Y-w*0.015, w*0.03, w*0.03, w*0.006), veil(tint, 0.75))
	}
	s.Fill(RoundRect(x-w*0.52, y-w*0.035, w*1.04, w*0.07, 8), sweep(x, y-w*0.035, x, y+w*0.035, lit(oak, 0.25), dim(oak, 0.2)))
	s.Fill(Curve(x-w*0.3, y-w*0.03, x, y-w*0.34, x+w*0.3, y-w*0.03).Stroke(3), flat(dim(oak, 0.4)))
	s.Fill(Ellipse(x, y-w*0.30, 8, 8), ball(x, y-w*0.30, 9, 9, brass))
}
