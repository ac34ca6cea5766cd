-- name: read_supplies
-- What can be promised of these products, unlocked: only a proposal rests on it. What is reserved may have expired;
-- what orders hold in vain (`short`) goes to them first.
SELECT sku_id, location_id, lot, available - short AS available, reserved, limited FROM stock
 WHERE merchant_id = $1 AND sku_id = ANY($2::uuid[]) AND available + reserved > short;

-- name: read_supplies_on_hand
-- As read_supplies, with what percentages are taken of: all that lies there but what is damaged or looked at.
SELECT sku_id, location_id, lot, available - short AS available, reserved, limited, available + reserved + allocated + picked + packed AS on_hand FROM stock
 WHERE merchant_id = $1 AND sku_id = ANY($2::uuid[]);

-- name: read_demand
-- What orders took of these products, as the worker counted it last.
SELECT sku_id, location_id, units, days FROM demand_rate WHERE merchant_id = $1 AND sku_id = ANY($2::uuid[]);

-- name: lock_supplies
-- The rows that sourcing chose, in primary-key order: two batches cannot deadlock.
SELECT sku_id, location_id, lot, available - short AS available, limited FROM stock
 WHERE merchant_id = $1
   AND (sku_id, location_id, lot) IN (SELECT * FROM unnest($2::uuid[], $3::uuid[], $4::text[]))
 ORDER BY sku_id, location_id, lot FOR NO KEY UPDATE;

-- name: lock_free_supplies
-- A later round locks out of order, so it takes only what nobody holds.
SELECT sku_id, location_id, lot, available - short AS available, limited FROM stock
 WHERE merchant_id = $1
   AND (sku_id, location_id, lot) IN (SELECT * FROM unnest($2::uuid[], $3::uuid[], $4::text[]))
 ORDER BY sku_id, location_id, lot FOR NO KEY UPDATE SKIP LOCKED;

-- name: lock_limited
-- The gate of those of these products that have limits: whoever promises units of them comes one after the other, in primary-key order.
SELECT id FROM sku WHERE merchant_id = $1 AND id = ANY($2::uuid[]) AND limited ORDER BY id FOR NO KEY UPDATE;

-- name: lock_products_to_limit
-- The gate of products that may get their first limit.
SELECT id FROM sku WHERE merchant_id = $1 AND id = ANY($2::uuid[]) ORDER BY id FOR NO KEY UPDATE;

-- name: read_pools
-- The active pools of these products, the oldest first (ids are dated).
SELECT id, sku_id, code, kind, channel_ids, group_id, quantity, taken, active, version
  FROM pool WHERE merchant_id = $1 AND sku_id = ANY($2::uuid[]) AND active ORDER BY id;

-- name: read_pools_by_code
-- Pools of these products, active or not.
SELECT id, sku_id, code, kind, channel_ids, group_id, quantity, taken, active, version
  FROM pool WHERE merchant_id = $1 AND sku_id = ANY($2::uuid[]) ORDER BY id;

-- name: read_tree
-- Which group a location stands in, and under which group a group.
SELECT id, group_id AS above FROM location WHERE merchant_id = $1 AND group_id IS NOT NULL
UNION ALL
SELECT id, parent_id FROM location_group WHERE merchant_id = $1;

-- name: read_groups
-- Groups by code.
SELECT code, id FROM location_group WHERE merchant_id = $1 AND code = ANY($2::text[]);

-- name: lock_all_stock
-- Every row of stock of these products: nobody who does not know of their first limit may hold one of them.
SELECT sku_id, limited FROM stock WHERE merchant_id = $1 AND sku_id = ANY($2::uuid[])
 ORDER BY sku_id, location_id, lot FOR NO KEY UPDATE;

-- name: limit_skus
-- Products get their first limit: the flag for those who come, and on each row of stock for those who read before.
WITH flagged AS (UPDATE sku SET limited = true WHERE merchant_id = $1 AND id = ANY($2::uuid[]) AND NOT limited)
UPDATE stock SET limited = true WHERE merchant_id = $1 AND sku_id = ANY($2::uuid[]) AND NOT limited;

