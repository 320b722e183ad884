-- What a guest typed before the order is placed. The id becomes the order's id, and the subject the order's subject,
-- so that nothing is sealed again.
CREATE TABLE order_draft (
  id         BLOB NOT NULL PRIMARY KEY,
  cart       BLOB NOT NULL,           -- cart_cart.id
  subject    BLOB NOT NULL,           -- whose keys seal the fields
  attempt    BLOB NOT NULL,           -- 16 random bytes that the form carries
  language   TEXT NOT NULL,
  country    TEXT NOT NULL,           -- of delivery
  offer      TEXT NOT NULL,           -- key of the delivery offer
  version    INTEGER NOT NULL,        -- grows with every save
  made_at    INTEGER NOT NULL,
  saved_at   INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX order_draft_cart ON order_draft (cart);
CREATE INDEX order_draft_saved ON order_draft (saved_at);

-- The sealed fields of an order, and of the draft before it. Billing stands here even when it equals delivery, because
-- it is kept under the fiscal key when the delivery address is long gone.
CREATE TABLE order_personal (
  order_id   BLOB NOT NULL PRIMARY KEY,
  subject    BLOB NOT NULL,
  email      BLOB, phone BLOB, note BLOB,
  delivery_name BLOB, delivery_company BLOB, delivery_street BLOB, delivery_line2 BLOB,
  delivery_postcode BLOB, delivery_city BLOB, delivery_region BLOB,
  billing_name BLOB, billing_company BLOB, billing_street BLOB, billing_line2 BLOB,
  billing_postcode BLOB, billing_city BLOB, billing_region BLOB,
  delivery_country TEXT NOT NULL,
  billing_country  TEXT NOT NULL,
  billing_differs  INTEGER NOT NULL
) STRICT;
CREATE INDEX order_personal_subject ON order_personal (subject);

CREATE TABLE order_head (
  id         BLOB NOT NULL PRIMARY KEY,
  number     TEXT NOT NULL,
  state      INTEGER NOT NULL,
  cart       BLOB NOT NULL,
  cart_proof BLOB NOT NULL,           -- keyed hash of the cart's token: only its browser may repeat the attempt
  attempt    BLOB NOT NULL,
  shown      BLOB NOT NULL,           -- digest of what the shopper agreed to
  subject    BLOB NOT NULL,
  language   TEXT NOT NULL,
  country    TEXT NOT NULL,
  currency   TEXT NOT NULL,
  mode       TEXT NOT NULL,           -- inclusive, exclusive
  goods      INTEGER NOT NULL,
  discount   INTEGER NOT NULL,
  shipping   INTEGER NOT NULL,
  net        INTEGER NOT NULL,
  tax        INTEGER NOT NULL,
  total      INTEGER NOT NULL,
  code       TEXT NOT NULL,           -- discount code, or empty
  offer      TEXT NOT NULL,
  offer_name TEXT NOT NULL,           -- in the order's language
  pick_up    INTEGER NOT NULL,
  place      TEXT NOT NULL,           -- where to pick up: an address of the shop
  days_min   INTEGER NOT NULL,
  days_max   INTEGER NOT NULL,
  payment    BLOB,                    -- the payment that counts or is under way
  generation INTEGER NOT NULL,        -- of the mailed link
  corrections INTEGER NOT NULL,       -- of the e-mail address
  told       INTEGER NOT NULL,        -- 1 once the confirmation was handed to the mailer
  placed_at  INTEGER NOT NULL,
  pay_until  INTEGER NOT NULL,        -- goods are reserved until then
  paid_at    INTEGER NOT NULL,        -- 0 until it happens, as the following
  delivered_at INTEGER NOT NULL,
  closed_at  INTEGER NOT NULL,
  withdrawn_at INTEGER NOT NULL,
  refunded   INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX order_head_number ON order_head (number);
CREATE UNIQUE INDEX order_head_attempt ON order_head (attempt);
CREATE UNIQUE INDEX order_head_cart ON order_head (cart) WHERE state IN (1, 2);
CREATE INDEX order_head_of_cart ON order_head (cart, id);
CREATE INDEX order_head_due ON order_head (pay_until, id) WHERE state IN (1, 2);
CREATE INDEX order_head_untold ON order_head (placed_at, id) WHERE told = 0 AND state IN (1, 2);
CREATE INDEX order_head_placed ON order_head (placed_at, id);
CREATE INDEX order_head_state ON order_head (state, placed_at, id);
CREATE INDEX order_head_subject ON order_head (subject);

-- Lines copy the catalogue as it was; nothing in an order reads it again.
CREATE TABLE order_line (
  order_id   BLOB NOT NULL REFERENCES order_head (id),
  position   INTEGER NOT NULL,
  variant    BLOB NOT NULL,
  product    BLOB NOT NULL,
  handle     TEXT NOT NULL,
  sku        TEXT NOT NULL,
  name       TEXT NOT NULL,
  options    TEXT NOT NULL,
  image      TEXT NOT NULL,
  producer   TEXT NOT NULL,
  eu_contact TEXT NOT NULL,
  tax_class  TEXT NOT NULL,
  quantity   INTEGER NOT NULL,
  unit       INTEGER NOT NULL,
  gross      INTEGER NOT NULL,
  discount   INTEGER NOT NULL,
  rate       INTEGER NOT NULL,        -- parts per million
  net        INTEGER NOT NULL,
  tax        INTEGER NOT NULL,
  total      INTEGER NOT NULL,
  PRIMARY KEY (order_id, position)
) STRICT;

CREATE TABLE order_tax (
  order_id   BLOB NOT NULL REFERENCES order_head (id),
  rate       INTEGER NOT NULL,
  net        INTEGER NOT NULL,
  tax        INTEGER NOT NULL,
  PRIMARY KEY (order_id, rate)
) STRICT;

-- Every move of an order's state.
CREATE TABLE order_move (
  order_id   BLOB NOT NULL REFERENCES order_head (id),
  seq        INTEGER NOT NULL,        -- 1 for the first of an order
  from_state INTEGER NOT NULL,
  to_state   INTEGER NOT NULL,
  reason     TEXT NOT NULL,
  actor      TEXT NOT NULL,           -- kind and name of who moved it, never a person
  at         INTEGER NOT NULL,
  PRIMARY KEY (order_id, seq)
) STRICT;

-- Who may look at an order: the browser that placed it, the mailed link, a visit through the link.
CREATE TABLE order_access (
  token      BLOB NOT NULL PRIMARY KEY, -- SHA-256 of 256 random bits
  order_id   BLOB NOT NULL REFERENCES order_head (id),
  kind       INTEGER NOT NULL,        -- 1 browser, 2 link, 3 visit
  generation INTEGER NOT NULL,        -- of the link it is or came through; browsers have 0
  made_at    INTEGER NOT NULL,
  ends_at    INTEGER NOT NULL,        -- 0 for a link, whose end follows from the order's dates
  uses       INTEGER NOT NULL
) STRICT;
CREATE INDEX order_access_order ON order_access (order_id, kind);
CREATE INDEX order_access_ends ON order_access (ends_at) WHERE ends_at > 0;

-- Requests for a new link, until a job has looked at them.
CREATE TABLE order_renewal (
  id         BLOB NOT NULL PRIMARY KEY,
  number     TEXT NOT NULL,
  proof      BLOB NOT NULL,           -- keyed hash of the typed address, for one comparison
  made_at    INTEGER NOT NULL
) STRICT;

-- What is counted exactly, over all processes: a keyed hash of what is limited, by window of time.
CREATE TABLE order_limit (
  key        BLOB NOT NULL,
  slot       INTEGER NOT NULL,        -- start of the window, in microseconds
  count      INTEGER NOT NULL,
  PRIMARY KEY (key, slot)
) STRICT;
CREATE INDEX order_limit_slot ON order_limit (slot);

-- Withdrawals as they were declared.
CREATE TABLE order_withdrawal (
  id         BLOB NOT NULL PRIMARY KEY,
  attempt    BLOB NOT NULL,
  subject    BLOB NOT NULL,
  order_id   BLOB,                    -- through the order's link, or found by number and address
  known      INTEGER NOT NULL,        -- how order_id was found: 0 not, 1 link, 2 number and address
  number     TEXT NOT NULL,           -- as understood, or empty
  name       BLOB, email BLOB, statement BLOB,
  language   TEXT NOT NULL,
  received_at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX order_withdrawal_attempt ON order_withdrawal (attempt);
CREATE INDEX order_withdrawal_order ON order_withdrawal (order_id) WHERE order_id IS NOT NULL;
CREATE INDEX order_withdrawal_subject ON order_withdrawal (subject);
CREATE INDEX order_withdrawal_received ON order_withdrawal (received_at, id);
