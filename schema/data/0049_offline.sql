-- Payments that come by another way than a provider's page: by bank transfer, or in cash when the goods are picked up.
-- The store itself is the provider here, and staff say what came.
CREATE TABLE payment_offline (
  ref         TEXT NOT NULL PRIMARY KEY,
  start_key   TEXT NOT NULL,             -- the same key is one session
  method      TEXT NOT NULL,             -- transfer, pickup
  mode        TEXT NOT NULL,
  reference   TEXT NOT NULL,             -- what payments call it
  number      TEXT NOT NULL,             -- of the order: what the shopper gives as purpose
  amount      INTEGER NOT NULL CHECK (amount > 0),
  currency    TEXT NOT NULL,
  holder      TEXT NOT NULL,             -- the shop's own account, as the shopper was told; empty for pickup
  iban        TEXT NOT NULL,
  bic         TEXT NOT NULL,
  bank        TEXT NOT NULL,
  status      TEXT NOT NULL,             -- pending, paid, expired
  received    INTEGER NOT NULL CHECK (received >= 0),
  until_at    INTEGER NOT NULL,          -- the goods are held until then
  made_at     INTEGER NOT NULL,
  changed_at  INTEGER NOT NULL,
  reminded_at INTEGER NOT NULL           -- 0: nobody was reminded
) STRICT;
CREATE UNIQUE INDEX payment_offline_start ON payment_offline (start_key);
CREATE UNIQUE INDEX payment_offline_reference ON payment_offline (reference);
CREATE INDEX payment_offline_number ON payment_offline (number);
CREATE INDEX payment_offline_open ON payment_offline (made_at, ref) WHERE status = 'pending';

-- What came, as staff wrote it down. Rows are added and never changed.
CREATE TABLE payment_offline_receipt (
  id      BLOB NOT NULL PRIMARY KEY,
  ref     TEXT NOT NULL REFERENCES payment_offline (ref),
  attempt TEXT NOT NULL,                 -- random, of the form: a second click is the same receipt
  amount  INTEGER NOT NULL CHECK (amount > 0),
  day     TEXT NOT NULL,                 -- on which it came: 2026-11-22
  member  BLOB,                          -- who wrote it down; NULL for the console
  made_at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX payment_offline_receipt_attempt ON payment_offline_receipt (ref, attempt);

-- Money that somebody has to send back by hand.
CREATE TABLE payment_offline_return (
  id      BLOB NOT NULL PRIMARY KEY,
  ref     TEXT NOT NULL REFERENCES payment_offline (ref),
  key     TEXT NOT NULL,                 -- the refund's key; of what came too much, a counter
  kind    TEXT NOT NULL,                 -- refund, surplus
  amount  INTEGER NOT NULL CHECK (amount > 0),
  sent    INTEGER NOT NULL,              -- 1: somebody says that it is sent
  day     TEXT NOT NULL,                 -- on which it was sent; empty before
  member  BLOB,                          -- who sent it
  made_at INTEGER NOT NULL,
  sent_at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX payment_offline_return_key ON payment_offline_return (ref, key);
CREATE INDEX payment_offline_return_open ON payment_offline_return (made_at, id) WHERE sent = 0;
