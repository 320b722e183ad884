// Package twilio sends short messages through Twilio's Messages resource.
//
// A message is a form posted to /2010-04-01/Accounts/{account}/Messages.json, signed in with an API key (which can be
// revoked by itself, unlike the account's token). One sending takes at most Config.Timeout. Answers fall into three:
// taken, refused for good (a wrong number, a country that is switched off, somebody who answered STOP), and to be
// tried again.
//
// Twilio knows no idempotency key for messages. What it has is its list: when nobody knows whether a message was taken
// (the line broke after it was sent), or when Message.Again says that an earlier try may have gone out, the list of
// today's messages to that number is asked for one with the same text before anything is sent twice.
package twilio

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"strongroom/base/clock"
	"strongroom/base/fault"
	"strongroom/base/sms"
)

// Origin is where Twilio's interface stands.
const Origin = "https://api.twilio.com"

const (
	version    = "/2010-04-01/Accounts/"
	answerMost = 1 << 20
	validFor   = "600" // seconds after which an undelivered message is dropped: codes are void by then
	listSize   = "20"
)

// Config names account, key and sender.
type Config struct {
	Account   string // "AC..."
	Key       string // API key "SK...", or the account again with its token as Secret
	Secret    string
	From      string // the sending number in E.164, or empty when Service is set
	Service   string // messaging service "MG..."
	Origin    string // default Origin; another one in tests
	Timeout   time.Duration
	Clock     clock.Clock
	Transport http.RoundTripper // nil but in tests
}

// Sender sends through one account.
type Sender struct {
	c      Config
	client *http.Client
}

// New checks the configuration.
func New(c Config) (*Sender, error) {
	switch {
	case !named(c.Account, "AC") || !named(c.Key, "SK") && !named(c.Key, "AC") || c.Secret == "":
		return nil, errors.New("sms: Twilio's account (AC...), an API key (SK...) and its secret are needed")
	case (c.From == "") == (c.Service == ""):
		return nil, errors.New("sms: either the sending number or a messaging service is needed")
	case c.From != "" && !sms.Number(c.From):
		return nil, errors.New("sms: the sending number must be in the form +491701234567")
	case c.Service != "" && !named(c.Service, "MG"):
		return nil, errors.New("sms: a messaging service's name begins with MG")
	}
	if c.Origin == "" {
		c.Origin = Origin
	}
	if c.Timeout <= 0 {
		c.Timeout = 10 * time.Second
	}
	if c.Clock == nil {
		c.Clock = clock.System()
	}
	return &Sender{c: c, client: &http.Client{Transport: c.Transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}, nil
}

// named says whether s is one of Twilio's names: two letters for the sort and 32 hexadecimal digits.
func named(s, sort string) bool {
	hex, ok := strings.CutPrefix(s, sort)
	return ok && len(hex) == 32 && strings.Trim(hex, "0123456789abcdef") == ""
}

// Send hands the message to Twilio.
func (s *Sender) Send(ctx context.Context, m sms.Message) (err error) {
	defer fault.Wrap(&err, "sms: twilio")
	if err := m.Check(); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, s.c.Timeout)
	defer cancel()
	if m.Again {
		if sent, err := s.listed(ctx, m); sent || err != nil {
			return err
		}
	}
	err = s.post(ctx, m)
	if !errors.Is(err, errUnclear) {
		return err
	}
	// The time of the first request may be used up; the look has its own.
	look, done := context.WithTimeout(context.WithoutCancel(ctx), s.c.Timeout)
	defer done()
	if sent, _ := s.listed(look, m); sent {
		return nil
	}
	return err
}

// Probe asks for the account, for the doctor: are key and secret right?
func (s *Sender) Probe(ctx context.Context) (err error) {
	defer fault.Wrap(&err, "sms: twilio")
	ctx, cancel := context.WithTimeout(ctx, s.c.Timeout)
	defer cancel()
	_, err = s.do(ctx, http.MethodGet, version+s.c.Account+".json", nil)
	return err
}

func (s *Sender) post(ctx context.Context, m sms.Message) error {
	form := url.Values{"To": {m.To}, "Body": {m.Text}, "ValidityPeriod": {validFor}}
	if s.c.Service != "" {
		form.Set("MessagingServiceSid", s.c.Service)
	} else {
		form.Set("From", s.c.From)
	}
	body, err := s.do(ctx, http.MethodPost, s.messages(), form)
	if err != nil {
		return err
	}
	var made message
	if json.Unmarshal(body, &made) != nil || made.SID == "" {
		return errUnclear
	}
	return made.outcome()
}

func (s *Sender) messages() string { return version + s.c.Account + "/Messages.json" }

// message is what Twilio says of one.
type message struct {
	SID       string `json:"sid"`
	Status    string `json:"status"`
	Body      string `json:"body"`
	ErrorCode *int   `json:"error_code"`
}

// outcome reads the status: what is on its way counts as sent.
func (m message) outcome() error {
	switch m.Status {
	case "accepted", "scheduled", "queued", "sending", "sent", "delivered", "read":
		return nil
	case "failed", "undelivered", "canceled":
		code := 0
		if m.ErrorCode != nil {
			code = *m.ErrorCode
		}
		return sms.Refused(fmt.Errorf("status %s, code %d", m.Status, code))
	}
	return errUnclear
}

// listed looks whether a message with this text went to the number since yesterday.
func (s *Sender) listed(ctx context.Context, m sms.Message) (bool, error) {
	day := s.c.Clock.Now().Add(-12 * time.Hour).UTC().Format(time.DateOnly)
	q := url.Values{"To": {m.To}, "DateSent>": {day}, "PageSize": {listSize}}
	body, err := s.do(ctx, http.MethodGet, s.messages()+"?"+q.Encode(), nil)
	if err != nil {
		return false, err
	}
	var page struct {
		Messages []message `json:"messages"`
	}
	if json.Unmarshal(body, &page) != nil {
		return false, errUnclear
	}
	for _, k := range page.Messages {
		if k.Body == m.Text && k.outcome() == nil {
			return true, nil
		}
	}
	return false, nil
}

// errUnclear says that nobody knows whether the message was taken.
var errUnclear = errors.New("no clear answer")

// do sends a request and sorts the answer.
func (s *Sender) do(ctx context.Context, method, path string, form url.Values) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, method, s.c.Origin+path, strings.NewReader(form.Encode()))
	if err != nil {
		return nil, err
	}
	req.SetBasicAuth(s.c.Key, s.c.Secret)
	req.Header.Set("Accept", "application/json")
	if form != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	res, err := s.client.Do(req)
	if err != nil {
		return nil, broken(err)
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(res.Body, answerMost))
	if err != nil {
		return nil, errUnclear
	}
	if res.StatusCode == http.StatusOK || res.StatusCode == http.StatusCreated {
		return body, nil
	}
	return nil, refusal(res.StatusCode, body)
}

// broken tells a line that never came to be from one that broke in the middle. Neither error repeats the address,
// which may hold the number.
func broken(err error) error {
	var op *net.OpError
	if errors.As(err, &op) && op.Op == "dial" {
		return errors.New("no connection")
	}
	return errUnclear
}
