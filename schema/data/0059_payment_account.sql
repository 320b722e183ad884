-- A dispute is at one account of a provider, which alone is asked about it. What was there before is where its payment is.
ALTER TABLE payment_dispute ADD COLUMN account TEXT NOT NULL DEFAULT '';
ALTER TABLE payment_dispute ADD COLUMN mode TEXT NOT NULL DEFAULT '';
UPDATE payment_dispute SET account = (SELECT p.account FROM payment_payment p WHERE p.id = payment_dispute.payment_id),
  mode = (SELECT p.mode FROM payment_payment p WHERE p.id = payment_dispute.payment_id) WHERE payment_id IS NOT NULL;
