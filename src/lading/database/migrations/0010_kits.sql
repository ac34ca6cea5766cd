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

DO $$
DECLARE name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['kit_component'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY one_merchant ON %I TO lading_app USING (merchant_id = current_merchant())', name);
        EXECUTE format('ALTER TABLE %I SET (autovacuum_analyze_scale_factor = 0.05, autovacuum_analyze_threshold = 500)', name);
    END LOOP;
END $$;
