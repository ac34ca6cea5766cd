-- name: open_shortages
-- What is open at these rows of stock; the rows' locks guard it.
SELECT s.* FROM (SELECT DISTINCT * FROM unnest($2::uuid[], $3::uuid[], $4::text[])) AS k (sku_id, location_id, lot)
 CROSS JOIN LATERAL (
       SELECT id, sku_id, location_id, lot, kind, reason, document, quantity, remaining, opened_at FROM shortage
        WHERE merchant_id = $1 AND sku_id = k.sku_id AND location_id = k.location_id AND lot = k.lot AND remaining > 0 OFFSET 0) AS s
 ORDER BY s.opened_at, s.id;

-- name: insert_shortages
-- New shortages; their ids follow from their event and row, so a repeated attempt makes the same.
INSERT INTO shortage (merchant_id, id, sku_id, location_id, lot, kind, reason, document, quantity, remaining, opened_at)
SELECT $1, s.* FROM unnest($2::uuid[], $3::uuid[], $4::uuid[], $5::text[], $6::text[], $7::text[], $8::text[], $9::int[], $10::int[],
                           $11::timestamptz[]) AS s;

-- name: update_shortages
-- What remains.
UPDATE shortage SET remaining = s.remaining FROM unnest($2::uuid[], $3::int[]) AS s (id, remaining)
 WHERE shortage.merchant_id = $1 AND shortage.id = s.id;

-- name: count_short
-- The counter of each row of stock moves with its shortages.
UPDATE stock SET short = stock.short + moved.change
  FROM (SELECT sku_id, location_id, lot, sum(change)::int AS change
          FROM unnest($2::uuid[], $3::uuid[], $4::text[], $5::int[]) AS s (sku_id, location_id, lot, change)
         GROUP BY sku_id, location_id, lot) AS moved
 WHERE stock.merchant_id = $1 AND stock.sku_id = moved.sku_id AND stock.location_id = moved.location_id AND stock.lot = moved.lot;

-- name: insert_entries
-- What changed, by event: an event that settles a shortage line by line settles it once.
INSERT INTO shortage_entry (merchant_id, sku_id, location_id, lot, occurred_at, told_late, shortage_id, event_id, change, on_paper)
SELECT $1, e.sku_id, e.location_id, e.lot, e.occurred_at, e.told_late, e.shortage_id, e.event_id, sum(e.change), bool_or(e.on_paper)
  FROM unnest($2::uuid[], $3::uuid[], $4::text[], $5::timestamptz[], $6::boolean[], $7::uuid[], $8::uuid[], $9::int[], $10::boolean[])
       AS e (sku_id, location_id, lot, occurred_at, told_late, shortage_id, event_id, change, on_paper)
 GROUP BY e.sku_id, e.location_id, e.lot, e.occurred_at, e.told_late, e.shortage_id, e.event_id;

-- name: changed_after
-- By how much more is short of each row of stock than was at a moment; and how much of that left the shelf.
SELECT k.number, sum(e.change)::int, coalesce(sum(e.change) FILTER (WHERE NOT e.on_paper), 0)::int
  FROM unnest($2::int[], $3::uuid[], $4::uuid[], $5::text[], $6::timestamptz[]) AS k (number, sku_id, location_id, lot, moment)
  JOIN shortage_entry AS e ON e.merchant_id = $1 AND e.sku_id = k.sku_id AND e.location_id = k.location_id AND e.lot = k.lot
                          AND e.occurred_at > k.moment
 GROUP BY k.number;

-- name: known_missing
-- What the book knows to be missing on shelves where somebody counted: by corrections, and what left before and was told late.
SELECT k.sku_id, k.location_id, k.lot, k.counted_at, sum(e.change)::int
  FROM unnest($2::uuid[], $3::uuid[], $4::text[], $5::timestamptz[]) AS k (sku_id, location_id, lot, counted_at)
  JOIN shortage_entry AS e ON e.merchant_id = $1 AND e.sku_id = k.sku_id AND e.location_id = k.location_id AND e.lot = k.lot
                          AND (e.on_paper OR (e.told_late AND e.occurred_at < k.counted_at))
 GROUP BY k.sku_id, k.location_id, k.lot, k.counted_at;
