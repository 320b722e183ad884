// Command draw makes every picture of the sample shop "Kiln & Orchard".
//
//	go run ./tools/draw -out front/demo/sample/pictures
//	go run ./tools/draw -out look -only 'mug|bowl'
//
// There are no source images: each picture is a still life built from paths,
// ellipses and soft shadows. How the code is laid out, from the bottom up:
//
//	path.go     contours: ellipses, splines, strokes
//	colour.go   colours and paints (flat, swept, shaded like a ball)
//	canvas.go   fills a path, clips to a path, blurs a path into a shadow
//	lathe.go    things turned on a wheel: bowls, jars, candles, pots
//	scene.go    frames, grounds, cast shadows, words on labels
//	plants.go, cloth.go, tableware.go, pantry.go, ...   the things themselves
//	list_*.go   what stands in which picture
//	ladder.go   sizes and JPEG
//	huffman.go  the same JPEG in a third fewer bytes
//
// Things are drawn in centimetres and a scene says how many units a centimetre
// has, so companions in one picture keep their true proportions. The light
// comes from the upper left in every picture. The output is the same to the
// byte on every run: nothing is random that is not seeded by the picture's name.
package main

import (
	"flag"
	"fmt"
	"os"
	"regexp"
)

func main() {
	out := flag.String("out", "front/demo/sample/pictures", "folder to write into")
	only := flag.String("only", "", "draw only pictures whose name matches this expression")
	fine := flag.Float64("fine", 1.5, "supersampling: rendered width over the widest file")
	flag.Parse()
	if err := run(*out, *only, *fine); err != nil {
		fmt.Fprintln(os.Stderr, "draw:", err)
		os.Exit(1)
	}
}

func run(out, only string, fine float64) error {
	pattern, err := regexp.Compile(only)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(out, 0o755); err != nil {
		return err
	}
	total, count := 0, 0
	for _, p := range pictures() {
		if !pattern.MatchString(p.name) {
			continue
		}
		n, err := write(out, p, fine)
		if err != nil {
			return err
		}
		total, count = total+n, count+1
	}
	fmt.Printf("%d pictures, %.2f MB\n", count, float64(total)/1e6)
	return nil
}
