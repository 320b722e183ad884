// Package catalogtest furnishes a catalogue for tests and benchmarks: as many products as are asked for, the same for
// the same seed, with the words, options, prices and popularities that a real shop would have.
package catalogtest

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"

	"strongroom/base/money"
	"strongroom/guard/access"
	"strongroom/shop/catalog"
)

var (
	topSlugs = []string{"tableware", "linen", "pantry", "garden", "light", "paper"}
	topNames = [][2]string{{"Tableware", "Geschirr"}, {"Linen", "Leinen"}, {"Pantry", "Vorrat"}, {"Garden", "Garten"}, {"Light", "Licht"}, {"Paper", "Papier"}}
	things   = [][2]string{{"Bowl", "Schale"}, {"Plate", "Teller"}, {"Soup plate", "Suppenteller"}, {"Mug", "Becher"}, {"Jug", "Krug"},
		{"Towel", "Handtuch"}, {"Tablecloth", "Tischdecke"}, {"Napkin", "Serviette"}, {"Jam", "Marmelade"}, {"Honey", "Honig"},
		{"Tea", "Tee"}, {"Watering can", "Gießkanne"}, {"Trowel", "Pflanzkelle"}, {"Lantern", "Laterne"}, {"Candle", "Kerze"},
		{"Notebook", "Notizbuch"}, {"Print", "Druck"}, {"Basket", "Korb"}, {"Board", "Brett"}, {"Vase", "Vase"}}
	manners = [][2]string{{"Quiet", "Stille"}, {"Everyday", "Alltägliche"}, {"Coarse", "Grobe"}, {"Fine", "Feine"}, {"Northern", "Nördliche"},
		{"Wild", "Wilde"}, {"Round", "Runde"}, {"Tall", "Hohe"}, {"Small", "Kleine"}, {"Grand", "Große"}, {"Late", "Späte"}, {"Early", "Frühe"}}
	colours = [][2]string{{"Chalk", "Kreide"}, {"Moss", "Moos"}, {"Clay", "Ton"}, {"Ink", "Tinte"}, {"Butter", "Butter"}, {"Rust", "Rost"}}
	sizes   = [][2]string{{"Small", "Klein"}, {"Medium", "Mittel"}, {"Large", "Groß"}}
	stuff   = strings.Fields("linen cotton glaze stoneware oak ash willow brass wax paper wool felt glass porcelain enamel zinc steel copper lavender thyme")
)

// Fill puts n products into the catalogue, in six categories of three each, in English and German.
func Fill(ctx context.Context, s *catalog.Service, n int, seed uint64) error {
	if err := categories(ctx, s); err != nil {
		return err
	}
	r := rand.New(rand.NewPCG(seed, 1))
	const batch = 20
	for at := 0; at < n; at += batch {
		var ins []catalog.Input
		for i := at; i < min(at+batch, n); i++ {
			ins = append(ins, Product(r, i))
		}
		if _, err := s.PutAll(ctx, ins, catalog.PutOptions{Actor: access.Console()}); err != nil {
			return err
		}
	}
	return nil
}

func categories(ctx context.Context, s *catalog.Service) error {
	var ins []catalog.CategoryInput
	for i, slug := range topSlugs {
		ins = append(ins, catalog.CategoryInput{Slug: slug, Position: int64(i), Title: text(topNames[i])})
		for k := range 3 {
			ins = append(ins, catalog.CategoryInput{Slug: fmt.Sprintf("%s-%d", slug, k+1), Parent: slug, Position: int64(k),
				Title: catalog.Text{"en": fmt.Sprintf("%s %d", topNames[i][0], k+1), "de": fmt.Sprintf("%s %d", topNames[i][1], k+1)}})
		}
	}
	_, err := s.PutCategories(ctx, access.Console(), ins)
	return err
}

func text(p [2]string) catalog.Text { return catalog.Text{"en": p[0], "de": p[1]} }

// Product makes the i-th product.
func Product(r *rand.Rand, i int) catalog.Input {
	thing, manner := things[i%len(things)], manners[r.IntN(len(manners))]
	category := fmt.Sprintf("%s-%d", topSlugs[r.IntN(len(topSlugs))], 1+r.IntN(3))
	name := syllables(r)
	in := catalog.Input{Handle: fmt.Sprintf("product-%06d", i), State: catalog.Published, Categories: []string{category},
		TaxClass: "standard", Producer: "Works GmbH, Street 1, 10115 Berlin, Germany, post@works.example",
		// Zipf: the k-th most popular has 1/k of the first.
		Popularity: int64(math.Round(1e9 / float64(1+(i*7919)%1_000_003))),
		Texts: map[string]catalog.Texts{
			"en": {Title: manner[0] + " " + strings.ToLower(thing[0]) + " " + name, Summary: "Made of " + words(r, 3) + ".",
				Description: "For every day.\n\n" + words(r, 30) + ".", Facts: "Material: " + words(r, 2) + "\nMade in: Germany"},
			"de": {Title: manner[1] + " " + thing[1] + " " + name, Summary: "Gemacht aus " + words(r, 3) + ".",
				Description: "Für jeden Tag.\n\n" + words(r, 30) + ".", Facts: "Material: " + words(r, 2) + "\nHergestellt in: Deutschland"},
		},
		Options: []catalog.Text{{"en": "Colour", "de": "Farbe"}, {"en": "Size", "de": "Größe"}}}
	price := money.Amount(300 + r.IntN(20_000))
	size := sizes[r.IntN(len(sizes))]
	first := r.IntN(len(colours))
	for k := range 1 + r.IntN(3) {
		v := catalog.VariantInput{SKU: fmt.Sprintf("P-%06d-%d", i, k+1), Values: []catalog.Text{text(colours[(first+k)%len(colours)]), text(size)},
			Price: price + money.Amount(100*k), WeightGrams: int64(50 + r.IntN(2000)), Stock: int64(r.IntN(40))}
		if r.IntN(20) == 0 {
			v.WasPrice = v.Price * 5 / 4
		}
		in.Variants = append(in.Variants, v)
	}
	return in
}

// syllables makes a name that people might give a product.
func syllables(r *rand.Rand) string {
	parts := []string{"ka", "lo", "mi", "ren", "tos", "vel", "dra", "shi", "bun", "gar", "wen", "pol", "zi", "fa", "nor", "ti", "quel", "ho", "mar", "lund"}
	s := ""
	for range 2 + r.IntN(2) {
		s += parts[r.IntN(len(parts))]
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

func words(r *rand.Rand, n int) string {
	out := make([]string, n)
	for i := range out {
		out[i] = stuff[r.IntN(len(stuff))]
	}
	return strings.Join(out, " ")
}
