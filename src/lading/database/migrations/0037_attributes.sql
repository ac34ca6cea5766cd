-- What a merchant wants to know beside what every order, line or product has.

CREATE TABLE attribute (
    merchant_id integer NOT NULL,
    subject     text COLLATE "C" NOT NULL CHECK (subject IN ('order', 'line', 'product')),
    code        text COLLATE "C" NOT NULL,
    name        text NOT NULL,
    type        text NOT NULL CHECK (type IN ('text', 'number', 'date', 'boolean', 'choice')),
    allowed     text[] NOT NULL DEFAULT '{}',             -- of a choice
    required    boolean NOT NULL,
    filterable  boolean NOT NULL,
    active      boolean NOT NULL,                         -- an attribute that is not is kept where it was said, and not said any more
    version     integer NOT NULL,
    PRIMARY KEY (merchant_id, subject, code),
    CHECK ((type = 'choice') = (cardinality(allowed) > 0))
);

-- What was said of orders (line 0) and their lines. Free text may name anybody: the journal does not repeat it.
CREATE TABLE order_attribute (
    merchant_id integer NOT NULL,
    order_id    uuid NOT NULL,
    line_number smallint NOT NULL,
    code        text COLLATE "C" NOT NULL,
    value       text COLLATE "C" NOT NULL,
    PRIMARY KEY (merchant_id, order_id, line_number, code)
);
CREATE INDEX order_attribute_value ON order_attribute (merchant_id, code, value, order_id);

CREATE TABLE product_attribute (
    merchant_id integer NOT NULL,
    sku_id      uuid NOT NULL,
    code        text COLLATE "C" NOT NULL,
    value       text COLLATE "C" NOT NULL,
    PRIMARY KEY (merchant_id, sku_id, code)
);
CREATE INDEX product_attribute_value ON product_attribute (merchant_id, code, value, sku_id);

DO $$
DECLARE name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['attribute', 'order_attribute', 'product_attribute'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY one_merchant ON %I TO lading_app USING (merchant_id = current_merchant())', name);
        EXECUTE format('ALTER TABLE %I SET (autovacuum_analyze_scale_factor = 0.05, autovacuum_analyze_threshold = 500,'
                       ' autovacuum_vacuum_insert_scale_factor = 0.2)', name);
    END LOOP;
END $$;
