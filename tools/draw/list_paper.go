package main

func paperPictures() []picture {
	m := moodPaper()
	up := upright()
	pearGreen, blush := hex(0xB9B45C), hex(0xC4573F)
	return []picture{
		{"linen-notebook-1", up, func(s *Scene) {
			s.sheet(m)
			s.notebook(spot{500, 620, -6}, 560, clay)
		}},
		{"linen-notebook-2", up, func(s *Scene) {
			s.sheet(m)
			s.notebook(spot{300, 420, -10}, 330, moss)
			s.notebook(spot{640, 560, 5}, 330, clay)
			s.notebook(spot{380, 880, -4}, 330, ink)
			s.pencil(spot{800, 900, 18}, 470, deep)
		}},
		{"fruit-cards-1", up, func(s *Scene) {
			s.sheet(m)
			s.card(spot{500, 620, -4}, 560, hex(0xF0DDBB), 0, pearGreen)
		}},
		{"fruit-cards-2", up, func(s *Scene) {
			s.sheet(m)
			s.card(spot{290, 370, -9}, 310, hex(0xF0DDBB), 0, pearGreen)
			s.card(spot{660, 420, 6}, 310, hex(0xDCE3DC), 2, blush)
			s.card(spot{330, 840, 4}, 310, hex(0xE7D3CB), 3, plum)
			s.card(spot{700, 880, -5}, 310, hex(0xE4E2C8), 1, leafy)
		}},
		{"wrapping-paper-1", up, func(s *Scene) {
			s.sheet(m)
			s.roll(spot{500, 320, -5}, 660, 700, hex(0xE9D9B8), 0, pearGreen)
		}},
		{"wrapping-paper-2", up, func(s *Scene) {
			s.sheet(m)
			s.roll(spot{640, 170, 7}, 560, 420, hex(0xCFDAD3), 1, leafy)
			s.parcel(spot{400, 790, -7}, 470, 400, hex(0xE9D9B8), 0, pearGreen, clay)
			s.twig(560, 860, 260, -40, 7, 76, leafy)
		}},
		{"wall-calendar-1", up, func(s *Scene) {
			s.table(m, 1.01)
			s.calendar(490, 240, 560, hex(0xF0DDBB), 2, blush, 4)
		}},
		{"wall-calendar-2", up, func(s *Scene) {
			s.sheet(m)
			for i := range 6 {
				x, y := 250+float64(i%2)*410, 210+float64(i/2)*400
				s.calendarLeaf(spot{x + 45, y, s.around(0, 3)}, 330, i)
			}
		}},
		{"art-print-1", up, func(s *Scene) {
			s.table(m, 0.93)
			s.framed(490, 570, 600, 830, oak, hex(0xF0DDBB), 0, pearGreen)
		}},
		{"art-print-2", up, func(s *Scene) {
			s.table(m, 0.80)
			s.framed(260, 420, 350, 490, oak, hex(0xE4E2C8), 1, leafy)
			s.framed(690, 390, 420, 590, walnut, hex(0xDCE3DC), 2, blush)
			s.bench(500, 1150, 800)
			s.jug(330, 762, 13, moss)
			s.bookPile(620, 758, 230)
		}},
		{"orchard-year-book-1", up, func(s *Scene) {
			s.sheet(m)
			s.book(spot{500, 620, -5}, 600, 800, 50, deep, func(o spot) {
				s.Fill(o.p(RoundRect(-190, -300, 430, 470, 215)), sweep(300, 300, 700, 800, hex(0xF0DDBB), hex(0xE3C894)))
				s.motif(2, o.x+25, o.y-70, 150, blush)
				s.Fill(o.p(Rect(-110, 235, 270, 9)), veil(paper, 0.9))
				s.Fill(o.p(Rect(-60, 275, 170, 6)), veil(paper, 0.7))
			})
		}},
		{"orchard-year-book-2", up, func(s *Scene) {
			s.sheet(m)
			s.openBook(500, 600, 860, 560, 0, pearGreen)
			s.apple(240, 1120, 92, hex(0xCBB84F), hex(0xB83E2C))
			s.pencil(spot{700, 1060, 78}, 420, clay)
		}},
		{"drawing-pencils-1", up, func(s *Scene) {
			s.sheet(m)
			for i, c := range []RGB{deep, moss, butter, clay, plum, ink} {
				s.pencil(spot{250 + float64(i)*100, 630 + float64(i%2)*24, -3 + float64(i)}, 940, c)
			}
		}},
		{"drawing-pencils-2", up, func(s *Scene) {
			s.table(m, 0.58)
			s.disc(m, 480, 410, 290)
			for i, c := range []RGB{deep, butter, clay, plum, ink, moss} {
				t := float64(i) - 2.5
				s.pencil(spot{480 + t*34, 560 - float64(i%3)*22, t * 4.2}, 470, c)
			}
			s.cup(480, 960, 42, chalk)
			s.bookPile(780, 1080, 260)
		}},
		{"writing-set-1", up, func(s *Scene) {
			s.sheet(m)
			s.letter(spot{430, 520, -6}, 520, 700)
			s.envelope(spot{590, 880, 5}, 560, white, sea)
		}},
		{"writing-set-2", up, func(s *Scene) {
			s.sheet(m)
			s.envelope(spot{360, 400, -9}, 480, white, sea)
			s.envelope(spot{480, 620, -3}, 480, white, clay)
			s.envelope(spot{590, 850, 4}, 480, white, butter)
			s.twig(150, 1130, 380, -20, 8, 92, leafy)
		}},
		{"bread-and-salt-book-1", up, func(s *Scene) {
			s.sheet(m)
			s.book(spot{500, 620, 4}, 600, 790, 56, hex(0xD8B27A), func(o spot) {
				s.Fill(o.p(Rect(-300, -400, 640, 260)), sweep(200, 200, 800, 500, lit(paper, 0.3), dim(paper, 0.05)))
				s.Fill(o.p(Rect(-120, -300, 300, 10)), veil(umber, 0.75))
				s.Fill(o.p(Rect(-60, -255, 180, 7)), veil(umber, 0.5))
				s.bread(o.x+30, o.y+120, 190)
			})
		}},
		{"bread-and-salt-book-2", up, func(s *Scene) {
			s.sheet(m)
			s.plank(500, 625, 1000, 1250, ash)
			s.openBook(480, 480, 780, 520, 3, clay)
			s.bread(330, 980, 170)
			s.dish(730, 1000, 120, ink, func() { s.heap(730, 1000, 70, 70, 60, 18, white, hex(0xE9E6DF)) })
		}},
	}
}
