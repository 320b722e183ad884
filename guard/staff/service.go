package staff

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"strongroom/base/config"
	"strongroom/base/db"
	"strongroom/base/event"
	"strongroom/base/id"
	"strongroom/base/job"
	"strongroom/guard/access"
	"strongroom/guard/audit"
	"strongroom/guard/identity"
	"strongroom/guard/vault"
)

// Work knows what members are working on; order.Service fulfils it. Looks at what somebody is working on need no other
// reason, and quotas follow the amount of open work.
type Work interface {
	OpenWork(ctx context.Context, member id.ID) (int, error)
	Working(ctx context.Context, member, object id.ID) (bool, error)
}

// Quota bounds looks at personal data: how many people a member may see beside those whose orders she works on. Open
// work adds to it.
type Quota struct {
	Hour int // default 20
	Day  int // default 100
}

// Deps are what the service stands on.
type Deps struct {
	DB       *db.DB
	Vault    *vault.Vault
	Audit    *audit.Log
	Jobs     *job.Queue
	Events   *event.Bus
	Identity *identity.Service
	Shop     config.Shop
	Quota    Quota
	// Notice is the address outside the store that is told of dangerous acts; empty means Shop.OwnerEmail. It stands in
	// the configuration and not in the database, so that who took over an owner's session cannot change it.
	Notice string
	Log    *slog.Logger
}

// Executor carries out a kind of act that two people agreed on.
type Executor func(ctx context.Context, params []byte, by access.Approved) error

// Undo takes back what an act has made, as long as nobody has it, for who stops it by the mailed link. It says whether
// there was something to take back.
type Undo func(tx *db.Tx, request id.ID) (bool, error)

// Service is the staff of the store.
type Service struct {
	d         Deps
	log       *slog.Logger
	start     id.ID // of this program: a set-up link is bound to it
	work      Work
	executors map[access.Danger]Executor
	undo      map[access.Danger]Undo
}

// New makes the service, registers its jobs, and has the vault ask it before staff see anything.
func New(d Deps) (*Service, error) {
	if d.Log == nil {
		d.Log = slog.New(slog.DiscardHandler)
	}
	if d.Quota.Hour <= 0 {
		d.Quota.Hour = 20
	}
	if d.Quota.Day <= 0 {
		d.Quota.Day = 100
	}
	if d.Notice == "" {
		d.Notice = d.Shop.OwnerEmail
	}
	if d.Identity == nil || d.Vault == nil || d.Audit == nil {
		return nil, errors.New("staff: identity, vault and log are needed")
	}
	s := &Service{d: d, log: d.Log, executors: map[access.Danger]Executor{}, undo: map[access.Danger]Undo{}}
	_, _ = rand.Read(s.start[:])
	d.Vault.SetRecorder(s)
	return s, errors.Join(s.On(access.NewOwner, s.makeOwner), s.On(access.DropKit, s.DropKitApproved),
		s.On(access.ForgetOrigin, s.ForgetOriginsApproved), s.register())
}

// SetWork says who knows what members work on. It is called once, while the program is wired.
func (s *Service) SetWork(w Work) { s.work = w }

// On names who carries out a kind of act. It is called while the program is wired, once for each kind; a kind that
// nobody carries out cannot be asked for.
func (s *Service) On(kind access.Danger, fn Executor) error {
	if !kind.Known() || fn == nil || s.executors[kind] != nil {
		return fmt.Errorf("staff: %q is no kind of dangerous act, or is carried out already", kind)
	}
	s.executors[kind] = fn
	return nil
}

// OnUndo names who takes back what a kind of act has made.
func (s *Service) OnUndo(kind access.Danger, fn Undo) { s.undo[kind] = fn }

// Carries says whether somebody carries out that kind of act in this program.
func (s *Service) Carries(kind access.Danger) bool { return s.executors[kind] != nil }

func (s *Service) register() error {
	q := s.d.Jobs
	for _, err := range []error{
		job.Every(q, "staff.tend", time.Minute, s.Tend),
		job.Handle(q, "staff.execute", job.Options{Attempts: 1, Timeout: time.Minute}, s.executeJob),
		event.On(s.d.Events, "staff", s.methodRemoved),
	} {
		if err != nil {
			return fmt.Errorf("staff: %w", err)
		}
	}
	return nil
}

// Tend does what time brings: members whose end has come leave, acts that nobody decided on are over, those of somebody
// alone happen after their day, and old counts are forgotten.
func (s *Service) Tend(ctx context.Context) error {
	return errors.Join(s.endMembers(ctx), s.tendApprovals(ctx), s.forgetLooks(ctx))
}

func (s *Service) read(ctx context.Context, fn func(tx *db.Tx) error) error {
	return s.d.DB.Read(ctx, fn)
}

func (s *Service) write(ctx context.Context, fn func(tx *db.Tx) error) error {
	return s.d.DB.Write(ctx, fn)
}

func (s *Service) now() time.Time { return s.d.DB.Clock().Now() }

// allow lets who pass, or writes the refusal down.
func (s *Service) allow(ctx context.Context, who access.Actor, p access.Permission, action string, member id.ID) error {
	return s.d.Audit.Allow(ctx, who, p, audit.Act{Action: action, Object: "staff", ObjectID: member})
}

// allowFresh is allow for what also needs a step-up.
func (s *Service) allowFresh(ctx context.Context, who access.Actor, p access.Permission, action string, member id.ID) error {
	return s.d.Audit.AllowFresh(ctx, who, p, audit.Act{Action: action, Object: "staff", ObjectID: member})
}

// refuse writes down what the rules of this package refused.
func (s *Service) refuse(ctx context.Context, who access.Actor, action string, object id.ID, why string, err error) error {
	s.d.Audit.Refuse(ctx, audit.Entry{Actor: who, Action: action, Object: "staff", ObjectID: object, Reason: why})
	return err
}

// entry writes the audit entry of an act.
func (s *Service) entry(tx *db.Tx, who access.Actor, action string, object id.ID, reason string, facts ...audit.Fact) error {
	return s.d.Audit.Record(tx, audit.Entry{Actor: who, Action: action, Object: "staff", ObjectID: object, Reason: reason,
		Outcome: audit.Done, Facts: facts})
}

// by is the id of a member who acts; zero for the console.
func by(who access.Actor) id.ID {
	if who.Kind == access.KindStaff {
		return who.ID
	}
	return id.ID{}
}
