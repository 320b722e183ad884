-- Passwords: the record says how it was made. Whether it may stand alone is kept because the password itself is not.
CREATE TABLE identity_password (
  account     BLOB NOT NULL PRIMARY KEY,
  record      TEXT NOT NULL,           -- PHC string
  alone       INTEGER NOT NULL,        -- 1: of 15 characters or more
  made_at     INTEGER NOT NULL
) STRICT;

-- Authenticator apps. The secret is sealed under the store's key, together with its row and account.
CREATE TABLE identity_app (
  id          BLOB NOT NULL PRIMARY KEY,
  account     BLOB NOT NULL,
  state       INTEGER NOT NULL,        -- 1 pending: no code was typed yet, 2 active
  secret      BLOB NOT NULL,
  used_step   INTEGER NOT NULL,        -- the last time step whose code was taken; older ones are worth nothing
  made_at     INTEGER NOT NULL,
  used_at     INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX identity_app_account ON identity_app (account, state);

-- Mobile phones. A number that was replaced stays for the notice that goes to it.
CREATE TABLE identity_phone (
  id          BLOB NOT NULL PRIMARY KEY,
  account     BLOB NOT NULL,
  state       INTEGER NOT NULL,        -- 1 pending: no code was typed yet, 2 active, 3 replaced or removed
  number      BLOB NOT NULL,
  range_key   BLOB NOT NULL,           -- keyed hash of the number's beginning, for the budget
  code        BLOB,                    -- of a pending number
  code_ends   INTEGER NOT NULL,
  sent        INTEGER NOT NULL,        -- codes sent to it while pending
  tries       INTEGER NOT NULL,
  made_at     INTEGER NOT NULL,
  cool_until  INTEGER NOT NULL         -- before that it recovers nothing
) STRICT;
CREATE INDEX identity_phone_account ON identity_phone (account, state);
CREATE UNIQUE INDEX identity_phone_active ON identity_phone (account) WHERE state = 2;
CREATE INDEX identity_phone_old ON identity_phone (made_at, id) WHERE state <> 2;

-- Recovery codes: keyed hashes, each spent once.
CREATE TABLE identity_code (
  account     BLOB NOT NULL,
  hash        BLOB NOT NULL,
  used_at     INTEGER NOT NULL,        -- 0 while unspent
  PRIMARY KEY (account, hash)
) STRICT;
