-- The audit log. body is the entry's canonical bytes and the only truth; the other columns are copies for look-up.
CREATE TABLE audit_entry (
  id         BLOB NOT NULL PRIMARY KEY,
  at         INTEGER NOT NULL,
  actor_kind INTEGER NOT NULL,
  actor      TEXT NOT NULL,          -- id in hexadecimal digits or a system part's name; '' for none
  action     TEXT NOT NULL,
  object     TEXT NOT NULL,
  object_id  BLOB,
  person     BLOB,                   -- random handle, means nothing once the person's keys are gone
  outcome    INTEGER NOT NULL,
  body       BLOB NOT NULL,
  leaf       BLOB NOT NULL,          -- SHA-256 of 0x00 and body, as the tree will hash it
  sequence   INTEGER                 -- place in the tree; NULL until the sequencer gave one
) STRICT;
CREATE UNIQUE INDEX audit_entry_sequence ON audit_entry (sequence);
CREATE INDEX audit_entry_unplaced ON audit_entry (id) WHERE sequence IS NULL;
CREATE INDEX audit_entry_at ON audit_entry (at, id);
CREATE INDEX audit_entry_actor ON audit_entry (actor_kind, actor, at, id);
CREATE INDEX audit_entry_action ON audit_entry (action, at, id);
CREATE INDEX audit_entry_object ON audit_entry (object, object_id, at, id);
CREATE INDEX audit_entry_person ON audit_entry (person, at, id) WHERE person IS NOT NULL;

-- The ledger of erasures: intended with the act, done when the keys are gone, replayed on every restore.
CREATE TABLE vault_erasure (
  subject     BLOB NOT NULL,
  purpose     INTEGER NOT NULL,
  intended_at INTEGER NOT NULL,
  done_at     INTEGER NOT NULL,      -- 0 until the key is destroyed
  PRIMARY KEY (subject, purpose)
) STRICT;
CREATE INDEX vault_erasure_due ON vault_erasure (intended_at) WHERE done_at = 0;

-- The mark of the installation; see guard/epoch.
CREATE TABLE epoch_mark (
  id    INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
  epoch BLOB NOT NULL
) STRICT;
