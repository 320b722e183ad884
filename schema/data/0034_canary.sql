-- Canaries: orders of invented people that nobody has a reason to look at.
CREATE TABLE staff_canary (
  object     BLOB NOT NULL PRIMARY KEY,
  made_at    INTEGER NOT NULL
) STRICT;
