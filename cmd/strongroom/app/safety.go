package app

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"time"

	"strongroom/base/db"
	"strongroom/base/fault"
	"strongroom/base/job"
	"strongroom/guard/audit"
	"strongroom/guard/certificate"
	"strongroom/guard/epoch"
	"strongroom/guard/safety"
	"strongroom/guard/staff"
	"strongroom/guard/vault"
	"strongroom/shop/order"
	"strongroom/shop/post"
)

// openSafety puts the checks of the safety page together. The doctor runs those that need no running store, too.
func (s *Store) openSafety() {
	s.Safety = safety.New(safety.Deps{DB: s.Data, Audit: s.Audit, Clock: s.c.Clock, Checks: s.checks()})
}

func (s *Store) checks() []safety.Check {
	clock := &clockCheck{provider: s.c.Payment.SandboxURL, way: trusting(s.c.Payment.SandboxCA), now: s.c.Clock.Now}
	if s.sandbox != nil {
		clock.provider = "" // it runs in this very program and has the same clock
	}
	return []safety.Check{
		{Group: "people", Name: "owners", Run: s.checkOwners},
		{Group: "people", Name: "dormant", Run: s.checkDormant},
		{Group: "people", Name: "emergency", Run: s.checkEmergency},
		{Group: "payments", Name: "card_testing", Run: s.checkStrict},
		{Group: "keys", Name: "recovery_kit", Run: func(ctx context.Context) (safety.Finding, error) { return checkKit(ctx, s.Vault) }},
		{Group: "keys", Name: "root_key", Run: s.checkRootKey},
		{Group: "keys", Name: "sealed", Run: func(ctx context.Context) (safety.Finding, error) { return checkSealed(ctx, s.Data) }},
		{Group: "keys", Name: "installation", Run: func(ctx context.Context) (safety.Finding, error) { return checkInstallation(ctx, s.Epoch) }},
		{Group: "log", Name: "log_tree", Run: func(ctx context.Context) (safety.Finding, error) {
			return checkTree(ctx, s.Audit, s.c.Clock.Now())
		}},
		{Group: "log", Name: "log_outside", Run: func(ctx context.Context) (safety.Finding, error) {
			return checkOutside(ctx, s.Audit, s.c.Clock.Now())
		}},
		{Group: "payment", Name: "pages", Run: s.checkPages},
		{Group: "payment", Name: "attestations", Run: s.checkAttestations},
		{Group: "payment", Name: "scan", Run: s.checkScan},
		{Group: "outside", Name: "jobs", Run: func(ctx context.Context) (safety.Finding, error) { return checkJobs(ctx, s.Jobs) }},
		{Group: "outside", Name: "mail_waiting", Run: func(ctx context.Context) (safety.Finding, error) {
			return checkMail(ctx, s.Jobs, s.c.Clock.Now())
		}},
		{Group: "outside", Name: "mail_alignment", Run: s.checkAlignment},
		{Group: "outside", Name: "bounces", Run: func(ctx context.Context) (safety.Finding, error) { return checkBounces(ctx, s.Post) }},
		{Group: "outside", Name: "certificate", Run: s.checkCertificate},
		{Group: "outside", Name: "disk", Run: func(context.Context) (safety.Finding, error) { return checkDisk(s.c.Place.Folder) }},
		{Group: "outside", Name: "clock", Run: clock.run},
		{Group: "outside", Name: "payment", Run: s.checkPayment},
		{Group: "outside", Name: "test_mode", Run: s.checkTestMode},
	}
}

func good(found string, p fault.Params) (safety.Finding, error) {
	return safety.Finding{State: safety.Good, Found: found, Params: p}, nil
}

func advice(found, command string, p fault.Params) (safety.Finding, error) {
	return safety.Finding{State: safety.Advice, Found: found, Command: command, Params: p}, nil
}

func bad(found, command string, p fault.Params) (safety.Finding, error) {
	return safety.Finding{State: safety.Wrong, Found: found, Command: command, Params: p}, nil
}

func (s *Store) checkOwners(ctx context.Context) (safety.Finding, error) {
	st, err := s.Staff.Standing(ctx)
	switch {
	case err != nil:
		return safety.Finding{}, err
	case st.Weak > 0 || st.MustEnrol > 0:
		return at("/staff")(bad("weak", "", fault.Params{"n": st.Weak + st.MustEnrol}))
	case st.Owners == 1:
		return at("/staff")(advice("one", "", nil))
	}
	return good("strong", fault.Params{"n": st.Owners})
}

// at adds the page of the desk on which something can be done.
func at(href string) func(safety.Finding, error) (safety.Finding, error) {
	return func(f safety.Finding, err error) (safety.Finding, error) { f.Href = href; return f, err }
}

