package main

import "math"

// spot is a place and a turn: things lying flat are drawn around 0,0 and put
// there with p.
type spot struct{ x, y, deg float64 }

func (o spot) p(p Path) Path { return p.Move(o.x, o.y).Turn(o.x, o.y, o.deg) }

// linenPaint is a gentle light across a cloth.
func linenPaint(x, y, w, h float64, c RGB) Paint {
	return sweep(x-w/2, y-h/2, x+w/2, y+h/2, lit(c, 0.26), dim(c, 0.10))
}

// folded is a cloth folded to w by h, seen from above, with hem and stripes.
func (s *Scene) folded(o spot, w, h float64, c RGB, stripe RGB, n int) {
	body := o.p(RoundRect(-w/2, -h/2, w, h, w*0.02))
	s.drop(body, 12)
	s.Fill(o.p(RoundRect(-w/2+5, -h/2+7, w, h, w*0.02)), flat(dim(c, 0.22)))
	s.Fill(body, linenPaint(o.x, o.y, w, h, c))
	s.Within(body, func() {
		s.weave(o, w, h, c)
		for i := range n {
			y := h/2 - h*0.10 - float64(i)*h*0.055
			s.Fill(o.p(Rect(-w, y-h*0.012, 2*w, h*0.024)), veil(stripe, 0.85))
		}
		s.crease(o, -w/2, -h*0.02, w/2, h*0.01, w*0.05)
		s.crease(o, w*0.04, -h/2, w*0.02, h/2, w*0.04)
		s.Fill(o.p(Rect(-w/2, -h/2, w*0.028, h)), veil(lit(c, 0.7), 0.5))
		s.hem(o.p(Curve(-w/2, h/2-w*0.035, 0, h/2-w*0.033, w/2, h/2-w*0.035)), w*0.02, dim(c, 0.4))
	})
}

// weave hints at threads: a few pale lines each way, nothing more.
func (s *Scene) weave(o spot, w, h float64, c RGB) {
	for range 12 {
		y, x0 := s.around(0, h/2), s.around(0, w*0.4)
		s.Fill(o.p(Curve(x0-w*0.2, y, x0, y+0.5, x0+w*0.2, y)).Stroke(1.6), veil(lit(c, 0.6), 0.17))
		x, y0 := s.around(0, w/2), s.around(0, h*0.4)
		s.Fill(o.p(Curve(x, y0-h*0.14, x+0.5, y0, x, y0+h*0.14)).Stroke(1.6), veil(dim(c, 0.4), 0.14))
	}
}

// crease is a pressed fold: a soft dark side and a light side.
func (s *Scene) crease(o spot, x0, y0, x1, y1, wide float64) {
	l := o.p(Curve(x0, y0, (x0+x1)/2, (y0+y1)/2, x1, y1))
	s.Shade(l.Move(wide*0.3, wide*0.3).Stroke(wide*0.7), wide*0.4, umbra, 0.16)
	s.Fill(l.Stroke(2.2), veil(lit(white, 0.5), 0.22))
}

// hem sews along a line.
func (s *Scene) hem(l Path, dash float64, c RGB) {
	for _, line := range l {
		run, on := 0.0, []Pt{}
		for i := 1; i < len(line); i++ {
			a, b := line[i-1], line[i]
			d := math.Hypot(b.X-a.X, b.Y-a.Y)
			for t := 0.0; t < d; t += dash / 6 {
				q := Pt{a.X + (b.X-a.X)*t/d, a.Y + (b.Y-a.Y)*t/d}
				if math.Mod(run+t, dash*1.7) < dash {
					on = append(on, q)
				} else if len(on) > 1 {
					s.Fill(Path{on}.Stroke(2.4), veil(c, 0.5))
					on = nil
				}
			}
			run += d
		}
	}
}

// drape shades hanging cloth: folds run down from the top and open below.
func drape(x, y, w, h float64, n float64, c RGB) Paint {
	hi, lo := lit(c, 0.32), dim(c, 0.40)
	return func(px, py float64) (RGB, float64) {
		u, v := (px-x)/w, (py-y)/h
		d := 0.25 + 0.75*soft(v*1.4)
		wv := math.Sin(2*math.Pi*n*(u+0.04*math.Sin(3*v))+0.6) * d
		wv += 0.4 * math.Sin(2*math.Pi*n*0.43*u+2.1+v) * d
		return tone(lo, c, hi, 0.42+0.30*wv-0.22*(u-0.4)), 1
	}
}

