-- name: read_supplies
-- What can be promised of these products, unlocked: only a proposal rests on it.
SELECT sku_id, location_id, lot, available FROM stock
 WHERE merchant_id = $1 AND sku_id = ANY($2::uuid[]) AND available > 0;

-- name: read_supplies_on_hand
-- As read_supplies, with what percentages are taken of: all that lies there but what is damaged or looked at.
SELECT sku_id, location_id, lot, available, available + reserved + allocated + picked + packed AS on_hand FROM stock
 WHERE merchant_id = $1 AND sku_id = ANY($2::uuid[]);

-- name: read_demand
-- What orders took of these products, as the worker counted it last.
SELECT sku_id, location_id, units, days FROM demand_rate WHERE merchant_id = $1 AND sku_id = ANY($2::uuid[]);

-- name: lock_supplies
-- The rows that sourcing chose, in primary-key order: two batches cannot deadlock.
SELECT sku_id, location_id, lot, available FROM stock
 WHERE merchant_id = $1
   AND (sku_id, location_id, lot) IN (SELECT * FROM unnest($2::uuid[], $3::uuid[], $4::text[]))
 ORDER BY sku_id, location_id, lot FOR NO KEY UPDATE;

-- name: lock_free_supplies
-- A later round locks out of order, so it takes only what nobody holds.
SELECT sku_id, location_id, lot, available FROM stock
 WHERE merchant_id = $1
   AND (sku_id, location_id, lot) IN (SELECT * FROM unnest($2::uuid[], $3::uuid[], $4::text[]))
 ORDER BY sku_id, location_id, lot FOR NO KEY UPDATE SKIP LOCKED;

-- name: lock_stock
-- All buckets of the rows of these products at these locations, in primary-key order.
SELECT sku_id, location_id, lot, available, reserved, allocated, picked, packed, damaged, quality_hold FROM stock
 WHERE merchant_id = $1
   AND (sku_id, location_id, lot) IN (SELECT * FROM unnest($2::uuid[], $3::uuid[], $4::text[]))
 ORDER BY sku_id, location_id, lot FOR NO KEY UPDATE;

-- name: read_stock
-- As lock_stock, for a dry run.
SELECT sku_id, location_id, lot, available, reserved, allocated, picked, packed, damaged, quality_hold FROM stock
 WHERE merchant_id = $1
   AND (sku_id, location_id, lot) IN (SELECT * FROM unnest($2::uuid[], $3::uuid[], $4::text[]));
