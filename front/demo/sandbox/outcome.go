package sandbox

import (
	"errors"
	"net/http"
	"time"
)

var errOdd = errors.New("sandbox: no such choice")

// postPay is the visitor's choice. A session that is no longer open stays as it is: a second click, or the back
// button, changes nothing and leads to the same place.
func (s *Server) postPay(w http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil {
		s.odd(w, r)
		return
	}
	outcome, notices := r.PostForm.Get("outcome"), r.PostForm.Get("notices")
	if notices != "" && !knownNotices(notices) {
		s.odd(w, r)
		return
	}
	s.choose(w, r, func(v *session, now time.Time) error {
		if notices != "" {
			v.Notices = notices
		}
		return s.choice(v, now, outcome)
	}, outcome)
}

// choice is what each outcome does to an open session.
func (s *Server) choice(v *session, now time.Time, outcome string) error {
	switch outcome {
	case "paid":
		if !v.Secure || v.Secured {
			v.pay(now)
		}
	case "refused": // the bank says no, and the page stays open for another try
		v.Declines++
	case "disputed":
		v.pay(now)
		v.dispute(now, v.Captured, "fraudulent", s.settle)
	case "declined":
		v.State = stateDeclined
		v.Declines++
		v.note(now, "session.declined")
	case "retry":
		v.Declines++
		v.note(now, "session.refused_card")
	case "pending", "fails":
		v.State, v.Fails = statePending, outcome == "fails"
		v.SettleAt = now.Add(s.settle).UnixMicro()
		v.note(now, "session.pending")
	case "slow":
		v.SettleAt = now.Add(s.slow).UnixMicro()
	case "late":
		v.Late = true
	case "cancel", "step":
	default:
		return errOdd
	}
	return nil
}

func (s *Server) postStep(w http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil {
		s.odd(w, r)
		return
	}
	outcome, ok := map[string]string{"yes": "paid", "no": "declined"}[r.PostForm.Get("answer")]
	if !ok {
		s.odd(w, r)
		return
	}
	s.choose(w, r, func(v *session, now time.Time) error {
		v.Secured = outcome == "paid"
		return s.choice(v, now, outcome)
	}, outcome)
}

// choose applies a choice to an open session and leads on.
func (s *Server) choose(w http.ResponseWriter, r *http.Request, apply func(*session, time.Time) error, outcome string) {
	e := s.find(r.PathValue("id"))
	if e == nil {
		s.notFound(w, r)
		return
	}
	v, err := s.change(r.Context(), e, func(v *session, now time.Time) error {
		if v.State != stateOpen || v.SettleAt > 0 {
			return nil
		}
		return apply(v, now)
	})
	if errors.Is(err, errOdd) {
		s.odd(w, r)
		return
	}
	if err != nil {
		http.Error(w, "sandbox: try again", http.StatusServiceUnavailable)
		return
	}
	headers(w, v.Return, v.Cancel)
	http.Redirect(w, r, next(v, outcome, chosen(r)), http.StatusSeeOther)
}

// next is where the visitor goes; lang keeps the language that was chosen on the page.
func next(v session, outcome, lang string) string {
	switch {
	case outcome == "cancel" && v.State == stateOpen:
		return v.Cancel
	case (outcome == "step" || outcome == "paid" && v.Secure) && v.State == stateOpen:
		return "/pay/" + v.ID + "/step" + lang
	case outcome == "retry" && v.State == stateOpen:
		return "/pay/" + v.ID + lang
	case v.State == stateOpen && v.SettleAt > 0:
		return "/pay/" + v.ID + "/wait" + lang
	case outcome == "refused" && v.State == stateOpen:
		return "/pay/" + v.ID + lang
	}
	return v.Return
}