-- name: save_pools
-- As they were set; what is taken of them is counted elsewhere.
INSERT INTO pool (merchant_id, id, sku_id, code, kind, channel_ids, group_id, quantity, active, version)
SELECT $1, p.id, p.sku_id, p.code, p.kind, string_to_array(p.channel_ids, ',')::uuid[], p.group_id, p.quantity, p.active, p.version
  FROM unnest($2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::text[], $7::uuid[], $8::int[], $9::bool[], $10::int[])
       AS p (id, sku_id, code, kind, channel_ids, group_id, quantity, active, version)
    ON CONFLICT (merchant_id, id) DO UPDATE SET kind = excluded.kind, channel_ids = excluded.channel_ids, group_id = excluded.group_id,
       quantity = excluded.quantity, active = excluded.active, version = excluded.version
 WHERE pool.version < excluded.version;

-- name: read_pool_takes
-- What lines of these orders count for in pools.
SELECT order_id, line_number, pool_id, quantity FROM pool_take
 WHERE merchant_id = $1 AND order_id = ANY($2::uuid[]) AND quantity > 0 ORDER BY order_id, line_number, pool_id;

-- name: create_pool_takes
-- Rows for lines that count for a pool for the first time.
INSERT INTO pool_take (merchant_id, order_id, line_number, pool_id, quantity)
SELECT $1, t.*, 0 FROM unnest($2::uuid[], $3::smallint[], $4::uuid[]) AS t ON CONFLICT DO NOTHING;

-- name: count_pool_takes
-- Lines and pools count together. One row a line and pool is given.
WITH taken AS (SELECT * FROM unnest($2::uuid[], $3::smallint[], $4::uuid[], $5::int[]) AS t (order_id, line_number, pool_id, quantity)),
lines AS (
    UPDATE pool_take SET quantity = pool_take.quantity + taken.quantity FROM taken
     WHERE pool_take.merchant_id = $1 AND pool_take.order_id = taken.order_id AND pool_take.line_number = taken.line_number
       AND pool_take.pool_id = taken.pool_id
    RETURNING 1)
UPDATE pool SET taken = pool.taken + summed.quantity
  FROM (SELECT pool_id, sum(quantity)::int AS quantity FROM taken GROUP BY pool_id) AS summed
 WHERE pool.merchant_id = $1 AND pool.id = summed.pool_id;

-- name: read_claims
-- What is claimed of these products, in all, without what some reservations hold; and each claim of those.
SELECT sku_id, group_id, channel_id, sum(quantity)::int AS quantity, NULL::uuid AS reservation_id, NULL::smallint AS number FROM reservation_line
 WHERE merchant_id = $1 AND sku_id = ANY($2::uuid[]) AND location_id IS NULL AND ended_as IS NULL AND expires_at > $3
   AND reservation_id <> ALL($4::uuid[])
 GROUP BY sku_id, group_id, channel_id
UNION ALL
SELECT sku_id, group_id, channel_id, quantity, reservation_id, number FROM reservation_line
 WHERE merchant_id = $1 AND sku_id = ANY($2::uuid[]) AND location_id IS NULL AND ended_as IS NULL AND expires_at > $3
   AND reservation_id = ANY($4::uuid[]);

-- name: read_all_claims
-- Each claim of these products, the oldest first.
SELECT reservation_id, number, sku_id, location_id, lot, quantity, expires_at, channel_id, reference, ended_as, ended_at, order_id, group_id
  FROM reservation_line
 WHERE merchant_id = $1 AND sku_id = ANY($2::uuid[]) AND location_id IS NULL AND ended_as IS NULL AND expires_at > $3
 ORDER BY reservation_id, number;

-- name: kept_of
-- Products of which units are claimed, or kept for channels: only limited ones can be.
SELECT s.id, s.code FROM sku AS s
 WHERE s.merchant_id = $1 AND s.limited AND ($2::text IS NULL OR s.code = $2)
   AND (EXISTS (SELECT FROM pool AS p
                 WHERE p.merchant_id = $1 AND p.sku_id = s.id AND p.active AND p.kind IN ('exclusive', 'shared') OFFSET 0)
     OR EXISTS (SELECT FROM reservation_line AS r
                 WHERE r.merchant_id = $1 AND r.sku_id = s.id AND r.location_id IS NULL AND r.ended_as IS NULL AND r.expires_at > $3 OFFSET 0))
 ORDER BY s.code LIMIT $4;

