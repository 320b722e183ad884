-- Strict times know two budgets: of all newcomers, and of those for whom something speaks. usual is how many newcomers
-- came in 20 minutes before it began.
ALTER TABLE fraud_mode ADD COLUMN trusted INTEGER NOT NULL DEFAULT 0;
ALTER TABLE fraud_mode ADD COLUMN usual INTEGER NOT NULL DEFAULT 0;

-- Cards are declined in sessions of orders that were placed a while ago, too: what counts is when it was heard.
ALTER TABLE fraud_case ADD COLUMN declined_at INTEGER NOT NULL DEFAULT 0;
CREATE INDEX fraud_case_declined ON fraud_case (declined_at) WHERE declines > 0 AND newcomer = 1;
