package shield

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"os"
	"slices"
	"strings"
	"time"

	"strongroom/base/fault"
	"strongroom/base/web"
)

// What a request may measure before anybody looks at it.
const (
	maxHeaderBytes = 16 << 10
	maxHeaders     = 64
	maxPath        = 1024
	maxQuery       = 4096
)

// hostOf finds the face that the request is for. Only the Host line counts, and it must be one of ours, letter by
// letter, and the one that the TLS handshake was made for.
func (s *Shield) hostOf(r *http.Request) (*host, error) {
	misdirected := fault.New(fault.Misdirected, "web.misdirected")
	if r.URL.Host != "" || r.URL.Scheme != "" || r.URL.Opaque != "" {
		return nil, misdirected // absolute-form: the way to a proxy, which this is not
	}
	if other := r.Header.Values("Host"); len(other) > 0 {
		return nil, misdirected // HTTP/2 with a Host beside its :authority
	}
	h := s.hosts[strings.ToLower(r.Host)]
	if h == nil || r.TLS != nil && !strings.EqualFold(r.TLS.ServerName, h.name) {
		return nil, misdirected
	}
	return h, nil
}

// checkPeer refuses what did not come encrypted to the proxy, and strangers where only this machine may ask.
func (s *Shield) checkPeer(_ http.ResponseWriter, r *http.Request, h *host, _ Class) error {
	peer, client := web.PeerAddr(r), web.Client(r.Context())
	if h.Loopback && !(peer.IsLoopback() && client.IsLoopback()) {
		return fault.New(fault.Misdirected, "web.misdirected")
	}
	if r.TLS != nil {
		return nil
	}
	if !s.proxies.Trusts(peer) || strings.EqualFold(r.Header.Get("X-Forwarded-Proto"), "http") {
		return fault.New(fault.Forbidden, "web.plain_http").WithHint("The proxy must send plain HTTP on to HTTPS itself.")
	}
	return nil
}

func (s *Shield) checkMethod(w http.ResponseWriter, r *http.Request, h *host, _ Class) error {
	if slices.Contains(h.Methods, r.Method) {
		return nil
	}
	w.Header().Set("Allow", h.allow)
	return fault.New(fault.Method, "web.method")
}

// checkSize refuses what no page of ours asks for, before the body is touched.
func (s *Shield) checkSize(_ http.ResponseWriter, r *http.Request, _ *host, class Class) error {
	n := 0
	for _, vs := range r.Header {
		n += len(vs)
	}
	if n > maxHeaders || len(r.URL.EscapedPath()) > maxPath || len(r.URL.RawQuery) > maxQuery ||
		r.ContentLength > rules[class].body {
		return fault.New(fault.TooLarge, "web.too_large")
	}
	if strings.ContainsRune(r.URL.Path, 0) || strings.Contains(r.URL.Path, `\`) {
		return fault.New(fault.Malformed, "web.malformed")
	}
	if safe(r.Method) && r.ContentLength != 0 {
		return fault.New(fault.Malformed, "web.malformed") // a GET with a body is somebody's trick
	}
	return nil
}

// checkRate takes a token from the network's bucket for this class.
func (s *Shield) checkRate(_ http.ResponseWriter, r *http.Request, _ *host, class Class) error {
	wait := s.buckets.take(web.Network(web.Client(r.Context())), class, s.clock.Now())
	if wait <= 0 {
		return nil
	}
	seconds := int((wait + time.Second - 1) / time.Second)
	return fault.New(fault.TooMany, "web.too_many").With("seconds", seconds)
}

// checkCrossSite refuses what a browser says another site has sent.
func (s *Shield) checkCrossSite(_ http.ResponseWriter, r *http.Request, _ *host, class Class) error {
	if class == Notice || safe(r.Method) {
		return nil // a notice is no browser's, and is signed
	}
	if err := s.cross.Check(r); err != nil {
		return fault.New(fault.Forbidden, "web.form_foreign").Because(err)
	}
	return nil
}

// readBody reads the whole body within the class's size and time, before the request takes a place in the queue: a
// body that trickles holds nothing but its own connection.
func (s *Shield) readBody(w http.ResponseWriter, r *http.Request, _ *host, class Class) error {
	if safe(r.Method) || r.Body == nil || r.Body == http.NoBody {
		return nil
	}
	if r.ProtoMajor == 1 && len(r.TransferEncoding) > 0 {
		w.Header().Set("Connection", "close") // a length beside the chunks may have told a proxy another end (RFC 9112, 6.1)
	}
	rule := rules[class]
	control := http.NewResponseController(w)
	_ = control.SetReadDeadline(time.Now().Add(rule.bodyTime)) // what cannot set one is a test's recorder
	if class == Upload {                                       // too large to be held for somebody unknown
		r.Body = http.MaxBytesReader(w, r.Body, rule.body)
		return nil
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, rule.body))
	if err != nil {
		return bodyFault(err)
	}
	_ = control.SetReadDeadline(time.Time{})
	_ = r.Body.Close()
	r.Body = io.NopCloser(bytes.NewReader(body))
	r.ContentLength = int64(len(body))
	return nil
}

// closeUnread ends an HTTP/1 connection on which a refused body may still be on its way: it is neither waited for nor
// taken for a further request.
func closeUnread(w http.ResponseWriter, r *http.Request) {
	if r.ProtoMajor == 1 && r.ContentLength != 0 {
		w.Header().Set("Connection", "close")
	}
}

func bodyFault(err error) error {
	var big *http.MaxBytesError
	switch {
	case errors.As(err, &big):
		return fault.New(fault.TooLarge, "web.too_large")
	case errors.Is(err, os.ErrDeadlineExceeded):
		return fault.New(fault.Timeout, "web.slow")
	}
	return fault.New(fault.Malformed, "web.form_cut").Because(err)
}

func safe(method string) bool { return method == http.MethodGet || method == http.MethodHead }
