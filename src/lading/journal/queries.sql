-- name: read_commands
-- What became of the commands of a batch that were heard before.
SELECT command_id, payload_hash, outcome FROM command WHERE merchant_id = $1 AND command_id = ANY($2::uuid[]);

-- name: record
-- Outcomes, then head and events: how many of both were written. A command that is left out lost a race against the same one elsewhere,
-- and neither head nor event follows it: the caller counts. The head's lock is held to the commit, so positions are dense and in commit
-- order. The last lock, the last insert.
WITH told AS (
    INSERT INTO command (merchant_id, command_id, payload_hash, verb, outcome, recorded_at)
    SELECT $1, c.command_id, c.payload_hash, $2, c.outcome, $3
      FROM unnest($4::uuid[], $5::bytea[], $6::json[]) AS c (command_id, payload_hash, outcome)
        ON CONFLICT DO NOTHING RETURNING 1),
counted AS (SELECT count(*) AS commands FROM told),
head AS (
    UPDATE journal_head SET position = position + cardinality($7::uuid[]), last_at = greatest(last_at, $3)
      FROM counted
     WHERE merchant_id = $1 AND counted.commands = cardinality($4) AND cardinality($7::uuid[]) > 0
    RETURNING position - cardinality($7::uuid[]) AS base, last_at),
happened AS (
    INSERT INTO event (merchant_id, position, event_id, kind, version, subject_kind, subject_id, occurred_at, recorded_at, told_late,
                       actor, command_id, data)
    SELECT $1, head.base + e.ordinality, e.event_id, e.kind, e.version, e.subject_kind, e.subject_id, e.occurred_at, head.last_at,
           e.occurred_at < $3, e.actor, e.command_id, e.data
      FROM head, unnest($7::uuid[], spread($8::text[], cardinality($7)), spread($9::smallint[], cardinality($7)),
                        spread($10::text[], cardinality($7)), spread($11::uuid[], cardinality($7)),
                        spread($12::timestamptz[], cardinality($7)), spread($13::text[], cardinality($7)),
                        spread($14::uuid[], cardinality($7)), spread($15::jsonb[], cardinality($7)))
                 WITH ORDINALITY
             AS e (event_id, kind, version, subject_kind, subject_id, occurred_at, actor, command_id, data, ordinality)
    RETURNING 1)
SELECT (SELECT commands FROM counted), (SELECT count(*) FROM happened);

-- name: draw_order_numbers
-- A block of order numbers, in a transaction of its own, ahead of the batch that uses them.
UPDATE journal_head SET order_number = order_number + $2 WHERE merchant_id = $1 RETURNING order_number;

-- name: last_order_number
-- The last one that was drawn, by whomever.
SELECT order_number FROM journal_head WHERE merchant_id = $1;

-- name: create_stock_rows
-- Rows that a posting is about to move units into, in key order.
INSERT INTO stock (merchant_id, sku_id, location_id, lot, limited)
SELECT $1, k.sku_id, k.location_id, k.lot, coalesce((SELECT limited FROM sku WHERE merchant_id = $1 AND id = k.sku_id), false)
  FROM unnest($2::uuid[], $3::uuid[], $4::text[]) AS k (sku_id, location_id, lot)
    ON CONFLICT DO NOTHING;

-- name: post_stock
-- Postings of units and money, and the balances, move in one statement, so they cannot disagree. Lines that the same batch inserts bear
-- their sums already; an order's own sums of money are saved with the order. Balances move in the order of their keys, for nobody may
-- have locked them before: then ($36) they must hold what is taken beside what orders hold in vain, and have no limits.
WITH paid AS (
    INSERT INTO money_posting (merchant_id, event_id, number, order_id, debit, credit, amount_minor, currency, tender_number)
    SELECT $1, m.* FROM unnest($17::uuid[], spread($18::int[], cardinality($17)), spread($19::uuid[], cardinality($17)),
                               spread($20::text[], cardinality($17)), spread($21::text[], cardinality($17)),
                               spread($22::bigint[], cardinality($17)), spread($23::text[], cardinality($17)),
                               spread($24::smallint[], cardinality($17))) AS m),
