-- Which orders belong to which account. An order is tied once, to the account that had confirmed its address first.
CREATE TABLE order_account (
  order_id    BLOB NOT NULL PRIMARY KEY REFERENCES order_head (id),
  account     BLOB NOT NULL,           -- identity_account.id
  attached_at INTEGER NOT NULL
) STRICT;
CREATE INDEX order_account_account ON order_account (account, order_id);
