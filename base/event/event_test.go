package event_test

import (
	"context"
	"errors"
	"testing"

	"strongroom/base/db"
	"strongroom/base/db/dbtest"
	"strongroom/base/event"
	"strongroom/base/id"
	"strongroom/base/job"
)

type placed struct {
	Order id.ID
	Total int64
	Way   string
}

func (placed) EventName() string { return "probe.placed" }

type leaky struct{ Mail map[string]string }

func (leaky) EventName() string { return "probe.leaky" }

func setUp(t *testing.T, p dbtest.Pair) (*event.Bus, *job.Queue) {
	t.Helper()
	q := job.New(p.Data, nil, 2)
	return event.NewBus(p.Data, q), q
}

func TestEachSubscriberHearsOfItOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		b, q := setUp(t, p)
		ctx := context.Background()
		heard := map[string]placed{}
		for _, who := range []string{"mail", "watch"} {
			if err := event.On(b, who, func(_ context.Context, e placed) error { heard[who] = e; return nil }); err != nil {
				t.Fatal(err)
			}
		}
		want := placed{Order: id.New(p.Clock.Now(), nil), Total: 12, Way: "guest"}
		if err := p.Data.Write(ctx, func(tx *db.Tx) error { return tx.Emit(want) }); err != nil {
			t.Fatal(err)
		}
		undone := errors.New("undone")
		err := p.Data.Write(ctx, func(tx *db.Tx) error { _ = tx.Emit(placed{Way: "undone"}); return undone })
		if !errors.Is(err, undone) {
			t.Fatal(err)
		}
		n, err := q.RunDue(ctx)
		if err != nil || n != 2 || heard["mail"] != want || heard["watch"] != want {
			t.Fatalf("%d jobs, heard %+v, %v", n, heard, err)
		}
	})
}

// An event is no way out for personal data (V14.2.4, V16.2.5).
func TestPersonalDataCannotTravel(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		setUp(t, p)
		for _, e := range []any{placed{Way: "Ada Lovelace"}, placed{Way: "ada@example.com"}, leaky{Mail: map[string]string{"a": "b"}}, "x"} {
			err := p.Data.Write(context.Background(), func(tx *db.Tx) error { return tx.Emit(e) })
			if err == nil {
				t.Errorf("%T %+v was emitted", e, e)
			}
		}
	})
}
