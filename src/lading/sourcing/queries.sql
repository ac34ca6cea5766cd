-- name: read_spots
-- Locations as rules of sourcing see them; their orders to pick or to pack are counted only where a rule asks for it.
SELECT l.id, l.code, l.kind, l.group_id, l.country, l.address->>'latitude' AS latitude, l.address->>'longitude' AS longitude,
       l.address->>'postal_code' AS postal_code, l.capabilities, l.priority,
       CASE WHEN $2 THEN (SELECT count(*) FROM fulfillment_order AS f
                           WHERE f.merchant_id = $1 AND f.location_id = l.id AND f.stage IN ('to_pick', 'to_pack')) ELSE 0 END AS workload
  FROM location AS l WHERE l.merchant_id = $1;

-- name: read_weights
-- What one unit of these products weighs, where it is known.
SELECT id, weight_grams FROM sku WHERE merchant_id = $1 AND id = ANY($2::uuid[]) AND weight_grams > 0;

-- name: read_areas
-- Where these beginnings of postal codes lie, as far as they are known.
SELECT country, code, latitude, longitude FROM postal_area
 WHERE merchant_id = $1 AND (country, code) IN (SELECT * FROM unnest($2::text[], $3::text[]));

-- name: lock_areas
-- Postal codes that are saved, in primary-key order.
SELECT country, code, latitude, longitude FROM postal_area
 WHERE merchant_id = $1 AND (country, code) IN (SELECT * FROM unnest($2::text[], $3::text[]))
 ORDER BY country, code FOR NO KEY UPDATE;

-- name: save_areas
-- New ones, and where the others lie now; the last save counts.
INSERT INTO postal_area (merchant_id, country, code, latitude, longitude)
SELECT $1, a.* FROM unnest($2::text[], $3::text[], $4::float8[], $5::float8[]) AS a
    ON CONFLICT (merchant_id, country, code) DO UPDATE SET latitude = excluded.latitude, longitude = excluded.longitude;

-- name: read_asked
-- What sourcing may know of orders: channel, where they go, and what they say of being split.
SELECT o.id, c.code AS channel, a.country, a.postal_code, d.may_split, d.whole_lines,
       (SELECT jsonb_agg(jsonb_build_array(l.number, w.country, w.postal_code) ORDER BY l.number)
          FROM order_line AS l JOIN address_version AS w ON w.merchant_id = $1 AND w.id = l.ship_to_id
         WHERE l.merchant_id = $1 AND l.order_id = o.id AND l.ship_to_id IS NOT NULL) AS elsewhere
  FROM orders AS o
  JOIN channel AS c ON c.merchant_id = $1 AND c.id = o.channel_id
  LEFT JOIN address_version AS a ON a.merchant_id = $1 AND a.id = o.ship_to_id
  LEFT JOIN order_detail AS d ON d.merchant_id = $1 AND d.order_id = o.id
 WHERE o.merchant_id = $1 AND o.id = ANY($2::uuid[]);

-- name: waiting_orders
-- Orders that wait for their release, the longest waiting first.
SELECT id FROM orders WHERE merchant_id = $1 AND stage = 'to_release' ORDER BY queued_at, id LIMIT $2;

-- name: insert_previews
-- What was shown stays as it was shown.
INSERT INTO sourcing_preview (merchant_id, id, made_at, rules_version, looked_at, orders)
SELECT $1, p.* FROM unnest($2::uuid[], $3::timestamptz[], $4::int[], $5::int[], $6::jsonb[]) AS p;

-- name: read_previews
-- Previews as they were shown.
SELECT id, made_at, rules_version, looked_at, orders FROM sourcing_preview WHERE merchant_id = $1 AND id = ANY($2::uuid[]);

-- name: latest_orders
-- The newest orders that were sourced here: ids are dated.
SELECT id FROM orders WHERE merchant_id = $1 AND NOT history ORDER BY id DESC LIMIT $2;
