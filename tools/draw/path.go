package main

import "math"

// Pt is a point in scene units.
type Pt struct{ X, Y float64 }

// Path is a set of contours. Curves are flattened when they are made, so that
// moving, turning and stroking are plain loops over points.
type Path [][]Pt

const steps = 24 // points per quarter turn or spline piece

// Ellipse goes clockwise on the screen, starting at its right end.
func Ellipse(cx, cy, rx, ry float64) Path {
	pts := make([]Pt, 0, 4*steps)
	for i := range 4 * steps {
		a := 2 * math.Pi * float64(i) / (4 * steps)
		pts = append(pts, Pt{cx + rx*math.Cos(a), cy + ry*math.Sin(a)})
	}
	return Path{pts}
}

// Ring is an ellipse with a hole of the given wall.
func Ring(cx, cy, rx, ry, wall float64) Path {
	in := Ellipse(cx, cy, rx-wall, ry-wall*ry/rx)
	return append(Ellipse(cx, cy, rx, ry), reversed(in[0]))
}

func reversed(pts []Pt) []Pt {
	out := make([]Pt, len(pts))
	for i, p := range pts {
		out[len(pts)-1-i] = p
	}
	return out
}

// Rect is an upright rectangle.
func Rect(x, y, w, h float64) Path { return Poly(x, y, x+w, y, x+w, y+h, x, y+h) }

// RoundRect is a rectangle with quarter-circle corners.
func RoundRect(x, y, w, h, r float64) Path {
	r = math.Min(r, math.Min(w, h)/2)
	var pts []Pt
	corner := func(cx, cy, from float64) {
		for i := range steps/2 + 1 {
			a := (from + 90*float64(i)/(steps/2)) * math.Pi / 180
			pts = append(pts, Pt{cx + r*math.Cos(a), cy + r*math.Sin(a)})
		}
	}
	corner(x+w-r, y+r, -90)
	corner(x+w-r, y+h-r, 0)
	corner(x+r, y+h-r, 90)
	corner(x+r, y+r, 180)
	return Path{pts}
}

// Poly joins coordinate pairs with straight lines.
func Poly(xy ...float64) Path { return Path{pairs(xy)} }

func pairs(xy []float64) []Pt {
	pts := make([]Pt, 0, len(xy)/2)
	for i := 0; i+1 < len(xy); i += 2 {
		pts = append(pts, Pt{xy[i], xy[i+1]})
	}
	return pts
}

// Smooth draws a closed curve through the coordinate pairs.
func Smooth(xy ...float64) Path { return Path{spline(pairs(xy), true)} }

// Curve draws an open curve through the coordinate pairs; stroke it to see it.
func Curve(xy ...float64) Path { return Path{spline(pairs(xy), false)} }

// spline is a centripetal-looking Catmull-Rom curve; a point given twice makes a corner.
func spline(p []Pt, closed bool) []Pt {
	n := len(p)
	at := func(i int) Pt {
		if closed {
			return p[(i+n)%n]
		}
		return p[min(max(i, 0), n-1)]
	}
	last := n - 1
	if closed {
		last = n
	}
	var out []Pt
	for i := range last {
		a, b, c, d := at(i-1), at(i), at(i+1), at(i+2)
		if b == c {
			continue // a corner: a curve between twins would only grow a horn
		}
		for j := range steps / 2 {
			t := float64(j) / (steps / 2)
			out = append(out, Pt{catmull(a.X, b.X, c.X, d.X, t), catmull(a.Y, b.Y, c.Y, d.Y, t)})
		}
	}
	if !closed {
		out = append(out, p[n-1])
	}
	return out
}

func catmull(a, b, c, d, t float64) float64 {
	return 0.5 * (2*b + (c-a)*t + (2*a-5*b+4*c-d)*t*t + (3*b-a-3*c+d)*t*t*t)
}

// Each applies f to every point.
func (p Path) Each(f func(Pt) Pt) Path {
	out := make(Path, len(p))
	for i, c := range p {
		out[i] = make([]Pt, len(c))
		for j, q := range c {
			out[i][j] = f(q)
		}
	}
	return out
}

// Move shifts the path.
func (p Path) Move(dx, dy float64) Path {
	return p.Each(func(q Pt) Pt { return Pt{q.X + dx, q.Y + dy} })
}

// Turn rotates clockwise by degrees about a point.
func (p Path) Turn(cx, cy, deg float64) Path {
	sin, cos := math.Sincos(deg * math.Pi / 180)
	return p.Each(func(q Pt) Pt {
		x, y := q.X-cx, q.Y-cy
		return Pt{cx + x*cos - y*sin, cy + x*sin + y*cos}
	})
}

// Stroke outlines open curves with a constant width.
func (p Path) Stroke(w float64) Path { return p.Taper(w, w) }

// Taper outlines open curves with a width that runs from w0 to w1.
func (p Path) Taper(w0, w1 float64) Path {
	var out Path
	for _, c := range p {
		if len(c) < 2 {
			continue
		}
		var left, right []Pt
		for i, q := range c {
			n := normal(c, i)
			r := (w0 + (w1-w0)*float64(i)/float64(len(c)-1)) / 2
			left = append(left, Pt{q.X + n.X*r, q.Y + n.Y*r})
			right = append(right, Pt{q.X - n.X*r, q.Y - n.Y*r})
		}
		out = append(out, append(left, reversed(right)...))
	}
	return out
}

func normal(c []Pt, i int) Pt {
	a, b := c[max(i-1, 0)], c[min(i+1, len(c)-1)]
	dx, dy := b.X-a.X, b.Y-a.Y
	l := math.Hypot(dx, dy)
	if l == 0 {
		return Pt{}
	}
	return Pt{-dy / l, dx / l}
}

// box is the smallest rectangle around the path.
func (p Path) box() (x0, y0, x1, y1 float64) {
	x0, y0, x1, y1 = math.Inf(1), math.Inf(1), math.Inf(-1), math.Inf(-1)
	for _, c := range p {
		for _, q := range c {
			x0, y0 = math.Min(x0, q.X), math.Min(y0, q.Y)
			x1, y1 = math.Max(x1, q.X), math.Max(y1, q.Y)
		}
	}
	return
}
