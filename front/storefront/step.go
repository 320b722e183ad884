package storefront

import (
	"net/http"
	"strconv"
	"time"

	"strongroom/base/fault"
	"strongroom/base/id"
	"strongroom/base/web"
	"strongroom/front/parts"
	"strongroom/shop/fraud"
	"strongroom/shop/order"
)

// deviceCookie holds a random number and nothing else. By it the store knows again in which browser cards were declined
// or paid; it stores a keyed hash of the number (docs/fraud.md).
var deviceCookie = web.Cookie{Name: "__Host-device", MaxAge: 180 * 24 * time.Hour}

// deviceToken is the number of the browser; empty if it has none.
func deviceToken(r *http.Request) id.Token {
	t, err := id.ParseToken(deviceCookie.Get(r))
	if err != nil {
		return ""
	}
	return t
}

// markDevice gives the browser its number when a checkout begins, or lets it keep it for longer.
func markDevice(w http.ResponseWriter, r *http.Request) {
	t := deviceToken(r)
	if t == "" {
		t = id.NewToken()
	}
	deviceCookie.Set(w, t.Clear())
}

// buyer is what the request says of who buys.
func buyer(r *http.Request) order.Buyer {
	b := order.Buyer{From: web.Client(r.Context()), Device: deviceToken(r)}
	if who := whoOf(r); who != nil {
		b.Account = who.Actor().ID
	}
	return b
}

// stepPage is the page of the extra step before payment.
type stepPage struct {
	*parts.Page
	Token               pair
	Riddle, Count, Bits string
	Script, Email       string
	Sent                bool
}

// stepShow is the extra step before payment. It is the only page of the checkout with a script, of our own, and it holds
// no field in which anything could be typed.
func (s *Storefront) stepShow(code string) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		return s.stepSend(w, r, code, nil)
	}
}

func (s *Storefront) stepSend(w http.ResponseWriter, r *http.Request, code string, wrong *fault.Error) error {
	visit := visitToken(r)
	v, err := s.Order.Open(r.Context(), visit)
	if err != nil {
		return err
	}
	riddle, err := s.Order.Riddle(r.Context(), visit)
	if err != nil {
		return err
	}
	if riddle == "" || !v.CanPay {
		return web.Redirect(w, "/"+code+"/order")
	}
	head, err := s.page(r, code, "shop.step_title", "/order/step")
	if err != nil {
		return err
	}
	head.Quiet, head.NoScript = true, true // the frame's own scripts have no business here
	status := http.StatusOK
	if wrong != nil {
		head.Problems, status = []parts.Problem{{Text: head.P.Fault(wrong)}}, http.StatusUnprocessableEntity
	}
	p := &stepPage{Page: head, Token: s.formToken(r, visit), Riddle: riddle, Count: strconv.Itoa(fraud.Riddles),
		Bits: strconv.Itoa(fraud.RiddleBits), Script: s.Assets.Path("step.js"), Email: v.Details.Email, Sent: r.URL.Query().Get("done") == "mail"}
	s.paying().Set(w.Header())
	web.NoStore(w)
	return send(w, r, status, stepView(p))
}

// stepTake takes the answer and leads on to the payment.
func (s *Storefront) stepTake(code string) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		visit := visitToken(r)
		f, err := s.readForm(r, visit)
		if err != nil {
			return err
		}
		err = s.Order.TakeStep(r.Context(), visit, f.Typed("answer"))
		if fault.Is(err, fault.Invalid) {
			return s.stepSend(w, r, code, fault.As(err))
		}
		if err != nil {
			return err
		}
		s.private(w, s.paying())
		return s.toProvider(w, r, code, visit, "")
	}
}

// stepMail mails the order's link: who comes through it can pay without the step.
func (s *Storefront) stepMail(code string) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		visit := visitToken(r)
		if _, err := s.readForm(r, visit); err != nil {
			return err
		}
		if err := s.Order.MailLink(r.Context(), visit); err != nil {
			return err
		}
		v, err := s.Order.Open(r.Context(), visit)
		if err != nil {
			return err
		}
		if v.Stop == fraud.Waiting {
			return web.Redirect(w, "/"+code+"/order?done=mail")
		}
		return web.Redirect(w, "/"+code+"/order/step?done=mail")
	}
}

// stopped leads to what the defence wants before an order can be paid, and says whether err was of that sort.
func stopped(w http.ResponseWriter, code string, err error) (done bool, _ error) {
	switch f := fault.As(err); {
	case f == nil:
		return false, err
	case f.Key == fraud.ErrStep.Key:
		return true, web.Redirect(w, "/"+code+"/order/step")
	case f.Key == fraud.ErrHeld.Key, f.Key == fraud.ErrWaiting.Key:
		return true, web.Redirect(w, "/"+code+"/order")
	}
	return false, err
}
