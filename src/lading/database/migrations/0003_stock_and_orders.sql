-- Where every unit stands and what was promised to whom.

-- On-hand buckets only; units away are counted on the document that moves them. No index on a bucket: updates stay in the page.
CREATE TABLE stock (
    merchant_id  integer NOT NULL,
    sku_id       uuid NOT NULL,
    location_id  uuid NOT NULL,
    lot          text COLLATE "C" NOT NULL,               -- '' where the SKU has no lots
    available    integer NOT NULL DEFAULT 0 CHECK (available >= 0),
    reserved     integer NOT NULL DEFAULT 0 CHECK (reserved >= 0),
    allocated    integer NOT NULL DEFAULT 0 CHECK (allocated >= 0),
    picked       integer NOT NULL DEFAULT 0 CHECK (picked >= 0),
    packed       integer NOT NULL DEFAULT 0 CHECK (packed >= 0),
    damaged      integer NOT NULL DEFAULT 0 CHECK (damaged >= 0),
    quality_hold integer NOT NULL DEFAULT 0 CHECK (quality_hold >= 0),
    PRIMARY KEY (merchant_id, sku_id, location_id, lot)
);
CREATE INDEX stock_at_location ON stock (merchant_id, location_id, sku_id);

-- The order carries the sums of its lines by stage, of its money and its holds; every status is a column generated from them.
CREATE TABLE orders (
    merchant_id        integer NOT NULL,
    id                 uuid NOT NULL,                     -- UUIDv7 of placed_at: the primary key walks orders by date
    number             bigint NOT NULL,
    channel_id         uuid NOT NULL,
    external_reference text COLLATE "C",
    placed_at          timestamptz NOT NULL,
    ship_by            timestamptz,
    queued_at          timestamptz NOT NULL,              -- since when it stands where it stands
    currency           text NOT NULL,
    priority           smallint NOT NULL,                 -- higher is served first
    version            integer NOT NULL,
    policy_version     integer NOT NULL,                  -- the policies that it was placed under
    placed_by          uuid NOT NULL,                     -- the command that placed it: the same reference again gets its answer
    customer_id        uuid,
    party_version_id   uuid,
    ship_to_id         uuid,
    history            boolean NOT NULL,                  -- recorded after the fact: no mail, webhook or task
    active_holds       smallint NOT NULL DEFAULT 0 CHECK (active_holds >= 0),
    ordered            integer NOT NULL,
    cancelled          integer NOT NULL DEFAULT 0,
    open               integer NOT NULL DEFAULT 0,
    backordered        integer NOT NULL DEFAULT 0,
    allocated          integer NOT NULL DEFAULT 0,
    released           integer NOT NULL DEFAULT 0,
    picked             integer NOT NULL DEFAULT 0,
    packed             integer NOT NULL DEFAULT 0,
    in_transit         integer NOT NULL DEFAULT 0,
    delivered          integer NOT NULL DEFAULT 0,
    sent_back          integer NOT NULL DEFAULT 0,
    lost               integer NOT NULL DEFAULT 0,
    return_requested   integer NOT NULL DEFAULT 0,
    "returning"          integer NOT NULL DEFAULT 0,
    returned           integer NOT NULL DEFAULT 0,
    charged_minor      bigint NOT NULL,                   -- the original total; never changes
    adjusted_minor     bigint NOT NULL DEFAULT 0,         -- changes beside it; a cancellation is negative
    authorised_minor   bigint NOT NULL DEFAULT 0,
    captured_minor     bigint NOT NULL DEFAULT 0,
    refunded_minor     bigint NOT NULL DEFAULT 0,
    lifecycle          text NOT NULL GENERATED ALWAYS AS (
        CASE WHEN cancelled = ordered AND ordered > 0 THEN 'cancelled'
             WHEN open + backordered + allocated + released + picked + packed + in_transit = 0 THEN 'completed'
             WHEN active_holds > 0 THEN 'on_hold'
             ELSE 'open' END) STORED,
    fulfillment_status text NOT NULL GENERATED ALWAYS AS (
        CASE WHEN returned > 0 AND returned = delivered AND returned = ordered - cancelled THEN 'returned'
             WHEN returned > 0 THEN 'partially_returned'
             WHEN delivered > 0 AND delivered = ordered - cancelled THEN 'delivered'
             WHEN delivered > 0 THEN 'partially_delivered'
             WHEN in_transit + sent_back + lost = 0 AND ordered > 0 THEN 'unfulfilled'
             WHEN in_transit + sent_back + lost = ordered - cancelled THEN 'fulfilled'
             ELSE 'partially_fulfilled' END) STORED,
    payment_status     text NOT NULL GENERATED ALWAYS AS (
        CASE WHEN refunded_minor > 0 AND refunded_minor = captured_minor THEN 'refunded'
             WHEN refunded_minor > 0 THEN 'partially_refunded'
             WHEN charged_minor > 0 AND charged_minor + adjusted_minor <= 0 AND captured_minor = 0 THEN 'voided'
             WHEN captured_minor >= charged_minor + adjusted_minor THEN 'paid'
             WHEN captured_minor > 0 THEN 'partially_paid'
             WHEN authorised_minor > 0 THEN 'authorised'
             ELSE 'unpaid' END) STORED,
    stage              text NOT NULL GENERATED ALWAYS AS (
        CASE WHEN active_holds > 0 AND open + backordered + allocated + released + picked + packed > 0 THEN 'held'
             WHEN backordered > 0 THEN 'backordered'
             WHEN open > 0 THEN 'to_source'
             WHEN allocated > 0 THEN 'to_release'
             WHEN released > 0 THEN 'to_pick'
             WHEN picked > 0 THEN 'to_pack'
             WHEN packed > 0 THEN 'to_hand_over'
             WHEN in_transit > 0 THEN 'with_carrier'
             WHEN return_requested + "returning" > 0 THEN 'coming_back'
             ELSE 'done' END) STORED,
    PRIMARY KEY (merchant_id, id),
    UNIQUE (merchant_id, number),
    CONSTRAINT orders_external_reference UNIQUE (merchant_id, channel_id, external_reference),
    CHECK (ordered = cancelled + open + backordered + allocated + released + picked + packed + in_transit + delivered + sent_back + lost)
);
CREATE INDEX orders_queue ON orders (merchant_id, stage, queued_at, id) WHERE stage <> 'done';
CREATE INDEX orders_of_customer ON orders (merchant_id, customer_id, id) WHERE customer_id IS NOT NULL;
CREATE INDEX orders_ship_by ON orders (merchant_id, ship_by, id) WHERE ship_by IS NOT NULL AND lifecycle IN ('open', 'on_hold');

