package main

import "math"

// RGB is a colour with channels from 0 to 1.
type RGB struct{ R, G, B float64 }

func hex(v uint32) RGB {
	return RGB{float64(v>>16&255) / 255, float64(v>>8&255) / 255, float64(v&255) / 255}
}

func mix(a, b RGB, t float64) RGB {
	return RGB{a.R + (b.R-a.R)*t, a.G + (b.G-a.G)*t, a.B + (b.B-a.B)*t}
}

// lit and dim lean on a warm white and a warm dark, never on grey: that keeps
// every object under the same sun.
func lit(c RGB, t float64) RGB { return mix(c, RGB{1, 0.975, 0.92}, t) }

func dim(c RGB, t float64) RGB {
	return mix(c, RGB{c.R * 0.34, c.G * 0.27, c.B * 0.30}, t)
}

// shift moves lightness alone. Grounds use it: a hue that drifts over a large
// plain area would show as steps once it is a JPEG.
func shift(c RGB, d float64) RGB { return RGB{c.R + d, c.G + d, c.B + d} }

// Paint gives the colour and cover at a place in the scene.
type Paint func(x, y float64) (RGB, float64)

func flat(c RGB) Paint { return func(_, _ float64) (RGB, float64) { return c, 1 } }

func veil(c RGB, a float64) Paint { return func(_, _ float64) (RGB, float64) { return c, a } }

// sweep runs from a to b along a line.
func sweep(x0, y0, x1, y1 float64, a, b RGB) Paint {
	dx, dy := x1-x0, y1-y0
	l := dx*dx + dy*dy
	return func(x, y float64) (RGB, float64) {
		return mix(a, b, soft(((x-x0)*dx+(y-y0)*dy)/l)), 1
	}
}

// fade runs from cover a to cover b along a line in one colour.
func fade(x0, y0, x1, y1 float64, c RGB, a, b float64) Paint {
	dx, dy := x1-x0, y1-y0
	l := dx*dx + dy*dy
	return func(x, y float64) (RGB, float64) {
		return c, a + (b-a)*soft(((x-x0)*dx+(y-y0)*dy)/l)
	}
}

// glow is strongest at its centre and gone at radius r.
func glow(cx, cy, r float64, c RGB, a float64) Paint {
	return func(x, y float64) (RGB, float64) {
		d := math.Hypot(x-cx, y-cy) / r
		return c, a * (1 - soft(d))
	}
}

// ball shades a round thing lit from the upper left.
func ball(cx, cy, rx, ry float64, c RGB) Paint {
	hi, lo := lit(c, 0.34), dim(c, 0.5)
	return func(x, y float64) (RGB, float64) {
		u, v := (x-cx)/rx, (y-cy)/ry
		w := math.Sqrt(math.Max(0, 1-u*u-v*v))
		l := -0.5*u - 0.55*v + 0.67*w
		return tone(lo, c, hi, l), 1
	}
}

// tone keeps three calm steps with soft joins, the way gouache is laid.
func tone(lo, mid, hi RGB, l float64) RGB {
	c := mix(lo, mid, soft((l+0.25)/0.75))
	return mix(c, hi, 0.85*soft((l-0.62)/0.38))
}

func soft(t float64) float64 {
	t = math.Min(1, math.Max(0, t))
	return t * t * (3 - 2*t)
}

// The shop's colours, named as in the catalogue.
var (
	chalk  = hex(0xEDE5D5)
	moss   = hex(0x7F8B5E)
	clay   = hex(0xBF7350)
	ink    = hex(0x3A4C60)
	oat    = hex(0xD8C7A6)
	plum   = hex(0x74434D)
	butter = hex(0xE3BC68)
	rose   = hex(0xD3A092)
	sea    = hex(0x7E9C9A)
	deep   = hex(0x1F5C4A)
	night  = hex(0x2B2A2D)
	bisque = hex(0xC9A381)
	terra  = hex(0xC06A43)
	oak    = hex(0xCDA26D)
	ash    = hex(0xDFC49B)
	walnut = hex(0x7B5539)
	zinc   = hex(0x9DA5A3)
	iron   = hex(0x4A4C4D)
	brass  = hex(0xBF9650)
	leafy  = hex(0x6C8152)
	pine   = hex(0x3F5D47)
	paper  = hex(0xF6F0E4)
	kraft  = hex(0xC6A077)
	wax    = hex(0xE2B45A)
	white  = hex(0xFBF8F1)
	umber  = hex(0x4A3327)
)
