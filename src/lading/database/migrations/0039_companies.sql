-- Companies that buy: who they are, what they may owe, and what an order of theirs carries.

CREATE TABLE company (
    merchant_id          integer NOT NULL,
    id                   uuid NOT NULL,
    code                 text COLLATE "C" NOT NULL,
    name                 text NOT NULL,                   -- may be a person's: never in the journal
    tax_number           text,                            -- as the name
    "group"              text COLLATE "C",                -- of companies that have prices in common
    terms_days           smallint CHECK (terms_days >= 0),    -- NULL: it pays at once
    needs_purchase_order boolean NOT NULL,
    active               boolean NOT NULL,                -- an inactive one orders nothing new
    contacts             jsonb NOT NULL,                  -- ids of customers and versions of them, with their part in the company
    addresses            jsonb NOT NULL,                  -- ids of addresses, with what they are for
    version              integer NOT NULL,
    PRIMARY KEY (merchant_id, id),
    UNIQUE (merchant_id, code)
);

-- What a company owes, and may owe: locked before everything else by whoever changes the money of its orders (DESIGN 8).
CREATE TABLE company_credit (
    merchant_id    integer NOT NULL,
    company_id     uuid NOT NULL,
    currency       text NOT NULL,
    limit_minor    bigint CHECK (limit_minor >= 0),       -- NULL: none
    exposure_minor bigint NOT NULL DEFAULT 0 CHECK (exposure_minor >= 0),   -- the sum of what its orders owe
    PRIMARY KEY (merchant_id, company_id, currency)
);

-- What orders of companies carry; the others have no row.
CREATE TABLE company_order (
    merchant_id    integer NOT NULL,
    order_id       uuid NOT NULL,
    company_id     uuid NOT NULL,
    currency       text NOT NULL,
    purchase_order text,                                  -- the company's own number of it
    search_key     text COLLATE "C",                      -- the same as it is searched
    unique_key     text COLLATE "C",                      -- the same where policy wants it once per company
    terms_days     smallint,
    due_on         date,                                  -- when it is to be paid; NULL: not known before the first invoice, or at once
    owed_minor     bigint NOT NULL CHECK (owed_minor >= 0),
    PRIMARY KEY (merchant_id, order_id),
    CONSTRAINT company_purchase_order UNIQUE (merchant_id, company_id, unique_key)
);
CREATE INDEX company_order_listed ON company_order (merchant_id, company_id, order_id);
CREATE INDEX company_order_purchase_order ON company_order (merchant_id, search_key, order_id) WHERE search_key IS NOT NULL;
CREATE INDEX company_order_due ON company_order (merchant_id, due_on, order_id) WHERE owed_minor > 0 AND due_on IS NOT NULL;

ALTER TABLE draft ADD COLUMN company_id uuid, ADD COLUMN purchase_order text;

DO $$
DECLARE name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['company', 'company_credit', 'company_order'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY one_merchant ON %I TO lading_app USING (merchant_id = current_merchant())', name);
        EXECUTE format('ALTER TABLE %I SET (autovacuum_analyze_scale_factor = 0.05, autovacuum_analyze_threshold = 500)', name);
    END LOOP;
END $$;
