package main

import "math"

func saladForm() Form {
	return turned(6.5, 0, 6.5, 0.01, 8.6, 1.2, 12.2, 5, 14, 9, 14.4, 11)
}

// salad is the large bowl, filled with leaves.
func (s *Scene) salad(x, y, k float64, c RGB) {
	s.turn(saladForm(), x, y, k, glaze(c, 11))
	top := y - 11*k
	for i := range 26 {
		t := float64(i) / 25
		px, py := x+s.around(0, 11.2)*k*(1-0.35*t), top+(1.6-4.2*t)*k
		s.leaf(px, py, 4.6*k*s.around(1, 0.2), 2.6*k, s.around(-90, 85), mix(leafy, hex(0xB5C07A), s.rnd.Float64()))
		if i%6 == 5 {
			s.Fill(Ellipse(px, py-1*k, 1.3*k, 1.2*k), ball(px, py-1*k, 1.4*k, 1.3*k, hex(0xB9473A)))
		}
	}
	f := Path{append(arc(x, top, 14.4*k, 14.4*k*s.tilt, 0, 180), reversed(arc(x, top, 13.9*k, 13.5*k*s.tilt, 0, 180))...)}
	low := Path{append(arc(x, top, 13.9*k, 13.5*k*s.tilt, 0, 180), Pt{x - 14*k, top + 9*k}, Pt{x + 14*k, top + 9*k})}
	body := saladForm()
	s.Within(low, func() {
		s.Within(s.outline(body, x, y, k), func() { s.Fill(low, s.round(body, x, y, k, c)); s.shine(body, x, y, k, 0.75) })
	})
	s.Fill(f, sweep(x-14*k, top, x+14*k, top+3*k, lit(c, 0.5), lit(c, 0.1)))
}

// eggCup is 4.8 cm wide and 6.5 high.
func (s *Scene) eggCup(x, y, k float64, c RGB, egg bool) {
	f := turned(2.3, 0, 2.3, 0.01, 1.9, 0.7, 1.25, 1.8, 1.5, 2.8, 2.3, 4.2, 2.45, 6.0)
	s.turn(f, x, y, k, glaze(c, 6))
	if !egg {
		return
	}
	e := turned(2.05, 5.4, 2.12, 6.2, 1.95, 7.6, 1.4, 9.0, 0.85, 9.5, 0.35, 9.72, 0.05, 9.76)
	shell := s.outline(e, x, y, k)
	s.Fill(shell, ball(x, y-7*k, 2.5*k, 3.3*k, hex(0xDDB48E)))
	s.Within(shell, func() { s.shine(e, x, y, k, 0.25) })
	rim := arc(x, y-6*k, 2.3*k, 2.2*k*s.tilt, 0, 180) // the front of the cup stands before the egg
	front := Path{append(rim, Pt{x - 2.3*k, y - 4.6*k}, Pt{x + 2.3*k, y - 4.6*k})}
	s.Within(s.outline(f, x, y, k), func() { s.Fill(front, s.round(f, x, y, k, c)) })
}

// butterDish has a plate and a domed lid with a knob; open shows the butter.
func (s *Scene) butterDish(x, y, k float64, c RGB, closed bool) {
	s.plate(x, y, k, 17, c)
	if closed {
		f := turned(6.6, 1.2, 6.6, 1.4, 6.5, 4.4, 5.8, 6.6, 3.6, 7.8, 1.2, 8.2)
		s.turn(f, x, y, k, Skin{body: c, gloss: 0.75, specks: 0.3, still: true})
		s.turn(turned(0.8, 8, 0.7, 8.6, 1.5, 9.8, 0.9, 10.6), x, y, k, Skin{body: c, gloss: 0.5, still: true})
		return
	}
	b := hex(0xF0D488)
	l, t, w, h := x-3.8*k, y-5.4*k, 7.6*k, 3.6*k
	s.Shade(Rect(l, t+h*0.8, w*1.15, h*0.4), 0.6*k, umbra, 0.4)
	s.Fill(Poly(l, t, l+1.4*k, t-1.5*k, l+w+1.4*k, t-1.5*k, l+w, t), flat(lit(b, 0.4)))
	s.Fill(Poly(l+w, t, l+w+1.4*k, t-1.5*k, l+w+1.4*k, t+h-1.5*k, l+w, t+h), flat(dim(b, 0.28)))
	s.Fill(Rect(l, t, w, h), sweep(l, t, l+w, t+h, lit(b, 0.14), dim(b, 0.1)))
	lx, ly := x+9.3*k, y+3.6*k
	s.turn(turned(6.6, 0, 6.6, 0.2, 6.5, 3.2, 5.8, 5.4, 3.6, 6.6, 1.2, 7), lx, ly, k*0.9, Skin{body: c, gloss: 0.75, specks: 0.3})
	s.turn(turned(0.8, 6.8, 0.7, 7.4, 1.5, 8.6, 0.9, 9.4), lx, ly, k*0.9, Skin{body: c, gloss: 0.5, still: true})
}

