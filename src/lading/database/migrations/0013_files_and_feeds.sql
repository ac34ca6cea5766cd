-- Files that were handed in, and the stock feeds that are made of them.

-- What lies under LADING_HOME/files by the SHA-256 of its content; a merchant sees the files that it handed in.
CREATE TABLE file (
    merchant_id integer NOT NULL,
    sha256      bytea NOT NULL,
    size        bigint NOT NULL,
    type        text NOT NULL,
    kept_at     timestamptz NOT NULL,
    PRIMARY KEY (merchant_id, sha256)
);

-- A file of stock: absolute counts as of a moment, or changes.
CREATE TABLE stock_feed (
    merchant_id integer NOT NULL,
    id          uuid NOT NULL,
    reference   text COLLATE "C" NOT NULL,
    kind        text NOT NULL CHECK (kind IN ('snapshot', 'delta')),
    complete    boolean NOT NULL,                         -- what it does not name of its locations is zero
    as_of       timestamptz NOT NULL,
    location_id uuid,                                     -- where rows lie that name no location
    sha256      bytea NOT NULL,
    received_at timestamptz NOT NULL,
    finished_at timestamptz,
    rows_read   integer NOT NULL DEFAULT 0,
    unchanged   integer NOT NULL DEFAULT 0,
    applied     integer NOT NULL DEFAULT 0,
    zeroed      integer NOT NULL DEFAULT 0,               -- shelves that it does not name and that held units
    not_taken   integer NOT NULL DEFAULT 0,
    trouble     text,                                     -- why nothing of it could be taken
    report      jsonb,                                    -- what was not taken, by reason, the first rows of each by line
    PRIMARY KEY (merchant_id, id),
    CONSTRAINT stock_feed_reference UNIQUE (merchant_id, reference),
    CHECK (finished_at IS NULL OR rows_read = unchanged + applied + not_taken)
);
CREATE INDEX stock_feed_received ON stock_feed (merchant_id, received_at, id);

-- What the worker does with a feed: one at a time, taken over when its lease ends, given up after some attempts.
CREATE TABLE stock_feed_work (
    merchant_id  integer NOT NULL,
    stock_feed_id uuid NOT NULL,
    due_at       timestamptz NOT NULL,
    attempts     smallint NOT NULL DEFAULT 0,
    doing        text NOT NULL DEFAULT 'waiting',
    done         bigint NOT NULL DEFAULT 0,
    total        bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (merchant_id, stock_feed_id)
);
CREATE INDEX stock_feed_due ON stock_feed_work (merchant_id, due_at);

DO $$
DECLARE name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['file', 'stock_feed', 'stock_feed_work'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY one_merchant ON %I TO lading_app USING (merchant_id = current_merchant())', name);
    END LOOP;
END $$;
