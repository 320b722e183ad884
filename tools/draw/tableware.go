package main

import "math"

// glaze is stoneware in one of the shop's glazes, with a bare foot.
func glaze(c RGB, h float64) Skin {
	foot := h * 0.09
	sk := Skin{body: c, inside: c, lip: 0.35, edge: mix(lit(c, 0.25), bisque, 0.35), gloss: 0.75, specks: 0.35}
	sk.bands = []Band{{0, foot, bisque, 0}, {foot, foot + h*0.10, dim(c, 0.16), 0.12}}
	return sk
}

func bowlForm() Form {
	return turned(3.4, 0, 3.4, 0.01, 4.6, 0.8, 6.3, 2.8, 7.2, 5.2, 7.5, 7)
}

// bowl is 15 cm wide and 7 cm high.
func (s *Scene) bowl(x, y, k float64, c RGB) {
	s.turn(bowlForm(), x, y, k, glaze(c, 7))
}

func mugForm() Form { return turned(3.7, 0, 3.7, 0.01, 4.15, 0.5, 4.2, 3, 4.05, 6.5, 4.1, 9) }

// mug is 8.2 cm wide and 9 cm high, its handle to the right.
func (s *Scene) mug(x, y, k float64, c RGB) {
	s.loop(x+3.8*k, y-7.3*k, 3.0*k, 4.6*k, 1.0*k, c)
	s.turn(mugForm(), x, y, k, glaze(c, 9))
}

// loop is a handle that leaves the body at the left and comes back lower.
func (s *Scene) loop(x, y, w, h, thick float64, c RGB) {
	line := Curve(x, y, x+w*0.7, y-h*0.06, x+w, y+h*0.3, x+w*0.8, y+h*0.75, x-w*0.05, y+h)
	s.cast(line.Stroke(thick), y+h*1.35, thick*1.2)
	s.Fill(line.Stroke(thick), sweep(x, y, x+w, y+h, dim(c, 0.05), dim(c, 0.46)))
	s.Fill(line.Move(-thick*0.16, -thick*0.2).Stroke(thick*0.34), veil(lit(c, 0.45), 0.6))
}

func cupForm() Form { return turned(2.3, 0, 2.3, 0.01, 2.75, 0.6, 3.0, 2.5, 3.1, 5.8) }

// cup is the small one without a handle: 6.2 cm wide, 5.8 cm high.
func (s *Scene) cup(x, y, k float64, c RGB) {
	sk := glaze(c, 5.8)
	sk.lip = 0.28
	s.turn(cupForm(), x, y, k, sk)
}

func plateForm(d float64) Form {
	return turned(d*0.30, 0, d*0.30, 0.01, d*0.38, 0.5, d*0.47, 1.4, d*0.5, 2.4)
}

// plate lies on the table, d cm across.
func (s *Scene) plate(x, y, k, d float64, c RGB) {
	f := plateForm(d)
	sk := glaze(c, 2.4)
	sk.specks, sk.lip, sk.gloss, sk.bands = 0, 0, 0, nil
	s.turn(f, x, y, k, sk)
	r := d / 2 * k
	ty := y - 2.4*k
	s.Fill(Ellipse(x, ty+0.25*k, r*0.93, r*0.93*s.tilt), sweep(x-r, ty-r*s.tilt, x+r, ty+r*s.tilt, dim(c, 0.10), lit(c, 0.2)))
	s.Fill(Ellipse(x, ty+0.7*k, r*0.66, r*0.66*s.tilt), sweep(x-r, ty-r*s.tilt, x+r, ty+r*s.tilt, dim(c, 0.2), lit(c, 0.12)))
	s.Fill(Ring(x, ty+0.7*k, r*0.66, r*0.66*s.tilt, 0.12*k), veil(lit(c, 0.6), 0.5))
}

