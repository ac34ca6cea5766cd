-- Who sells, and what was billed under which number.

-- Who sells: each version is kept, for what was issued under it never changes.
CREATE TABLE legal_entity (
    merchant_id integer NOT NULL,
    code        text COLLATE "C" NOT NULL,
    version     integer NOT NULL,
    name        text NOT NULL,
    line1       text NOT NULL,
    line2       text NOT NULL,
    postal_code text NOT NULL,
    city        text NOT NULL,
    country     text NOT NULL CHECK (country ~ '^[A-Z]{2}$'),
    tax_number  text NOT NULL,
    footer      text NOT NULL,                            -- bank, register, what the law wants to read
    saved_at    timestamptz NOT NULL,
    PRIMARY KEY (merchant_id, code, version)
);

-- The last number drawn in each series. The row is locked while a number is drawn and until what bears it is committed: no gap ever.
CREATE TABLE invoice_series (
    merchant_id  integer NOT NULL,
    legal_entity text COLLATE "C" NOT NULL,
    series       text COLLATE "C" NOT NULL,
    last_serial  bigint NOT NULL CHECK (last_serial >= 0),
    last_at      timestamptz NOT NULL,                    -- later numbers are not issued earlier
    PRIMARY KEY (merchant_id, legal_entity, series)
);

-- Invoices and credit notes. They are written once; the application may neither change nor delete them. Amounts of credit notes are
-- below zero, so that all of them sum to what was sold.
CREATE TABLE invoice (
    merchant_id      integer NOT NULL,
    order_id         uuid NOT NULL,
    number           smallint NOT NULL,                   -- within its order
    kind             text NOT NULL CHECK (kind IN ('invoice', 'credit_note')),
    legal_entity     text COLLATE "C" NOT NULL,
    series           text COLLATE "C" NOT NULL,
    serial           bigint NOT NULL CHECK (serial > 0),
    entity_version   integer NOT NULL,                    -- 0: nothing was saved of the legal entity
    issued_at        timestamptz NOT NULL,
    issued_on        date NOT NULL,                       -- in the merchant's time zone
    currency         text NOT NULL,
    total_minor      bigint NOT NULL,                     -- what the customer owes by it, taxes included
    tax_minor        bigint NOT NULL,                     -- taxes in it, those that prices contain too
    parcel           smallint,                            -- what was shipped, where it is about one parcel
    credits          smallint,                            -- the invoice of its order that a credit note takes something off
    party_version_id uuid,
    ship_to_id       uuid,
    PRIMARY KEY (merchant_id, order_id, number),
    CONSTRAINT invoice_number UNIQUE (merchant_id, legal_entity, series, serial),
    CHECK ((kind = 'credit_note') = (credits IS NOT NULL))
);
CREATE INDEX invoice_list ON invoice (merchant_id, issued_at, order_id, number);

CREATE TABLE invoice_line (
    merchant_id integer NOT NULL,
    order_id    uuid NOT NULL,
    invoice     smallint NOT NULL,
    number      smallint NOT NULL,
    line_number smallint NOT NULL,
    sku_id      uuid NOT NULL,
    sku         text NOT NULL,                            -- as it was called then
    name        text NOT NULL,
    first_unit  integer NOT NULL CHECK (first_unit >= 0), -- which units of the order line: so many before them
    quantity    integer NOT NULL CHECK (quantity >= 0),   -- 0: they only cost something else by now
    unit_price  numeric(18, 6) NOT NULL,
    goods_minor bigint NOT NULL,
    reason      text CHECK (reason IN ('returned', 'cancelled', 'changed')),    -- NULL: billed for the first time
    PRIMARY KEY (merchant_id, order_id, invoice, number),
    FOREIGN KEY (merchant_id, order_id, invoice) REFERENCES invoice,
    CHECK ((quantity = 0) = (reason IS NOT DISTINCT FROM 'changed'))
);

CREATE TABLE invoice_charge (
    merchant_id  integer NOT NULL,
    order_id     uuid NOT NULL,
    invoice      smallint NOT NULL,
    line         smallint NOT NULL,
    number       smallint NOT NULL,                       -- of the charge in its order
    kind         text NOT NULL,
    code         text NOT NULL,
    amount_minor bigint NOT NULL,
    rate         numeric(7, 4),
    included     boolean NOT NULL,
    applies_to   text,
    PRIMARY KEY (merchant_id, order_id, invoice, line, number),
    FOREIGN KEY (merchant_id, order_id, invoice, line) REFERENCES invoice_line
);

REVOKE UPDATE, DELETE ON legal_entity, invoice, invoice_line, invoice_charge FROM lading_app;

DO $$
DECLARE name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['legal_entity', 'invoice_series', 'invoice', 'invoice_line', 'invoice_charge'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY one_merchant ON %I TO lading_app USING (merchant_id = current_merchant())', name);
        EXECUTE format('ALTER TABLE %I SET (autovacuum_analyze_scale_factor = 0.05, autovacuum_analyze_threshold = 500,'
                       ' autovacuum_vacuum_insert_scale_factor = 0.2)', name);
    END LOOP;
END $$;
