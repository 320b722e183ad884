-- Looks at the pages around payment from outside. Kept for a year and a month.
CREATE TABLE pagewatch_look (
  id       BLOB NOT NULL PRIMARY KEY,
  at       INTEGER NOT NULL,
  ended_at INTEGER NOT NULL,
  outcome  TEXT NOT NULL,    -- same, different, unseen
  pages    INTEGER NOT NULL, -- that were seen
  things   INTEGER NOT NULL, -- that were compared
  short    INTEGER NOT NULL, -- 1: nothing could be bought
  trouble  TEXT NOT NULL     -- why nobody could look; empty otherwise
) STRICT;
CREATE INDEX pagewatch_look_at ON pagewatch_look (at, id);

-- What differed from the inventory. One row for each difference, however often it comes and goes.
CREATE TABLE pagewatch_difference (
  mark     TEXT NOT NULL PRIMARY KEY,
  page     TEXT NOT NULL,
  kind     TEXT NOT NULL,
  name     TEXT NOT NULL,
  what     TEXT NOT NULL,    -- foreign, changed, missing
  expected TEXT NOT NULL,
  found    TEXT NOT NULL,    -- what a stranger without name or order was served
  first_at INTEGER NOT NULL,
  last_at  INTEGER NOT NULL,
  ended_at INTEGER NOT NULL, -- 0 while it stands
  told_at  INTEGER NOT NULL  -- when the owner was last told; 0 for never
) STRICT;

-- What a shopkeeper keeps for her answers to the acquirer: results of outside scans, attestations of providers. Rows are
-- added and never changed; one that was wrong is followed by a right one.
CREATE TABLE pagewatch_record (
  id      BLOB NOT NULL PRIMARY KEY,
  sort    TEXT NOT NULL,     -- scan, attestation
  subject TEXT NOT NULL,     -- who scanned; which provider
  day     TEXT NOT NULL,     -- of the scan, or of the attestation: 2026-11-22
  result  TEXT NOT NULL,     -- passed, failed; empty for attestations
  place   TEXT NOT NULL,     -- where the document lies: an address, or words
  member  BLOB,              -- who wrote it down; NULL for the console
  made_at INTEGER NOT NULL
) STRICT;
CREATE INDEX pagewatch_record_sort ON pagewatch_record (sort, subject, day, id);

-- What somebody decided to live with for a while: a finding of the safety page, or a difference of a page.
CREATE TABLE safety_acceptance (
  subject  TEXT NOT NULL PRIMARY KEY, -- "check/" and the check's name, "page/" and a difference's mark
  found    TEXT NOT NULL,             -- word of what was found then: another finding is not accepted
  most     INTEGER NOT NULL,          -- the finding's number then: a larger one is not accepted
  reason   TEXT NOT NULL,
  member   BLOB,                      -- who accepted; NULL for the console
  made_at  INTEGER NOT NULL,
  until_at INTEGER NOT NULL
) STRICT;
