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
	// mostHearsay is what others can bring about: whoever types a stranger's address, or shares a network with her, may have
	// her take a step and no more.
	mostHearsay = 65
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
	left := int64(mostHearsay)
	hearsay := func(word string, points int64) {
		points = min(points, left)
		left -= points
		add(word, points)
	}
	add("device_declines", steps(f.device.bad()-2*f.device.good(), 3, 30, 6, 60, 10, 100))
	hearsay("contact_declines", steps(f.contact.bad()-2*f.contact.good(), 3, 30, 6, 45, 10, 60))
	hearsay("network_declines", steps((f.network.bad()-2*f.network.good())/max(f.crowd, 1), 8, 25, 16, 45, 40, 60))
	add("device_open", steps(f.device.opened-3*f.device.good(), 6, 15, 10, 40, 20, 75))
	add("device_abandoned", steps(f.device.left()-3*f.device.good(), 4, 15, 8, 40, 15, 75))
	hearsay("contact_abandoned", steps(f.contact.left()-3*f.contact.good(), 4, 15, 8, 40))
	add("many_names", steps(f.device.names-2*f.device.good(), 4, 15, 8, 40, 20, 75))
	switch {
	case f.device.disputed > 0:
		add("disputed", 45)
	case f.contact.disputed > 0:
		hearsay("disputed", 45)
	}
	hearsay("network_disputed", steps((4*f.network.disputed-f.network.paid/5)/max(f.crowd, 1), 4, 10, 12, 20))
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

// newcomer says whether nobody of this browser or account has paid here before. A network is no person, and an address
// proves nothing: anybody can type that of a customer. Through the link in her mail it does (gate.go).
func (f facts) newcomer() bool {
	return f.listed <= 0 && (f.disputed() || !f.known && f.device.good() <= 0)
}

// disputed says whether a payment of this browser or address was disputed.
func (f facts) disputed() bool { return f.device.disputed+f.contact.disputed > 0 }

// history is what past payments are worth. The address counts for somebody whose browser or account is known.
func history(f facts) int64 {
	if f.newcomer() {
		return 0
	}
	n := 15*min(f.device.good(), 2) + 15*min(f.contact.good(), 2)
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
