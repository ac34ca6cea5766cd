-- Money that is said to come (cash on delivery, a bank transfer), and what needs somebody about payments.

ALTER TABLE tender ADD COLUMN expected_minor bigint NOT NULL DEFAULT 0 CHECK (expected_minor >= 0);   -- said to come, and not come yet
CREATE INDEX tender_to_come ON tender (merchant_id, order_id, number) WHERE expected_minor > 0;
CREATE INDEX tender_lapsed ON tender (merchant_id, expires_at, order_id, number) WHERE voided_minor > 0 AND expires_at IS NOT NULL;

ALTER TABLE credit ADD COLUMN order_id uuid;              -- of store credit that a refund became: the order
CREATE INDEX event_occurred ON event USING brin (merchant_id, occurred_at) WITH (autosummarize = on);    -- the entries of one day
