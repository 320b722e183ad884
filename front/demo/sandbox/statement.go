package sandbox

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// line is one movement on a merchant's account that a session caused.
type line struct {
	ID      string `json:"id"`
	Kind    string `json:"kind"` // payment, refund, dispute, dispute_won
	Amount  int64  `json:"amount"`
	Fee     int64  `json:"fee,omitempty"`
	Refund  string `json:"refund,omitempty"`
	Dispute string `json:"dispute,omitempty"`
	Charge  string `json:"charge,omitempty"`
	At      int64  `json:"at"` // microseconds
}

// What the provider takes: 1.4 % and 25 of a payment, 1500 for a dispute.
const (
	feeParts   = 14_000 // parts per million
	feeFixed   = 25
	disputeFee = 1500
	pageLines  = 400
)

func fee(amount int64) int64 {
	return amount/1_000_000*feeParts + amount%1_000_000*feeParts/1_000_000 + feeFixed
}

// book writes a movement down.
func (v *session) book(now time.Time, l line) {
	l.ID, l.At, l.Charge = name("mov_"), now.UnixMicro(), v.Charge
	v.Lines = append(v.Lines, l)
}

// moved is a movement as the API lists it.
type moved struct {
	ID        string `json:"id"`
	Kind      string `json:"kind"`
	Session   string `json:"session,omitempty"`
	Reference string `json:"reference,omitempty"`
	Charge    string `json:"charge,omitempty"`
	Refund    string `json:"refund,omitempty"`
	Dispute   string `json:"dispute,omitempty"`
	Payout    string `json:"payout,omitempty"`
	Amount    int64  `json:"amount"`
	Fee       int64  `json:"fee"`
	Currency  string `json:"currency"`
	At        int64  `json:"at"` // microseconds
	account   string
}

func (m moved) place() string { return strconv.FormatInt(m.At, 10) + "_" + m.ID }

// before is the order of the statement.
func before(a, b moved) int {
	if a.At != b.At {
		return int(max(-1, min(a.At-b.At, 1)))
	}
	return strings.Compare(a.ID, b.ID)
}

// journal is every movement of all accounts in the order of time. Payouts are not kept: each day pays out what the days
// before it left, so that they follow from the other movements.
type journal struct {
	mu    sync.Mutex
	lines []moved
	until map[string]int64            // the first day that is not paid out yet, for each account
	owed  map[string]map[string]int64 // what earlier days left, by account and currency
}

const day = int64(24 * time.Hour / time.Microsecond)

// add takes in a session's movements from the n-th on.
func (j *journal) add(v *session, n int) {
	j.mu.Lock()
	defer j.mu.Unlock()
	for _, l := range v.Lines[n:] {
		j.insert(moved{ID: l.ID, Kind: l.Kind, Session: v.ID, Reference: v.Reference, Charge: l.Charge, Refund: l.Refund, Dispute: l.Dispute,
			Amount: l.Amount, Fee: l.Fee, Currency: v.Currency, At: l.At, account: v.Account})
	}
}

func (j *journal) insert(m moved) {
	i := len(j.lines)
	if i > 0 && before(m, j.lines[i-1]) < 0 {
		i, _ = slices.BinarySearchFunc(j.lines, m, before)
	}
	j.lines = slices.Insert(j.lines, i, m)
}

// payOut pays out every day of an account that is over.
func (j *journal) payOut(account string, now int64) {
	if j.until == nil {
		j.until, j.owed = map[string]int64{}, map[string]map[string]int64{}
	}
	from, owed := j.until[account], j.owed[account]
	if owed == nil {
		owed = map[string]int64{}
		j.owed[account] = owed
	}
	today := now / day * day
	if from >= today {
		return
	}
	start, _ := slices.BinarySearchFunc(j.lines, moved{At: from}, before)
	var paid []moved
	over := from // the day under way
	settle := func(until int64) {
		for currency, sum := range owed {
			if sum > 0 {
				v := "po_" + hash(account, currency, strconv.FormatInt(until, 10))
				paid = append(paid, moved{ID: v, Kind: "payout", Payout: v, Amount: -sum, Currency: currency, At: until, account: account})
				owed[currency] = 0
			}
		}
	}
	for _, m := range j.lines[start:] {
		if m.At >= today {
			break
		}
		if m.account != account || m.Kind == "payout" {
			continue
		}
		if d := m.At / day * day; d > over {
			if over > 0 {
				settle(over + day)
			}
			over = d
		}
		owed[m.Currency] += m.Amount - m.Fee
	}
	if over > 0 {
		settle(over + day)
	}
	for _, m := range paid {
		j.insert(m)
	}
	j.until[account] = today
}

// page lists an account's movements after a place, and the place to go on from; empty at the end.
func (j *journal) page(account string, from, to int64, cursor string, now int64) (out []moved, next string) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.payOut(account, now)
	after := moved{At: from}
	if at, v, ok := strings.Cut(cursor, "_"); ok {
		if n, err := strconv.ParseInt(at, 10, 64); err == nil && n >= from {
			after = moved{At: n, ID: v + "\x00"} // the next name after it
		}
	}
	start, _ := slices.BinarySearchFunc(j.lines, after, before)
	for _, m := range j.lines[start:] {
		if m.At >= to {
			break
		}
		if m.account != account {
			continue
		}
		if len(out) == pageLines {
			return out, out[pageLines-1].place()
		}
		out = append(out, m)
	}
	return out, ""
}

// getMovements lists what moved on the merchant's account.
func (s *Server) getMovements(w http.ResponseWriter, r *http.Request, a *Account) {
	q := r.URL.Query()
	from, err := strconv.ParseInt(q.Get("from"), 10, 64)
	to, err2 := strconv.ParseInt(q.Get("to"), 10, 64)
	if err != nil || err2 != nil || from < 0 || to < from {
		fail(w, http.StatusBadRequest, "span_invalid")
		return
	}
	list, next := s.journal.page(a.ID, from, to, q.Get("cursor"), s.clock.Now().UnixMicro())
	if list == nil {
		list = []moved{}
	}
	s.linger(r.Context())
	give(w, http.StatusOK, map[string]any{"movements": list, "next": next})
}