// plateAbove is the same plate from straight above.
func (s *Scene) plateAbove(x, y, k, d float64, c RGB) {
	r := d / 2 * k
	s.drop(Ellipse(x, y, r*0.97, r*0.97), 1.6*k)
	s.Fill(Ellipse(x, y, r, r), sweep(x-r, y-r, x+r, y+r, lit(c, 0.34), dim(c, 0.12)))
	s.Fill(Ring(x, y, r, r, 0.3*k), veil(bisque, 0.75))
	s.Fill(Ellipse(x, y, r*0.72, r*0.72), sweep(x-r*0.7, y-r*0.7, x+r*0.7, y+r*0.7, dim(c, 0.22), lit(c, 0.22)))
	s.Fill(Ellipse(x, y, r*0.69, r*0.69), sweep(x-r*0.7, y-r*0.7, x+r*0.7, y+r*0.7, dim(c, 0.02), lit(c, 0.10)))
	s.Fill(Ring(x, y, r*0.45, r*0.45, 0.07*k), veil(dim(c, 0.35), 0.3))
	for range int(d * 3) {
		a, q := s.rnd.Float64()*2*math.Pi, math.Sqrt(s.rnd.Float64())*r*0.95
		s.Fill(Ellipse(x+q*math.Cos(a), y+q*math.Sin(a), 0.05*k+0.5, 0.05*k+0.5), veil(umber, 0.4))
	}
	s.Fill(Path{append(arc(x, y, r*0.9, r*0.9, 198, 244), reversed(arc(x, y, r*0.84, r*0.84, 200, 242))...)}, veil(white, 0.4))
}

func jugForm() Form {
	return turned(4.6, 0, 4.6, 0.01, 5.9, 1.6, 6.5, 5.5, 5.6, 11, 4.3, 15.5, 4.2, 18.5, 4.9, 22)
}

// jug holds 1.2 litres: 13 cm wide, 22 cm high.
func (s *Scene) jug(x, y, k float64, c RGB) {
	s.loop(x+4.1*k, y-19*k, 5.4*k, 12*k, 1.3*k, c)
	f := jugForm()
	spout := Smooth(x-4.5*k, y-19.8*k, x-4.7*k, y-22.2*k, x-6.6*k, y-22.8*k, x-6.2*k, y-21.9*k, x-5*k, y-19.5*k, x-4.4*k, y-18*k)
	sk := glaze(c, 22)
	s.turn(f, x, y, k, sk)
	s.Fill(spout, sweep(x-6.6*k, y-23*k, x-4*k, y-18*k, lit(c, 0.42), c))
}

// board is end-sawn ash with a leather loop, lying flat, seen from above.
func (s *Scene) board(x, y, w, h, deg float64, c RGB) {
	body := RoundRect(x-w/2, y-h/2, w, h, w*0.2)
	neck := RoundRect(x-w*0.11, y-h/2-w*0.30, w*0.22, w*0.42, w*0.1)
	hole := Ellipse(x, y-h/2-w*0.19, w*0.035, w*0.035)
	p := append(body, neck[0]).Turn(x, y, deg)
	s.drop(p, w*0.03)
	s.Fill(p, sweep(x-w/2, y-h/2, x+w/2, y+h/2, lit(c, 0.25), dim(c, 0.1)))
	s.Within(p, func() { s.grain(x, y, w, h*1.6, deg, c) })
	s.Fill(hole.Turn(x, y, deg), veil(dim(c, 0.75), 0.9))
}

// grain draws the long lines of a sawn plank around x, y.
func (s *Scene) grain(x, y, w, h, deg float64, c RGB) {
	n := 9
	for i := range n {
		gx := x - w/2 + w*(float64(i)+0.5)/float64(n) + s.around(0, w*0.03)
		d := s.around(0, w*0.03)
		l := Curve(gx, y-h/2, gx+d, y-h/6, gx-d, y+h/6, gx+d/2, y+h/2).Turn(x, y, deg)
		s.Fill(l.Taper(w*0.006, w*0.014), veil(dim(c, 0.42), 0.34))
	}
}

func potForm() Form {
	return turned(4.5, 0, 4.5, 0.01, 6.6, 1.6, 7.9, 5, 7.4, 8.6, 5, 11.2, 4.2, 11.6)
}