named AS (                                                         -- units with names: each is where the posting takes it from, or not moved
    UPDATE serial SET place = s.place, location_id = s.location_id, lot = coalesce(s.lot, serial.lot), order_id = s.order_id,
                      line_number = s.line_number, transfer_id = s.transfer_id
      FROM unnest($25::uuid[], $26::text[], $27::text[], $28::uuid[], $29::text[], $30::text[], $31::uuid[], $32::text[], $33::uuid[],
                  $34::smallint[], $35::uuid[])
           AS s (sku_id, serial, from_place, from_location_id, from_lot, place, location_id, lot, order_id, line_number, transfer_id)
     WHERE serial.merchant_id = $1 AND serial.sku_id = s.sku_id AND serial.serial = s.serial 
       AND (serial.place = s.from_place OR (s.from_place IS NULL AND serial.location_id IS NULL))
       AND serial.location_id IS NOT DISTINCT FROM s.from_location_id AND serial.lot = coalesce(s.from_lot, serial.lot)
    RETURNING 1),
posted AS (
    INSERT INTO posting (merchant_id, event_id, number, subject_id, sku_id, quantity, from_location_id, from_lot, from_bucket,
                         to_location_id, to_lot, to_bucket, line_number, line_from, line_to, serial)
    SELECT $1, p.* FROM unnest($2::uuid[], spread($3::int[], cardinality($2)), spread($4::uuid[], cardinality($2)), spread($5::uuid[], cardinality($2)),
                               spread($6::int[], cardinality($2)), spread($7::uuid[], cardinality($2)), spread($8::text[], cardinality($2)),
                               spread($9::text[], cardinality($2)), spread($10::uuid[], cardinality($2)), spread($11::text[], cardinality($2)),
                               spread($12::text[], cardinality($2)), spread($13::smallint[], cardinality($2)), spread($14::text[], cardinality($2)),
                               spread($15::text[], cardinality($2)), spread($16::text[], cardinality($2))) AS p
    RETURNING sku_id, quantity, from_location_id, from_lot, from_bucket, to_location_id, to_lot, to_bucket),
ends AS (
    SELECT sku_id, from_location_id AS location_id, from_lot AS lot, from_bucket AS bucket, -quantity AS change FROM posted
    UNION ALL
    SELECT sku_id, to_location_id, to_lot, to_bucket, quantity FROM posted),
moved AS (
    SELECT sku_id, location_id, lot,
           coalesce(sum(change) FILTER (WHERE bucket = 'available'), 0)::int AS available,
           coalesce(sum(change) FILTER (WHERE bucket = 'reserved'), 0)::int AS reserved,
           coalesce(sum(change) FILTER (WHERE bucket = 'allocated'), 0)::int AS allocated,
           coalesce(sum(change) FILTER (WHERE bucket = 'picked'), 0)::int AS picked,
           coalesce(sum(change) FILTER (WHERE bucket = 'packed'), 0)::int AS packed,
           coalesce(sum(change) FILTER (WHERE bucket = 'damaged'), 0)::int AS damaged,
           coalesce(sum(change) FILTER (WHERE bucket = 'quality_hold'), 0)::int AS quality_hold
      FROM ends WHERE location_id IS NOT NULL GROUP BY sku_id, location_id, lot ORDER BY sku_id, location_id, lot),
balanced AS (
    UPDATE stock SET available = stock.available + moved.available, reserved = stock.reserved + moved.reserved,
                     allocated = stock.allocated + moved.allocated, picked = stock.picked + moved.picked,
                     packed = stock.packed + moved.packed, damaged = stock.damaged + moved.damaged,
                     quality_hold = stock.quality_hold + moved.quality_hold
      FROM moved
     WHERE stock.merchant_id = $1 AND stock.sku_id = moved.sku_id AND stock.location_id = moved.location_id AND stock.lot = moved.lot
       AND (NOT $36::boolean OR NOT stock.limited AND stock.available + moved.available >= stock.short)
    RETURNING 1)
SELECT (SELECT count(*) FROM moved) = (SELECT count(*) FROM balanced) AND (SELECT count(*) FROM named) = cardinality($25::uuid[]);

-- name: post_units
-- As post_stock, and the lines and orders that the postings name move in the same statement.
WITH paid AS (
    INSERT INTO money_posting (merchant_id, event_id, number, order_id, debit, credit, amount_minor, currency, tender_number)
    SELECT $1, m.* FROM unnest($17::uuid[], spread($18::int[], cardinality($17)), spread($19::uuid[], cardinality($17)),
                               spread($20::text[], cardinality($17)), spread($21::text[], cardinality($17)),
                               spread($22::bigint[], cardinality($17)), spread($23::text[], cardinality($17)),
                               spread($24::smallint[], cardinality($17))) AS m),
