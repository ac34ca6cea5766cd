-- Kits: what they are made of, how they stand on an order's lines, and how they are made to stock.

CREATE TABLE kit_component (
    merchant_id integer NOT NULL,
    kit_id      uuid NOT NULL,                            -- the SKU that is sold
    number      smallint NOT NULL,
    sku_id      uuid NOT NULL,                            -- what it is made of; never a kit itself
    per_kit     integer NOT NULL CHECK (per_kit > 0),
    list_price  numeric(18, 6) CHECK (list_price >= 0),   -- of one unit, in any one currency: only ratios count; NULL: unknown
    PRIMARY KEY (merchant_id, kit_id, number),
    UNIQUE (merchant_id, kit_id, sku_id)
);
CREATE INDEX kit_component_sku ON kit_component (merchant_id, sku_id);
CREATE INDEX sku_kits ON sku (merchant_id, code) WHERE kit <> 'none';

-- A kit stays on its line as it was sold; units and money live on the lines of its parts.
ALTER TABLE order_line
    ADD COLUMN is_kit  boolean NOT NULL DEFAULT false,
    ADD COLUMN part_of smallint,                          -- the line of the kit
    ADD COLUMN per_kit integer CHECK (per_kit > 0),
    DROP CONSTRAINT order_line_check,
    ADD CONSTRAINT order_line_units CHECK (is_kit OR ordered = cancelled + open + backordered + allocated + released + picked + packed
                                                     + in_transit + delivered + sent_back + lost),
    ADD CONSTRAINT order_line_kit CHECK (NOT is_kit OR (goods_minor = 0 AND part_of IS NULL
        AND cancelled + open + backordered + allocated + released + picked + packed + in_transit + delivered + sent_back + lost = 0)),
    ADD CONSTRAINT order_line_part CHECK ((part_of IS NULL) = (per_kit IS NULL));

-- Kits made to stock, or taken apart: what they take is set aside when the work order is opened.
CREATE TABLE work_order (
    merchant_id integer NOT NULL,
    id          uuid NOT NULL,
    number      bigint NOT NULL,                          -- of the merchant's one series; W1042 to people
    reference   text COLLATE "C",                         -- the merchant's own number; unique where given
    kind        text NOT NULL CHECK (kind IN ('assemble', 'disassemble')),
    sku_id      uuid NOT NULL,                            -- the kit
    location_id uuid NOT NULL,
    quantity    integer NOT NULL CHECK (quantity > 0),    -- kits
    completed   integer NOT NULL DEFAULT 0 CHECK (completed >= 0),
    cancelled   integer NOT NULL DEFAULT 0 CHECK (cancelled >= 0),
    opened_at   timestamptz NOT NULL,
    due_at      timestamptz,
    closed_at   timestamptz,
    version     integer NOT NULL,
    status      text NOT NULL GENERATED ALWAYS AS (
        CASE WHEN completed + cancelled < quantity THEN CASE WHEN completed > 0 THEN 'started' ELSE 'open' END
             WHEN completed > 0 THEN 'completed' ELSE 'cancelled' END) STORED,
    PRIMARY KEY (merchant_id, id),
    UNIQUE (merchant_id, number),
    CONSTRAINT work_order_reference UNIQUE (merchant_id, reference),
    CHECK (completed + cancelled <= quantity)
);
CREATE INDEX work_order_queue ON work_order (merchant_id, location_id, due_at, id) WHERE status IN ('open', 'started');

CREATE TABLE work_order_line (
    merchant_id   integer NOT NULL,
    work_order_id uuid NOT NULL,
    number        smallint NOT NULL,
    role          text NOT NULL CHECK (role IN ('input', 'output')),
    sku_id        uuid NOT NULL,
    lot           text COLLATE "C" NOT NULL,
    per_kit       integer NOT NULL CHECK (per_kit > 0),
    planned       integer NOT NULL CHECK (planned > 0),
    allocated     integer NOT NULL DEFAULT 0 CHECK (allocated >= 0),     -- set aside
    done          integer NOT NULL DEFAULT 0 CHECK (done >= 0),          -- used up, or made
    cancelled     integer NOT NULL DEFAULT 0 CHECK (cancelled >= 0),
    PRIMARY KEY (merchant_id, work_order_id, number),
    FOREIGN KEY (merchant_id, work_order_id) REFERENCES work_order,
    CHECK (CASE role WHEN 'input' THEN planned = allocated + done + cancelled ELSE allocated = 0 AND done + cancelled <= planned END)
);

DO $$
DECLARE name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['kit_component', 'work_order', 'work_order_line'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY one_merchant ON %I TO lading_app USING (merchant_id = current_merchant())', name);
        EXECUTE format('ALTER TABLE %I SET (autovacuum_analyze_scale_factor = 0.05, autovacuum_analyze_threshold = 500)', name);
    END LOOP;
END $$;
