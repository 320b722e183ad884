-- Who works in the store. A member's id is that of her identity account; her name is sealed under the account's subject.
CREATE TABLE staff_member (
  id         BLOB NOT NULL PRIMARY KEY,
  subject    BLOB NOT NULL,
  name       BLOB NOT NULL,           -- sealed
  state      INTEGER NOT NULL,        -- 1 invited, 2 active, 3 left, 4 must enrol again
  role       TEXT NOT NULL,           -- a built-in role, or "own"
  own_role   BLOB,                    -- staff_role.id when role is "own"
  ends_at    INTEGER NOT NULL,        -- 0, or the day on which it is over
  invited_by BLOB,                    -- NULL: the console or the set-up link
  version    INTEGER NOT NULL,        -- grows with each change
  made_at    INTEGER NOT NULL,
  active_at  INTEGER NOT NULL,        -- 0 until it happens, as the following
  left_at    INTEGER NOT NULL
) STRICT;
CREATE INDEX staff_member_state ON staff_member (state, made_at, id);
CREATE INDEX staff_member_role ON staff_member (own_role) WHERE own_role IS NOT NULL;
CREATE INDEX staff_member_subject ON staff_member (subject);

-- How many active owners there are. Owners leave by a guarded update of this row, so that the last one never does.
CREATE TABLE staff_owners (
  one        INTEGER NOT NULL PRIMARY KEY CHECK (one = 1),
  count      INTEGER NOT NULL CHECK (count >= 0)
) STRICT;
INSERT INTO staff_owners (one, count) VALUES (1, 0);

-- Roles that the shop made itself.
CREATE TABLE staff_role (
  id         BLOB NOT NULL PRIMARY KEY,
  name       TEXT NOT NULL,           -- what the shop calls it
  permissions TEXT NOT NULL,          -- words, separated by spaces
  masked     INTEGER NOT NULL,
  watched    INTEGER NOT NULL,
  made_by    BLOB,
  made_at    INTEGER NOT NULL,
  changed_at INTEGER NOT NULL,
  dropped_at INTEGER NOT NULL
) STRICT;

-- Links that are used once: invitation, set-up of the first owner, recovery of an owner, stopping a dangerous act.
CREATE TABLE staff_link (
  id         BLOB NOT NULL PRIMARY KEY,
  kind       TEXT NOT NULL,           -- invitation, set_up, recover, stop
  token      BLOB,                    -- hash of 256 random bits; NULL until it was mailed or printed
  member     BLOB,
  approval   BLOB,
  start      BLOB,                    -- of the program that printed a set-up link; no other start takes it
  made_at    INTEGER NOT NULL,
  ends_at    INTEGER NOT NULL,
  spent_at   INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX staff_link_token ON staff_link (token) WHERE token IS NOT NULL;
CREATE INDEX staff_link_member ON staff_link (member, kind) WHERE member IS NOT NULL;
CREATE INDEX staff_link_ends ON staff_link (ends_at);

-- Dangerous acts that one person asked for and another decides on.
CREATE TABLE staff_approval (
  id         BLOB NOT NULL PRIMARY KEY,
  kind       TEXT NOT NULL,           -- who carries it out, such as "order.refund"
  may        TEXT NOT NULL,           -- the permission that asker and decider need
  params     TEXT NOT NULL,           -- what is done, frozen: JSON of ids, numbers and words
  proof      BLOB NOT NULL,           -- keyed hash over everything that must not change
  object     TEXT NOT NULL,
  object_id  BLOB,
  facts      TEXT NOT NULL,           -- JSON of words and numbers for the page
  reason     BLOB,                    -- sealed
  state      INTEGER NOT NULL,        -- 1 waiting, 2 approved, 3 refused, 4 cancelled, 5 expired, 6 running, 7 done, 8 failed
  alone      INTEGER NOT NULL,        -- 1: there was nobody to ask, and a day must go by
  asked_by   BLOB NOT NULL,
  asked_at   INTEGER NOT NULL,
  ready_at   INTEGER NOT NULL,        -- when it happens by itself if alone
  ends_at    INTEGER NOT NULL,
  decided_by BLOB,
  decided_at INTEGER NOT NULL,
  done_at    INTEGER NOT NULL,
  error      TEXT NOT NULL            -- a word
) STRICT;
CREATE INDEX staff_approval_state ON staff_approval (state, asked_at, id);

-- Looks at personal data, counted: how many people a member saw in an hour and in a day.
CREATE TABLE staff_quota (
  member     BLOB NOT NULL,
  span       TEXT NOT NULL,           -- hour, day
  slot       INTEGER NOT NULL,        -- when it began
  count      INTEGER NOT NULL,
  told       INTEGER NOT NULL,        -- 1 once the alarm was raised
  PRIMARY KEY (member, span, slot)
) STRICT;
CREATE INDEX staff_quota_slot ON staff_quota (slot);

-- Whom a member saw on a day: a second look at the same order is none of another person.
CREATE TABLE staff_look (
  member     BLOB NOT NULL,
  slot       INTEGER NOT NULL,
  subject    BLOB NOT NULL,
  PRIMARY KEY (member, slot, subject)
) STRICT;
CREATE INDEX staff_look_slot ON staff_look (slot);

-- Break-glass: rights for an hour, told to everybody.
CREATE TABLE staff_glass (
  id         BLOB NOT NULL PRIMARY KEY,
  member     BLOB NOT NULL,
  reason     BLOB NOT NULL,           -- sealed
  made_at    INTEGER NOT NULL,
  ends_at    INTEGER NOT NULL,
  ended_at   INTEGER NOT NULL         -- 0 unless it was given back or taken away before
) STRICT;
CREATE INDEX staff_glass_member ON staff_glass (member, ends_at);
