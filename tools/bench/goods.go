package main

import (
	"encoding/csv"
	"fmt"
	"io"
	"math/rand/v2"
	"strconv"
	"strings"
)

var (
	adjectives = []string{"speckled", "matt", "glazed", "woven", "plain", "tall", "round", "small", "wide", "folded", "striped", "dark", "pale", "soft", "heavy", "light", "carved", "dipped", "rough", "fine"}
	nounsEN    = []string{"bowl", "plate", "cup", "jug", "vase", "teapot", "napkin", "tablecloth", "apron", "towel", "honey", "vinegar", "jam", "trowel", "watering can", "candle", "lantern", "notebook", "print", "twine"}
	nounsDE    = []string{"Schale", "Teller", "Becher", "Krug", "Vase", "Teekanne", "Serviette", "Tischdecke", "Schürze", "Handtuch", "Honig", "Essig", "Marmelade", "Handschaufel", "Gießkanne", "Kerze", "Laterne", "Notizbuch", "Druck", "Garn"}
	colours    = []string{"salt", "moss", "rust", "ink", "sand", "plum", "fog", "clay"}
	shelves    = []string{"tableware", "linen", "pantry", "garden", "light", "paper"}
)

// goods writes a catalogue of n products with about two variants each, the same for the same n: names from a fixed
// seed, prices from 4 to 180, a picture for each so that pages are as heavy as a shop's.
func goods(w io.Writer, n int, pictures []string) error {
	out := csv.NewWriter(w)
	head := strings.Split("handle,category,title:en,title:de,summary:en,summary:de,description:en,description:de,facts:en,facts:de,tax_class,producer,eu_contact,option1:en,option1:de,value1:en,value1:de,sku,price,was_price,weight_g,stock,images,image_alt:en,image_alt:de,popularity", ",")
	if err := out.Write(head); err != nil {
		return err
	}
	r := rand.New(rand.NewPCG(1, 2))
	for i := range n {
		if err := product(out, r, i, n, pictures); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

func product(out *csv.Writer, r *rand.Rand, i, n int, pictures []string) error {
	k := r.IntN(len(nounsEN))
	adj := adjectives[r.IntN(len(adjectives))]
	name := fmt.Sprintf("%s %s %d", adj, nounsEN[k], i)
	variants := 1 + r.IntN(3)
	price := 400 + r.IntN(17600)
	for v := range variants {
		colour := colours[(i+v)%len(colours)]
		row := []string{handle(i), "", "", "", "", "", "", "", "", "", "", "", ""}
		if v == 0 {
			row = []string{handle(i), shelves[k%len(shelves)], strings.ToUpper(name[:1]) + name[1:], fmt.Sprintf("%s %d", nounsDE[k], i),
				"Made by hand in a small workshop, in " + colour + ".", "Von Hand in einer kleinen Werkstatt gemacht.",
				"It is made for every day.\n\nThe surface is " + adj + " and warm to the touch. It goes into the dishwasher and lasts for years.",
				"Für jeden Tag gemacht.\n\nDie Oberfläche ist warm. Spülmaschinenfest und für viele Jahre.",
				"Material: stoneware\nHeight: 9 cm\nMade in: Portugal", "Material: Steinzeug\nHöhe: 9 cm\nHergestellt in: Portugal",
				"standard", "Workshop Ltd, Lane 1, 1000 Lisbon, Portugal, hello@workshop.example", "Workshop Ltd, Lane 1, 1000 Lisbon, Portugal, hello@workshop.example"}
		}
		opt := []string{"", "", "", ""}
		if variants > 1 {
			opt = []string{"Colour", "Farbe", colour, colour}
		}
		row = append(row, opt...)
		row = append(row, fmt.Sprintf("B%06d-%d", i, v), fmt.Sprintf("%d.%02d", price/100, price%100), "", strconv.Itoa(100+r.IntN(3000)), "1000000")
		if v == 0 && len(pictures) > 0 {
			row = append(row, pictures[i%len(pictures)], adj+" "+nounsEN[k], nounsDE[k], strconv.Itoa(n-i))
		} else {
			row = append(row, "", "", "", strconv.Itoa(n-i))
		}
		if err := out.Write(row); err != nil {
			return err
		}
	}
	return nil
}

// handle is the address of a product; product 0 is the most popular one.
func handle(i int) string { return fmt.Sprintf("thing-%06d", i) }