-- Lines, charges, tenders and holds carry no foreign key to their order (ADR 0003): the statement that writes them has just written or
-- locked it, and audit looks for orphans.
CREATE TABLE order_line (
    merchant_id      integer NOT NULL,
    order_id         uuid NOT NULL,
    number           smallint NOT NULL,
    sku_id           uuid NOT NULL,
    external_id      text COLLATE "C",
    unit_price       numeric(18, 6) NOT NULL,             -- in units of the order's currency
    goods_minor      bigint NOT NULL,                     -- unit price x ordered, rounded once, half away from zero
    ordered          integer NOT NULL CHECK (ordered > 0),
    cancelled        integer NOT NULL DEFAULT 0 CHECK (cancelled >= 0),
    open             integer NOT NULL DEFAULT 0 CHECK (open >= 0),
    backordered      integer NOT NULL DEFAULT 0 CHECK (backordered >= 0),
    allocated        integer NOT NULL DEFAULT 0 CHECK (allocated >= 0),
    released         integer NOT NULL DEFAULT 0 CHECK (released >= 0),
    picked           integer NOT NULL DEFAULT 0 CHECK (picked >= 0),
    packed           integer NOT NULL DEFAULT 0 CHECK (packed >= 0),
    in_transit       integer NOT NULL DEFAULT 0 CHECK (in_transit >= 0),
    delivered        integer NOT NULL DEFAULT 0 CHECK (delivered >= 0),
    sent_back        integer NOT NULL DEFAULT 0 CHECK (sent_back >= 0),
    lost             integer NOT NULL DEFAULT 0 CHECK (lost >= 0),
    return_requested integer NOT NULL DEFAULT 0 CHECK (return_requested >= 0),
    "returning"        integer NOT NULL DEFAULT 0 CHECK ("returning" >= 0),
    returned         integer NOT NULL DEFAULT 0 CHECK (returned >= 0),
    refunded         integer NOT NULL DEFAULT 0 CHECK (refunded >= 0),    -- units whose money went back
    PRIMARY KEY (merchant_id, order_id, number),
    CHECK (ordered = cancelled + open + backordered + allocated + released + picked + packed + in_transit + delivered + sent_back + lost),
    CHECK (return_requested + returned <= delivered + in_transit),        -- customers' returns
    CHECK ("returning" <= sent_back),                                     -- brought back by a carrier, received by nobody yet
    CHECK (refunded <= returned + sent_back + lost)
);
CREATE INDEX order_line_sku ON order_line (merchant_id, sku_id, order_id);

