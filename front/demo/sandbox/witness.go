package sandbox

import (
	"net/http"
	"strconv"
)

// WitnessLine is what the provider knows of one session.
type WitnessLine struct {
	ID        string `json:"id"`
	Account   string `json:"account"`
	Reference string `json:"reference"`
	Order     string `json:"order"`
	Status    string `json:"status"`
	Amount    int64  `json:"amount"`
	Currency  string `json:"currency"`
	Captured  int64  `json:"captured"`
	Refunded  int64  `json:"refunded"`
	Notices   int    `json:"notices"` // still to be delivered
}

// WitnessPage is a page of the provider's books, the oldest session first. Next is the offset of the next page, 0 at
// the end.
type WitnessPage struct {
	Sessions []WitnessLine `json:"sessions"`
	Total    int           `json:"total"`
	Next     int           `json:"next"`
}

// Witness lists all sessions of all accounts, for tests in the same process.
func (s *Server) Witness() []WitnessLine {
	s.mu.RLock()
	list := append([]*entry(nil), s.list...)
	s.mu.RUnlock()
	return lines(list)
}

func lines(list []*entry) []WitnessLine {
	out := make([]WitnessLine, 0, len(list))
	for _, e := range list {
		e.mu.Lock()
		v := e.v.clone()
		e.mu.Unlock()
		out = append(out, WitnessLine{v.ID, v.Account, v.Reference, v.Order, v.State, v.Amount, v.Currency, v.Captured,
			v.Refunded, len(v.Events)})
	}
	return out
}

func (s *Server) getWitness(w http.ResponseWriter, r *http.Request, _ *Account) {
	from, _ := strconv.Atoi(r.URL.Query().Get("from"))
	s.mu.RLock()
	total := len(s.list)
	from = max(0, min(from, total))
	end := min(from+1000, total)
	list := append([]*entry(nil), s.list[from:end]...)
	s.mu.RUnlock()
	page := WitnessPage{Sessions: lines(list), Total: total}
	if end < total {
		page.Next = end
	}
	give(w, http.StatusOK, page)
}
