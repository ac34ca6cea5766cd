-- What the promise looks at beside stock: how much is asked for, and which availability was told last.

-- Units that orders took (allocated, less what was given back) of a product at a location in the last days. The worker counts it again
-- and again from the postings; a product that nobody asks for has no row.
CREATE TABLE demand_rate (
    merchant_id integer NOT NULL,
    sku_id      uuid NOT NULL,
    location_id uuid NOT NULL,
    units       integer NOT NULL CHECK (units > 0),
    days        smallint NOT NULL CHECK (days > 0),
    counted_at  timestamptz NOT NULL,
    PRIMARY KEY (merchant_id, sku_id, location_id)
);

-- On which side of a level a product's availability was when that was told last; no row: it was never told to be below.
CREATE TABLE availability_level (
    merchant_id integer NOT NULL,
    sku_id      uuid NOT NULL,
    level       integer NOT NULL CHECK (level > 0),
    reached     boolean NOT NULL,                         -- available >= level
    PRIMARY KEY (merchant_id, sku_id, level)
);

DO $$
DECLARE name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['demand_rate', 'availability_level'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY one_merchant ON %I TO lading_app USING (merchant_id = current_merchant())', name);
        EXECUTE format('ALTER TABLE %I SET (autovacuum_analyze_scale_factor = 0.05, autovacuum_analyze_threshold = 500)', name);
    END LOOP;
END $$;
