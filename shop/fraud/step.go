package fraud

import (
	"crypto/sha256"
	"encoding/hex"
	"math/bits"
	"strconv"
	"strings"

	"strongroom/base/db"
	"strongroom/base/fault"
	"strongroom/base/id"
	"strongroom/guard/access"
)

// The work that a browser does before payment: several small riddles in place of a large one, so that it takes nearly
// the same time for everybody. Together they are 8 times 16,384 hashes on the average: half a second to a second on a
// phone, and nothing that anybody could do ahead, since the riddle is the order's own.
const (
	Riddles    = 8
	RiddleBits = 14
)

// Riddle is what the browser works on: text for the page, nothing secret.
func (s *Service) Riddle(order id.ID) string {
	return hex.EncodeToString(s.d.Sign("fraud.step", order.Bytes())[:16])
}

// Solved says whether an answer solves a riddle: numbers separated by commas, each of which makes a hash of the riddle,
// its place and itself begin with zero bits.
func Solved(riddle, answer string) bool {
	parts := strings.Split(answer, ",")
	if len(parts) != Riddles || len(answer) > 200 {
		return false
	}
	for i, p := range parts {
		n, err := strconv.ParseUint(p, 10, 40)
		if err != nil || strconv.FormatUint(n, 10) != p || !fits(riddle, i, n) {
			return false
		}
	}
	return true
}

func fits(riddle string, i int, n uint64) bool {
	sum := sha256.Sum256([]byte(riddle + ":" + strconv.Itoa(i) + ":" + strconv.FormatUint(n, 10)))
	return bits.LeadingZeros16(uint16(sum[0])<<8|uint16(sum[1])) >= RiddleBits
}

// Solve does the work. It is for tests and tools; shoppers have their browser do it.
func Solve(riddle string) string {
	out := make([]string, Riddles)
	for i := range out {
		n := uint64(0)
		for !fits(riddle, i, n) {
			n++
		}
		out[i] = strconv.FormatUint(n, 10)
	}
	return strings.Join(out, ",")
}

// Take takes the answer of an order's riddle. Answering again changes nothing.
func (s *Service) Take(tx *db.Tx, order id.ID, answer string, who access.Actor) (err error) {
	defer fault.Wrap(&err, "fraud: take a step")
	c, ok, err := caseOf(tx, order)
	if err != nil || !ok || c.State != Asked {
		return err
	}
	if !Solved(s.Riddle(order), answer) {
		return fault.New(fault.Invalid, "fraud.step_wrong").WithField("answer", "fraud.step_wrong", nil)
	}
	if moved, err := setState(tx, c, Passed); err != nil || !moved {
		return err
	}
	c.State = Passed
	return s.d.Audit.Record(tx, s.entry(who, "fraud.passed", c))
}

// OfTx is what is known of an order's case; false if there is none.
func (s *Service) OfTx(tx *db.Tx, order id.ID) (Case, bool, error) { return caseOf(tx, order) }
