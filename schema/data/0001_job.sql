-- Jobs are the store's outbox: what must happen after a commit is a row written in that commit.
CREATE TABLE job_queue (
  id       BLOB NOT NULL PRIMARY KEY,
  kind     TEXT NOT NULL,
  key      TEXT NOT NULL,            -- unique within the kind: the same work is enqueued once
  args     TEXT NOT NULL,            -- JSON of ids and numbers, never personal data
  run_at   INTEGER NOT NULL,         -- not before
  attempts INTEGER NOT NULL,
  state    TEXT NOT NULL,            -- ready, leased, done, dead
  leased_until INTEGER NOT NULL,     -- 0 unless leased
  lease    BLOB,                     -- who holds it
  error    TEXT NOT NULL,            -- the last failure, for the operator
  made_at  INTEGER NOT NULL,
  ended_at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX job_queue_key ON job_queue (kind, key);
CREATE INDEX job_queue_due ON job_queue (run_at, id) WHERE state = 'ready';
CREATE INDEX job_queue_leased ON job_queue (leased_until) WHERE state = 'leased';
CREATE INDEX job_queue_ended ON job_queue (state, ended_at, id);

CREATE TABLE job_period (
  kind    TEXT NOT NULL PRIMARY KEY,
  next_at INTEGER NOT NULL
) STRICT;
