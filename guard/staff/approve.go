package staff

import (
	"context"
	"crypto/hmac"
	"encoding/binary"
	"encoding/json"
	"strings"
	"time"

	"strongroom/base/clock"
	"strongroom/base/db"
	"strongroom/base/fault"
	"strongroom/base/id"
	"strongroom/base/job"
	"strongroom/guard/access"
	"strongroom/guard/audit"
	"strongroom/guard/privacy"
	"strongroom/guard/vault"
)

// ApprovalState is where a dangerous act stands. The numbers are stored.
type ApprovalState uint8

// The states of an act.
const (
	Waiting   ApprovalState = 1
	Approved  ApprovalState = 2
	Refused   ApprovalState = 3
	Cancelled ApprovalState = 4
	Expired   ApprovalState = 5
	Running   ApprovalState = 6
	Carried   ApprovalState = 7
	Failed    ApprovalState = 8
)

var approvalNames = [...]string{"", "waiting", "approved", "refused", "cancelled", "expired", "running", "done", "failed"}

// String is the state's word; message keys are "staff.approval_" and this.
func (a ApprovalState) String() string {
	if int(a) < len(approvalNames) {
		return approvalNames[a]
	}
	return ""
}

// Approval is a dangerous act that was asked for.
type Approval struct {
	ID        id.ID
	Kind      access.Danger
	May       access.Permission
	Object    string
	ObjectID  id.ID
	Facts     map[string]string
	Reason    vault.Personal // sealed; to see it is a look
	State     ApprovalState
	Alone     bool // there was nobody to ask: it happens at Ready, unless somebody stops it
	AskedBy   id.ID
	Asked     time.Time
	Ready     time.Time
	Ends      time.Time
	DecidedBy id.ID
	Decided   time.Time
	Done      time.Time
	Error     string
	// Seal stands for exactly this act with exactly these parameters. The page carries it in the form, so that what is
	// agreed to is what was shown.
	Seal string

	params, proof, reason []byte
}

// Key is the message key of the act's kind.
func (a Approval) Key() string { return a.Kind.Key() }

// Ask asks for a dangerous act. What it would do is frozen. Somebody else with the same right decides on it within three
// days; where there is nobody, who asks must step up, a notice with a link that stops it goes to the outside address,
// and it happens after a day. It returns the request's id. Service.Ask fulfils order.SecondPerson.
func (s *Service) Ask(ctx context.Context, who access.Actor, w access.Wish) (request id.ID, err error) {
	defer fault.Wrap(&err, "staff: ask for %s", w.Kind)
	act := audit.Act{Action: "staff.ask", Object: w.Object, ObjectID: w.ObjectID}
	if err := s.d.Audit.Allow(ctx, who, w.Kind.May(), act); err != nil {
		return request, err
	}
	if who.Kind != access.KindStaff || s.executors[w.Kind] == nil || !json.Valid(w.Params) {
		return request, fault.New(fault.Malformed, "staff.ask_invalid")
	}
	if len(w.Reason) > maxReason {
		return request, fault.New(fault.Invalid, "staff.ask_invalid").WithField("reason", "staff.reason_long", fault.Params{"max": maxReason})
	}
	deciders, err := s.deciders(ctx, who.ID, w.Kind.May(), s.now())
	if err != nil {
		return request, err
	}
	alone := len(deciders) == 0
	if alone || w.Kind.Loud() {
		if err := access.RequireFresh(who); err != nil {
			return request, err
		}
	}
	a, err := s.newApproval(who, w, alone)
	if err != nil {
		return request, err
	}
	return a.ID, s.write(ctx, func(tx *db.Tx) error { return s.ask(tx, who, a, deciders) })
}

func (s *Service) newApproval(who access.Actor, w access.Wish, alone bool) (a Approval, err error) {
	now := s.now()
	a = Approval{ID: id.New(now, nil), Kind: w.Kind, May: w.Kind.May(), Object: w.Object, ObjectID: w.ObjectID, Facts: w.Facts, State: Waiting,
		Alone: alone, AskedBy: who.ID, Asked: now, Ends: now.Add(askLife), params: w.Params}
	if alone {
		a.Ready = now.Add(aloneDelay)
	}
	if r := strings.TrimSpace(w.Reason); r != "" {
		if a.reason, err = s.d.Vault.SealLog(privacy.StaffReason.Field, a.ID, r); err != nil {
			return a, err
		}
	}
	facts, err := json.Marshal(a.Facts)
	a.proof = s.prove(a, facts)
	return a, err
}

