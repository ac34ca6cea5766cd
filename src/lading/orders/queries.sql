-- name: find_by_reference
-- Who has these external references, and what was answered to the command that brought them. Asked only after a lost race: the
-- unique key lets the insert find out.
SELECT o.channel_id, o.external_reference, o.id, o.number, c.payload_hash, c.outcome
  FROM unnest($2::uuid[], $3::text[]) AS wanted (channel_id, external_reference)
  JOIN orders AS o ON o.merchant_id = $1 AND o.channel_id = wanted.channel_id AND o.external_reference = wanted.external_reference
  LEFT JOIN command AS c ON c.merchant_id = $1 AND c.command_id = o.placed_by;

-- name: insert_orders
-- Orders and lines, born with their sums after placement. An order that is left out has an external reference that somebody else took:
-- the caller counts. What all of them have in common travels once.
WITH lines AS (
    INSERT INTO order_line (merchant_id, order_id, number, sku_id, external_id, unit_price, goods_minor, ordered, open, backordered,
                            allocated, delivered)
    SELECT $1, l.* FROM unnest($27::uuid[], spread($28::smallint[], cardinality($27)), spread($29::uuid[], cardinality($27)),
                               spread($30::text[], cardinality($27)), spread($31::text[]::numeric[], cardinality($27)),
                               spread($32::bigint[], cardinality($27)), spread($33::int[], cardinality($27)),
                               spread($34::int[], cardinality($27)), spread($35::int[], cardinality($27)),
                               spread($36::int[], cardinality($27)), spread($37::int[], cardinality($27))) AS l)
INSERT INTO orders (merchant_id, id, number, channel_id, external_reference, placed_at, ship_by, queued_at, currency, priority, version,
                    policy_version, placed_by, customer_id, party_version_id, ship_to_id, history, active_holds, ordered, open,
                    backordered, allocated, delivered, charged_minor, authorised_minor, captured_minor)
SELECT $1, o.* FROM unnest($2::uuid[], spread($3::bigint[], cardinality($2)), spread($4::uuid[], cardinality($2)),
                           spread($5::text[], cardinality($2)), spread($6::timestamptz[], cardinality($2)),
                           spread($7::timestamptz[], cardinality($2)), spread($8::timestamptz[], cardinality($2)),
                           spread($9::text[], cardinality($2)), spread($10::smallint[], cardinality($2)),
                           spread($11::int[], cardinality($2)), spread($12::int[], cardinality($2)), spread($13::uuid[], cardinality($2)),
                           spread($14::uuid[], cardinality($2)), spread($15::uuid[], cardinality($2)),
                           spread($16::uuid[], cardinality($2)), spread($17::bool[], cardinality($2)),
                           spread($18::smallint[], cardinality($2)), spread($19::int[], cardinality($2)),
                           spread($20::int[], cardinality($2)), spread($21::int[], cardinality($2)), spread($22::int[], cardinality($2)),
                           spread($23::int[], cardinality($2)), spread($24::bigint[], cardinality($2)),
                           spread($25::bigint[], cardinality($2)), spread($26::bigint[], cardinality($2))) AS o
    ON CONFLICT DO NOTHING;

-- name: insert_lines_of_kits
-- Lines of kits and of their parts: few orders have them, so the others do not carry the columns.
INSERT INTO order_line (merchant_id, order_id, number, sku_id, external_id, unit_price, goods_minor, ordered, is_kit, part_of, per_kit,
                        open, backordered, allocated, delivered)
SELECT $1, l.* FROM unnest($2::uuid[], $3::smallint[], $4::uuid[], $5::text[], $6::numeric[], $7::bigint[], $8::int[], $9::bool[],
                           $10::smallint[], $11::int[], $12::int[], $13::int[], $14::int[], $15::int[]) AS l;

-- name: address_lines
-- Where these lines go.
UPDATE order_line SET ship_to_id = p.ship_to_id
  FROM unnest($2::uuid[], $3::smallint[], $4::uuid[]) AS p (order_id, number, ship_to_id)
 WHERE order_line.merchant_id = $1 AND order_line.order_id = p.order_id AND order_line.number = p.number;

