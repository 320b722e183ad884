-- How many entries a place outside has; 0 for one that keeps signed heads only.
ALTER TABLE audit_push ADD COLUMN entries INTEGER NOT NULL DEFAULT 0;
