// Package attack attacks the real program, as strangers do: over its sockets, with a payment provider and a mail server
// that it cannot tell from real ones. Each simulation is a row of the table that "make attack" prints; its number is the
// attack's in the project's list of attacks on online stores. A row passes when the effect did not happen and, where a
// refusal is an act, its audit entry was written.
//
// Everything runs on both engines. Sizes grow with STRONGROOM_TEST_ATTACK=full.
package attack

import (
	"context"
	"fmt"
	"os"
	"sort"
	"strings"
	"sync"
	"testing"

	"strongroom/base/db"
	"strongroom/base/db/dbtest"
	"strongroom/tools/rig"
)

// full says whether the sizes of the list of attacks are used instead of those for every day.
var full = os.Getenv("STRONGROOM_TEST_ATTACK") == "full"

func size(everyDay, all int) int {
	if full {
		return all
	}
	return everyDay
}

// simulation is one attack. It returns what it did in a few words.
type simulation struct {
	row  int
	name string
	run  func(t *testing.T, s *site) string
}

// site is the store under attack.
type site struct {
	*rig.Rig
	traces *rig.Collector
	phones *rig.Phones
}

var results struct {
	sync.Mutex
	lines []string
}

func TestMain(m *testing.M) {
	code := m.Run()
	sort.Strings(results.lines)
	if len(results.lines) > 0 {
		fmt.Printf("\n%-4s %-38s %-9s %-6s %s\n", "row", "attack", "engine", "result", "what was done")
		fmt.Println(strings.Join(results.lines, "\n"))
	}
	os.Exit(code)
}

func TestAttacks(t *testing.T) {
	for _, e := range dbtest.Engines() {
		t.Run(string(e), func(t *testing.T) {
			s, all := open(t, e), simulations()
			if full || e == db.SQLite {
				all = append(all, atFirms()...)
			}
			for _, a := range all {
				t.Run(fmt.Sprintf("%02d %s", a.row, a.name), func(t *testing.T) {
					did := a.run(t, s)
					report(a, e, did, !t.Failed())
				})
			}
		})
	}
}

func simulations() []simulation {
	return []simulation{
		{1, "skimmer in a page", skimmer},
		{2, "ways to a foreign host", exfiltration},
		{9, "credential stuffing", stuffing},
		{10, "card testing", cardTesting},
		{10, "card testing by patient people", patientTesting},
		{11, "price and total tampering", tampering},
		{12, "another order's money", anothersMoney},
		{13, "forged notices", forgedNotices},
		{14, "notices replayed and shuffled", replayedNotices},
		{15, "one code redeemed by many at once", codeRace},
		{16, "guessing and stacking codes", codeGuessing},
		{19, "other people's orders", othersOrders},
		{20, "number and e-mail as a key", numberAndMail},
		{21, "poisoned Host header", poisonedHost},
		{22, "theft of a mailed link", tokenTheft},
		{23, "enumeration of accounts", enumeration},
		{24, "pumping of short messages", pumping},
		{25, "SIM swap", simSwap},
		{26, "theft of a session", sessionTheft},
		{27, "takeover by the help desk", helpDesk},
		{28, "bribed staff", bribed},
		{31, "stored scripts in the admin", storedScripts},
		{32, "cross-site requests and framing", crossSite},
		{33, "SQL injection", sqlInjection},
		{34, "script, path, command, template", injection},
		{36, "smuggling and forged headers", smuggling},
		{37, "cache deception and poisoning", cacheDeception},
		{40, "database theft", databaseTheft},
		{41, "erased customer returns", erasedReturns},
		{42, "tampering with the log", logTampering},
		{43, "application-layer flood", flood},
		{44, "hoarding in carts", hoarding},
		{45, "refunds at once and after a chargeback", refundRace},
		{47, "takeover of the set-up", setUpTakeover},
		{48, "formulas in exported files", formulaInjection},
		{49, "account hijack before it exists", hijack},
	}
}

// atFirms are those on a store that takes money by Stripe and PayPal; every day on one engine.
func atFirms() []simulation {
	return []simulation{
		{12, "another order's money at the firms", anothersMoneyAtFirms},
		{13, "forged notices of the firms", forgedAtFirms},
		{14, "notices of the firms replayed", replayedAtFirms},
		{28, "the shop's money to another account", anotherAccount},
	}
}

func report(a simulation, e db.Engine, did string, held bool) {
	word := "held"
	if !held {
		word = "BROKEN"
	}
	results.Lock()
	defer results.Unlock()
	results.lines = append(results.lines, fmt.Sprintf("%-4d %-38s %-9s %-6s %s", a.row, a.name, e, word, did))
}

// open starts a store with a few goods.
func open(t *testing.T, e db.Engine) *site {
	t.Helper()
	traces, phones := rig.StartCollector(t), rig.StartPhones(t)
	env := append(phones.Env, "STRONGROOM_LIMITS_SCALE=1000", "STRONGROOM_TRACE_PERCENT=100", "STRONGROOM_TRACE_ENDPOINT="+traces.Address)
	s := &site{rig.New(t, e, env...), traces, phones}
	csv := "handle,category,title:en,title:de,summary:en,description:en,tax_class,sku,price,weight_g,stock\n" +
		"bowl,tableware,Moss bowl,Moosschale,A bowl,Made by hand.,standard,BOWL-1,34.00,500,1000000\n" +
		"jug,tableware,Salt jug,Salzkrug,A jug,Made by hand.,standard,JUG-1,89.00,900,1000000\n" +
		"lamp,light,Lamp,Lampe,A lamp,Made by hand.,standard,LAMP-1,59.00,900,3\n" +
		"card,paper,Card,Karte,A card,Printed.,standard,CARD-1,1.50,20,1000000\n"
	s.Import(csv)
	s.Start()
	return s
}

// count asks the store's data database for a number.
func (s *site) count(t *testing.T, query string, args ...any) (n int64) {
	t.Helper()
	d, err := db.Open(context.Background(), db.Options{DSN: s.Data, Readers: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = d.Close() }()
	err = d.Read(context.Background(), func(tx *db.Tx) error { return tx.QueryRow(query, args...).Scan(&n) })
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return n
}

// refusals counts the audit entries of an action that was refused.
func (s *site) refusals(t *testing.T, action string) int64 {
	t.Helper()
	return s.count(t, `SELECT COUNT(*) FROM audit_entry WHERE action = $1`, action)
}
