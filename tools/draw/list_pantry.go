package main

func pantryPictures() []picture {
	m := moodPantry()
	up := upright()
	olive, vin, juice := hex(0x55602F), hex(0xB5742B), hex(0xD9992F)
	apricot, quince, damson := hex(0xE08A2C), hex(0xD8672F), hex(0x5D2A45)
	honey := hex(0xE0A02E)
	bean, speck, cacao := hex(0xEFE4CF), hex(0x9A5A48), hex(0x4F2F22)
	return []picture{
		{"olive-oil-1", up, func(s *Scene) {
			s.table(m, 0.66)
			s.disc(m, 500, 460, 320)
			s.bottle(490, 1050, 31, 26, olive, deep)
		}},
		{"olive-oil-2", up, func(s *Scene) {
			s.table(m, 0.58)
			s.arch(m, 430, 560, 130, 725)
			s.bottle(360, 940, 24, 26, olive, deep)
			s.bottle(610, 990, 24, 20, olive, deep)
			s.turn(bowlForm(), 770, 1100, 15, glaze(chalk, 7))
			s.pour(bowlForm(), 770, 1100, 15, 0.35, 1.6, hex(0xB9A53C))
			s.twig(90, 1130, 330, -16, 9, 76, olive)
		}},
		{"cider-vinegar-1", up, func(s *Scene) {
			s.table(m, 0.66)
			s.arch(m, 500, 580, 120, 825)
			s.bottle(490, 1050, 32, 25, vin, clay)
		}},
		{"cider-vinegar-2", up, func(s *Scene) {
			s.table(m, 0.58)
			s.disc(m, 600, 400, 280)
			s.bottle(590, 930, 25, 25, vin, clay)
			s.apple(300, 960, 104, hex(0xCBB84F), hex(0xC0492F))
			s.apple(420, 1090, 108, hex(0xD8A93F), hex(0xB83E2C))
		}},
		{"orchard-jam-1", up, func(s *Scene) {
			s.table(m, 0.62)
			s.disc(m, 500, 470, 310)
			s.jar(490, 1000, 62, 9.5, apricot, brass, clay)
		}},
		{"orchard-jam-2", up, func(s *Scene) {
			s.table(m, 0.56)
			s.arch(m, 500, 620, 110, 700)
			s.jar(240, 830, 34, 9.5, apricot, brass, clay)
			s.jar(520, 880, 34, 9.5, quince, brass, plum)
			s.jar(790, 950, 34, 9.5, damson, brass, ink)
			s.orb(200, 1080, 74, 68, hex(0xE7A04A))
			s.orb(340, 1120, 76, 68, hex(0xE39444))
			s.orb(560, 1130, 52, 56, hex(0x6B3D63))
		}},
		{"blossom-honey-1", up, func(s *Scene) {
			s.table(m, 0.62)
			s.arch(m, 500, 620, 150, 775)
			s.jar(490, 1000, 56, 10.5, honey, white, wax)
		}},
		{"blossom-honey-2", up, func(s *Scene) {
			s.table(m, 0.55)
			s.disc(m, 420, 380, 280)
			s.jar(350, 880, 36, 12, honey, white, wax)
			s.jar(660, 950, 36, 9.5, honey, white, wax)
			s.bloom(770, 1090, 46, 10, white, wax)
			s.bloom(850, 1060, 36, 10, white, wax)
			s.dipper(330, 1090, 420)
		}},
		{"salt-flakes-1", up, func(s *Scene) {
			s.table(m, 0.64)
			s.arch(m, 500, 600, 140, 800)
			s.pouch(490, 1030, 430, 640, white, sea)
		}},
		{"salt-flakes-2", up, func(s *Scene) {
			s.table(m, 0.54)
			s.window(m, 330, 60, 440, 440)
			s.pouch(340, 850, 270, 410, white, sea)
			s.turn(bowlForm(), 640, 980, 24, glaze(ink, 7))
			s.pour(bowlForm(), 640, 980, 24, 0.35, 1.2, hex(0xEFEBE2))
			s.heap(640, 826, 110, 30, 60, 20, white, hex(0xE9E6DF), hex(0xF6F4EE))
			s.heap(300, 1060, 90, 30, 26, 18, white, hex(0xEDE9E0))
		}},
		{"heirloom-beans-1", up, func(s *Scene) {
			s.table(m, 0.64)
			s.disc(m, 500, 460, 310)
			s.pouch(490, 1030, 440, 620, kraft, leafy)
		}},
		{"heirloom-beans-2", up, func(s *Scene) {
			s.sheet(m)
			s.dish(340, 430, 230, ink, func() { s.heap(340, 440, 150, 150, 130, 46, bean, hex(0xF6EEDD)) })
			s.dish(660, 850, 230, chalk, func() { s.heap(660, 860, 150, 150, 130, 46, speck, hex(0xB47A62), hex(0xD9B79A)) })
			s.heap(240, 960, 90, 60, 12, 46, bean, speck)
		}},
		{"herb-tea-1", up, func(s *Scene) {
			s.table(m, 0.62)
			s.arch(m, 500, 600, 150, 775)
			s.tin(490, 1000, 58, leafy, leafy)
		}},
		{"herb-tea-2", up, func(s *Scene) {
			s.table(m, 0.55)
			s.disc(m, 560, 390, 280)
			s.tin(250, 840, 33, leafy, leafy)
			s.tin(530, 900, 33, butter, butter)
			s.tin(800, 980, 33, sea, sea)
			s.twig(120, 1130, 380, -10, 9, 84, leafy)
			s.bloom(640, 1120, 40, 10, white, wax)
			s.bloom(730, 1150, 34, 10, white, wax)
		}},
		{"apple-juice-1", up, func(s *Scene) {
			s.table(m, 0.66)
			s.disc(m, 500, 440, 320)
			s.bottle(490, 1060, 29, 29, juice, leafy)
		}},
		{"apple-juice-2", up, func(s *Scene) {
			s.table(m, 0.58)
			s.window(m, 260, 60, 440, 460)
			s.bottle(370, 930, 23, 29, juice, leafy)
			s.glass(tumblerForm(), 640, 960, 27, hex(0xEDEBDD), 6.4, hex(0xE2AE48))
			s.apple(800, 1090, 88, hex(0xCBB84F), hex(0xC0492F))
			s.apple(250, 1110, 84, hex(0xB7BD5A), hex(0xC77B3A))
		}},
		{"house-coffee-1", up, func(s *Scene) {
			s.table(m, 0.64)
			s.arch(m, 500, 620, 130, 800)
			s.pouch(490, 1030, 420, 660, hex(0x4A3A34), clay)
		}},
		{"house-coffee-2", up, func(s *Scene) {
			s.table(m, 0.54)
			s.disc(m, 380, 380, 270)
			s.pouch(350, 850, 290, 460, hex(0x4A3A34), clay)
			s.cup(660, 930, 34, chalk)
			s.pour(cupForm(), 660, 930, 34, 0.28, 0.8, hex(0x40261A))
			s.heap(440, 1080, 150, 46, 50, 34, hex(0x5C3A26), hex(0x6B4630), hex(0x4A2D1E))
		}},
		{"grain-mustard-1", up, func(s *Scene) {
			s.table(m, 0.62)
			s.disc(m, 500, 470, 310)
			s.jar(490, 1000, 64, 8.6, hex(0xC79A3B), night, wax)
		}},
		{"grain-mustard-2", up, func(s *Scene) {
			s.table(m, 0.54)
			s.arch(m, 560, 580, 120, 675)
			s.jar(330, 860, 38, 8.6, hex(0xC79A3B), night, wax)
			s.plate(630, 980, 26, 22, chalk)
			s.heap(630, 930, 120, 26, 70, 20, hex(0xC79A3B), hex(0xA87A2B), hex(0x6B4A2A))
		}},
		{"pear-chocolate-1", up, func(s *Scene) {
			s.sheet(m)
			s.bar(spot{490, 540, -5}, 420, 640, moss, cacao)
		}},
		{"pear-chocolate-2", up, func(s *Scene) {
			s.table(m, 0.56)
			s.disc(m, 480, 400, 290)
			s.pear(330, 930, 128, hex(0xC6B45A), hex(0xB9743F))
			s.squares(600, 1000, 300, cacao)
			s.pear(820, 860, 104, hex(0xBBB35E), hex(0xB9743F))
		}},
		{"oat-granola-1", up, func(s *Scene) {
			s.table(m, 0.64)
			s.arch(m, 500, 600, 140, 800)
			s.pouch(490, 1030, 440, 650, oat, clay)
		}},
		{"oat-granola-2", up, func(s *Scene) {
			s.sheet(m)
			s.dish(500, 600, 330, moss, func() {
				s.Fill(Ellipse(500, 600, 262, 262), flat(hex(0xF1E7D2)))
				s.heap(470, 590, 170, 150, 130, 44, hex(0xC99B5D), hex(0xE0C08C), hex(0x9C6A3C), hex(0xB9824A))
				s.heap(610, 700, 60, 50, 9, 52, plum, hex(0x5D2A45))
			})
			s.heap(240, 1040, 90, 50, 16, 44, hex(0xC99B5D), hex(0xE0C08C), hex(0x9C6A3C))
		}},
	}
}
