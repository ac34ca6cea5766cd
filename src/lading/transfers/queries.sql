-- name: transfer_ids
-- Transfers by the number that people use.
SELECT id FROM transfer WHERE merchant_id = $1 AND number = ANY($2::bigint[]);

-- name: lock_transfers
-- In primary-key order; the row's lock guards the lines.
SELECT id, number, reference, from_location_id, to_location_id, due_at, created_at, ready_at, shipped_at, received_at, cancelled_at,
       closed_at, version
  FROM transfer WHERE merchant_id = $1 AND id = ANY($2::uuid[]) ORDER BY id FOR NO KEY UPDATE;

-- name: read_transfers
-- As lock_transfers, for a dry run.
SELECT id, number, reference, from_location_id, to_location_id, due_at, created_at, ready_at, shipped_at, received_at, cancelled_at,
       closed_at, version
  FROM transfer WHERE merchant_id = $1 AND id = ANY($2::uuid[]) ORDER BY id;

-- name: read_transfer_lines
-- Lines with the codes of their products.
SELECT l.transfer_id, l.number, l.sku_id, coalesce(s.code, l.sku_id::text), l.lot, l.quantity, l.ready, l.in_transit, l.received, l.damaged,
       l.came_home, l.lost, l.cancelled, coalesce(s.tracking, 'none'), l.serials
  FROM transfer_line AS l LEFT JOIN sku AS s ON s.merchant_id = $1 AND s.id = l.sku_id
 WHERE l.merchant_id = $1 AND l.transfer_id = ANY($2::uuid[]) ORDER BY l.transfer_id, l.number;

-- name: transfer_references
-- Which references are taken.
SELECT reference, number FROM transfer WHERE merchant_id = $1 AND reference = ANY($2::text[]);

-- name: insert_transfers
-- A row that is left out has a reference that somebody else used meanwhile: the caller counts.
INSERT INTO transfer (merchant_id, id, number, reference, from_location_id, to_location_id, due_at, created_at, ready_at, shipped_at,
                      received_at, cancelled_at, closed_at, version)
SELECT $1, t.* FROM unnest($2::uuid[], $3::bigint[], $4::text[], $5::uuid[], $6::uuid[], $7::timestamptz[], $8::timestamptz[],
                           $9::timestamptz[], $10::timestamptz[], $11::timestamptz[], $12::timestamptz[], $13::timestamptz[],
                           $14::int[]) AS t
    ON CONFLICT DO NOTHING;

-- name: insert_transfer_lines
-- Lines are born planned; they repeat what their transfer says of place and date.
INSERT INTO transfer_line (merchant_id, transfer_id, number, sku_id, lot, to_location_id, due_at, quantity)
SELECT $1, l.transfer_id, l.number, l.sku_id, l.lot, t.to_location_id, t.due_at, l.quantity
  FROM unnest($2::uuid[], $3::smallint[], $4::uuid[], $5::text[], $6::int[]) AS l (transfer_id, number, sku_id, lot, quantity)
  JOIN transfer AS t ON t.merchant_id = $1 AND t.id = l.transfer_id;

-- name: update_transfers
-- A transfer went further.
UPDATE transfer SET ready_at = t.ready_at, shipped_at = t.shipped_at, received_at = t.received_at, cancelled_at = t.cancelled_at,
                    closed_at = t.closed_at, version = t.version
  FROM unnest($2::uuid[], $3::timestamptz[], $4::timestamptz[], $5::timestamptz[], $6::timestamptz[], $7::timestamptz[], $8::int[])
       AS t (id, ready_at, shipped_at, received_at, cancelled_at, closed_at, version)
 WHERE transfer.merchant_id = $1 AND transfer.id = t.id;

-- name: update_transfer_lines
-- What was planned never changes.
UPDATE transfer_line SET ready = l.ready, in_transit = l.in_transit, received = l.received, came_home = l.came_home, lost = l.lost,
                         cancelled = l.cancelled, damaged = l.damaged, serials = l.serials::jsonb
  FROM unnest($2::uuid[], $3::smallint[], $4::int[], $5::int[], $6::int[], $7::int[], $8::int[], $9::int[], $10::int[],
              $11::text[])
       AS l (transfer_id, number, ready, in_transit, received, came_home, lost, cancelled, damaged, serials)
 WHERE transfer_line.merchant_id = $1 AND transfer_line.transfer_id = l.transfer_id AND transfer_line.number = l.number;
