package main

import "math"

// planter is a terracotta pot d cm across at the rim and as high as wide.
func (s *Scene) planter(x, y, k, d float64) {
	q := d / 16
	f := edged(5*q, 0, 7.2*q, 11*q)
	s.turn(f, x, y, k, Skin{body: terra, bands: []Band{{3 * q, 3.25 * q, dim(terra, 0.12), 0}}, specks: 0.12})
	s.Shade(Ellipse(x+q*k*0.5, y-10.6*q*k+s.tilt*7*q*k, 6*q*k, q*k*0.6), q*k*0.5, umbra, 0.3)
	s.turn(edged(7.7*q, 11*q, 8*q, 14.5*q), x, y, k, Skin{body: terra, inside: hex(0x5A4030), lip: 0.8 * q, still: true})
	s.pour(edged(7.7*q, 11*q, 8*q, 14.5*q), x, y, k, 0.8*q, 1.1*q, hex(0x4B382C))
}

// herb grows a bush of leaves out of a pot whose mouth is at x, y.
func (s *Scene) herb(x, y, w, h float64, c RGB) {
	for i := range 9 {
		t := float64((i*5)%9)/4 - 1 // from the middle of the fan to its ends and back
		tip := Pt{x + t*w*0.42 + s.around(0, w*0.03), y - h*s.around(0.86-0.34*t*t, 0.10)}
		stem := Curve(x+t*w*0.10, y, x+t*w*0.16, y-h*0.35, tip.X, tip.Y)
		s.Fill(stem.Taper(w*0.018, w*0.009), flat(dim(mix(c, pine, 0.4), 0.15)))
		pts := stem[0]
		tone := mix(c, pine, 0.45*s.rnd.Float64())
		for j := 6; j < len(pts)-1; j += 4 {
			q, size := pts[j], w*(0.21-0.10*float64(j)/float64(len(pts)))
			lean := -90 + t*42
			s.leaf(q.X, q.Y, size, size*0.56, lean-58+s.around(0, 9), tone)
			s.leaf(q.X, q.Y, size, size*0.56, lean+58+s.around(0, 9), lit(tone, 0.06))
		}
		s.leaf(tip.X, tip.Y, w*0.13, w*0.07, -90+t*42, lit(tone, 0.1))
	}
}

// can is a watering can for 5 litres: body 20 cm wide, 24 cm high.
func (s *Scene) can(x, y, k float64, c RGB) {
	spout := Smooth(x-8*k, y-3*k, x-8*k, y-3*k, x-9*k, y-7.5*k, x-9*k, y-7.5*k, x-20.5*k, y-23.5*k, x-20.5*k, y-23.5*k, x-22*k, y-22.2*k, x-22*k, y-22.2*k)
	s.cast(spout, y, k)
	s.Fill(spout, sweep(x-20*k, y-24*k, x-9*k, y-3*k, lit(c, 0.24), dim(c, 0.22)))
	s.Fill(Curve(x-8*k, y-18*k, x-16*k, y-18.4*k).Stroke(0.5*k), flat(dim(c, 0.3)))
	o := spot{x - 22*k, y - 24*k, -39}
	s.Fill(o.p(Poly(-1*k, 1.6*k, 1*k, 1.6*k, 3.2*k, -2*k, -3.2*k, -2*k)), sweep(x-24*k, y, x-19*k, y, lit(c, 0.2), dim(c, 0.3)))
	rose := o.p(Ellipse(0, -2*k, 3.2*k, 1.2*k))
	s.Fill(rose, flat(brass))
	s.Within(rose, func() {
		for i := range 12 {
			s.Fill(o.p(Ellipse(-2.4*k+float64(i%6)*0.95*k, -2.3*k+float64(i/6)*0.6*k, 0.16*k, 0.13*k)), veil(umber, 0.8))
		}
	})
	f := edged(10, 0, 10.1, 0.3, 9.3, 20)
	s.turn(f, x, y, k, Skin{body: c, gloss: 0.7, inside: dim(c, 0.3), lip: 0.3, bands: []Band{{0.2, 0.9, dim(c, 0.16), 0}, {18.4, 19, dim(c, 0.12), 0}}})
	s.canTop(x, y, k, c)
}

