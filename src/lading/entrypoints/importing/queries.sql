-- name: codes
-- All products: codes that differ only in case are found in memory, the catalog is small beside the file.
SELECT id, code FROM sku WHERE merchant_id = $1;

-- name: orders
-- The channel's orders with these references, and all of these customers.
SELECT o.id, o.external_reference, o.placed_at, c.key, o.number
  FROM orders AS o LEFT JOIN customer AS c ON c.merchant_id = $1 AND c.id = o.customer_id
 WHERE o.merchant_id = $1 AND o.channel_id = $2 AND o.external_reference = ANY($3::text[])
UNION
SELECT o.id, o.external_reference, o.placed_at, c.key, o.number
  FROM customer AS c JOIN orders AS o ON o.merchant_id = $1 AND o.customer_id = c.id
 WHERE c.merchant_id = $1 AND c.key = ANY($4::text[]) AND o.channel_id = $2 AND o.external_reference IS NOT NULL;

-- name: lines
-- What was ordered, and how much of it cannot come back any more.
SELECT l.order_id, l.number, s.code, l.ordered, l.unit_price, l.goods_minor,
       l.ordered - (l.delivered + l.in_transit - l.return_requested - l.returned)
  FROM order_line AS l JOIN sku AS s ON s.merchant_id = $1 AND s.id = l.sku_id
 WHERE l.merchant_id = $1 AND l.order_id = ANY($2::uuid[]) ORDER BY l.order_id, l.number;

-- name: charges
-- The orders' own charges with what was given back of them.
SELECT c.order_id, c.number, c.code, c.amount_minor, coalesce(sum(r.refunded_minor), 0)::bigint
  FROM charge AS c
  LEFT JOIN return_charge AS r ON r.merchant_id = $1 AND r.order_id = c.order_id AND r.charge_number = c.number
 WHERE c.merchant_id = $1 AND c.order_id = ANY($2::uuid[]) AND c.line_number = 0
 GROUP BY c.order_id, c.number, c.code, c.amount_minor ORDER BY c.order_id, c.number;

-- name: returned_lines
-- What these credit notes gave back of lines.
SELECT r.reference, r.order_id, l.line_number, l.received, l.refunded_minor
  FROM return_order AS r JOIN return_line AS l ON l.merchant_id = $1 AND l.order_id = r.order_id AND l.return_number = r.number
 WHERE r.merchant_id = $1 AND r.order_id = ANY($2::uuid[]) AND r.reference = ANY($3::text[])
 ORDER BY r.order_id, r.number, l.line_number;

-- name: returned_charges
-- What these credit notes gave back of charges.
SELECT r.reference, r.order_id, c.charge_number, c.refunded_minor
  FROM return_order AS r
  JOIN return_charge AS c ON c.merchant_id = $1 AND c.order_id = r.order_id AND c.return_number = r.number
 WHERE r.merchant_id = $1 AND r.order_id = ANY($2::uuid[]) AND r.reference = ANY($3::text[])
 ORDER BY r.order_id, r.number, c.charge_number;

-- name: balances
-- What is available of these products at the location.
SELECT sku_id, available FROM stock WHERE merchant_id = $1 AND location_id = $2 AND lot = '' AND sku_id = ANY($3::uuid[]);

-- name: stock_documents
-- The keys of what this import moved of these products: the journal keeps them for ever, commands are forgotten.
SELECT subject_id, data ->> 'document' FROM event
 WHERE merchant_id = $1 AND subject_id = ANY($2::uuid[]) AND kind IN ('stock_received', 'stock_adjusted') AND actor = $3;

-- name: kept_keys
-- The keys of what stands in the channel's queue.
SELECT key FROM unmatched_return WHERE merchant_id = $1 AND channel_id = $2;

-- name: loaded_orders
-- How many of these orders there are, and what they come to.
SELECT count(*), coalesce(sum(ordered), 0)::bigint, coalesce(sum(charged_minor), 0)::bigint
  FROM orders WHERE merchant_id = $1 AND channel_id = $2 AND external_reference = ANY($3::text[]);

-- name: loaded_returns
-- How many returns these credit notes made of these orders, and what they gave back.
SELECT count(*), coalesce(sum(units), 0)::bigint, coalesce(sum(lines_minor), 0)::bigint + coalesce(sum(charges_minor), 0)::bigint
  FROM (SELECT (SELECT sum(l.received) FROM return_line AS l
                 WHERE l.merchant_id = $1 AND l.order_id = r.order_id AND l.return_number = r.number) AS units,
               (SELECT sum(l.refunded_minor) FROM return_line AS l
                 WHERE l.merchant_id = $1 AND l.order_id = r.order_id AND l.return_number = r.number) AS lines_minor,
               (SELECT sum(c.refunded_minor) FROM return_charge AS c
                 WHERE c.merchant_id = $1 AND c.order_id = r.order_id AND c.return_number = r.number) AS charges_minor
          FROM orders AS o JOIN return_order AS r ON r.merchant_id = $1 AND r.order_id = o.id
         WHERE o.merchant_id = $1 AND o.channel_id = $2 AND o.external_reference = ANY($3::text[]) AND r.reference = ANY($4::text[])
       ) AS each;

-- name: kept_items
-- How many of these items stand in the queue, and what they come to.
SELECT count(*), coalesce(sum(quantity), 0)::bigint, coalesce(sum(amount_minor), 0)::bigint
  FROM unmatched_return WHERE merchant_id = $1 AND channel_id = $2 AND key = ANY($3::text[]);