// hang is a cloth over a peg or rail: its top edge is x±w/2 at y.
func (s *Scene) hang(x, y, w, h float64, n float64, c RGB, stripes []float64, sc RGB) {
	var low []float64
	for i := range 13 {
		t := float64(i) / 12
		low = append(low, x+w/2*1.06-w*1.06*t, y+h+h*0.018*math.Sin(t*n*2*math.Pi+1))
	}
	p := Path{append([]Pt{{x - w/2, y}, {x + w/2, y}}, spline(pairs(low), false)...)}
	s.Shade(p.Move(w*0.07, w*0.05), w*0.06, umbra, 0.3)
	s.Fill(p, drape(x-w/2, y, w, h, n, c))
	s.Within(p, func() {
		for _, t := range stripes {
			var band []float64
			for i := range 13 {
				u := float64(i) / 12
				band = append(band, x-w/2*1.1+w*1.1*u, y+h*t+h*0.006*math.Sin((1-u)*n*2*math.Pi+1))
			}
			s.Fill(Curve(band...).Stroke(w*0.035), drapeVeil(drape(x-w/2, y, w, h, n, sc), 0.9))
		}
	})
}

func drapeVeil(p Paint, a float64) Paint {
	return func(x, y float64) (RGB, float64) { c, _ := p(x, y); return c, a }
}

// rail is a wooden bar on the wall with pegs.
func (s *Scene) rail(x0, x1, y float64, pegs ...float64) {
	p := RoundRect(x0, y-17, x1-x0, 34, 6)
	s.Shade(p.Move(12, 14), 10, umbra, 0.3)
	s.Fill(p, sweep(x0, y-17, x0, y+17, lit(oak, 0.2), dim(oak, 0.12)))
	for _, x := range pegs {
		s.Shade(Ellipse(x+8, y+9, 12, 12), 5, umbra, 0.4)
		s.Fill(Ellipse(x, y, 12, 12), ball(x, y, 13, 13, oak))
	}
}

// pile is a stack of folded cloths on the table, lowest first.
func (s *Scene) pile(x, y, w, th float64, cs ...RGB) {
	depth := w * 0.24
	for i, c := range cs {
		dx, ww := s.around(0, w*0.012), w*s.around(0.99, 0.012)
		ly := y - float64(i)*th
		front := RoundRect(x-ww/2+dx, ly-th, ww, th, th*0.48)
		top := Smooth(x-ww/2+dx+4, ly-th*0.7, x-ww/2+dx+4, ly-th*0.7, x-ww*0.43+dx, ly-th-depth, x-ww*0.43+dx, ly-th-depth,
			x+ww*0.43+dx, ly-th-depth, x+ww*0.43+dx, ly-th-depth, x+ww/2+dx-4, ly-th*0.7, x+ww/2+dx-4, ly-th*0.7)
		if i == 0 {
			all := Rect(x-w/2, y-th*float64(len(cs)), w, th*float64(len(cs)))
			s.cast(all, y-depth*0.3, w/14)
			s.Shade(Rect(x-w/2, y-th*0.5, w*1.02, th*0.6), w*0.02, umbra, 0.5)
		}
		s.Fill(top, sweep(x-ww/2, ly-th-depth, x+ww/2, ly, lit(c, 0.34), dim(c, 0.06)))
		s.Shade(RoundRect(x-ww/2+dx, ly-th*0.3, ww, th*0.4, th*0.2), th*0.2, umbra, 0.2)
		s.Fill(front, sweep(x-ww/2, ly-th, x+ww/2, ly, lit(c, 0.12), dim(c, 0.30)))
		s.Fill(Curve(x-ww*0.46+dx, ly-th*0.52, x+dx, ly-th*0.46, x+ww*0.49+dx, ly-th*0.5).Stroke(th*0.07), veil(dim(c, 0.6), 0.45))
		s.Fill(Curve(x-ww*0.47+dx, ly-th*0.8, x+dx, ly-th*0.83, x+ww*0.47+dx, ly-th*0.8).Stroke(th*0.1), veil(lit(c, 0.6), 0.4))
	}
}

