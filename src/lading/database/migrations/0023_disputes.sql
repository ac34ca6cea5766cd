-- Disputes: a customer's bank takes money back from the merchant, until somebody decides, or for good.
ALTER TABLE tender
    ADD COLUMN disputed_minor bigint NOT NULL DEFAULT 0 CHECK (disputed_minor >= 0);      -- taken back by a bank: still in dispute, or lost

CREATE TABLE dispute (
    merchant_id   integer NOT NULL,
    order_id      uuid NOT NULL,
    tender_number smallint NOT NULL,
    reference     text COLLATE "C" NOT NULL,              -- the provider's id
    amount_minor  bigint NOT NULL CHECK (amount_minor > 0),
    reason        text NOT NULL,                          -- the provider's word
    status        text NOT NULL CHECK (status IN ('open', 'won', 'lost')),
    answer_by     timestamptz,                            -- evidence is taken until then
    told_at       timestamptz NOT NULL,                   -- when we heard of it first
    closed_at     timestamptz,
    PRIMARY KEY (merchant_id, order_id, tender_number, reference),
    CHECK ((status = 'open') = (closed_at IS NULL))
);
CREATE INDEX dispute_listed ON dispute (merchant_id, status, told_at, order_id, tender_number, reference);
CREATE INDEX tender_of_provider ON tender (merchant_id, provider, reference) WHERE provider IS NOT NULL;
ALTER TABLE dispute ENABLE ROW LEVEL SECURITY;
CREATE POLICY one_merchant ON dispute TO lading_app USING (merchant_id = current_merchant());
ALTER TABLE dispute SET (autovacuum_analyze_scale_factor = 0.05, autovacuum_analyze_threshold = 500);