// teapot holds 0.9 litres; its handle is brass with a wooden grip.
func (s *Scene) teapot(x, y, k float64, c RGB) {
	spout := Smooth(x-6.4*k, y-7.6*k, x-9.4*k, y-8.6*k, x-11*k, y-11.8*k, x-12.6*k, y-12*k, x-12.1*k, y-10.6*k, x-10.8*k, y-6.2*k, x-7.2*k, y-3.6*k)
	s.cast(spout, y, k)
	s.Fill(spout, sweep(x-12*k, y-11*k, x-8*k, y-3*k, lit(c, 0.28), dim(c, 0.2)))
	sk := glaze(c, 11.6)
	sk.lip = 0
	s.turn(potForm(), x, y, k, sk)
	lid := turned(4.3, 11.5, 4.0, 12.2, 2.2, 13.0, 0.7, 13.3)
	s.turn(lid, x, y, k, Skin{body: c, gloss: 0.4, still: true})
	s.turn(turned(0.5, 13.2, 0.5, 13.5, 1.15, 14.3, 0.7, 15.0), x, y, k, Skin{body: c, still: true})
	bow := Curve(x-6.2*k, y-10*k, x-6.4*k, y-15*k, x-3*k, y-19*k, x+3*k, y-19*k, x+6.4*k, y-15*k, x+6.2*k, y-10*k)
	s.Fill(bow.Stroke(0.42*k), sweep(x-6*k, y-19*k, x+6*k, y-10*k, lit(brass, 0.25), dim(brass, 0.3)))
	s.Fill(Curve(x-3.3*k, y-18.85*k, x, y-19.4*k, x+3.3*k, y-18.85*k).Stroke(1.2*k), sweep(x, y-20*k, x, y-18.6*k, lit(walnut, 0.2), dim(walnut, 0.3)))
}

// glass is a thin-walled vessel: you see its edges, its content and two lights.
func (s *Scene) glass(f Form, x, y, k float64, tint RGB, level float64, drink RGB) {
	sil := s.outline(f, x, y, k)
	s.Shade(sil.Each(func(q Pt) Pt { h := y - q.Y; return Pt{q.X + h*0.6, q.Y + h*0.84} }), 1.2*k, umbra, 0.2)
	s.touch(x, y, f[0].X*k, k)
	s.Fill(sil, veil(tint, 0.30))
	s.Within(sil, func() {
		if level > 0 {
			r := f.r(level)
			s.Fill(s.belt(f, x, y, k, 0.5, level, 0), func(px, py float64) (RGB, float64) {
				c, _ := s.round(f, x, y, k, drink)(px, py)
				return c, 0.78
			})
			s.Fill(Ellipse(x, y-level*k, r*k, r*k*s.tilt), veil(lit(drink, 0.35), 0.9))
		}
		s.glassEdge(f, x, y, k, tint)
		s.shine(f, x, y, k, 1.1)
	})
	t := f[len(f)-1]
	s.Fill(Ring(x, y-t.Y*k, t.X*k, t.X*k*s.tilt, 0.16*k), veil(lit(tint, 0.7), 0.85))
}

// glassEdge darkens the sides, where one looks through more glass.
func (s *Scene) glassEdge(f Form, x, y, k float64, tint RGB) {
	side := dim(tint, 0.55)
	s.Fill(s.outline(f, x, y, k), func(px, py float64) (RGB, float64) {
		r := f.r(math.Max(0, math.Min(f.top(), (y-py)/k))) * k
		t := math.Abs(px-x) / math.Max(r, 1)
		return side, 0.42 * soft((t-0.78)/0.22)
	})
	b := f[0]
	s.Fill(Ellipse(x, y-0.35*k, b.X*k*0.92, b.X*k*s.tilt*0.9), veil(dim(tint, 0.4), 0.3))
	s.Fill(Ring(x, y-0.45*k, b.X*k*0.9, b.X*k*s.tilt*0.85, 0.12*k), veil(white, 0.5))
}

func tumblerForm() Form { return edged(3.2, 0, 3.35, 0.4, 3.9, 9.2) }
func carafeForm() Form {
	return turned(4.4, 0, 4.6, 0.3, 5.3, 3, 5.2, 9, 3.4, 15, 2.3, 18.5, 2.3, 22, 3.2, 26)
}
