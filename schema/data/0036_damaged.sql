-- An address that cannot be opened keeps no other order from being found: it is put off, and tried again later.
ALTER TABLE order_unlisted ADD COLUMN damaged_at INTEGER NOT NULL DEFAULT 0; -- when it could not be opened last; 0: not tried
