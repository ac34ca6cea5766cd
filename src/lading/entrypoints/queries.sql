-- name: keep_file
-- The same content handed in again is the same file.
INSERT INTO file (merchant_id, sha256, size, type, kept_at) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING;

-- name: tender_of_account
-- A tender whose money that account moves; whether it is being given up just now.
SELECT o.currency, o.version, t.voiding_minor > 0 AS voiding
  FROM tender AS t JOIN orders AS o ON o.merchant_id = $1 AND o.id = t.order_id
 WHERE t.merchant_id = $1 AND t.order_id = $2 AND t.number = $3 AND t.provider = $4;

-- name: hurry_payment_request
-- A provider has news of it: it is asked about now, not later.
UPDATE payment_request SET due_at = least(due_at, asked_at)
 WHERE merchant_id = $1 AND order_id = $2 AND tender_number = $3 AND number = $4 AND status = 'pending';

-- name: tender_of_payment
-- The tender that the account calls so; of several that share it, the one that was asked for it.
SELECT order_id, number FROM tender WHERE merchant_id = $1 AND provider = $2 AND reference = $3
 ORDER BY requests DESC, order_id, number LIMIT 1;
