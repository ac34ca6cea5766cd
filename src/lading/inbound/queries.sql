-- name: ids_of_references
-- Who bears these references of the merchant's.
SELECT reference, number FROM purchase_order WHERE merchant_id = $1 AND reference = ANY($2::text[]);

-- name: ids_of_numbers
-- Purchase orders by the number that people use.
SELECT number, id FROM purchase_order WHERE merchant_id = $1 AND number = ANY($2::bigint[]);

-- name: lock_purchase_orders
-- The row guards its lines. In primary-key order.
SELECT id, number, reference, supplier, ordered_at, cancelled_at, closed_at, version
  FROM purchase_order WHERE merchant_id = $1 AND id = ANY($2::uuid[]) ORDER BY id FOR NO KEY UPDATE;

-- name: read_purchase_orders
-- As lock_purchase_orders, for a dry run.
SELECT id, number, reference, supplier, ordered_at, cancelled_at, closed_at, version
  FROM purchase_order WHERE merchant_id = $1 AND id = ANY($2::uuid[]) ORDER BY id;

-- name: read_purchase_lines
-- The lines of these purchase orders.
SELECT purchase_order_id, number, of_line, asn, sku_id, location_id, due_at, ordered, received, damaged, cancelled
  FROM purchase_order_line WHERE merchant_id = $1 AND purchase_order_id = ANY($2::uuid[]) ORDER BY purchase_order_id, number;

-- name: read_asns
-- What suppliers announced of these purchase orders.
SELECT purchase_order_id, number, reference, carrier, tracking_number, announced_at, cancelled_at
  FROM asn WHERE merchant_id = $1 AND purchase_order_id = ANY($2::uuid[]) ORDER BY purchase_order_id, number;

-- name: insert_asns
-- A supplier announced a shipment.
INSERT INTO asn (merchant_id, purchase_order_id, number, reference, carrier, tracking_number, announced_at)
SELECT $1, a.* FROM unnest($2::uuid[], $3::smallint[], $4::text[], $5::text[], $6::text[], $7::timestamptz[]) AS a;

-- name: cancel_asns
-- It does not come as it was announced.
UPDATE asn AS a SET cancelled_at = c.cancelled_at FROM unnest($2::uuid[], $3::smallint[], $4::timestamptz[]) AS c (id, number, cancelled_at)
 WHERE a.merchant_id = $1 AND a.purchase_order_id = c.id AND a.number = c.number;

-- name: insert_purchase_orders
-- A reference that somebody else took is a unique violation: the batch runs again and sees who.
INSERT INTO purchase_order (merchant_id, id, number, reference, supplier, ordered_at, version)
SELECT $1, p.* FROM unnest($2::uuid[], $3::bigint[], $4::text[], $5::text[], $6::timestamptz[], $7::int[]) AS p;

-- name: update_purchase_orders
-- What changes of a purchase order.
UPDATE purchase_order AS o SET cancelled_at = p.cancelled_at, closed_at = p.closed_at, version = p.version
  FROM unnest($2::uuid[], $3::timestamptz[], $4::timestamptz[], $5::int[]) AS p (id, cancelled_at, closed_at, version)
 WHERE o.merchant_id = $1 AND o.id = p.id;

-- name: insert_purchase_lines
-- What was bought, and what ASNs took out of it.
INSERT INTO purchase_order_line (merchant_id, purchase_order_id, number, of_line, asn, sku_id, location_id, due_at, ordered, received,
                                 damaged, cancelled)
SELECT $1, l.* FROM unnest($2::uuid[], $3::smallint[], $4::smallint[], $5::smallint[], $6::uuid[], $7::uuid[], $8::timestamptz[],
                           $9::int[], $10::int[], $11::int[], $12::int[]) AS l;

-- name: update_purchase_lines
-- What came, was called off or is due at another time.
UPDATE purchase_order_line AS l
   SET due_at = n.due_at, ordered = n.ordered, received = n.received, damaged = n.damaged, cancelled = n.cancelled
  FROM unnest($2::uuid[], $3::smallint[], $4::timestamptz[], $5::int[], $6::int[], $7::int[], $8::int[])
       AS n (purchase_order_id, number, due_at, ordered, received, damaged, cancelled)
 WHERE l.merchant_id = $1 AND l.purchase_order_id = n.purchase_order_id AND l.number = n.number;

