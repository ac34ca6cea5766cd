-- What is sold, where it is sold and kept, under which policies, and to whom.

CREATE TABLE channel (
    merchant_id integer NOT NULL,
    id          uuid NOT NULL,
    code        text COLLATE "C" NOT NULL,
    name        text NOT NULL,
    version     integer NOT NULL,
    PRIMARY KEY (merchant_id, id),
    UNIQUE (merchant_id, code)
);

CREATE TABLE location (
    merchant_id integer NOT NULL,
    id          uuid NOT NULL,
    code        text COLLATE "C" NOT NULL,
    name        text NOT NULL,
    kind        text NOT NULL CHECK (kind IN ('warehouse', 'store', 'vendor', 'virtual')),
    time_zone   text NOT NULL,                            -- IANA; cut-offs and dates
    country     text NOT NULL CHECK (country ~ '^[A-Z]{2}$'),
    priority    integer NOT NULL,                         -- lower fills first
    active      boolean NOT NULL,                         -- an inactive location fills nothing new
    version     integer NOT NULL,
    PRIMARY KEY (merchant_id, id),
    UNIQUE (merchant_id, code)
);

CREATE TABLE sku (
    merchant_id  integer NOT NULL,
    id           uuid NOT NULL,
    code         text COLLATE "C" NOT NULL,
    name         text NOT NULL,
    gtin         text COLLATE "C",                        -- 8, 12, 13 or 14 digits with a right check digit
    weight_grams integer CHECK (weight_grams >= 0),
    length_mm    integer CHECK (length_mm > 0),
    width_mm     integer CHECK (width_mm > 0),
    height_mm    integer CHECK (height_mm > 0),
    active       boolean NOT NULL,                        -- an inactive product takes no new orders
    version      integer NOT NULL,
    PRIMARY KEY (merchant_id, id),
    UNIQUE (merchant_id, code)
);
CREATE INDEX sku_gtin ON sku (merchant_id, gtin) WHERE gtin IS NOT NULL;

-- Append-only: a value is never changed, a new version supersedes it. Versions count per merchant, so that one number on an
-- order names all the policies that it was placed under.
CREATE TABLE policy (
    merchant_id   integer NOT NULL,
    name          text NOT NULL,
    scope_kind    text NOT NULL CHECK (scope_kind IN ('merchant', 'channel', 'location', 'sku')),
    scope_id      uuid NOT NULL,                          -- all zero for the merchant
    version       integer NOT NULL,
    value         jsonb,                                  -- NULL: withdrawn, the wider scope counts again
    set_at        timestamptz NOT NULL,
    set_by        text NOT NULL,
    superseded_by integer,                                -- the version that took its place
    PRIMARY KEY (merchant_id, name, scope_kind, scope_id, version)
);
CREATE UNIQUE INDEX policy_current ON policy (merchant_id, scope_kind, scope_id, name) WHERE superseded_by IS NULL;
CREATE UNIQUE INDEX policy_version ON policy (merchant_id, version);

-- A customer is an id; who that is stands in party_version, which can be blanked.
CREATE TABLE customer (
    merchant_id integer NOT NULL,
    id          uuid NOT NULL,
    key         text COLLATE "C" NOT NULL,                -- channel reference or e-mail, normalised: how the channel says "the same one"
    PRIMARY KEY (merchant_id, id),
    UNIQUE (merchant_id, key)
);

-- Append-only; the same content is written once. Erasing blanks the columns and frees the content key.
CREATE TABLE party_version (
    merchant_id integer NOT NULL,
    id          uuid NOT NULL,
    customer_id uuid NOT NULL,
    content_key bytea,                                    -- SHA-256 of the content; NULL once blanked
    name        text,
    email       text,
    phone       text,
    email_key   text COLLATE "C",
    phone_key   text COLLATE "C",
    PRIMARY KEY (merchant_id, id),
    UNIQUE (merchant_id, content_key)
);
CREATE INDEX party_customer ON party_version (merchant_id, customer_id);
CREATE INDEX party_email ON party_version (merchant_id, email_key) WHERE email_key IS NOT NULL;
CREATE INDEX party_phone ON party_version (merchant_id, phone_key) WHERE phone_key IS NOT NULL;

CREATE TABLE address_version (
    merchant_id integer NOT NULL,
    id          uuid NOT NULL,
    content_key bytea,
    name        text,
    company     text,
    line1       text,
    line2       text,
    city        text,
    region      text,
    postal_code text,
    country     text NOT NULL,                            -- ISO 3166-1 alpha-2; stays when the rest is blanked
    PRIMARY KEY (merchant_id, id),
    UNIQUE (merchant_id, content_key)
);

-- Words of names, written by a consumer of the feed, not by placement.
CREATE TABLE search_term (
    merchant_id  integer NOT NULL,
    word         text COLLATE "C" NOT NULL,
    subject_kind text NOT NULL CHECK (subject_kind IN ('customer', 'sku')),
    subject_id   uuid NOT NULL,
    PRIMARY KEY (merchant_id, word, subject_kind, subject_id)
);
CREATE INDEX search_term_of_subject ON search_term (merchant_id, subject_id);

DO $$
DECLARE name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['channel', 'location', 'sku', 'policy', 'customer', 'party_version', 'address_version', 'search_term'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY one_merchant ON %I TO lading_app USING (merchant_id = current_merchant())', name);
        EXECUTE format('ALTER TABLE %I SET (autovacuum_analyze_scale_factor = 0.05, autovacuum_analyze_threshold = 500)', name);
    END LOOP;
END $$;
