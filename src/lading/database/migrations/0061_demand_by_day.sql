-- What orders took of a product at a location on a day, less what they gave back on it, as far as its reader of the feed has come: a day on
-- which more was given back than taken is negative. Derived: the postings are the truth.
CREATE TABLE demand_day (
    merchant_id  integer NOT NULL,
    sku_id       uuid NOT NULL,
    location_id  uuid NOT NULL,
    day          date NOT NULL,                           -- in the merchant's time zone, of when it occurred
    units        integer NOT NULL,
    PRIMARY KEY (merchant_id, sku_id, location_id, day)
);
ALTER TABLE demand_day ENABLE ROW LEVEL SECURITY;
CREATE POLICY one_merchant ON demand_day TO lading_app USING (merchant_id = current_merchant());
ALTER TABLE demand_day SET (autovacuum_analyze_scale_factor = 0.05, autovacuum_analyze_threshold = 500);
