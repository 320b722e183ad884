package support

import (
	"context"
	"errors"
	"regexp"
	"strings"
)

// ask asks the store that runs, and keeps the lines that one of the forms fits. Whoever answers there may be another
// program, so that nothing is taken over as it comes.
func ask(ctx context.Context, o Options, path string, keep func(line string) (string, bool)) (any, error) {
	if o.Inside == nil {
		return nil, errors.New("no private listener")
	}
	body, err := o.Inside(ctx, path)
	if err != nil {
		return nil, err
	}
	var b strings.Builder
	left := 0
	for line := range strings.Lines(string(body)) {
		if text, ok := keep(strings.TrimRight(line, "\r\n")); ok {
			b.WriteString(text + "\n")
		} else {
			left++
		}
	}
	if left > 0 && b.Len() == 0 {
		return nil, errors.New("nothing of it has a form that is known")
	}
	return b.String(), nil
}

// answers are all that the two questions of health can be answered with.
var answers = regexp.MustCompile(`^(ready|alive|stopping|the (key )?database (does not answer|was changed by another version of strongroom; this process should be replaced)` +
	`|the writer of the (data|keys) database has been at one commit for [0-9hms.]+|the loop of the jobs has stood for [0-9hms.]+)$`)

func fits(form *regexp.Regexp) func(string) (string, bool) {
	return func(line string) (string, bool) { return line, form.MatchString(line) }
}

func ready(ctx context.Context, o Options) (any, error) { return ask(ctx, o, "/ready", fits(answers)) }

func live(ctx context.Context, o Options) (any, error) { return ask(ctx, o, "/live", fits(answers)) }

// metric is a number with labels that are words of the program.
var metric = regexp.MustCompile(`^(strongroom|go|process|promhttp)_[a-z0-9_]+(\{[a-z_]+="[a-z0-9_.+-]*"(,[a-z_]+="[a-z0-9_.+-]*")*\})? ([0-9.e+-]+|NaN|[+-]Inf)$`)

func metrics(ctx context.Context, o Options) (any, error) {
	return ask(ctx, o, "/metrics", fits(metric))
}

var (
	profileHead = regexp.MustCompile(`^(goroutine profile: total [0-9]+)$`)
	profileMany = regexp.MustCompile(`^([0-9]+) @`)
	profileCall = regexp.MustCompile(`^#\t0x[0-9a-f]+\t([A-Za-z0-9_./*()\[\],{}-]+)\+0x[0-9a-f]+\s+(?:\S*/)?([A-Za-z0-9_.-]+\.(?:go|s):[0-9]+)$`)
)

// goroutines keeps functions and lines; addresses in memory and the folders of the machine that built it are left out.
func goroutines(ctx context.Context, o Options) (any, error) {
	return ask(ctx, o, "/goroutines", func(line string) (string, bool) {
		if m := profileCall.FindStringSubmatch(line); m != nil {
			return "    " + m[1] + " " + m[2], true
		}
		for _, form := range []*regexp.Regexp{profileHead, profileMany} {
			if m := form.FindStringSubmatch(line); m != nil {
				return m[1], true
			}
		}
		return "", line == ""
	})
}

// logLine is a line as the store's own memory of its log writes it (app.Recent).
var logLine = regexp.MustCompile(`^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}Z (DEBUG|INFO|WARN|ERROR)(\+[0-9]+)? (\(withheld\)|[A-Za-z][A-Za-z ,;:'()-]{2,120})` +
	`( (status|attempt|count)=[0-9]+| method=[A-Z]+| route=([A-Z]+ )?/[a-z0-9_{}$./-]*| (request|job)=[0-9a-f]+| (kind|act|class)=[a-z_.]+)*$`)

func logLines(ctx context.Context, o Options) (any, error) {
	return ask(ctx, o, "/log", fits(logLine))
}
