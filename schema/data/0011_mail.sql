-- Keys that sign the shop's mails (DKIM). What is sealed is the private half; it goes when the key's successor signs.
CREATE TABLE post_key (
  selector  TEXT NOT NULL PRIMARY KEY,
  domain    TEXT NOT NULL,
  algorithm TEXT NOT NULL,           -- ed25519, rsa
  public    TEXT NOT NULL,           -- as DNS shows it
  sealed    BLOB,
  made_at   INTEGER NOT NULL,
  seen_at   INTEGER NOT NULL,        -- when DNS showed it first: from then on it signs; 0 before
  ended_at  INTEGER NOT NULL         -- when its successor began; 0 before
) STRICT;

-- Mails that came back, or were refused.
CREATE TABLE post_bounce (
  id        BLOB NOT NULL PRIMARY KEY,
  object    BLOB NOT NULL,           -- order or withdrawal that the mail was about
  kind      TEXT NOT NULL,           -- of letter
  order_id  BLOB,
  subject   BLOB,                    -- whose keys seal the detail
  nobody    INTEGER NOT NULL,        -- 1: there is nobody at the address
  code      INTEGER NOT NULL,        -- 550; 0 in reports
  status    TEXT NOT NULL,           -- 5.1.1, or empty
  source    TEXT NOT NULL,           -- refused (at once), report (later)
  detail    BLOB,                    -- the server's words
  at        INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX post_bounce_letter ON post_bounce (object, kind, source);
CREATE INDEX post_bounce_order ON post_bounce (order_id, at);
CREATE INDEX post_bounce_at ON post_bounce (at, id);

-- Addresses that get no more mail, each for one subject only.
CREATE TABLE post_stop (
  id        BLOB NOT NULL PRIMARY KEY,
  subject   BLOB NOT NULL,
  address   BLOB NOT NULL,
  bounce    BLOB NOT NULL,
  made_at   INTEGER NOT NULL,
  released_at INTEGER NOT NULL       -- 0 while it holds
) STRICT;
CREATE INDEX post_stop_subject ON post_stop (subject) WHERE released_at = 0;

-- How the sender's domain looked when DNS was asked last.
CREATE TABLE post_check (
  id        INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
  at        INTEGER NOT NULL,
  aligned   INTEGER NOT NULL,
  summary   TEXT NOT NULL
) STRICT;
