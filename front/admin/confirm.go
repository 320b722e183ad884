package admin

import (
	"net/http"
	"slices"

	"strongroom/base/fault"
	"strongroom/base/id"
	"strongroom/guard/identity"
)

// proof says what a page that asks for one is about.
type proof struct{ Post, Title, Text string }

// proofPage offers the ways in which somebody can show that it is her.
type proofPage struct {
	*page
	Proof   proof
	Attempt string
	Choices []identity.Method
	Options string
	Token   string // of the ceremony
	Kept    kept
	Wrong   string
	Back    bool // there is a session that can be left
}

// Offers says whether a method can be used.
func (p *proofPage) Offers(m identity.Method) bool { return slices.Contains(p.Choices, m) }

// confirmShow is the page for who wants to confirm before she begins.
func (a *Admin) confirmShow(c *call) error { return a.askProof(c, kept{Path: "/"}) }

// askProof begins a step-up, or the unlocking of a session that was idle; both are proven in the same way.
func (a *Admin) askProof(c *call, k kept) error { return a.askProofAgain(c, k, "") }

func (a *Admin) askProofAgain(c *call, k kept, wrong string) error {
	step, err := a.Identity.BeginStepUp(c.r.Context(), c.sess, c.v)
	if err != nil {
		return err
	}
	return a.showProof(c, a.asked(c), step, k, wrong)
}

// asked are the words of the page: a locked session, or an act that wants more.
func (a *Admin) asked(c *call) proof {
	if c.sess.Locked {
		return proof{"/confirm", "admin.unlock", "admin.unlock_text"}
	}
	return proof{"/confirm", "admin.confirm", "admin.confirm_text"}
}

// showProof shows what can be proven, with the passkey first.
func (a *Admin) showProof(c *call, pr proof, step identity.Step, k kept, wrong string) error {
	p := &proofPage{page: a.page(c, c.site.T(pr.Title)), Proof: pr, Attempt: clearOf(step.Attempt), Choices: step.Choices, Kept: k,
		Wrong: wrong, Back: c.sess.ID != (id.ID{})}
	p.Out, p.Rail = true, nil
	if p.Offers(identity.PasskeyMethod) {
		ceremony, err := a.Identity.BeginFactorPasskey(c.r.Context(), step.Attempt, c.v)
		if err != nil {
			return err
		}
		p.Options, p.Token = string(ceremony.Options), clearOf(ceremony.Token)
	}
	return a.show(c, proofStatus(c), proofView(p))
}

// proofStatus is with which status a proof is asked for. A form that was not carried out was refused; whoever merely
// opened a page is shown another one first, and nothing was refused.
func proofStatus(c *call) int {
	if c.r.Method == http.MethodPost {
		return http.StatusForbidden
	}
	return http.StatusOK
}

// confirm takes a proof for the session. Its token is new afterwards (V7.2.4).
func (a *Admin) confirm(c *call) error {
	k := keptOf(c.form)
	step, err := a.prove(c)
	switch {
	case err == nil && step.Need == identity.Done:
		sessionCookie.Set(c.w, step.Session.Clear())
		return a.resume(c, k)
	case err == nil:
		return a.showProof(c, a.asked(c), step, k, "")
	case !refused(err):
		return err
	}
	said := c.site.P.Fault(fault.As(err))
	step, serr := a.Identity.Step(c.r.Context(), c.form.Token("attempt"), c.v)
	if serr != nil || step.Need != identity.Factor {
		return a.askProofAgain(c, k, said)
	}
	return a.showProof(c, a.asked(c), step, k, said)
}
