-- Locations as a network: where they are, when they work, what they can do, and how much of each day is taken.

ALTER TABLE location
    ADD COLUMN address      jsonb,                        -- of the business: line1, line2, city, region, postal_code
    ADD COLUMN capabilities text[] NOT NULL DEFAULT '{ship,returns}',
    ADD COLUMN schedule     jsonb;                        -- opening, cut-offs, holidays, capacity; NULL: no day is counted there

-- The day on which these units are to leave; NULL where their location has no schedule.
ALTER TABLE allocation ADD COLUMN ship_on date;
ALTER TABLE fulfillment_order ADD COLUMN ship_on date;    -- the latest of its allocations

-- What orders hold of one local day of a location that has a capacity. Born with the first order of that day; locked by whoever books.
-- Both measures are counted, so that a location may change the one that limits it.
CREATE TABLE capacity (
    merchant_id integer NOT NULL,
    location_id uuid NOT NULL,
    day         date NOT NULL,
    counts      text NOT NULL CHECK (counts IN ('orders', 'units')),     -- the measure that limited the last one who booked
    cap         integer NOT NULL,                         -- the limit that the last one who booked went by
    orders      integer NOT NULL CHECK (orders >= 0),     -- orders with units on that day
    units       integer NOT NULL CHECK (units >= 0),
    PRIMARY KEY (merchant_id, location_id, day),
    CONSTRAINT capacity_not_passed CHECK (CASE counts WHEN 'orders' THEN orders ELSE units END <= cap)
);

-- What one order holds of it; falls when its units are cancelled or short, and stays when they leave.
CREATE TABLE booking (
    merchant_id integer NOT NULL,
    order_id    uuid NOT NULL,
    location_id uuid NOT NULL,
    day         date NOT NULL,
    units       integer NOT NULL CHECK (units >= 0),
    PRIMARY KEY (merchant_id, order_id, location_id, day)
);

DO $$
DECLARE name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['capacity', 'booking'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY one_merchant ON %I TO lading_app USING (merchant_id = current_merchant())', name);
        EXECUTE format('ALTER TABLE %I SET (autovacuum_analyze_scale_factor = 0.05, autovacuum_analyze_threshold = 500)', name);
    END LOOP;
END $$;