// cushion is w wide, standing on its edge.
func (s *Scene) cushion(x, y, w, deg float64, c RGB) {
	h := w / 2
	p := Smooth(-h, -h, -h, -h, -h*0.5, -h*0.88, 0, -h*0.85, h*0.5, -h*0.88, h, -h, h, -h, h*0.87, -h*0.5, h*0.84, 0, h*0.87, h*0.5, h, h, h, h,
		h*0.5, h*0.9, 0, h*0.88, -h*0.5, h*0.9, -h, h, -h, h, -h*0.87, h*0.5, -h*0.84, 0, -h*0.87, -h*0.5)
	o := spot{x, y - h, deg}
	p = o.p(p)
	s.cast(p, y, w/14)
	s.Shade(o.p(Rect(-h*0.8, h*0.85, w*0.85, h*0.12)), w*0.02, umbra, 0.5)
	s.Fill(p, ball(x-h*0.1, y-h*1.1, h*1.5, h*1.5, c))
	s.Within(p, func() {
		s.weave(o, w, w, c)
		s.crease(o, -h*0.9, -h*0.9, -h*0.45, -h*0.5, w*0.05)
		s.crease(o, h*0.9, h*0.9, h*0.5, h*0.5, w*0.05)
		s.crease(o, h*0.9, -h*0.9, h*0.55, -h*0.5, w*0.05)
	})
	s.hem(Path{append(p[0][:len(p[0]):len(p[0])], p[0][0])}, w*0.03, dim(c, 0.5))
}

// apron hangs from its neck band at x, y; w is the width of its skirt.
func (s *Scene) apron(x, y, w float64, c RGB) {
	h := w * 1.25
	s.Fill(Curve(x-w*0.19, y+w*0.34, x-w*0.08, y+w*0.08, x, y, x+w*0.08, y+w*0.08, x+w*0.19, y+w*0.34).Stroke(w*0.035), flat(dim(c, 0.2)))
	p := Smooth(x-w*0.21, y+w*0.32, x-w*0.21, y+w*0.32, x+w*0.21, y+w*0.32, x+w*0.21, y+w*0.32, x+w*0.26, y+w*0.52, x+w*0.48, y+w*0.66, x+w*0.48, y+w*0.66,
		x+w*0.52, y+h, x+w*0.54, y+h+w*0.24, x+w*0.54, y+h+w*0.24, x+w*0.25, y+h+w*0.26, x, y+h+w*0.23, x-w*0.27, y+h+w*0.26, x-w*0.54, y+h+w*0.23, x-w*0.54, y+h+w*0.23,
		x-w*0.52, y+h, x-w*0.48, y+w*0.66, x-w*0.48, y+w*0.66, x-w*0.26, y+w*0.52)
	s.Shade(p.Move(w*0.05, w*0.04), w*0.05, umbra, 0.3)
	s.Fill(Curve(x-w*0.47, y+w*0.68, x-w*0.6, y+w*0.9, x-w*0.57, y+w*1.25).Stroke(w*0.026), flat(dim(c, 0.22)))
	s.Fill(Curve(x+w*0.47, y+w*0.68, x+w*0.62, y+w*0.92, x+w*0.58, y+w*1.32).Stroke(w*0.026), flat(dim(c, 0.35)))
	s.Fill(p, drape(x-w/2, y+w*0.3, w, h, 2.4, c))
	s.Within(p, func() {
		pk := RoundRect(x-w*0.25, y+w*0.86, w*0.5, w*0.3, w*0.02)
		s.Shade(pk.Move(3, 5), 6, umbra, 0.25)
		s.Fill(pk, drape(x-w/2, y+w*0.3, w, h, 1.6, lit(c, 0.06)))
		s.hem(Curve(x-w*0.25, y+w*0.90, x, y+w*0.905, x+w*0.25, y+w*0.90), w*0.025, dim(c, 0.5))
		s.hem(Curve(x-w*0.2, y+w*0.355, x, y+w*0.36, x+w*0.2, y+w*0.355), w*0.025, dim(c, 0.5))
	})
}