-- name: place_pickups
-- Where customers collect these lines.
UPDATE order_line SET pickup_location_id = p.location_id
  FROM unnest($2::uuid[], $3::smallint[], $4::uuid[]) AS p (order_id, number, location_id)
 WHERE order_line.merchant_id = $1 AND order_line.order_id = p.order_id AND order_line.number = p.number;

-- name: insert_charges
-- What was charged beside the goods; it never changes. Each charge travels once, with where the lines that bear it and their shares
-- stand in the last two arrays.
INSERT INTO charge (merchant_id, order_id, number, line_number, kind, code, amount_minor, rate, included, applies_to, source)
SELECT $1, c.order_id, c.number, s.line_number, c.kind, c.code, s.amount_minor, c.rate, c.included, c.applies_to, c.source
  FROM unnest($2::uuid[], spread($3::smallint[], cardinality($2)), spread($4::text[], cardinality($2)), spread($5::text[], cardinality($2)),
              spread($6::numeric[], cardinality($2)), spread($7::bool[], cardinality($2)), spread($8::text[], cardinality($2)),
              spread($9::text[], cardinality($2)), spread($10::int[], cardinality($2)), spread($11::int[], cardinality($2)))
       AS c (order_id, number, kind, code, rate, included, applies_to, source, first, last)
 CROSS JOIN LATERAL unnest(($12::smallint[])[c.first:c.last], ($13::bigint[])[c.first:c.last])
       AS s (line_number, amount_minor);

-- name: insert_added_lines
-- Lines that stand in for others, or that an edit brought: all of their units are open; those of kits are on the lines of their parts.
INSERT INTO order_line (merchant_id, order_id, number, sku_id, unit_price, goods_minor, ordered, instead_of, added, is_kit, part_of, per_kit,
                        open)
SELECT $1, l.*, CASE WHEN l.is_kit THEN 0 ELSE l.ordered END
  FROM unnest($2::uuid[], $3::smallint[], $4::uuid[], $5::numeric[], $6::bigint[], $7::int[], $8::smallint[], $9::bool[], $10::bool[],
              $11::smallint[], $12::int[])
       AS l (order_id, number, sku_id, unit_price, goods_minor, ordered, instead_of, added, is_kit, part_of, per_kit);

-- name: insert_added_charges
-- What was charged after the order was placed.
INSERT INTO charge (merchant_id, order_id, number, line_number, kind, code, amount_minor, rate, included, applies_to, source,
                    added)
SELECT $1, c.*, true FROM unnest($2::uuid[], $3::smallint[], $4::smallint[], $5::text[], $6::text[], $7::bigint[], $8::numeric[],
                                 $9::bool[], $10::text[], $11::text[]) AS c;

-- name: update_headings
-- Where orders go, when they leave and who is served first.
UPDATE orders SET ship_to_id = o.ship_to_id, ship_by = o.ship_by, priority = o.priority
  FROM unnest($2::uuid[], $3::uuid[], $4::timestamptz[], $5::smallint[]) AS o (id, ship_to_id, ship_by, priority)
 WHERE orders.merchant_id = $1 AND orders.id = o.id;

-- name: update_ship_complete
-- Which orders go out whole.
UPDATE orders SET ship_complete = o.ship_complete
  FROM unnest($2::uuid[], $3::bool[]) AS o (id, ship_complete) WHERE orders.merchant_id = $1 AND orders.id = o.id;

-- name: update_line_ship_complete
-- Which lines of these orders do.
UPDATE order_line SET ship_complete = l.ship_complete
  FROM unnest($2::uuid[], $3::smallint[], $4::bool[]) AS l (order_id, number, ship_complete)
 WHERE order_line.merchant_id = $1 AND order_line.order_id = l.order_id AND order_line.number = l.number
   AND order_line.ship_complete <> l.ship_complete;

-- name: save_methods
-- How orders shall be sent.
INSERT INTO order_detail (merchant_id, order_id, method)
SELECT $1, m.* FROM unnest($2::uuid[], $3::text[]) AS m
    ON CONFLICT (merchant_id, order_id) DO UPDATE SET method = excluded.method;

