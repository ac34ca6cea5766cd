-- Layouts of warehouses, and waves of fulfillment orders that are picked together.

-- Parallel aisles of a location, and the cross aisles that join them; one row, for nobody needs a part of it.
CREATE TABLE layout (
    merchant_id integer NOT NULL,
    location_id uuid NOT NULL,
    depot_cm    integer NOT NULL,                         -- where routes begin and end, along the front cross aisle
    plan        jsonb NOT NULL,                           -- cross_cm: where cross aisles run, front first; aisles: [code, x_cm]
    version     integer NOT NULL,
    PRIMARY KEY (merchant_id, location_id)
);
ALTER TABLE bin
    ADD COLUMN aisle       text COLLATE "C",              -- NULL: nobody said where it is
    ADD COLUMN position_cm integer,                       -- along its aisle, from the front cross aisle
    ADD CHECK ((aisle IS NULL) = (position_cm IS NULL));

CREATE TABLE wave (
    merchant_id  integer NOT NULL,
    id           uuid NOT NULL,
    number       bigint NOT NULL,                         -- of the merchant's one series; WV1044 to people
    reference    text COLLATE "C",
    location_id  uuid NOT NULL,
    method       text NOT NULL CHECK (method IN ('single', 'batch', 'cluster', 'zone')),
    orders       integer NOT NULL,                        -- fulfillment orders in it
    units        integer NOT NULL DEFAULT 0,              -- on its pick lists
    planned_at   timestamptz NOT NULL,
    released_at  timestamptz,
    closed_at    timestamptz,
    cancelled_at timestamptz,
    version      integer NOT NULL,
    status       text NOT NULL GENERATED ALWAYS AS (
        CASE WHEN cancelled_at IS NOT NULL THEN 'cancelled' WHEN closed_at IS NOT NULL THEN 'closed'
             WHEN released_at IS NOT NULL THEN 'released' ELSE 'planned' END) STORED,
    PRIMARY KEY (merchant_id, id),
    UNIQUE (merchant_id, number),
    CONSTRAINT wave_reference UNIQUE (merchant_id, reference)
);
CREATE INDEX wave_open ON wave (merchant_id, location_id, id) WHERE closed_at IS NULL AND cancelled_at IS NULL;

-- Which fulfillment orders are in it.
CREATE TABLE wave_order (
    merchant_id       integer NOT NULL,
    wave_id           uuid NOT NULL,
    number            smallint NOT NULL,
    order_id          uuid NOT NULL,
    fulfillment_order smallint NOT NULL,
    open              boolean NOT NULL,                   -- false once the wave has ended
    PRIMARY KEY (merchant_id, wave_id, number)
);
-- A fulfillment order is in one wave at a time.
CREATE UNIQUE INDEX wave_order_once ON wave_order (merchant_id, order_id, fulfillment_order) WHERE open;

-- What one picker does in one walk.
CREATE TABLE pick_list (
    merchant_id integer NOT NULL,
    wave_id     uuid NOT NULL,
    number      smallint NOT NULL,
    zone        text COLLATE "C",                         -- the aisle, where the wave is picked by zones
    units       integer NOT NULL,
    route_cm    integer,                                  -- how long the walk is; NULL where the layout does not say
    s_shape_cm  integer,                                  -- how long it would be through every aisle in turn
    picker      text,                                     -- kind:id of a user or key; NULL: nobody has taken it
    PRIMARY KEY (merchant_id, wave_id, number)
);

-- Units of one allocation in one bin. The row of its order guards it; the end of the wave gives up what is left.
CREATE TABLE pick_task (
    merchant_id       integer NOT NULL,
    wave_id           uuid NOT NULL,
    number            integer NOT NULL,                   -- in the order of the walk; WV1044-T3 to people
    list              smallint NOT NULL,
    slot              smallint NOT NULL,                  -- which box on the cart: the fulfillment orders of its list from 1
    order_id          uuid NOT NULL,
    fulfillment_order smallint NOT NULL,
    allocation        smallint NOT NULL,
    line_number       smallint NOT NULL,
    sku_id            uuid NOT NULL,
    location_id       uuid NOT NULL,
    lot               text COLLATE "C" NOT NULL,
    bin               text COLLATE "C",                   -- NULL: on the floor
    quantity          integer NOT NULL CHECK (quantity > 0),
    picked            integer NOT NULL DEFAULT 0 CHECK (picked >= 0),
    short             integer NOT NULL DEFAULT 0 CHECK (short >= 0),
    given_up          integer NOT NULL DEFAULT 0 CHECK (given_up >= 0),
    PRIMARY KEY (merchant_id, wave_id, number),
    CHECK (picked + short + given_up <= quantity)
);
-- What walks that go on will take out of bins.
CREATE INDEX pick_task_open ON pick_task (merchant_id, sku_id, location_id, lot) WHERE picked + short + given_up < quantity;

DO $$
DECLARE name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['layout', 'wave', 'wave_order', 'pick_list', 'pick_task'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY one_merchant ON %I TO lading_app USING (merchant_id = current_merchant())', name);
        EXECUTE format('ALTER TABLE %I SET (autovacuum_analyze_scale_factor = 0.05, autovacuum_analyze_threshold = 500)', name);
    END LOOP;
END $$;
