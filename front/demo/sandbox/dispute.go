package sandbox

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// The states of a dispute.
const (
	disputeInquiry  = "inquiry"
	disputeOpen     = "open"
	disputeReview   = "review"
	disputeWon      = "won"
	disputeLost     = "lost"
	disputeAccepted = "accepted"
)

// dispute is what a session's buyer told her bank. A session has at most one.
type dispute struct {
	ID       string `json:"id"`
	State    string `json:"state"`
	Reason   string `json:"reason"`
	Amount   int64  `json:"amount"`
	Opened   int64  `json:"opened"` // microseconds; in the future until it is there
	Changed  int64  `json:"changed"`
	Due      int64  `json:"due,omitempty"`
	DecideAt int64  `json:"decide_at,omitempty"`
	Wins     bool   `json:"wins,omitempty"` // how the bank will decide
	Taken    int64  `json:"taken,omitempty"`
	Fee      int64  `json:"fee,omitempty"`
	Evidence string `json:"evidence,omitempty"` // names of the fields that came, never their content
}

// disputeTime is how long an answer is taken.
const disputeTime = 7 * 24 * time.Hour

var (
	errNoAnswer = errors.New("no_answer_due")
	errDisputed = errors.New("disputed_already")
)

// holds says whether the bank has the money, so that none can be refunded.
func (d *dispute) holds() bool { return d != nil && d.Taken > 0 }

// nextAt is when something happens to it by itself; 0: nothing.
func (d *dispute) nextAt() int64 {
	switch {
	case d.State == "":
		return d.Opened
	case d.State == disputeReview:
		return d.DecideAt
	case d.State == disputeOpen || d.State == disputeInquiry:
		return d.Due
	}
	return 0
}

// dispute announces that the buyer will dispute the payment after a while.
func (v *session) dispute(now time.Time, amount int64, reason string, after time.Duration) {
	if v.State == statePaid && v.Dispute == nil {
		v.Dispute = &dispute{ID: name("dsp_"), Reason: reason, Amount: amount, Opened: now.Add(after).UnixMicro()}
	}
}

// decide lets happen to a dispute what is due.
func (v *session) decide(now time.Time) {
	d, at := v.Dispute, now.UnixMicro()
	if d == nil || d.nextAt() == 0 || d.nextAt() > at {
		return
	}
	switch d.State {
	case "":
		v.openDispute(now, disputeOpen)
	case disputeReview:
		if d.Wins {
			v.closeDispute(now, disputeWon)
		} else {
			v.closeDispute(now, disputeLost)
		}
	default: // nobody answered in time
		v.closeDispute(now, disputeLost)
	}
}

func (v *session) openDispute(now time.Time, state string) {
	d := v.Dispute
	d.State, d.Opened, d.Changed, d.Due = state, now.UnixMicro(), now.UnixMicro(), now.Add(disputeTime).UnixMicro()
	if state == disputeOpen {
		d.Taken, d.Fee = min(d.Amount, v.Captured-v.Refunded), disputeFee
		v.book(now, line{Kind: "dispute", Amount: -d.Taken, Fee: d.Fee, Dispute: d.ID})
	}
	v.note(now, "dispute.opened")
}

func (v *session) closeDispute(now time.Time, state string) {
	d := v.Dispute
	d.State, d.Changed, d.Due, d.DecideAt = state, now.UnixMicro(), 0, 0
	if state == disputeWon && d.Taken > 0 {
		v.book(now, line{Kind: "dispute_won", Amount: d.Taken, Dispute: d.ID})
		d.Taken = 0
	}
	v.note(now, "dispute.closed")
}

// disputeView is how the API describes a dispute.
type disputeView struct {
	ID       string `json:"id"`
	Account  string `json:"account"`
	Mode     string `json:"mode"`
	Session  string `json:"session"`
	Charge   string `json:"charge"`
	Status   string `json:"status"`
	Reason   string `json:"reason"`
	Amount   int64  `json:"amount"`
	Currency string `json:"currency"`
	Opened   int64  `json:"opened"` // seconds
	Due      int64  `json:"due,omitempty"`
	Taken    int64  `json:"taken"`
	Fee      int64  `json:"fee"`
	Evidence string `json:"evidence,omitempty"`
}

func (s *Server) disputeView(v *session) disputeView {
	d := v.Dispute
	out := disputeView{ID: d.ID, Account: v.Account, Session: v.ID, Charge: v.Charge, Status: d.State, Reason: d.Reason, Amount: d.Amount,
		Currency: v.Currency, Opened: d.Opened / 1e6, Due: d.Due / 1e6, Taken: d.Taken, Fee: d.Fee, Evidence: d.Evidence}
	if a := s.account(v.Account); a != nil {
		out.Mode = a.Mode
	}
	return out
}

// disputed finds the session whose dispute the path names.
func (s *Server) disputed(w http.ResponseWriter, r *http.Request, a *Account) *entry {
	for _, e := range s.all() {
		e.mu.Lock()
		mine := e.v.Account == a.ID && e.v.Dispute != nil && e.v.Dispute.State != "" && e.v.Dispute.ID == r.PathValue("id")
		e.mu.Unlock()
		if mine {
			return e
		}
	}
	fail(w, http.StatusNotFound, "dispute_unknown")
	return nil
}

func (s *Server) all() []*entry {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return append([]*entry(nil), s.list...)
}

func (s *Server) getDispute(w http.ResponseWriter, r *http.Request, a *Account) {
	e := s.disputed(w, r, a)
	if e == nil {
		return
	}
	v, err := s.peek(r.Context(), e)
	if err != nil {
		failWith(w, err)
		return
	}
	give(w, http.StatusOK, s.disputeView(&v))
}

