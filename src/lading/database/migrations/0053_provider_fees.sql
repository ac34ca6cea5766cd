-- What providers keep of the payments that they move, as their reports tell it; each movement of a report counts once.

CREATE TABLE provider_fee (
    merchant_id   integer NOT NULL,
    provider      text COLLATE "C" NOT NULL,              -- the account
    movement      text COLLATE "C" NOT NULL,              -- the provider's id of the movement that it was kept of
    order_id      uuid NOT NULL,
    tender_number smallint NOT NULL,
    amount_minor  bigint NOT NULL,                        -- below zero: it came back
    PRIMARY KEY (merchant_id, provider, movement)
);
ALTER TABLE provider_fee ENABLE ROW LEVEL SECURITY;
CREATE POLICY one_merchant ON provider_fee TO lading_app USING (merchant_id = current_merchant());
ALTER TABLE provider_fee SET (autovacuum_analyze_scale_factor = 0.05, autovacuum_analyze_threshold = 500);
