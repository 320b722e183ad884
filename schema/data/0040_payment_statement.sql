-- What a provider's own account says, line by line, and what differs from what the store says.
CREATE TABLE payment_movement (
  provider   TEXT NOT NULL,
  ref        TEXT NOT NULL,            -- the provider's name of the line
  kind       TEXT NOT NULL,            -- payment, refund, fee, payout, dispute, dispute_won, dispute_fee, adjustment
  day        INTEGER NOT NULL,         -- of the store's own calendar, counted from 1970-01-01
  payment_id BLOB,                     -- NULL: about no payment of ours
  session    TEXT NOT NULL,
  charge     TEXT NOT NULL,
  refund     TEXT NOT NULL,
  dispute    TEXT NOT NULL,
  payout     TEXT NOT NULL,
  reference  TEXT NOT NULL,
  amount     INTEGER NOT NULL,         -- as the balance moves before fees
  fee        INTEGER NOT NULL,
  currency   TEXT NOT NULL,
  linked     INTEGER NOT NULL,         -- 0: whose payment it is has not been looked for
  booked     BLOB,                     -- the act that brought it into the ledger; NULL: none has
  moved_at   INTEGER NOT NULL,
  seen_at    INTEGER NOT NULL,
  PRIMARY KEY (provider, ref)
) STRICT;
CREATE INDEX payment_movement_payment ON payment_movement (payment_id, kind);
CREATE INDEX payment_movement_day ON payment_movement (provider, day, payment_id);
CREATE INDEX payment_movement_new ON payment_movement (provider, linked) WHERE linked = 0;
CREATE INDEX payment_movement_unbooked ON payment_movement (provider, day) WHERE booked IS NULL;
CREATE INDEX payment_movement_booked ON payment_movement (booked);

-- One row for each provider: who compares at present, and how far.
CREATE TABLE payment_reconcile (
  provider   TEXT NOT NULL PRIMARY KEY,
  holder     BLOB,                     -- the run that has it; NULL: none
  until_at   INTEGER NOT NULL,         -- after this anybody may go on with it
  from_day   INTEGER NOT NULL,
  to_day     INTEGER NOT NULL,
  step       TEXT NOT NULL,            -- fetch, dispute, book, compare, order, done
  day        INTEGER NOT NULL,
  cursor     TEXT NOT NULL,            -- of the step: the provider's own, or an id
  movements  INTEGER NOT NULL,         -- new lines
  asked      INTEGER NOT NULL,         -- payments that the provider was asked about
  compared   INTEGER NOT NULL,
  started_at INTEGER NOT NULL,
  ended_at   INTEGER NOT NULL          -- 0 while it runs
) STRICT;

CREATE TABLE payment_difference (
  id         BLOB NOT NULL PRIMARY KEY,
  provider   TEXT NOT NULL,
  kind       TEXT NOT NULL,
  subject    TEXT NOT NULL,            -- what it is about: an id of ours or a name of theirs
  payment_id BLOB,
  order_id   BLOB,
  number     TEXT NOT NULL,            -- of the order, if there is one
  day        INTEGER NOT NULL,
  ours       INTEGER NOT NULL,
  theirs     INTEGER NOT NULL,
  currency   TEXT NOT NULL,
  state      TEXT NOT NULL,            -- open, settled, accepted
  why        TEXT NOT NULL,            -- a word, once it is accepted
  found_at   INTEGER NOT NULL,
  seen_at    INTEGER NOT NULL,         -- the last time that it was still there
  ended_at   INTEGER NOT NULL          -- 0 while it is open
) STRICT;
CREATE UNIQUE INDEX payment_difference_subject ON payment_difference (provider, kind, subject);
CREATE INDEX payment_difference_state ON payment_difference (state, id);
CREATE INDEX payment_difference_payment ON payment_difference (payment_id);