// canTop is the half lid towards the spout and the bow to carry and tip by.
func (s *Scene) canTop(x, y, k float64, c RGB) {
	mouth := Ellipse(x, y-20*k, 9*k, 9*k*s.tilt*0.92)
	lid := Path{append(arc(x, y-20*k, 9*k, 9*k*s.tilt*0.92, 98, 262), Pt{x - 1.6*k, y - 20*k})}
	s.Within(mouth, func() {
		s.Shade(lid.Move(1.2*k, 0.7*k), 0.8*k, umbra, 0.5)
		s.Fill(lid, sweep(x-9*k, y-22*k, x, y-18*k, lit(c, 0.35), lit(c, 0.02)))
	})
	bow := Curve(x-8.4*k, y-19.6*k, x-6.6*k, y-25*k, x-1*k, y-28.6*k, x+6*k, y-28.4*k, x+12.6*k, y-24.6*k, x+15.4*k, y-17.5*k, x+14*k, y-10.4*k, x+9.6*k, y-6.6*k)
	s.cast(bow.Stroke(k), y, k)
	s.Fill(bow.Stroke(1.25*k), sweep(x-8*k, y-28*k, x+15*k, y-6*k, lit(c, 0.34), dim(c, 0.36)))
	n := len(bow[0])
	s.Fill(Path{bow[0][n*30/100 : n*56/100]}.Stroke(2*k), sweep(x, y-30*k, x+5*k, y-24*k, lit(oak, 0.25), dim(oak, 0.3)))
	s.Fill(Ellipse(x+9.6*k, y-6.7*k, 1.1*k, 1.3*k), sweep(x+9*k, y-8*k, x+11*k, y-5*k, c, dim(c, 0.4)))
}

// trowel lies flat: forged blade, ash handle; l is its length.
func (s *Scene) trowel(o spot, l float64) {
	blade := Smooth(-l*0.10, -l*0.06, -l*0.115, -l*0.2, -l*0.09, -l*0.36, 0, -l*0.5, 0, -l*0.5, l*0.09, -l*0.36, l*0.115, -l*0.2, l*0.10, -l*0.06, l*0.03, 0, -l*0.03, 0)
	neck := Rect(-l*0.016, -l*0.04, l*0.032, l*0.16)
	grip := Smooth(-l*0.03, l*0.1, -l*0.036, l*0.17, -l*0.045, l*0.3, -l*0.034, l*0.44, 0, l*0.5, l*0.034, l*0.44, l*0.045, l*0.3, l*0.036, l*0.17, l*0.03, l*0.1)
	s.drop(o.p(blade), 14)
	s.drop(o.p(grip), 14)
	s.Fill(o.p(neck), flat(dim(iron, 0.2)))
	s.Fill(o.p(blade), sweep(o.x-l*0.1, o.y-l*0.4, o.x+l*0.12, o.y, lit(zinc, 0.35), dim(zinc, 0.35)))
	s.Within(o.p(blade), func() {
		s.Fill(o.p(Smooth(0, -l*0.5, l*0.02, -l*0.25, l*0.012, 0, l*0.2, 0, l*0.2, -l*0.5)), veil(dim(zinc, 0.6), 0.32))
		s.Fill(o.p(Curve(-l*0.06, -l*0.36, -l*0.078, -l*0.2, -l*0.065, -l*0.07)).Stroke(l*0.012), veil(white, 0.55))
	})
	s.Fill(o.p(grip), sweep(o.x-l*0.05, o.y, o.x+l*0.05, o.y+l*0.2, lit(ash, 0.3), dim(ash, 0.25)))
	s.Within(o.p(grip), func() {
		s.Fill(o.p(Rect(-l*0.06, l*0.1, l*0.12, l*0.035)), flat(brass))
		for i := range 4 {
			s.Fill(o.p(Curve(-l*0.03+float64(i)*l*0.02, l*0.14, -l*0.034+float64(i)*l*0.022, l*0.3, -l*0.02+float64(i)*l*0.014, l*0.48)).Stroke(2.5), veil(dim(ash, 0.45), 0.4))
		}
	})
	s.Fill(o.p(Ellipse(0, l*0.465, l*0.009, l*0.009)), veil(umber, 0.8))
}

