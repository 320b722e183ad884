// Package support writes the support bundle: a file about an installation that can be sent to a stranger, because it
// holds nothing personal and no secret.
//
// Everything in it is chosen (allow-list), nothing is taken out of something larger (deny-list): words of the program,
// numbers, days, and text of which every line fits a form that this package knows. A table, a key of the configuration,
// a check or a metric that comes later is left out until somebody adds it here.
//
// Each part is made by itself, so that a broken installation gives a bundle too; a part that could not be made says so.
package support

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"io"
	"time"

	"strongroom/base/config"
)

// Options say what the bundle is about.
type Options struct {
	Config   *config.Config  // nil if it cannot be read
	Problems config.Problems // why it cannot, as far as that is known
	Version  any             // what the binary knows of itself
	Now      time.Time
	// Inside asks the private listener of the store that runs; nil if none is configured.
	Inside func(ctx context.Context, path string) (body []byte, err error)
}

// Part is one file of the bundle.
type Part struct {
	Name, About string
	Missing     bool // it could not be made; the file says so
}

// part is how a file is made. What it returns is text, or a value that is written as JSON.
type part struct {
	name, about string
	make        func(context.Context, Options) (any, error)
}

var parts = []part{
	{"version.json", "version of the program, of Go and of the platform, and how it was built", versions},
	{"configuration.json", "which keys are set; values only where they are words of the program or numbers", configuration},
	{"doctor.json", "what \"strongroom doctor\" finds: its sentences, with ... for names, addresses and paths", doctor},
	{"databases.json", "engine, schema version, rows in each table (counted up to a million)", databases},
	{"jobs.json", "how many jobs wait, run and failed; kind, tries, day and code of each that failed for good", jobs},
	{"machine.json", "processors, memory, room on the disk, sizes of the store's own files", machine},
	{"running/ready.txt", "what the running store says to /ready", ready},
	{"running/live.txt", "what the running store says to /live", live},
	{"running/metrics.txt", "numbers of the running store", metrics},
	{"running/goroutines.txt", "what the running program is doing: functions and lines of its source", goroutines},
	{"running/log.txt", "the last lines of its log: sentences of the source, words of the program, ids, numbers", logLines},
}

// limit is how long one part may take.
const limit = 30 * time.Second

// Write makes all parts and writes them as a compressed archive, a page about them first.
func Write(ctx context.Context, w io.Writer, o Options) ([]Part, error) {
	texts := make([][]byte, len(parts))
	made := make([]Part, len(parts))
	for i, p := range parts {
		made[i] = Part{Name: p.name, About: p.about}
		texts[i], made[i].Missing = run(ctx, p, o)
	}
	z := gzip.NewWriter(w)
	t := tar.NewWriter(z)
	err := add(t, "README.txt", readme(made, o.Now), o.Now)
	for i, p := range parts {
		if err == nil {
			err = add(t, p.name, texts[i], o.Now)
		}
	}
	if err == nil {
		err = t.Close()
	}
	if err == nil {
		err = z.Close()
	}
	return made, err
}

// run makes one part. Of an error nothing is told but that there was one: its text may hold anything.
func run(ctx context.Context, p part, o Options) (text []byte, missing bool) {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	v, err := p.make(ctx, o)
	if err != nil {
		return []byte("This part could not be made: what it asks does not answer.\n"), true
	}
	if s, ok := v.(string); ok {
		return []byte(s), false
	}
	b, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return []byte("This part could not be made.\n"), true
	}
	return append(b, '\n'), false
}

func add(t *tar.Writer, name string, text []byte, now time.Time) error {
	err := t.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: "strongroom-support/" + name, Mode: 0o600, Size: int64(len(text)), ModTime: now})
	if err == nil {
		_, err = t.Write(text)
	}
	return err
}

func readme(made []Part, now time.Time) []byte {
	var b bytes.Buffer
	b.WriteString("A support bundle of a Strongroom store, made on " + now.UTC().Format(time.RFC1123) + `.

It can be sent to somebody who helps: it holds no name, address, e-mail, phone or IP address of anybody, no password,
key or token, and neither the shop's name nor its address. Open the files and see for yourself; they are all text.

`)
	for _, p := range made {
		b.WriteString(p.Name + "\n    " + p.About + "\n")
		if p.Missing {
			b.WriteString("    (could not be made)\n")
		}
	}
	return b.Bytes()
}
