-- What the money ledger sums to by day and account, as far as its reader has come. Derived: the postings are the truth.
CREATE TABLE ledger_day (
    merchant_id  integer NOT NULL,
    day          date NOT NULL,                           -- in the merchant's time zone, of when it occurred
    currency     text COLLATE "C" NOT NULL,
    account      text COLLATE "C" NOT NULL,
    debit_minor  bigint NOT NULL CHECK (debit_minor >= 0),
    credit_minor bigint NOT NULL CHECK (credit_minor >= 0),
    PRIMARY KEY (merchant_id, day, currency, account)
);
ALTER TABLE ledger_day ENABLE ROW LEVEL SECURITY;
CREATE POLICY one_merchant ON ledger_day TO lading_app USING (merchant_id = current_merchant());
ALTER TABLE ledger_day SET (autovacuum_analyze_scale_factor = 0.05, autovacuum_analyze_threshold = 500);
