package tour

// SecondWay sets the demo's second way to pay up at the desk, the way a shopkeeper does: the keys that the demo shows are
// pasted, notices set up, a payment of one's own made, and it is switched on.
func SecondWay(g *Guide, at Stop) {
	g.Fail.Helper()
	g.Goto(g.Desk("/providers"))
	at("providers")
	g.Follow(`a[href="/new-provider/dune_bank"]`)
	if !g.Has("#f-paste-key") { // it has been a while since who asks proved who she is
		g.Press("admin.passkey_use")
	}
	at("provider-keys")
	sample := g.Texts(".aside .pairs dd")
	if len(sample) < 2 {
		g.Fail.Fatalf("the demo shows no keys to try with: %s", g.Text("main"))
	}
	g.Fill("#f-paste-account", sample[0])
	g.Fill("#f-paste-key", "sk_live_"+sample[1])
	g.Press("provider.paste_go")
	g.Say(g.T("provider.mode_live"))
	at("provider-live-key")
	if g.Value("#f-paste-account") != sample[0] || g.Value("#f-paste-key") != "" {
		g.Fail.Fatalf("the account is gone, or the key was given back")
	}
	g.Fill("#f-paste-key", sample[1])
	g.Press("provider.paste_go")
	g.Say(g.T("provider.keys_work"))
	if g.Sees(sample[1]) {
		g.Fail.Fatalf("the key is shown again")
	}
	at("provider-tested")
	if g.Has(`form[action$="/notices"] button`) {
		g.Follow(`form[action$="/notices"] button`)
	} else {
		g.Fill("#f-paste-secret", g.Text("details .num"))
		g.Press("provider.notices_keep")
	}
	g.Say(g.T("admin.done_provider_notices"))
	g.Press("provider.trial_go")
	at("provider-trial")
	g.Follow(`#h-trial ~ * a[href^="` + g.Demo.Sandbox + `"], section:has(#h-trial) a[href^="` + g.Demo.Sandbox + `"]`)
	g.Hosted()
	g.Choose("paid")
	// By way of a page that only brings the cookies: the choice above may have seen that one last, or the desk itself.
	g.Wait("the desk, and the test payment that came back",
		`document.readyState === "complete" && document.querySelector('form[action$="/on"]') && !document.querySelector("#f-anyway")`)
	if !g.Seen() {
		g.Loaded()
	}
	at("provider-whole")
	g.Press("provider.on_go")
	g.Say(g.T("admin.done_provider_on"))
	at("provider-on")
}
