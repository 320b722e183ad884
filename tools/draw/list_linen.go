package main

func linenPictures() []picture {
	m := moodLinen()
	up := upright()
	return []picture{
		{"linen-tablecloth-1", up, func(s *Scene) {
			s.table(m, 0.86)
			s.window(m, 120, 50, 380, 380)
			s.clothTable(500, 560, 820, 520, oat)
			s.bowl(360, 575, 17, moss)
			s.glass(carafeForm(), 640, 580, 13, hex(0xE6EEEA), 10, hex(0xC9DDDB))
		}},
		{"linen-tablecloth-2", up, func(s *Scene) {
			s.table(m, 0.6)
			s.disc(m, 500, 420, 290)
			s.pile(490, 980, 560, 74, ink, moss, oat)
			s.twig(420, 690, 230, -12, 6, 74, leafy)
		}},
		{"linen-napkins-1", up, func(s *Scene) {
			s.sheet(m)
			s.folded(spot{500, 640, -6}, 560, 560, moss, moss, 0)
		}},
		{"linen-napkins-2", up, func(s *Scene) {
			s.sheet(m)
			for i, c := range []RGB{oat, moss, clay, ink} {
				s.folded(spot{300 + float64(i)*125, 420 + float64(i)*135, -8 + float64(i)*3}, 390, 390, c, c, 0)
			}
		}},
		{"striped-tea-towel-1", up, func(s *Scene) {
			s.table(m, 0.94)
			s.rail(150, 850, 190, 500)
			s.hang(500, 200, 420, 800, 2.4, white, []float64{0.12, 0.17, 0.22, 0.80, 0.85, 0.90}, ink)
		}},
		{"striped-tea-towel-2", up, func(s *Scene) {
			s.table(m, 0.94)
			s.rail(-20, 1020, 150, 190, 500, 810)
			for i, c := range []RGB{ink, clay, moss} {
				s.hang(190+float64(i)*310, 160, 270, 790+float64(i%2)*50, 2, white, []float64{0.12, 0.17, 0.22, 0.80, 0.85, 0.90}, c)
			}
		}},
		{"striped-tea-towel-3", up, func(s *Scene) {
			s.sheet(m)
			s.folded(spot{500, 560, -6}, 560, 640, white, ink, 3)
			s.plateAbove(330, 960, 15, 22, chalk)
			s.server(spot{760, 860, 16}, 620, false)
		}},
		{"kitchen-apron-1", up, func(s *Scene) {
			s.table(m, 0.93)
			s.arch(m, 500, 700, 70, 1160)
			s.rail(340, 660, 130, 500)
			s.apron(500, 130, 560, moss)
		}},
		{"kitchen-apron-2", up, func(s *Scene) {
			s.table(m, 0.93)
			s.rail(-20, 1020, 150, 180, 500, 820)
			for i, c := range []RGB{oat, moss, ink} {
				s.apron(180+float64(i)*320, 150, 262, c)
			}
			s.bench(520, 1140, 640)
			s.pile(430, 815, 240, 34, ink, oat)
			s.bowl(650, 818, 15, clay)
		}},
		{"table-runner-1", up, func(s *Scene) {
			s.sheet(m)
			s.plank(500, 625, 1000, 1250, oak)
			s.runner(spot{520, 625, 3}, 360, 1400, oat)
			s.plateAbove(520, 720, 13, 22, chalk)
			s.twig(440, 380, 220, -30, 7, 80, leafy)
		}},
		{"table-runner-2", up, func(s *Scene) {
			s.sheet(m)
			s.folded(spot{380, 520, -7}, 400, 600, oat, clay, 2)
			s.folded(spot{630, 740, 5}, 400, 600, clay, chalk, 2)
		}},
		{"pot-holders-1", up, func(s *Scene) {
			s.sheet(m)
			s.potHolder(spot{410, 530, -10}, 440, clay)
			s.potHolder(spot{600, 800, 6}, 440, clay)
		}},
		{"pot-holders-2", up, func(s *Scene) {
			s.sheet(m)
			s.plank(500, 625, 1000, 1250, ash)
			s.potHolder(spot{380, 480, 12}, 400, ink)
			s.potHolder(spot{640, 800, -7}, 400, clay)
		}},
		{"bread-bag-1", up, func(s *Scene) {
			s.table(m, 0.64)
			s.arch(m, 500, 640, 130, 800)
			s.sack(490, 1040, 480, 740, oat)
		}},
		{"bread-bag-2", up, func(s *Scene) {
			s.sheet(m)
			s.folded(spot{430, 520, -8}, 480, 640, oat, ink, 2)
			s.bread(650, 880, 190)
		}},
		{"linen-throw-1", up, func(s *Scene) {
			s.table(m, 0.84)
			s.window(m, 110, 60, 380, 420)
			s.bench(500, 1090, 760)
			s.throw(560, 720, 440, sea)
		}},
		{"linen-throw-2", up, func(s *Scene) {
			s.table(m, 0.6)
			s.disc(m, 520, 400, 280)
			s.pile(500, 1000, 580, 92, plum, sea, oat)
		}},
		{"cushion-cover-1", up, func(s *Scene) {
			s.table(m, 0.66)
			s.arch(m, 500, 680, 130, 825)
			s.cushion(490, 1030, 540, -3, moss)
		}},
		{"cushion-cover-2", up, func(s *Scene) {
			s.table(m, 0.62)
			s.window(m, 200, 60, 440, 440)
			s.cushion(330, 900, 400, -6, sea)
			s.cushion(690, 960, 400, 7, clay)
			s.cushion(470, 1080, 330, -2, moss)
		}},
		{"market-bag-1", up, func(s *Scene) {
			s.table(m, 0.93)
			s.arch(m, 500, 680, 80, 1160)
			s.rail(360, 640, 160, 500)
			s.tote(500, 165, 520, oat)
		}},
		{"market-bag-2", up, func(s *Scene) {
			s.table(m, 0.93)
			s.rail(40, 960, 200, 270, 730)
			s.tote(270, 205, 410, ink)
			s.leek(730, 540, 240)
			s.tote(730, 205, 410, oat)
		}},
	}
}