-- name: open_backlog
-- Products that nobody waited for before get their rows; that of priority 0 is the gate.
INSERT INTO backlog (merchant_id, sku_id, priority)
SELECT $1, b.* FROM unnest($2::uuid[], $3::smallint[]) AS b ON CONFLICT DO NOTHING;

-- name: lock_backlog
-- Who holds the gates of these products may accept more backorders and make promises. In key order.
SELECT sku_id FROM backlog WHERE merchant_id = $1 AND sku_id = ANY($2::uuid[]) AND priority = 0 ORDER BY sku_id FOR NO KEY UPDATE;

-- name: read_backlog
-- Units that wait, by priority; asked when the gate is locked.
SELECT sku_id, priority, waiting FROM backlog WHERE merchant_id = $1 AND sku_id = ANY($2::uuid[]) AND waiting > 0;

-- name: count_waiting
-- Units of these products wait more, or fewer.
UPDATE backlog AS b SET waiting = b.waiting + c.change
  FROM unnest($2::uuid[], $3::smallint[], $4::int[]) AS c (sku_id, priority, change)
 WHERE b.merchant_id = $1 AND b.sku_id = c.sku_id AND b.priority = c.priority;

-- name: read_expected
-- What suppliers and other locations will bring, by product, location and time.
SELECT sku_id, location_id, due_at, sum(expected)::int AS quantity FROM purchase_order_line
 WHERE merchant_id = $1 AND sku_id = ANY($2::uuid[]) AND expected > 0
 GROUP BY sku_id, location_id, due_at
UNION ALL
SELECT sku_id, to_location_id, due_at, sum(in_transit)::int FROM transfer_line
 WHERE merchant_id = $1 AND sku_id = ANY($2::uuid[]) AND in_transit > 0
 GROUP BY sku_id, to_location_id, due_at;

-- name: read_there
-- What of these products is there already, unlocked: a date rests on it, no unit.
SELECT sku_id, location_id, sum(available - short)::int FROM stock
 WHERE merchant_id = $1 AND sku_id = ANY($2::uuid[]) AND available > short GROUP BY sku_id, location_id;

-- name: read_waiting
-- Who waits for these products, and what they were told.
SELECT l.order_id, l.number, l.sku_id, l.backordered, o.priority, o.placed_at, o.number, p.promised_at
  FROM order_line AS l
  JOIN orders AS o ON o.merchant_id = $1 AND o.id = l.order_id
  LEFT JOIN promise AS p ON p.merchant_id = $1 AND p.order_id = l.order_id AND p.line_number = l.number
 WHERE l.merchant_id = $1 AND l.sku_id = ANY($2::uuid[]) AND l.backordered > 0 AND (l.open > 0 OR l.backordered > 0);

-- name: read_promises
-- What was told for the lines of these orders.
SELECT order_id, line_number, promised_at FROM promise WHERE merchant_id = $1 AND order_id = ANY($2::uuid[]);

-- name: save_promises
-- What was told.
INSERT INTO promise (merchant_id, order_id, line_number, sku_id, quantity, promised_at)
SELECT $1, p.* FROM unnest($2::uuid[], $3::smallint[], $4::uuid[], $5::int[], $6::timestamptz[]) AS p
    ON CONFLICT (merchant_id, order_id, line_number) DO UPDATE SET quantity = excluded.quantity, promised_at = excluded.promised_at;

-- name: forget_promises
-- No date is known any more.
DELETE FROM promise AS p USING unnest($2::uuid[], $3::smallint[]) AS gone (order_id, line_number)
 WHERE p.merchant_id = $1 AND p.order_id = gone.order_id AND p.line_number = gone.line_number;

-- name: end_promises
-- Nothing of these lines waits any more.
DELETE FROM promise AS p USING unnest($2::uuid[], $3::smallint[]) AS moved (order_id, line_number)
 WHERE p.merchant_id = $1 AND p.order_id = moved.order_id AND p.line_number = moved.line_number
   AND EXISTS (SELECT FROM order_line AS l
                WHERE l.merchant_id = $1 AND l.order_id = moved.order_id AND l.number = moved.line_number AND l.backordered = 0 OFFSET 0);

