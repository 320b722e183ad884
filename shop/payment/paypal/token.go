package paypal

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"strongroom/shop/payment"
)

// early is how long before its end a token is not used any more.
const early = 2 * time.Minute

// tokens keeps the one access token, in memory only. Whoever needs one while it is being fetched waits for that fetch.
type tokens struct {
	turn  chan struct{} // holds one: whose turn it is
	value string
	ends  time.Time
}

func newTokens() *tokens {
	t := &tokens{turn: make(chan struct{}, 1)}
	t.turn <- struct{}{}
	return t
}

// take waits for the turn, as long as the caller has time.
func (t *tokens) take(ctx context.Context) error {
	select {
	case <-t.turn:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("%w: %w", payment.ErrTemporary, ctx.Err())
	}
}

func (t *tokens) give() { t.turn <- struct{}{} }

// access returns a token that is good for a while, and asks for a new one if refused is the one that we have.
func (g *Gateway) access(ctx context.Context, refused string) (string, error) {
	t := g.token
	if err := t.take(ctx); err != nil {
		return "", err
	}
	defer t.give()
	if t.value != "" && t.value != refused && g.o.Clock.Now().Before(t.ends) {
		return t.value, nil
	}
	a, err := g.askToken(ctx, g.o.BaseURL)
	if err != nil {
		return "", err
	}
	t.value = a.Token
	t.ends = g.o.Clock.Now().Add(max(time.Duration(a.Seconds)*time.Second-early, 0))
	return t.value, nil
}

type tokenAnswer struct {
	Token   string `json:"access_token"`
	Type    string `json:"token_type"`
	Scope   string `json:"scope"`
	Seconds int64  `json:"expires_in"`
}

// askToken exchanges client id and secret for a token, at one of the two modes.
func (g *Gateway) askToken(ctx context.Context, base string) (tokenAnswer, error) {
	var a tokenAnswer
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, base+"/v1/oauth2/token", strings.NewReader("grant_type=client_credentials"))
	if err != nil {
		return a, fmt.Errorf("%w: %w", payment.ErrRejected, err)
	}
	r.SetBasicAuth(g.o.ClientID, g.o.Secret)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Accept", "application/json")
	answer, err := g.http.Do(r)
	if err != nil {
		return a, unanswered(err)
	}
	defer func() { _ = answer.Body.Close() }()
	raw, err := io.ReadAll(io.LimitReader(answer.Body, maxAnswer))
	switch {
	case err != nil:
		return a, unanswered(err)
	case answer.StatusCode == http.StatusUnauthorized || answer.StatusCode == http.StatusBadRequest:
		return a, fmt.Errorf("%w: PayPal does not know the client id or its secret", payment.ErrRejected)
	case answer.StatusCode != http.StatusOK:
		return a, refused(answer.StatusCode, raw)
	}
	if json.Unmarshal(raw, &a) != nil || a.Token == "" || len(a.Token) > 8192 || !strings.EqualFold(a.Type, "Bearer") || !printable(a.Token) {
		return a, fmt.Errorf("%w: the token cannot be read", payment.ErrTemporary)
	}
	return a, nil
}
