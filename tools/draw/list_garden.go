package main

func gardenPictures() []picture {
	m := moodGarden()
	up := upright()
	cream := hex(0xE9DFC4)
	return []picture{
		{"terracotta-pot-1", up, func(s *Scene) {
			s.table(m, 0.64)
			s.arch(m, 500, 640, 130, 800)
			s.planter(490, 1030, 36, 16)
		}},
		{"terracotta-pot-2", up, func(s *Scene) {
			s.table(m, 0.58)
			s.window(m, 330, 50, 480, 480)
			s.herb(330, 560, 420, 400, leafy)
			s.planter(330, 900, 18.5, 22)
			s.herb(660, 790, 250, 260, hex(0x8FA06A))
			s.planter(660, 1010, 18.5, 16)
			s.planter(850, 1110, 18.5, 12)
		}},
		{"watering-can-1", up, func(s *Scene) {
			s.table(m, 0.62)
			s.disc(m, 540, 440, 310)
			s.can(560, 1010, 21, moss)
		}},
		{"watering-can-2", up, func(s *Scene) {
			s.table(m, 0.52)
			s.arch(m, 420, 560, 110, 650)
			s.can(700, 700, 11.6, cream)
			s.can(330, 880, 11.6, moss)
			s.can(770, 1110, 11.6, zinc)
		}},
		{"hand-trowel-1", up, func(s *Scene) {
			s.sheet(m)
			s.trowel(spot{500, 620, 14}, 980)
		}},
		{"hand-trowel-2", up, func(s *Scene) {
			s.sheet(m)
			s.soil(500, 1120, 620)
			s.trowel(spot{420, 560, 190}, 900)
			s.packet(spot{760, 460, 9}, 240, sea, rose, 1)
		}},
		{"secateurs-1", up, func(s *Scene) {
			s.sheet(m)
			s.secateurs(spot{480, 560, 12}, 860, deep)
		}},
		{"secateurs-2", up, func(s *Scene) {
			s.sheet(m)
			s.folded(spot{600, 760, 6}, 460, 620, oat, moss, 2)
			s.secateurs(spot{560, 640, -20}, 660, deep)
			s.twig(120, 560, 420, -38, 8, 110, leafy)
			s.twig(150, 700, 330, -24, 7, 96, pine)
		}},
		{"garden-twine-1", up, func(s *Scene) {
			s.table(m, 0.6)
			s.arch(m, 500, 600, 150, 750)
			s.twine(450, 980, 210, oat)
		}},
		{"garden-twine-2", up, func(s *Scene) {
			s.table(m, 0.54)
			s.disc(m, 480, 380, 280)
			s.twine(320, 830, 128, oat)
			s.twine(620, 940, 128, leafy)
			s.planter(830, 760, 13, 12)
			s.herb(830, 600, 200, 220, leafy)
		}},
		{"flower-seeds-1", up, func(s *Scene) {
			s.sheet(m)
			s.packet(spot{500, 620, -5}, 560, butter, clay, 2)
		}},
		{"flower-seeds-2", up, func(s *Scene) {
			s.sheet(m)
			s.packet(spot{310, 430, -8}, 340, butter, clay, 2)
			s.packet(spot{660, 560, 6}, 340, sea, rose, 0)
			s.packet(spot{390, 880, -3}, 340, oat, plum, 1)
			s.heap(770, 1010, 80, 50, 22, 18, umber, walnut, kraft)
		}},
		{"nest-box-1", up, func(s *Scene) {
			s.table(m, 0.94)
			s.disc(m, 500, 560, 360)
			s.nestBox(470, 960, 26, hex(0xC69A6C))
		}},
		{"nest-box-2", up, func(s *Scene) {
			s.table(m, 1.01)
			s.Fill(Rect(410, -5, 150, 1260), sweep(410, 0, 560, 0, hex(0x9A8370), hex(0x5F4C40)))
			s.grain(485, 625, 150, 1400, 0, hex(0x8A7260))
			s.nestBox(485, 850, 15, hex(0xC69A6C))
			s.twig(-10, 260, 420, 12, 8, 130, leafy)
			s.twig(1010, 140, 430, 164, 8, 130, leafy)
			s.bird(700, 905, 80)
		}},
		{"harvest-trug-1", up, func(s *Scene) {
			s.table(m, 0.62)
			s.arch(m, 500, 680, 130, 775)
			s.trug(500, 1000, 760, hex(0xC79D66), func() {})
		}},
		{"harvest-trug-2", up, func(s *Scene) {
			s.table(m, 0.56)
			s.disc(m, 420, 390, 290)
			s.trug(470, 940, 640, hex(0xC79D66), func() {
				for i, x := range []float64{270, 660, 360, 570, 465} {
					s.apple(x, 792+float64(i/2)*22, 70+float64(i%3)*4, []RGB{hex(0xCBB84F), hex(0xB9BE5C), hex(0xD8A93F)}[i%3], []RGB{hex(0xB83E2C), hex(0xC77B3A)}[i%2])
				}
			})
			s.trug(770, 1110, 330, hex(0xC79D66), func() {})
		}},
		{"plant-labels-1", up, func(s *Scene) {
			s.sheet(m)
			for i := range 5 {
				s.plantLabel(spot{180 + float64(i)*158, 500 + float64(i%2)*50, -8 + float64(i)*4}, 760)
			}
		}},
		{"plant-labels-2", up, func(s *Scene) {
			s.table(m, 0.58)
			s.window(m, 180, 50, 460, 480)
			s.herb(430, 620, 500, 450, leafy)
			s.plantLabel(spot{600, 520, 7}, 330)
			s.planter(470, 1030, 28, 16)
			s.twine(830, 1090, 84, leafy)
		}},
		{"garden-gloves-1", up, func(s *Scene) {
			s.sheet(m)
			s.glove(spot{340, 620, -8}, 800, hex(0xD9B98A), deep, 1)
			s.glove(spot{680, 680, 10}, 800, hex(0xD9B98A), deep, -1)
		}},
		{"garden-gloves-2", up, func(s *Scene) {
			s.sheet(m)
			s.plank(500, 625, 1000, 1250, ash)
			s.glove(spot{360, 640, -24}, 640, hex(0xD9B98A), deep, 1)
			s.glove(spot{460, 700, 4}, 640, hex(0xD9B98A), deep, 1)
			s.secateurs(spot{770, 560, 18}, 470, deep)
			s.twig(640, 1080, 280, -26, 7, 90, leafy)
		}},
	}
}