func (s *Store) checkDormant(ctx context.Context) (safety.Finding, error) {
	st, err := s.Staff.Standing(ctx)
	if err == nil && st.Dormant > 0 {
		return at("/staff")(advice("some", "", fault.Params{"n": st.Dormant}))
	}
	f, _ := good("none", nil)
	return f, err
}

func (s *Store) checkEmergency(ctx context.Context) (st safety.Finding, err error) {
	var x staff.Standing
	if x, err = s.Staff.Standing(ctx); err == nil && x.Glass > 0 {
		return at("/staff")(bad("open", "", fault.Params{"n": x.Glass}))
	}
	f, _ := good("none", nil)
	return f, err
}

// checkKit says whether there is a recovery kit that somebody has checked.
func checkKit(ctx context.Context, v *vault.Vault) (safety.Finding, error) {
	kits, err := v.Kits(ctx)
	if err != nil {
		return safety.Finding{}, err
	}
	for _, k := range kits {
		if !k.Checked.IsZero() {
			return good("checked", fault.Params{"day": k.Checked.Format(time.DateOnly)})
		}
	}
	if len(kits) > 0 {
		return advice("unchecked", "strongroom key check", nil)
	}
	return advice("none", "strongroom key kit", nil)
}

func (s *Store) checkRootKey(ctx context.Context) (safety.Finding, error) {
	place, err := s.Vault.Where(ctx)
	if err != nil {
		return safety.Finding{}, err
	}
	if place == vault.InService {
		return good("service", nil)
	}
	return good("file", nil)
}

// checkSealed says whether personal data was met that its keys do not open.
func checkSealed(ctx context.Context, data *db.DB) (safety.Finding, error) {
	n, err := order.Damaged(ctx, data)
	if err == nil && n > 0 {
		return bad("damaged", "", fault.Params{"n": n})
	}
	f, _ := good("whole", nil)
	return f, err
}

// checkInstallation says whether this is the store itself or a copy of it.
func checkInstallation(_ context.Context, e *epoch.Epoch) (safety.Finding, error) {
	if why := e.Why(); why != "" {
		return advice("copy", "strongroom store release", fault.Params{"why": why})
	}
	return good("original", nil)
}

// unsignedLong is how long the newest head of the log may wait for its signature.
const unsignedLong = 10 * time.Minute

// checkTree says whether the log's tree grows and its head is signed.
func checkTree(ctx context.Context, l *audit.Log, now time.Time) (safety.Finding, error) {
	st, err := l.State(ctx)
	if err != nil {
		return safety.Finding{}, err
	}
	p := fault.Params{"n": int(st.Size)}
	switch {
	case st.Size == 0 && st.Waiting == 0:
		return good("empty", nil)
	case st.Waiting > 0 && st.SignedAt.IsZero(), st.Signed < st.Size && now.Sub(st.SignedAt) > unsignedLong:
		return bad("stands", "strongroom log verify", p)
	}
	return good("grows", p)
}

// outsideLong is how old the newest head at a place outside may be while the log has grown.
const outsideLong = 49 * time.Hour

// checkOutside says whether heads of the log are kept where who rules this machine cannot change them.
func checkOutside(ctx context.Context, l *audit.Log, now time.Time) (safety.Finding, error) {
	st, err := l.State(ctx)
	if err != nil {
		return safety.Finding{}, err
	}
	if len(st.Configured) == 0 {
		return advice("none", "", nil)
	}
	old := 0
	for _, p := range st.Places {
		switch {
		case p.Failure == audit.FailedBehind:
			return at("/log/tree")(bad("behind", "strongroom log verify", fault.Params{"place": p.Place}))
		case p.Size < st.Size && now.Sub(p.At) > outsideLong:
			old++
		}
	}
	if old > 0 {
		return at("/log/tree")(bad("old", "", fault.Params{"n": old}))
	}
	return at("/log/tree")(good("kept", fault.Params{"n": len(st.Configured)}))
}

// checkJobs says whether work failed for good.
func checkJobs(ctx context.Context, q *job.Queue) (safety.Finding, error) {
	counts, err := q.Counts(ctx)
	if err != nil {
		return safety.Finding{}, err
	}
	if n := counts["dead"]; n > 0 {
		return advice("dead", "strongroom job dead", fault.Params{"n": int(n)})
	}
	return good("none", nil)
}

// mailLong is how long a mail may wait before somebody should look at the mail server.
const mailLong = 15 * time.Minute

func checkMail(ctx context.Context, q *job.Queue, now time.Time) (safety.Finding, error) {
	w, err := q.Late(ctx, "letter", now.Add(-mailLong))
	if err != nil {
		return safety.Finding{}, err
	}
	if w.Jobs > 0 {
		return bad("late", "strongroom doctor mail", fault.Params{"n": int(w.Jobs), "minutes": int(now.Sub(w.Oldest).Minutes())})
	}
	return good("none", nil)
}

func (s *Store) checkAlignment(ctx context.Context) (safety.Finding, error) {
	if s.outbox != nil {
		return good("captured", nil)
	}
	return checkAlignment(ctx, s.Post)
}

