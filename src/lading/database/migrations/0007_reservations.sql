-- Units that are kept for somebody for a while: soft, and free again once their time is over.

-- A reservation is its lines: they are made, extended and ended together, and the document has nothing beside them. A line whose
-- time is over keeps its units in the bucket `reserved` until somebody needs them or the worker comes by; whoever reads counts them
-- as free. The id is the UUIDv7 of the moment it was made.
CREATE TABLE reservation_line (
    merchant_id    integer NOT NULL,
    reservation_id uuid NOT NULL,
    number         smallint NOT NULL,
    sku_id         uuid NOT NULL,
    location_id    uuid NOT NULL,
    lot            text COLLATE "C" NOT NULL,
    quantity       integer NOT NULL CHECK (quantity > 0),
    expires_at     timestamptz NOT NULL,
    channel_id     uuid,
    reference      text COLLATE "C",                      -- the cart or the quote, as its owner calls it
    ended_as       text CHECK (ended_as IN ('released', 'converted', 'expired')),   -- NULL: it holds its units
    ended_at       timestamptz,
    order_id       uuid,                                  -- the order that it was converted into
    PRIMARY KEY (merchant_id, reservation_id, number),
    CHECK ((ended_as IS NULL) = (ended_at IS NULL)),
    CHECK (order_id IS NULL OR ended_as = 'converted')
);
-- What is over on a shelf, the oldest first; and what is over anywhere.
CREATE INDEX reservation_line_held ON reservation_line (merchant_id, sku_id, location_id, lot, expires_at) WHERE ended_as IS NULL;
CREATE INDEX reservation_line_due ON reservation_line (merchant_id, expires_at, reservation_id) WHERE ended_as IS NULL;

ALTER TABLE reservation_line ENABLE ROW LEVEL SECURITY;
CREATE POLICY one_merchant ON reservation_line TO lading_app USING (merchant_id = current_merchant());
ALTER TABLE reservation_line SET (autovacuum_analyze_scale_factor = 0.05, autovacuum_analyze_threshold = 500,
                                  autovacuum_vacuum_insert_scale_factor = 0.2);

-- A column of a batch that holds one value throughout travels as that one value: an array's elements are what a statement pays for.
-- LANGUAGE sql and IMMUTABLE, so that it is inlined.
CREATE FUNCTION spread(column_values anyarray, row_count integer) RETURNS anyarray LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN cardinality(column_values) = 1 AND row_count > 1 THEN array_fill(column_values[1], ARRAY[row_count])
                ELSE column_values END
$$;
