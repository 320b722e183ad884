package payment

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"

	"strongroom/base/db"
	"strongroom/base/fault"
	"strongroom/base/id"
	"strongroom/guard/access"
	"strongroom/guard/audit"
)

// maxEvidence bounds each text of an answer, which is what providers take.
const maxEvidence = 10_000

func (e Evidence) check() error {
	f := fault.New(fault.Invalid, "payment.evidence_invalid")
	some := false
	for name, text := range map[string]string{"product": e.Product, "buyer": e.Buyer, "email": e.Email, "address": e.Address, "carrier": e.Carrier,
		"tracking": e.Tracking, "policy": e.Policy, "text": e.Text} {
		if len(text) > maxEvidence {
			f.WithField(name, "payment.evidence_long", fault.Params{"max": maxEvidence})
		}
		some = some || text != ""
	}
	if !some {
		f.WithField("text", "payment.evidence_empty", nil)
	}
	if len(f.Fields) > 0 {
		return f
	}
	return nil
}

// AnswerDispute sends evidence: as a draft, or for good. The entry in the log stands before the call, and says that the
// answer was sent and with which parts, never what stands in them. The same evidence sent twice is one answer.
func (s *Service) AnswerDispute(ctx context.Context, who access.Actor, v id.ID, e Evidence) (d Dispute, err error) {
	defer fault.Wrap(&err, "payment: answer a dispute")
	if err := s.mayMove(ctx, who, v, "payment.dispute_answer"); err != nil {
		return d, err
	}
	if err := e.check(); err != nil {
		return d, err
	}
	return s.moveDispute(ctx, who, v, "payment.dispute_answer", func(ctx context.Context, g Disputer, d Dispute) (DisputeAnswer, error) {
		return g.Answer(ctx, answerKey(d, e), d.Ref, e)
	})
}

// AcceptDispute gives a dispute up: the money is gone.
func (s *Service) AcceptDispute(ctx context.Context, who access.Actor, v id.ID) (d Dispute, err error) {
	defer fault.Wrap(&err, "payment: give a dispute up")
	if err := s.mayMove(ctx, who, v, "payment.dispute_accept"); err != nil {
		return d, err
	}
	return s.moveDispute(ctx, who, v, "payment.dispute_accept", func(ctx context.Context, g Disputer, d Dispute) (DisputeAnswer, error) {
		return g.Accept(ctx, d.ID.String()+"-accept", d.Ref)
	})
}

// answerKey is the same for the same evidence: who presses twice, or again after a lost answer, answers once.
func answerKey(d Dispute, e Evidence) string {
	raw, _ := json.Marshal(e) // texts and a time can always be written
	sum := sha256.Sum256(raw)
	return d.ID.String() + "-answer-" + hex.EncodeToString(sum[:16])
}

func (s *Service) mayMove(ctx context.Context, who access.Actor, v id.ID, action string) error {
	return s.audit.Allow(ctx, who, access.PaymentSettle, audit.Act{Action: action, Object: "dispute", ObjectID: v})
}

// moveDispute writes the act down, calls, and brings the answer in.
func (s *Service) moveDispute(ctx context.Context, who access.Actor, v id.ID, action string,
	call func(context.Context, Disputer, Dispute) (DisputeAnswer, error)) (d Dispute, err error) {
	if err = s.db.Read(ctx, func(tx *db.Tx) (err error) { d, err = disputeByID(tx, v); return err }); err != nil {
		return d, err
	}
	g, of, err := s.disputer(ctx, d.till())
	if err != nil {
		return d, err
	}
	if !d.Answerable(s.db.Clock().Now()) {
		return d, fault.New(fault.Conflict, "payment.dispute_closed")
	}
	e := audit.Entry{Actor: who, Action: action, Object: "dispute", ObjectID: v, Outcome: audit.Done,
		Facts: []audit.Fact{{Key: "amount", Int: int64(d.Amount)}}}
	if err := s.db.Write(ctx, func(tx *db.Tx) error { return s.audit.Record(tx, e) }); err != nil {
		return d, err
	}
	cctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), jobLimit)
	defer cancel()
	a, err := call(cctx, g, d)
	if err != nil {
		e.Actor, e.Outcome, e.Reason = s.actor, audit.Failed, word(err)
		s.audit.Refuse(context.WithoutCancel(ctx), e)
		return d, told(err)
	}
	cause := "answer"
	if action == "payment.dispute_accept" {
		cause = "accept"
	}
	if err := s.settleDispute(ctx, of, a, cause); err != nil {
		return d, err
	}
	err = s.db.Read(ctx, func(tx *db.Tx) (err error) { d, err = disputeByID(tx, v); return err })
	return d, err
}

// MayAnswer says whether who may answer disputes, and writes a refusal down.
func (s *Service) MayAnswer(ctx context.Context, who access.Actor, v id.ID) error {
	return s.mayMove(ctx, who, v, "payment.dispute_answer")
}
