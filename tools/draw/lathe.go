package main

import "math"

// Form is the profile of a thing turned on a wheel: radius by height, in
// centimetres, densely sampled from the foot up.
type Form []Pt

// turned makes a smooth profile from pairs of radius and height.
func turned(rh ...float64) Form { return Form(spline(pairs(rh), false)) }

// edged makes a profile with straight sides.
func edged(rh ...float64) Form { return Form(pairs(rh)) }

func (f Form) top() float64 { return f[len(f)-1].Y }

// widest is the lowest height at which the form has its largest radius.
func (f Form) widest() float64 {
	best := f[0]
	for _, q := range f {
		if q.X > best.X {
			best = q
		}
	}
	return best.Y
}

// r is the radius at a height.
func (f Form) r(h float64) float64 {
	for i := 1; i < len(f); i++ {
		if a, b := f[i-1], f[i]; h <= b.Y && b.Y > a.Y {
			return a.X + (b.X-a.X)*math.Max(0, h-a.Y)/(b.Y-a.Y)
		}
	}
	return f[len(f)-1].X
}

// Skin is what the turned thing is made of.
type Skin struct {
	body   RGB
	inside RGB     // colour seen through an open top
	lip    float64 // wall thickness in cm; 0 closes the top
	edge   RGB     // colour of the lip; zero: the body, lighter
	gloss  float64 // 0 dry clay, 1 wet glaze
	bands  []Band
	specks float64 // speckles per square cm of the body's picture
	still  bool    // casts no shadow of its own (a part of a larger thing)
}

// Band is a stripe of another colour around the body.
type Band struct {
	from, to float64
	c        RGB
	wave     float64 // how unevenly its upper edge runs, in cm
}

// outline is the silhouette of the body standing at x, y.
func (s *Scene) outline(f Form, x, y, k float64) Path {
	var pts []Pt
	for _, q := range f {
		pts = append(pts, Pt{x - q.X*k, y - q.Y*k})
	}
	t, b := f[len(f)-1], f[0]
	pts = append(pts, arc(x, y-t.Y*k, t.X*k, s.tilt*t.X*k, 180, 360)...)
	for i := len(f) - 1; i >= 0; i-- {
		pts = append(pts, Pt{x + f[i].X*k, y - f[i].Y*k})
	}
	pts = append(pts, arc(x, y-b.Y*k, b.X*k, s.tilt*b.X*k, 0, 180)...)
	out := Path{pts}
	// A wide thing bulges below its foot's edge when seen from above.
	const rings = 160 // enough for their edges to melt into one line
	wide := f.widest()
	for i := range rings {
		h := b.Y + (wide-b.Y)*float64(i)/rings
		r := f.r(h) * k
		out = append(out, Ellipse(x, y-h*k, r, s.tilt*r)[0])
	}
	return out
}

// arc runs along an ellipse between two angles in degrees, clockwise.
func arc(cx, cy, rx, ry, from, to float64) []Pt {
	var pts []Pt
	for i := range 2*steps + 1 {
		sin, cos := math.Sincos((from + (to-from)*float64(i)/(2*steps)) * math.Pi / 180)
		pts = append(pts, Pt{cx + rx*cos, cy + ry*sin})
	}
	return pts
}

// belt is the front of the body between two heights.
func (s *Scene) belt(f Form, x, y, k, h0, h1, wave float64) Path {
	lower := reversed(arc(x, y-h0*k, f.r(h0)*k, s.tilt*f.r(h0)*k, 0, 180))
	upper := arc(x, y-h1*k, f.r(h1)*k, s.tilt*f.r(h1)*k, 0, 180)
	if wave > 0 {
		a, b := s.around(2, 2), s.around(5, 3)
		for i := range upper {
			t := float64(i) / float64(len(upper)-1)
			upper[i].Y += wave * k * (0.6*math.Sin(a+t*7) + 0.4*math.Sin(b+t*17))
		}
	}
	right, left := []Pt{}, []Pt{}
	for i := 1; i < 12; i++ {
		h := h0 + (h1-h0)*float64(i)/12
		right = append(right, Pt{x + f.r(h)*k + 1, y - h*k})
		left = append(left, Pt{x - f.r(h)*k - 1, y - h*k})
	}
	pts := append(append(append(lower, right...), upper...), reversed(left)...)
	return Path{pts}
}

// round shades the body as a cylinder that swells and narrows with its profile.
func (s *Scene) round(f Form, x, y, k float64, c RGB) Paint {
	hi, lo := lit(c, 0.30), dim(c, 0.42)
	top := f.top()
	return func(px, py float64) (RGB, float64) {
		h := (y - py) / k
		r := math.Max(f.r(math.Min(math.Max(h, 0), top)), 0.01)
		t := math.Max(-1, math.Min(1, (px-x)/(r*k)))
		h += s.tilt * r * math.Sqrt(1-t*t)
		r = math.Max(f.r(math.Min(math.Max(h, 0), top)), 0.01)
		t = math.Max(-1, math.Min(1, (px-x)/(r*k)))
		slope := f.r(math.Min(h+0.3, top)) - f.r(math.Max(math.Min(h, top)-0.3, 0))
		l := -0.62*t + 0.72*math.Sqrt(1-t*t) - 0.22*math.Max(-1, math.Min(1.4, slope/0.6))
		l += 0.12 * math.Max(0, t-0.8) * 4
		return tone(lo, c, hi, l), 1
	}
}