-- name: count_added_units
-- The orders count the units of lines that were added.
UPDATE orders SET ordered = orders.ordered + a.units, open = orders.open + a.units
  FROM unnest($2::uuid[], $3::int[]) AS a (id, units)
 WHERE orders.merchant_id = $1 AND orders.id = a.id;

-- name: insert_details
-- What few orders carry.
INSERT INTO order_detail (merchant_id, order_id, bill_to_id, risk_score, gift, may_split, whole_lines, tax_exemption, shop_currency,
                          shop_rate, language)
SELECT $1, d.order_id, d.bill_to_id, d.risk_score, d.gift, d.may_split, string_to_array(d.whole_lines, ',')::smallint[], d.tax_exemption,
       d.shop_currency, d.shop_rate, d.language
  FROM unnest($2::uuid[], $3::uuid[], $4::smallint[], $5::bool[], $6::bool[], $7::text[], $8::text[], $9::text[], $10::numeric[], $11::text[])
       AS d (order_id, bill_to_id, risk_score, gift, may_split, whole_lines, tax_exemption, shop_currency, shop_rate, language);

-- name: read_exemptions
-- Why orders are not taxed.
SELECT order_id, tax_exemption FROM order_detail WHERE merchant_id = $1 AND order_id = ANY($2::uuid[]) AND tax_exemption IS NOT NULL;

-- name: lock_customers
-- Who orders twice at once waits: what is counted over a customer's orders is read after this lock.
SELECT id FROM customer WHERE merchant_id = $1 AND id = ANY($2::uuid[]) ORDER BY id FOR NO KEY UPDATE;

-- name: recent_orders
-- What these customers ordered lately, the newest first, no more than so many of each. The first id that counts is dated.
SELECT c.id AS customer_id, o.number, o.placed_at, o.currency, o.charged_minor, o.lifecycle = 'cancelled' AS cancelled,
       ARRAY(SELECT l.sku_id FROM order_line AS l WHERE l.merchant_id = $1 AND l.order_id = o.id ORDER BY l.number) AS skus,
       ARRAY(SELECT l.ordered FROM order_line AS l WHERE l.merchant_id = $1 AND l.order_id = o.id ORDER BY l.number) AS units
  FROM unnest($2::uuid[]) AS c (id)
 CROSS JOIN LATERAL (
       SELECT id, number, placed_at, currency, charged_minor, lifecycle FROM orders
        WHERE merchant_id = $1 AND customer_id = c.id AND id >= $3
        ORDER BY id DESC LIMIT $4) AS o;

-- name: owed_by_customers
-- What these customers owe on orders that stand and that no tender covers, by currency.
SELECT o.customer_id, o.currency,
       sum(o.charged_minor + o.adjusted_minor + o.refunded_minor - greatest(o.authorised_minor, o.captured_minor))::bigint AS owed_minor
  FROM orders AS o
 WHERE o.merchant_id = $1 AND o.customer_id = ANY($2::uuid[])
   AND o.charged_minor + o.adjusted_minor + o.refunded_minor > greatest(o.authorised_minor, o.captured_minor)
 GROUP BY o.customer_id, o.currency;

-- name: insert_holds
-- A reason to wait.
INSERT INTO hold (merchant_id, order_id, number, kind, note, placed_at, reason, expires_at, placed_by, stops, lines, fulfillment_orders)
SELECT $1, h.order_id, h.number, h.kind, h.note, h.placed_at, h.reason, h.expires_at, h.placed_by, string_to_array(h.stops, ','),
       string_to_array(h.lines, ',')::smallint[], string_to_array(h.fulfillment_orders, ',')::smallint[]
  FROM unnest($2::uuid[], $3::smallint[], $4::text[], $5::text[], $6::timestamptz[], $7::text[], $8::timestamptz[], $9::text[],
              $10::text[], $11::text[], $12::text[])
       AS h (order_id, number, kind, note, placed_at, reason, expires_at, placed_by, stops, lines, fulfillment_orders);

