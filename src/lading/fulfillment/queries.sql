-- name: read_allocations
-- Where the units of these orders lie, and how far they are.
SELECT a.order_id, a.number, a.line_number, a.sku_id, a.location_id, a.lot, a.allocated, a.fulfillment_order, a.released, a.picked,
       a.packed, sku.tracking
  FROM allocation AS a JOIN sku ON sku.merchant_id = $1 AND sku.id = a.sku_id
 WHERE a.merchant_id = $1 AND a.order_id = ANY($2::uuid[]) ORDER BY a.order_id, a.number;

-- name: insert_allocations
-- An allocation is born when stock was found.
INSERT INTO allocation (merchant_id, order_id, number, line_number, sku_id, location_id, lot, allocated)
SELECT $1, a.* FROM unnest($2::uuid[], $3::smallint[], $4::smallint[], $5::uuid[], $6::uuid[], $7::text[], $8::int[]) AS a;

-- name: update_allocations
-- Units moved on, or were released to a fulfillment order.
UPDATE allocation SET fulfillment_order = a.fulfillment_order, allocated = a.allocated, released = a.released, picked = a.picked,
                      packed = a.packed
  FROM unnest($2::uuid[], $3::smallint[], $4::smallint[], $5::int[], $6::int[], $7::int[], $8::int[])
       AS a (order_id, number, fulfillment_order, allocated, released, picked, packed)
 WHERE allocation.merchant_id = $1 AND allocation.order_id = a.order_id AND allocation.number = a.number;

-- name: read_fulfillment_orders
-- What locations were asked to send for these orders.
SELECT order_id, number, location_id, released_at, priority, released, picked, packed, handed_over, withdrawn
  FROM fulfillment_order WHERE merchant_id = $1 AND order_id = ANY($2::uuid[]) ORDER BY order_id, number;

-- name: insert_fulfillment_orders
-- A fulfillment order is born at the release.
INSERT INTO fulfillment_order (merchant_id, order_id, number, location_id, released_at, priority, released)
SELECT $1, f.* FROM unnest($2::uuid[], $3::smallint[], $4::uuid[], $5::timestamptz[], $6::smallint[], $7::int[]) AS f;

-- name: update_fulfillment_orders
-- Units moved on.
UPDATE fulfillment_order SET released = f.released, picked = f.picked, packed = f.packed, handed_over = f.handed_over,
                             withdrawn = f.withdrawn
  FROM unnest($2::uuid[], $3::smallint[], $4::int[], $5::int[], $6::int[], $7::int[], $8::int[])
       AS f (order_id, number, released, picked, packed, handed_over, withdrawn)
 WHERE fulfillment_order.merchant_id = $1 AND fulfillment_order.order_id = f.order_id AND fulfillment_order.number = f.number;
