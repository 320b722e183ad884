-- Settings of delivery. They change seldom and are read often; the version lets processes keep them in memory.
CREATE TABLE delivery_version (
  one     INTEGER NOT NULL PRIMARY KEY CHECK (one = 1),
  version INTEGER NOT NULL
) STRICT;
INSERT INTO delivery_version (one, version) VALUES (1, 1);

CREATE TABLE delivery_zone (
  id       BLOB NOT NULL PRIMARY KEY,
  name     TEXT NOT NULL,                -- for the people of the shop
  position INTEGER NOT NULL,
  made_at  INTEGER NOT NULL
) STRICT;

CREATE TABLE delivery_place (
  zone_id   BLOB NOT NULL REFERENCES delivery_zone (id),
  country   TEXT NOT NULL,
  postcodes TEXT NOT NULL,               -- "" for all; else prefixes and ranges: "10* 20000-29999"
  PRIMARY KEY (zone_id, country)
) STRICT;

CREATE TABLE delivery_method (
  id         BLOB NOT NULL PRIMARY KEY,
  zone_id    BLOB NOT NULL REFERENCES delivery_zone (id),
  key        TEXT NOT NULL,              -- what forms and orders carry
  kind       TEXT NOT NULL,              -- parcel, pickup
  position   INTEGER NOT NULL,
  active     INTEGER NOT NULL,
  free_from  INTEGER NOT NULL,           -- sum of goods from which it is free; 0 for never
  days_min   INTEGER NOT NULL,           -- working days
  days_max   INTEGER NOT NULL,
  cutoff     INTEGER NOT NULL,           -- hour of the store's zone until which an order leaves on the same day
  street     TEXT NOT NULL,              -- of a pick-up place: an address of the shop
  postcode   TEXT NOT NULL,
  city       TEXT NOT NULL,
  country    TEXT NOT NULL,
  made_at    INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX delivery_method_key ON delivery_method (zone_id, key);

CREATE TABLE delivery_text (
  method_id BLOB NOT NULL REFERENCES delivery_method (id),
  lang      TEXT NOT NULL,
  name      TEXT NOT NULL,
  note      TEXT NOT NULL,
  hours     TEXT NOT NULL,               -- of a pick-up place
  PRIMARY KEY (method_id, lang)
) STRICT;

CREATE TABLE delivery_rate (
  method_id  BLOB NOT NULL REFERENCES delivery_method (id),
  weight_to  INTEGER NOT NULL,           -- grams, inclusive
  goods_from INTEGER NOT NULL,           -- sum of goods from which this price holds
  price      INTEGER NOT NULL,           -- in the store's price mode
  PRIMARY KEY (method_id, weight_to, goods_from)
) STRICT;

CREATE TABLE delivery_holiday (
  day  INTEGER NOT NULL PRIMARY KEY,     -- 20261225: a day on which nothing leaves or arrives
  name TEXT NOT NULL
) STRICT;
