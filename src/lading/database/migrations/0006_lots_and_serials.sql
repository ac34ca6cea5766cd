-- Lots with their dates, serial numbers, and what was taken back of the ledger by counter-posting.

-- A lot is known from its first receipt on. Its stock stands in `stock`.
CREATE TABLE lot (
    merchant_id integer NOT NULL,
    sku_id      uuid NOT NULL,
    lot         text COLLATE "C" NOT NULL CHECK (lot <> ''),
    expires_on  date,                                     -- the last day; NULL: it never expires
    received_at timestamptz NOT NULL,                     -- of its first units
    status      text NOT NULL CHECK (status IN ('ok',                 -- is promised until it expires
                                                'held',               -- somebody looks at it: neither promised nor picked
                                                'recalled')),         -- must not be sold any more
    version     integer NOT NULL,
    PRIMARY KEY (merchant_id, sku_id, lot)
);
CREATE INDEX lot_by_expiry ON lot (merchant_id, (coalesce(expires_on, DATE '9999-12-31')), sku_id, lot);
CREATE INDEX lot_stopped ON lot (merchant_id, status, sku_id, lot) WHERE status <> 'ok';
-- Who gets, or got, units of a lot.
CREATE INDEX allocation_of_lot ON allocation (merchant_id, sku_id, lot, order_id, number) WHERE lot <> '';

-- One unit by its name: it is in one place, and the posting that moves it says from where. What is available, reserved or allocated
-- is "on_shelf" for a serial: which of them an order gets is known when it is picked.
CREATE TABLE serial (
    merchant_id integer NOT NULL,
    sku_id      uuid NOT NULL,
    serial      text COLLATE "C" NOT NULL CHECK (serial <> ''),
    lot         text COLLATE "C" NOT NULL,
    place       text NOT NULL CHECK (place IN ('on_shelf', 'picked', 'packed', 'damaged', 'quality_hold',          -- at its location
                                               'in_transit', 'delivered', 'sent_back',                             -- with an order, or a transfer
                                               'supplier', 'lost', 'found', 'scrapped', 'outside', 'assembled')),  -- in an account
    location_id uuid,                                     -- NULL: away or gone
    order_id    uuid,                                     -- the order and line that it left with, until it is sellable again
    line_number smallint,
    transfer_id uuid CHECK (transfer_id IS NULL OR place = 'in_transit'),  -- that it is on its way with
    PRIMARY KEY (merchant_id, sku_id, serial),
    CHECK ((location_id IS NOT NULL) = (place IN ('on_shelf', 'picked', 'packed', 'damaged', 'quality_hold'))),
    CHECK ((order_id IS NULL) = (line_number IS NULL))
);
CREATE INDEX serial_at ON serial (merchant_id, sku_id, location_id, place, serial);
CREATE INDEX serial_of_order ON serial (merchant_id, order_id) WHERE order_id IS NOT NULL;
CREATE INDEX serial_of_transfer ON serial (merchant_id, transfer_id) WHERE transfer_id IS NOT NULL;

ALTER TABLE posting
    ADD COLUMN serial text COLLATE "C",                   -- of the one unit that moves
    ADD CHECK (serial IS NULL OR quantity = 1);
CREATE INDEX posting_of_serial ON posting (merchant_id, sku_id, serial, event_id) WHERE serial IS NOT NULL;

ALTER TABLE parcel_line ADD COLUMN serials jsonb;         -- names of the units, where they have names
ALTER TABLE transfer_line ADD COLUMN serials jsonb;       -- names of the units that were set aside, where somebody said which
ALTER TABLE return_line ADD COLUMN lot text COLLATE "C" NOT NULL DEFAULT '';   -- in which it was received

-- How much of an event's postings was taken back: never more than it moved.
CREATE TABLE correction (
    merchant_id integer NOT NULL,
    event_id    uuid NOT NULL,                            -- the event that was wrong
    sku_id      uuid NOT NULL,                            -- its subject
    moved       integer NOT NULL CHECK (moved > 0),
    corrected   integer NOT NULL CHECK (corrected > 0 AND corrected <= moved),
    PRIMARY KEY (merchant_id, event_id)
);

DO $$
DECLARE name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['lot', 'serial', 'correction'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY one_merchant ON %I TO lading_app USING (merchant_id = current_merchant())', name);
        EXECUTE format('ALTER TABLE %I SET (autovacuum_analyze_scale_factor = 0.05, autovacuum_analyze_threshold = 500,'
                       ' autovacuum_vacuum_insert_scale_factor = 0.2)', name);
    END LOOP;
END $$;
