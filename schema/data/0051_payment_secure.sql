-- Whether the provider was asked for its extra step. A repeated start must ask for the same.
ALTER TABLE payment_payment ADD COLUMN secure INTEGER NOT NULL DEFAULT 0;
