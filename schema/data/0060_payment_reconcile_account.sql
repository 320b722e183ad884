-- What is compared is an account at a provider in one mode, and not a provider: after a change of account each is compared
-- with its own lines. What was there before belongs to the account of its payment, or of the provider's last payment.
ALTER TABLE payment_movement ADD COLUMN account TEXT NOT NULL DEFAULT '';
ALTER TABLE payment_movement ADD COLUMN mode TEXT NOT NULL DEFAULT '';
UPDATE payment_movement SET account = (SELECT p.account FROM payment_payment p WHERE p.id = payment_movement.payment_id),
  mode = (SELECT p.mode FROM payment_payment p WHERE p.id = payment_movement.payment_id) WHERE payment_id IS NOT NULL;
UPDATE payment_movement SET
  account = COALESCE((SELECT p.account FROM payment_payment p WHERE p.provider = payment_movement.provider ORDER BY p.id DESC LIMIT 1), ''),
  mode = COALESCE((SELECT p.mode FROM payment_payment p WHERE p.provider = payment_movement.provider ORDER BY p.id DESC LIMIT 1), '')
  WHERE payment_id IS NULL;

ALTER TABLE payment_reconcile RENAME TO payment_reconcile_before;
CREATE TABLE payment_reconcile (
  provider   TEXT NOT NULL,
  account    TEXT NOT NULL,
  mode       TEXT NOT NULL,
  holder     BLOB,                     -- the run that has it; NULL: none
  until_at   INTEGER NOT NULL,         -- after this anybody may go on with it
  from_day   INTEGER NOT NULL,
  to_day     INTEGER NOT NULL,
  step       TEXT NOT NULL,            -- fetch, dispute, book, compare, ledger, order, again, done
  day        INTEGER NOT NULL,
  cursor     TEXT NOT NULL,            -- of the step: the provider's own, or an id
  movements  INTEGER NOT NULL,         -- new lines
  asked      INTEGER NOT NULL,         -- payments that the provider was asked about
  compared   INTEGER NOT NULL,
  started_at INTEGER NOT NULL,
  ended_at   INTEGER NOT NULL,         -- 0 while it runs
  PRIMARY KEY (provider, account, mode)
) STRICT;
INSERT INTO payment_reconcile (provider, account, mode, holder, until_at, from_day, to_day, step, day, cursor, movements, asked, compared,
  started_at, ended_at)
  SELECT r.provider, p.account, p.mode, r.holder, r.until_at, r.from_day, r.to_day, r.step, r.day, r.cursor, r.movements, r.asked,
    r.compared, r.started_at, r.ended_at FROM payment_reconcile_before r JOIN payment_payment p
    ON p.id = (SELECT q.id FROM payment_payment q WHERE q.provider = r.provider ORDER BY q.id DESC LIMIT 1);
DROP TABLE payment_reconcile_before;
