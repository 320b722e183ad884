package web

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"github.com/andybalholm/brotli"
)

// How long browsers may keep a file.
const (
	Forever = "public, max-age=31536000, immutable" // its address holds a hash of its content
	Ask     = "public, no-cache"                    // kept, but asked for each time (ETag)
)

// File is an answer that is ready: its bytes, compressed once where that pays, and an ETag.
type File struct {
	Type  string // "text/css; charset=utf-8"
	Cache string // Forever or Ask
	ETag  string

	plain       []byte
	length      []string                  // a header value, made once
	br, gzipped func() ([]byte, []string) // nil where it does not pay
}

// NewFile makes a file ready. level is brotli's, 0 to 11: high for what is made once, 4 or so for pages. A compressed
// form is made when a client first asks for it, so that a store opens before its style sheets are packed.
func NewFile(contentType, cache string, content []byte, level int) *File {
	sum := sha256.Sum256(content)
	f := &File{Type: contentType, Cache: cache, plain: content,
		ETag: `"` + base64.RawURLEncoding.EncodeToString(sum[:12]) + `"`}
	if compressible(contentType) && len(content) > 256 {
		f.br = sync.OnceValues(func() ([]byte, []string) { b := compressBrotli(content, level); return b, lengthOf(b) })
		f.gzipped = sync.OnceValues(func() ([]byte, []string) { b := compressGzip(content); return b, lengthOf(b) })
	}
	f.length = lengthOf(f.plain)
	return f
}

// Bytes are the file's uncompressed bytes.
func (f *File) Bytes() []byte { return f.plain }

// ServeHTTP answers GET and HEAD, with 304 where the reader has it already.
func (f *File) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h["Content-Type"] = []string{f.Type}
	h["Cache-Control"] = []string{f.Cache}
	h["Etag"] = []string{f.ETag}
	body, length := f.plain, f.length
	if f.br != nil {
		h["Vary"] = append(h["Vary"], "Accept-Encoding")
		switch accepted := r.Header.Get("Accept-Encoding"); {
		case accepts(accepted, "br"):
			body, length = f.br()
			h["Content-Encoding"] = []string{"br"}
		case accepts(accepted, "gzip"):
			body, length = f.gzipped()
			h["Content-Encoding"] = []string{"gzip"}
		}
	}
	if match := r.Header.Get("If-None-Match"); match != "" && etagMatches(match, f.ETag) {
		delete(h, "Content-Encoding")
		w.WriteHeader(http.StatusNotModified)
		return
	}
	h["Content-Length"] = length
	w.WriteHeader(http.StatusOK)
	if r.Method != http.MethodHead {
		_, _ = w.Write(body)
	}
}

// accepts reads Accept-Encoding: the word is named and not refused with q=0.
func accepts(header, word string) bool {
	for part := range strings.SplitSeq(header, ",") {
		name, params, _ := strings.Cut(part, ";")
		if strings.TrimSpace(name) == word {
			return quality(params) > 0
		}
	}
	return false
}

func etagMatches(header, etag string) bool {
	for part := range strings.SplitSeq(header, ",") {
		if p := strings.TrimSpace(part); p == "*" || strings.TrimPrefix(p, "W/") == etag {
			return true
		}
	}
	return false
}

func compressible(contentType string) bool {
	t, _, _ := strings.Cut(contentType, ";")
	if strings.HasPrefix(t, "text/") || strings.HasSuffix(t, "+json") || strings.HasSuffix(t, "+xml") {
		return true
	}
	return t == "application/json" || t == "application/javascript" || t == "application/xml"
}

func compressBrotli(b []byte, level int) []byte {
	var out bytes.Buffer
	w := brotli.NewWriterLevel(&out, level)
	_, _ = w.Write(b) // a buffer takes everything
	_ = w.Close()
	return out.Bytes()
}

func compressGzip(b []byte) []byte {
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	_, _ = w.Write(b)
	_ = w.Close()
	return out.Bytes()
}

func lengthOf(b []byte) []string { return []string{strconv.Itoa(len(b))} }
