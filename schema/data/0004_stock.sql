-- Stock: what is there, what is promised, and every move that led to it.
CREATE TABLE stock_level (
  variant    BLOB NOT NULL PRIMARY KEY,
  on_hand    INTEGER NOT NULL CHECK (on_hand >= 0),
  reserved   INTEGER NOT NULL CHECK (reserved >= 0),
  updated_at INTEGER NOT NULL,
  CHECK (reserved <= on_hand)
) STRICT;

CREATE TABLE stock_reservation (
  order_id BLOB NOT NULL,
  variant  BLOB NOT NULL REFERENCES stock_level (variant),
  quantity INTEGER NOT NULL CHECK (quantity > 0),
  state    TEXT NOT NULL,            -- open, committed, released
  until    INTEGER NOT NULL,         -- when the order service should ask the payment provider
  returned INTEGER NOT NULL,         -- pieces of a committed reservation that came back
  made_at  INTEGER NOT NULL,
  PRIMARY KEY (order_id, variant),
  CHECK (returned >= 0),
  CHECK (returned <= quantity)
) STRICT;
CREATE INDEX stock_reservation_due ON stock_reservation (until, order_id, variant) WHERE state = 'open';
CREATE INDEX stock_reservation_variant ON stock_reservation (variant, state);

CREATE TABLE stock_move (
  id       BLOB NOT NULL PRIMARY KEY,
  variant  BLOB NOT NULL REFERENCES stock_level (variant),
  kind     TEXT NOT NULL,            -- count, receive, reserve, release, commit, restock
  order_id BLOB,                     -- NULL when no order is behind it
  on_hand  INTEGER NOT NULL,         -- change
  reserved INTEGER NOT NULL,         -- change
  at       INTEGER NOT NULL
) STRICT;
CREATE INDEX stock_move_variant ON stock_move (variant, at, id);
CREATE INDEX stock_move_order ON stock_move (order_id) WHERE order_id IS NOT NULL;
