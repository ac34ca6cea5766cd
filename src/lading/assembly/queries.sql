-- name: work_order_ids
-- Work orders by the number that people use.
SELECT id FROM work_order WHERE merchant_id = $1 AND number = ANY($2::bigint[]);

-- name: lock_work_orders
-- In primary-key order; the row's lock guards the lines.
SELECT id, number, reference, kind, sku_id, location_id, quantity, opened_at, due_at, completed, cancelled, closed_at, version
  FROM work_order WHERE merchant_id = $1 AND id = ANY($2::uuid[]) ORDER BY id FOR NO KEY UPDATE;

-- name: read_work_orders
-- As lock_work_orders, for a dry run.
SELECT id, number, reference, kind, sku_id, location_id, quantity, opened_at, due_at, completed, cancelled, closed_at, version
  FROM work_order WHERE merchant_id = $1 AND id = ANY($2::uuid[]) ORDER BY id;

-- name: read_work_order_lines
-- Lines with the codes of their products.
SELECT l.work_order_id, l.number, l.role, l.sku_id, coalesce(s.code, l.sku_id::text), l.lot, l.per_kit, l.planned, l.allocated, l.done, l.cancelled,
       coalesce(s.tracking, 'none')
  FROM work_order_line AS l LEFT JOIN sku AS s ON s.merchant_id = $1 AND s.id = l.sku_id
 WHERE l.merchant_id = $1 AND l.work_order_id = ANY($2::uuid[]) ORDER BY l.work_order_id, l.number;

-- name: work_order_references
-- Which references are taken.
SELECT reference, number FROM work_order WHERE merchant_id = $1 AND reference = ANY($2::text[]);

-- name: insert_work_orders
-- A row that is left out has a reference that somebody else used meanwhile: the caller counts.
INSERT INTO work_order (merchant_id, id, number, reference, kind, sku_id, location_id, quantity, opened_at, due_at, version)
SELECT $1, w.* FROM unnest($2::uuid[], $3::bigint[], $4::text[], $5::text[], $6::uuid[], $7::uuid[], $8::int[], $9::timestamptz[],
                           $10::timestamptz[], $11::int[]) AS w
    ON CONFLICT DO NOTHING;

-- name: insert_work_order_lines
-- What a work order takes is set aside when it is opened.
INSERT INTO work_order_line (merchant_id, work_order_id, number, role, sku_id, lot, per_kit, planned, allocated)
SELECT $1, l.* FROM unnest($2::uuid[], $3::smallint[], $4::text[], $5::uuid[], $6::text[], $7::int[], $8::int[], $9::int[]) AS l;

-- name: update_work_orders
-- A work order went further.
UPDATE work_order SET completed = w.completed, cancelled = w.cancelled, closed_at = w.closed_at, version = w.version
  FROM unnest($2::uuid[], $3::int[], $4::int[], $5::timestamptz[], $6::int[]) AS w (id, completed, cancelled, closed_at, version)
 WHERE work_order.merchant_id = $1 AND work_order.id = w.id;

-- name: update_work_order_lines
-- What was planned never changes.
UPDATE work_order_line SET allocated = l.allocated, done = l.done, cancelled = l.cancelled
  FROM unnest($2::uuid[], $3::smallint[], $4::int[], $5::int[], $6::int[]) AS l (work_order_id, number, allocated, done, cancelled)
 WHERE work_order_line.merchant_id = $1 AND work_order_line.work_order_id = l.work_order_id AND work_order_line.number = l.number;
