package main

func tablewarePictures() []picture {
	m := moodTable()
	up := upright()
	return []picture{
		{"morning-bowl-1", up, func(s *Scene) {
			s.table(m, 0.60)
			s.arch(m, 520, 640, 140, 750)
			s.bowl(490, 985, 44, moss)
		}},
		{"morning-bowl-2", up, func(s *Scene) {
			s.table(m, 0.52)
			s.disc(m, 640, 360, 260)
			for i, c := range glazes() {
				s.bowl([]float64{300, 690, 330, 720}[i], []float64{690, 760, 960, 1060}[i], 22, c)
			}
		}},
		{"morning-bowl-3", up, func(s *Scene) {
			s.table(m, 0.5)
			s.window(m, 160, 60, 420, 420)
			s.mug(250, 760, 27, chalk)
			s.turn(bowlForm(), 560, 980, 34, glaze(clay, 7))
			s.pour(bowlForm(), 560, 980, 34, 0.35, 1.1, hex(0xEADCBF))
			s.heap(590, 758, 90, 28, 34, 26, hex(0xB98A4F), hex(0xD7B27A), hex(0x8A5A36))
			s.heap(500, 764, 46, 17, 9, 34, hex(0x59354A), hex(0x7A3D55))
			s.orb(190, 1060, 58, 54, hex(0xE2A256))
			s.orb(295, 1105, 60, 55, hex(0xDF9650))
		}},
		{"dinner-plate-1", up, func(s *Scene) {
			s.sheet(m)
			s.plateAbove(500, 640, 29, 27, chalk)
		}},
		{"dinner-plate-2", up, func(s *Scene) {
			s.sheet(m)
			s.plateAbove(340, 400, 19, 27, clay)
			s.plateAbove(690, 590, 19, 27, moss)
			s.plateAbove(330, 830, 19, 27, chalk)
			s.plateAbove(690, 985, 19, 22, chalk)
			s.twig(640, 1010, 190, -34, 6, 70, leafy)
		}},
		{"orchard-jug-1", up, func(s *Scene) {
			s.table(m, 0.66)
			s.arch(m, 480, 600, 120, 825)
			s.jug(480, 1050, 38, chalk)
		}},
		{"orchard-jug-2", up, func(s *Scene) {
			s.table(m, 0.58)
			s.disc(m, 420, 400, 290)
			s.jug(425, 930, 22, moss)
			for i := range 4 {
				s.stalk(394+float64(i)*20, 461, 190+float64(i%3)*60, -150+float64(i)*96, 46, []RGB{rose, butter, white, clay}[i])
			}
			s.jug(725, 1030, 22, chalk)
			s.pear(210, 1085, 66, hex(0xC9B25A), clay)
		}},
		{"orchard-jug-3", up, func(s *Scene) {
			s.table(m, 0.56)
			s.arch(m, 400, 580, 130, 700)
			s.jug(390, 900, 27, chalk)
			s.glass(tumblerForm(), 690, 930, 27, hex(0xEDEBDD), 6, hex(0xE2AE48))
			s.apple(250, 1080, 84, hex(0xCBB84F), hex(0xB83E2C))
			s.apple(820, 1060, 78, hex(0xB7BD5A), hex(0xC77B3A))
			s.twig(430, 1150, 260, -10, 8, 70, leafy)
		}},
		{"potters-mug-1", up, func(s *Scene) {
			s.table(m, 0.62)
			s.arch(m, 490, 620, 150, 775)
			s.mug(450, 1000, 58, clay)
			s.pour(mugForm(), 450, 1000, 58, 0.35, 1.2, hex(0x5A3A28))
		}},
		{"potters-mug-2", up, func(s *Scene) {
			s.table(m, 0.5)
			s.disc(m, 350, 360, 250)
			for i, c := range glazes() {
				s.mug([]float64{290, 660, 270, 670}[i], []float64{690, 740, 970, 1060}[i], 28, c)
			}
		}},
		{"potters-mug-3", up, func(s *Scene) {
			s.table(m, 0.52)
			s.window(m, 120, 60, 420, 420)
			s.bookPile(690, 800, 330)
			s.mug(300, 850, 30, moss)
			s.pour(mugForm(), 300, 850, 30, 0.35, 1.2, hex(0xB07A42))
			s.plate(600, 1040, 24, 22, chalk)
			s.apple(560, 1010, 74, hex(0xCBB84F), hex(0xB83E2C))
			s.orb(690, 1008, 52, 48, hex(0xE2A256))
		}},
		{"small-cup-1", up, func(s *Scene) {
			s.table(m, 0.6)
			s.disc(m, 520, 440, 300)
			s.cup(480, 980, 80, ink)
		}},
		{"small-cup-2", up, func(s *Scene) {
			s.table(m, 0.5)
			s.window(m, 380, 60, 420, 420)
			for i, c := range glazes() {
				s.cup([]float64{270, 470, 660, 420}[i], []float64{780, 720, 820, 1000}[i], 33, c)
			}
			s.pour(cupForm(), 420, 1000, 33, 0.28, 0.9, hex(0x4A2C1C))
			s.orb(690, 1080, 62, 56, hex(0xE2A256))
		}},
		{"round-teapot-1", up, func(s *Scene) {
			s.table(m, 0.62)
			s.arch(m, 540, 640, 170, 775)
			s.teapot(530, 1010, 36, ink)
		}},
		{"round-teapot-2", up, func(s *Scene) {
			s.table(m, 0.5)
			s.disc(m, 620, 380, 270)
			s.teapot(680, 800, 22, chalk)
			s.teapot(370, 940, 22, ink)
			s.cup(640, 1020, 24, chalk)
			s.pour(cupForm(), 640, 1020, 24, 0.28, 0.8, hex(0xB98A4F))
			s.cup(800, 1080, 24, ink)
			s.pour(cupForm(), 800, 1080, 24, 0.28, 0.8, hex(0xB98A4F))
		}},
		{"salad-bowl-1", up, func(s *Scene) {
			s.table(m, 0.58)
			s.arch(m, 500, 680, 130, 725)
			s.turn(saladForm(), 500, 980, 25, glaze(chalk, 11))
		}},
		{"salad-bowl-2", up, func(s *Scene) {
			s.table(m, 0.5)
			s.disc(m, 400, 380, 270)
			s.salad(510, 920, 25, moss)
			s.cup(820, 1050, 25, clay)
		}},
		{"egg-cup-1", up, func(s *Scene) {
			s.table(m, 0.6)
			s.arch(m, 510, 560, 200, 750)
			s.eggCup(490, 980, 92, moss, true)
		}},
		{"egg-cup-2", up, func(s *Scene) {
			s.table(m, 0.5)
			s.window(m, 200, 60, 400, 420)
			s.eggCup(280, 800, 46, chalk, true)
			s.eggCup(530, 860, 46, moss, false)
			s.eggCup(770, 950, 46, clay, true)
			s.plate(350, 1090, 21, 22, chalk)
		}},
		{"butter-dish-1", up, func(s *Scene) {
			s.table(m, 0.58)
			s.disc(m, 500, 420, 310)
			s.butterDish(490, 960, 40, chalk, true)
		}},
		{"butter-dish-2", up, func(s *Scene) {
			s.table(m, 0.5)
			s.arch(m, 600, 560, 120, 625)
			s.jar(230, 730, 25, 9.5, hex(0xE08A2C), brass, clay)
			s.butterDish(480, 880, 34, chalk, false)
		}},
		{"water-carafe-1", up, func(s *Scene) {
			s.table(mood{m.wall, m.table, hex(0xDDE3DA)}, 0.66)
			s.arch(mood{m.wall, m.table, hex(0xD5DDD3)}, 490, 600, 120, 825)
			s.glass(carafeForm(), 490, 1060, 33, hex(0xE6EEEA), 15, hex(0xC9DDDB))
		}},
		{"water-carafe-2", up, func(s *Scene) {
			s.table(m, 0.56)
			s.window(m, 220, 60, 460, 500)
			s.glass(carafeForm(), 420, 930, 25, hex(0xE6EEEA), 12, hex(0xC9DDDB))
			s.glass(tumblerForm(), 690, 960, 25, hex(0xE6EEEA), 5, hex(0xC9DDDB))
			s.orb(220, 1050, 78, 58, hex(0xE8C94F))
			s.orb(360, 1095, 76, 56, hex(0xE8C94F))
		}},
		{"tumbler-1", up, func(s *Scene) {
			s.table(m, 0.62)
			s.arch(mood{m.wall, m.table, hex(0xD5DDD3)}, 500, 600, 160, 775)
			s.glass(tumblerForm(), 480, 1010, 64, hex(0xE6EEEA), 5.2, hex(0xCFE0DC))
		}},
		{"tumbler-2", up, func(s *Scene) {
			s.table(m, 0.54)
			s.disc(m, 520, 380, 280)
			s.glass(tumblerForm(), 260, 860, 36, hex(0xE6EEEA), 0, white)
			s.glass(tumblerForm(), 540, 930, 36, hex(0x8E8A86), 0, white)
			s.glass(tumblerForm(), 780, 1040, 36, hex(0xD39A4A), 0, white)
		}},
		{"ash-board-1", up, func(s *Scene) {
			s.sheet(m)
			s.board(500, 690, 540, 760, 9, ash)
		}},
		{"ash-board-2", up, func(s *Scene) {
			s.sheet(m)
			s.board(400, 640, 470, 720, -6, ash)
			s.board(790, 780, 270, 410, 10, ash)
			s.bread(400, 560, 150)
			s.twig(300, 960, 260, -20, 7, 84, leafy)
		}},
		{"salad-servers-1", up, func(s *Scene) {
			s.sheet(m)
			s.server(spot{400, 640, -8}, 880, false)
			s.server(spot{610, 650, 7}, 880, true)
		}},
		{"salad-servers-2", up, func(s *Scene) {
			s.sheet(m)
			s.folded(spot{560, 640, 4}, 520, 720, oat, clay, 3)
			s.server(spot{480, 640, -22}, 760, false)
			s.server(spot{650, 650, -12}, 760, true)
		}},
	}
}
