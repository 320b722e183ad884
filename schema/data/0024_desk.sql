-- The desk: what staff do with orders, products and stock.

-- Who changed stock by hand, and why.
ALTER TABLE stock_move ADD COLUMN reason TEXT NOT NULL DEFAULT '';
ALTER TABLE stock_move ADD COLUMN actor TEXT NOT NULL DEFAULT '';

CREATE INDEX catalog_product_state ON catalog_product (state, handle);

-- How far the goods of an order are: 0 nothing to send, 1 to be sent, 2 partly sent, 3 sent, 4 delivered.
ALTER TABLE order_head ADD COLUMN parcel INTEGER NOT NULL DEFAULT 0;
UPDATE order_head SET parcel = 1 WHERE state IN (3, 6) AND delivered_at = 0;
UPDATE order_head SET parcel = 4 WHERE delivered_at > 0;
CREATE INDEX order_head_parcel ON order_head (parcel, placed_at, id) WHERE parcel > 0;
CREATE INDEX order_head_state_parcel ON order_head (state, parcel, placed_at, id);

-- Pieces of a line that left, and that were given back with money.
ALTER TABLE order_line ADD COLUMN sent INTEGER NOT NULL DEFAULT 0;
ALTER TABLE order_line ADD COLUMN refunded INTEGER NOT NULL DEFAULT 0;

CREATE TABLE order_shipment (
  id         BLOB NOT NULL PRIMARY KEY,
  order_id   BLOB NOT NULL REFERENCES order_head (id),
  carrier    TEXT NOT NULL,           -- word of a known carrier, "other", or empty for picking up
  tracking   BLOB,                    -- sealed: a parcel's number leads to its address at the carrier
  attempt    BLOB NOT NULL,           -- of the form, so that a second click sends nothing
  sent_at    INTEGER NOT NULL,
  delivered_at INTEGER NOT NULL       -- 0 until it is known
) STRICT;
CREATE INDEX order_shipment_order ON order_shipment (order_id, id);
CREATE UNIQUE INDEX order_shipment_attempt ON order_shipment (order_id, attempt);

CREATE TABLE order_shipment_line (
  shipment   BLOB NOT NULL REFERENCES order_shipment (id),
  position   INTEGER NOT NULL,        -- of the order's line
  quantity   INTEGER NOT NULL CHECK (quantity > 0),
  PRIMARY KEY (shipment, position)
) STRICT;

-- Every move of an order's goods.
CREATE TABLE order_parcel_move (
  order_id   BLOB NOT NULL REFERENCES order_head (id),
  seq        INTEGER NOT NULL,
  from_step  INTEGER NOT NULL,
  to_step    INTEGER NOT NULL,
  reason     TEXT NOT NULL,
  actor      TEXT NOT NULL,           -- kind and role of who moved it, never a person
  shipment   BLOB,
  at         INTEGER NOT NULL,
  PRIMARY KEY (order_id, seq)
) STRICT;

-- Money that staff gave back, by line.
CREATE TABLE order_refund (
  id         BLOB NOT NULL PRIMARY KEY,
  order_id   BLOB NOT NULL REFERENCES order_head (id),
  attempt    BLOB NOT NULL,
  payment    BLOB NOT NULL,
  amount     INTEGER NOT NULL,
  tax        INTEGER NOT NULL,
  shipping   INTEGER NOT NULL,        -- part of the amount that is delivery
  reason     TEXT NOT NULL,
  restock    INTEGER NOT NULL,        -- 1: the pieces went back on the shelf
  member     BLOB,                    -- who gave it alone; NULL when two people or the console did
  made_at    INTEGER NOT NULL
) STRICT;
CREATE INDEX order_refund_member ON order_refund (member, made_at) WHERE member IS NOT NULL;
CREATE INDEX order_refund_order ON order_refund (order_id, id);
CREATE UNIQUE INDEX order_refund_attempt ON order_refund (order_id, attempt);

CREATE TABLE order_refund_line (
  refund     BLOB NOT NULL REFERENCES order_refund (id),
  position   INTEGER NOT NULL,
  quantity   INTEGER NOT NULL CHECK (quantity > 0),
  amount     INTEGER NOT NULL,
  PRIMARY KEY (refund, position)
) STRICT;

-- Orders that somebody is packing. Working on one is a reason to see its address.
CREATE TABLE order_assignment (
  order_id   BLOB NOT NULL REFERENCES order_head (id),
  member     BLOB NOT NULL,           -- id of a staff member
  made_at    INTEGER NOT NULL,
  ended_at   INTEGER NOT NULL,        -- 0 while it is open
  outcome    TEXT NOT NULL,           -- empty while open, then sent, given_back, taken_away
  PRIMARY KEY (order_id, made_at, member)
) STRICT;
CREATE UNIQUE INDEX order_assignment_open ON order_assignment (order_id) WHERE ended_at = 0;
CREATE INDEX order_assignment_member ON order_assignment (member, ended_at, made_at);

-- Orders that cannot be found by their e-mail address yet: the key database takes many under one commit.
CREATE TABLE order_unlisted (
  order_id   BLOB NOT NULL PRIMARY KEY REFERENCES order_head (id)
) STRICT;
