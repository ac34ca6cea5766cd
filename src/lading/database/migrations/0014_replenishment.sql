-- What to order, as the worker counted it last from demand, stock and what is on its way. Derived: it can be counted again at any time.
CREATE TABLE replenishment_hint (
    merchant_id   integer NOT NULL,
    sku_id        uuid NOT NULL,
    location_id   uuid NOT NULL,
    counted_at    timestamptz NOT NULL,
    state         text NOT NULL CHECK (state IN ('stock_out', 'reorder', 'overstock', 'enough')),
    pattern       text NOT NULL,
    rank          bigint NOT NULL,                        -- within its state, the most urgent first
    history_days  smallint NOT NULL,
    asked_for     integer NOT NULL,                       -- units in these days
    rate_per_day  double precision NOT NULL,
    cover_days    double precision,
    free          integer NOT NULL,
    inbound       integer NOT NULL,
    exposed_days  smallint NOT NULL,
    service_percent smallint NOT NULL,
    reorder_point integer NOT NULL,
    order_up_to   integer NOT NULL,
    order_now     integer NOT NULL,
    PRIMARY KEY (merchant_id, sku_id, location_id)
);
CREATE INDEX replenishment_hint_list ON replenishment_hint (merchant_id, state, rank, sku_id, location_id);
ALTER TABLE replenishment_hint ENABLE ROW LEVEL SECURITY;
CREATE POLICY one_merchant ON replenishment_hint TO lading_app USING (merchant_id = current_merchant());
ALTER TABLE replenishment_hint SET (autovacuum_analyze_scale_factor = 0.05, autovacuum_analyze_threshold = 500);
