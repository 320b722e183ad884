package pagewatch

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"slices"
	"strings"
	"time"
)

// The bounds of one walk. A shop that answers slowly, endlessly or in circles ends it.
const (
	walkTime   = 90 * time.Second
	answerTime = 15 * time.Second
	mostBytes  = 2 << 20
	mostAsked  = 80
	mostTurns  = 4 // redirects in a row
	mostTried  = 6 // products, until one can be bought
)

// errUnseen is that the shop could not be seen at all: no answer, or one that is no page.
type errUnseen struct{ cause error }

func (e errUnseen) Error() string { return "pagewatch: the shop could not be seen: " + e.cause.Error() }
func (e errUnseen) Unwrap() error { return e.cause }

// errNothing is that nothing in the shop can be bought now, so that there is no cart to go on with.
var errNothing = errors.New("pagewatch: nothing can be bought")

// stranger walks through the shop over the network as somebody who has never been there.
type stranger struct {
	own    *url.URL
	agent  string
	client *http.Client
	asked  int
	found  map[string][]Thing // what each page held
	hashes map[string]Thing   // of what was fetched for a page, by address
}

func newStranger(own *url.URL, agent string, way http.RoundTripper) *stranger {
	jar, _ := cookiejar.New(nil) // never fails without options
	return &stranger{own: own, agent: agent, found: map[string][]Thing{}, hashes: map[string]Thing{},
		client: &http.Client{Transport: way, Jar: jar, Timeout: answerTime,
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

// answer is what came back.
type answer struct {
	at     *url.URL
	status int
	header http.Header
	body   []byte
}

func (s *stranger) ask(ctx context.Context, method string, to *url.URL, body url.Values) (a answer, err error) {
	for range mostTurns {
		if a, err = s.once(ctx, method, to, body); err != nil {
			return a, err
		}
		next := a.header.Get("Location")
		if a.status < 300 || a.status > 399 || next == "" {
			return a, nil
		}
		if to, err = to.Parse(next); err != nil || to.Scheme != s.own.Scheme || to.Host != s.own.Host {
			return a, nil // it is told as it is: a page that leads elsewhere
		}
		method, body = http.MethodGet, nil
	}
	return a, errUnseen{errors.New("redirects in a circle")}
}

func (s *stranger) once(ctx context.Context, method string, to *url.URL, body url.Values) (a answer, err error) {
	if s.asked++; s.asked > mostAsked {
		return a, errUnseen{errors.New("too many questions")}
	}
	r, err := http.NewRequestWithContext(ctx, method, to.String(), strings.NewReader(body.Encode()))
	if err != nil {
		return a, err
	}
	r.Header.Set("User-Agent", s.agent)
	r.Header.Set("Accept", "text/html,application/xhtml+xml,*/*;q=0.8")
	r.Header.Set("Accept-Encoding", "identity")
	r.Header.Set("Sec-Fetch-Site", "none")
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Origin", s.own.Scheme+"://"+s.own.Host)
		r.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	resp, err := s.client.Do(r)
	if err != nil {
		return a, errUnseen{err}
	}
	defer func() { _ = resp.Body.Close() }()
	b, err := io.ReadAll(io.LimitReader(resp.Body, mostBytes+1))
	switch {
	case err != nil:
		return a, errUnseen{err}
	case len(b) > mostBytes:
		return a, errUnseen{fmt.Errorf("%s does not end", to.Path)}
	case resp.StatusCode == http.StatusTooManyRequests, resp.StatusCode >= 500:
		return a, errUnseen{fmt.Errorf("%s answers with %d", to.Path, resp.StatusCode)}
	}
	return answer{to, resp.StatusCode, resp.Header, b}, nil
}

// see takes an answer apart as the page of that name. What its scripts and style sheets hold is fetched and hashed.
func (s *stranger) see(ctx context.Context, page string, a answer) (*seen, error) {
	x, err := read(s.own, a.at, a.body)
	if err != nil {
		return nil, errUnseen{err}
	}
	things := append(headers(a.header), Thing{Status, fmt.Sprint(a.status), ""})
	for _, to := range x.scripts {
		t, err := s.content(ctx, Script, to)
		if err != nil {
			return nil, err
		}
		things = append(things, t)
	}
	for _, to := range x.styles {
		t, err := s.content(ctx, Style, to)
		if err != nil {
			return nil, err
		}
		things = append(things, t)
	}
	s.found[page] = append(things, x.things...)
	return x, nil
}

// content is what lies at an address of the shop, as its hash. Nobody else is asked: that the address is elsewhere says
// enough.
func (s *stranger) content(ctx context.Context, k Kind, path string) (Thing, error) {
	if !strings.HasPrefix(path, "/") {
		return Thing{k, path, "elsewhere"}, nil
	}
	if t, known := s.hashes[path]; known {
		return t, nil
	}
	to, err := s.own.Parse(path)
	if err != nil {
		return Thing{k, path, "no address"}, nil
	}
	a, err := s.ask(ctx, http.MethodGet, to, nil)
	if err != nil {
		return Thing{}, err
	}
	t := Thing{k, path, hash(a.body)}
	if a.status != http.StatusOK {
		t.Value = fmt.Sprint("answers with ", a.status)
	}
	s.hashes[path] = t
	return t, nil
}

func (s *stranger) get(ctx context.Context, page, path string) (*seen, error) {
	to, err := s.own.Parse(path)
	if err != nil {
		return nil, err
	}
	a, err := s.ask(ctx, http.MethodGet, to, nil)
	if err != nil {
		return nil, err
	}
	return s.see(ctx, page, a)
}

// send sends a form of a page and takes the answer for the page of that name.
func (s *stranger) send(ctx context.Context, page string, f form, values url.Values) (*seen, error) {
	to, err := s.own.Parse(f.action)
	if err != nil {
		return nil, err
	}
	a, err := s.ask(ctx, http.MethodPost, to, values)
	if err != nil {
		return nil, err
	}
	return s.see(ctx, page, a)
}

// walk goes the whole way, up to the button that would oblige to pay, which it leaves alone. The pages behind it are
// looked at with a sample order. What was seen stays in found, also when the way ends early.
func (s *stranger) walk(ctx context.Context, r Route) error {
	ctx, cancel := context.WithTimeout(ctx, walkTime)
	defer cancel()
	for _, stop := range r.Others {
		if stop.Cookie != "" {
			s.client.Jar.SetCookies(s.own, []*http.Cookie{{Name: stop.Cookie, Value: stop.Value, Path: "/", Secure: true, HttpOnly: true}})
		}
		if _, err := s.get(ctx, stop.Page, stop.Path); err != nil {
			return err
		}
	}
	return s.shop(ctx, r)
}

func (s *stranger) shop(ctx context.Context, r Route) error {
	if err := s.fill(ctx, r); err != nil {
		return err
	}
	defer s.empty(ctx, r)
	details, err := s.get(ctx, "details", r.Details)
	if err != nil {
		return err
	}
	f, ok := details.form(r.Details)
	if !ok {
		return nil // the missing form is a difference
	}
	_, err = s.send(ctx, "check", f, r.Fill(f.values()))
	return err
}

// fill puts something into the cart: the first product on the home page that can be bought.
func (s *stranger) fill(ctx context.Context, r Route) error {
	home, err := s.get(ctx, "home", r.Home)
	if err != nil {
		return err
	}
	var tried []string
	for _, to := range home.links {
		if !strings.HasPrefix(to, r.Product) || slices.Contains(tried, to) {
			continue
		}
		if tried = append(tried, to); len(tried) > mostTried {
			break
		}
		product, err := s.get(ctx, "product", to)
		if err != nil {
			return err
		}
		f, ok := product.form(r.Add)
		if !ok {
			continue
		}
		cart, err := s.send(ctx, "cart", f, f.values())
		if err != nil {
			return err
		}
		if _, ok := cart.form(r.Remove); ok {
			return nil
		}
	}
	return errNothing
}

// empty takes the goods out of the cart again. If it fails, the cart ends with its time.
func (s *stranger) empty(ctx context.Context, r Route) {
	to, err := s.own.Parse(r.Cart)
	if err != nil {
		return
	}
	a, err := s.ask(ctx, http.MethodGet, to, nil)
	if err != nil {
		return
	}
	cart, err := read(s.own, a.at, a.body)
	if err != nil {
		return
	}
	if f, ok := cart.form(r.Remove); ok {
		if to, err := s.own.Parse(f.action); err == nil {
			_, _ = s.ask(ctx, http.MethodPost, to, f.values())
		}
	}
}
