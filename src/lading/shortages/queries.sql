-- name: open_shortages
-- What is open at these rows of stock; the rows' locks guard it.
SELECT id, sku_id, location_id, lot, kind, reason, document, quantity, remaining, opened_at FROM shortage
 WHERE merchant_id = $1 AND remaining > 0
   AND (sku_id, location_id, lot) IN (SELECT * FROM unnest($2::uuid[], $3::uuid[], $4::text[]))
 ORDER BY opened_at, id;

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