// secateurs lie open; l is their length.
func (s *Scene) secateurs(o spot, l float64, grip RGB) {
	left := Curve(0, 0, -l*0.10, l*0.16, -l*0.135, l*0.36, -l*0.10, l*0.56)
	right := Curve(0, 0, l*0.10, l*0.16, l*0.145, l*0.36, l*0.12, l*0.56)
	blade := Smooth(-l*0.035, l*0.03, -l*0.03, -l*0.12, l*0.02, -l*0.27, l*0.075, -l*0.40, l*0.075, -l*0.40, l*0.10, -l*0.26, l*0.085, -l*0.1, l*0.04, l*0.03)
	hook := Smooth(l*0.03, l*0.03, l*0.0, -l*0.05, -l*0.075, -l*0.14, -l*0.10, -l*0.26, -l*0.075, -l*0.31, -l*0.075, -l*0.31, -l*0.05, -l*0.2, l*0.02, -l*0.12, l*0.06, -l*0.02)
	for _, p := range []Path{left.Taper(l*0.05, l*0.075), right.Taper(l*0.05, l*0.075), blade, hook} {
		s.drop(o.p(p), 12)
	}
	s.Fill(o.p(hook), sweep(o.x-l*0.1, o.y-l*0.3, o.x, o.y, lit(iron, 0.25), iron))
	s.Fill(o.p(right.Taper(l*0.05, l*0.078)), sweep(o.x, o.y, o.x+l*0.2, o.y+l*0.5, lit(grip, 0.12), dim(grip, 0.2)))
	s.Fill(o.p(left.Taper(l*0.05, l*0.078)), sweep(o.x-l*0.15, o.y, o.x, o.y+l*0.5, lit(grip, 0.25), dim(grip, 0.08)))
	s.Fill(o.p(left.Move(-l*0.012, 0).Taper(l*0.006, l*0.012)), veil(lit(grip, 0.6), 0.6))
	s.Fill(o.p(right.Move(-l*0.012, 0).Taper(l*0.006, l*0.012)), veil(lit(grip, 0.6), 0.5))
	s.Fill(o.p(blade), sweep(o.x-l*0.04, o.y-l*0.3, o.x+l*0.1, o.y, lit(zinc, 0.5), dim(zinc, 0.12)))
	for i, hand := range []Path{left, right} {
		end := hand[0][len(hand[0])-1]
		s.Fill(o.p(Ellipse(end.X, end.Y, l*0.0385, l*0.05)), flat(dim(grip, 0.04+0.16*float64(i))))
	}
	s.Fill(o.p(Curve(l*0.075, -l*0.38, l*0.09, -l*0.25, l*0.075, -l*0.1)).Stroke(l*0.014), veil(white, 0.6))
	for i := range 4 {
		y := l*0.1 + float64(i)*l*0.022
		s.Fill(o.p(Curve(-l*0.05, y+l*0.006, 0, y-l*0.006, l*0.05, y+l*0.006).Stroke(l*0.010)), sweep(o.x-l*0.05, o.y, o.x+l*0.05, o.y+l*0.1, lit(zinc, 0.4), dim(zinc, 0.4)))
	}
	s.Fill(o.p(Ellipse(0, 0, l*0.034, l*0.034)), ball(o.x, o.y, l*0.036, l*0.036, brass))
	s.Fill(o.p(Rect(-l*0.022, -l*0.004, l*0.044, l*0.008)), veil(umber, 0.7))
}

