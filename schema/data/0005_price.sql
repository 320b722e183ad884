-- Discount codes. A code itself is nowhere: only its keyed hash, so that a stolen database hands out no working code.
CREATE TABLE price_code (
  id         BLOB NOT NULL PRIMARY KEY,
  hash       BLOB NOT NULL UNIQUE,       -- keyed hash of the code in its normal form
  hint       TEXT NOT NULL,              -- a few of its characters, for lists and pages
  label      TEXT NOT NULL,              -- what the shop calls it: "Spring letter"
  kind       TEXT NOT NULL,              -- percent, amount, delivery
  ppm        INTEGER NOT NULL,           -- for percent
  amount     INTEGER NOT NULL,           -- for amount, minor units of the store's currency
  min_goods  INTEGER NOT NULL,           -- takes effect from this sum of goods on
  stacks     INTEGER NOT NULL,           -- 1: may stand beside another code, where the kinds allow it
  starts_at  INTEGER NOT NULL,
  ends_at    INTEGER NOT NULL,           -- 0 for never
  max_uses   INTEGER NOT NULL,           -- 0 for no limit
  max_person INTEGER NOT NULL,           -- uses by one person; 0 for no limit
  uses       INTEGER NOT NULL CHECK (uses >= 0),
  active     INTEGER NOT NULL,
  made_at    INTEGER NOT NULL
) STRICT;

-- One row for each use by an order. A use that was given back keeps its row.
CREATE TABLE price_use (
  code_id  BLOB NOT NULL REFERENCES price_code (id),
  order_id BLOB NOT NULL,
  contact  BLOB,                         -- contact handle of the person, as the key database knows it
  made_at  INTEGER NOT NULL,
  back_at  INTEGER NOT NULL,             -- when the use was given back; 0 while it counts
  PRIMARY KEY (code_id, order_id)
) STRICT;
CREATE INDEX price_use_order ON price_use (order_id);
CREATE INDEX price_use_person ON price_use (code_id, contact) WHERE back_at = 0;

-- Attempts at codes, counted for each asker and window of time.
CREATE TABLE price_attempt (
  bucket    BLOB NOT NULL,               -- keyed hash of a cart or of a network
  window_at INTEGER NOT NULL,            -- when the window began
  count     INTEGER NOT NULL,
  PRIMARY KEY (bucket, window_at)
) STRICT;
CREATE INDEX price_attempt_window ON price_attempt (window_at);