-- name: shorten_claims
-- Claims that keep fewer units from now on.
UPDATE reservation_line AS r SET quantity = l.quantity
  FROM unnest($2::uuid[], $3::smallint[], $4::int[]) AS l (reservation_id, number, quantity)
 WHERE r.merchant_id = $1 AND r.reservation_id = l.reservation_id AND r.number = l.number;

-- name: read_reserved
-- What reservations of channels hold of these products, by location.
SELECT sku_id, location_id, channel_id, sum(quantity)::int AS quantity FROM reservation_line
 WHERE merchant_id = $1 AND sku_id = ANY($2::uuid[]) AND location_id IS NOT NULL AND ended_as IS NULL AND expires_at > $3
   AND channel_id IS NOT NULL
 GROUP BY sku_id, location_id, channel_id;

-- name: lock_pools
-- Two transactions that give units back cannot deadlock.
SELECT id FROM pool WHERE merchant_id = $1 AND id = ANY($2::uuid[]) ORDER BY id FOR NO KEY UPDATE;

-- name: lock_stock
-- All buckets of the rows of these products at these locations, in primary-key order.
SELECT sku_id, location_id, lot, available, reserved, allocated, picked, packed, damaged, quality_hold, short FROM stock
 WHERE merchant_id = $1
   AND (sku_id, location_id, lot) IN (SELECT * FROM unnest($2::uuid[], $3::uuid[], $4::text[]))
 ORDER BY sku_id, location_id, lot FOR NO KEY UPDATE;

-- name: read_stock
-- As lock_stock, for a dry run.
SELECT sku_id, location_id, lot, available, reserved, allocated, picked, packed, damaged, quality_hold, short FROM stock
 WHERE merchant_id = $1
   AND (sku_id, location_id, lot) IN (SELECT * FROM unnest($2::uuid[], $3::uuid[], $4::text[]));

-- name: anything_after
-- Whether anything occurred after a moment: it was told after it, or before it occurred.
SELECT EXISTS (SELECT FROM event WHERE merchant_id = $1 AND recorded_at > $2 AND occurred_at > $2)
    OR EXISTS (SELECT FROM event WHERE merchant_id = $1 AND occurred_at > recorded_at AND occurred_at > $2);

-- name: moved_after
-- By how much the good units of each row of stock grew with events that occurred after its moment. Ids of events are dated by when they
-- were told, so those from `first_id` on hold all of them. OFFSET 0: shelf by shelf, whatever the statistics of a young table say.
SELECT k.number, sum(p.change)::bigint
  FROM unnest($2::int[], $3::uuid[], $4::uuid[], $5::text[], $6::uuid[], $7::timestamptz[])
         AS k (number, sku_id, location_id, lot, first_id, moment)
 CROSS JOIN LATERAL (
       SELECT p.subject_id, p.event_id,
              CASE WHEN p.to_location_id = k.location_id AND p.to_lot = k.lot AND p.to_bucket = ANY($8::text[]) THEN p.quantity ELSE 0 END
            - CASE WHEN p.from_location_id = k.location_id AND p.from_lot = k.lot AND p.from_bucket = ANY($8::text[]) THEN p.quantity ELSE 0 END
              AS change
         FROM posting AS p
        WHERE p.merchant_id = $1 AND p.sku_id = k.sku_id AND p.event_id >= k.first_id
          AND (p.from_location_id = k.location_id OR p.to_location_id = k.location_id) OFFSET 0) AS p
 CROSS JOIN LATERAL (
       SELECT FROM event AS e
        WHERE e.merchant_id = $1 AND e.subject_id = p.subject_id AND e.event_id = p.event_id AND e.occurred_at > k.moment OFFSET 0) AS e
 WHERE p.change <> 0
 GROUP BY k.number;

-- name: read_feeds
-- Feeds by their references.
SELECT id, reference, kind, complete, as_of, location_id, sha256, received_at, finished_at, rows_read, unchanged, applied, zeroed, not_taken,
       trouble, report
  FROM stock_feed WHERE merchant_id = $1 AND reference = ANY($2::text[]);

-- name: lock_feeds
-- As read_feeds, in primary-key order.
SELECT id, reference, kind, complete, as_of, location_id, sha256, received_at, finished_at, rows_read, unchanged, applied, zeroed, not_taken,
       trouble, report
  FROM stock_feed WHERE merchant_id = $1 AND reference = ANY($2::text[]) ORDER BY id FOR NO KEY UPDATE;

