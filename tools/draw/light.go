package main

// flame burns at x, y with height h, and lights the wall behind it.
func (s *Scene) flame(x, y, h float64) {
	s.Fill(Ellipse(x, y-h*0.4, h*5, h*5), glow(x, y-h*0.4, h*5, hex(0xFFDDA0), 0.42))
	s.Fill(Curve(x, y+h*0.15, x+h*0.02, y-h*0.12).Stroke(h*0.06), flat(umber))
	s.Fill(Smooth(x, y, x-h*0.19, y-h*0.22, x-h*0.15, y-h*0.5, x, y-h, x, y-h, x+h*0.16, y-h*0.5, x+h*0.19, y-h*0.22), sweep(x, y-h, x, y, hex(0xFFC65C), hex(0xFFF0C4)))
	s.Fill(Smooth(x, y-h*0.04, x-h*0.10, y-h*0.2, x, y-h*0.55, x, y-h*0.55, x+h*0.1, y-h*0.2), veil(hex(0xFFFBEC), 0.9))
}

// taper is a dinner candle: 2.2 cm thick, h cm high; lit when burning.
func (s *Scene) taper(x, y, k, h float64, c RGB, burning bool) {
	f := turned(1.1, 0, 1.1, 0.3, 1.0, h*0.85, 0.95, h-0.5, 0.6, h)
	s.turn(f, x, y, k, Skin{body: c, gloss: 0.25})
	s.wick(x, y-h*k, k, burning)
}

func (s *Scene) wick(x, y, k float64, burning bool) {
	if burning {
		s.flame(x, y-0.5*k, 4.2*k)
		return
	}
	s.Fill(Curve(x, y+0.1*k, x+0.05*k, y-0.6*k, x+0.25*k, y-1.2*k).Stroke(0.18*k), flat(lit(umber, 0.5)))
}

// pillar is a thick beeswax candle, 7 cm across.
func (s *Scene) pillar(x, y, k, h float64, c RGB, burning bool) {
	f := edged(3.4, 0, 3.5, 0.2, 3.5, h-0.3, 3.3, h)
	s.turn(f, x, y, k, Skin{body: c, gloss: 0.3, lip: 0.5, inside: lit(c, 0.3)})
	if burning {
		s.Within(s.outline(f, x, y, k), func() {
			s.Fill(s.outline(f, x, y, k), glow(x, y-h*k, 6*k, hex(0xFFE3A6), 0.75))
		})
		s.pour(f, x, y, k, 0.5, 0.25, lit(c, 0.45))
	}
	s.wick(x, y-(h-0.6)*k, k, burning)
}

// stick is the ceramic candle holder: a saucer with a socket and a finger ring.
func (s *Scene) stick(x, y, k float64, c RGB, candle RGB, burning bool) {
	s.loop(x+4.6*k, y-2.6*k, 2.6*k, 2.0*k, 0.7*k, c)
	s.plate(x, y, k, 11, c)
	s.turn(turned(2.2, 0.8, 1.7, 1.2, 1.55, 3.2, 1.8, 4.2), x, y, k, Skin{body: c, gloss: 0.6, inside: c, lip: 0.3, still: true})
	if candle != (RGB{}) {
		s.turn(turned(1.1, 3.9, 1.1, 4, 1.0, 22, 0.6, 23), x, y, k, Skin{body: candle, gloss: 0.25, still: true})
		s.wick(x, y-23*k, k, burning)
	}
}

// lantern is 16 cm square and 30 high, with four panes.
func (s *Scene) lantern(x, y, k float64, c RGB, burning bool) {
	w, h := 16*k, 24*k
	body := Rect(x-w/2, y-h, w, h)
	s.cast(body, y, k)
	s.Shade(Rect(x-w/2, y-0.6*k, w*1.04, 1.4*k), 0.5*k, umbra, 0.6)
	s.Fill(body, sweep(x-w/2, y-h, x+w/2, y, hex(0xE9DCC6), hex(0xB7A592)))
	s.Within(body, func() {
		if burning {
			s.Fill(body, glow(x, y-h*0.5, w*0.9, hex(0xFFDFA2), 0.85))
		}
		s.turn(edged(3, 0.8, 3, 9), x, y-0.6*k, k, Skin{body: chalk, gloss: 0.2, still: true})
		s.wick(x, y-9.4*k, k*0.9, burning)
		s.Fill(Poly(x-w*0.4, y-h, x-w*0.12, y-h, x-w*0.36, y, x-w*0.5, y), veil(white, 0.16))
	})
	bar := func(p Path) { s.Fill(p, sweep(x-w/2, y-h, x+w/2, y, lit(c, 0.28), dim(c, 0.28))) }
	bar(Rect(x-w/2-0.4*k, y-1.6*k, w+0.8*k, 1.6*k))
	bar(Rect(x-w/2, y-h, 1.1*k, h))
	bar(Rect(x+w/2-1.1*k, y-h, 1.1*k, h))
	bar(Rect(x-w/2, y-h*0.36, w, 0.5*k))
	bar(Rect(x-w/2-0.4*k, y-h-0.4*k, w+0.8*k, 1.5*k))
	bar(Poly(x-w/2-1*k, y-h-0.3*k, x-3*k, y-h-4.4*k, x+3*k, y-h-4.4*k, x+w/2+1*k, y-h-0.3*k))
	s.Fill(Poly(x+1.2*k, y-h-4.4*k, x+3*k, y-h-4.4*k, x+w/2+1*k, y-h-0.3*k, x+3.4*k, y-h-0.3*k), veil(dim(c, 0.7), 0.4))
	bar(Rect(x-3*k, y-h-5.6*k, 6*k, 1.4*k))
	s.Fill(Ring(x, y-h-7.6*k, 2.6*k, 2.6*k, 0.5*k), sweep(x-2*k, y-h-10*k, x+2*k, y-h-5*k, lit(c, 0.35), dim(c, 0.25)))
}