-- name: update_holds
-- A hold was lifted.
UPDATE hold SET released_at = h.released_at, released_by = h.released_by, approved_minor = h.approved_minor
  FROM unnest($2::uuid[], $3::smallint[], $4::timestamptz[], $5::text[], $6::bigint[])
       AS h (order_id, number, released_at, released_by, approved_minor)
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
-- The order's row guards everything that lives under it. In primary-key order; what the companies of the orders owe is locked before them
-- (the condition on it has no row of its own, so it is looked at first). Whose an order is, and on which terms, never changes.
WITH credit AS (
    SELECT company_id FROM company_credit
     WHERE merchant_id = $1
       AND company_id IN (SELECT company_id FROM company_order WHERE merchant_id = $1 AND order_id = ANY($2::uuid[]))
     ORDER BY company_id, currency FOR NO KEY UPDATE)
SELECT o.id, o.number, o.channel_id, o.external_reference, o.placed_at, o.ship_by, o.queued_at, o.currency, o.priority, o.version,
       o.policy_version, o.placed_by, o.customer_id, o.party_version_id, o.ship_to_id, o.history, o.charged_minor, o.active_holds,
       o.adjusted_minor, o.authorised_minor, o.captured_minor, o.refunded_minor, o.ship_complete, o.stage, c.company_id, c.terms_days
  FROM orders AS o LEFT JOIN company_order AS c ON c.merchant_id = $1 AND c.order_id = o.id
 WHERE o.merchant_id = $1 AND o.id = ANY($2::uuid[])
   AND (SELECT count(*) FROM credit) >= 0
 ORDER BY o.id FOR NO KEY UPDATE OF o;

-- name: read_orders
-- As lock_orders, for a dry run.
SELECT o.id, o.number, o.channel_id, o.external_reference, o.placed_at, o.ship_by, o.queued_at, o.currency, o.priority, o.version,
       o.policy_version, o.placed_by, o.customer_id, o.party_version_id, o.ship_to_id, o.history, o.charged_minor, o.active_holds,
       o.adjusted_minor, o.authorised_minor, o.captured_minor, o.refunded_minor, o.ship_complete, o.stage, c.company_id, c.terms_days
  FROM orders AS o LEFT JOIN company_order AS c ON c.merchant_id = $1 AND c.order_id = o.id
 WHERE o.merchant_id = $1 AND o.id = ANY($2::uuid[]);

-- name: ids_of_numbers
-- Orders by the number that people use.
SELECT number, id FROM orders WHERE merchant_id = $1 AND number = ANY($2::bigint[]);

-- name: read_lines
-- The lines of these orders, their units by stage.
SELECT order_id, number, sku_id, external_id, unit_price, goods_minor, ordered, refunded, is_kit, part_of, per_kit, instead_of, added,
       pickup_location_id, ship_complete, ship_to_id, cancelled,
       open, backordered, allocated, released, picked, packed, in_transit, delivered, sent_back, lost, return_requested, "returning", returned
  FROM order_line WHERE merchant_id = $1 AND order_id = ANY($2::uuid[]) ORDER BY order_id, number;

-- name: read_charges
-- What was charged beside the goods.
SELECT order_id, number, line_number, kind, code, amount_minor, rate, included, applies_to, source, added
  FROM charge WHERE merchant_id = $1 AND order_id = ANY($2::uuid[]) ORDER BY order_id, number, line_number;

-- name: read_holds
-- All holds, lifted ones too.
SELECT order_id, number, kind, note, placed_at, released_at, stops, lines, fulfillment_orders, reason, expires_at, placed_by, released_by,
       approved_minor
  FROM hold WHERE merchant_id = $1 AND order_id = ANY($2::uuid[]) ORDER BY order_id, number;

-- name: insert_edits
-- Edits that somebody prepared.
INSERT INTO order_edit (merchant_id, order_id, number, version, begun_at, begun_by, fields, ship_to_id, shown, expires_at)
SELECT $1, e.* FROM unnest($2::uuid[], $3::smallint[], $4::int[], $5::timestamptz[], $6::text[], $7::jsonb[], $8::uuid[], $9::jsonb[],
                           $10::timestamptz[]) AS e;

-- name: close_edits
-- An edit was confirmed or dropped.
UPDATE order_edit SET status = e.status, closed_at = e.closed_at
  FROM unnest($2::uuid[], $3::smallint[], $4::text[], $5::timestamptz[]) AS e (order_id, number, status, closed_at)
 WHERE order_edit.merchant_id = $1 AND order_edit.order_id = e.order_id AND order_edit.number = e.number;

