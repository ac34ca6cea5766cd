-- What products cost where nobody says it: lists of prices, for a company, a group of companies, a channel, or for all.

CREATE TABLE price_list (
    merchant_id   integer NOT NULL,
    id            uuid NOT NULL,
    code          text COLLATE "C" NOT NULL,
    name          text NOT NULL,
    currency      text NOT NULL,
    company_id    uuid,                                   -- NULL, as the next two: for all of them
    company_group text COLLATE "C",
    channel_id    uuid,
    priority      smallint NOT NULL,                      -- higher wins among lists for the same
    valid_from    timestamptz,
    valid_until   timestamptz,
    active        boolean NOT NULL,
    version       integer NOT NULL,
    PRIMARY KEY (merchant_id, id),
    UNIQUE (merchant_id, code)
);

-- The row of the list guards its items. Prices by the quantity from which on they hold, the smallest first.
CREATE TABLE price_list_item (
    merchant_id     integer NOT NULL,
    list_id         uuid NOT NULL,
    sku_id          uuid NOT NULL,
    from_quantities integer[] NOT NULL,
    unit_prices     numeric(18, 6)[] NOT NULL,
    minimum         integer NOT NULL CHECK (minimum > 0),
    multiple        integer NOT NULL CHECK (multiple > 0),
    PRIMARY KEY (merchant_id, list_id, sku_id),
    CHECK (cardinality(from_quantities) = cardinality(unit_prices) AND cardinality(unit_prices) > 0)
);
CREATE INDEX price_list_item_sku ON price_list_item (merchant_id, sku_id, list_id);

DO $$
DECLARE name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['price_list', 'price_list_item'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY one_merchant ON %I TO lading_app USING (merchant_id = current_merchant())', name);
        EXECUTE format('ALTER TABLE %I SET (autovacuum_analyze_scale_factor = 0.05, autovacuum_analyze_threshold = 500)', name);
    END LOOP;
END $$;
