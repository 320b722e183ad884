package tour

import "strings"

// House walks past the pages of who works in the shop, what they did, and how the store stands. It needs a demo that
// nobody has set up yet.
func House(g *Guide, stop Stop) {
	g.Fail.Helper()
	at := func(name string) { stop("house-" + name) }
	SetUp(g, 0, func(string) {})
	g.Goto(g.Desk("/staff"))
	at("staff-alone")
	g.Staff(at)
	g.Emergency(at)
	g.Log(at)
	g.Goto(g.Desk("/safety"))
	at("safety")
	g.Goto(g.Desk("/staff"))
	at("staff")
}

// Invite has somebody invited and returns the link of her mail.
func (g *Guide) Invite(name, email, role, ends string) (link string) {
	g.Fail.Helper()
	g.Goto(g.Desk("/staff/new"))
	g.Fill("#f-name", name)
	g.Fill("#f-email", email)
	g.Click(`input[name=role][value="` + role + `"]`)
	if ends != "" {
		g.Eval(`document.querySelector("#f-ends").value = `+quoted(ends), nil)
	}
	g.Press("admin.invite_go")
	if strings.HasPrefix(g.Title(), g.T("admin.confirm")) {
		g.Prove()
	}
	g.Seated("/staff")
	links := g.Mail(email, "letters.staff.invitation.subject").Links("/enter/")
	if len(links) != 1 {
		g.Fail.Fatalf("the invitation has %d links", len(links))
	}
	return links[0]
}

// Staff walks through inviting somebody, her page, and roles.
func (g *Guide) Staff(at Stop) {
	g.Fail.Helper()
	g.Goto(g.Desk("/staff/new"))
	at("invite")
	g.Press("admin.invite_go")
	at("invite-wrong")
	link := g.Invite("Max Moor", "max@kiln-orchard.example", "manager", "")
	at("staff-invited")
	g.Goto(link)
	at("invitation")
	g.Goto(g.Desk("/staff"))
	g.FollowText("Max Moor")
	at("person")
	g.Goto(g.Desk("/roles"))
	at("roles")
	g.Press("admin.role_new")
	at("role-new")
	g.Press("admin.save")
	at("role-wrong")
	g.Fill("#f-name", "Sunday shift")
	g.Click("#f-may-order-view")
	g.Click("#f-may-order-pack")
	g.Press("admin.save")
	g.Seated("/roles")
	at("roles-own")
	g.FollowText(g.T("admin.role_edit") + ": Sunday shift")
	at("role")
}

// Emergency walks through break-glass access.
func (g *Guide) Emergency(at Stop) {
	g.Fail.Helper()
	g.Goto(g.Desk("/glass"))
	at("glass")
	g.Fill("#f-reason", "too short")
	g.Press("admin.glass_go")
	at("glass-wrong")
	g.Fill("#f-reason", "The warehouse burns and nobody else can be reached.")
	g.Press("admin.glass_go")
	at("glass-open")
	g.Press("admin.glass_end")
	g.Seated("/glass")
}

// Log walks through the audit log.
func (g *Guide) Log(at Stop) {
	g.Fail.Helper()
	g.Goto(g.Desk("/log"))
	at("log")
	g.Goto(g.Desk("/log?action=staff.invite&outcome=failed"))
	at("log-none")
	g.Goto(g.Desk("/log?id=nonsense"))
	at("log-wrong")
	g.Goto(g.Desk("/log?action=staff.break_glass"))
	g.Follow("tbody a")
	at("entry")
	g.Press("admin.reveal_go")
	at("entry-clear")
	g.Goto(g.Desk("/log/tree"))
	at("tree")
}