// prove is the keyed hash over everything of an act that must not change between asking and doing.
func (s *Service) prove(a Approval, facts []byte) []byte {
	var b []byte
	for _, part := range [][]byte{a.ID[:], []byte(a.Kind), []byte(a.May), a.params, []byte(a.Object), a.ObjectID[:], facts, a.AskedBy[:]} {
		b = binary.BigEndian.AppendUint32(b, uint32(len(part)))
		b = append(b, part...)
	}
	b = binary.BigEndian.AppendUint64(b, uint64(clock.Micros(a.Asked)))
	b = binary.BigEndian.AppendUint64(b, uint64(clock.Micros(a.Ready)))
	return s.d.Vault.Sign("staff.approval", append(b, byte(db.Bool(a.Alone))))
}

func (s *Service) ask(tx *db.Tx, who access.Actor, a Approval, deciders []Member) error {
	if err := insertApproval(tx, a); err != nil {
		return err
	}
	if err := s.d.Audit.Record(tx, audit.Entry{Actor: who, Action: "staff.ask", Object: "approval", ObjectID: a.ID, Outcome: audit.Done,
		Facts: []audit.Fact{{Key: "kind", Text: string(a.Kind)}, {Key: "alone", Int: db.Bool(a.Alone)}}}); err != nil {
		return err
	}
	for _, m := range deciders {
		if err := s.letter(tx, Letter{Kind: LetterAsked, To: m.ID, Approval: a.ID}); err != nil {
			return err
		}
	}
	if err := s.warnOutside(tx, a); err != nil {
		return err
	}
	return tx.Emit(Asked{Approval: a.ID, By: a.AskedBy, Kind: string(a.Kind), Alone: a.Alone})
}

// warnOutside tells the address outside the store, with a link that stops the act: of what somebody alone asks for, and
// of what cannot be made good again. The latter link lives on for a day after the act, for what can still be taken back.
func (s *Service) warnOutside(tx *db.Tx, a Approval) error {
	if !a.Alone && !a.Kind.Loud() {
		return nil
	}
	l, kind := link{id: tx.NewID(), kind: LinkStop, approval: a.ID, ends: a.Ready}, LetterAlone
	if a.Kind.Loud() {
		l.ends = a.Ends.Add(undoFor)
	}
	if !a.Alone {
		kind = LetterLoud
	}
	if err := insertLink(tx, l); err != nil {
		return err
	}
	return s.outside(tx, Letter{Kind: kind, Approval: a.ID, Link: l.id, About: a.AskedBy})
}

// deciders are those who may decide on an act of the asker's: active for a day already, with the right to decide and
// the right to the act itself; whom the asker invited only after a week, so that nobody makes her own second person.
func (s *Service) deciders(ctx context.Context, asker id.ID, may access.Permission, asked time.Time) (out []Member, err error) {
	err = s.read(ctx, func(tx *db.Tx) error {
		out = nil
		list, err := members(tx, s.d.Vault, false)
		for _, m := range list {
			if mayDecide(m, asker, may, asked, tx.Now()) {
				out = append(out, m)
			}
		}
		return err
	})
	return out, err
}

func mayDecide(m Member, asker id.ID, may access.Permission, asked, now time.Time) bool {
	known := asked.Sub(m.Began)
	return m.ID != asker && m.here(now) && m.Role.Permissions.Holds(access.SetOf(may, access.ApproveDecide)) &&
		known >= knownFor && (m.InvitedBy != asker || known >= ownGuestFor)
}

