package main

// lyingCandle lies flat with its wick up; w thick, l long.
func (s *Scene) lyingCandle(o spot, w, l float64, c RGB) {
	body := o.p(Smooth(-w*0.46, l/2, -w*0.46, l/2, -w/2, 0, -w*0.44, -l*0.42, -w*0.28, -l*0.49, 0, -l/2, w*0.28, -l*0.49, w*0.44, -l*0.42, w/2, 0, w*0.46, l/2, w*0.46, l/2))
	wick := o.p(Curve(0, -l/2+4, w*0.06, -l/2-w*0.4, w*0.3, -l/2-w*0.9))
	s.drop(body, 16)
	s.Fill(wick.Stroke(w*0.1), flat(lit(umber, 0.65)))
	s.Fill(body, sweep(o.x-w/2, o.y, o.x+w/2, o.y, lit(c, 0.26), dim(c, 0.34)))
	s.Fill(o.p(Curve(-w*0.24, -l*0.42, -w*0.26, 0, -w*0.24, l*0.48).Stroke(w*0.12)), veil(lit(c, 0.7), 0.5))
}

// sleeve is a paper band around things that lie side by side.
func (s *Scene) sleeve(x, y, w, h float64, c, mark RGB) {
	p := Rect(x-w/2, y-h/2, w, h)
	s.drop(p, 10)
	s.Fill(p, sweep(x-w/2, y-h/2, x+w/2, y+h/2, lit(c, 0.3), dim(c, 0.12)))
	s.Fill(Rect(x-w/2, y+h*0.30, w, h*0.1), sweep(x-w/2, y, x+w/2, y, mark, dim(mark, 0.16)))
	s.leaf(x, y+h*0.04, h*0.4, h*0.18, -58, mark)
	s.leaf(x, y+h*0.04, h*0.32, h*0.15, -128, lit(mark, 0.2))
	s.Fill(Rect(x-w*0.12, y+h*0.14, w*0.24, 4), veil(umber, 0.55))
}

// bookPile is three books lying on the table, backs to the viewer.
func (s *Scene) bookPile(x, y, w float64) {
	for i, c := range []RGB{deep, clay, oat} {
		ww, th := w*(1-0.1*float64(i)), w*0.13
		l, t := x-ww/2+w*0.02*float64(i%2), y-float64(i+1)*th
		if i == 0 {
			s.cast(Rect(x-w/2, y-3*th, w, 3*th), y, w/14)
			s.Shade(Rect(x-w/2, y-6, w*1.03, 16), 8, umbra, 0.5)
		}
		s.Fill(Poly(l, t, l+w*0.07, t-w*0.17, l+ww-w*0.05, t-w*0.17, l+ww, t), sweep(l, t-w*0.2, l+ww, t, lit(c, 0.3), lit(c, 0.05)))
		s.Fill(RoundRect(l, t, ww, th, th*0.24), sweep(l, t, l+ww, t+th, lit(c, 0.08), dim(c, 0.28)))
		for _, u := range []float64{0.08, 0.12, 0.86} {
			s.Fill(Rect(l+ww*u, t, ww*0.012, th), veil(lit(c, 0.7), 0.5))
		}
	}
}
