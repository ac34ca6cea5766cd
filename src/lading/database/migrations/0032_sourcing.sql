-- Sourcing by rules of the merchant. The rules themselves are a policy (`sourcing_rules`): versioned, and read with the others.

-- Where postal codes lie: the middle of each, or of all that begin so.
CREATE TABLE postal_area (
    merchant_id integer NOT NULL,
    country     text COLLATE "C" NOT NULL,
    code        text COLLATE "C" NOT NULL,                -- capitals and digits only
    latitude    double precision NOT NULL CHECK (latitude BETWEEN -90 AND 90),
    longitude   double precision NOT NULL CHECK (longitude BETWEEN -180 AND 180),
    PRIMARY KEY (merchant_id, country, code)
);

-- What sourcing again would save, as it was shown: it is carried out as it stands, or not at all.
CREATE TABLE sourcing_preview (
    merchant_id   integer NOT NULL,
    id            uuid NOT NULL,                          -- UUIDv7
    made_at       timestamptz NOT NULL,
    rules_version integer NOT NULL,                       -- names all policies that it was made under
    looked_at     integer NOT NULL CHECK (looked_at >= 0),   -- orders
    orders        jsonb NOT NULL,                         -- those that save something: version, what leaves, what is taken, costs
    PRIMARY KEY (merchant_id, id)
);

ALTER TABLE order_detail ADD COLUMN may_split boolean;          -- what the order itself says; NULL: as rules and policies say
ALTER TABLE order_detail ADD COLUMN whole_lines smallint[];     -- lines that come whole from one place

DO $$
DECLARE name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['postal_area', 'sourcing_preview'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY one_merchant ON %I TO lading_app USING (merchant_id = current_merchant())', name);
        EXECUTE format('ALTER TABLE %I SET (autovacuum_analyze_scale_factor = 0.05, autovacuum_analyze_threshold = 500)', name);
    END LOOP;
END $$;
