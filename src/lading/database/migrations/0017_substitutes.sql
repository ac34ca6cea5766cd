-- Substitutes: what may be sent in place of a product, and the lines of orders that stand in for others.

CREATE TABLE substitute (
    merchant_id   integer NOT NULL,
    sku_id        uuid NOT NULL,                          -- what was ordered
    number        smallint NOT NULL,                      -- the first is thought of first
    substitute_id uuid NOT NULL,                          -- what may be sent instead, one for one
    PRIMARY KEY (merchant_id, sku_id, number),
    UNIQUE (merchant_id, sku_id, substitute_id),
    CHECK (substitute_id <> sku_id)
);
ALTER TABLE substitute ENABLE ROW LEVEL SECURITY;
CREATE POLICY one_merchant ON substitute TO lading_app USING (merchant_id = current_merchant());
ALTER TABLE substitute SET (autovacuum_analyze_scale_factor = 0.05, autovacuum_analyze_threshold = 500);

-- A line that is born later bears what cancelled units of another line cost: it adds nothing to the order's original total.
ALTER TABLE order_line ADD COLUMN instead_of smallint CHECK (instead_of < number);
