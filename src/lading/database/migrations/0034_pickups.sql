-- Lines that customers collect: where, and nowhere else; what waits for them at a counter, until when, and how it was handed over.

ALTER TABLE order_line ADD COLUMN pickup_location_id uuid;           -- NULL: it is sent
ALTER TABLE fulfillment_order ADD COLUMN pickup_location_id uuid;    -- its own location: collected there; another one: sent to that one first

ALTER TABLE parcel DROP CONSTRAINT parcel_status_check;
ALTER TABLE parcel ADD CONSTRAINT parcel_status_check CHECK (
    status IN ('packed', 'shipped', 'in_transit', 'out_for_delivery', 'failed_attempt', 'delivered', 'lost', 'returned_to_sender',
               'cancelled',                                          -- unpacked again
               'arrived'));                                          -- at the location where it is collected: its units lie in another parcel

CREATE TABLE pickup (
    merchant_id  integer NOT NULL,
    order_id     uuid NOT NULL,
    parcel       smallint NOT NULL,
    location_id  uuid NOT NULL,
    code         text NOT NULL,                                      -- what the customer says at the counter; not in the journal
    ready_at     timestamptz NOT NULL,
    collect_by   timestamptz NOT NULL,                               -- after that it goes back to the shelf
    ended_as     text CHECK (ended_as IN ('collected', 'expired')),
    ended_at     timestamptz,
    proof        text CHECK (proof IN ('code', 'document')),         -- what the customer showed
    collected_by text,                                               -- who came, where somebody wrote it down; not in the journal
    PRIMARY KEY (merchant_id, order_id, parcel),
    FOREIGN KEY (merchant_id, order_id) REFERENCES orders,
    CHECK ((ended_as IS NULL) = (ended_at IS NULL)),
    CHECK ((ended_as = 'collected') = (proof IS NOT NULL) OR ended_as IS NULL AND proof IS NULL)
);
CREATE INDEX pickup_due ON pickup (merchant_id, collect_by) WHERE ended_at IS NULL;
CREATE INDEX pickup_waiting ON pickup (merchant_id, location_id, ready_at) WHERE ended_at IS NULL;
ALTER TABLE pickup ENABLE ROW LEVEL SECURITY;
CREATE POLICY one_merchant ON pickup TO lading_app USING (merchant_id = current_merchant());
ALTER TABLE pickup SET (autovacuum_analyze_scale_factor = 0.05, autovacuum_analyze_threshold = 500);

CREATE INDEX order_line_unsourced_pickup ON order_line (merchant_id, pickup_location_id) WHERE pickup_location_id IS NOT NULL AND open + backordered > 0;
CREATE INDEX fulfillment_order_to_store ON fulfillment_order (merchant_id, pickup_location_id, released_at)
 WHERE pickup_location_id <> location_id AND handed_over > 0;
