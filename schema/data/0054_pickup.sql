-- Pay at pick-up, what came by transfer beside what is owed, and the order in which shoppers see the ways to pay.

-- How a sum was taken where the goods were handed over: cash, or the shop's own terminal. Empty for transfers.
ALTER TABLE payment_offline_receipt ADD COLUMN how TEXT NOT NULL DEFAULT '';

-- What came and is no payment (a part, or too much), as it stands in the ledger until it becomes one or is sent back.
ALTER TABLE payment_offline ADD COLUMN kept INTEGER NOT NULL DEFAULT 0 CHECK (kept >= 0);
CREATE INDEX payment_offline_kept ON payment_offline (method, currency) WHERE kept > 0;

-- The returns of one payment, in the order in which they were asked for.
ALTER TABLE payment_offline_return ADD COLUMN n INTEGER NOT NULL DEFAULT 0;

-- The place among the ways to pay that are switched on; who was moved by nobody stands by when it was switched on.
ALTER TABLE payment_provider ADD COLUMN place INTEGER NOT NULL DEFAULT 0;

-- Orders whose goods are kept for days though nothing is paid, as long as they are. Who places them is a keyed hash.
CREATE TABLE fraud_unpaid (
  order_id BLOB NOT NULL PRIMARY KEY,
  device   BLOB NOT NULL,           -- keyed hashes; empty when unknown
  contact  BLOB NOT NULL,
  network  BLOB NOT NULL,
  newcomer INTEGER NOT NULL,        -- 1: nobody here has paid before
  made_at  INTEGER NOT NULL
) STRICT;
CREATE INDEX fraud_unpaid_contact ON fraud_unpaid (contact);
CREATE INDEX fraud_unpaid_device ON fraud_unpaid (device);
CREATE INDEX fraud_unpaid_network ON fraud_unpaid (network);
CREATE INDEX fraud_unpaid_made ON fraud_unpaid (made_at);

-- One row that whoever adds to them changes first, so that they are counted one after the other.
CREATE TABLE fraud_unpaid_turn (
  id INTEGER NOT NULL PRIMARY KEY,
  n  INTEGER NOT NULL
) STRICT;
INSERT INTO fraud_unpaid_turn (id, n) VALUES (1, 0);
