package payment

import (
	"context"
	"log/slog"
	"net/http"
)

// Maker builds a provider's gateway of what was pasted in the admin. The makers of the program are listed where it is
// wired, by the name that their gateways have.
type Maker struct {
	Label  string  // for people
	Fields []Field // what is asked for; their words stand under "provider.<maker>_<field>" and the same with "_hint"
	// Check looks at what was pasted before anybody is asked, and names the first field that is wrong with the message
	// key of what is; empty words if nothing is. store is the mode of the store. It may be nil.
	Check func(settings map[string]string, store Mode) (field, key string)
	// New builds the gateway. Before the account is known (Env.Account) it is asked for nothing but Inspect.
	New func(settings map[string]string, e Env) (Gateway, error)
	// Sample are values to paste while trying out, which the page shows: the demo's, which open nothing else. "secret" is
	// that of notices.
	Sample map[string]string
	// NoticeByRef says that notices are verified by asking: what is pasted for them is the name of their address, no secret.
	NoticeByRef bool
	// Lacks says in a word what the shop itself lacks for it; its words stand under "provider.missing_" and the word. It may
	// be nil.
	Lacks func(ctx context.Context) (word string, err error)
	// Inside marks a method without a provider: nobody is asked, nobody sends notices, and there is nothing to try.
	Inside bool
}

// Field is one thing that is pasted or typed.
type Field struct {
	Name     string // a lower-case word
	Secret   bool   // never shown again but for its last four characters
	Optional bool
	Max      int // characters; 0 means 300
	// Choices are words of which some are chosen, instead of typing: they come as one text with blanks between them. Their
	// names stand under "payment.method_" and the word.
	Choices []string
}

// Env is what an engine is told beside its settings.
type Env struct {
	Mode      Mode     // of the store: engines refuse keys of the other one
	Account   string   // as the provider named it when the keys were tested; empty until then
	NoticeRef string   // the provider's name of the notice address
	Secrets   []string // that notices are verified with, the newest first
	// Way goes around the engine's way outside, so that the provider's clock can be held beside ours. It may be nil.
	Way func(http.RoundTripper) http.RoundTripper
	Log *slog.Logger
}

// Through is the way outside with whatever Env puts around it.
func (e Env) Through(way http.RoundTripper) http.RoundTripper {
	if e.Way == nil {
		return way
	}
	return e.Way(way)
}

// Secret is the newest notice secret, or one that fits nothing: an engine can be built before notices are set up.
func (e Env) Secret() []string {
	if len(e.Secrets) == 0 {
		return []string{newReference()}
	}
	return e.Secrets
}
