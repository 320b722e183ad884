// Command wordlist makes the filter of common passwords that is shipped in the binary, from the dictionaries of the
// scorer's module: the passwords, words and names themselves, twice and three times over, and with the endings that
// people add when they are asked for more. What is shorter than the shortest password is left out.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"

	"github.com/ccojocar/zxcvbn-go/frequency"

	"strongroom/guard/identity/strength"
)

func main() {
	out := flag.String("out", "guard/identity/strength/common.filter", "the filter's path")
	flag.Parse()
	if err := write(*out); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// write makes the filter.
func write(out string) error {
	b, err := strength.NewBuilder(out, strength.KindCommon, 16*expectPerShard)
	if err != nil {
		return err
	}
	for w := range words() {
		if err := b.AddWord(w); err != nil {
			return err
		}
	}
	_, err = b.Finish(context.Background(), func(float64) {})
	return err
}

// expectPerShard makes sixteen shards of the few words, so that a question reads little.
const expectPerShard = 150_000

// frequent is how many of the most frequent words of a dictionary are also taken in combinations.
const frequent = 5000

// endings are what people add.
var endings = []string{"1", "12", "123", "1234", "12345", "123456", "!", "1!", "12!", "123!", "01", "007", "69", "77", "88", "99", "00",
	"2019", "2020", "2021", "2022", "2023", "2024", "2025", "2026", "2027"}

// words are all that goes into the filter, each once.
func words() map[string]bool {
	out := map[string]bool{}
	add := func(w string) {
		if strength.Length(w) >= strength.WithFactor {
			out[w] = true
		}
	}
	for _, name := range []string{"Passwords", "English", "FemaleNames", "MaleNames", "Surname"} {
		list := frequency.Lists[name].List
		for i, w := range list {
			add(w)
			if i >= frequent && name != "Passwords" {
				continue
			}
			add(w + w)
			add(w + w + w)
			for _, e := range endings {
				add(w + e)
			}
		}
	}
	return out
}
