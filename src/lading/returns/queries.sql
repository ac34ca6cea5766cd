-- name: read_returns
-- Returns are numbered 1, 2, 3 inside their order without a gap.
SELECT order_id, number, reference, reason, requested_at, closed_at
  FROM return_order WHERE merchant_id = $1 AND order_id = ANY($2::uuid[]) ORDER BY order_id, number;

-- name: read_return_lines
-- What comes back of each line, by how far it is.
SELECT order_id, return_number, line_number, sku_id, location_id, requested, withdrawn, received, restocked, damaged, scrapped, refunded,
       refunded_minor, lot
  FROM return_line WHERE merchant_id = $1 AND order_id = ANY($2::uuid[]) ORDER BY order_id, return_number, line_number;

-- name: read_return_charges
-- What was given back of charges that belong to no line.
SELECT order_id, return_number, charge_number, refunded_minor
  FROM return_charge WHERE merchant_id = $1 AND order_id = ANY($2::uuid[]) ORDER BY order_id, return_number, charge_number;

-- name: delivered_at
-- The window of a return opens with the last delivery.
SELECT order_id, max(delivered_at) FROM parcel
 WHERE merchant_id = $1 AND order_id = ANY($2::uuid[]) AND delivered_at IS NOT NULL GROUP BY order_id;

-- name: insert_returns
-- A return is born with its number inside the order.
INSERT INTO return_order (merchant_id, order_id, number, reference, reason, requested_at, closed_at)
SELECT $1, r.* FROM unnest($2::uuid[], $3::smallint[], $4::text[], $5::text[], $6::timestamptz[], $7::timestamptz[]) AS r;

-- name: update_returns
-- A return was closed.
UPDATE return_order SET closed_at = r.closed_at
  FROM unnest($2::uuid[], $3::smallint[], $4::timestamptz[]) AS r (order_id, number, closed_at)
 WHERE return_order.merchant_id = $1 AND return_order.order_id = r.order_id AND return_order.number = r.number;

-- name: insert_return_lines
-- Lines are born with the return.
INSERT INTO return_line (merchant_id, order_id, return_number, line_number, sku_id, location_id, requested, withdrawn, received, restocked,
                         damaged, scrapped, refunded, refunded_minor, lot)
SELECT $1, l.* FROM unnest($2::uuid[], $3::smallint[], $4::smallint[], $5::uuid[], $6::uuid[], $7::int[], $8::int[], $9::int[], $10::int[],
                           $11::int[], $12::int[], $13::int[], $14::bigint[], $15::text[]) AS l;

-- name: update_return_lines
-- What was requested never changes.
UPDATE return_line SET location_id = l.location_id, withdrawn = l.withdrawn, received = l.received, restocked = l.restocked,
                       damaged = l.damaged, scrapped = l.scrapped, refunded = l.refunded, refunded_minor = l.refunded_minor, lot = l.lot
  FROM unnest($2::uuid[], $3::smallint[], $4::smallint[], $5::uuid[], $6::uuid[], $7::int[], $8::int[], $9::int[], $10::int[], $11::int[],
              $12::int[], $13::int[], $14::bigint[], $15::text[])
       AS l (order_id, return_number, line_number, sku_id, location_id, requested, withdrawn, received, restocked, damaged, scrapped,
             refunded, refunded_minor, lot)
 WHERE return_line.merchant_id = $1 AND return_line.order_id = l.order_id AND return_line.return_number = l.return_number
   AND return_line.line_number = l.line_number;

-- name: insert_return_charges
-- Charges are given back with the return.
INSERT INTO return_charge (merchant_id, order_id, return_number, charge_number, refunded_minor)
SELECT $1, c.* FROM unnest($2::uuid[], $3::smallint[], $4::smallint[], $5::bigint[]) AS c;

-- name: known_unmatched
-- Which items of the batch stand in the queue already.
SELECT u.channel_id, u.key, u.id
  FROM unnest($2::uuid[], $3::text[]) AS wanted (channel_id, key)
  JOIN unmatched_return AS u ON u.merchant_id = $1 AND u.channel_id = wanted.channel_id AND u.key = wanted.key;

-- name: insert_unmatched
-- A row that is left out is in the queue already: the caller counts.
INSERT INTO unmatched_return (merchant_id, id, channel_id, key, reference, customer_reference, sku_code, description, quantity,
                              amount_minor, currency, reason, occurred_at, recorded_at)
SELECT $1, u.* FROM unnest($2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::int[], $10::bigint[],
                           $11::text[], $12::text[], $13::timestamptz[], $14::timestamptz[]) AS u
    ON CONFLICT DO NOTHING;
