-- The defence against fraud and card testing: what was decided about each order, what came of sessions by browser,
-- address and network, lists that people keep, and how strict the store is at present. Whatever could name a person is
-- a keyed hash.
CREATE TABLE fraud_case (
  order_id   BLOB NOT NULL PRIMARY KEY,
  at         INTEGER NOT NULL,
  changed_at INTEGER NOT NULL,
  outcome    INTEGER NOT NULL,        -- what the score asked for: 1 allow, 2 step, 3 hold, 4 refuse
  state      INTEGER NOT NULL,        -- 1 clear, 2 step asked for, 3 step passed, 4 held, 5 waiting, 6 released, 7 refused
  score      INTEGER NOT NULL,
  reasons    TEXT NOT NULL,           -- words with their points
  newcomer   INTEGER NOT NULL,        -- 1: nobody here has paid before
  strict     INTEGER NOT NULL,        -- 1: the store was strict then
  total      INTEGER NOT NULL,
  device     BLOB NOT NULL,           -- keyed hashes; empty when unknown
  contact    BLOB NOT NULL,
  network    BLOB NOT NULL,
  domain     BLOB NOT NULL,
  goods      BLOB NOT NULL,           -- digest of what was in the cart
  sessions   INTEGER NOT NULL,        -- payment sessions that were given
  declines   INTEGER NOT NULL,        -- of all its sessions
  running    INTEGER NOT NULL,        -- of them, in the session that is open
  spent      INTEGER NOT NULL,        -- 1: a session was taken from the budget of strict times
  ended      INTEGER NOT NULL,        -- 0 open, 1 paid, 2 came to nothing
  seen       TEXT NOT NULL,           -- what the provider said of how it was paid: words with their points
  decided_by BLOB,                    -- member of the staff
  decided_at INTEGER NOT NULL
) STRICT;
CREATE INDEX fraud_case_at ON fraud_case (at);
CREATE INDEX fraud_case_open ON fraud_case (at) WHERE state IN (4, 5);

-- Counts by quarters of a day, so that what is old counts less and goes by itself.
CREATE TABLE fraud_tally (
  kind       INTEGER NOT NULL,        -- 1 device, 2 contact, 3 network
  key        BLOB NOT NULL,           -- keyed hash
  slot       INTEGER NOT NULL,
  opened     INTEGER NOT NULL,
  declined   INTEGER NOT NULL,
  abandoned  INTEGER NOT NULL,
  paid       INTEGER NOT NULL,
  disputed   INTEGER NOT NULL,
  names      INTEGER NOT NULL,        -- how often another address came than the time before
  last       BLOB NOT NULL,           -- keyed hash of the address that came last
  PRIMARY KEY (kind, key, slot)
) STRICT;
CREATE INDEX fraud_tally_slot ON fraud_tally (slot);

CREATE TABLE fraud_mode (
  id         INTEGER NOT NULL PRIMARY KEY,
  version    INTEGER NOT NULL,
  strict     INTEGER NOT NULL,        -- 1: strict
  since      INTEGER NOT NULL,
  scope      TEXT NOT NULL,           -- whom it is about: empty for all newcomers
  left_over  INTEGER NOT NULL,        -- sessions that newcomers still get, in quarters
  refill_at  INTEGER NOT NULL,        -- when there is another one
  pause      INTEGER NOT NULL,        -- until the one after that, in microseconds
  bad        INTEGER NOT NULL,        -- sessions with declined cards that were seen when it began
  body       TEXT NOT NULL            -- the rules that the shop has changed, as JSON
) STRICT;
INSERT INTO fraud_mode (id, version, strict, since, scope, left_over, refill_at, pause, bad, body)
  VALUES (1, 1, 0, 0, '', 0, 0, 0, 0, '');

CREATE TABLE fraud_entry (
  id         BLOB NOT NULL PRIMARY KEY,
  kind       INTEGER NOT NULL,        -- 1 device, 2 address, 3 network, 4 mail domain
  key        BLOB NOT NULL,           -- keyed hash
  allow      INTEGER NOT NULL,        -- 1 allow, 0 block
  label      TEXT NOT NULL,           -- what lists show: masked
  reason     TEXT NOT NULL,           -- the member's words
  made_by    BLOB,
  made_at    INTEGER NOT NULL,
  ends_at    INTEGER NOT NULL         -- 0: never
) STRICT;
CREATE UNIQUE INDEX fraud_entry_key ON fraud_entry (kind, key);
CREATE INDEX fraud_entry_ends ON fraud_entry (ends_at);
