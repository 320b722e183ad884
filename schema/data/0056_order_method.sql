-- The way to pay that was chosen last for an order. It is kept while the defence withholds the payment, so that whoever
-- takes a step or waits goes on with what she chose.
ALTER TABLE order_head ADD COLUMN method TEXT NOT NULL DEFAULT '';
