-- name: wave_ids
-- Waves by the number that people use.
SELECT id FROM wave WHERE merchant_id = $1 AND number = ANY($2::bigint[]);

-- name: read_waves
-- Waves as they stand.
SELECT id, number, reference, location_id, method, orders, units, planned_at, released_at, closed_at, cancelled_at, version
  FROM wave WHERE merchant_id = $1 AND id = ANY($2::uuid[]) ORDER BY id;

-- name: lock_waves
-- As read_waves, in primary-key order: nobody picks for them meanwhile.
SELECT id, number, reference, location_id, method, orders, units, planned_at, released_at, closed_at, cancelled_at, version
  FROM wave WHERE merchant_id = $1 AND id = ANY($2::uuid[]) ORDER BY id FOR NO KEY UPDATE;

-- name: keep_waves
-- As lock_waves for those who pick: they are many at a time, and the wave does not end meanwhile.
SELECT id, number, reference, location_id, method, orders, units, planned_at, released_at, closed_at, cancelled_at, version
  FROM wave WHERE merchant_id = $1 AND id = ANY($2::uuid[]) ORDER BY id FOR SHARE;

-- name: wave_references
-- Which references are taken.
SELECT reference, number FROM wave WHERE merchant_id = $1 AND reference = ANY($2::text[]);

-- name: read_lists
-- The pick lists of these waves.
SELECT number, zone, units, route_cm, s_shape_cm, picker, wave_id FROM pick_list
 WHERE merchant_id = $1 AND wave_id = ANY($2::uuid[]) ORDER BY wave_id, number;

-- name: read_tasks
-- All tasks of these waves.
SELECT number, list, slot, order_id, fulfillment_order, allocation, line_number, sku_id, location_id, lot, bin, quantity, picked, short,
       given_up, wave_id
  FROM pick_task WHERE merchant_id = $1 AND wave_id = ANY($2::uuid[]) ORDER BY wave_id, number;

-- name: find_tasks
-- Tasks by their number, and those for a product on which somebody may still pick.
SELECT t.number, t.list, t.slot, t.order_id, t.fulfillment_order, t.allocation, t.line_number, t.sku_id, t.location_id, t.lot, t.bin,
       t.quantity, t.picked, t.short, t.given_up, t.wave_id
  FROM pick_task AS t
 WHERE t.merchant_id = $1 AND (t.wave_id, t.number) IN (SELECT * FROM unnest($2::uuid[], $3::int[]))
UNION
SELECT t.number, t.list, t.slot, t.order_id, t.fulfillment_order, t.allocation, t.line_number, t.sku_id, t.location_id, t.lot, t.bin,
       t.quantity, t.picked, t.short, t.given_up, t.wave_id
  FROM pick_task AS t
 WHERE t.merchant_id = $1 AND (t.wave_id, t.sku_id) IN (SELECT * FROM unnest($4::uuid[], $5::uuid[]))
   AND t.picked + t.short + t.given_up < t.quantity
 ORDER BY wave_id, number;

-- name: candidates
-- Fulfillment orders of locations that wait to be picked, that no hold stops and that no open wave has: the most urgent first. Those
-- that wait for an answer, or for their day, are passed over.
SELECT f.order_id, f.number, f.order_number, f.location_id, f.priority, f.released_at, f.released, f.ship_on, f.ship_by, d.method
  FROM unnest($2::uuid[], $3::int[]) AS wanted (location_id, most)
 CROSS JOIN LATERAL (
       SELECT f.order_id, f.number, o.number AS order_number, f.location_id, f.priority, f.released_at, f.released, f.ship_on, o.ship_by
         FROM fulfillment_order AS f
         JOIN orders AS o ON o.merchant_id = $1 AND o.id = f.order_id
        WHERE f.merchant_id = $1 AND f.location_id = wanted.location_id AND f.stage = 'to_pick'
          AND f.request NOT IN ('submitted', 'cancellation_requested') AND (f.scheduled_for IS NULL OR f.scheduled_for <= $4)
          AND NOT EXISTS (SELECT FROM wave_order AS w WHERE w.merchant_id = $1 AND w.order_id = f.order_id
                             AND w.fulfillment_order = f.number AND w.open OFFSET 0)
          AND (o.active_holds = 0 OR NOT EXISTS (
                 SELECT FROM hold AS h WHERE h.merchant_id = $1 AND h.order_id = f.order_id AND h.released_at IS NULL
                    AND 'release' = ANY(h.stops) AND h.lines = '{}'
                    AND (h.fulfillment_orders = '{}' OR f.number = ANY(h.fulfillment_orders))))
        ORDER BY f.priority DESC, f.released_at, f.order_id LIMIT wanted.most) AS f
  LEFT JOIN order_detail AS d ON d.merchant_id = $1 AND d.order_id = f.order_id
 ORDER BY f.location_id, f.priority DESC, f.released_at, f.order_id, f.number;