-- name: follow_promises
-- A promise is about all units of its line that wait.
UPDATE promise AS p SET quantity = l.backordered
  FROM unnest($2::uuid[], $3::smallint[]) AS moved (order_id, line_number), order_line AS l
 WHERE p.merchant_id = $1 AND p.order_id = moved.order_id AND p.line_number = moved.line_number
   AND l.merchant_id = $1 AND l.order_id = moved.order_id AND l.number = moved.line_number AND l.backordered > 0;

-- name: read_bins
-- Bins by location and code.
SELECT location_id, code, sequence, active, version, aisle, position_cm FROM bin
 WHERE merchant_id = $1 AND (location_id, code) IN (SELECT * FROM unnest($2::uuid[], $3::text[]));

-- name: lock_bins
-- As read_bins, locked in key order.
SELECT location_id, code, sequence, active, version, aisle, position_cm FROM bin
 WHERE merchant_id = $1 AND (location_id, code) IN (SELECT * FROM unnest($2::uuid[], $3::text[]))
 ORDER BY location_id, code FOR NO KEY UPDATE;

-- name: save_bins
-- New, or the next version; a row that somebody else saved meanwhile is left out.
INSERT INTO bin AS b (merchant_id, location_id, code, sequence, active, version, aisle, position_cm)
SELECT $1, n.* FROM unnest($2::uuid[], $3::text[], $4::int[], $5::bool[], $6::int[], $7::text[], $8::int[]) AS n
    ON CONFLICT (merchant_id, location_id, code) DO UPDATE
   SET sequence = excluded.sequence, active = excluded.active, version = excluded.version, aisle = excluded.aisle,
       position_cm = excluded.position_cm
 WHERE b.version < excluded.version;

-- name: read_contents
-- What lies in the bins of these rows of stock, in the order in which they are emptied.
SELECT s.sku_id, s.location_id, s.lot, s.bin, s.quantity
  FROM bin_stock AS s JOIN bin AS b ON b.merchant_id = $1 AND b.location_id = s.location_id AND b.code = s.bin
 WHERE s.merchant_id = $1 AND s.quantity > 0
   AND (s.sku_id, s.location_id, s.lot) IN (SELECT * FROM unnest($2::uuid[], $3::uuid[], $4::text[]))
 ORDER BY b.sequence, s.bin;

-- name: open_contents
-- Rows that units are about to be put into, in key order.
INSERT INTO bin_stock (merchant_id, sku_id, location_id, lot, bin)
SELECT $1, k.* FROM unnest($2::uuid[], $3::uuid[], $4::text[], $5::text[]) AS k ON CONFLICT DO NOTHING;

-- name: post_bins
-- The moves and the contents in one statement, so they cannot disagree.
WITH posted AS (
    INSERT INTO bin_posting (merchant_id, event_id, number, sku_id, location_id, lot, from_bin, to_bin, quantity, subject_id, corrects)
    SELECT $1, p.* FROM unnest($2::uuid[], $3::int[], $4::uuid[], $5::uuid[], $6::text[], $7::text[], $8::text[], $9::int[],
                               $10::uuid[], $11::bool[]) AS p
    RETURNING *),
ends AS (
    SELECT sku_id, location_id, lot, from_bin AS bin, -quantity AS change FROM posted WHERE from_bin IS NOT NULL
    UNION ALL
    SELECT sku_id, location_id, lot, to_bin, quantity FROM posted WHERE to_bin IS NOT NULL),
moved AS (SELECT sku_id, location_id, lot, bin, sum(change)::int AS change FROM ends GROUP BY sku_id, location_id, lot, bin),
balanced AS (
    UPDATE bin_stock AS s SET quantity = s.quantity + moved.change FROM moved
     WHERE s.merchant_id = $1 AND s.sku_id = moved.sku_id AND s.location_id = moved.location_id AND s.lot = moved.lot AND s.bin = moved.bin
    RETURNING 1)
SELECT (SELECT count(*) FROM moved) = (SELECT count(*) FROM balanced);
