-- Who works here, and the journal that explains everything else.
-- Every table with merchant_id is closed by row-level security: lading_app sees the rows of `lading.merchant_id` and no others.

GRANT USAGE ON SCHEMA public TO lading_app;
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO lading_app;

-- The function names the one setting that the policies look at; NULL (no rows) where no merchant has been chosen.
CREATE FUNCTION current_merchant() RETURNS integer LANGUAGE sql STABLE PARALLEL SAFE
    RETURN nullif(current_setting('lading.merchant_id', true), '')::integer;

-- Read before the merchant is known: no policy.
CREATE TABLE merchant (
    id          integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    slug        text COLLATE "C" NOT NULL UNIQUE CHECK (slug ~ '^[a-z0-9][a-z0-9-]{0,62}$'),
    name        text NOT NULL,
    time_zone   text NOT NULL,               -- IANA; the zone of reports
    currency    text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    created_at  timestamptz NOT NULL
);

-- People's logins: read before the merchant is known, so without a policy.
CREATE TABLE login (
    id            uuid PRIMARY KEY,
    merchant_id   integer NOT NULL REFERENCES merchant,
    email_key     text COLLATE "C" NOT NULL UNIQUE,      -- normalised address
    name          text NOT NULL,
    password_hash text NOT NULL,                          -- argon2id
    scopes        text[] NOT NULL,
    created_at    timestamptz NOT NULL,
    disabled_at   timestamptz
);

CREATE TABLE login_session (
    merchant_id  integer NOT NULL,
    token_sha256 bytea NOT NULL,
    login_id     uuid NOT NULL,
    expires_at   timestamptz NOT NULL,
    PRIMARY KEY (merchant_id, token_sha256)
);

CREATE TABLE api_key (
    merchant_id integer NOT NULL,
    id          uuid NOT NULL,
    prefix      text COLLATE "C" NOT NULL,               -- the visible part
    sha256      bytea NOT NULL,                           -- of the whole key
    name        text NOT NULL,
    caller_id   uuid NOT NULL,                            -- the integration; stays when its key rotates
    scopes      text[] NOT NULL,
    created_at  timestamptz NOT NULL,
    revoked_at  timestamptz,
    PRIMARY KEY (merchant_id, id),
    UNIQUE (merchant_id, prefix)
);

-- One row per merchant: the dense position of the last event, its time, and the last order number drawn.
CREATE TABLE journal_head (
    merchant_id  integer PRIMARY KEY,
    position     bigint NOT NULL DEFAULT 0,
    last_at      timestamptz NOT NULL,
    order_number bigint NOT NULL DEFAULT 1000
);

-- Same id, same answer: kept 35 days.
CREATE TABLE command (
    merchant_id  integer NOT NULL,
    command_id   uuid NOT NULL,
    payload_hash bytea NOT NULL,                          -- SHA-256 of the JSON with sorted keys, before defaults
    verb         text NOT NULL,
    outcome      json NOT NULL,                           -- what was answered, refusals included
    recorded_at  timestamptz NOT NULL,
    PRIMARY KEY (merchant_id, command_id)
);

CREATE TABLE event (
    merchant_id  integer NOT NULL,
    position     bigint NOT NULL,                         -- dense, in commit order
    event_id     uuid NOT NULL,
    kind         text NOT NULL,
    version      smallint NOT NULL,                       -- of the shape of data
    subject_kind text NOT NULL,
    subject_id   uuid NOT NULL,
    occurred_at  timestamptz NOT NULL,                    -- in the world, as given; may be late
    recorded_at  timestamptz NOT NULL,                    -- ours; never runs backwards
    told_late    boolean NOT NULL,                        -- occurred before its batch began: somebody gave the time
    actor        text NOT NULL,                           -- kind:id of a user, key, rule or import
    command_id   uuid,
    data         jsonb NOT NULL,
    PRIMARY KEY (merchant_id, position)
);
-- The timeline of a subject, and the event of a posting (which knows its subject and event id).
CREATE UNIQUE INDEX event_of_subject ON event (merchant_id, subject_id, event_id);
-- "As of" a time is the last position recorded by then.
CREATE INDEX event_recorded ON event (merchant_id, recorded_at, position);
-- What was told before it happened: rare.
CREATE INDEX event_told_ahead ON event (merchant_id, occurred_at) WHERE occurred_at > recorded_at;

-- Units: one row moves a quantity between two stock ends (location, lot, bucket) or accounts, and between two ends of an order line.
CREATE TABLE posting (
    merchant_id      integer NOT NULL,
    sku_id           uuid NOT NULL,
    event_id         uuid NOT NULL,
    number           integer NOT NULL,                    -- within the event
    quantity         integer NOT NULL CHECK (quantity > 0),
    from_location_id uuid,                                -- NULL: the bucket names an account (supplier, lost, ...)
    from_lot         text COLLATE "C",
    from_bucket      text,
    to_location_id   uuid,
    to_lot           text COLLATE "C",
    to_bucket        text,
    subject_id       uuid NOT NULL,                       -- of the event: the order, or the SKU itself
    line_number      smallint,
    line_from        text,
    line_to          text,
    PRIMARY KEY (merchant_id, sku_id, event_id, number),
    CHECK (from_bucket IS NOT NULL OR to_bucket IS NOT NULL OR line_to IS NOT NULL OR line_from IS NOT NULL),
    CHECK ((line_number IS NULL) = (line_from IS NULL AND line_to IS NULL))
);

-- Money: debit and credit of one amount, in the currency that was charged.
CREATE TABLE money_posting (
    merchant_id   integer NOT NULL,
    order_id      uuid NOT NULL,
    event_id      uuid NOT NULL,
    number        integer NOT NULL,
    debit         text NOT NULL,
    credit        text NOT NULL,
    amount_minor  bigint NOT NULL CHECK (amount_minor > 0),
    currency      text NOT NULL,
    tender_number smallint,
    PRIMARY KEY (merchant_id, order_id, event_id, number)
);

-- Where each reader of the feed stands.
CREATE TABLE consumer (
    merchant_id integer NOT NULL,
    name        text NOT NULL,
    position    bigint NOT NULL,
    PRIMARY KEY (merchant_id, name)
);

DO $$
DECLARE name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['login_session', 'api_key', 'journal_head', 'command', 'event', 'posting', 'money_posting', 'consumer'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY one_merchant ON %I TO lading_app USING (merchant_id = current_merchant())', name);
    END LOOP;
    -- Tables grow faster than their statistics: look again early and often.
    FOREACH name IN ARRAY ARRAY['command', 'event', 'posting', 'money_posting'] LOOP
        EXECUTE format('ALTER TABLE %I SET (autovacuum_analyze_scale_factor = 0.05, autovacuum_analyze_threshold = 500,'
                       ' autovacuum_vacuum_insert_scale_factor = 0.2)', name);
    END LOOP;
END $$;
