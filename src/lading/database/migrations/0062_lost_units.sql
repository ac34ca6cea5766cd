-- What carriers lost is found without a walk over all lines: few are.
CREATE INDEX order_line_lost ON order_line (merchant_id, order_id) WHERE lost > 0;