// twine is a wound ball of string; r is its radius in units.
func (s *Scene) twine(x, y, r float64, c RGB) {
	f := turned(r*0.62, 0, r*0.92, r*0.35, r, r*0.95, r*0.9, r*1.5, r*0.62, r*1.86)
	s.turn(f, x, y, 1, Skin{body: c})
	sil := s.outline(f, x, y, 1)
	s.cast(sil, y, r/4)
	s.Fill(sil, s.round(f, x, y, 1, c))
	s.Within(sil, func() {
		for i := range 11 {
			d := r * (-0.9 + 0.24*float64(i))
			s.Fill(Curve(x-r*1.1, y-r*0.4+d*0.5-r*0.5, x, y-r*0.5+d-r*0.2, x+r*1.1, y-r*1.3+d*0.7).Stroke(r*0.03), veil(dim(c, 0.45), 0.45))
			s.Fill(Curve(x-r*1.1, y-r*1.4+d*0.5, x, y-r*0.9+d, x+r*1.1, y-r*0.5+d*0.8).Stroke(r*0.022), veil(lit(c, 0.5), 0.4))
		}
	})
	s.Fill(Ellipse(x, y-r*1.86, r*0.62, r*0.62*s.tilt), flat(dim(c, 0.12)))
	s.Fill(Ellipse(x, y-r*1.86, r*0.22, r*0.22*s.tilt), flat(dim(c, 0.7)))
	s.Fill(Curve(x+r*0.8, y-r*0.4, x+r*1.3, y-r*0.05, x+r*1.7, y+r*0.12, x+r*2.2, y-r*0.02).Stroke(r*0.05), flat(dim(c, 0.1)))
}

// packet is a seed packet w wide, showing its flower.
func (s *Scene) packet(o spot, w float64, ground, petal RGB, kind int) {
	h := w * 1.4
	p := o.p(Rect(-w/2, -h/2, w, h))
	s.drop(p, 7)
	s.Fill(p, sweep(o.x-w/2, o.y-h/2, o.x+w/2, o.y+h/2, lit(paper, 0.4), dim(paper, 0.06)))
	pic := o.p(Rect(-w*0.42, -h*0.36, w*0.84, h*0.62))
	s.Fill(pic, sweep(o.x-w/2, o.y-h/2, o.x+w/2, o.y+h/2, lit(ground, 0.12), dim(ground, 0.06)))
	s.Within(pic, func() {
		at := func(x, y float64) Pt { return o.p(Path{{{x, y}}})[0][0] }
		n := 3 + kind
		for i := range n {
			t := float64(i)/float64(n-1)*2 - 1
			b, q := at(t*w*0.12, h*0.3), at(t*w*0.28, -h*0.14+math.Abs(t)*h*0.1+float64(i%2)*h*0.06)
			s.Fill(Path{{b, {(b.X + q.X) / 2, (b.Y+q.Y)/2 + 4}, q}}.Stroke(w*0.014), flat(pine))
			s.leaf((b.X+q.X)/2, (b.Y+q.Y)/2, w*0.16, w*0.06, o.deg-40+t*30, leafy)
			s.bloom(q.X, q.Y, w*(0.15-0.02*float64(kind)), 5+kind, petal, wax)
		}
	})
	s.Fill(o.p(Rect(-w/2, -h/2, w, h*0.07)), veil(dim(paper, 0.2), 0.5))
	s.Fill(o.p(Rect(-w*0.3, h*0.33, w*0.6, h*0.018)), veil(umber, 0.6))
	s.Fill(o.p(Rect(-w*0.2, h*0.385, w*0.4, h*0.012)), veil(umber, 0.45))
}