// server is one of the olive-wood pair; a fork has three tines.
func (s *Scene) server(o spot, l float64, fork bool) {
	c := hex(0xB98A55)
	head := Smooth(-l*0.02, -l*0.16, -l*0.085, -l*0.26, -l*0.095, -l*0.38, -l*0.06, -l*0.48, 0, -l*0.5, l*0.06, -l*0.48, l*0.095, -l*0.38, l*0.085, -l*0.26, l*0.02, -l*0.16)
	if fork {
		head = Smooth(-l*0.02, -l*0.16, -l*0.085, -l*0.26, -l*0.095, -l*0.36, -l*0.078, -l*0.48, -l*0.062, -l*0.5, -l*0.047, -l*0.48, -l*0.042, -l*0.40, -l*0.032, -l*0.38, -l*0.023, -l*0.40, -l*0.018, -l*0.49, 0, -l*0.51,
			l*0.018, -l*0.49, l*0.023, -l*0.40, l*0.032, -l*0.38, l*0.042, -l*0.40, l*0.047, -l*0.48, l*0.062, -l*0.5, l*0.078, -l*0.48, l*0.095, -l*0.36, l*0.085, -l*0.26, l*0.02, -l*0.16)
	}
	grip := Curve(0, -l*0.18, l*0.002, 0, -l*0.004, l*0.25, 0, l*0.49).Taper(l*0.034, l*0.056)
	end := Ellipse(0, l*0.49, l*0.028, l*0.028)
	s.drop(o.p(head), 14)
	s.drop(o.p(grip), 12)
	for _, p := range []Path{grip, end, head} {
		s.Fill(o.p(p), sweep(o.x-l*0.1, o.y-l*0.4, o.x+l*0.12, o.y+l*0.4, lit(c, 0.28), dim(c, 0.2)))
	}
	all := append(o.p(head), o.p(grip)...)
	s.Within(all, func() {
		for i := range 7 {
			t := (float64(i) - 3) * l * 0.02
			s.Fill(o.p(Curve(t*1.5, -l*0.5, t*1.3+l*0.012, -l*0.36, t*0.7, -l*0.2, t*0.4, -l*0.1, t*0.5-l*0.006, l*0.2, t*0.6, l*0.5).Taper(3, 4)), veil(dim(c, 0.55), 0.24))
		}
		if !fork {
			s.Shade(o.p(Ellipse(l*0.016, -l*0.35, l*0.05, l*0.10)), l*0.022, umbra, 0.34)
		}
	})
}

// bread is a round loaf from above, scored with a leaf.
func (s *Scene) bread(x, y, r float64) {
	c := hex(0xB57B45)
	p := Ellipse(x, y, r, r*0.96)
	s.drop(p, 20)
	s.Fill(p, ball(x, y, r*1.1, r*1.1, c))
	s.Within(p, func() {
		s.Fill(p, glow(x-r*0.2, y-r*0.25, r*0.9, hex(0xF3E3C6), 0.5))
		s.Fill(Curve(x-r*0.6, y+r*0.5, x, y, x+r*0.6, y-r*0.55).Taper(r*0.08, r*0.03), veil(hex(0xF0DDB8), 0.9))
		for i := range 4 {
			t := -0.36 + 0.24*float64(i)
			for _, d := range []float64{-1, 1} {
				px, py := x+t*r, y-t*r*0.9
				s.Fill(leafPath(px, py, r*0.4, r*0.1, -45+d*52), veil(hex(0xF0DDB8), 0.85))
			}
		}
		for range 10 {
			a := s.rnd.Float64() * 2 * math.Pi
			s.Fill(Ellipse(x+r*0.8*math.Cos(a), y+r*0.8*math.Sin(a), r*0.02, r*0.02), veil(white, 0.5))
		}
	})
}