// Approvals lists acts by state (zero for all), newest first, at most 200.
func (s *Service) Approvals(ctx context.Context, who access.Actor, state ApprovalState) (out []Approval, err error) {
	defer fault.Wrap(&err, "staff: approvals")
	if !who.May(access.ApproveDecide) {
		// Who cannot decide sees her own.
		if err := access.Require(who, access.OrderView); err != nil {
			return nil, s.refuse(ctx, who, "staff.approvals", id.ID{}, "denied", err)
		}
	}
	err = s.read(ctx, func(tx *db.Tx) error {
		list, err := approvals(tx, state)
		out = nil
		for _, a := range list {
			if who.May(access.ApproveDecide) || a.AskedBy == by(who) {
				out = append(out, s.opened(a))
			}
		}
		return err
	})
	return out, err
}

// Approval shows one act to its asker or to who may decide.
func (s *Service) Approval(ctx context.Context, who access.Actor, v id.ID) (a Approval, err error) {
	defer fault.Wrap(&err, "staff: approval")
	err = s.read(ctx, func(tx *db.Tx) error { a, err = s.approvalByID(tx, v); return err })
	if err == nil && !who.May(access.ApproveDecide) && a.AskedBy != by(who) {
		return Approval{}, s.refuse(ctx, who, "staff.approvals", v, "denied", access.Require(who, access.ApproveDecide))
	}
	return a, err
}

// ReasonOf opens the asker's words for who may decide. It is a look, and recorded.
func (s *Service) ReasonOf(ctx context.Context, who access.Actor, v id.ID) (reason string, err error) {
	defer fault.Wrap(&err, "staff: reason")
	if err := s.allow(ctx, who, access.ApproveDecide, "staff.reason", v); err != nil {
		return "", err
	}
	a, err := s.Approval(ctx, who, v)
	if err != nil || a.Reason.IsZero() {
		return "", err
	}
	clear, err := s.d.Vault.Reveal(ctx, vault.Look{Actor: who, Purpose: vault.Security, Reason: "decide", Object: "approval", ObjectID: a.ID}, a.Reason)
	if err != nil {
		return "", err
	}
	return clear[0], nil
}

// Decide agrees to an act or refuses it. The asker never decides on her own, whatever she may (V2.3.5). seal is that of
// the act as it was shown. What was agreed to is carried out at once; state says how that went.
func (s *Service) Decide(ctx context.Context, who access.Actor, v id.ID, seal string, yes bool) (state ApprovalState, err error) {
	defer fault.Wrap(&err, "staff: decide")
	if err := s.allowFresh(ctx, who, access.ApproveDecide, "staff.decide", v); err != nil {
		return 0, err
	}
	var run id.ID
	refusal := ""
	err = s.write(ctx, func(tx *db.Tx) error { run, refusal, err = s.decide(tx, who, v, seal, yes); return err })
	if refusal != "" {
		s.d.Audit.RefuseWith(ctx, audit.Entry{Actor: who, Action: "staff.decide", Object: "approval", ObjectID: v, Reason: refusal},
			func(tx *db.Tx) error { return tx.Emit(DecideRefused{Approval: v, By: by(who), Reason: refusal}) })
	}
	if err != nil || !yes {
		return Refused, err
	}
	if err := s.d.Jobs.RunNow(ctx, run); err != nil {
		s.log.InfoContext(ctx, "an approved act goes on in the background", "approval", v, "error", err)
	}
	a, err := s.Approval(ctx, who, v)
	return a.State, err
}