// nestBox hangs on the wall: larch boards, slate roof.
func (s *Scene) nestBox(x, y, k float64, c RGB) {
	w, h := 16*k, 26*k
	body := Poly(x-w/2, y, x-w/2, y-h*0.86, x+w/2, y-h*0.86, x+w/2, y)
	s.Shade(body.Move(4*k, 3*k), 2*k, umbra, 0.42)
	side := Poly(x+w/2, y, x+w/2, y-h*0.86, x+w/2+3*k, y-h*0.82, x+w/2+3*k, y-1*k)
	s.Fill(side, flat(dim(c, 0.42)))
	s.Fill(body, sweep(x-w/2, y-h, x+w/2, y, lit(c, 0.26), dim(c, 0.06)))
	s.Within(body, func() {
		s.grain(x, y-h*0.45, w, h*1.1, 0, c)
		s.Fill(Rect(x-w/2, y-h*0.2, w, 2.5), veil(dim(c, 0.6), 0.5))
	})
	s.Shade(Ellipse(x-0.1*k, y-h*0.6, 1.75*k, 1.75*k), 0.3*k, umbra, 0.4)
	s.Fill(Ellipse(x, y-h*0.6, 1.6*k, 1.6*k), sweep(x-1.6*k, y-h*0.66, x+1.6*k, y-h*0.5, dim(c, 0.95), dim(c, 0.7)))
	s.Shade(Rect(x-w/2, y-h*0.86, w, 1.5*k).Move(0.6*k, 0.4*k), 0.8*k, umbra, 0.5)
	roof := Poly(x-w/2-2.4*k, y-h*0.84, x-w/2-0.6*k, y-h*1.0, x+w/2+4.2*k, y-h*1.0, x+w/2+4.8*k, y-h*0.84)
	s.Fill(roof, sweep(x-w/2, y-h, x+w/2+4*k, y-h*0.84, lit(iron, 0.32), iron))
	s.Fill(Rect(x-w/2-2.4*k, y-h*0.845, w+7.2*k, 0.9*k), flat(dim(iron, 0.4)))
	latch := RoundRect(x-0.7*k, y-h*0.20-2.4*k, 1.4*k, 4.8*k, 0.7*k).Turn(x, y-h*0.2, 18)
	s.Shade(latch.Move(0.4*k, 0.4*k), 0.4*k, umbra, 0.5)
	s.Fill(latch, sweep(x-k, y-h*0.3, x+k, y-h*0.1, lit(oak, 0.2), dim(oak, 0.25)))
	s.Fill(Ellipse(x, y-h*0.2, 0.3*k, 0.3*k), flat(iron))
}

// trug is a shallow basket of willow splints, w wide; fruit goes in by inside.
func (s *Scene) trug(x, y, w float64, c RGB, inside func()) {
	h := w * 0.30
	back := Curve(x-w*0.06, y-h*0.9, x-w*0.07, y-h*2.1, x, y-h*2.55, x+w*0.07, y-h*2.1, x+w*0.06, y-h*0.9)
	body := Smooth(x-w/2, y-h, x-w/2, y-h, x-w*0.46, y-h*0.5, x-w*0.34, y-h*0.02, x, y+h*0.04, x+w*0.34, y-h*0.02, x+w*0.46, y-h*0.5, x+w/2, y-h, x+w/2, y-h, x, y-h*0.86)
	s.cast(body, y, w/16)
	s.Shade(Ellipse(x, y, w*0.34, h*0.08), w*0.02, umbra, 0.5)
	s.Fill(Ellipse(x, y-h, w*0.5, w*0.5*s.tilt*0.62), sweep(x-w/2, y-h*1.3, x+w/2, y-h*0.7, dim(c, 0.6), dim(c, 0.3)))
	s.Fill(back.Stroke(w*0.03), flat(dim(oak, 0.45)))
	inside()
	belly := Curve(x+w/2, y-h, x+w*0.46, y-h*0.5, x+w*0.34, y-h*0.02, x, y+h*0.04, x-w*0.34, y-h*0.02, x-w*0.46, y-h*0.5, x-w/2, y-h)
	low := Path{append(reversed(arc(x, y-h, w*0.5, w*0.5*s.tilt*0.62, 0, 180)), belly[0]...)}
	s.Fill(low, sweep(x-w/2, y-h, x+w/2, y, lit(c, 0.24), dim(c, 0.3)))
	s.Within(low, func() {
		for i := range 6 {
			d := h * (0.12 + 0.17*float64(i))
			l := Curve(x-w/2, y-h+d*0.7, x-w*0.25, y-h*0.72+d*0.95, x, y-h*0.6+d, x+w*0.25, y-h*0.72+d*0.95, x+w/2, y-h+d*0.7)
			s.Shade(l.Stroke(h*0.05), 4, umbra, 0.3)
			s.Fill(l.Move(0, -h*0.05).Stroke(h*0.03), veil(lit(c, 0.5), 0.4))
		}
		for _, t := range []float64{-0.28, 0.28} {
			s.Fill(Curve(x+t*w*1.2, y-h*1.1, x+t*w*1.1, y-h*0.5, x+t*w*0.8, y+h*0.1).Stroke(w*0.03), sweep(x-w*0.3, y-h, x+w*0.3, y, lit(oak, 0.1), dim(oak, 0.3)))
		}
	})
	rim := Path{append(arc(x, y-h, w*0.51, w*0.52*s.tilt*0.62, 0, 180), reversed(arc(x, y-h-w*0.004, w*0.49, w*0.44*s.tilt*0.62, 0, 180))...)}
	s.Fill(rim, sweep(x-w/2, y-h, x+w/2, y, lit(oak, 0.3), dim(oak, 0.3)))
	hoop := Curve(x-w*0.03, y-h*0.42, x-w*0.06, y-h*1.5, x-w*0.02, y-h*2.4, x, y-h*2.58, x+w*0.06, y-h*2.2, x+w*0.075, y-h*1.2)
	s.Fill(hoop.Stroke(w*0.034), sweep(x-w*0.1, y-h*2.5, x+w*0.1, y-h, lit(oak, 0.28), dim(oak, 0.22)))
}