-- name: insert_feeds
-- A row that is left out was taken by somebody else under the same reference: the caller counts. The worker finds its work beside it.
WITH feed AS (
    INSERT INTO stock_feed (merchant_id, id, reference, kind, complete, as_of, location_id, sha256, received_at)
    SELECT $1, f.* FROM unnest($2::uuid[], $3::text[], $4::text[], $5::bool[], $6::timestamptz[], $7::uuid[], $8::bytea[], $9::timestamptz[]) AS f
        ON CONFLICT DO NOTHING RETURNING id, received_at)
INSERT INTO stock_feed_work (merchant_id, stock_feed_id, due_at) SELECT $1, id, received_at FROM feed;

-- name: finish_feeds
-- What became of them; their work is done.
WITH done AS (
    DELETE FROM stock_feed_work WHERE merchant_id = $1 AND stock_feed_id = ANY($2::uuid[]))
UPDATE stock_feed SET finished_at = f.finished_at, rows_read = f.rows_read, unchanged = f.unchanged, applied = f.applied, zeroed = f.zeroed,
       not_taken = f.not_taken, trouble = f.trouble, report = f.report
  FROM unnest($2::uuid[], $3::timestamptz[], $4::int[], $5::int[], $6::int[], $7::int[], $8::int[], $9::text[], $10::jsonb[])
         AS f (id, finished_at, rows_read, unchanged, applied, zeroed, not_taken, trouble, report)
 WHERE stock_feed.merchant_id = $1 AND stock_feed.id = f.id;

-- name: files_there
-- Which of these files the merchant handed in.
SELECT sha256 FROM file WHERE merchant_id = $1 AND sha256 = ANY($2::bytea[]);

-- name: read_expired
-- Reservations of these rows whose time is over, the oldest first; no more of them than units are missing there.
SELECT line.*
  FROM unnest($3::uuid[], $4::uuid[], $5::text[], $6::int[]) AS k (sku_id, location_id, lot, missing)
 CROSS JOIN LATERAL (
    SELECT reservation_id, number, sku_id, location_id, lot, quantity, expires_at, channel_id, reference, ended_as, ended_at, order_id, group_id
      FROM reservation_line AS r
     WHERE r.merchant_id = $1 AND r.sku_id = k.sku_id AND r.location_id = k.location_id AND r.lot = k.lot
       AND r.expires_at <= $2 AND r.ended_as IS NULL
     ORDER BY r.expires_at, r.reservation_id, r.number LIMIT k.missing) AS line;

-- name: read_reservations
-- Whole reservations, unlocked.
SELECT reservation_id, number, sku_id, location_id, lot, quantity, expires_at, channel_id, reference, ended_as, ended_at, order_id, group_id
  FROM reservation_line WHERE merchant_id = $1 AND reservation_id = ANY($2::uuid[]) ORDER BY reservation_id, number;

-- name: lock_reservations
-- Whole reservations, in primary-key order.
SELECT reservation_id, number, sku_id, location_id, lot, quantity, expires_at, channel_id, reference, ended_as, ended_at, order_id, group_id
  FROM reservation_line WHERE merchant_id = $1 AND reservation_id = ANY($2::uuid[]) ORDER BY reservation_id, number FOR NO KEY UPDATE;

-- name: lock_lines
-- Lines of reservations, in primary-key order, after their rows of stock.
SELECT reservation_id, number, sku_id, location_id, lot, quantity, expires_at, channel_id, reference, ended_as, ended_at, order_id, group_id
  FROM reservation_line
 WHERE merchant_id = $1 AND (reservation_id, number) IN (SELECT * FROM unnest($2::uuid[], $3::smallint[]))
 ORDER BY reservation_id, number FOR NO KEY UPDATE;

-- name: lock_free_lines
-- A later round locks out of order, so it takes only what nobody holds.
SELECT reservation_id, number, sku_id, location_id, lot, quantity, expires_at, channel_id, reference, ended_as, ended_at, order_id, group_id
  FROM reservation_line
 WHERE merchant_id = $1 AND (reservation_id, number) IN (SELECT * FROM unnest($2::uuid[], $3::smallint[]))
 ORDER BY reservation_id, number FOR NO KEY UPDATE SKIP LOCKED;

