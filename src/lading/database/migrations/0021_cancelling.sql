-- What was cancelled after it left its shelf lies on a cart: the location is told to put it back.

ALTER TABLE allocation
    ADD COLUMN put_back integer NOT NULL DEFAULT 0 CHECK (put_back >= 0);   -- units that were cancelled when picked or packed
CREATE INDEX allocation_put_back ON allocation (merchant_id, location_id, order_id, number) WHERE put_back > 0;