-- name: read_edits
-- What was prepared for these orders, with what became of it.
SELECT order_id, number, version, begun_at, begun_by, fields, ship_to_id, shown, status, closed_at, expires_at
  FROM order_edit WHERE merchant_id = $1 AND order_id = ANY($2::uuid[]) ORDER BY order_id, number;

-- name: insert_buyers
-- What orders of companies carry. A row that is left out has a purchase order number that somebody else took: the caller counts.
INSERT INTO company_order (merchant_id, order_id, company_id, currency, purchase_order, search_key, unique_key, terms_days, due_on,
                           owed_minor)
SELECT $1, b.* FROM unnest($2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::text[], $7::text[], $8::smallint[], $9::date[],
                           $10::bigint[]) AS b
    ON CONFLICT DO NOTHING;

-- name: save_dues
-- When orders are to be paid; what was said first stays.
UPDATE company_order SET due_on = coalesce(company_order.due_on, d.due_on)
  FROM unnest($2::uuid[], $3::date[]) AS d (order_id, due_on)
 WHERE company_order.merchant_id = $1 AND company_order.order_id = d.order_id;

-- name: count_owed
-- What companies owe for orders.
UPDATE company_order SET owed_minor = o.owed FROM unnest($2::uuid[], $3::bigint[]) AS o (id, owed)
 WHERE company_order.merchant_id = $1 AND company_order.order_id = o.id;

-- name: subscription_ids
-- Subscriptions by the number that people use.
SELECT id FROM subscription WHERE merchant_id = $1 AND number = ANY($2::bigint[]);

-- name: lock_subscriptions
-- In primary-key order.
SELECT id, number, draft_id, status, version, every, unit, day, prices, cycle, orders_max, next_at, failures, failed_as, reason, created_at,
       time_zone, retry_at
  FROM subscription WHERE merchant_id = $1 AND id = ANY($2::uuid[]) ORDER BY id FOR NO KEY UPDATE;

-- name: read_subscriptions
-- As lock_subscriptions, for a dry run.
SELECT id, number, draft_id, status, version, every, unit, day, prices, cycle, orders_max, next_at, failures, failed_as, reason, created_at,
       time_zone, retry_at
  FROM subscription WHERE merchant_id = $1 AND id = ANY($2::uuid[]);

-- name: save_subscriptions
-- New ones, and known ones as they stand; what one is called, and what it orders, never changes.
INSERT INTO subscription (merchant_id, id, number, draft_id, status, version, every, unit, day, prices, cycle, orders_max, next_at, failures,
                          failed_as, reason, created_at, time_zone, retry_at)
SELECT $1, s.* FROM unnest($2::uuid[], $3::bigint[], $4::uuid[], $5::text[], $6::int[], $7::smallint[], $8::text[], $9::smallint[],
                           $10::text[], $11::int[], $12::int[], $13::timestamptz[], $14::smallint[], $15::text[], $16::text[],
                           $17::timestamptz[], $18::text[], $19::timestamptz[]) AS s
    ON CONFLICT (merchant_id, id) DO UPDATE
   SET status = excluded.status, version = excluded.version, cycle = excluded.cycle, next_at = excluded.next_at,
       failures = excluded.failures, failed_as = excluded.failed_as, retry_at = excluded.retry_at,
       reason = excluded.reason;

-- name: draft_ids
-- Drafts by the number that people use.
SELECT id FROM draft WHERE merchant_id = $1 AND number = ANY($2::bigint[]);

-- name: lock_drafts
-- In primary-key order.
SELECT id, number, status, version, channel_id, currency, reference, customer_id, party_version_id, ship_to_id, bill_to_id, lines, charges,
       total_minor, ship_by, priority, created_at, expires_at, sent_at, answered_at, reason, reservation_id, order_id, company_id, purchase_order,
       approval, approved_by, note, wishes, private
  FROM draft WHERE merchant_id = $1 AND id = ANY($2::uuid[]) ORDER BY id FOR NO KEY UPDATE;

