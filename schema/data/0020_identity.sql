-- People who can sign in, of both realms. E-mail address and words are sealed under the account's own subject. An
-- address belongs to one account a realm: contact is the vault's random handle of the address, and is set only when
-- the address was confirmed. The generation is part of every session: raising it ends them all.
CREATE TABLE identity_account (
  id          BLOB NOT NULL PRIMARY KEY,
  realm       INTEGER NOT NULL,        -- 1 shopper, 2 staff
  subject     BLOB NOT NULL,
  state       INTEGER NOT NULL,        -- 1 pending, 2 active, 3 recovering, 4 closed
  handle      BLOB NOT NULL,           -- 32 random bytes: the user handle of passkeys
  contact     BLOB,
  generation  INTEGER NOT NULL,
  compromised INTEGER NOT NULL,        -- 1 while an alarm stands
  language    TEXT NOT NULL,
  email       BLOB NOT NULL,
  words       BLOB,
  made_at     INTEGER NOT NULL,
  active_at   INTEGER NOT NULL,        -- 0 until it happens, as the following
  seen_at     INTEGER NOT NULL,        -- last sign-in
  closed_at   INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX identity_account_subject ON identity_account (subject);
CREATE UNIQUE INDEX identity_account_handle ON identity_account (handle);
CREATE UNIQUE INDEX identity_account_contact ON identity_account (realm, contact) WHERE state IN (2, 3);
CREATE INDEX identity_account_pending ON identity_account (made_at, id) WHERE state = 1;

-- Passkeys. The proof is a keyed hash over what must never change, so that who can write this table cannot exchange a
-- key unseen.
CREATE TABLE identity_passkey (
  id          BLOB NOT NULL PRIMARY KEY,
  account     BLOB NOT NULL,
  state       INTEGER NOT NULL,        -- 1 pending, 2 active, 3 stopped: a copy was seen
  credential  BLOB NOT NULL,
  public_key  BLOB NOT NULL,
  model       BLOB NOT NULL,           -- AAGUID
  transports  TEXT NOT NULL,
  eligible    INTEGER NOT NULL,        -- 1: can be synced
  backed      INTEGER NOT NULL,        -- 1: is synced
  counter     INTEGER NOT NULL,
  name        BLOB,
  proof       BLOB NOT NULL,
  made_at     INTEGER NOT NULL,
  used_at     INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX identity_passkey_credential ON identity_passkey (credential);
CREATE INDEX identity_passkey_account ON identity_passkey (account, id);

-- Browsers in which somebody signed in. The hash is over the browser's random cookie and the account, so that one
-- browser's accounts cannot be put together.
CREATE TABLE identity_device (
  id          BLOB NOT NULL PRIMARY KEY,
  account     BLOB NOT NULL,
  browser     BLOB NOT NULL,
  label       TEXT NOT NULL,           -- "firefox.linux"
  known       INTEGER NOT NULL,        -- 1: released; a password alone may sign in
  first_at    INTEGER NOT NULL,
  last_at     INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX identity_device_browser ON identity_device (browser);
CREATE INDEX identity_device_account ON identity_device (account, id);

CREATE TABLE identity_session (
  id          BLOB NOT NULL PRIMARY KEY,
  token       BLOB NOT NULL,           -- keyed hash of the opaque id
  account     BLOB NOT NULL,
  device      BLOB NOT NULL,
  level       INTEGER NOT NULL,        -- 1 limited, 2 enrolling, 3 full
  methods     INTEGER NOT NULL,        -- set of what was proven
  generation  INTEGER NOT NULL,
  browser     BLOB NOT NULL,           -- hash of the browser's cookie
  network     BLOB NOT NULL,           -- keyed hash of the network, different for every session
  agent       TEXT NOT NULL,
  made_at     INTEGER NOT NULL,
  step_up_at  INTEGER NOT NULL,
  touched_at  INTEGER NOT NULL,
  ends_at     INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX identity_session_token ON identity_session (token);
CREATE INDEX identity_session_account ON identity_session (account, id);
CREATE INDEX identity_session_ends ON identity_session (ends_at);

-- An attempt to sign in, to prove oneself again, or to recover: what was proven so far.
CREATE TABLE identity_attempt (
  id          BLOB NOT NULL PRIMARY KEY,
  token       BLOB NOT NULL,
  realm       INTEGER NOT NULL,
  aim         INTEGER NOT NULL,        -- 1 sign in, 2 step up, 3 recover
  account     BLOB NOT NULL,
  session     BLOB,
  browser     BLOB NOT NULL,
  proven      INTEGER NOT NULL,
  tries       INTEGER NOT NULL,
  sent        INTEGER NOT NULL,        -- codes that were sent
  code        BLOB,
  code_for    INTEGER NOT NULL,
  code_ends   INTEGER NOT NULL,
  state       INTEGER NOT NULL,        -- 1 open, 2 over
  made_at     INTEGER NOT NULL,
  ends_at     INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX identity_attempt_token ON identity_attempt (token);
CREATE INDEX identity_attempt_ends ON identity_attempt (ends_at);
CREATE INDEX identity_attempt_account ON identity_attempt (account, id);

-- A challenge to an authenticator. Whoever answers deletes the row first: it is answered once.
CREATE TABLE identity_ceremony (
  token       BLOB NOT NULL PRIMARY KEY,
  realm       INTEGER NOT NULL,
  kind        INTEGER NOT NULL,        -- 1 sign in, 2 factor of an attempt, 3 enrol, 4 guest
  account     BLOB,
  session     BLOB,
  attempt     BLOB,
  browser     BLOB NOT NULL,
  data        TEXT NOT NULL,           -- challenge and what it was made for
  ends_at     INTEGER NOT NULL
) STRICT;
CREATE INDEX identity_ceremony_ends ON identity_ceremony (ends_at);

-- Links in mails. The token is minted when the mail is written; until then there is none that opens the row.
CREATE TABLE identity_link (
  id          BLOB NOT NULL PRIMARY KEY,
  token       BLOB,
  kind        INTEGER NOT NULL,
  realm       INTEGER NOT NULL,
  account     BLOB,
  attempt     BLOB,
  device      BLOB,
  change      BLOB,
  browser     BLOB,                    -- hash of the cookie of the browser that asked
  code        BLOB,                    -- hash of what that browser shows
  tries       INTEGER NOT NULL,
  state       INTEGER NOT NULL,        -- 1 open, 2 spent, 3 replaced
  made_at     INTEGER NOT NULL,
  ends_at     INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX identity_link_token ON identity_link (token);
CREATE INDEX identity_link_account ON identity_link (account, kind, id);
CREATE INDEX identity_link_ends ON identity_link (ends_at);

-- A changed e-mail address that waits for its two confirmations.
CREATE TABLE identity_change (
  id          BLOB NOT NULL PRIMARY KEY,
  account     BLOB NOT NULL,
  email       BLOB NOT NULL,
  by_old      INTEGER NOT NULL,
  by_new      INTEGER NOT NULL,
  state       INTEGER NOT NULL,        -- 1 open, 2 done, 3 over
  made_at     INTEGER NOT NULL,
  ends_at     INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX identity_change_open ON identity_change (account) WHERE state = 1;
CREATE INDEX identity_change_ends ON identity_change (ends_at);

CREATE TABLE identity_recovery (
  id          BLOB NOT NULL PRIMARY KEY,
  account     BLOB NOT NULL,
  proven      INTEGER NOT NULL,
  browser     BLOB NOT NULL,
  code        BLOB,
  state       INTEGER NOT NULL,        -- 1 waiting, 2 done, 3 cancelled
  made_at     INTEGER NOT NULL,
  ready_at    INTEGER NOT NULL,
  told_at     INTEGER NOT NULL,        -- when the last link was mailed; 0 before
  ends_at     INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX identity_recovery_open ON identity_recovery (account) WHERE state = 1;
CREATE INDEX identity_recovery_due ON identity_recovery (ready_at, id) WHERE state = 1;

-- Growing delays, and counts in a window of time. The keys are keyed hashes of addresses, networks and accounts.
CREATE TABLE identity_throttle (
  key         BLOB NOT NULL PRIMARY KEY,
  fails       INTEGER NOT NULL,
  next_at     INTEGER NOT NULL,
  touched_at  INTEGER NOT NULL
) STRICT;
CREATE INDEX identity_throttle_touched ON identity_throttle (touched_at);
CREATE TABLE identity_count (
  key         BLOB NOT NULL,
  slot        INTEGER NOT NULL,
  count       INTEGER NOT NULL,
  PRIMARY KEY (key, slot)
) STRICT;
CREATE INDEX identity_count_slot ON identity_count (slot);
