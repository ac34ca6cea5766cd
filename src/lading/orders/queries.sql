-- name: find_by_reference
-- Who has these external references, and what was answered to the command that brought them. Asked only after a lost race: the
-- unique key lets the insert find out.
SELECT o.channel_id, o.external_reference, o.id, o.number, c.payload_hash, c.outcome
  FROM unnest($2::uuid[], $3::text[]) AS wanted (channel_id, external_reference)
  JOIN orders AS o ON o.merchant_id = $1 AND o.channel_id = wanted.channel_id AND o.external_reference = wanted.external_reference
  LEFT JOIN command AS c ON c.merchant_id = $1 AND c.command_id = o.placed_by;

-- name: insert_orders
-- Orders and lines, born with their sums after placement. An order that is left out has an external reference that somebody else took:
-- the caller counts.
WITH lines AS (
    INSERT INTO order_line (merchant_id, order_id, number, sku_id, external_id, unit_price, goods_minor, ordered, open, backordered,
                            allocated, delivered)
    SELECT $1, l.* FROM unnest($27::uuid[], $28::smallint[], $29::uuid[], $30::text[], $31::numeric[], $32::bigint[], $33::int[],
                               $34::int[], $35::int[], $36::int[], $37::int[]) AS l)
INSERT INTO orders (merchant_id, id, number, channel_id, external_reference, placed_at, ship_by, queued_at, currency, priority, version,
                    policy_version, placed_by, customer_id, party_version_id, ship_to_id, history, active_holds, ordered, open,
                    backordered, allocated, delivered, charged_minor, authorised_minor, captured_minor)
SELECT $1, o.* FROM unnest($2::uuid[], $3::bigint[], $4::uuid[], $5::text[], $6::timestamptz[], $7::timestamptz[], $8::timestamptz[],
                           $9::text[], $10::smallint[], $11::int[], $12::int[], $13::uuid[], $14::uuid[], $15::uuid[], $16::uuid[],
                           $17::bool[], $18::smallint[], $19::int[], $20::int[], $21::int[], $22::int[], $23::int[], $24::bigint[],
                           $25::bigint[], $26::bigint[]) AS o
    ON CONFLICT DO NOTHING;

-- name: insert_lines_of_kits
-- Lines of kits and of their parts: few orders have them, so the others do not carry the columns.
INSERT INTO order_line (merchant_id, order_id, number, sku_id, external_id, unit_price, goods_minor, ordered, is_kit, part_of, per_kit,
                        open, backordered, allocated, delivered)
SELECT $1, l.* FROM unnest($2::uuid[], $3::smallint[], $4::uuid[], $5::text[], $6::numeric[], $7::bigint[], $8::int[], $9::bool[],
                           $10::smallint[], $11::int[], $12::int[], $13::int[], $14::int[], $15::int[]) AS l;

-- name: insert_charges
-- What was charged beside the goods; it never changes.
INSERT INTO charge (merchant_id, order_id, number, line_number, kind, code, amount_minor)
SELECT $1, c.* FROM unnest($2::uuid[], $3::smallint[], $4::smallint[], $5::text[], $6::text[], $7::bigint[]) AS c;

-- name: insert_holds
-- A reason to wait.
INSERT INTO hold (merchant_id, order_id, number, kind, note, placed_at)
SELECT $1, h.* FROM unnest($2::uuid[], $3::smallint[], $4::text[], $5::text[], $6::timestamptz[]) AS h;

-- name: update_holds
-- A hold was lifted.
UPDATE hold SET released_at = h.released_at
  FROM unnest($2::uuid[], $3::smallint[], $4::timestamptz[]) AS h (order_id, number, released_at)
 WHERE hold.merchant_id = $1 AND hold.order_id = h.order_id AND hold.number = h.number;

-- name: update_orders
-- What is not a sum of units; those move with their postings.
UPDATE orders SET version = o.version, queued_at = o.queued_at, active_holds = o.active_holds, adjusted_minor = o.adjusted_minor,
                  authorised_minor = o.authorised_minor, captured_minor = o.captured_minor, refunded_minor = o.refunded_minor
  FROM unnest($2::uuid[], $3::int[], $4::timestamptz[], $5::smallint[], $6::bigint[], $7::bigint[], $8::bigint[], $9::bigint[])
       AS o (id, version, queued_at, active_holds, adjusted_minor, authorised_minor, captured_minor, refunded_minor)
 WHERE orders.merchant_id = $1 AND orders.id = o.id;

-- name: update_line_refunds
-- How many units of each line were refunded.
UPDATE order_line SET refunded = l.refunded
  FROM unnest($2::uuid[], $3::smallint[], $4::int[]) AS l (order_id, number, refunded)
 WHERE order_line.merchant_id = $1 AND order_line.order_id = l.order_id AND order_line.number = l.number;

-- name: lock_orders
-- The order's row guards everything that lives under it. By id and by number, in primary-key order.
SELECT id, number, channel_id, external_reference, placed_at, ship_by, queued_at, currency, priority, version, policy_version, placed_by,
       customer_id, party_version_id, ship_to_id, history, charged_minor, active_holds, adjusted_minor, authorised_minor, captured_minor,
       refunded_minor, stage
  FROM orders
 WHERE merchant_id = $1 AND id = ANY($2::uuid[])
 ORDER BY id FOR NO KEY UPDATE;

-- name: read_orders
-- As lock_orders, for a dry run.
SELECT id, number, channel_id, external_reference, placed_at, ship_by, queued_at, currency, priority, version, policy_version, placed_by,
       customer_id, party_version_id, ship_to_id, history, charged_minor, active_holds, adjusted_minor, authorised_minor, captured_minor,
       refunded_minor, stage
  FROM orders
 WHERE merchant_id = $1 AND id = ANY($2::uuid[]);

-- name: ids_of_numbers
-- Orders by the number that people use.
SELECT number, id FROM orders WHERE merchant_id = $1 AND number = ANY($2::bigint[]);

-- name: read_lines
-- The lines of these orders, their units by stage.
SELECT order_id, number, sku_id, external_id, unit_price, goods_minor, ordered, refunded, is_kit, part_of, per_kit, cancelled, open, backordered,
       allocated, released, picked, packed, in_transit, delivered, sent_back, lost, return_requested, "returning", returned
  FROM order_line WHERE merchant_id = $1 AND order_id = ANY($2::uuid[]) ORDER BY order_id, number;

-- name: read_charges
-- What was charged beside the goods.
SELECT order_id, number, line_number, kind, code, amount_minor
  FROM charge WHERE merchant_id = $1 AND order_id = ANY($2::uuid[]) ORDER BY order_id, number, line_number;

-- name: read_holds
-- All holds, lifted ones too.
SELECT order_id, number, kind, note, placed_at, released_at
  FROM hold WHERE merchant_id = $1 AND order_id = ANY($2::uuid[]) ORDER BY order_id, number;
