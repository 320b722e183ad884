package main

// shopPictures are the large still lifes: home, categories and the preview
// that other sites show.
func shopPictures() []picture {
	return []picture{
		{"home-wide", grand(), homeWide},
		{"home-tall", tall(), homeTall},
		{"open-graph", banner(), openGraph},
		{"category-tableware", wide(), func(s *Scene) {
			m := moodTable()
			s.table(m, 0.58)
			s.arch(m, 1000, 620, 80, 580)
			s.jug(980, 760, 21, chalk)
			s.teapot(520, 790, 22, ink)
			s.bowl(790, 880, 20, moss)
			s.mug(1230, 860, 22, clay)
			s.plate(260, 900, 17, 22, chalk)
			s.pear(250, 876, 62, hex(0xC9B25A), clay)
		}},
		{"category-linen", wide(), func(s *Scene) {
			m := moodLinen()
			s.table(m, 0.66)
			s.window(m, 180, 40, 500, 400)
			s.rail(900, 1400, 110, 1030, 1270)
			s.hang(1030, 120, 220, 420, 2, white, []float64{0.12, 0.17, 0.8, 0.85, 0.9}, ink)
			s.hang(1270, 120, 220, 380, 2, clay, nil, clay)
			s.pile(480, 860, 560, 66, plum, sea, moss, oat)
			s.cushion(1010, 900, 250, -5, butter)
			s.cushion(1210, 940, 230, 6, moss)
		}},
		{"category-pantry", wide(), func(s *Scene) {
			m := moodPantry()
			s.table(m, 0.6)
			s.disc(m, 760, 370, 290)
			s.bottle(330, 770, 22, 26, hex(0x55602F), deep)
			s.pouch(620, 780, 250, 380, kraft, leafy)
			s.jar(870, 820, 27, 9.5, hex(0xE08A2C), brass, clay)
			s.jar(1110, 790, 27, 11, hex(0xE0A02E), white, wax)
			s.tin(1310, 860, 24, sea, sea)
			s.apple(480, 900, 74, hex(0xCBB84F), hex(0xB83E2C))
			s.orb(1000, 920, 50, 46, hex(0xE7A04A))
			s.orb(1095, 940, 50, 46, hex(0xE39444))
		}},
		{"category-garden", wide(), func(s *Scene) {
			m := moodGarden()
			s.table(m, 0.6)
			s.arch(m, 420, 580, 90, 600)
			s.herb(400, 520, 420, 380, leafy)
			s.planter(400, 830, 17, 22)
			s.can(900, 840, 14, moss)
			s.trug(1260, 880, 380, hex(0xC79D66), func() {
				s.apple(1180, 800, 52, hex(0xCBB84F), hex(0xB83E2C))
				s.apple(1340, 800, 52, hex(0xCBB84F), hex(0xB83E2C))
				s.apple(1262, 812, 54, hex(0xD8A93F), hex(0xB83E2C))
			})
			s.twine(640, 930, 66, oat)
		}},
		{"category-light", wide(), func(s *Scene) {
			m := moodLight()
			s.table(m, 0.66)
			s.lamp(360, 850, 15.5, chalk, true)
			s.lantern(760, 850, 14, night, true)
			s.stick(1090, 880, 20, moss, chalk, true)
			s.pillar(1310, 820, 17, 15, wax, true)
		}},
		{"category-paper", wide(), func(s *Scene) {
			m := moodPaper()
			s.sheet(m)
			s.notebook(spot{330, 520, -8}, 390, clay)
			s.card(spot{730, 420, 5}, 330, hex(0xF0DDBB), 0, hex(0xB9B45C))
			s.envelope(spot{960, 760, -4}, 440, white, sea)
			s.card(spot{1240, 420, -6}, 300, hex(0xDCE3DC), 2, hex(0xC4573F))
			s.pencil(spot{600, 820, 66}, 400, deep)
		}},
	}
}

// homeWide leaves calm wall at the upper left, where a sentence may stand.
func homeWide(s *Scene) {
	m := moodTable()
	s.table(m, 0.62)
	s.arch(m, 930, 660, 60, 620)
	s.window(m, 130, 50, 420, 380)
	s.jug(900, 800, 21, chalk)
	s.twig(872, 350, 260, -142, 6, 84, leafy)
	s.twig(926, 350, 200, -34, 5, 70, pine)
	for i := range 5 {
		s.stalk(872+float64(i)*14, 353, []float64{110, 190, 240, 170, 120}[i], -120+float64(i)*62, 36, []RGB{rose, butter, white, clay, rose}[i])
	}
	s.bottle(1150, 785, 19, 24, hex(0x55602F), deep)
	s.stick(1330, 830, 17, moss, wax, true)
	s.teapot(590, 830, 19.5, ink)
	s.plate(250, 870, 17, 27, moss)
	s.pear(190, 838, 62, hex(0xC9B25A), clay)
	s.apple(320, 846, 66, hex(0xCBB84F), hex(0xB83E2C))
	s.bowl(1060, 920, 18.5, clay)
	s.jar(770, 930, 16.5, 9.5, hex(0xE08A2C), brass, clay)
	s.apple(1280, 940, 62, hex(0xD8A93F), hex(0xB83E2C))
	s.twig(420, 950, 230, -8, 8, 62, leafy)
}

func homeTall(s *Scene) {
	m := moodTable()
	s.table(m, 0.6)
	s.arch(m, 560, 620, 110, 750)
	s.jug(560, 930, 21, chalk)
	for i := range 5 {
		s.stalk(532+float64(i)*14, 483, []float64{110, 190, 250, 170, 120}[i], -140+float64(i)*76, 38, []RGB{rose, butter, white, clay, rose}[i])
	}
	s.stick(840, 900, 17, moss, wax, true)
	s.teapot(270, 980, 18, ink)
	s.bowl(730, 1080, 18.5, clay)
	s.pear(130, 1140, 62, hex(0xC9B25A), clay)
	s.apple(430, 1120, 68, hex(0xCBB84F), hex(0xB83E2C))
	s.jar(560, 1170, 15, 9.5, hex(0xE08A2C), brass, clay)
}

func openGraph(s *Scene) {
	m := moodTable()
	s.table(m, 0.64)
	s.arch(m, 760, 420, 40, 403)
	s.jug(740, 520, 15, chalk)
	s.teapot(480, 545, 14.5, ink)
	s.bowl(930, 570, 14.5, clay)
	s.stick(1075, 530, 12, moss, wax, true)
	s.pear(230, 560, 46, hex(0xC9B25A), clay)
	s.apple(330, 580, 50, hex(0xCBB84F), hex(0xB83E2C))
	s.jar(610, 590, 11, 9.5, hex(0xE08A2C), brass, clay)
}
