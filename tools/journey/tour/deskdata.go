package tour

// outward walks through the pages on which data leave the shop, people are erased and keys destroyed. The owner is alone,
// so that nothing of it happens before a day has gone by.
func outward(g *Guide, numbers []string, at Stop) {
	g.Fail.Helper()
	g.Goto(g.Desk("/data"))
	at("data-numbers")
	g.Goto(g.Desk("/data/people"))
	at("data-people")
	g.AskForPeople("The books move to another program.")
	at("approvals")
	g.Goto(g.Desk("/data/people"))
	at("data-people-waiting")
	g.Goto(g.Desk("/data/person"))
	at("data-person")
	g.Fill("#f-whom", numbers[0])
	g.Press("admin.person_plan")
	at("data-person-plan")
	g.Goto(g.Desk("/data/keys"))
	at("data-keys")
}

// AskForPeople asks for a file with all orders of this year, and proves who asks if it has been a while.
func (g *Guide) AskForPeople(why string) {
	g.Fail.Helper()
	g.Goto(g.Desk("/data/people"))
	g.Eval(`document.querySelector("#f-from").value = document.querySelector("#f-until").value = new Date().toISOString().slice(0, 10)`, nil)
	g.Fill("#f-reason", why)
	g.Press("admin.people_go")
	if g.Path() == "/data/people" && g.Title() != g.P.T("admin.data_people") {
		g.Prove()
	}
	g.Seated("/approvals")
}