// checkAlignment says how DNS stood at the last look.
func checkAlignment(ctx context.Context, p *post.Service) (safety.Finding, error) {
	const command = "strongroom doctor mail"
	switch c, err := p.Checked(ctx); {
	case err != nil:
		return safety.Finding{}, err
	case c.At.IsZero():
		return advice("unasked", command, nil)
	case !c.Aligned:
		return advice("apart", command, fault.Params{"summary": c.Summary})
	default:
		return good("aligned", fault.Params{"day": c.At.Format(time.DateOnly)})
	}
}

func checkBounces(ctx context.Context, p *post.Service) (safety.Finding, error) {
	n, err := p.Counts(ctx)
	if err != nil {
		return safety.Finding{}, err
	}
	if n.Stopped > 0 {
		return advice("stopped", "strongroom mail bounces", fault.Params{"n": int(n.Stopped)})
	}
	return good("some", fault.Params{"n": int(n.Bounces)})
}

// checkCertificate says when the first certificate ends.
func (s *Store) checkCertificate(ctx context.Context) (safety.Finding, error) {
	switch {
	case s.c.Demo:
		return good("demo", nil)
	case s.c.Ends == nil:
		return good("proxy", nil)
	}
	all, err := s.c.Ends.Expiries(ctx)
	if err != nil {
		return safety.Finding{}, err
	}
	now, first := s.c.Clock.Now(), certificate.Expiry{}
	for _, e := range all {
		if e.Ends.IsZero() {
			return bad("none", "strongroom doctor", fault.Params{"host": e.Name})
		}
		if first.Ends.IsZero() || e.Ends.Before(first.Ends) {
			first = e
		}
	}
	p := fault.Params{"host": first.Name, "day": first.Ends.Format(time.DateOnly)}
	switch {
	case !first.Ends.After(now):
		return bad("ended", "strongroom doctor", p)
	case certificate.Threshold(first, now) > 0:
		return advice("soon", "strongroom doctor", p)
	}
	return good("lasts", p)
}

// checkDisk says how much room is left.
func checkDisk(folder string) (safety.Finding, error) {
	free, err := DiskFree(folder)
	if err != nil {
		return safety.Finding{}, err
	}
	switch p := (fault.Params{"mib": int(free >> 20), "gib": int(free >> 30)}); {
	case free < roomWrong:
		return bad("full", "", p)
	case free < roomWarn:
		return advice("little", "", p)
	default:
		return good("enough", p)
	}
}

// checkPayment says whether shoppers can pay, and whether the keys still worked when they were tested last.
func (s *Store) checkPayment(ctx context.Context) (safety.Finding, error) {
	broken, err := s.Setup.Broken(ctx)
	switch n := len(s.Payment.Providers()); {
	case err != nil:
		return safety.Finding{}, err
	case broken != "":
		return at("/providers")(bad("broken", "", fault.Params{"name": broken}))
	case n == 0:
		return at("/providers")(bad("none", "", nil))
	default:
		return good("on", fault.Params{"n": n})
	}
}

func (s *Store) checkTestMode(context.Context) (safety.Finding, error) {
	switch {
	case s.c.Demo:
		return good("demo", nil)
	case s.c.Shop.TestMode && !strings.Contains(s.c.Shop.Host(), "localhost"):
		return bad("open", "", nil)
	case s.c.Shop.TestMode:
		return advice("local", "", nil)
	}
	return good("off", nil)
}

// clockCheck holds this machine's clock beside the payment provider's, at most every ten minutes: notices of payments
// are believed for five minutes only.
type clockCheck struct {
	provider string
	way      http.RoundTripper
	now      func() time.Time

	mu    sync.Mutex
	asked time.Time
	off   time.Duration
	err   error
}

const (
	clockEvery = 10 * time.Minute
	clockWrong = time.Minute
)

func (k *clockCheck) run(ctx context.Context) (safety.Finding, error) {
	if k.provider == "" {
		return good("same", nil)
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if now := k.now(); now.Sub(k.asked) >= clockEvery {
		k.asked = now
		k.off, k.err = k.ask(ctx)
	}
	switch {
	case k.err != nil:
		return safety.Finding{}, k.err
	case k.off > clockWrong:
		return bad("off", "", fault.Params{"n": int(k.off.Round(time.Second).Seconds())})
	}
	return good("right", nil)
}

// ask compares with the date of any answer of the provider.
func (k *clockCheck) ask(ctx context.Context) (time.Duration, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodHead, k.provider, nil)
	if err != nil {
		return 0, err
	}
	resp, err := k.way.RoundTrip(req)
	if err != nil {
		return 0, err
	}
	_ = resp.Body.Close()
	theirs, err := http.ParseTime(resp.Header.Get("Date"))
	return k.now().Sub(theirs).Abs(), err
}
