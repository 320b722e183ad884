-- The sandbox keeps each session whole, as the JSON of its own type: it is a witness, and nobody queries it.
CREATE TABLE sandbox_session (
  id      TEXT NOT NULL PRIMARY KEY,
  doc     TEXT NOT NULL,
  made_at INTEGER NOT NULL
) STRICT;
CREATE INDEX sandbox_session_made ON sandbox_session (made_at, id);
