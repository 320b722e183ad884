package web

import (
	"slices"
	"strconv"
	"strings"
)

// Negotiate picks the offered language that a reader's Accept-Language header likes best, and fallback if none. A
// regional wish ("de-AT") is met by its language ("de").
func Negotiate(header string, offered []string, fallback string) string {
	best, bestQ := fallback, 0.0
	if len(header) > 500 {
		header = header[:500]
	}
	for part := range strings.SplitSeq(header, ",") {
		tag, params, _ := strings.Cut(part, ";")
		q := quality(params)
		if lang := match(strings.ToLower(strings.TrimSpace(tag)), offered, fallback); lang != "" && q > bestQ {
			best, bestQ = lang, q
		}
	}
	return best
}

func match(tag string, offered []string, fallback string) string {
	if tag == "*" {
		return fallback
	}
	for tag != "" {
		if i := slices.IndexFunc(offered, func(o string) bool { return strings.EqualFold(o, tag) }); i >= 0 {
			return offered[i]
		}
		cut := strings.LastIndexByte(tag, '-')
		tag = tag[:max(cut, 0)]
	}
	return ""
}

func quality(params string) float64 {
	for p := range strings.SplitSeq(params, ";") {
		if v, ok := strings.CutPrefix(strings.TrimSpace(p), "q="); ok {
			q, err := strconv.ParseFloat(v, 64)
			if err != nil || !(q >= 0 && q <= 1) {
				return 0
			}
			return q
		}
	}
	return 1
}
