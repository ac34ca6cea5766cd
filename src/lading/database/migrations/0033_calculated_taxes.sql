-- Taxes that are calculated here, discounts with where they come from, fees by what they are for, and the currency of the shop's books.

-- What is taxed where. Of the rates of one code the closest applies; taxes of several codes stand beside each other.
CREATE TABLE tax_rate (
    merchant_id   integer NOT NULL,
    country       text COLLATE "C" NOT NULL CHECK (country ~ '^[A-Z]{2}$'),
    region        text COLLATE "C" NOT NULL,              -- capital letters without spaces; empty: everywhere in the country
    postal_prefix text COLLATE "C" NOT NULL,              -- the same; empty: all of it
    category      text COLLATE "C" NOT NULL,              -- of products, or a kind of charge; empty: whatever has no rate of its own
    code          text COLLATE "C" NOT NULL,              -- what it is called on an invoice
    valid_from    date NOT NULL,
    valid_to      date,                                   -- the last day; NULL: until a later one begins
    rate          numeric(7, 4) CHECK (rate >= 0),        -- in percent; NULL: withdrawn, as if it had never been saved
    included      boolean NOT NULL,                       -- prices contain it
    compound      boolean NOT NULL,                       -- charged on the other taxes too
    version       integer NOT NULL,
    PRIMARY KEY (merchant_id, country, region, postal_prefix, category, code, valid_from),
    CHECK (valid_to >= valid_from)
);

ALTER TABLE sku ADD COLUMN tax_category text COLLATE "C" NOT NULL DEFAULT '';

-- Each kind of fee has an account of its own: a duty is the state's, a tip is somebody else's.
ALTER TABLE charge DROP CONSTRAINT charge_kind_check, DROP CONSTRAINT charge_applies_to_check, DROP CONSTRAINT charge_check;
ALTER TABLE charge
    ADD COLUMN source text CHECK (source IN ('code', 'campaign', 'person', 'calculated')),   -- NULL: as the channel charged it
    ADD CHECK (kind IN ('discount', 'tax', 'shipping', 'fee', 'gift_wrap', 'duty', 'tip', 'surcharge', 'adjustment')),
    ADD CHECK (applies_to IN ('goods', 'shipping', 'fee', 'gift_wrap', 'duty', 'tip', 'surcharge')),
    ADD CONSTRAINT charge_taxes CHECK (kind = 'tax' OR (NOT included AND applies_to IS NULL)),
    ADD CONSTRAINT charge_rates CHECK (rate IS NULL OR kind IN ('tax', 'discount', 'surcharge')),
    ADD CONSTRAINT charge_sources CHECK (source IS NULL OR kind = CASE source WHEN 'calculated' THEN 'tax' ELSE 'discount' END);

ALTER TABLE order_detail
    ADD COLUMN tax_exemption text,                        -- why no tax is charged: a certificate, a VAT number
    ADD COLUMN shop_currency text CHECK (shop_currency ~ '^[A-Z]{3}$'),        -- of the shop's books, where the customer pays in another
    ADD COLUMN shop_rate numeric(20, 10) CHECK (shop_rate > 0),                -- one unit of the order's currency in it, as of its placement
    ADD CHECK ((shop_currency IS NULL) = (shop_rate IS NULL));

DO $$
BEGIN
    ALTER TABLE tax_rate ENABLE ROW LEVEL SECURITY;
    CREATE POLICY one_merchant ON tax_rate TO lading_app USING (merchant_id = current_merchant());
    ALTER TABLE tax_rate SET (autovacuum_analyze_scale_factor = 0.05, autovacuum_analyze_threshold = 500,
                              autovacuum_vacuum_insert_scale_factor = 0.2);
END $$;
