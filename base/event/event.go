// Package event tells the rest of the store what happened, in the transaction in which it happened.
//
// An event is a small struct of ids, numbers and short words with a name such as "order.placed"; names come in pairs,
// what succeeded and what was refused. Emitting one writes a job for each subscriber in the same transaction, so that
// an act that is undone tells nobody, and an act that stands is told at least once. Personal data cannot travel in an
// event: a text with anything but lower-case letters, digits and . _ - is refused.
package event

import (
	"context"
	"fmt"
	"reflect"

	"strongroom/base/db"
	"strongroom/base/id"
	"strongroom/base/job"
)

// Event is something that happened.
type Event interface {
	// EventName is "noun.happened" in lower case.
	EventName() string
}

// Bus knows who wants to hear of what. Subscribers are registered while the program is wired.
type Bus struct {
	jobs *job.Queue
	subs map[string][]string // event name -> job kinds
}

// NewBus makes a bus and sets what db.Tx.Emit does on the database.
func NewBus(d *db.DB, jobs *job.Queue) *Bus {
	b := &Bus{jobs: jobs, subs: map[string][]string{}}
	d.OnEmit(func(tx *db.Tx, e any) error {
		ev, ok := e.(Event)
		if !ok {
			return fmt.Errorf("event: %T has no name", e)
		}
		return b.Emit(tx, ev)
	})
	return b
}

// On has fn called for each event of type E, as a job of the subscriber: at least once, with retries.
func On[E Event](b *Bus, subscriber string, fn func(ctx context.Context, e E) error) error {
	var zero E
	name := zero.EventName()
	kind := "on." + name + "." + subscriber
	if err := job.Handle(b.jobs, kind, job.Options{}, fn); err != nil {
		return err
	}
	b.subs[name] = append(b.subs[name], kind)
	return nil
}

// Emit writes the event's jobs in the transaction.
func (b *Bus) Emit(tx *db.Tx, e Event) error {
	if err := clean(reflect.ValueOf(e), e.EventName()); err != nil {
		return err
	}
	for _, kind := range b.subs[e.EventName()] {
		if _, err := b.jobs.Enqueue(tx, job.Job{Kind: kind, Args: e}); err != nil {
			return err
		}
	}
	return nil
}

var idType = reflect.TypeFor[id.ID]()

// clean refuses what could hold personal data.
func clean(v reflect.Value, name string) error {
	if v.Type() == idType {
		return nil
	}
	switch v.Kind() {
	case reflect.Bool, reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return nil
	case reflect.String:
		if !word(v.String()) {
			return fmt.Errorf("event: %s carries a text that is no short word", name)
		}
		return nil
	case reflect.Slice:
		for i := range v.Len() {
			if err := clean(v.Index(i), name); err != nil {
				return err
			}
		}
		return nil
	case reflect.Struct:
		for i := range v.NumField() {
			if err := clean(v.Field(i), name); err != nil {
				return err
			}
		}
		return nil
	}
	return fmt.Errorf("event: %s carries a %s", name, v.Type())
}

func word(s string) bool {
	if len(s) > 40 {
		return false
	}
	for _, c := range []byte(s) {
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '.' && c != '_' && c != '-' {
			return false
		}
	}
	return true
}