-- name: read_drafts
-- As lock_drafts, for a dry run.
SELECT id, number, status, version, channel_id, currency, reference, customer_id, party_version_id, ship_to_id, bill_to_id, lines, charges,
       total_minor, ship_by, priority, created_at, expires_at, sent_at, answered_at, reason, reservation_id, order_id, company_id, purchase_order,
       approval, approved_by, note, wishes, private
  FROM draft WHERE merchant_id = $1 AND id = ANY($2::uuid[]) ORDER BY id;

-- name: draft_references
-- Which references are taken.
SELECT reference, number FROM draft WHERE merchant_id = $1 AND reference = ANY($2::text[]);

-- name: insert_drafts
-- A row that is left out has a reference that somebody else used meanwhile: the caller counts.
INSERT INTO draft (merchant_id, id, number, status, version, channel_id, currency, reference, customer_id, party_version_id, ship_to_id,
                   bill_to_id, total_minor, ship_by, priority, created_at, expires_at, sent_at, answered_at, reason, reservation_id,
                   order_id, company_id, purchase_order, approval, approved_by, note, lines, charges, wishes, private)
SELECT $1, d.id, d.number, d.status, d.version, d.channel_id, d.currency, d.reference, d.customer_id, d.party_version_id, d.ship_to_id,
       d.bill_to_id, d.total_minor, d.ship_by, d.priority, d.created_at, d.expires_at, d.sent_at, d.answered_at, d.reason, d.reservation_id,
       d.order_id, d.company_id, d.purchase_order, d.approval, d.approved_by, d.note, d.lines::jsonb, d.charges::jsonb,
       d.wishes::jsonb, d.private::jsonb
  FROM unnest($2::uuid[], $3::bigint[], $4::text[], $5::int[], $6::uuid[], $7::text[], $8::text[], $9::uuid[], $10::uuid[], $11::uuid[],
              $12::uuid[], $13::bigint[], $14::timestamptz[], $15::smallint[], $16::timestamptz[], $17::timestamptz[],
              $18::timestamptz[], $19::timestamptz[], $20::text[], $21::uuid[], $22::uuid[], $23::uuid[], $24::text[], $25::text[], $26::text[],
              $27::text[], $28::text[], $29::text[], $30::text[], $31::text[])
       AS d (id, number, status, version, channel_id, currency, reference, customer_id, party_version_id, ship_to_id, bill_to_id,
             total_minor, ship_by, priority, created_at, expires_at, sent_at, answered_at, reason, reservation_id, order_id,
             company_id, purchase_order, approval, approved_by, note, lines, charges, wishes, private)
    ON CONFLICT DO NOTHING;

-- name: update_drafts
-- Drafts as they stand; what a draft is called, and when it was begun, never changes.
UPDATE draft
   SET status = d.status, version = d.version, customer_id = d.customer_id, party_version_id = d.party_version_id,
       ship_to_id = d.ship_to_id, bill_to_id = d.bill_to_id, total_minor = d.total_minor, ship_by = d.ship_by, priority = d.priority,
       expires_at = d.expires_at, sent_at = d.sent_at, answered_at = d.answered_at, reason = d.reason, reservation_id = d.reservation_id,
       order_id = d.order_id, company_id = d.company_id, purchase_order = d.purchase_order,
       approval = d.approval, approved_by = d.approved_by, note = d.note, lines = d.lines::jsonb, charges = d.charges::jsonb,
       wishes = d.wishes::jsonb, private = d.private::jsonb
  FROM unnest($2::uuid[], $3::bigint[], $4::text[], $5::int[], $6::uuid[], $7::text[], $8::text[], $9::uuid[], $10::uuid[], $11::uuid[],
              $12::uuid[], $13::bigint[], $14::timestamptz[], $15::smallint[], $16::timestamptz[], $17::timestamptz[],
              $18::timestamptz[], $19::timestamptz[], $20::text[], $21::uuid[], $22::uuid[], $23::uuid[], $24::text[], $25::text[], $26::text[],
              $27::text[], $28::text[], $29::text[], $30::text[], $31::text[])
       AS d (id, number, status, version, channel_id, currency, reference, customer_id, party_version_id, ship_to_id, bill_to_id,
             total_minor, ship_by, priority, created_at, expires_at, sent_at, answered_at, reason, reservation_id, order_id,
             company_id, purchase_order, approval, approved_by, note, lines, charges, wishes, private)
 WHERE draft.merchant_id = $1 AND draft.id = d.id;

