-- Holds that say what they stop, and of what; what few orders carry.

-- Without lines and fulfillment orders a hold is on the whole order.
ALTER TABLE hold
    ADD COLUMN stops text[] NOT NULL DEFAULT '{release,ship}'
        CHECK (cardinality(stops) > 0 AND stops <@ '{source,release,capture,edit,ship}'),
    ADD COLUMN lines smallint[] NOT NULL DEFAULT '{}',             -- as the customer bought them: a kit's own line, never its parts'
    ADD COLUMN fulfillment_orders smallint[] NOT NULL DEFAULT '{}',
    ADD COLUMN reason text,                                        -- a code, or what a check found; nothing of a person
    ADD COLUMN expires_at timestamptz,                             -- lifted then by the worker; NULL: somebody has to
    ADD COLUMN placed_by text NOT NULL DEFAULT 'rule:placement',   -- as the actors of events
    ADD COLUMN released_by text,
    ADD CHECK (lines = '{}' OR fulfillment_orders = '{}');
CREATE INDEX hold_queue ON hold (merchant_id, placed_at, order_id, number) WHERE released_at IS NULL;
CREATE INDEX hold_due ON hold (merchant_id, expires_at) WHERE released_at IS NULL AND expires_at IS NOT NULL;

-- What few orders carry; the others have no row.
CREATE TABLE order_detail (
    merchant_id integer NOT NULL,
    order_id    uuid NOT NULL,
    bill_to_id  uuid,                                              -- an address_version
    risk_score  smallint CHECK (risk_score BETWEEN 0 AND 100),     -- of the payment, as the channel told it
    PRIMARY KEY (merchant_id, order_id)
);

DO $$
BEGIN
    ALTER TABLE order_detail ENABLE ROW LEVEL SECURITY;
    CREATE POLICY one_merchant ON order_detail TO lading_app USING (merchant_id = current_merchant());
    ALTER TABLE order_detail SET (autovacuum_analyze_scale_factor = 0.05, autovacuum_analyze_threshold = 500,
                                  autovacuum_vacuum_insert_scale_factor = 0.2);
END $$;
