package identity

import (
	"time"

	"strongroom/base/db"
	"strongroom/base/job"
	"strongroom/guard/access"
	"strongroom/guard/audit"
)

// Alarm names an attack that the shop's owner is told of while it goes on.
type Alarm string

// The alarms.
const (
	AlarmStuffing Alarm = "stuffing" // names and passwords are tried in great number
	AlarmPumping  Alarm = "pumping"  // short messages are asked for until a budget is used up
)

// alarmOnce is how long one alarm of a kind stands for those that follow it.
const alarmOnce = time.Hour

// AlarmJob is the job that mails an alarm to the shop's owner; front/letters writes it.
const AlarmJob = "letter.identity_alarm"

// AlarmLetter is what it carries.
type AlarmLetter struct {
	Alarm Alarm
	At    int64 // microseconds
}

// AlarmRaised says that the owner is told of an attack.
type AlarmRaised struct{ About }

// EventName names the event.
func (AlarmRaised) EventName() string { return "identity.alarm" }

// alarm raises an alarm, unless one of its kind stands from this hour: entry, event and mail in the transaction that
// found it out.
func (s *Service) alarm(tx *db.Tx, a Alarm) error {
	n, err := count(tx, s.mac("alarm", []byte(a)), alarmOnce)
	if err != nil || n > 1 {
		return err
	}
	entry := audit.Entry{Actor: access.System("identity"), Action: "identity.alarm", Object: "store", Outcome: audit.Done, Reason: string(a)}
	if err := s.d.Audit.Record(tx, entry); err != nil {
		return err
	}
	if err := tx.Emit(AlarmRaised{About{Reason: string(a)}}); err != nil {
		return err
	}
	_, err = s.d.Jobs.Enqueue(tx, job.Job{Kind: AlarmJob, Args: AlarmLetter{a, tx.Now().UnixMicro()}})
	return err
}