-- name: insert_reservation_lines
-- New lines hold their units.
INSERT INTO reservation_line (merchant_id, reservation_id, number, sku_id, location_id, lot, quantity, expires_at, channel_id, reference)
SELECT $1, l.* FROM unnest($2::uuid[], spread($3::smallint[], cardinality($2)), spread($4::uuid[], cardinality($2)),
                           spread($5::uuid[], cardinality($2)), spread($6::text[], cardinality($2)), spread($7::int[], cardinality($2)),
                           spread($8::timestamptz[], cardinality($2)), spread($9::uuid[], cardinality($2)),
                           spread($10::text[], cardinality($2))) AS l;

-- name: insert_claims
-- New claims, without a place.
INSERT INTO reservation_line (merchant_id, reservation_id, number, sku_id, group_id, lot, quantity, expires_at, channel_id, reference)
SELECT $1, l.reservation_id, l.number, l.sku_id, l.group_id, '', l.quantity, l.expires_at, l.channel_id, l.reference
  FROM unnest($2::uuid[], $3::smallint[], $4::uuid[], $5::uuid[], $6::int[], $7::timestamptz[], $8::uuid[], $9::text[])
       AS l (reservation_id, number, sku_id, group_id, quantity, expires_at, channel_id, reference);

-- name: pin_claims
-- Claims that have their place now; what lies elsewhere became lines of its own.
UPDATE reservation_line AS r SET location_id = l.location_id, group_id = NULL, lot = l.lot, quantity = l.quantity
  FROM unnest($2::uuid[], $3::smallint[], $4::uuid[], $5::text[], $6::int[]) AS l (reservation_id, number, location_id, lot, quantity)
 WHERE r.merchant_id = $1 AND r.reservation_id = l.reservation_id AND r.number = l.number;

-- name: update_reservation_lines
-- What can change of a line: until when it holds its units, and how it ended.
UPDATE reservation_line AS r
   SET expires_at = l.expires_at, ended_as = l.ended_as, ended_at = l.ended_at, order_id = l.order_id
  FROM unnest($2::uuid[], $3::smallint[], $4::timestamptz[], $5::text[], $6::timestamptz[], $7::uuid[])
       AS l (reservation_id, number, expires_at, ended_as, ended_at, order_id)
 WHERE r.merchant_id = $1 AND r.reservation_id = l.reservation_id AND r.number = l.number;

-- name: read_lots
-- What is known of these lots.
SELECT sku_id, lot, expires_on, received_at, status, version FROM lot
 WHERE merchant_id = $1 AND (sku_id, lot) IN (SELECT * FROM unnest($2::uuid[], $3::text[]));

-- name: lock_lots
-- As read_lots, in primary-key order.
SELECT sku_id, lot, expires_on, received_at, status, version FROM lot
 WHERE merchant_id = $1 AND (sku_id, lot) IN (SELECT * FROM unnest($2::uuid[], $3::text[]))
 ORDER BY sku_id, lot FOR NO KEY UPDATE;

-- name: keep_lots
-- As read_lots, in primary-key order; nobody stops one of them before we are done.
SELECT sku_id, lot, expires_on, received_at, status, version FROM lot
 WHERE merchant_id = $1 AND (sku_id, lot) IN (SELECT * FROM unnest($2::uuid[], $3::text[]))
 ORDER BY sku_id, lot FOR SHARE;

-- name: save_lots
-- A row that is left out was saved by somebody else meanwhile: the caller counts.
INSERT INTO lot (merchant_id, sku_id, lot, expires_on, received_at, status, version)
SELECT $1, l.* FROM unnest($2::uuid[], $3::text[], $4::date[], $5::timestamptz[], $6::text[], $7::int[]) AS l
    ON CONFLICT (merchant_id, sku_id, lot) DO UPDATE SET expires_on = excluded.expires_on, status = excluded.status,
       version = excluded.version
 WHERE lot.version < excluded.version;

-- name: serials_of_orders
-- Which units with names left, or leave, with these orders; the order's lock guards them.
SELECT sku_id, serial FROM serial WHERE merchant_id = $1 AND order_id = ANY($2::uuid[]);

