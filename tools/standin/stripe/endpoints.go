package stripe

import "slices"

const maxEndpoints = 16

func createEndpoint(q *request) (any, *problem) {
	e := &endpoint{id: "we_" + random(12), url: q.form["url"], secret: "whsec_" + random(16), version: q.form["api_version"], text: q.form["description"],
		made: q.server.now(), events: q.form.list("enabled_events"), meta: q.form.metadata("metadata")}
	switch {
	case !webAddress(e.url):
		return nil, bad("url_invalid", "url", "Not a valid URL")
	case len(e.events) == 0:
		return nil, bad("parameter_missing", "enabled_events", "The events are missing.")
	case len(q.book.endpoints) >= maxEndpoints:
		return nil, bad("", "", "There are 16 endpoints already.")
	}
	if e.version == "" {
		e.version = Version
	}
	q.book.endpoints = append(q.book.endpoints, e)
	m := q.book.endpoint(e)
	m["secret"] = e.secret // shown this once
	return m, nil
}

func listEndpoints(q *request) (any, *problem) {
	page, more, p := pageOf(q, q.book.endpoints, func(*endpoint) bool { return true })
	var data []any
	for _, e := range page {
		data = append(data, q.book.endpoint(e))
	}
	return asList("/v1/webhook_endpoints", data, more), p
}

func getEndpoint(q *request) (any, *problem) {
	e, ok := lookUp(q.book.endpoints, q.id)
	if !ok {
		return nil, missing("webhook_endpoint", q.id)
	}
	return q.book.endpoint(e), nil
}

func deleteEndpoint(q *request) (any, *problem) {
	e, ok := lookUp(q.book.endpoints, q.id)
	if !ok {
		return nil, missing("webhook_endpoint", q.id)
	}
	q.book.endpoints = slices.DeleteFunc(q.book.endpoints, func(v *endpoint) bool { return v == e })
	return map[string]any{"id": e.id, "object": "webhook_endpoint", "deleted": true}, nil
}

func (b *book) endpoint(e *endpoint) map[string]any {
	return map[string]any{"id": e.id, "object": "webhook_endpoint", "api_version": e.version, "application": nil, "created": e.made,
		"description": e.text, "enabled_events": e.events, "livemode": b.live, "metadata": e.meta, "status": "enabled", "url": e.url}
}

// Subscribe makes an endpoint without a call, for tests and rehearsals, and returns its secret.
func (s *Server) Subscribe(account string, live bool, url string, events ...string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	b := s.books[bookName(account, live)]
	e := &endpoint{id: "we_" + random(12), url: url, secret: "whsec_" + random(16), version: Version, made: s.now(), events: events}
	if len(events) == 0 {
		e.events = []string{"*"}
	}
	b.endpoints = append(b.endpoints, e)
	return e.secret
}

// Subscribed counts the endpoints with an address.
func (s *Server) Subscribed(url string) (n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, b := range s.books {
		for _, e := range b.endpoints {
			if e.url == url {
				n++
			}
		}
	}
	return n
}

// Secret is what the newest endpoint with an address signs with, for tests of what a genuine signature over a false
// claim is worth.
func (s *Server) Secret(url string) (secret string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, b := range s.books {
		for _, e := range b.endpoints {
			if e.url == url {
				secret = e.secret
			}
		}
	}
	return secret
}
