-- The key database: keys of people, look-up indexes, handles. It is deleted from for good (secure_delete, VACUUM) and
-- is backed up apart from the data and for a short time only.

-- The one root key that every store key is wrapped under now. The row holds its name and not the key.
CREATE TABLE vault_root (
  id      INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
  key_id  BLOB NOT NULL,             -- which root key; empty for engines that name it themselves
  made_at INTEGER NOT NULL
) STRICT;

-- Store keys, wrapped by the root key and opened once at start.
CREATE TABLE vault_store (
  version INTEGER NOT NULL PRIMARY KEY, -- counts over all kinds
  kind    TEXT NOT NULL,             -- subject, secret, log, index, mac, sign
  wrapped BLOB NOT NULL,
  current INTEGER NOT NULL,          -- 1 for the one that seals now
  made_at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX vault_store_current ON vault_store (kind) WHERE current = 1;

CREATE TABLE vault_subject (
  id       BLOB NOT NULL PRIMARY KEY,
  state    TEXT NOT NULL,            -- pending (no data known yet), live, destroyed
  handle   BLOB,                     -- the random name that the audit log knows; NULL once erased
  made_at  INTEGER NOT NULL,
  ended_at INTEGER NOT NULL
) STRICT;
CREATE INDEX vault_subject_pending ON vault_subject (made_at, id) WHERE state = 'pending';
CREATE UNIQUE INDEX vault_subject_handle ON vault_subject (handle);

-- A key for every subject and purpose, wrapped by a store key. A store key that still wraps one cannot be deleted.
CREATE TABLE vault_key (
  subject  BLOB NOT NULL REFERENCES vault_subject (id),
  purpose  INTEGER NOT NULL,
  version  INTEGER NOT NULL,
  store    INTEGER NOT NULL REFERENCES vault_store (version),
  wrapped  BLOB NOT NULL,
  PRIMARY KEY (subject, purpose, version)
) STRICT;
CREATE INDEX vault_key_store ON vault_key (store);

-- Who is behind a handle for limits per person: the keyed hash of an e-mail address.
CREATE TABLE vault_contact (
  value   BLOB NOT NULL PRIMARY KEY,
  handle  BLOB NOT NULL,
  chain   INTEGER NOT NULL,          -- the index key that value was last hashed under
  made_at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX vault_contact_handle ON vault_contact (handle);
CREATE INDEX vault_contact_chain ON vault_contact (chain);
CREATE INDEX vault_contact_made ON vault_contact (made_at);

-- Exact look-up: keyed hash of a field's value to the subjects that have it.
CREATE TABLE vault_index (
  field   INTEGER NOT NULL,          -- permanent field number
  value   BLOB NOT NULL,
  subject BLOB NOT NULL REFERENCES vault_subject (id),
  purpose INTEGER NOT NULL,
  chain   INTEGER NOT NULL,
  contact BLOB,                      -- handle of vault_contact, for fields that are e-mail addresses
  PRIMARY KEY (field, value, subject)
) STRICT;
CREATE INDEX vault_index_subject ON vault_index (subject, purpose);
CREATE INDEX vault_index_chain ON vault_index (chain);
CREATE INDEX vault_index_contact ON vault_index (contact);

-- How far the running rotation is; one row while one runs or stands still.
CREATE TABLE vault_rotation (
  id         INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
  step       TEXT NOT NULL,          -- root, store, subject, index, retire, ended
  done       INTEGER NOT NULL,       -- rows moved so far
  started_at INTEGER NOT NULL,
  ended_at   INTEGER NOT NULL,
  holder     BLOB NOT NULL,          -- who works at it
  until      INTEGER NOT NULL        -- how long the holder may be silent
) STRICT;

-- Recovery kits: the public half of each kit, and the present root key sealed to it.
CREATE TABLE vault_kit (
  id         BLOB NOT NULL PRIMARY KEY,
  recipient  TEXT NOT NULL,
  sealed     BLOB NOT NULL,
  key_id     BLOB NOT NULL,          -- which root key is sealed
  made_at    INTEGER NOT NULL,
  checked_at INTEGER NOT NULL        -- when somebody last proved to hold the kit; 0 for never
) STRICT;

-- The mark of the installation; see guard/epoch.
CREATE TABLE epoch_mark (
  id    INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
  epoch BLOB NOT NULL
) STRICT;