-- name: serials_of_transfers
-- Which units with names are on their way with these transfers; the transfer's lock guards them.
SELECT sku_id, serial FROM serial WHERE merchant_id = $1 AND transfer_id = ANY($2::uuid[]);

-- name: read_serials
-- Where these units are.
SELECT sku_id, serial, lot, place, location_id, order_id, line_number, transfer_id FROM serial
 WHERE merchant_id = $1 AND (sku_id, serial) IN (SELECT * FROM unnest($2::uuid[], $3::text[]));

-- name: lock_serials
-- As read_serials, in primary-key order.
SELECT sku_id, serial, lot, place, location_id, order_id, line_number, transfer_id FROM serial
 WHERE merchant_id = $1 AND (sku_id, serial) IN (SELECT * FROM unnest($2::uuid[], $3::text[]))
 ORDER BY sku_id, serial FOR NO KEY UPDATE;

-- name: insert_serials
-- A row that is left out is somebody else's: the caller counts.
INSERT INTO serial (merchant_id, sku_id, serial, lot, place)
SELECT $1, s.* FROM unnest($2::uuid[], $3::text[], $4::text[], $5::text[]) AS s
    ON CONFLICT DO NOTHING;

-- name: read_corrections
-- How much of what these events posted was taken back.
SELECT event_id, sku_id, location_id, lot, moved, corrected FROM correction WHERE merchant_id = $1 AND event_id = ANY($2::uuid[]);

-- name: lock_corrections
-- As read_corrections, in primary-key order.
SELECT event_id, sku_id, location_id, lot, moved, corrected FROM correction WHERE merchant_id = $1 AND event_id = ANY($2::uuid[])
 ORDER BY event_id, sku_id, location_id, lot FOR NO KEY UPDATE;

-- name: insert_corrections
-- A row that is left out was corrected by somebody else meanwhile: the caller counts.
INSERT INTO correction (merchant_id, event_id, sku_id, location_id, lot, moved, corrected)
SELECT $1, c.* FROM unnest($2::uuid[], $3::uuid[], $4::uuid[], $5::text[], $6::int[], $7::int[]) AS c
    ON CONFLICT DO NOTHING;

-- name: update_corrections
-- Rows that are locked.
UPDATE correction SET corrected = c.corrected
  FROM unnest($2::uuid[], $3::uuid[], $4::uuid[], $5::text[], $6::int[]) AS c (event_id, sku_id, location_id, lot, corrected)
 WHERE correction.merchant_id = $1 AND correction.event_id = c.event_id AND correction.sku_id = c.sku_id
   AND correction.location_id = c.location_id AND correction.lot = c.lot;

-- name: create_rows
-- Rows that somebody has to lock before anything lies there, in key order.
INSERT INTO stock (merchant_id, sku_id, location_id, lot, limited)
SELECT $1, k.sku_id, k.location_id, k.lot, coalesce((SELECT limited FROM sku WHERE merchant_id = $1 AND id = k.sku_id), false)
  FROM unnest($2::uuid[], $3::uuid[], $4::text[]) AS k (sku_id, location_id, lot)
    ON CONFLICT DO NOTHING;

-- name: read_levels
-- What was told of the availability of these products.
SELECT sku_id, level, reached FROM availability_level WHERE merchant_id = $1 AND sku_id = ANY($2::uuid[]);

-- name: lock_levels
-- As read_levels, in primary-key order: of two who look, one tells.
SELECT sku_id, level, reached FROM availability_level WHERE merchant_id = $1 AND sku_id = ANY($2::uuid[])
 ORDER BY sku_id, level FOR NO KEY UPDATE;

-- name: update_levels
-- Levels that were crossed again.
UPDATE availability_level SET reached = l.reached
  FROM unnest($2::uuid[], $3::int[], $4::bool[]) AS l (sku_id, level, reached)
 WHERE availability_level.merchant_id = $1 AND availability_level.sku_id = l.sku_id AND availability_level.level = l.level;

-- name: insert_levels
-- Levels that are told for the first time; a row that is left out was told by somebody else meanwhile: the caller counts.
INSERT INTO availability_level (merchant_id, sku_id, level, reached)
SELECT $1, l.* FROM unnest($2::uuid[], $3::int[], $4::bool[]) AS l ON CONFLICT DO NOTHING;