named AS (                                                         -- units with names: each is where the posting takes it from, or not moved
    UPDATE serial SET place = s.place, location_id = s.location_id, lot = coalesce(s.lot, serial.lot), order_id = s.order_id,
                      line_number = s.line_number, transfer_id = s.transfer_id
      FROM unnest($25::uuid[], $26::text[], $27::text[], $28::uuid[], $29::text[], $30::text[], $31::uuid[], $32::text[], $33::uuid[],
                  $34::smallint[], $35::uuid[])
           AS s (sku_id, serial, from_place, from_location_id, from_lot, place, location_id, lot, order_id, line_number, transfer_id)
     WHERE serial.merchant_id = $1 AND serial.sku_id = s.sku_id AND serial.serial = s.serial 
       AND (serial.place = s.from_place OR (s.from_place IS NULL AND serial.location_id IS NULL))
       AND serial.location_id IS NOT DISTINCT FROM s.from_location_id AND serial.lot = coalesce(s.from_lot, serial.lot)
    RETURNING 1),
posted AS (
    INSERT INTO posting (merchant_id, event_id, number, subject_id, sku_id, quantity, from_location_id, from_lot, from_bucket,
                         to_location_id, to_lot, to_bucket, line_number, line_from, line_to, serial)
    SELECT $1, p.* FROM unnest($2::uuid[], spread($3::int[], cardinality($2)), spread($4::uuid[], cardinality($2)), spread($5::uuid[], cardinality($2)),
                               spread($6::int[], cardinality($2)), spread($7::uuid[], cardinality($2)), spread($8::text[], cardinality($2)),
                               spread($9::text[], cardinality($2)), spread($10::uuid[], cardinality($2)), spread($11::text[], cardinality($2)),
                               spread($12::text[], cardinality($2)), spread($13::smallint[], cardinality($2)), spread($14::text[], cardinality($2)),
                               spread($15::text[], cardinality($2)), spread($16::text[], cardinality($2))) AS p
    RETURNING *),
ends AS (
    SELECT sku_id, from_location_id AS location_id, from_lot AS lot, from_bucket AS bucket, -quantity AS change FROM posted
    UNION ALL
    SELECT sku_id, to_location_id, to_lot, to_bucket, quantity FROM posted),
moved AS (
    SELECT sku_id, location_id, lot,
           coalesce(sum(change) FILTER (WHERE bucket = 'available'), 0)::int AS available,
           coalesce(sum(change) FILTER (WHERE bucket = 'reserved'), 0)::int AS reserved,
           coalesce(sum(change) FILTER (WHERE bucket = 'allocated'), 0)::int AS allocated,
           coalesce(sum(change) FILTER (WHERE bucket = 'picked'), 0)::int AS picked,
           coalesce(sum(change) FILTER (WHERE bucket = 'packed'), 0)::int AS packed,
           coalesce(sum(change) FILTER (WHERE bucket = 'damaged'), 0)::int AS damaged,
           coalesce(sum(change) FILTER (WHERE bucket = 'quality_hold'), 0)::int AS quality_hold
      FROM ends WHERE location_id IS NOT NULL GROUP BY sku_id, location_id, lot),
balanced AS (
    UPDATE stock SET available = stock.available + moved.available, reserved = stock.reserved + moved.reserved,
                     allocated = stock.allocated + moved.allocated, picked = stock.picked + moved.picked,
                     packed = stock.packed + moved.packed, damaged = stock.damaged + moved.damaged,
                     quality_hold = stock.quality_hold + moved.quality_hold
      FROM moved
     WHERE stock.merchant_id = $1 AND stock.sku_id = moved.sku_id AND stock.location_id = moved.location_id AND stock.lot = moved.lot
    RETURNING 1),
line_ends AS (
    SELECT subject_id AS order_id, line_number AS number, line_from AS stage, -quantity AS change FROM posted WHERE line_from IS NOT NULL
    UNION ALL
    SELECT subject_id, line_number, line_to, quantity FROM posted WHERE line_to IS NOT NULL),
line_moved AS (
    SELECT order_id, number,
           coalesce(sum(change) FILTER (WHERE stage = 'cancelled'), 0)::int AS cancelled,
           coalesce(sum(change) FILTER (WHERE stage = 'open'), 0)::int AS open,
           coalesce(sum(change) FILTER (WHERE stage = 'backordered'), 0)::int AS backordered,
           coalesce(sum(change) FILTER (WHERE stage = 'allocated'), 0)::int AS allocated,
           coalesce(sum(change) FILTER (WHERE stage = 'released'), 0)::int AS released,
           coalesce(sum(change) FILTER (WHERE stage = 'picked'), 0)::int AS picked,
           coalesce(sum(change) FILTER (WHERE stage = 'packed'), 0)::int AS packed,
           coalesce(sum(change) FILTER (WHERE stage = 'in_transit'), 0)::int AS in_transit,
           coalesce(sum(change) FILTER (WHERE stage = 'delivered'), 0)::int AS delivered,
           coalesce(sum(change) FILTER (WHERE stage = 'sent_back'), 0)::int AS sent_back,
           coalesce(sum(change) FILTER (WHERE stage = 'lost'), 0)::int AS lost,
           coalesce(sum(change) FILTER (WHERE stage = 'return_requested'), 0)::int AS return_requested,
           coalesce(sum(change) FILTER (WHERE stage = 'returning'), 0)::int AS "returning",
           coalesce(sum(change) FILTER (WHERE stage = 'returned'), 0)::int AS returned
      FROM line_ends GROUP BY order_id, number),
