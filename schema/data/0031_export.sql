-- Files with the personal data of many orders, which two people agreed on. What is in a file is sealed under keys of its
-- own; they are destroyed when it was fetched, or a day later.
CREATE TABLE export_file (
  id         BLOB NOT NULL PRIMARY KEY, -- staff_approval.id of the request
  asker      BLOB NOT NULL,           -- the only member who may fetch it
  role       TEXT NOT NULL,           -- the asker's, as shoppers are told of it
  subject    BLOB NOT NULL,           -- whose keys seal the pieces
  format     TEXT NOT NULL,           -- csv, jsonl
  from_at    INTEGER NOT NULL,
  until_at   INTEGER NOT NULL,
  state      INTEGER NOT NULL,        -- 1 being made, 2 ready, 3 being fetched, 4 fetched, 5 erased
  mark_at    INTEGER NOT NULL,        -- the last order that is in it
  mark_id    BLOB,
  pieces     INTEGER NOT NULL,
  orders     INTEGER NOT NULL,
  size       INTEGER NOT NULL,        -- of the whole file in clear, in bytes
  tries      INTEGER NOT NULL,        -- how often it was begun to be fetched
  made_at    INTEGER NOT NULL,
  ready_at   INTEGER NOT NULL,        -- 0 until it is
  ends_at    INTEGER NOT NULL,        -- it is erased then at the latest
  until_try  INTEGER NOT NULL         -- how long the present fetching may take
) STRICT;
CREATE INDEX export_file_asker ON export_file (asker, made_at);
CREATE INDEX export_file_open ON export_file (ends_at) WHERE state < 4;
CREATE INDEX export_file_subject ON export_file (subject);

CREATE TABLE export_piece (
  file       BLOB NOT NULL REFERENCES export_file (id),
  seq        INTEGER NOT NULL,
  id         BLOB NOT NULL,
  bytes      BLOB NOT NULL,           -- sealed
  PRIMARY KEY (file, seq)
) STRICT;