// getDisputes lists those that changed since a moment. There are few, so that one page holds them all.
func (s *Server) getDisputes(w http.ResponseWriter, r *http.Request, a *Account) {
	since, err := strconv.ParseInt(r.URL.Query().Get("since"), 10, 64)
	if err != nil {
		fail(w, http.StatusBadRequest, "since_invalid")
		return
	}
	out := []disputeView{}
	for _, e := range s.all() {
		e.mu.Lock()
		there := e.v.Account == a.ID && e.v.Dispute != nil
		e.mu.Unlock()
		if !there {
			continue
		}
		v, err := s.peek(r.Context(), e)
		if err != nil {
			failWith(w, err)
			return
		}
		if d := v.Dispute; d.State != "" && d.Changed >= since*1e6 && len(out) < 1000 {
			out = append(out, s.disputeView(&v))
		}
	}
	give(w, http.StatusOK, map[string]any{"disputes": out, "next": ""})
}

// answerBody is evidence. Its texts are not kept: the sandbox is nobody's archive of addresses.
type answerBody struct {
	Fields map[string]string `json:"fields"`
	Submit bool              `json:"submit"`
}

// verbOn runs a changing call on a dispute.
func (s *Server) verbOn(w http.ResponseWriter, r *http.Request, a *Account, request string, do func(v *session, now time.Time) error) {
	e := s.disputed(w, r, a)
	if e == nil {
		return
	}
	e.mu.Lock()
	v := e.v.ID
	e.mu.Unlock()
	r.SetPathValue("id", v)
	s.verb(w, r, a, request, func(v *session, _ string, now time.Time) (any, error) {
		if err := do(v, now); err != nil {
			return nil, err
		}
		return s.disputeView(v), nil
	})
}

// postAnswer takes evidence. The bank finds for the merchant if a parcel number is in it.
func (s *Server) postAnswer(w http.ResponseWriter, r *http.Request, a *Account) {
	var b answerBody
	if !take(w, r, &b) {
		return
	}
	s.verbOn(w, r, a, fmt.Sprint(b), func(v *session, now time.Time) error {
		d := v.Dispute
		if d.State != disputeOpen && d.State != disputeInquiry {
			return errNoAnswer
		}
		var names []string
		for _, n := range []string{"product", "buyer", "email", "address", "carrier", "tracking", "shipped_at", "policy", "text"} {
			if b.Fields[n] != "" {
				names = append(names, n)
			}
		}
		d.Evidence, d.Changed, d.Wins = strings.Join(names, " "), now.UnixMicro(), b.Fields["tracking"] != ""
		if b.Submit {
			d.State, d.Due, d.DecideAt = disputeReview, 0, now.Add(s.settle).UnixMicro()
			v.note(now, "dispute.answered")
		}
		return nil
	})
}

func (s *Server) postAccept(w http.ResponseWriter, r *http.Request, a *Account) {
	s.verbOn(w, r, a, "accept", func(v *session, now time.Time) error {
		if d := v.Dispute; d.State != disputeOpen && d.State != disputeInquiry {
			return errNoAnswer
		}
		v.closeDispute(now, disputeAccepted)
		return nil
	})
}

// Trial is what happens away from the API: at the buyer's bank, or at the provider's own desk.
type Trial struct {
	Dispute string `json:"dispute,omitempty"` // "open" or "inquiry"
	Reason  string `json:"reason,omitempty"`
	Refund  int64  `json:"refund,omitempty"` // a refund made at the provider's own desk
	Decide  string `json:"decide,omitempty"` // what the bank finds: "won" or "lost"
	Pay     bool   `json:"pay,omitempty"`    // the shopper pays, and no notice tells of it
	Late    bool   `json:"late,omitempty"`   // with Pay: also when the session has expired
	Lapse   bool   `json:"lapse,omitempty"`  // a held sum is held no longer
}

func (s *Server) postTrial(w http.ResponseWriter, r *http.Request, a *Account) {
	var b Trial
	if !take(w, r, &b) {
		return
	}
	s.verb(w, r, a, fmt.Sprint(b), func(v *session, _ string, now time.Time) (any, error) {
		if err := v.trial(now, b); err != nil {
			return nil, err
		}
		return s.view(v), nil
	})
}

func (v *session) trial(now time.Time, b Trial) error {
	switch {
	case b.Pay:
		if v.State != stateOpen && !(b.Late && v.State == stateExpired) {
			return errClosed
		}
		v.Notices = noticesNever
		v.pay(now)
	case b.Lapse:
		if v.State != stateAuthorised {
			return errHeldNot
		}
		v.lapse(now)
	case b.Refund > 0:
		_, err := v.refund(now, "", b.Refund, 0)
		return err
	case b.Dispute == disputeOpen || b.Dispute == disputeInquiry:
		if v.Dispute != nil || v.State != statePaid {
			return errDisputed
		}
		v.dispute(now, v.Captured, strings.ToLower(b.Reason), 0)
		v.openDispute(now, b.Dispute)
	case b.Decide == disputeWon || b.Decide == disputeLost:
		if v.Dispute == nil || v.Dispute.nextAt() == 0 {
			return errNoAnswer
		}
		v.closeDispute(now, b.Decide)
	default:
		return errAmount
	}
	return nil
}

// Try does the same from within the process.
func (s *Server) Try(ctx context.Context, ref string, b Trial) error {
	e := s.find(ref)
	if e == nil {
		return errors.New("sandbox: no such session")
	}
	_, err := s.change(ctx, e, func(v *session, now time.Time) error { return v.trial(now, b) })
	return err
}
