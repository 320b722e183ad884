package main

import "math"

// patch is a piece of the front of a turned thing: heights h0..h1, and u from
// -span to span around the middle.
func (s *Scene) patch(f Form, x, y, k, h0, h1, u0, u1 float64) Path {
	at := func(u, h float64) Pt {
		r := f.r(h) * k
		return Pt{x + u*r, y - h*k + s.tilt*r*math.Sqrt(math.Max(0, 1-u*u))}
	}
	var pts []Pt
	for i := range 25 {
		pts = append(pts, at(u0+(u1-u0)*float64(i)/24, h1))
	}
	for i := range 25 {
		pts = append(pts, at(u1-(u1-u0)*float64(i)/24, h0))
	}
	return Path{pts}
}

// label pastes a paper label on a turned thing: a coloured band, a leaf in
// place of a name, two rules. Words are left to the shop's own pages.
func (s *Scene) label(f Form, x, y, k, h0, h1, span float64, c RGB) {
	s.Fill(s.patch(f, x, y, k, h0, h1, -span, span), s.round(f, x, y, k, paper))
	d := h1 - h0
	s.Fill(s.patch(f, x, y, k, h0+d*0.08, h0+d*0.26, -span, span), s.round(f, x, y, k, c))
	r := f.r((h0+h1)/2) * k
	cy := y - (h0+d*0.68)*k + s.tilt*r
	s.leaf(x-d*0.02*k, cy+d*0.08*k, d*0.30*k, d*0.15*k, -58, c)
	s.leaf(x-d*0.02*k, cy+d*0.08*k, d*0.24*k, d*0.12*k, -128, lit(c, 0.2))
	s.Fill(s.patch(f, x, y, k, h0+d*0.43, h0+d*0.46, -span*0.55, span*0.55), veil(umber, 0.6))
	s.Fill(s.patch(f, x, y, k, h0+d*0.36, h0+d*0.38, -span*0.35, span*0.35), veil(umber, 0.45))
}

func bottleForm(h float64) Form {
	q := h / 26
	return turned(3.4*q, 0, 3.5*q, 0.2*q, 3.55*q, 1*q, 3.55*q, 9*q, 3.5*q, 15*q, 2.2*q, 18.6*q, 1.45*q, 21*q, 1.4*q, 24.5*q, 1.6*q, 24.8*q, 1.6*q, h)
}

// bottle has coloured glass, a cork and a label; h in cm.
func (s *Scene) bottle(x, y, k, h float64, c, mark RGB) {
	f := bottleForm(h)
	q := h / 26
	s.turn(turned(1.15*q, h-0.4*q, 1.15*q, h+0.3*q, 1.45*q, h+0.4*q, 1.45*q, h+1.7*q), x, y, k, Skin{body: kraft, still: true})
	s.turn(f, x, y, k, Skin{body: c, gloss: 1.15})
	s.turn(turned(1.2*q, h-0.1*q, 1.5*q, h+0.3*q, 1.5*q, h+1.7*q), x, y, k, Skin{body: kraft, still: true})
	s.Within(s.outline(f, x, y, k), func() {
		s.Fill(s.outline(f, x, y, k), glow(x+1.6*q*k, y-5*q*k, 5*q*k, lit(c, 0.5), 0.35))
	})
	s.label(f, x, y, k, 4*q, 12.6*q, 0.86, mark)
}

func jarForm(h float64) Form {
	q := h / 10
	return turned(3.3*q, 0, 3.6*q, 0.2*q, 3.75*q, 1*q, 3.75*q, 5*q, 3.7*q, 7.6*q, 3.2*q, 8.6*q, 3.15*q, h)
}

// jar is full of something coloured, under a metal lid.
func (s *Scene) jar(x, y, k, h float64, c, lid, mark RGB) {
	f := jarForm(h)
	q := h / 10
	s.turn(f, x, y, k, Skin{body: c, gloss: 1.1})
	sil := s.outline(f, x, y, k)
	s.Within(sil, func() {
		s.Fill(sil, glow(x+1.8*q*k, y-2.2*q*k, 4.2*q*k, lit(c, 0.6), 0.5))
		s.glassEdge(f, x, y, k, dim(c, 0.2))
		s.Fill(s.belt(f, x, y, k, 7.9*q, 8.15*q, 0), veil(white, 0.35))
	})
	s.label(f, x, y, k, 1.5*q, 6.7*q, 0.82, mark)
	s.turn(turned(3.45*q, 8.7*q, 3.5*q, 8.8*q, 3.5*q, 10.3*q, 3.3*q, 10.5*q), x, y, k, Skin{body: lid, gloss: 0.4, still: true})
}

// pouch is a block-bottom paper bag with a folded top, w by h.
func (s *Scene) pouch(x, y, w, h float64, c, mark RGB) {
	p := Smooth(x-w/2, y, x-w/2, y, x-w*0.51, y-h*0.5, x-w*0.47, y-h, x-w*0.47, y-h, x+w*0.47, y-h, x+w*0.47, y-h, x+w*0.51, y-h*0.5, x+w/2, y, x+w/2, y, x, y+h*0.015)
	s.cast(p, y, w/9)
	s.Shade(Rect(x-w/2, y-5, w*1.03, 14), w*0.03, umbra, 0.55)
	s.Fill(p, sweep(x-w/2, y-h, x+w/2, y, lit(c, 0.28), dim(c, 0.16)))
	s.Within(p, func() {
		s.Fill(Poly(x+w*0.40, y-h, x+w*0.6, y-h, x+w*0.6, y, x+w*0.38, y), veil(dim(c, 0.5), 0.32))
		s.Fill(Poly(x-w*0.6, y-h, x-w*0.44, y-h, x-w*0.42, y, x-w*0.6, y), veil(lit(c, 0.6), 0.35))
		s.crease(spot{x, y, 0}, -w*0.5, -h*0.25, w*0.2, -h*0.12, w*0.05)
		s.crease(spot{x, y, 0}, w*0.1, -h*0.8, w*0.45, -h*0.7, w*0.05)
	})
	fold := Rect(x-w*0.48, y-h*1.03, w*0.96, h*0.13)
	s.Shade(fold.Move(3, 7), 7, umbra, 0.4)
	s.Fill(fold, sweep(x-w/2, y-h, x+w/2, y-h*0.9, lit(c, 0.36), dim(c, 0.06)))
	s.Fill(Rect(x-w*0.48, y-h*0.985, w*0.96, 2.5), veil(dim(c, 0.5), 0.35))
	s.flatLabel(x, y-h*0.45, w*0.58, h*0.44, mark)
}

