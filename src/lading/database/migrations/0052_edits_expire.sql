-- What was prepared and nobody confirmed is over some day.

ALTER TABLE order_edit ADD COLUMN expires_at timestamptz;    -- NULL: never; from then on it is not confirmed any more
CREATE INDEX order_edit_over ON order_edit (merchant_id, expires_at) WHERE status = 'begun' AND expires_at IS NOT NULL;
