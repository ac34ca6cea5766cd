-- Which orders units went to, and came from, when orders were split and merged.

CREATE TABLE order_relation (
    merchant_id integer NOT NULL,
    order_id    uuid NOT NULL,
    other_id    uuid NOT NULL,
    how         text NOT NULL CHECK (how IN ('split_into', 'split_from', 'merged_into', 'merged_from')),
    related_at  timestamptz NOT NULL,
    PRIMARY KEY (merchant_id, order_id, other_id, how)
);

DO $$
BEGIN
    ALTER TABLE order_relation ENABLE ROW LEVEL SECURITY;
    CREATE POLICY one_merchant ON order_relation TO lading_app USING (merchant_id = current_merchant());
    ALTER TABLE order_relation SET (autovacuum_analyze_scale_factor = 0.05, autovacuum_analyze_threshold = 500,
                                    autovacuum_vacuum_insert_scale_factor = 0.2);
END $$;
