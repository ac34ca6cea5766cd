-- What people write on an order. The text may name anybody: it stands here only, and can be blanked.

CREATE TABLE order_note (
    merchant_id integer NOT NULL,
    order_id    uuid NOT NULL,
    number      smallint NOT NULL,
    audience    text NOT NULL CHECK (audience IN ('internal', 'customer')),
    text        text,                                     -- NULL: it was blanked
    noted_at    timestamptz NOT NULL,
    noted_by    text NOT NULL,                            -- as the actors of events
    blanked_at  timestamptz,
    PRIMARY KEY (merchant_id, order_id, number),
    CHECK ((text IS NULL) = (blanked_at IS NOT NULL))
);

-- Words that a merchant sorts orders by, in lower case. The key finds the orders of a tag, the newest first.
CREATE TABLE order_tag (
    merchant_id integer NOT NULL,
    tag         text COLLATE "C" NOT NULL,
    order_id    uuid NOT NULL,
    PRIMARY KEY (merchant_id, tag, order_id)
);
CREATE INDEX order_tag_of_order ON order_tag (merchant_id, order_id, tag);

DO $$
DECLARE name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['order_note', 'order_tag'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY one_merchant ON %I TO lading_app USING (merchant_id = current_merchant())', name);
        EXECUTE format('ALTER TABLE %I SET (autovacuum_analyze_scale_factor = 0.05, autovacuum_analyze_threshold = 500,'
                       ' autovacuum_vacuum_insert_scale_factor = 0.2)', name);
    END LOOP;
END $$;
