-- A payment is one attempt to be paid for an order through one session at one provider.
CREATE TABLE payment_payment (
  id         BLOB NOT NULL PRIMARY KEY,
  order_id   BLOB NOT NULL,
  reference  TEXT NOT NULL,            -- random; what the provider and the return address call the payment
  number     TEXT NOT NULL,            -- the order's number, shown on the provider's page
  provider   TEXT NOT NULL,
  account    TEXT NOT NULL,
  mode       TEXT NOT NULL,            -- test, live
  amount     INTEGER NOT NULL CHECK (amount > 0),
  currency   TEXT NOT NULL,
  manual     INTEGER NOT NULL,         -- 1: the sum is held first and captured by us
  state      TEXT NOT NULL,            -- prepared, open, pending, authorised, paid, declined, expired, voided, mismatch
  late       INTEGER NOT NULL,         -- 1: the money came after the payment was closed
  keys       INTEGER NOT NULL,         -- counter in the provider keys that were given out
  ref        TEXT NOT NULL,            -- the provider's name of the session; empty before it is known
  charge     TEXT NOT NULL,            -- the provider's name of the money; empty before there is some
  url        TEXT NOT NULL,            -- the hosted page
  return_url TEXT NOT NULL,
  cancel_url TEXT NOT NULL,
  language   TEXT NOT NULL,
  captured   INTEGER NOT NULL,
  asked      INTEGER NOT NULL,         -- refunds that were asked for and did not fail
  refunded   INTEGER NOT NULL,         -- refunds that the provider confirmed
  expires_at INTEGER NOT NULL,
  made_at    INTEGER NOT NULL,
  changed_at INTEGER NOT NULL,
  moves      INTEGER NOT NULL,         -- how often it has moved
  polls      INTEGER NOT NULL,
  next_at    INTEGER NOT NULL,         -- when the provider is asked again by itself; 0: not any more
  CHECK (captured >= 0 AND captured <= amount),
  CHECK (refunded >= 0 AND refunded <= asked AND asked <= captured)
) STRICT;
CREATE UNIQUE INDEX payment_payment_reference ON payment_payment (reference);
CREATE INDEX payment_payment_order ON payment_payment (order_id, id);
CREATE UNIQUE INDEX payment_payment_active ON payment_payment (order_id)
  WHERE state IN ('prepared', 'open', 'pending', 'authorised');
CREATE UNIQUE INDEX payment_payment_ref ON payment_payment (provider, ref) WHERE ref <> '';
CREATE INDEX payment_payment_charge ON payment_payment (provider, charge, id) WHERE charge <> '';
CREATE INDEX payment_payment_next ON payment_payment (next_at, id) WHERE next_at > 0;
CREATE INDEX payment_payment_state ON payment_payment (state, id);

-- Every move of a payment is a row.
CREATE TABLE payment_move (
  payment_id BLOB NOT NULL REFERENCES payment_payment (id),
  n          INTEGER NOT NULL,         -- 1 for the first move
  old_state  TEXT NOT NULL,
  new_state  TEXT NOT NULL,
  cause      TEXT NOT NULL,            -- prepare, start, notice, ask, poll, expire, capture, void
  captured   INTEGER NOT NULL,         -- sums after the move
  refunded   INTEGER NOT NULL,
  made_at    INTEGER NOT NULL,
  PRIMARY KEY (payment_id, n)
) STRICT;

-- A refund is asked for by a row; a job takes it to the provider until its end is known.
CREATE TABLE payment_refund (
  id         BLOB NOT NULL PRIMARY KEY,
  payment_id BLOB NOT NULL REFERENCES payment_payment (id),
  ask        TEXT NOT NULL,            -- the caller's key: the same ask is one refund
  amount     INTEGER NOT NULL CHECK (amount > 0),
  tax        INTEGER NOT NULL CHECK (tax >= 0 AND tax <= amount),
  reason     TEXT NOT NULL,            -- return, goodwill, cancelled, late, duplicate, outside
  provider_key TEXT NOT NULL,          -- empty for what was refunded at the provider's own desk
  ref        TEXT NOT NULL,
  state      TEXT NOT NULL,            -- asked, pending, done, failed
  error      TEXT NOT NULL,            -- one word
  made_at    INTEGER NOT NULL,
  ended_at   INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX payment_refund_ask ON payment_refund (payment_id, ask);
CREATE UNIQUE INDEX payment_refund_ref ON payment_refund (payment_id, ref) WHERE ref <> '';
CREATE INDEX payment_refund_open ON payment_refund (made_at, id) WHERE state IN ('asked', 'pending');

-- A notice is believed once.
CREATE TABLE payment_notice (
  provider   TEXT NOT NULL,
  event      TEXT NOT NULL,            -- the provider's id of the event
  kind       TEXT NOT NULL,
  payment_id BLOB,                     -- NULL: about nothing of ours
  handled    INTEGER NOT NULL,         -- 0: a job still has to ask the provider
  made_at    INTEGER NOT NULL,
  PRIMARY KEY (provider, event)
) STRICT;
CREATE INDEX payment_notice_made ON payment_notice (made_at);

-- The ledger: movements, each a set of entries that sums to zero. Both tables only grow.
CREATE TABLE payment_ledger (
  id         BLOB NOT NULL PRIMARY KEY,
  key        TEXT NOT NULL,            -- the movement's name: booked once
  kind       TEXT NOT NULL,            -- sale, reversal, payment, refund, credit
  order_id   BLOB NOT NULL,
  payment_id BLOB,
  currency   TEXT NOT NULL,
  made_at    INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX payment_ledger_key ON payment_ledger (key);
CREATE INDEX payment_ledger_order ON payment_ledger (order_id, id);

CREATE TABLE payment_entry (
  ledger_id BLOB NOT NULL REFERENCES payment_ledger (id),
  line      INTEGER NOT NULL,
  account   TEXT NOT NULL,             -- receivable, provider.<name>, sales, shipping, tax, returns
  order_id  BLOB NOT NULL,             -- of the movement, for balances of one order
  amount    INTEGER NOT NULL CHECK (amount <> 0), -- debit above zero, credit below
  PRIMARY KEY (ledger_id, line)
) STRICT;
CREATE INDEX payment_entry_account ON payment_entry (account, order_id);

-- What is booked stays as it is.
-- engine: sqlite
-- +goose StatementBegin
CREATE TRIGGER payment_ledger_fixed BEFORE UPDATE ON payment_ledger BEGIN SELECT RAISE(ABORT, 'the ledger only grows'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER payment_ledger_kept BEFORE DELETE ON payment_ledger BEGIN SELECT RAISE(ABORT, 'the ledger only grows'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER payment_entry_fixed BEFORE UPDATE ON payment_entry BEGIN SELECT RAISE(ABORT, 'the ledger only grows'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER payment_entry_kept BEFORE DELETE ON payment_entry BEGIN SELECT RAISE(ABORT, 'the ledger only grows'); END;
-- +goose StatementEnd
-- engine: postgres
-- +goose StatementBegin
CREATE FUNCTION payment_fixed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'the ledger only grows'; END $$;
-- +goose StatementEnd
CREATE TRIGGER payment_ledger_fixed BEFORE UPDATE OR DELETE ON payment_ledger FOR EACH STATEMENT EXECUTE FUNCTION payment_fixed();
CREATE TRIGGER payment_entry_fixed BEFORE UPDATE OR DELETE ON payment_entry FOR EACH STATEMENT EXECUTE FUNCTION payment_fixed();
-- engine: both