-- name: named_candidates
-- These fulfillment orders, wherever they stand; with the open wave that has them.
SELECT f.order_id, f.number, o.number AS order_number, f.location_id, f.priority, f.released_at, f.released, f.ship_on, o.ship_by, d.method,
       o.active_holds > 0 AND EXISTS (
           SELECT FROM hold AS h WHERE h.merchant_id = $1 AND h.order_id = f.order_id AND h.released_at IS NULL
              AND 'release' = ANY(h.stops) AND h.lines = '{}'
              AND (h.fulfillment_orders = '{}' OR f.number = ANY(h.fulfillment_orders))) AS held,
       v.number AS wave
  FROM unnest($2::bigint[], $3::smallint[]) AS wanted (order_number, number)
  JOIN orders AS o ON o.merchant_id = $1 AND o.number = wanted.order_number
  JOIN fulfillment_order AS f ON f.merchant_id = $1 AND f.order_id = o.id AND f.number = wanted.number
  LEFT JOIN order_detail AS d ON d.merchant_id = $1 AND d.order_id = f.order_id
  LEFT JOIN wave_order AS w ON w.merchant_id = $1 AND w.order_id = f.order_id AND w.fulfillment_order = f.number AND w.open
  LEFT JOIN wave AS v ON v.merchant_id = $1 AND v.id = w.wave_id
 ORDER BY o.number, f.number;

-- name: zones_of
-- In which aisles and bins the units of these fulfillment orders may lie.
SELECT a.order_id, a.fulfillment_order, array_agg(DISTINCT b.code), array_agg(DISTINCT coalesce(b.aisle, ''))
  FROM unnest($2::uuid[], $3::smallint[]) AS wanted (order_id, number)
  JOIN allocation AS a ON a.merchant_id = $1 AND a.order_id = wanted.order_id AND a.fulfillment_order = wanted.number AND a.released > 0
  LEFT JOIN LATERAL (
       SELECT s.bin AS code, b.aisle FROM bin_stock AS s JOIN bin AS b ON b.merchant_id = $1 AND b.location_id = s.location_id AND b.code = s.bin
        WHERE s.merchant_id = $1 AND s.sku_id = a.sku_id AND s.location_id = a.location_id AND s.lot = a.lot AND s.quantity > 0
        ORDER BY b.sequence, s.bin LIMIT 1) AS b ON true
 GROUP BY a.order_id, a.fulfillment_order;

-- name: to_choose
-- What of these fulfillment orders waits on shelves.
SELECT a.order_id, a.fulfillment_order, a.sku_id, a.location_id, a.lot, sum(a.released)::int AS units
  FROM unnest($2::uuid[], $3::smallint[]) AS wanted (order_id, number)
  JOIN allocation AS a ON a.merchant_id = $1 AND a.order_id = wanted.order_id AND a.fulfillment_order = wanted.number AND a.released > 0
 GROUP BY a.order_id, a.fulfillment_order, a.sku_id, a.location_id, a.lot;

-- name: to_pick
-- What of the fulfillment orders of these waves waits on shelves.
SELECT w.wave_id, w.number, w.order_id, w.fulfillment_order, a.number, a.line_number, a.sku_id, a.location_id, a.lot, a.released
  FROM wave_order AS w
  JOIN allocation AS a ON a.merchant_id = $1 AND a.order_id = w.order_id AND a.fulfillment_order = w.fulfillment_order AND a.released > 0
 WHERE w.merchant_id = $1 AND w.wave_id = ANY($2::uuid[])
 ORDER BY w.wave_id, w.number, a.number;

