-- Who waits for what comes, what suppliers announce of it, and in which bins it lies.

-- What a supplier says is on its way; its units are lines of the purchase order with a date of their own.
CREATE TABLE asn (
    merchant_id       integer NOT NULL,
    purchase_order_id uuid NOT NULL,
    number            smallint NOT NULL,                  -- within its purchase order: PO1042-A1
    reference         text COLLATE "C" NOT NULL,          -- the supplier's number of the shipment
    carrier           text,
    tracking_number   text COLLATE "C",
    announced_at      timestamptz NOT NULL,
    cancelled_at      timestamptz,
    PRIMARY KEY (merchant_id, purchase_order_id, number),
    FOREIGN KEY (merchant_id, purchase_order_id) REFERENCES purchase_order
);

-- How many units of a product wait for stock, over all orders of a priority. The row of priority 0 is the gate: its lock is held by
-- whoever accepts more of them or makes promises.
CREATE TABLE backlog (
    merchant_id integer NOT NULL,
    sku_id      uuid NOT NULL,
    priority    smallint NOT NULL,
    waiting     integer NOT NULL DEFAULT 0 CHECK (waiting >= 0),
    PRIMARY KEY (merchant_id, sku_id, priority)
);
-- Who waits for a product; orders that have all they want are not in it.
CREATE INDEX order_line_waiting ON order_line (merchant_id, sku_id, order_id) WHERE open > 0 OR backordered > 0;

-- Where in a location units lie: below the promise. The rows of stock guard the rows of bins.
CREATE TABLE bin (
    merchant_id integer NOT NULL,
    location_id uuid NOT NULL,
    code        text COLLATE "C" NOT NULL,
    sequence    integer NOT NULL,                         -- lower is emptied first
    active      boolean NOT NULL,
    version     integer NOT NULL,
    PRIMARY KEY (merchant_id, location_id, code)
);
CREATE TABLE bin_stock (
    merchant_id integer NOT NULL,
    sku_id      uuid NOT NULL,
    location_id uuid NOT NULL,
    lot         text COLLATE "C" NOT NULL,
    bin         text COLLATE "C" NOT NULL,
    quantity    integer NOT NULL DEFAULT 0 CHECK (quantity >= 0),
    PRIMARY KEY (merchant_id, sku_id, location_id, lot, bin)
);
CREATE INDEX bin_stock_at_bin ON bin_stock (merchant_id, location_id, bin, sku_id, lot);
-- What was put into bins and taken out of them; NULL is the floor, or away.
CREATE TABLE bin_posting (
    merchant_id integer NOT NULL,
    sku_id      uuid NOT NULL,
    event_id    uuid NOT NULL,
    number      integer NOT NULL,
    location_id uuid NOT NULL,
    lot         text COLLATE "C" NOT NULL,
    from_bin    text COLLATE "C",
    to_bin      text COLLATE "C",
    quantity    integer NOT NULL CHECK (quantity > 0),
    subject_id  uuid NOT NULL,                            -- of the event
    corrects    boolean NOT NULL,                         -- nothing moved: the book was wrong
    PRIMARY KEY (merchant_id, sku_id, event_id, number),
    CHECK (from_bin IS NOT NULL OR to_bin IS NOT NULL)
);

DO $$
DECLARE name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['asn', 'backlog', 'bin', 'bin_stock', 'bin_posting'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY one_merchant ON %I TO lading_app USING (merchant_id = current_merchant())', name);
        EXECUTE format('ALTER TABLE %I SET (autovacuum_analyze_scale_factor = 0.05, autovacuum_analyze_threshold = 500)', name);
    END LOOP;
END $$;
