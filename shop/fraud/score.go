package fraud

import (
	"time"

	"strongroom/base/money"
)

// facts are everything that points are given for. Nothing in them asks a clock or a database, so that scoring is a pure
// function and can be run again over what was kept.
type facts struct {
	device, contact, network tally
	noDevice                 bool
	known                    bool
	listed                   int  // 1 on the allow list, -1 on the block list
	disposable               bool // address of a house that gives them away
	mismatch                 bool // delivery and billing in two countries
	hasty                    bool // faster than people type
	dear                     bool // much money
	watched                  bool // of the sort that most attempts of an attack are of
	crowd                    int64
}

// Limits of single facts. The points they give are below.
const (
	hasteDetails = 2 * time.Second
	hasteCart    = 6 * time.Second
	dearFrom     = money.Amount(100_000)
)

// score gives points. An order of somebody who has paid before starts below zero; whoever only has no history starts
// at zero, because every good customer once did.
func score(f facts) (list []Reason) {
	add := func(word string, points int64) {
		if points != 0 {
			list = append(list, Reason{word, points})
		}
	}
	if f.listed < 0 {
		add("blocked", 200)
	}
	if f.listed > 0 {
		add("allowed", -200)
	}
	add("history", -history(f))
	add("device_declines", steps(f.device.bad()-2*f.device.paid, 3, 30, 6, 60, 10, 100))
	add("contact_declines", steps(f.contact.bad()-2*f.contact.paid, 3, 30, 6, 60, 10, 100))
	add("network_declines", steps((f.network.bad()-2*f.network.paid)/max(f.crowd, 1), 8, 25, 16, 45, 40, 75))
	add("device_open", steps(f.device.opened-3*f.device.paid, 6, 15, 10, 40, 20, 75))
	add("device_abandoned", steps(f.device.left()-3*f.device.paid, 4, 15, 8, 40, 15, 75))
	add("contact_abandoned", steps(f.contact.left()-3*f.contact.paid, 4, 15, 8, 40, 15, 75))
	add("many_names", steps(f.device.names-2*f.device.paid, 4, 15, 8, 40, 20, 75))
	if f.device.disputed+f.contact.disputed > 0 {
		add("disputed", 45)
	}
	if f.disposable {
		add("disposable", 15)
	}
	if f.mismatch {
		add("two_countries", 8)
	}
	if f.hasty {
		add("hasty", 6)
	}
	if f.noDevice {
		add("no_device", 4)
	}
	if f.dear && f.newcomer() {
		add("dear", 8)
	}
	if f.watched && f.newcomer() {
		add("strict_times", 40)
	}
	return list
}

// newcomer says whether nobody of this browser, address or account has paid here before. A network is no person.
func (f facts) newcomer() bool {
	return !f.known && f.device.paid <= 0 && f.contact.paid <= 0 && f.listed <= 0
}

func history(f facts) int64 {
	n := 15*min(f.device.paid, 2) + 15*min(f.contact.paid, 2)
	if f.known {
		n = max(n, 30)
	}
	return min(n, 40)
}

// steps gives the points of the highest step that n reaches; the steps come as pairs of a bound and its points.
func steps(n int64, pairs ...int64) (points int64) {
	for i := 0; i+1 < len(pairs); i += 2 {
		if n >= pairs[i] {
			points = pairs[i+1]
		}
	}
	return points
}
