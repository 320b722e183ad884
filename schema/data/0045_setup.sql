-- A provider that was set up in the admin: one row for each account that the store has or had.
CREATE TABLE payment_provider (
  id          BLOB NOT NULL PRIMARY KEY,
  name        TEXT NOT NULL,            -- of the maker: stripe, paypal, sandbox
  mode        TEXT NOT NULL,            -- test, live
  account     TEXT NOT NULL,            -- the shop's own at the provider; empty before the keys were tested
  title       TEXT NOT NULL,            -- what the provider calls the account
  state       TEXT NOT NULL,            -- draft, testing, on, off
  settings    BLOB NOT NULL,            -- what was pasted, sealed
  tails       TEXT NOT NULL,            -- JSON: the last four characters of each secret, and what is none
  notice_kind TEXT NOT NULL,            -- empty, registered, pasted
  notice_ref  TEXT NOT NULL,            -- the provider's name of the notice address
  notice      BLOB NOT NULL,            -- the secrets of notices, sealed
  notice_at   INTEGER NOT NULL,
  tested_at   INTEGER NOT NULL,
  report      TEXT NOT NULL,            -- JSON: rights of the keys, warnings
  problem     TEXT NOT NULL,            -- one word; empty if the last test found none
  skew        INTEGER NOT NULL,         -- seconds that our clock was ahead of the provider's
  trial       BLOB,                     -- the newest test payment
  proof_link  TEXT NOT NULL,            -- where the provider's attestation of compliance is
  proof_day   TEXT NOT NULL,            -- its date
  made_at     INTEGER NOT NULL,
  on_at       INTEGER NOT NULL,         -- when it was switched on first; 0: never
  since       INTEGER NOT NULL,         -- in this state
  changes     INTEGER NOT NULL          -- counter against two who change at once
) STRICT;
CREATE UNIQUE INDEX payment_provider_account ON payment_provider (name, mode, account) WHERE account <> '';
CREATE UNIQUE INDEX payment_provider_draft ON payment_provider (name) WHERE state = 'draft';
CREATE UNIQUE INDEX payment_provider_on ON payment_provider (name) WHERE state = 'on';

-- One number that every change raises, so that all processes see it within seconds.
CREATE TABLE payment_provider_version (
  one     INTEGER NOT NULL PRIMARY KEY CHECK (one = 1),
  version INTEGER NOT NULL
) STRICT;
INSERT INTO payment_provider_version (one, version) VALUES (1, 1);
