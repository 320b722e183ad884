package delivery

import (
	"strongroom/base/clock"
	"strongroom/base/db"
	"strongroom/base/id"
)

// The settings are small; these bounds keep a mistake from filling the memory.
const (
	maxZones    = 200
	maxMethods  = 1000
	maxRates    = 20_000
	maxHolidays = 2000
)

func version(tx *db.Tx) (v int64, err error) {
	err = tx.QueryRow(`SELECT version FROM delivery_version WHERE one = 1`).Scan(&v)
	return v, err
}

// bump makes every process read the settings anew.
func bump(tx *db.Tx) error {
	_, err := tx.Exec(`UPDATE delivery_version SET version = version + 1 WHERE one = 1`)
	return err
}

// load reads all settings. A change that commits meanwhile carries a higher version and is read at the next question.
func load(tx *db.Tx, version int64) (*settings, error) {
	s := &settings{version: version, methods: map[id.ID][]Method{}, holidays: holidays{}}
	zones, err := allZones(tx)
	if err != nil {
		return nil, err
	}
	for _, z := range zones {
		one := zone{id: z.ID, position: z.Position, places: map[string]postcodes{}}
		for country, list := range z.Places {
			if one.places[country], err = parsePostcodes(list); err != nil {
				return nil, err
			}
		}
		s.zones = append(s.zones, one)
	}
	methods, err := allMethods(tx)
	if err != nil {
		return nil, err
	}
	for _, m := range methods {
		if m.Active {
			s.methods[m.Zone] = append(s.methods[m.Zone], m)
		}
	}
	days, err := db.All(tx, func(r db.Scanner) (d int64, err error) { err = r.Scan(&d); return d, err },
		`SELECT day FROM delivery_holiday ORDER BY day LIMIT $1`, maxHolidays)
	for _, d := range days {
		s.holidays[d] = true
	}
	return s, err
}

func allZones(tx *db.Tx) ([]Zone, error) {
	zones, err := db.All(tx, func(r db.Scanner) (z Zone, err error) {
		z.Places = map[string]string{}
		err = r.Scan(&z.ID, &z.Name, &z.Position)
		return z, err
	}, `SELECT id, name, position FROM delivery_zone ORDER BY position, id LIMIT $1`, maxZones)
	if err != nil {
		return nil, err
	}
	at := map[id.ID]int{}
	for i, z := range zones {
		at[z.ID] = i
	}
	type place struct {
		zone       id.ID
		code, list string
	}
	places, err := db.All(tx, func(r db.Scanner) (p place, err error) {
		err = r.Scan(&p.zone, &p.code, &p.list)
		return p, err
	}, `SELECT zone_id, country, postcodes FROM delivery_place LIMIT $1`, maxZones*300)
	for _, p := range places {
		if i, ok := at[p.zone]; ok {
			zones[i].Places[p.code] = p.list
		}
	}
	return zones, err
}

func allMethods(tx *db.Tx) ([]Method, error) {
	methods, err := db.All(tx, func(r db.Scanner) (m Method, err error) {
		m.Names, m.Notes, m.Hours = map[string]string{}, map[string]string{}, map[string]string{}
		err = r.Scan(&m.ID, &m.Zone, &m.Key, &m.Kind, &m.Position, &m.Active, &m.FreeFrom, &m.DaysMin, &m.DaysMax,
			&m.Cutoff, &m.Street, &m.Postcode, &m.City, &m.Country)
		return m, err
	}, `SELECT id, zone_id, key, kind, position, active, free_from, days_min, days_max, cutoff, street, postcode, city,
		country FROM delivery_method ORDER BY position, id LIMIT $1`, maxMethods)
	if err != nil {
		return nil, err
	}
	at := map[id.ID]*Method{}
	for i := range methods {
		at[methods[i].ID] = &methods[i]
	}
	if err := eachText(tx, at); err != nil {
		return nil, err
	}
	return methods, eachRate(tx, at)
}

func eachText(tx *db.Tx, at map[id.ID]*Method) error {
	_, err := db.All(tx, func(r db.Scanner) (none struct{}, err error) {
		var method id.ID
		var lang, name, note, hours string
		err = r.Scan(&method, &lang, &name, &note, &hours)
		if m := at[method]; m != nil {
			m.Names[lang], m.Notes[lang], m.Hours[lang] = name, note, hours
		}
		return none, err
	}, `SELECT method_id, lang, name, note, hours FROM delivery_text LIMIT $1`, maxMethods*20)
	return err
}