func (s *Service) decide(tx *db.Tx, who access.Actor, v id.ID, seal string, yes bool) (run id.ID, refusal string, err error) {
	a, err := s.approvalByID(tx, v)
	if err != nil {
		return run, "", err
	}
	m, err := memberByID(tx, s.d.Vault, who.ID)
	if err != nil || who.Kind != access.KindStaff {
		return run, "not_staff", fault.New(fault.Forbidden, "staff.none")
	}
	switch {
	case a.AskedBy == who.ID:
		return run, "own", fault.New(fault.Forbidden, "staff.own_request")
	case !mayDecide(m, a.AskedBy, a.May, a.Asked, tx.Now()):
		return run, "not_decider", fault.New(fault.Forbidden, "staff.not_decider")
	case !s.intact(a):
		return run, "altered", fault.New(fault.Conflict, "staff.altered")
	case !hmac.Equal([]byte(seal), []byte(a.Seal)):
		return run, "other", fault.New(fault.Conflict, "staff.altered")
	case a.State != Waiting || !tx.Now().Before(a.Ends):
		return run, "", errMoved
	case !s.stillAsks(tx, a):
		return run, "asker_gone", fault.New(fault.Conflict, "staff.asker_gone")
	}
	to := Refused
	if yes {
		to = Approved
	}
	if err := setDecided(tx, a.ID, to, who.ID); err != nil {
		return run, "", err
	}
	if err := s.decided(tx, who, a, to); err != nil || !yes {
		return run, "", err
	}
	run, err = s.d.Jobs.Enqueue(tx, job.Job{Kind: "staff.execute", Key: a.ID.String(), Args: executeArgs{a.ID}})
	return run, "", err
}

// stillAsks says whether the asker works here and has the right to the act now, too.
func (s *Service) stillAsks(tx *db.Tx, a Approval) bool {
	m, err := memberByID(tx, s.d.Vault, a.AskedBy)
	return err == nil && m.here(tx.Now()) && m.Role.Permissions.Has(a.May)
}

// intact says whether the act is what was asked for: whoever changes its row has no key for the proof.
func (s *Service) intact(a Approval) bool {
	facts, err := json.Marshal(a.Facts)
	return err == nil && hmac.Equal(a.proof, s.prove(a, facts))
}

func (s *Service) decided(tx *db.Tx, who access.Actor, a Approval, to ApprovalState) error {
	if err := s.d.Audit.Record(tx, audit.Entry{Actor: who, Action: "staff.decide", Object: "approval", ObjectID: a.ID, Outcome: audit.Done,
		Reason: to.String(), Facts: []audit.Fact{{Key: "kind", Text: string(a.Kind)}, {Key: "asked_by", Text: a.AskedBy.String()}}}); err != nil {
		return err
	}
	if a.AskedBy != by(who) {
		if err := s.letter(tx, Letter{Kind: LetterDecided, To: a.AskedBy, Approval: a.ID}); err != nil {
			return err
		}
	}
	return tx.Emit(Decided{Approval: a.ID, Kind: string(a.Kind), State: to.String()})
}

// Cancel takes back what one asked for oneself, or stops what anybody asked for, with the right to decide.
func (s *Service) Cancel(ctx context.Context, who access.Actor, v id.ID) (err error) {
	defer fault.Wrap(&err, "staff: cancel")
	a, err := s.Approval(ctx, who, v)
	if err != nil {
		return err
	}
	return s.write(ctx, func(tx *db.Tx) error {
		if err := setState(tx, a.ID, Waiting, Cancelled); err != nil {
			return err
		}
		return s.decided(tx, who, a, Cancelled)
	})
}

// Stop cancels an act by the link that was mailed to the outside address: it needs no account, because who has taken the
// only account over must not be able to keep its owner from stopping her. An act that was carried out is taken back where
// that is possible: a file that nobody has fetched yet.
func (s *Service) Stop(ctx context.Context, token id.Token, origin access.Actor) (err error) {
	defer fault.Wrap(&err, "staff: stop")
	err = s.write(ctx, func(tx *db.Tx) error {
		l, err := s.openLink(tx, token)
		if err == nil && l.kind != LinkStop {
			err = errLink
		}
		if err != nil {
			return err
		}
		if err := spendLink(tx, l.id); err != nil {
			return err
		}
		a, err := s.approvalByID(tx, l.approval)
		if err != nil {
			return err
		}
		who := access.Guest(l.id, origin.Origin)
		if undo := s.undo[a.Kind]; a.State == Carried && undo != nil {
			ok, err := undo(tx, a.ID)
			if err == nil && !ok {
				err = errMoved
			}
			if err != nil {
				return err
			}
			return s.decided(tx, who, a, Cancelled)
		}
		if err := setState(tx, a.ID, Waiting, Cancelled); err != nil {
			return err
		}
		return s.decided(tx, who, a, Cancelled)
	})
	return err
}
