-- An entry without a place stands in one index only.
DROP INDEX audit_entry_sequence;
CREATE UNIQUE INDEX audit_entry_sequence ON audit_entry (sequence) WHERE sequence IS NOT NULL;

-- The tree over the audit log. Tiles and head belong together: a head is only moved with its tiles.
CREATE TABLE audit_tree (
  id   INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
  size INTEGER NOT NULL,
  root BLOB NOT NULL,
  at   INTEGER NOT NULL
) STRICT;

CREATE TABLE audit_tile (
  level  INTEGER NOT NULL,
  number INTEGER NOT NULL,
  hashes BLOB NOT NULL,              -- up to 256 hashes of 32 bytes; the last tile of a level grows
  PRIMARY KEY (level, number)
) STRICT;

-- Signed heads of the last weeks. What proves something is what was kept outside.
CREATE TABLE audit_checkpoint (
  size INTEGER NOT NULL PRIMARY KEY,
  at   INTEGER NOT NULL,
  note BLOB NOT NULL
) STRICT;
CREATE INDEX audit_checkpoint_at ON audit_checkpoint (at);

-- The key that signs heads: the private half is sealed.
CREATE TABLE audit_signer (
  id       INTEGER NOT NULL PRIMARY KEY,
  made_at  INTEGER NOT NULL,
  verifier TEXT NOT NULL,
  sealed   BLOB NOT NULL
) STRICT;

-- What was pushed to which place outside, and what last went wrong there.
CREATE TABLE audit_push (
  place     TEXT NOT NULL PRIMARY KEY,
  size      INTEGER NOT NULL,
  at        INTEGER NOT NULL,
  failed_at INTEGER NOT NULL,        -- 0: the last push went through
  failure   TEXT NOT NULL            -- a word; the operator's log has the details
) STRICT;
