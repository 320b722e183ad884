-- A dispute takes money back by way of the buyer's bank.
CREATE TABLE payment_dispute (
  id         BLOB NOT NULL PRIMARY KEY,
  provider   TEXT NOT NULL,
  ref        TEXT NOT NULL,            -- the provider's name of it
  payment_id BLOB,                     -- NULL: of no payment of ours
  order_id   BLOB,
  number     TEXT NOT NULL,
  state      TEXT NOT NULL,            -- inquiry, open, review, won, lost, accepted
  reason     TEXT NOT NULL,            -- the provider's word
  amount     INTEGER NOT NULL,
  currency   TEXT NOT NULL,
  taken      INTEGER NOT NULL,         -- what the provider has taken for it; in the ledger to the same sum
  bookings   INTEGER NOT NULL,         -- how often the ledger was told
  answered   INTEGER NOT NULL,         -- 1: evidence was sent for good
  moves      INTEGER NOT NULL,
  opened_at  INTEGER NOT NULL,
  due_at     INTEGER NOT NULL,         -- until when an answer is taken; 0: none is
  changed_at INTEGER NOT NULL,
  next_at    INTEGER NOT NULL          -- when the provider is asked again; 0: not any more
) STRICT;
CREATE UNIQUE INDEX payment_dispute_ref ON payment_dispute (provider, ref);
CREATE INDEX payment_dispute_payment ON payment_dispute (payment_id);
CREATE INDEX payment_dispute_order ON payment_dispute (order_id);
CREATE INDEX payment_dispute_state ON payment_dispute (state, due_at, id);
CREATE INDEX payment_dispute_next ON payment_dispute (next_at, id) WHERE next_at > 0;

-- Every move of a dispute is a row.
CREATE TABLE payment_dispute_move (
  dispute_id BLOB NOT NULL REFERENCES payment_dispute (id),
  n          INTEGER NOT NULL,         -- 1 for the first
  old_state  TEXT NOT NULL,            -- empty for the first
  new_state  TEXT NOT NULL,
  cause      TEXT NOT NULL,            -- notice, reconcile, poll, answer, accept
  taken      INTEGER NOT NULL,         -- after the move
  made_at    INTEGER NOT NULL,
  PRIMARY KEY (dispute_id, n)
) STRICT;

-- What disputes hold of a payment cannot be refunded.
ALTER TABLE payment_payment ADD COLUMN disputed INTEGER NOT NULL DEFAULT 0;