-- What was charged beside the goods, shared over the lines (line 0: belongs to no line).
CREATE TABLE charge (
    merchant_id  integer NOT NULL,
    order_id     uuid NOT NULL,
    number       smallint NOT NULL,
    line_number  smallint NOT NULL,
    kind         text NOT NULL CHECK (kind IN ('discount', 'tax', 'shipping', 'fee', 'adjustment')),
    code         text NOT NULL,                           -- the channel's word for it
    amount_minor bigint NOT NULL,                         -- a discount is negative
    PRIMARY KEY (merchant_id, order_id, number, line_number)
);

CREATE TABLE tender (
    merchant_id      integer NOT NULL,
    order_id         uuid NOT NULL,
    number           smallint NOT NULL,
    kind             text NOT NULL,
    reference        text,
    authorised_minor bigint NOT NULL,
    captured_minor   bigint NOT NULL,
    refunded_minor   bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (merchant_id, order_id, number),
    CHECK (0 <= refunded_minor AND refunded_minor <= captured_minor AND captured_minor <= authorised_minor)
);

CREATE TABLE hold (
    merchant_id integer NOT NULL,
    order_id    uuid NOT NULL,
    number      smallint NOT NULL,
    kind        text NOT NULL,
    note        text,
    placed_at   timestamptz NOT NULL,
    released_at timestamptz,
    PRIMARY KEY (merchant_id, order_id, number)
);

-- Line x location x lot, from the promise to the hand-over. Counts what is still in the building.
CREATE TABLE allocation (
    merchant_id       integer NOT NULL,
    order_id          uuid NOT NULL,
    number            smallint NOT NULL,
    line_number       smallint NOT NULL,
    sku_id            uuid NOT NULL,
    location_id       uuid NOT NULL,
    lot               text COLLATE "C" NOT NULL,
    fulfillment_order smallint,                           -- NULL until release
    allocated         integer NOT NULL CHECK (allocated >= 0),
    released          integer NOT NULL DEFAULT 0 CHECK (released >= 0),
    picked            integer NOT NULL DEFAULT 0 CHECK (picked >= 0),
    packed            integer NOT NULL DEFAULT 0 CHECK (packed >= 0),
    PRIMARY KEY (merchant_id, order_id, number)
);

-- The part of an order that one location fills. Counts its units by stage; its own stage is generated from them.
CREATE TABLE fulfillment_order (
    merchant_id integer NOT NULL,
    order_id    uuid NOT NULL,
    number      smallint NOT NULL,
    location_id uuid NOT NULL,
    released_at timestamptz NOT NULL,
    priority    smallint NOT NULL,
    released    integer NOT NULL CHECK (released >= 0),
    picked      integer NOT NULL DEFAULT 0 CHECK (picked >= 0),
    packed      integer NOT NULL DEFAULT 0 CHECK (packed >= 0),
    handed_over integer NOT NULL DEFAULT 0 CHECK (handed_over >= 0),
    withdrawn   integer NOT NULL DEFAULT 0 CHECK (withdrawn >= 0),   -- cancelled or short
    stage       text NOT NULL GENERATED ALWAYS AS (
        CASE WHEN released > 0 THEN 'to_pick'
             WHEN picked > 0 THEN 'to_pack'
             WHEN packed > 0 THEN 'to_hand_over'
             WHEN handed_over > 0 THEN 'closed'
             ELSE 'cancelled' END) STORED,
    PRIMARY KEY (merchant_id, order_id, number),
    FOREIGN KEY (merchant_id, order_id) REFERENCES orders
);
CREATE INDEX fulfillment_order_queue ON fulfillment_order (merchant_id, location_id, stage, priority DESC, released_at, order_id)
    WHERE stage IN ('to_pick', 'to_pack', 'to_hand_over');

CREATE TABLE parcel (
    merchant_id       integer NOT NULL,
    order_id          uuid NOT NULL,
    number            smallint NOT NULL,
    fulfillment_order smallint NOT NULL,
    location_id       uuid NOT NULL,
    status            text NOT NULL CHECK (status IN ('packed', 'shipped', 'in_transit', 'out_for_delivery', 'failed_attempt', 'delivered',
                                                      'lost', 'returned_to_sender', 'cancelled')),   -- cancelled: unpacked again
    status_at         timestamptz NOT NULL,               -- when the status occurred in the world
    carrier           text,
    tracking_number   text COLLATE "C",
    weight_grams      integer CHECK (weight_grams > 0),
    packed_at         timestamptz NOT NULL,
    shipped_at        timestamptz,
    delivered_at      timestamptz,
    PRIMARY KEY (merchant_id, order_id, number),
    FOREIGN KEY (merchant_id, order_id) REFERENCES orders
);
CREATE INDEX parcel_tracking ON parcel (merchant_id, tracking_number) WHERE tracking_number IS NOT NULL;