lines AS (
    UPDATE order_line SET cancelled = order_line.cancelled + line_moved.cancelled, open = order_line.open + line_moved.open,
                          backordered = order_line.backordered + line_moved.backordered,
                          allocated = order_line.allocated + line_moved.allocated, released = order_line.released + line_moved.released,
                          picked = order_line.picked + line_moved.picked, packed = order_line.packed + line_moved.packed,
                          in_transit = order_line.in_transit + line_moved.in_transit,
                          delivered = order_line.delivered + line_moved.delivered, sent_back = order_line.sent_back + line_moved.sent_back,
                          lost = order_line.lost + line_moved.lost,
                          return_requested = order_line.return_requested + line_moved.return_requested,
                          "returning" = order_line."returning" + line_moved."returning", returned = order_line.returned + line_moved.returned
      FROM line_moved
     WHERE order_line.merchant_id = $1 AND order_line.order_id = line_moved.order_id AND order_line.number = line_moved.number
    RETURNING 1),
order_moved AS (
    SELECT order_id, sum(cancelled)::int AS cancelled, sum(open)::int AS open, sum(backordered)::int AS backordered,
           sum(allocated)::int AS allocated, sum(released)::int AS released, sum(picked)::int AS picked, sum(packed)::int AS packed,
           sum(in_transit)::int AS in_transit, sum(delivered)::int AS delivered, sum(sent_back)::int AS sent_back, sum(lost)::int AS lost,
           sum(return_requested)::int AS return_requested, sum("returning")::int AS "returning", sum(returned)::int AS returned
      FROM line_moved GROUP BY order_id),
summed AS (
    UPDATE orders SET cancelled = orders.cancelled + m.cancelled, open = orders.open + m.open, backordered = orders.backordered + m.backordered,
                      allocated = orders.allocated + m.allocated, released = orders.released + m.released,
                      picked = orders.picked + m.picked, packed = orders.packed + m.packed, in_transit = orders.in_transit + m.in_transit,
                      delivered = orders.delivered + m.delivered, sent_back = orders.sent_back + m.sent_back, lost = orders.lost + m.lost,
                      return_requested = orders.return_requested + m.return_requested, "returning" = orders."returning" + m."returning",
                      returned = orders.returned + m.returned
      FROM order_moved AS m
     WHERE orders.merchant_id = $1 AND orders.id = m.order_id
    RETURNING 1)
SELECT (SELECT count(*) FROM moved) = (SELECT count(*) FROM balanced)
   AND (SELECT count(*) FROM named) = cardinality($25::uuid[])
   AND (SELECT count(*) FROM line_moved) = (SELECT count(*) FROM lines)
   AND (SELECT count(*) FROM order_moved) = (SELECT count(*) FROM summed);

-- name: position_at
-- The last position recorded by that time; 0 before the first.
SELECT coalesce((SELECT position FROM event WHERE merchant_id = $1 AND recorded_at <= $2
                  ORDER BY recorded_at DESC, position DESC LIMIT 1), 0);

-- name: events_of_kind
-- What was said of these subjects by events of one kind, the oldest first.
SELECT subject_id, occurred_at, data FROM event
 WHERE merchant_id = $1 AND subject_id = ANY($3::uuid[]) AND kind = $2 ORDER BY position;

-- name: events_at
-- The events at these positions.
SELECT position, event_id, kind, subject_kind, subject_id FROM event WHERE merchant_id = $1 AND position = ANY($2::bigint[]);

-- name: stock_postings_of
-- What these events of products posted, in their order.
SELECT p.event_id, p.sku_id, p.quantity, p.from_bucket, p.from_location_id, p.from_lot, p.to_bucket, p.to_location_id, p.to_lot, p.serial
  FROM unnest($2::uuid[], $3::uuid[]) AS e (sku_id, event_id)
  JOIN posting AS p ON p.merchant_id = $1 AND p.sku_id = e.sku_id AND p.event_id = e.event_id
 ORDER BY p.event_id, p.number;
