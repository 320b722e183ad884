-- Carts: variants and quantities, never a price.
CREATE TABLE cart_cart (
  id         BLOB NOT NULL PRIMARY KEY,
  token_hash BLOB NOT NULL UNIQUE,       -- SHA-256 of the random token in the cookie
  state      INTEGER NOT NULL,           -- 1 open, 2 closed: belongs to an open order, 3 spent: its order is paid
  order_id   BLOB,                       -- while closed or spent
  version    INTEGER NOT NULL,           -- goes up with each change, so that what was shown is what is ordered
  country    TEXT NOT NULL,              -- of delivery as far as it was chosen, for the estimate; else ""
  made_at    INTEGER NOT NULL,
  touched_at INTEGER NOT NULL
) STRICT;
CREATE INDEX cart_cart_touched ON cart_cart (touched_at);
CREATE UNIQUE INDEX cart_cart_order ON cart_cart (order_id) WHERE order_id IS NOT NULL;

CREATE TABLE cart_line (
  cart_id    BLOB NOT NULL REFERENCES cart_cart (id),
  variant_id BLOB NOT NULL,
  quantity   INTEGER NOT NULL CHECK (quantity > 0),
  made_at    INTEGER NOT NULL,
  PRIMARY KEY (cart_id, variant_id)
) STRICT;

CREATE TABLE cart_code (
  cart_id BLOB NOT NULL REFERENCES cart_cart (id),
  code_id BLOB NOT NULL,
  made_at INTEGER NOT NULL,
  PRIMARY KEY (cart_id, code_id)
) STRICT;
