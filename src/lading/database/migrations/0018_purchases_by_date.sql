-- Purchase orders are listed by the day on which their next units are due.

CREATE INDEX purchase_order_line_due ON purchase_order_line (merchant_id, due_at, purchase_order_id) WHERE expected > 0;
