-- Sums that are held: until when the provider answers for one, and what the store asked to be done with it. At most one
-- act on a held sum is under way or done: providers capture once, and what is let go does not come back.
ALTER TABLE payment_payment ADD COLUMN held_until INTEGER NOT NULL DEFAULT 0;

CREATE TABLE payment_hold (
  id         BLOB NOT NULL PRIMARY KEY,
  payment_id BLOB NOT NULL REFERENCES payment_payment (id),
  ask        TEXT NOT NULL,            -- the caller's key: the same ask is one act
  kind       TEXT NOT NULL,            -- capture, void
  amount     INTEGER NOT NULL CHECK (amount >= 0), -- to be captured; 0 for a void
  provider_key TEXT NOT NULL,
  state      TEXT NOT NULL,            -- asked, done, failed
  error      TEXT NOT NULL,            -- one word
  made_at    INTEGER NOT NULL,
  ended_at   INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX payment_hold_ask ON payment_hold (payment_id, ask);
CREATE UNIQUE INDEX payment_hold_once ON payment_hold (payment_id) WHERE state IN ('asked', 'done');
CREATE INDEX payment_hold_open ON payment_hold (made_at, id) WHERE state = 'asked';