func eachRate(tx *db.Tx, at map[id.ID]*Method) error {
	_, err := db.All(tx, func(r db.Scanner) (none struct{}, err error) {
		var method id.ID
		var rate Rate
		err = r.Scan(&method, &rate.WeightTo, &rate.GoodsFrom, &rate.Price)
		if m := at[method]; m != nil {
			m.Rates = append(m.Rates, rate)
		}
		return none, err
	}, `SELECT method_id, weight_to, goods_from, price FROM delivery_rate
		ORDER BY method_id, weight_to, goods_from LIMIT $1`, maxRates)
	return err
}

func putZone(tx *db.Tx, z Zone) error {
	_, err := tx.Exec(`INSERT INTO delivery_zone (id, name, position, made_at) VALUES ($1, $2, $3, $4)
		ON CONFLICT (id) DO UPDATE SET name = $2, position = $3`, z.ID, z.Name, z.Position, clock.Micros(tx.Now()))
	if err != nil {
		return err
	}
	if _, err := tx.Exec(`DELETE FROM delivery_place WHERE zone_id = $1`, z.ID); err != nil {
		return err
	}
	for country, list := range z.Places {
		_, err := tx.Exec(`INSERT INTO delivery_place (zone_id, country, postcodes) VALUES ($1, $2, $3)`, z.ID, country, list)
		if err != nil {
			return err
		}
	}
	return nil
}

func putMethod(tx *db.Tx, m Method) error {
	_, err := tx.Exec(`INSERT INTO delivery_method (id, zone_id, key, kind, position, active, free_from, days_min,
			days_max, cutoff, street, postcode, city, country, made_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
		ON CONFLICT (id) DO UPDATE SET zone_id = $2, key = $3, kind = $4, position = $5, active = $6, free_from = $7,
			days_min = $8, days_max = $9, cutoff = $10, street = $11, postcode = $12, city = $13, country = $14`,
		m.ID, m.Zone, m.Key, m.Kind, m.Position, db.Bool(m.Active), int64(m.FreeFrom), m.DaysMin, m.DaysMax, m.Cutoff,
		m.Street, m.Postcode, m.City, m.Country, clock.Micros(tx.Now()))
	if err != nil {
		return err
	}
	if err := dropParts(tx, m.ID); err != nil {
		return err
	}
	for lang, name := range m.Names {
		_, err := tx.Exec(`INSERT INTO delivery_text (method_id, lang, name, note, hours) VALUES ($1, $2, $3, $4, $5)`,
			m.ID, lang, name, m.Notes[lang], m.Hours[lang])
		if err != nil {
			return err
		}
	}
	for _, r := range m.Rates {
		_, err := tx.Exec(`INSERT INTO delivery_rate (method_id, weight_to, goods_from, price) VALUES ($1, $2, $3, $4)`,
			m.ID, r.WeightTo, int64(r.GoodsFrom), int64(r.Price))
		if err != nil {
			return err
		}
	}
	return nil
}

func dropParts(tx *db.Tx, method id.ID) error {
	if _, err := tx.Exec(`DELETE FROM delivery_text WHERE method_id = $1`, method); err != nil {
		return err
	}
	_, err := tx.Exec(`DELETE FROM delivery_rate WHERE method_id = $1`, method)
	return err
}

func dropMethod(tx *db.Tx, method id.ID) (bool, error) {
	if err := dropParts(tx, method); err != nil {
		return false, err
	}
	n, err := tx.Exec(`DELETE FROM delivery_method WHERE id = $1`, method)
	return n == 1, err
}

// dropZone removes a zone that has no methods.
func dropZone(tx *db.Tx, zone id.ID) (bool, error) {
	if _, err := tx.Exec(`DELETE FROM delivery_place WHERE zone_id = $1`, zone); err != nil {
		return false, err
	}
	n, err := tx.Exec(`DELETE FROM delivery_zone WHERE id = $1`, zone)
	return n == 1, err
}

func putHoliday(tx *db.Tx, day int64, name string) error {
	_, err := tx.Exec(`INSERT INTO delivery_holiday (day, name) VALUES ($1, $2) ON CONFLICT (day) DO UPDATE SET name = $2`, day, name)
	return err
}

func dropHoliday(tx *db.Tx, day int64) error {
	_, err := tx.Exec(`DELETE FROM delivery_holiday WHERE day = $1`, day)
	return err
}
