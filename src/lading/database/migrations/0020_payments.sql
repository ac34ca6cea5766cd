-- Payments through a provider: what was asked of it is a row first, then the call with the row's key, then the answer as a command.

ALTER TABLE tender
    ADD COLUMN provider         text,                     -- NULL: money that somebody else moves
    ADD COLUMN method           text,                     -- the provider's token of a card or account; never in the journal
    ADD COLUMN payer            text,                     -- the provider's id of who pays; never in the journal
    ADD COLUMN instead_of       smallint,                 -- the tender whose authorisation lapsed
    ADD COLUMN refused          smallint NOT NULL DEFAULT 0,   -- captures, voids and refunds that failed
    ADD COLUMN requests         smallint NOT NULL DEFAULT 0,
    ADD COLUMN authorising_minor bigint NOT NULL DEFAULT 0 CHECK (authorising_minor >= 0),    -- asked for, not answered
    ADD COLUMN capturing_minor  bigint NOT NULL DEFAULT 0 CHECK (capturing_minor >= 0),
    ADD COLUMN voiding_minor    bigint NOT NULL DEFAULT 0 CHECK (voiding_minor >= 0),
    ADD COLUMN refunding_minor  bigint NOT NULL DEFAULT 0 CHECK (refunding_minor >= 0),
    ADD COLUMN voided_minor     bigint NOT NULL DEFAULT 0 CHECK (voided_minor >= 0),          -- authorised once, and not any more
    ADD COLUMN once             boolean NOT NULL DEFAULT false,                               -- one capture, which gives up the rest
    ADD COLUMN expires_at       timestamptz,                                                  -- when the authorisation lapses
    ADD CHECK (captured_minor + capturing_minor + voiding_minor <= authorised_minor),
    ADD CHECK (refunded_minor + refunding_minor <= captured_minor);

-- What a provider was asked. The order's row guards it; the worker claims what is due by moving due_at ahead.
CREATE TABLE payment_request (
    merchant_id   integer NOT NULL,
    order_id      uuid NOT NULL,
    tender_number smallint NOT NULL,
    number        smallint NOT NULL,                      -- within the tender
    kind          text NOT NULL CHECK (kind IN ('authorise', 'capture', 'void', 'refund')),
    amount_minor  bigint NOT NULL CHECK (amount_minor > 0),
    status        text NOT NULL DEFAULT 'pending' CHECK (status IN ('pending', 'succeeded', 'failed')),
    asked_at      timestamptz NOT NULL,
    due_at        timestamptz,                            -- of the next call; NULL: none is awaited
    attempts      smallint NOT NULL DEFAULT 0,            -- calls begun
    reference     text,                                   -- the provider's id of what it made
    code          text,                                   -- why it failed, in the provider's word
    settled_at    timestamptz,
    PRIMARY KEY (merchant_id, order_id, tender_number, number),
    CHECK ((status = 'pending') = (due_at IS NOT NULL)),
    CHECK ((status = 'pending') = (settled_at IS NULL))
);
CREATE INDEX payment_request_due ON payment_request (merchant_id, due_at) WHERE status = 'pending';
CREATE INDEX payment_request_listed ON payment_request (merchant_id, status, asked_at, order_id, tender_number, number)
 WHERE status <> 'succeeded';
CREATE INDEX tender_lapses ON tender (merchant_id, expires_at)
 WHERE authorised_minor > captured_minor + capturing_minor + voiding_minor AND expires_at IS NOT NULL;
CREATE INDEX payment_request_settled ON payment_request (merchant_id, settled_at) WHERE status = 'succeeded' AND kind IN ('capture', 'refund');
ALTER TABLE payment_request ENABLE ROW LEVEL SECURITY;
CREATE POLICY one_merchant ON payment_request TO lading_app USING (merchant_id = current_merchant());
ALTER TABLE payment_request SET (autovacuum_analyze_scale_factor = 0.05, autovacuum_analyze_threshold = 500);
