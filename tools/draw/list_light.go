package main

func lightPictures() []picture {
	m := moodLight()
	up := upright()
	return []picture{
		{"table-candles-1", up, func(s *Scene) {
			s.sheet(m)
			for i := range 6 {
				s.lyingCandle(spot{230 + float64(i)*108, 640, 0}, 48, 860, clay)
			}
			s.sleeve(500, 690, 690, 190, paper, clay)
		}},
		{"table-candles-2", up, func(s *Scene) {
			s.table(m, 0.7)
			s.arch(m, 500, 700, 100, 875)
			for i, c := range []RGB{chalk, clay, moss, plum, butter} {
				x, y := 180+float64(i)*160, 960+float64(i%2)*70
				s.turn(turned(2.4, 0, 2.2, 0.6, 1.5, 1.2, 1.6, 2.6), x, y, 24, Skin{body: brass, gloss: 0.8})
				s.taper(x, y-50, 24, 25, c, i == 1 || i == 3)
			}
		}},
		{"beeswax-pillar-1", up, func(s *Scene) {
			s.table(m, 0.64)
			s.arch(m, 500, 600, 130, 800)
			s.pillar(490, 1030, 46, 15, wax, true)
		}},
		{"beeswax-pillar-2", up, func(s *Scene) {
			s.table(m, 0.6)
			s.disc(m, 500, 420, 300)
			s.pillar(290, 920, 27, 20, wax, true)
			s.pillar(550, 990, 27, 15, wax, true)
			s.pillar(790, 1060, 27, 10, wax, false)
		}},
		{"candle-holder-1", up, func(s *Scene) {
			s.table(m, 0.62)
			s.disc(m, 490, 430, 310)
			s.stick(460, 1010, 34, moss, chalk, true)
		}},
		{"candle-holder-2", up, func(s *Scene) {
			s.table(m, 0.56)
			s.arch(m, 500, 640, 100, 700)
			s.stick(270, 830, 22, chalk, plum, true)
			s.stick(700, 890, 22, ink, chalk, true)
			s.stick(450, 1080, 22, moss, RGB{}, false)
		}},
		{"garden-lantern-1", up, func(s *Scene) {
			s.table(m, 0.66)
			s.arch(m, 500, 640, 90, 825)
			s.lantern(480, 1060, 26, night, true)
		}},
		{"garden-lantern-2", up, func(s *Scene) {
			s.table(m, 0.6)
			s.disc(m, 460, 380, 290)
			s.lantern(320, 930, 18, night, true)
			s.lantern(690, 1050, 18, zinc, true)
			s.twig(70, 1150, 330, -12, 8, 80, pine)
		}},
		{"table-lamp-1", up, func(s *Scene) {
			s.table(m, 0.74)
			s.arch(m, 500, 720, 80, 925)
			s.lamp(500, 1100, 23, chalk, true)
		}},
		{"table-lamp-2", up, func(s *Scene) {
			s.table(m, 0.64)
			s.lamp(270, 900, 14.5, moss, true)
			s.lamp(740, 960, 14.5, ink, false)
			s.bookPile(480, 1120, 330)
		}},
		{"table-lamp-3", up, func(s *Scene) {
			s.table(m, 0.62)
			s.framed(770, 290, 250, 330, walnut, hex(0xE4E2C8), 1, leafy)
			s.lamp(350, 960, 18, chalk, true)
			s.bookPile(720, 1010, 290)
			s.mug(700, 874, 15, clay)
		}},
		{"long-matches-1", up, func(s *Scene) {
			s.table(m, 0.62)
			s.disc(m, 490, 450, 310)
			s.matchJar(490, 1010, 56, clay)
		}},
		{"long-matches-2", up, func(s *Scene) {
			s.table(m, 0.58)
			s.window(m, 300, 60, 440, 440)
			s.pillar(340, 900, 30, 12, wax, true)
			s.matchJar(660, 980, 30, clay)
		}},
		{"tealight-glass-1", up, func(s *Scene) {
			s.table(m, 0.6)
			s.arch(m, 500, 600, 150, 750)
			s.tealight(490, 970, 74, hex(0xD39A4A), true)
		}},
		{"tealight-glass-2", up, func(s *Scene) {
			s.table(m, 0.54)
			s.disc(m, 520, 380, 270)
			s.tealight(260, 800, 40, hex(0xE6EEEA), true)
			s.tealight(540, 900, 40, hex(0x8E8A86), true)
			s.tealight(790, 1030, 40, hex(0xD39A4A), true)
		}},
		{"scented-candle-1", up, func(s *Scene) {
			s.table(m, 0.62)
			s.arch(m, 500, 620, 150, 775)
			s.cupCandle(490, 1000, 56, plum, chalk, true)
		}},
		{"scented-candle-2", up, func(s *Scene) {
			s.table(m, 0.55)
			s.disc(m, 460, 390, 280)
			s.cupCandle(270, 810, 31, plum, chalk, true)
			s.cupCandle(550, 900, 31, sea, chalk, false)
			s.cupCandle(800, 1000, 31, clay, chalk, true)
			s.twig(140, 1110, 360, -14, 8, 92, pine)
		}},
		{"pendant-shade-1", up, func(s *Scene) {
			s.table(m, 1.01)
			s.pendant(500, 760, 23, deep)
		}},
		{"pendant-shade-2", up, func(s *Scene) {
			s.table(m, 0.9)
			s.pendant(230, 480, 11.5, chalk)
			s.pendant(520, 640, 11.5, clay)
			s.pendant(800, 420, 11.5, deep)
			s.clothTable(500, 960, 980, 420, oat)
			s.bowl(430, 975, 12, moss)
		}},
	}
}
