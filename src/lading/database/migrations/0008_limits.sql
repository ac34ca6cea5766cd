-- What of a product may not be promised to everybody: pools of channels.

-- Its SKU has pools or group claims: whoever promises units of it holds the lock of the SKU's row (ADR 0009). On the stock row as
-- well, so that who locks it learns, without asking for more, that its SKU got its first limit meanwhile.
ALTER TABLE stock ADD COLUMN limited boolean NOT NULL DEFAULT false;

-- Units of a product that are kept for channels, or how many they may have. Nothing moves between buckets. `taken` rises only under
-- the lock of the SKU's row.
CREATE TABLE pool (
    merchant_id integer NOT NULL,
    id          uuid NOT NULL,
    sku_id      uuid NOT NULL,
    code        text COLLATE "C" NOT NULL,
    kind        text NOT NULL CHECK (kind IN (
        'exclusive',                                      -- kept for its channels, and they sell no others
        'shared',                                         -- kept for its channels; beyond them they sell what all sell
        'capped')),                                       -- nothing is kept; its channels sell so many at most
    channel_ids uuid[] NOT NULL,
    group_id    uuid,                                     -- locations that it concerns; NULL: all
    quantity    integer NOT NULL CHECK (quantity >= 0),
    taken       integer NOT NULL DEFAULT 0 CHECK (taken >= 0), -- units of it that orders hold; above `quantity` where that was lowered
    active      boolean NOT NULL,
    version     integer NOT NULL,
    PRIMARY KEY (merchant_id, id),
    UNIQUE (merchant_id, sku_id, code)
);

CREATE INDEX sku_limited ON sku (merchant_id, code) WHERE limited;

-- How many units of an order line count for a pool: they are given back when they are cancelled. Guarded by the order's row.
CREATE TABLE pool_take (
    merchant_id integer NOT NULL,
    order_id    uuid NOT NULL,
    line_number smallint NOT NULL,
    pool_id     uuid NOT NULL,
    quantity    integer NOT NULL CHECK (quantity >= 0),
    PRIMARY KEY (merchant_id, order_id, line_number, pool_id)
);

-- A reservation without a place yet claims units of a group of locations (no group: of all): nothing moves, until it is pinned.
ALTER TABLE reservation_line
    ALTER COLUMN location_id DROP NOT NULL,
    ADD COLUMN group_id uuid,
    ADD CONSTRAINT reservation_line_place CHECK (location_id IS NULL OR group_id IS NULL);

DO $$
DECLARE name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['pool', 'pool_take'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY one_merchant ON %I TO lading_app USING (merchant_id = current_merchant())', name);
        EXECUTE format('ALTER TABLE %I SET (autovacuum_analyze_scale_factor = 0.05, autovacuum_analyze_threshold = 500)', name);
    END LOOP;
END $$;
