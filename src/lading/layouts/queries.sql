-- name: read_layouts
-- The plans of these locations.
SELECT location_id, depot_cm, plan::text, version FROM layout WHERE merchant_id = $1 AND location_id = ANY($2::uuid[]);

-- name: lock_layouts
-- As read_layouts, in key order.
SELECT location_id, depot_cm, plan::text, version FROM layout WHERE merchant_id = $1 AND location_id = ANY($2::uuid[])
 ORDER BY location_id FOR NO KEY UPDATE;

-- name: save_layouts
-- New, or the next version; a row that somebody else saved meanwhile is left out.
INSERT INTO layout AS l (merchant_id, location_id, depot_cm, plan, version)
SELECT $1, n.location_id, n.depot_cm, n.plan::jsonb, n.version
  FROM unnest($2::uuid[], $3::int[], $4::text[], $5::int[]) AS n (location_id, depot_cm, plan, version)
    ON CONFLICT (merchant_id, location_id) DO UPDATE
   SET depot_cm = excluded.depot_cm, plan = excluded.plan, version = excluded.version
 WHERE l.version < excluded.version;
