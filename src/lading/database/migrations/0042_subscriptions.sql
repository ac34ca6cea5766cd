-- Contracts that place orders: a draft says what is ordered, the contract when.

CREATE TABLE subscription (
    merchant_id integer NOT NULL,
    id          uuid NOT NULL,                            -- UUIDv7 of the moment it was made
    number      bigint NOT NULL,                          -- S1042 to people, of the merchant's one series
    draft_id    uuid NOT NULL,
    status      text NOT NULL CHECK (status IN ('active', 'paused', 'cancelled', 'ended')),
    version     integer NOT NULL,
    every       smallint NOT NULL CHECK (every > 0),
    unit        text NOT NULL CHECK (unit IN ('day', 'week', 'month')),
    day         smallint NOT NULL,                        -- of the month, where the unit is one: a shorter month ends earlier
    prices      text NOT NULL CHECK (prices IN ('kept', 'current')),   -- those of the draft, or those of price lists at each order
    cycle       integer NOT NULL CHECK (cycle > 0),       -- of the next order, from 1
    orders_max  integer,                                  -- it ends after so many cycles
    next_at     timestamptz NOT NULL,
    failures    smallint NOT NULL DEFAULT 0,              -- of this cycle so far
    failed_as   text,                                     -- the refusal of the last one
    retry_at    timestamptz,                              -- when an order that was refused is tried again
    reason      text,                                     -- a code: why it was paused or cancelled
    created_at  timestamptz NOT NULL,
    PRIMARY KEY (merchant_id, id),
    UNIQUE (merchant_id, number)
);
CREATE INDEX subscription_due ON subscription (merchant_id, next_at, id) WHERE status = 'active';
CREATE INDEX subscription_of_draft ON subscription (merchant_id, draft_id);
ALTER TABLE subscription ENABLE ROW LEVEL SECURITY;
CREATE POLICY one_merchant ON subscription TO lading_app USING (merchant_id = current_merchant());
ALTER TABLE subscription SET (autovacuum_analyze_scale_factor = 0.05, autovacuum_analyze_threshold = 500);
