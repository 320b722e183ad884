-- What shoppers with an account keep with the store: a name, and addresses to send to. All of it is sealed under the
-- account's own keys, and goes with the account.
CREATE TABLE shopper_person (
  account  BLOB NOT NULL PRIMARY KEY,     -- identity_account.id
  subject  BLOB NOT NULL,                 -- whose keys seal the row
  name     BLOB,
  saved_at INTEGER NOT NULL
) STRICT;

CREATE TABLE shopper_address (
  id       BLOB NOT NULL PRIMARY KEY,
  account  BLOB NOT NULL,
  subject  BLOB NOT NULL,
  country  TEXT NOT NULL,
  name     BLOB,
  company  BLOB,
  street   BLOB,
  line2    BLOB,
  postcode BLOB,
  city     BLOB,
  region   BLOB,
  chosen   INTEGER NOT NULL,              -- 1: goods go there unless another one is picked
  made_at  INTEGER NOT NULL,
  saved_at INTEGER NOT NULL
) STRICT;
CREATE INDEX shopper_address_account ON shopper_address (account, id);
CREATE UNIQUE INDEX shopper_address_chosen ON shopper_address (account) WHERE chosen = 1;
