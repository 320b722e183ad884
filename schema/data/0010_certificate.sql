-- What many processes share about their certificates: accounts at the authority, certificates with their keys, answers
-- to challenges. Values are sealed by the vault under a label that holds the key.
CREATE TABLE certificate_item (
  key        TEXT NOT NULL PRIMARY KEY, -- a path with slashes
  value      BLOB NOT NULL,             -- sealed
  size       INTEGER NOT NULL,          -- of the value in clear
  changed_at INTEGER NOT NULL
) STRICT;

-- Who works on what. A lock whose holder died is free once its time is over.
CREATE TABLE certificate_lock (
  name       TEXT NOT NULL PRIMARY KEY,
  holder     BLOB NOT NULL,             -- 16 random bytes of one call
  until_at   INTEGER NOT NULL
) STRICT;

-- Which ends of certificates were told to the owner, so that each is told once, however many processes watch.
CREATE TABLE certificate_alarm (
  face       TEXT NOT NULL,             -- shop, admin
  ends_at    INTEGER NOT NULL,          -- of the certificate
  days       INTEGER NOT NULL,          -- which of the thresholds
  told_at    INTEGER NOT NULL,
  PRIMARY KEY (face, ends_at, days)
) STRICT;
