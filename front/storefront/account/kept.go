package account

import (
	"encoding/json"
	"net/http"
	"strings"

	"strongroom/base/web"
	"strongroom/guard/identity"
)

// kept is what was typed into a form that came too late for its fresh proof. It waits in the page that asks for the
// proof and stands in the form again afterwards. Nothing of it is stored, and secrets are never among it.
type kept map[string]string

const keptField = "kept"

// mostKept bounds what waits.
const mostKept = 8 << 10

// keep takes what may wait out of a form.
func keep(f *web.Form) kept {
	k, size := kept{}, 0
	for _, name := range f.Names() {
		v := f.Typed(name)
		if size += len(name) + len(v); v != "" && !secretField(name) && size < mostKept {
			k[name] = v
		}
	}
	return k
}

// secretField says whether a field is never shown again: tokens, and what somebody proves who she is with. V14.2.6.
func secretField(name string) bool {
	switch name {
	case web.TokenField, keptField, "password", "current", "code", "ceremony", "response":
		return true
	}
	return strings.HasPrefix(name, "proof-")
}

// keptIn reads what a page that asked for a proof brought along; nil if nothing.
func keptIn(f *web.Form) (k kept) {
	text := f.Typed(keptField)
	if text == "" || len(text) > 2*mostKept || json.Unmarshal([]byte(text), &k) != nil {
		return nil
	}
	for name := range k {
		if secretField(name) {
			delete(k, name)
		}
	}
	return k
}

// String is what the hidden field holds; "" if nothing waits.
func (k kept) String() string {
	if len(k) == 0 {
		return ""
	}
	b, err := json.Marshal(map[string]string(k))
	if err != nil {
		return ""
	}
	return string(b)
}

// proveFirst asks for a fresh proof. A form that was sent too late loses nothing: it comes back filled in.
func (x *visit) proveFirst() error {
	if x.r.Method != http.MethodPost {
		return x.redirect("/account/prove?to=" + wordOf(x.r))
	}
	f, err := x.form()
	if err != nil {
		return err
	}
	return x.proveFor(f, wordOf(x.r))
}

// signInFirst leads whoever has no session to the sign-in page, and then back. A form that was sent when its session had
// ended loses nothing either.
func (x *visit) signInFirst() error {
	if x.r.Method != http.MethodPost {
		return x.redirect("/account/sign-in?to=" + wordOf(x.r))
	}
	f, err := x.form()
	if err != nil {
		return err
	}
	x.kept = keep(f)
	return x.signInPage(wordOf(x.r), "", identity.ErrNoSession)
}

// proveFor asks for a proof, and leads to the room with its form filled in.
func (x *visit) proveFor(f *web.Form, room string) error {
	step, err := x.Identity.BeginStepUp(x.r.Context(), x.sess, x.v)
	if err != nil {
		return err
	}
	x.kept = keep(f)
	return x.follow(step, aimProve, room)
}

// resume shows the form of a page again, with what was typed before the proof.
func (x *visit) resume(to string) error {
	show, ok := rooms()[to]
	if !ok {
		return x.redirect(pathOf(to))
	}
	if in, err := x.check(); err != nil || !in {
		return orNoSession(err)
	}
	if x.sess.Level != identity.Full || x.Identity.RequireStepUp(x.sess, identity.StepUpFor) != nil {
		return x.redirect(pathOf(to))
	}
	x.resumed = true
	return show(x)
}

// rooms are the pages whose forms come back filled in after a proof.
func rooms() map[string]handler {
	return map[string]handler{"passkeys": (*visit).passkeysShow, "phone": (*visit).phoneShow, "words": (*visit).wordsShow, "email": (*visit).emailShow,
		"profile": (*visit).profileShow, "address": func(x *visit) error { return x.addressPage(x.kept["of"], typedAddress(web.NewForm(x.kept)), nil) }}
}
