-- Orders that nobody has placed yet: drafts, and quotes that wait for an answer.

CREATE TABLE draft (
    merchant_id      integer NOT NULL,
    id               uuid NOT NULL,                       -- UUIDv7 of the moment it was begun
    number           bigint NOT NULL,                     -- D1042 to people, of the merchant's one series
    status           text NOT NULL CHECK (status IN ('draft', 'sent', 'accepted', 'declined', 'converted', 'dropped')),
    version          integer NOT NULL,
    channel_id       uuid NOT NULL,
    currency         text NOT NULL,
    reference        text COLLATE "C",                    -- the merchant's own, given once
    customer_id      uuid,
    party_version_id uuid,
    ship_to_id       uuid,
    bill_to_id       uuid,
    lines            jsonb NOT NULL,                      -- read and written whole: product, quantity, price as quoted
    charges          jsonb NOT NULL,
    total_minor      bigint NOT NULL,
    ship_by          timestamptz,
    priority         smallint,
    created_at       timestamptz NOT NULL,
    expires_at       timestamptz,                         -- its prices hold until then
    sent_at          timestamptz,
    answered_at      timestamptz,
    reason           text,                                -- a code: why it was declined or dropped
    reservation_id   uuid,                                -- what is kept for it
    order_id         uuid,                                -- what it became
    note             text,                                -- of people: never in the journal
    PRIMARY KEY (merchant_id, id),
    UNIQUE (merchant_id, number),
    CONSTRAINT draft_reference UNIQUE (merchant_id, reference),
    CHECK ((status = 'converted') = (order_id IS NOT NULL))
);
CREATE INDEX draft_listed ON draft (merchant_id, status, id);
ALTER TABLE draft ENABLE ROW LEVEL SECURITY;
CREATE POLICY one_merchant ON draft TO lading_app USING (merchant_id = current_merchant());
ALTER TABLE draft SET (autovacuum_analyze_scale_factor = 0.05, autovacuum_analyze_threshold = 500);
