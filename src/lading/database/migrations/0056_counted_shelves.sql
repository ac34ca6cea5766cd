-- Whether a shelf was counted after a movement that is told late.
CREATE INDEX stock_count_approved ON stock_count (merchant_id, location_id, approved_at) WHERE approved_at IS NOT NULL AND zone IS NULL;

-- What audits ask of counts, each said once. Views see what their reader may see.

-- Events that say what somebody saw: they correct the book and move nothing.
CREATE FUNCTION tells_what_was_seen(kind text) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT kind IN ('stock_set', 'stock_feed_applied', 'count_approved', 'variance_taken_back')
$$;

-- What events said of shortages: units that fell short, and (below zero) those that were settled. On paper the book was corrected;
-- otherwise the units left the shelf.
CREATE VIEW told_shortage WITH (security_invoker = true) AS
WITH opened AS (
    SELECT e.merchant_id, e.position, e.event_id, e.occurred_at, e.told_late, s.id, s.sku_id, s.location_id, s.lot, s.quantity,
           s.kind NOT IN ('damaged', 'scrapped') AS on_paper
      FROM event AS e
     CROSS JOIN LATERAL jsonb_to_recordset(e.data->'shortages') AS s (id uuid, sku_id uuid, location_id uuid, lot text, kind text, quantity int)
     WHERE e.data ? 'shortages')
SELECT merchant_id, id, position, event_id, occurred_at, told_late, sku_id, location_id, lot, quantity AS change, on_paper FROM opened
 UNION ALL
SELECT e.merchant_id, o.id, e.position, e.event_id, e.occurred_at, e.told_late, o.sku_id, o.location_id, o.lot, -s.quantity,
       tells_what_was_seen(e.kind) OR o.on_paper
  FROM event AS e
 CROSS JOIN LATERAL jsonb_to_recordset(e.data->'settled') AS s (id uuid, quantity int)
  JOIN opened AS o ON o.merchant_id = e.merchant_id AND o.id = s.id
 WHERE e.data ? 'settled';

-- Rows of stock that were ever on a count.
CREATE VIEW counted_shelf WITH (security_invoker = true) AS
SELECT DISTINCT c.merchant_id, l.sku_id, c.location_id, l.lot
  FROM stock_count AS c JOIN stock_count_line AS l ON l.merchant_id = c.merchant_id AND l.count_id = c.id;

-- What changed the book of those shelves: postings, and what fell short.
CREATE VIEW counted_shelf_move WITH (security_invoker = true) AS
SELECT s.merchant_id, s.sku_id, s.location_id, s.lot, e.position, e.occurred_at, e.told_late, n.change, 0 AS short,
       n.corrects OR e.kind = 'stock_corrected' AS corrects
  FROM counted_shelf AS s
  JOIN posting AS p ON p.merchant_id = s.merchant_id AND p.sku_id = s.sku_id
 CROSS JOIN LATERAL (
       VALUES (p.from_location_id, p.from_lot, p.from_bucket, -p.quantity,
               p.to_location_id IS NULL AND coalesce(p.to_bucket, '') IN ('lost', 'found')),
              (p.to_location_id, p.to_lot, p.to_bucket, p.quantity,
               p.from_location_id IS NULL AND coalesce(p.from_bucket, '') IN ('lost', 'found')))
       AS n (location_id, lot, bucket, change, corrects)
  JOIN event AS e ON e.merchant_id = s.merchant_id AND e.subject_id = p.subject_id AND e.event_id = p.event_id
 WHERE n.location_id = s.location_id AND n.lot = s.lot AND n.bucket IN ('available', 'reserved', 'allocated')
 UNION ALL
SELECT merchant_id, sku_id, location_id, lot, position, occurred_at, told_late, -change, change, on_paper FROM told_shortage;

-- What changed the bins of those shelves.
CREATE VIEW counted_bin_move WITH (security_invoker = true) AS
SELECT s.merchant_id, s.sku_id, s.location_id, s.lot, n.bin, n.change, p.corrects, e.position, e.occurred_at, e.told_late
  FROM counted_shelf AS s
  JOIN bin_posting AS p ON p.merchant_id = s.merchant_id AND p.sku_id = s.sku_id AND p.location_id = s.location_id AND p.lot = s.lot
  JOIN event AS e ON e.merchant_id = s.merchant_id AND e.subject_id = p.subject_id AND e.event_id = p.event_id
 CROSS JOIN LATERAL (VALUES (p.from_bin, -p.quantity), (p.to_bin, p.quantity)) AS n (bin, change)
 WHERE n.bin IS NOT NULL;

-- When shelves were counted whole, and from which position on the book says so: by approved counts, and by what was set or loaded and found
-- them otherwise. The latter tell of all good units in the building, those on carts and in parcels among them.
CREATE VIEW whole_count WITH (security_invoker = true) AS
SELECT c.merchant_id, l.sku_id, c.location_id, l.lot, n.counted_at, e.position, false AS of_building
  FROM stock_count AS c
  JOIN stock_count_line AS l ON l.merchant_id = c.merchant_id AND l.count_id = c.id
  JOIN stock_count_entry AS n ON n.merchant_id = c.merchant_id AND n.count_id = c.id AND n.line_number = l.number AND n.pass = l.pass
  JOIN event AS e ON e.merchant_id = c.merchant_id AND e.subject_id = c.id AND e.kind = 'count_approved'
 WHERE c.zone IS NULL
 UNION ALL
SELECT DISTINCT p.merchant_id, p.sku_id, coalesce(p.from_location_id, p.to_location_id),
       CASE WHEN p.from_location_id IS NULL THEN p.to_lot ELSE p.from_lot END, e.occurred_at, e.position, true
  FROM event AS e JOIN posting AS p ON p.merchant_id = e.merchant_id AND p.subject_id = e.subject_id AND p.event_id = e.event_id
 WHERE e.kind IN ('stock_set', 'stock_feed_applied');