// flatLabel is the label's design on a flat front.
func (s *Scene) flatLabel(x, y, w, h float64, c RGB) {
	s.Fill(Rect(x-w/2, y-h/2, w, h), sweep(x-w/2, y-h/2, x+w/2, y+h/2, lit(paper, 0.4), dim(paper, 0.07)))
	s.Fill(Rect(x-w/2, y+h*0.26, w, h*0.16), sweep(x-w/2, y, x+w/2, y, lit(c, 0.1), dim(c, 0.1)))
	s.leaf(x, y-h*0.06, h*0.32, h*0.15, -58, c)
	s.leaf(x, y-h*0.06, h*0.26, h*0.12, -128, lit(c, 0.2))
	s.Fill(Rect(x-w*0.28, y+h*0.04, w*0.56, h*0.022), veil(umber, 0.6))
	s.Fill(Rect(x-w*0.18, y+h*0.12, w*0.36, h*0.016), veil(umber, 0.45))
}

// tin is a round caddy with a pressed lid.
func (s *Scene) tin(x, y, k float64, c, mark RGB) {
	f := edged(3.6, 0, 3.7, 0.2, 3.7, 8.4)
	s.turn(f, x, y, k, Skin{body: c, gloss: 0.5})
	s.label(f, x, y, k, 1.2, 6.6, 0.8, mark)
	s.turn(edged(3.85, 7.6, 3.85, 10, 3.7, 10.2), x, y, k, Skin{body: lit(c, 0.08), gloss: 0.5, still: true})
}

// heap fills a shallow mound of beans, flakes or berries around x, y.
func (s *Scene) heap(x, y, rx, ry float64, n int, size float64, cs ...RGB) {
	s.Shade(Ellipse(x+size*0.4, y+size*0.3, rx, ry), size*0.7, umbra, 0.35)
	for i := range n {
		t := float64(i) / float64(n)
		a := s.rnd.Float64() * 2 * math.Pi
		q := math.Sqrt(s.rnd.Float64()) * (1 - 0.3*t)
		px, py := x+rx*q*math.Cos(a), y+ry*q*math.Sin(a)-t*ry*0.45
		c := cs[s.rnd.IntN(len(cs))]
		p := Ellipse(px, py, size*0.5, size*0.32).Turn(px, py, s.around(0, 80))
		s.Shade(p.Move(size*0.08, size*0.1), size*0.12, umbra, 0.35)
		s.Fill(p, ball(px, py, size*0.52, size*0.5, c))
	}
}

// bar is a wrapped bar of chocolate, flat, with three squares beside it.
func (s *Scene) bar(o spot, w, h float64, c, choc RGB) {
	for i := range 3 {
		for j := range 2 {
			d := w / 3
			p := o.p(RoundRect(-w/2+float64(i)*d, h/2-d*0.45+float64(j)*d*0.96, d-5, d*0.92, 8))
			s.drop(p, 10)
			s.Fill(p, sweep(o.x-w/2, o.y, o.x+w/2, o.y+h, lit(choc, 0.16), dim(choc, 0.2)))
			in := o.p(RoundRect(-w/2+float64(i)*d+d*0.14, h/2-d*0.45+float64(j)*d*0.96+d*0.14, d*0.68, d*0.62, 6))
			s.Fill(in, sweep(o.x-w/2, o.y, o.x+w/2, o.y+h, dim(choc, 0.12), lit(choc, 0.14)))
		}
	}
	s.Fill(o.p(Poly(-w/2+6, h/2-20, w/2-6, h/2-20, w/2-14, h/2+24, w*0.2, h/2+14, 0, h/2+27, -w*0.25, h/2+16, -w/2+14, h/2+26)), sweep(o.x-w/2, o.y, o.x+w/2, o.y+h/2, lit(brass, 0.6), dim(brass, 0.05)))
	body := o.p(Rect(-w/2, -h/2, w, h))
	s.drop(body, 10)
	s.Fill(body, sweep(o.x-w/2, o.y-h/2, o.x+w/2, o.y+h/2, lit(c, 0.2), dim(c, 0.14)))
	s.Fill(o.p(Rect(-w/2, -h*0.12, w, h*0.34)), sweep(o.x-w/2, o.y-h/2, o.x+w/2, o.y+h/2, lit(paper, 0.3), dim(paper, 0.08)))
	s.leaf(o.x, o.y+h*0.09, w*0.26, w*0.12, o.deg-58, c)
	s.leaf(o.x, o.y+h*0.09, w*0.2, w*0.1, o.deg-128, lit(c, 0.2))
	s.Fill(o.p(Rect(-w*0.2, h*0.14, w*0.4, 4)), veil(umber, 0.55))
}
