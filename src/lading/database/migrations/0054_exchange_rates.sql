-- What one unit of a currency is worth in that of the shop's books, day by day.

CREATE TABLE exchange_rate (
    merchant_id   integer NOT NULL,
    currency      text COLLATE "C" NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    shop_currency text COLLATE "C" NOT NULL CHECK (shop_currency ~ '^[A-Z]{3}$'),
    day           date NOT NULL,                          -- from that day on, until a later one is saved
    rate          numeric(20, 10) NOT NULL CHECK (rate > 0),
    PRIMARY KEY (merchant_id, currency, shop_currency, day)
);
CREATE INDEX exchange_rate_listed ON exchange_rate (merchant_id, day DESC, currency, shop_currency);
ALTER TABLE exchange_rate ENABLE ROW LEVEL SECURITY;
CREATE POLICY one_merchant ON exchange_rate TO lading_app USING (merchant_id = current_merchant());
ALTER TABLE exchange_rate SET (autovacuum_analyze_scale_factor = 0.05, autovacuum_analyze_threshold = 500);
