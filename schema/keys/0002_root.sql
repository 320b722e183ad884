-- Where the root key lives: in the key file, or in this row, wrapped by a key service.
ALTER TABLE vault_root ADD COLUMN place TEXT NOT NULL DEFAULT 'file'; -- file, service
ALTER TABLE vault_root ADD COLUMN wrapped BLOB;                       -- NULL for a key file
ALTER TABLE vault_root ADD COLUMN was BLOB;                           -- the name of the root key before this one
