-- What services of taxes are asked after the fact: the taxes of an order that was placed while the service was away, and the invoices and
-- credit notes that it records. An intent first, its answer later.

CREATE TABLE tax_request (
    merchant_id integer NOT NULL,
    order_id    uuid NOT NULL,
    task        text NOT NULL CHECK (task IN ('calculate', 'record')),
    document    smallint NOT NULL,                       -- the invoice within its order; 0: the order itself
    service     text NOT NULL,                           -- the account
    status      text NOT NULL CHECK (status IN ('pending', 'succeeded', 'failed')),
    asked_at    timestamptz NOT NULL,
    due_at      timestamptz,                             -- of the next call; NULL: none is awaited
    attempts    smallint NOT NULL DEFAULT 0,             -- calls begun
    reference   text,                                    -- the service's id of what it recorded
    code        text,                                    -- why it failed, in the service's word
    settled_at  timestamptz,
    PRIMARY KEY (merchant_id, order_id, task, document),
    CHECK ((status = 'pending') = (due_at IS NOT NULL)),
    CHECK ((status = 'pending') = (settled_at IS NULL)),
    CHECK ((task = 'calculate') = (document = 0))
);
CREATE INDEX tax_request_due ON tax_request (merchant_id, due_at) WHERE status = 'pending';
CREATE INDEX tax_request_listed ON tax_request (merchant_id, asked_at, order_id, task, document) WHERE status <> 'succeeded';
ALTER TABLE tax_request ENABLE ROW LEVEL SECURITY;
CREATE POLICY one_merchant ON tax_request TO lading_app USING (merchant_id = current_merchant());
ALTER TABLE tax_request SET (autovacuum_analyze_scale_factor = 0.05, autovacuum_analyze_threshold = 500);