// potHolder is a quilted square with a loop at its upper left.
func (s *Scene) potHolder(o spot, w float64, c RGB) {
	h := w / 2
	s.Fill(o.p(Curve(-h, -h, -h*1.35, -h*1.2, -h*1.2, -h*1.4, -h*0.9, -h).Stroke(w*0.03)), flat(dim(c, 0.25)))
	p := o.p(RoundRect(-h, -h, w, w, w*0.08))
	s.drop(p, 13)
	s.Fill(p, linenPaint(o.x, o.y, w, w, c))
	s.Within(p, func() {
		for i := -3; i <= 3; i++ {
			d := float64(i) * w * 0.24
			for _, l := range []Path{Curve(d-w, -w, d, 0, d+w, w), Curve(d+w, -w, d, 0, d-w, w)} {
				s.Shade(o.p(l.Stroke(w*0.03)), w*0.02, umbra, 0.22)
				s.Fill(o.p(l.Stroke(2)), veil(dim(c, 0.5), 0.5))
			}
		}
	})
	edge := append(RoundRect(-h, -h, w, w, w*0.08), reversed(RoundRect(-h+w*0.04, -h+w*0.04, w*0.92, w*0.92, w*0.05)[0]))
	s.Fill(o.p(edge), linenPaint(o.x, o.y, w, w, dim(c, 0.16)))
}

// sack is a standing drawstring bag, w wide and h high.
func (s *Scene) sack(x, y, w, h float64, c RGB) {
	p := Smooth(x-w*0.46, y, x-w*0.5, y-h*0.3, x-w*0.42, y-h*0.6, x-w*0.20, y-h*0.76, x-w*0.17, y-h*0.80, x-w*0.34, y-h, x-w*0.34, y-h,
		x, y-h*0.95, x+w*0.36, y-h*0.99, x+w*0.36, y-h*0.99, x+w*0.18, y-h*0.80, x+w*0.21, y-h*0.76, x+w*0.43, y-h*0.6, x+w*0.5, y-h*0.3, x+w*0.46, y, x+w*0.2, y+h*0.03, x-w*0.2, y+h*0.03)
	s.cast(p, y, w/12)
	s.Shade(Rect(x-w*0.45, y-4, w*0.95, 16), w*0.03, umbra, 0.5)
	s.Fill(p, drape(x-w/2, y-h, w, h*1.5, 2.6, c))
	s.Within(p, func() {
		s.Fill(Rect(x, y-h, w, h*1.1), fade(x, y, x+w*0.55, y, dim(c, 0.6), 0, 0.5))
		for i := range 7 {
			u := float64(i)/6 - 0.5
			s.Shade(Curve(x+u*w*0.32, y-h*0.78, x+u*w*0.7, y-h*0.62, x+u*w*0.8, y-h*0.45).Taper(w*0.03, w*0.005), 5, umbra, 0.22)
		}
	})
	s.Fill(Curve(x-w*0.19, y-h*0.785, x, y-h*0.765, x+w*0.2, y-h*0.785).Stroke(w*0.03), flat(dim(oat, 0.35)))
	s.Fill(Curve(x+w*0.05, y-h*0.77, x+w*0.1, y-h*0.66, x+w*0.04, y-h*0.56).Stroke(w*0.02), flat(dim(oat, 0.4)))
	s.Fill(Curve(x+w*0.05, y-h*0.77, x+w*0.17, y-h*0.7, x+w*0.19, y-h*0.58).Stroke(w*0.02), flat(dim(oat, 0.4)))
}

// tote hangs from a peg at x, y by two long handles.
func (s *Scene) tote(x, y, w float64, c RGB) {
	h := w * 1.08
	t := y + w*0.6
	s.Fill(Curve(x-w*0.22, t, x-w*0.12, t-w*0.34, x-4, y, x+10, y+w*0.02, x+w*0.18, t-w*0.3, x+w*0.26, t).Stroke(w*0.055), flat(dim(c, 0.3)))
	p := Smooth(x-w*0.47, t, x-w*0.47, t, x+w*0.47, t, x+w*0.47, t, x+w*0.5, t+h*0.5, x+w*0.5, t+h*0.95, x+w*0.44, t+h, x, t+h*1.02, x-w*0.44, t+h, x-w*0.5, t+h*0.95, x-w*0.5, t+h*0.5)
	s.Shade(p.Move(w*0.06, w*0.05), w*0.05, umbra, 0.32)
	s.Fill(p, drape(x-w/2, t, w, h, 1.7, c))
	s.Fill(Curve(x-w*0.24, t+w*0.12, x-w*0.14, t-w*0.32, x-6, y, x+6, y, x+w*0.14, t-w*0.32, x+w*0.24, t+w*0.12).Stroke(w*0.055), sweep(x-w*0.2, y, x+w*0.2, t, lit(c, 0.15), dim(c, 0.1)))
	s.hem(Curve(x-w*0.46, t+w*0.05, x, t+w*0.055, x+w*0.46, t+w*0.05), w*0.025, dim(c, 0.5))
}
