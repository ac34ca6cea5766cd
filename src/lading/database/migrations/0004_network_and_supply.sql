-- A network of locations, products in lots and in kits, and what is expected to arrive.

-- Groups form a tree under the merchant (parent_id NULL); a location stands in at most one of them.
CREATE TABLE location_group (
    merchant_id integer NOT NULL,
    id          uuid NOT NULL,
    code        text COLLATE "C" NOT NULL,
    name        text NOT NULL,
    parent_id   uuid,
    version     integer NOT NULL,
    PRIMARY KEY (merchant_id, id),
    UNIQUE (merchant_id, code)
);
ALTER TABLE location ADD COLUMN group_id uuid;

ALTER TABLE sku
    ADD COLUMN tracking text NOT NULL DEFAULT 'none' CHECK (tracking IN ('none', 'lot', 'serial')),
    ADD COLUMN kit      text NOT NULL DEFAULT 'none' CHECK (kit IN ('none', 'on_demand', 'stocked')),
    ADD COLUMN limited  boolean NOT NULL DEFAULT false;   -- has group claims or channel pools: takers look at their rows

-- What was bought and has not arrived counts for promises by date, never for what is available.
CREATE TABLE purchase_order (
    merchant_id integer NOT NULL,
    id          uuid NOT NULL,
    number      bigint NOT NULL,                          -- of the merchant's one series; PO1042 to people
    reference   text COLLATE "C",                         -- the merchant's own number; unique where given
    supplier    text NOT NULL,
    ordered_at  timestamptz NOT NULL,
    cancelled_at timestamptz,
    closed_at   timestamptz,
    version     integer NOT NULL,
    PRIMARY KEY (merchant_id, id),
    UNIQUE (merchant_id, number),
    CONSTRAINT purchase_order_reference UNIQUE (merchant_id, reference)
);
CREATE TABLE purchase_order_line (
    merchant_id       integer NOT NULL,
    purchase_order_id uuid NOT NULL,
    number            smallint NOT NULL,
    of_line           smallint NOT NULL,                  -- the line as it was bought; another one where an ASN took a part out of it
    asn               smallint,                           -- the ASN that announced it; NULL for what nobody announced
    sku_id            uuid NOT NULL,
    location_id       uuid NOT NULL,
    due_at            timestamptz NOT NULL,
    ordered           integer NOT NULL CHECK (ordered >= 0),             -- 0 where ASNs announced all of it
    received          integer NOT NULL DEFAULT 0 CHECK (received >= 0),  -- may pass what was ordered
    damaged           integer NOT NULL DEFAULT 0 CHECK (damaged >= 0 AND damaged <= received),
    cancelled         integer NOT NULL DEFAULT 0 CHECK (cancelled >= 0 AND cancelled <= ordered),
    expected          integer NOT NULL GENERATED ALWAYS AS (greatest(ordered - received - cancelled, 0)) STORED,
    PRIMARY KEY (merchant_id, purchase_order_id, number),
    FOREIGN KEY (merchant_id, purchase_order_id) REFERENCES purchase_order
);
CREATE INDEX purchase_order_line_expected ON purchase_order_line (merchant_id, sku_id, due_at) WHERE expected > 0;

-- Units leave one location and land at another; on their way they are counted here.
CREATE TABLE transfer (
    merchant_id      integer NOT NULL,
    id               uuid NOT NULL,
    number           bigint NOT NULL,                     -- T1042 to people
    reference        text COLLATE "C",
    from_location_id uuid NOT NULL,
    to_location_id   uuid NOT NULL,
    due_at           timestamptz NOT NULL,
    created_at       timestamptz NOT NULL,
    ready_at         timestamptz,
    shipped_at       timestamptz,
    received_at      timestamptz,                         -- when the first unit landed
    cancelled_at     timestamptz,
    closed_at        timestamptz,                         -- nothing is on its way any more
    version          integer NOT NULL,
    status           text NOT NULL GENERATED ALWAYS AS (
        CASE WHEN cancelled_at IS NOT NULL THEN 'cancelled'
             WHEN closed_at IS NOT NULL THEN 'received'
             WHEN received_at IS NOT NULL THEN 'partially_received'
             WHEN shipped_at IS NOT NULL THEN 'in_transit'
             WHEN ready_at IS NOT NULL THEN 'ready'
             ELSE 'draft' END) STORED,
    PRIMARY KEY (merchant_id, id),
    UNIQUE (merchant_id, number),
    CONSTRAINT transfer_reference UNIQUE (merchant_id, reference),
    CHECK (from_location_id <> to_location_id)
);
CREATE INDEX transfer_open ON transfer (merchant_id, due_at, id) WHERE cancelled_at IS NULL AND closed_at IS NULL;
CREATE TABLE transfer_line (
    merchant_id    integer NOT NULL,
    transfer_id    uuid NOT NULL,
    number         smallint NOT NULL,
    sku_id         uuid NOT NULL,
    lot            text COLLATE "C" NOT NULL,
    to_location_id uuid NOT NULL,                         -- as its transfer: what is expected there is found by product
    due_at         timestamptz NOT NULL,
    quantity       integer NOT NULL CHECK (quantity > 0),
    ready          integer NOT NULL DEFAULT 0 CHECK (ready >= 0),        -- set aside at the sender
    in_transit     integer NOT NULL DEFAULT 0 CHECK (in_transit >= 0),
    received       integer NOT NULL DEFAULT 0 CHECK (received >= 0),
    damaged        integer NOT NULL DEFAULT 0 CHECK (damaged >= 0 AND damaged <= received),   -- among what was received
    came_home      integer NOT NULL DEFAULT 0 CHECK (came_home >= 0),
    lost           integer NOT NULL DEFAULT 0 CHECK (lost >= 0),
    cancelled      integer NOT NULL DEFAULT 0 CHECK (cancelled >= 0),
    PRIMARY KEY (merchant_id, transfer_id, number),
    FOREIGN KEY (merchant_id, transfer_id) REFERENCES transfer,
    CHECK (ready + in_transit + received + came_home + lost + cancelled <= quantity)
);
CREATE INDEX transfer_line_expected ON transfer_line (merchant_id, sku_id, due_at) WHERE in_transit > 0;

-- The date that was told for units which wait for stock. One row per line with backordered units and a date.
CREATE TABLE promise (
    merchant_id integer NOT NULL,
    order_id    uuid NOT NULL,
    line_number smallint NOT NULL,
    sku_id      uuid NOT NULL,
    quantity    integer NOT NULL CHECK (quantity > 0),    -- all backordered units of the line
    promised_at timestamptz NOT NULL,
    PRIMARY KEY (merchant_id, order_id, line_number)
);
CREATE INDEX promise_of_sku ON promise (merchant_id, sku_id, promised_at);

DO $$
DECLARE name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['location_group', 'purchase_order', 'purchase_order_line', 'transfer', 'transfer_line', 'promise'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY one_merchant ON %I TO lading_app USING (merchant_id = current_merchant())', name);
        EXECUTE format('ALTER TABLE %I SET (autovacuum_analyze_scale_factor = 0.05, autovacuum_analyze_threshold = 500)', name);
    END LOOP;
END $$;
