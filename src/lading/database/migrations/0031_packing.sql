-- What cartons there are and what carriers ask, how products want to be packed, and what a parcel is in.

ALTER TABLE sku ADD COLUMN upright boolean NOT NULL DEFAULT false;        -- its height points upwards in a carton
ALTER TABLE sku ADD COLUMN fragile boolean NOT NULL DEFAULT false;        -- nothing lies above it but what is fragile too
ALTER TABLE sku ADD COLUMN keep_apart text NOT NULL DEFAULT '';           -- shares no carton with products of another class
ALTER TABLE sku ADD COLUMN hs_code text;                                  -- of the customs tariff, 6 to 10 digits
ALTER TABLE sku ADD COLUMN origin text CHECK (origin ~ '^[A-Z]{2}$');     -- the country that it was made in

ALTER TABLE parcel ADD COLUMN carton text;                                -- its code then; NULL: nobody said it
ALTER TABLE parcel ADD COLUMN length_mm integer;                          -- outside
ALTER TABLE parcel ADD COLUMN width_mm integer;
ALTER TABLE parcel ADD COLUMN height_mm integer;
ALTER TABLE parcel ADD COLUMN sscc text COLLATE "C";                      -- 18 digits; NULL: the merchant has no GS1 prefix
ALTER TABLE parcel ADD CONSTRAINT parcel_sscc UNIQUE (merchant_id, sscc);

CREATE INDEX parcel_left ON parcel (merchant_id, location_id, shipped_at) WHERE shipped_at IS NOT NULL;

ALTER TABLE order_detail ADD COLUMN gift boolean NOT NULL DEFAULT false;  -- its slips bear no prices
ALTER TABLE order_detail ADD COLUMN language text;                        -- the customer's, for papers; NULL: that of the country

CREATE TABLE carton (
    merchant_id     integer NOT NULL,
    id              uuid NOT NULL,
    code            text COLLATE "C" NOT NULL,
    name            text NOT NULL,
    inner_length_mm integer NOT NULL CHECK (inner_length_mm > 0),
    inner_width_mm  integer NOT NULL CHECK (inner_width_mm > 0),
    inner_height_mm integer NOT NULL CHECK (inner_height_mm > 0),
    outer_length_mm integer NOT NULL CHECK (outer_length_mm >= inner_length_mm),
    outer_width_mm  integer NOT NULL CHECK (outer_width_mm >= inner_width_mm),
    outer_height_mm integer NOT NULL CHECK (outer_height_mm >= inner_height_mm),
    tare_grams      integer NOT NULL CHECK (tare_grams >= 0),
    max_grams       integer NOT NULL CHECK (max_grams > 0),             -- of what lies in it
    cost_minor      bigint NOT NULL CHECK (cost_minor >= 0),
    currency        text NOT NULL,
    active          boolean NOT NULL,
    version         integer NOT NULL,
    PRIMARY KEY (merchant_id, id),
    CONSTRAINT carton_code UNIQUE (merchant_id, code)
);

-- What a carrier asks for a parcel of a billed weight up to each step.
CREATE TABLE parcel_rate (
    merchant_id  integer NOT NULL,
    id           uuid NOT NULL,
    code         text COLLATE "C" NOT NULL,
    name         text NOT NULL,
    countries    text[] NOT NULL,                         -- where to; none: wherever no other one says
    mm3_per_gram integer CHECK (mm3_per_gram > 0),        -- volume that counts as a gram; NULL: only the scales count
    currency     text NOT NULL,
    up_to_grams  integer[] NOT NULL,
    price_minor  bigint[] NOT NULL CHECK (cardinality(price_minor) = cardinality(up_to_grams)),
    active       boolean NOT NULL,
    version      integer NOT NULL,
    PRIMARY KEY (merchant_id, id),
    CONSTRAINT parcel_rate_code UNIQUE (merchant_id, code)
);

-- The last serial of parcels drawn with each GS1 company prefix. The row is locked until what bears the serial is committed: none is ever
-- used twice, and none is lost.
CREATE TABLE sscc_series (
    merchant_id integer NOT NULL,
    prefix      text COLLATE "C" NOT NULL CHECK (prefix ~ '^[0-9]{7,10}$'),
    last_serial bigint NOT NULL CHECK (last_serial >= 0),
    PRIMARY KEY (merchant_id, prefix)
);

DO $$
DECLARE name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['carton', 'parcel_rate', 'sscc_series'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY one_merchant ON %I TO lading_app USING (merchant_id = current_merchant())', name);
        EXECUTE format('ALTER TABLE %I SET (autovacuum_analyze_scale_factor = 0.05, autovacuum_analyze_threshold = 500)', name);
    END LOOP;
END $$;
