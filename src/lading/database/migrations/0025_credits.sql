-- Gift cards and store credit: what the merchant owes their holders. The account of the ledger is that of the tender: issuing credits it,
-- paying debits it, and what is left in it is the liability.
CREATE TABLE credit (
    merchant_id   integer NOT NULL,
    id            uuid NOT NULL,
    kind          text NOT NULL CHECK (kind IN ('gift_card', 'store_credit')),
    code          text COLLATE "C",                       -- of a gift card; who knows it may spend it, so it is never in the journal
    customer_id   uuid,                                   -- of store credit
    currency      text NOT NULL,
    issued_minor  bigint NOT NULL CHECK (issued_minor > 0),
    balance_minor bigint NOT NULL CHECK (balance_minor >= 0),
    issued_at     timestamptz NOT NULL,
    expires_at    timestamptz,
    PRIMARY KEY (merchant_id, id),
    CONSTRAINT credit_code UNIQUE (merchant_id, code),
    CHECK ((kind = 'gift_card') = (code IS NOT NULL)),
    CHECK ((kind = 'store_credit') = (customer_id IS NOT NULL))
);
CREATE INDEX credit_of_customer ON credit (merchant_id, customer_id) WHERE customer_id IS NOT NULL;
CREATE INDEX credit_over ON credit (merchant_id, expires_at) WHERE balance_minor > 0 AND expires_at IS NOT NULL;
ALTER TABLE credit ENABLE ROW LEVEL SECURITY;
CREATE POLICY one_merchant ON credit TO lading_app USING (merchant_id = current_merchant());
ALTER TABLE credit SET (autovacuum_analyze_scale_factor = 0.05, autovacuum_analyze_threshold = 500);

ALTER TABLE tender ADD COLUMN credit_id uuid;             -- the gift card or store credit that it was paid with
CREATE INDEX tender_of_credit ON tender (merchant_id, credit_id) WHERE credit_id IS NOT NULL;
