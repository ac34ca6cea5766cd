-- Counting what lies on the shelves, and what the book says is there but is not.

-- Units of the row that are allocated or reserved and not there: nobody is promised what has to make up for them.
-- The sum of its open shortages; the row's lock guards them.
ALTER TABLE stock ADD COLUMN short integer NOT NULL DEFAULT 0 CHECK (short >= 0);

-- Units that orders and reservations hold and that are not there. They stay with them until the shortage is settled.
CREATE TABLE shortage (
    merchant_id integer NOT NULL,
    id          uuid NOT NULL,
    sku_id      uuid NOT NULL,
    location_id uuid NOT NULL,
    lot         text COLLATE "C" NOT NULL,
    kind        text NOT NULL CHECK (kind IN ('count', 'short_pick', 'damaged', 'lost', 'scrapped')),  -- what contradicted the book
    reason      text NOT NULL,
    document    text COLLATE "C",                         -- C1044, 1042-F1, or what an adjustment named
    quantity    integer NOT NULL CHECK (quantity > 0),
    remaining   integer NOT NULL CHECK (remaining >= 0 AND remaining <= quantity),  -- not settled yet
    opened_at   timestamptz NOT NULL,
    PRIMARY KEY (merchant_id, id)
);
CREATE INDEX shortage_open ON shortage (merchant_id, opened_at, id) WHERE remaining > 0;
CREATE INDEX shortage_at ON shortage (merchant_id, sku_id, location_id, lot) WHERE remaining > 0;

-- Every change of what is short, when it occurred. Like a posting it is never changed; the lock of the row of stock guards it.
CREATE TABLE shortage_entry (
    merchant_id integer NOT NULL,
    sku_id      uuid NOT NULL,
    location_id uuid NOT NULL,
    lot         text COLLATE "C" NOT NULL,
    occurred_at timestamptz NOT NULL,                     -- of the event
    told_late   boolean NOT NULL,                         -- of the event
    shortage_id uuid NOT NULL,
    event_id    uuid NOT NULL,
    change      integer NOT NULL CHECK (change <> 0),     -- above zero: units fell short; below: units were settled
    on_paper    boolean NOT NULL,                         -- the book was corrected; otherwise the units left the shelf, or came back
    PRIMARY KEY (merchant_id, sku_id, location_id, lot, occurred_at, shortage_id, event_id)
);

-- A count compares what people find on the shelves (available, reserved and allocated units) with the book.
CREATE TABLE stock_count (
    merchant_id  integer NOT NULL,
    id           uuid NOT NULL,
    number       bigint NOT NULL,                         -- of the merchant's one series; C1044 to people
    reference    text COLLATE "C",
    location_id  uuid NOT NULL,
    zone         text COLLATE "C",                        -- which bins, by the beginning of their code; NULL: no matter where
    blind        boolean NOT NULL,                        -- whoever counts is not told what the book says
    opened_at    timestamptz NOT NULL,
    approved_at  timestamptz,
    cancelled_at timestamptz,
    reason       text,                                    -- of the approval or the cancellation
    version      integer NOT NULL,
    status       text NOT NULL GENERATED ALWAYS AS (
        CASE WHEN cancelled_at IS NOT NULL THEN 'cancelled' WHEN approved_at IS NOT NULL THEN 'approved' ELSE 'open' END) STORED,
    PRIMARY KEY (merchant_id, id),
    UNIQUE (merchant_id, number),
    CONSTRAINT stock_count_reference UNIQUE (merchant_id, reference)
);
CREATE INDEX stock_count_open ON stock_count (merchant_id, id) WHERE approved_at IS NULL AND cancelled_at IS NULL;
CREATE TABLE stock_count_line (
    merchant_id integer NOT NULL,
    count_id    uuid NOT NULL,
    number      smallint NOT NULL,
    sku_id      uuid NOT NULL,
    lot         text COLLATE "C" NOT NULL,
    snapshot    integer NOT NULL,                         -- what the book said when the line came onto the count
    pass        smallint NOT NULL DEFAULT 1,              -- which pass is wanted: 2 where it shall be counted again
    variance    integer,                                  -- posted at the approval; NULL before, and where nobody counted
    PRIMARY KEY (merchant_id, count_id, number),
    CONSTRAINT stock_count_line_once UNIQUE (merchant_id, count_id, sku_id, lot),
    FOREIGN KEY (merchant_id, count_id) REFERENCES stock_count
);
-- What each pass found. Movements since the snapshot are in `expected`.
CREATE TABLE stock_count_entry (
    merchant_id integer NOT NULL,
    count_id    uuid NOT NULL,
    line_number smallint NOT NULL,
    pass        smallint NOT NULL,
    counted     integer NOT NULL CHECK (counted >= 0),
    expected    integer NOT NULL,                         -- what the book said at that moment
    short       integer NOT NULL,                         -- what the book knew then of what is missing: see shortage_entry
    counted_at  timestamptz NOT NULL,
    counted_by  text NOT NULL,                            -- kind:id of a user or key
    event_id    uuid NOT NULL,                            -- the event that recorded it
    serials     jsonb,                                    -- names of the units that were found, where somebody told them
    missing     jsonb,                                    -- names that the book had there and that were not found
    strange     jsonb,                                    -- names that were found and that the book did not have there
    PRIMARY KEY (merchant_id, count_id, line_number, pass),
    FOREIGN KEY (merchant_id, count_id, line_number) REFERENCES stock_count_line
);

DO $$
DECLARE name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['shortage', 'shortage_entry', 'stock_count', 'stock_count_line', 'stock_count_entry'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY one_merchant ON %I TO lading_app USING (merchant_id = current_merchant())', name);
        EXECUTE format('ALTER TABLE %I SET (autovacuum_analyze_scale_factor = 0.05, autovacuum_analyze_threshold = 500)', name);
    END LOOP;
END $$;