CREATE TABLE parcel_line (
    merchant_id       integer NOT NULL,
    order_id          uuid NOT NULL,
    parcel            smallint NOT NULL,
    allocation        smallint NOT NULL,
    line_number       smallint NOT NULL,
    quantity          integer NOT NULL CHECK (quantity > 0),
    PRIMARY KEY (merchant_id, order_id, parcel, allocation),
    FOREIGN KEY (merchant_id, order_id, parcel) REFERENCES parcel
);

CREATE TABLE return_order (
    merchant_id  integer NOT NULL,
    order_id     uuid NOT NULL,
    number       smallint NOT NULL,
    reference    text COLLATE "C",
    reason       text NOT NULL,
    requested_at timestamptz NOT NULL,
    closed_at    timestamptz,                             -- nothing is awaited, held or owed any more
    PRIMARY KEY (merchant_id, order_id, number),
    FOREIGN KEY (merchant_id, order_id) REFERENCES orders
);
CREATE INDEX return_queue ON return_order (merchant_id, requested_at, order_id) WHERE closed_at IS NULL;

CREATE TABLE return_line (
    merchant_id   integer NOT NULL,
    order_id      uuid NOT NULL,
    return_number smallint NOT NULL,
    line_number   smallint NOT NULL,
    sku_id        uuid NOT NULL,
    location_id   uuid,                                   -- where it was received
    requested     integer NOT NULL CHECK (requested > 0),
    withdrawn     integer NOT NULL DEFAULT 0 CHECK (withdrawn >= 0),
    received      integer NOT NULL DEFAULT 0 CHECK (received >= 0),
    restocked     integer NOT NULL DEFAULT 0 CHECK (restocked >= 0),
    damaged       integer NOT NULL DEFAULT 0 CHECK (damaged >= 0),
    scrapped      integer NOT NULL DEFAULT 0 CHECK (scrapped >= 0),
    refunded      integer NOT NULL DEFAULT 0 CHECK (refunded >= 0),
    refunded_minor bigint NOT NULL DEFAULT 0 CHECK (refunded_minor >= 0),
    PRIMARY KEY (merchant_id, order_id, return_number, line_number),
    FOREIGN KEY (merchant_id, order_id, return_number) REFERENCES return_order,
    CHECK (withdrawn + received <= requested),
    CHECK (restocked + damaged + scrapped <= received),
    CHECK (refunded <= received)
);

-- What a return gives back of a charge that belongs to no line.
CREATE TABLE return_charge (
    merchant_id    integer NOT NULL,
    order_id       uuid NOT NULL,
    return_number  smallint NOT NULL,
    charge_number  smallint NOT NULL,
    refunded_minor bigint NOT NULL CHECK (refunded_minor > 0),
    PRIMARY KEY (merchant_id, order_id, return_number, charge_number),
    FOREIGN KEY (merchant_id, order_id, return_number) REFERENCES return_order
);

-- What a channel says came back, and no order of ours explains: kept in a queue with its reason.
CREATE TABLE unmatched_return (
    merchant_id        integer NOT NULL,
    id                 uuid NOT NULL,
    channel_id         uuid NOT NULL,
    key                text COLLATE "C" NOT NULL,         -- the channel's name of this item; kept once
    reference          text COLLATE "C" NOT NULL,         -- the document it stood on
    customer_reference text,
    sku_code           text NOT NULL,
    description        text NOT NULL,
    quantity           integer NOT NULL,
    amount_minor       bigint NOT NULL,
    currency           text NOT NULL,
    reason             text NOT NULL,
    occurred_at        timestamptz NOT NULL,
    recorded_at        timestamptz NOT NULL,
    PRIMARY KEY (merchant_id, id),
    CONSTRAINT unmatched_return_key UNIQUE (merchant_id, channel_id, key)
);
CREATE INDEX unmatched_return_queue ON unmatched_return (merchant_id, recorded_at, id);

DO $$
DECLARE name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['stock', 'orders', 'order_line', 'charge', 'tender', 'hold', 'allocation', 'fulfillment_order', 'parcel',
                                'parcel_line', 'return_order', 'return_line', 'return_charge', 'unmatched_return'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY one_merchant ON %I TO lading_app USING (merchant_id = current_merchant())', name);
        EXECUTE format('ALTER TABLE %I SET (autovacuum_analyze_scale_factor = 0.05, autovacuum_analyze_threshold = 500,'
                       ' autovacuum_vacuum_insert_scale_factor = 0.2)', name);
    END LOOP;
END $$;