// plantLabel is a zinc tag on a stem, l long.
func (s *Scene) plantLabel(o spot, l float64) {
	stem := Rect(-l*0.022, 0, l*0.044, l*0.62)
	point := Poly(-l*0.022, l*0.62, l*0.022, l*0.62, 0, l*0.68)
	head := RoundRect(-l*0.10, -l*0.32, l*0.20, l*0.34, l*0.03)
	p := append(append(o.p(stem), o.p(point)...), o.p(head)...)
	s.drop(o.p(stem), 6)
	s.drop(o.p(head), 6)
	s.Fill(p, sweep(o.x-l*0.2, o.y-l*0.3, o.x+l*0.2, o.y+l*0.5, lit(zinc, 0.45), dim(zinc, 0.12)))
	for i := range 2 {
		y := -l*0.2 + float64(i)*l*0.08
		s.Fill(o.p(Curve(-l*0.066, y, -l*0.035, y-l*0.016, 0, y+l*0.008, l*0.035, y-l*0.012, l*0.066-float64(i)*l*0.04, y)).Stroke(l*0.010), veil(iron, 0.8))
	}
	s.Fill(o.p(Ellipse(0, -l*0.28, l*0.014, l*0.014)), veil(umber, 0.7))
}

// glove lies palm down; l is its length.
func (s *Scene) glove(o spot, l float64, c, cuff RGB, mirror float64) {
	m := mirror
	p := Smooth(-m*l*0.15, l*0.5, -m*l*0.15, l*0.5, -m*l*0.16, l*0.2, -m*l*0.2, -l*0.05, -m*l*0.2, -l*0.30, -m*l*0.165, -l*0.36, -m*l*0.13, -l*0.30, -m*l*0.11, -l*0.12,
		-m*l*0.10, -l*0.38, -m*l*0.06, -l*0.47, -m*l*0.015, -l*0.38, -m*l*0.01, -l*0.14, m*l*0.015, -l*0.38, m*l*0.06, -l*0.45, m*l*0.10, -l*0.36, m*l*0.09, -l*0.12,
		m*l*0.125, -l*0.28, m*l*0.165, -l*0.33, m*l*0.2, -l*0.26, m*l*0.185, 0, m*l*0.2, l*0.10, m*l*0.30, -l*0.03, m*l*0.36, -l*0.07, m*l*0.385, 0, m*l*0.30, l*0.14, m*l*0.17, l*0.27, m*l*0.15, l*0.5, m*l*0.15, l*0.5)
	s.drop(o.p(p), 12)
	s.Fill(o.p(p), linenPaint(o.x, o.y, l*0.5, l, c))
	s.Within(o.p(p), func() {
		s.Fill(o.p(Rect(-l*0.3, l*0.32, l*0.6, l*0.2)), linenPaint(o.x, o.y, l*0.5, l, cuff))
		for _, t := range []float64{-0.1, -0.01, 0.085} {
			s.Shade(o.p(Curve(m*t*l, -l*0.14, m*t*l*1.05, 0, m*t*l*0.9, l*0.1).Stroke(l*0.012)), l*0.012, umbra, 0.35)
		}
		s.crease(o, -l*0.2, l*0.2, l*0.2, l*0.22, l*0.05)
	})
	s.hem(o.p(Curve(-l*0.15, l*0.33, 0, l*0.335, l*0.15, l*0.33)), l*0.03, dim(c, 0.6))
}
