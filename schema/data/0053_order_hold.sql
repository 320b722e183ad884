-- Orders whose money is held until the goods leave (state 8): what is to become of the held sum, by whom, and what of the
-- order is given up with it. A plan is carried out when the provider has confirmed its act, in that transaction.
ALTER TABLE order_head ADD COLUMN let_go INTEGER NOT NULL DEFAULT 0;

CREATE TABLE order_hold_plan (
  id         BLOB NOT NULL PRIMARY KEY,
  order_id   BLOB NOT NULL REFERENCES order_head (id),
  payment    BLOB NOT NULL,
  kind       TEXT NOT NULL,           -- ship, take, release, cancel
  amount     INTEGER NOT NULL,        -- that is taken; 0 where nothing is
  tax        INTEGER NOT NULL,        -- within what is not taken of the order's sum
  actor      TEXT NOT NULL,           -- kind and role of who decided, never a person
  made_at    INTEGER NOT NULL
) STRICT;
CREATE INDEX order_hold_plan_order ON order_hold_plan (order_id, id);

-- Pieces that will not be sent, because their price is let go.
CREATE TABLE order_hold_rest (
  plan       BLOB NOT NULL REFERENCES order_hold_plan (id),
  position   INTEGER NOT NULL,        -- of the order's line
  quantity   INTEGER NOT NULL CHECK (quantity > 0),
  amount     INTEGER NOT NULL,
  PRIMARY KEY (plan, position)
) STRICT;
