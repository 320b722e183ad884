package storefront

import (
	"bytes"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/gzip"
)

// size is what the entry takes in memory.
func (e *entry) size() int { return len(e.key) + len(e.plain) + len(e.gz) + len(e.br) + entryCost }

// bytes is the page itself.
func (e *entry) bytes() []byte {
	if e.plain != nil {
		return e.plain
	}
	z, err := gzip.NewReader(bytes.NewReader(e.gz))
	if err != nil {
		return nil // we packed it ourselves
	}
	b, _ := io.ReadAll(z)
	return b
}

var (
	htmlType     = []string{"text/html; charset=utf-8"}
	askEachTime  = []string{"public, max-age=0, must-revalidate"}
	varyEncoding = []string{"Accept-Encoding"}
	encodingBr   = []string{"br"}
	encodingGzip = []string{"gzip"}
)

// write answers with the form that the reader takes, or says that nothing has changed. V14.2.2: nothing in these
// pages belongs to a person, which is why they alone are cached.
func (e *entry) write(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h["Content-Type"] = htmlType
	h["Cache-Control"] = askEachTime
	h["Vary"] = varyEncoding
	h["Etag"] = e.etag
	if match := r.Header.Get("If-None-Match"); match != "" && strings.Contains(match, strings.TrimPrefix(e.etag[0], "W/")) {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	accepted := r.Header.Get("Accept-Encoding")
	var body []byte
	switch {
	case e.br != nil && takes(accepted, "br"):
		body, h["Content-Encoding"] = e.br, encodingBr
	case e.gz != nil && takes(accepted, "gzip"):
		body, h["Content-Encoding"] = e.gz, encodingGzip
	default:
		body = e.bytes()
	}
	h["Content-Length"] = []string{strconv.Itoa(len(body))}
	w.WriteHeader(http.StatusOK)
	if r.Method != http.MethodHead {
		_, _ = w.Write(body)
	}
}

// takes says whether Accept-Encoding names a coding and does not refuse it.
func takes(header, coding string) bool {
	for part := range strings.SplitSeq(header, ",") {
		name, params, _ := strings.Cut(part, ";")
		if strings.TrimSpace(name) == coding {
			q := strings.TrimPrefix(strings.ReplaceAll(params, " ", ""), "q=")
			return q == "" || strings.Trim(q, "0.") != ""
		}
	}
	return false
}

var fastGzip = sync.Pool{New: func() any {
	w, _ := gzip.NewWriterLevel(io.Discard, gzip.BestSpeed)
	return w
}}

func squeezeGzip(b []byte, level int) []byte {
	var out bytes.Buffer
	if level == gzip.BestSpeed {
		w := fastGzip.Get().(*gzip.Writer)
		defer fastGzip.Put(w)
		w.Reset(&out)
		_, _ = w.Write(b) // a buffer takes everything
		_ = w.Close()
		return bytes.Clone(out.Bytes())
	}
	w, _ := gzip.NewWriterLevel(&out, level)
	_, _ = w.Write(b)
	_ = w.Close()
	return bytes.Clone(out.Bytes())
}

func squeezeBrotli(b []byte) []byte {
	var out bytes.Buffer
	w := brotli.NewWriterLevel(&out, 6)
	_, _ = w.Write(b)
	_ = w.Close()
	return bytes.Clone(out.Bytes())
}