// lamp has a ceramic base and a linen shade: 42 cm high in all.
func (s *Scene) lamp(x, y, k float64, c RGB, on bool) {
	f := turned(5.5, 0, 5.6, 0.1, 7.6, 2.6, 8.2, 7, 6.4, 13, 3, 17.6, 1.7, 20)
	s.turn(f, x, y, k, glaze(c, 20))
	s.turn(edged(0.7, 19.6, 0.7, 24), x, y, k, Skin{body: brass, gloss: 0.6, still: true})
	sh := edged(14, 22, 10, 40)
	linen := hex(0xEADBBE)
	if on {
		s.Fill(Ellipse(x, y-30*k, 36*k, 36*k), glow(x, y-30*k, 36*k, hex(0xFFE0A6), 0.5))
	}
	s.cast(s.outline(sh, x, y, k), y, k)
	s.turn(sh, x, y, k, Skin{body: linen, inside: lit(linen, 0.3), lip: 0.3, still: true, bands: []Band{{22, 22.5, dim(linen, 0.2), 0}, {39.5, 40, dim(linen, 0.2), 0}}})
	if on {
		sil := s.outline(sh, x, y, k)
		s.Within(sil, func() { s.Fill(sil, glow(x, y-27*k, 20*k, hex(0xFFF0CC), 0.8)) })
		s.Within(s.outline(f, x, y, k), func() { s.Fill(Rect(x-9*k, y-20*k, 18*k, 12*k), fade(x, y-20*k, x, y-8*k, hex(0xFFE6B4), 0.45, 0)) })
	}
}

// matchJar is a corked glass jar of long matches.
func (s *Scene) matchJar(x, y, k float64, head RGB) {
	f := edged(3, 0, 3.1, 0.2, 3.1, 10.5)
	for i := range 13 {
		t := float64(i)/12*2 - 1
		if i%2 == 0 {
			t *= 0.6
		}
		bx, tx, ty := x+t*1.9*k, x+t*2.5*k, y-(9.2-s.around(0.3, 0.3))*k
		s.Fill(Poly(bx-0.16*k, y-0.4*k, bx+0.16*k, y-0.4*k, tx+0.16*k, ty, tx-0.16*k, ty), sweep(bx, y, tx+k, ty, dim(ash, 0.15), lit(ash, 0.2)))
		s.Fill(Ellipse(tx, ty, 0.26*k, 0.42*k), ball(tx, ty, 0.28*k, 0.45*k, head))
	}
	s.glass(f, x, y, k, white, 0, white)
	s.turn(edged(3, 10.2, 3.2, 12.4), x, y, k, Skin{body: kraft, still: true, specks: 0.6})
	s.label(f, x, y, k, 2.4, 6, 0.62, head)
}

// tealight is a small glass with a burning light in it.
func (s *Scene) tealight(x, y, k float64, tint RGB, burning bool) {
	f := turned(2.6, 0, 2.8, 0.3, 3.3, 2.2, 3.6, 6.8)
	s.turn(edged(1.9, 0.6, 1.9, 2.2), x, y, k, Skin{body: chalk, still: true, lip: 0.2, inside: chalk})
	s.wick(x, y-2.2*k, k*0.62, burning)
	s.glass(f, x, y, k, tint, 0, tint)
	if burning {
		sil := s.outline(f, x, y, k)
		s.Within(sil, func() { s.Fill(sil, glow(x, y-3.4*k, 5*k, hex(0xFFDD9C), 0.45)) })
		s.wick(x, y-2.2*k, k*0.62, true) // once more: the flame outshines the glass
	}
}

// cupCandle is a scented candle poured into a stoneware cup.
func (s *Scene) cupCandle(x, y, k float64, c, wax RGB, burning bool) {
	f := turned(3.9, 0, 3.9, 0.01, 4.3, 0.5, 4.3, 4, 4.3, 9)
	s.turn(f, x, y, k, glaze(c, 9))
	s.pour(f, x, y, k, 0.35, 1.0, wax)
	s.label(f, x, y, k, 2.4, 6.2, 0.5, c)
	s.wick(x, y-8.3*k, k, burning)
}

// pendant hangs from the ceiling by its cable; x, y is the middle of its rim.
func (s *Scene) pendant(x, y, k float64, c RGB) {
	s.Fill(Curve(x, -20, x, y-20*k).Stroke(0.5*k), flat(dim(night, 0.1)))
	s.turn(edged(1.2, 19, 1.2, 22.4), x, y, k, Skin{body: brass, gloss: 0.6, still: true})
	f := turned(17, 0, 16.6, 2, 14.4, 8, 9.6, 14, 4, 18.4, 1.6, 19.4)
	sil := s.outline(f, x, y, k)
	s.Shade(sil.Move(7*k, 5*k), 4*k, umbra, 0.25)
	s.Fill(Ellipse(x, y+10*k, 44*k, 44*k), glow(x, y+10*k, 44*k, hex(0xFFE2AA), 0.5))
	s.turn(f, x, y, k, Skin{body: c, gloss: 0.45, still: true})
	s.Fill(Ellipse(x, y, 17*k, 17*k*s.tilt), flat(dim(c, 0.25)))
	s.Fill(Ellipse(x, y+0.2*k, 16.5*k, 16.3*k*s.tilt), sweep(x-16*k, y, x+16*k, y, hex(0xFFEFC8), hex(0xF4D9A0)))
	s.Fill(Ellipse(x, y+0.3*k, 4*k, 4*k*s.tilt*1.5), glow(x, y, 5*k, hex(0xFFFFFF), 1))
}
