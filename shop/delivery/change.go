package delivery

import (
	"context"
	"strings"
	"time"
	"unicode/utf8"

	"strongroom/base/config"
	"strongroom/base/db"
	"strongroom/base/fault"
	"strongroom/base/id"
	"strongroom/guard/access"
)

// Seed writes sensible settings for the shop's country: parcels at home and, for a member state, in the rest of the
// European Union, and picking up at the shop's address. It does nothing when there are settings already.
func (s *Service) Seed(ctx context.Context, shop config.Shop) (err error) {
	defer fault.Wrap(&err, "delivery: first settings")
	return s.d.DB.Write(ctx, func(tx *db.Tx) error {
		have, err := allZones(tx)
		if err != nil || len(have) > 0 {
			return err
		}
		zones, methods := defaults(shop, tx.NewID)
		for _, z := range zones {
			if err := putZone(tx, z); err != nil {
				return err
			}
		}
		for _, m := range methods {
			if err := putMethod(tx, m); err != nil {
				return err
			}
		}
		if err := s.changed(tx); err != nil {
			return err
		}
		return s.record(tx, access.System("delivery"), "delivery.seed", id.ID{}, fact("zones", len(zones)), fact("methods", len(methods)))
	})
}

// Zones lists all zones, by position.
func (s *Service) Zones(ctx context.Context) (out []Zone, err error) {
	defer fault.Wrap(&err, "delivery: zones")
	err = s.d.DB.Read(ctx, func(tx *db.Tx) error { out, err = allZones(tx); return err })
	return out, err
}

// Methods lists all methods, also those that are switched off, by position.
func (s *Service) Methods(ctx context.Context) (out []Method, err error) {
	defer fault.Wrap(&err, "delivery: methods")
	err = s.d.DB.Read(ctx, func(tx *db.Tx) error { out, err = allMethods(tx); return err })
	return out, err
}

// SetZone makes a zone, or changes the one with its id.
func (s *Service) SetZone(ctx context.Context, by access.Actor, z Zone) (_ Zone, err error) {
	defer fault.Wrap(&err, "delivery: set a zone")
	if err := s.allow(ctx, by, "delivery.zone_set", z.ID); err != nil {
		return z, err
	}
	if err := z.check(); err != nil {
		return z, err
	}
	fresh := z.ID.IsZero()
	err = s.change(ctx, by, "delivery.zone_set", func(tx *db.Tx) (id.ID, error) {
		if fresh {
			z.ID = tx.NewID()
		}
		return z.ID, putZone(tx, z)
	}, fact("countries", len(z.Places)))
	return z, err
}

// RemoveZone removes a zone that has no methods any more.
func (s *Service) RemoveZone(ctx context.Context, by access.Actor, zone id.ID) (err error) {
	defer fault.Wrap(&err, "delivery: remove a zone")
	if err := s.allow(ctx, by, "delivery.zone_remove", zone); err != nil {
		return err
	}
	return s.change(ctx, by, "delivery.zone_remove", func(tx *db.Tx) (id.ID, error) {
		methods, err := allMethods(tx)
		if err != nil {
			return zone, err
		}
		for _, m := range methods {
			if m.Zone == zone {
				return zone, fault.New(fault.Conflict, "delivery.zone_in_use")
			}
		}
		return zone, found(dropZone(tx, zone))
	})
}

// SetMethod makes a method, or changes the one with its id. Its key must be its own in the zone.
func (s *Service) SetMethod(ctx context.Context, by access.Actor, m Method) (_ Method, err error) {
	defer fault.Wrap(&err, "delivery: set a method")
	if err := s.allow(ctx, by, "delivery.method_set", m.ID); err != nil {
		return m, err
	}
	if err := m.check(); err != nil {
		return m, err
	}
	fresh := m.ID.IsZero()
	err = s.change(ctx, by, "delivery.method_set", func(tx *db.Tx) (id.ID, error) {
		if fresh {
			m.ID = tx.NewID()
		}
		return m.ID, s.place(tx, m)
	}, fact("free_from", int(m.FreeFrom)), fact("rates", len(m.Rates)), fact("active", int(db.Bool(m.Active))))
	return m, err
}

// place writes a method after a look at the zone it is for and at the keys there.
func (s *Service) place(tx *db.Tx, m Method) error {
	zones, err := allZones(tx)
	if err != nil {
		return err
	}
	known := false
	for _, z := range zones {
		known = known || z.ID == m.Zone
	}
	if !known {
		return fault.New(fault.NotFound, "delivery.not_found")
	}
	methods, err := allMethods(tx)
	if err != nil {
		return err
	}
	for _, o := range methods {
		if o.ID != m.ID && o.Zone == m.Zone && o.Key == m.Key {
			return fault.New(fault.Conflict, "delivery.key_taken").WithField("key", "delivery.key_taken", nil)
		}
	}
	return putMethod(tx, m)
}

// RemoveMethod removes a method. Orders keep what they copied of it.
func (s *Service) RemoveMethod(ctx context.Context, by access.Actor, method id.ID) (err error) {
	defer fault.Wrap(&err, "delivery: remove a method")
	if err := s.allow(ctx, by, "delivery.method_remove", method); err != nil {
		return err
	}
	return s.change(ctx, by, "delivery.method_remove", func(tx *db.Tx) (id.ID, error) {
		return method, found(dropMethod(tx, method))
	})
}

// SetHoliday marks a day on which nothing leaves or arrives; an empty name takes the mark away.
func (s *Service) SetHoliday(ctx context.Context, by access.Actor, day time.Time, name string) (err error) {
	defer fault.Wrap(&err, "delivery: set a holiday")
	if err := s.allow(ctx, by, "delivery.holiday_set", id.ID{}); err != nil {
		return err
	}
	if utf8.RuneCountInString(name) > 80 {
		return fault.New(fault.Invalid, "delivery.name_invalid").WithField("name", "delivery.name_invalid", nil)
	}
	n := dayNumber(day)
	return s.change(ctx, by, "delivery.holiday_set", func(tx *db.Tx) (id.ID, error) {
		if strings.TrimSpace(name) == "" {
			return id.ID{}, dropHoliday(tx, n)
		}
		return id.ID{}, putHoliday(tx, n, strings.TrimSpace(name))
	}, fact("day", int(n)))
}

func found(ok bool, err error) error {
	if err == nil && !ok {
		return fault.New(fault.NotFound, "delivery.not_found")
	}
	return err
}