-- name: numbered_orders
-- Orders by id, with their numbers, locked: what is numbered inside an order waits for it.
SELECT id, number FROM orders WHERE merchant_id = $1 AND id = ANY($2::uuid[]) ORDER BY id FOR NO KEY UPDATE;

-- name: numbered_orders_unlocked
-- The same for a dry run.
SELECT id, number FROM orders WHERE merchant_id = $1 AND id = ANY($2::uuid[]);

-- name: read_notes
-- Notes of these orders.
SELECT order_id, number, audience, text, noted_at, noted_by, blanked_at
  FROM order_note WHERE merchant_id = $1 AND order_id = ANY($2::uuid[]) ORDER BY order_id, number;

-- name: insert_notes
-- What somebody wrote.
INSERT INTO order_note (merchant_id, order_id, number, audience, text, noted_at, noted_by)
SELECT $1, n.* FROM unnest($2::uuid[], $3::smallint[], $4::text[], $5::text[], $6::timestamptz[], $7::text[]) AS n;

-- name: blank_notes
-- What they say is gone.
UPDATE order_note SET text = NULL, blanked_at = n.blanked_at
  FROM unnest($2::uuid[], $3::smallint[], $4::timestamptz[]) AS n (order_id, number, blanked_at)
 WHERE order_note.merchant_id = $1 AND order_note.order_id = n.order_id AND order_note.number = n.number;

-- name: read_tags
-- Tags of these orders.
SELECT order_id, tag FROM order_tag WHERE merchant_id = $1 AND order_id = ANY($2::uuid[]) ORDER BY order_id, tag;

-- name: add_tags
-- Orders get tags.
INSERT INTO order_tag (merchant_id, tag, order_id) SELECT $1, t.* FROM unnest($2::text[], $3::uuid[]) AS t ON CONFLICT DO NOTHING;

-- name: remove_tags
-- Orders lose tags.
DELETE FROM order_tag AS t USING unnest($2::text[], $3::uuid[]) AS gone (tag, order_id)
 WHERE t.merchant_id = $1 AND t.tag = gone.tag AND t.order_id = gone.order_id;

-- name: read_said
-- What is said of these orders and their lines.
SELECT order_id, line_number, code, value FROM order_attribute WHERE merchant_id = $1 AND order_id = ANY($2::uuid[]);

-- name: save_said
-- What is said of orders and lines.
INSERT INTO order_attribute (merchant_id, order_id, line_number, code, value)
SELECT $1, s.* FROM unnest($2::uuid[], $3::smallint[], $4::text[], $5::text[]) AS s
    ON CONFLICT (merchant_id, order_id, line_number, code) DO UPDATE SET value = excluded.value;

-- name: remove_said
-- What is not said of them any more.
DELETE FROM order_attribute AS a USING unnest($2::uuid[], $3::smallint[], $4::text[]) AS gone (order_id, line_number, code)
 WHERE a.merchant_id = $1 AND a.order_id = gone.order_id AND a.line_number = gone.line_number AND a.code = gone.code;

-- name: read_details
-- What these orders carry that few do.
SELECT order_id, bill_to_id, risk_score, gift, may_split, tax_exemption, shop_currency, shop_rate, method
  FROM order_detail WHERE merchant_id = $1 AND order_id = ANY($2::uuid[]);

-- name: insert_relations
-- Which orders units went to, and came from.
INSERT INTO order_relation (merchant_id, order_id, other_id, how, related_at)
SELECT $1, r.* FROM unnest($2::uuid[], $3::uuid[], $4::text[], $5::timestamptz[]) AS r ON CONFLICT DO NOTHING;

-- name: read_buyers
-- What those of these orders carry that companies have on their account.
SELECT order_id, company_id, currency, purchase_order, search_key, unique_key, terms_days, due_on, owed_minor
  FROM company_order WHERE merchant_id = $1 AND order_id = ANY($2::uuid[]);