-- name: places
-- What lies in the bins of these rows of stock, less what other walks will take, and where the bins are; emptied in this order.
SELECT s.sku_id, s.location_id, s.lot, s.bin,
       s.quantity - coalesce((SELECT sum(t.quantity - t.picked - t.short - t.given_up)::int FROM pick_task AS t
                               WHERE t.merchant_id = $1 AND t.sku_id = s.sku_id AND t.location_id = s.location_id AND t.lot = s.lot
                                 AND t.bin = s.bin AND t.picked + t.short + t.given_up < t.quantity), 0) AS units,
       b.sequence, b.aisle, b.position_cm
  FROM bin_stock AS s JOIN bin AS b ON b.merchant_id = $1 AND b.location_id = s.location_id AND b.code = s.bin
 WHERE s.merchant_id = $1 AND s.quantity > 0
   AND (s.sku_id, s.location_id, s.lot) IN (SELECT * FROM unnest($2::uuid[], $3::uuid[], $4::text[]))
 ORDER BY b.sequence, s.bin;

-- name: insert_waves
-- A row that is left out has a reference that somebody else used meanwhile: the caller counts.
INSERT INTO wave (merchant_id, id, number, reference, location_id, method, orders, units, planned_at, version)
SELECT $1, w.* FROM unnest($2::uuid[], $3::bigint[], $4::text[], $5::uuid[], $6::text[], $7::int[], $8::int[], $9::timestamptz[], $10::int[]) AS w
    ON CONFLICT DO NOTHING;

-- name: insert_wave_orders
-- A row that is left out is of a fulfillment order that is in another wave meanwhile: the caller counts.
INSERT INTO wave_order (merchant_id, wave_id, number, order_id, fulfillment_order, open)
SELECT $1, w.*, true FROM unnest($2::uuid[], $3::smallint[], $4::uuid[], $5::smallint[]) AS w
    ON CONFLICT DO NOTHING;

-- name: update_waves
-- A wave went on.
UPDATE wave SET units = w.units, released_at = w.released_at, closed_at = w.closed_at, cancelled_at = w.cancelled_at, version = w.version
  FROM unnest($2::uuid[], $3::int[], $4::timestamptz[], $5::timestamptz[], $6::timestamptz[], $7::int[])
       AS w (id, units, released_at, closed_at, cancelled_at, version)
 WHERE wave.merchant_id = $1 AND wave.id = w.id;

-- name: end_wave_orders
-- Its fulfillment orders may be in another wave.
UPDATE wave_order SET open = false WHERE merchant_id = $1 AND wave_id = ANY($2::uuid[]) AND open;

-- name: insert_lists
-- Pick lists are born when the wave is released.
INSERT INTO pick_list (merchant_id, wave_id, number, zone, units, route_cm, s_shape_cm, picker)
SELECT $1, l.* FROM unnest($2::uuid[], $3::smallint[], $4::text[], $5::int[], $6::int[], $7::int[], $8::text[]) AS l;

-- name: update_lists
-- Somebody took it, or left it.
UPDATE pick_list SET picker = l.picker FROM unnest($2::uuid[], $3::smallint[], $4::text[]) AS l (wave_id, number, picker)
 WHERE pick_list.merchant_id = $1 AND pick_list.wave_id = l.wave_id AND pick_list.number = l.number;

-- name: insert_tasks
-- Tasks come with their lists.
INSERT INTO pick_task (merchant_id, wave_id, number, list, slot, order_id, fulfillment_order, allocation, line_number, sku_id, location_id,
                       lot, bin, quantity)
SELECT $1, t.* FROM unnest($2::uuid[], $3::int[], $4::smallint[], $5::smallint[], $6::uuid[], $7::smallint[], $8::smallint[], $9::smallint[],
                           $10::uuid[], $11::uuid[], $12::text[], $13::text[], $14::int[]) AS t;

-- name: update_tasks
-- Somebody picked, or the wave ended.
UPDATE pick_task SET picked = t.picked, short = t.short, given_up = t.given_up
  FROM unnest($2::uuid[], $3::int[], $4::int[], $5::int[], $6::int[]) AS t (wave_id, number, picked, short, given_up)
 WHERE pick_task.merchant_id = $1 AND pick_task.wave_id = t.wave_id AND pick_task.number = t.number;