// turn draws the thing standing with the middle of its foot at x, y.
func (s *Scene) turn(f Form, x, y, k float64, sk Skin) {
	sil := s.outline(f, x, y, k)
	if !sk.still {
		s.cast(sil, y, k)
		s.touch(x, y, f[0].X*k, k)
	}
	s.Fill(sil, s.round(f, x, y, k, sk.body))
	s.Within(sil, func() {
		for _, b := range sk.bands {
			s.Fill(s.belt(f, x, y, k, b.from, b.to, b.wave), s.round(f, x, y, k, b.c))
		}
		s.speckle(f, x, y, k, sk)
		s.Shade(s.belt(f, x, y+0.15*k, k, 0, math.Min(0.5, f.top()*0.1), 0), 0.3*k, umbra, 0.25)
		s.shine(f, x, y, k, sk.gloss)
	})
	s.mouth(f, x, y, k, sk)
}

// speckle scatters iron spots over stoneware.
func (s *Scene) speckle(f Form, x, y, k float64, sk Skin) {
	n := int(sk.specks * f.top() * f.r(f.top()/2) * 2)
	for range n {
		h := s.rnd.Float64() * f.top()
		t := s.around(0, 0.96)
		r := f.r(h)
		px, py := x+t*r*k, y-h*k+s.tilt*r*k*math.Sqrt(1-t*t)
		d := s.around(0.045, 0.03) * k
		s.Fill(Ellipse(px, py, math.Max(0.9, d), math.Max(0.9, d*0.9)), veil(umber, 0.42))
	}
}

// shine is the window mirrored in the glaze: one tall stroke, one short.
func (s *Scene) shine(f Form, x, y, k, gloss float64) {
	if gloss <= 0 {
		return
	}
	t := f.top()
	strip := func(u0, u1, h0, h1 float64) Path {
		var a, b []Pt
		for i := range 25 {
			h := h0 + (h1-h0)*float64(i)/24
			w := math.Sin(math.Pi * float64(i) / 24)
			r := f.r(h)
			mid, half := (u0+u1)/2, (u1-u0)/2*math.Pow(w, 0.4)
			py := y - h*k + s.tilt*r*k*0.8
			a = append(a, Pt{x + (mid-half)*r*k, py})
			b = append(b, Pt{x + (mid+half)*r*k, py})
		}
		return Path{append(a, reversed(b)...)}
	}
	s.Fill(strip(-0.66, -0.50, t*0.22, t*0.90), veil(white, 0.42*gloss))
	s.Fill(strip(-0.43, -0.39, t*0.40, t*0.84), veil(white, 0.30*gloss))
}

// mouth closes the top or opens it with a lip and a shaded hollow.
func (s *Scene) mouth(f Form, x, y, k float64, sk Skin) {
	t := f[len(f)-1]
	rx, ty := t.X*k, y-t.Y*k
	ry := rx * s.tilt
	edge := sk.edge
	if edge == (RGB{}) {
		edge = lit(sk.body, 0.35)
	}
	s.Fill(Ellipse(x, ty, rx, ry), sweep(x-rx, ty-ry, x+rx, ty+ry, lit(edge, 0.25), dim(edge, 0.12)))
	if sk.lip <= 0 {
		return
	}
	w := sk.lip * k
	in := Ellipse(x, ty, rx-w, ry-w*math.Max(s.tilt*1.6, 0.5))
	s.Fill(in, sweep(x-rx*0.9, ty-ry, x+rx*0.8, ty+ry, dim(sk.inside, 0.62), lit(sk.inside, 0.06)))
	s.Within(in, func() {
		s.Shade(Ring(x, ty, rx*1.5, ry*1.5, rx*0.52).Move(-0.05*rx, -0.1*ry), 0.12*rx, umbra, 0.28)
	})
}

// pour puts a liquid or a meal into an open form, depth cm under its lip.
func (s *Scene) pour(f Form, x, y, k, lip, depth float64, c RGB) {
	t := f[len(f)-1]
	rx, ty := (t.X-lip)*k, y-t.Y*k
	r := (f.r(t.Y-depth) - lip) * k
	s.Within(Ellipse(x, ty, rx, t.X*k*s.tilt-lip*k*math.Max(s.tilt*1.6, 0.5)), func() {
		e := Ellipse(x, ty+depth*k, r, r*s.tilt)
		s.Fill(e, sweep(x-r, ty, x+r, ty+depth*k+r*s.tilt, dim(c, 0.22), lit(c, 0.14)))
		s.Fill(Ring(x, ty+depth*k, r, r*s.tilt, 0.12*k), veil(lit(c, 0.5), 0.5))
	})
}
