-- What is said to a bank that took money back: evidence, or that the merchant gives in. An intent first, the provider's answer later.

CREATE TABLE dispute_answer (
    merchant_id   integer NOT NULL,
    order_id      uuid NOT NULL,
    tender_number smallint NOT NULL,
    reference     text COLLATE "C" NOT NULL,              -- the dispute
    number        smallint NOT NULL,                      -- within the dispute
    task          text NOT NULL CHECK (task IN ('evidence', 'accept')),
    words         text,                                   -- what people wrote: never in the journal
    parcels       smallint[] NOT NULL,                    -- those that show what was sent
    invoices      smallint[] NOT NULL,
    files         jsonb NOT NULL,                         -- [[purpose, sha256]]
    status        text NOT NULL CHECK (status IN ('pending', 'succeeded', 'failed')),
    asked_at      timestamptz NOT NULL,
    due_at        timestamptz,                            -- of the next call; NULL: none is awaited
    attempts      smallint NOT NULL DEFAULT 0,            -- calls begun
    code          text,                                   -- why it failed, in the provider's word
    settled_at    timestamptz,
    PRIMARY KEY (merchant_id, order_id, tender_number, reference, number),
    CHECK ((status = 'pending') = (due_at IS NOT NULL)),
    CHECK ((status = 'pending') = (settled_at IS NULL))
);
CREATE INDEX dispute_answer_due ON dispute_answer (merchant_id, due_at) WHERE status = 'pending';
CREATE INDEX dispute_due ON dispute (merchant_id, coalesce(answer_by, '2999-12-31Z'::timestamptz), order_id, tender_number, reference) WHERE status = 'open';
ALTER TABLE dispute_answer ENABLE ROW LEVEL SECURITY;
CREATE POLICY one_merchant ON dispute_answer TO lading_app USING (merchant_id = current_merchant());
ALTER TABLE dispute_answer SET (autovacuum_analyze_scale_factor = 0.05, autovacuum_analyze_threshold = 500);
