-- Edits that somebody prepared: what they would do was shown, and is confirmed as it was shown, or dropped.

CREATE TABLE order_edit (
    merchant_id integer NOT NULL,
    order_id    uuid NOT NULL,
    number      smallint NOT NULL,
    version     integer NOT NULL,                         -- of the order, when the preview was made
    begun_at    timestamptz NOT NULL,
    begun_by    text NOT NULL,                            -- as the actors of events
    fields      jsonb NOT NULL,                           -- of the command; of an address only its country
    ship_to_id  uuid,                                     -- the address, an address_version
    shown       jsonb NOT NULL,                           -- what it would do, as it was told
    status      text NOT NULL DEFAULT 'begun' CHECK (status IN ('begun', 'confirmed', 'dropped')),
    closed_at   timestamptz,
    PRIMARY KEY (merchant_id, order_id, number)
);
CREATE INDEX order_edit_begun ON order_edit (merchant_id, begun_at, order_id, number) WHERE status = 'begun';

DO $$
BEGIN
    ALTER TABLE order_edit ENABLE ROW LEVEL SECURITY;
    CREATE POLICY one_merchant ON order_edit TO lading_app USING (merchant_id = current_merchant());
    ALTER TABLE order_edit SET (autovacuum_analyze_scale_factor = 0.05, autovacuum_analyze_threshold = 500,
                                autovacuum_vacuum_insert_scale_factor = 0.2);
END $$;
