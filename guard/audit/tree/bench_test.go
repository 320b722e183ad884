package tree_test

import (
	"bytes"
	"os"
	"testing"

	"strongroom/guard/audit/tree"
)

// BenchmarkVerify reports entries a second, from files and from JSON Lines; the aim is 200,000.
func BenchmarkVerify(b *testing.B) {
	l := newLog(b, 200_000)
	dir := b.TempDir()
	if err := os.CopyFS(dir, l.export()); err != nil {
		b.Fatal(err)
	}
	lines, head := l.lines(), l.outside(len(l.entries))
	for name, open := range map[string]func() tree.Source{
		"folder": func() tree.Source { f, err := tree.OpenFolder(os.DirFS(dir), l.key); must(b, err); return f },
		"lines":  func() tree.Source { return tree.NewLines(bytes.NewReader(lines)) },
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				r, err := tree.Verify(open(), head)
				if err != nil || !r.OK() {
					b.Fatal(err, r)
				}
			}
			b.ReportMetric(float64(len(l.entries))*float64(b.N)/b.Elapsed().Seconds(), "entries/s")
		})
	}
}
