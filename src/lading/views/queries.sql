-- Read-only compositions over the tables of several rooms. Each statement walks an index, and a test looks at the plans. Where the
-- planner might rather hash a whole table, LATERAL (... OFFSET 0) keeps the join a probe for each row.

-- name: read_names
-- The merchant's channels and locations (a few), and the products asked for.
SELECT 'channel' AS what, id, code, name FROM channel WHERE merchant_id = $1
UNION ALL
SELECT 'location', id, code, name FROM location WHERE merchant_id = $1
UNION ALL
SELECT 'sku', id, code, name FROM sku WHERE merchant_id = $1 AND id = ANY($2::uuid[]);

-- name: read_actors
-- The names of the people and keys that events name.
SELECT 'user:' || id, name FROM login WHERE merchant_id = $1 AND id = ANY($2::uuid[])
UNION ALL
SELECT 'key:' || prefix, name FROM api_key WHERE merchant_id = $1 AND prefix = ANY($3::text[]);

-- name: walk_newest
-- Orders by date, the newest first: the ids are dated.
SELECT id, number, channel_id, customer_id, stage, lifecycle, payment_status, queued_at, ship_by
  FROM orders WHERE merchant_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3;

-- name: walk_queue
-- One queue, the longest waiting first.
SELECT id, number, channel_id, customer_id, stage, lifecycle, payment_status, queued_at, ship_by
  FROM orders WHERE merchant_id = $1 AND stage = $2 AND stage <> 'done' AND (queued_at, id) > ($3, $4)
 ORDER BY queued_at, id LIMIT $5;

-- name: walk_due
-- Open orders with a date to leave by, the most urgent first.
SELECT id, number, channel_id, customer_id, stage, lifecycle, payment_status, queued_at, ship_by
  FROM orders
 WHERE merchant_id = $1 AND ship_by IS NOT NULL AND lifecycle IN ('open', 'on_hold') AND stage <> 'with_carrier' AND (ship_by, id) > ($2, $3)
 ORDER BY ship_by, id LIMIT $4;

-- name: attributes
-- What can be said of orders, lines and products.
SELECT subject, code, name, type, allowed, required, filterable, active, version FROM attribute
 WHERE merchant_id = $1 AND ($2::text IS NULL OR subject = $2) ORDER BY subject = 'product', subject = 'line', code;

-- name: order_attributes
-- What is said of one order and its lines.
SELECT line_number, code, value FROM order_attribute WHERE merchant_id = $1 AND order_id = $2 ORDER BY line_number, code;

-- name: walk_attribute
-- Orders of which this is said, or of a line of which it is, the newest first.
SELECT o.id, o.number, o.channel_id, o.customer_id, o.stage, o.lifecycle, o.payment_status, o.queued_at, o.ship_by
  FROM (SELECT DISTINCT order_id FROM order_attribute
         WHERE merchant_id = $1 AND code = $2 AND value = $3 AND order_id < $4 ORDER BY order_id DESC LIMIT $5) AS a
  JOIN LATERAL (SELECT * FROM orders WHERE merchant_id = $1 AND id = a.order_id OFFSET 0) AS o ON true
 ORDER BY o.id DESC;

-- name: orders_with_attribute
-- Of which of these orders it is said.
SELECT order_id AS id FROM order_attribute WHERE merchant_id = $1 AND order_id = ANY($2::uuid[]) AND code = $3 AND value = $4;

-- name: filterable
-- Whether lists can be filtered by it.
SELECT 1 FROM attribute WHERE merchant_id = $1 AND subject IN ('order', 'line') AND code = $2 AND filterable LIMIT 1;

-- name: values_of_products
-- What is said of these products.
SELECT sku_id, code, value FROM product_attribute WHERE merchant_id = $1 AND sku_id = ANY($2::uuid[]) ORDER BY sku_id, code;

-- name: products_with
-- Products of which it is said.
SELECT a.sku_id AS id FROM product_attribute AS a
 WHERE a.merchant_id = $1 AND a.code = $2 AND a.value = $3
   AND EXISTS (SELECT FROM attribute AS d WHERE d.merchant_id = $1 AND d.subject = 'product' AND d.code = $2 AND d.filterable) LIMIT $4;

-- name: walk_tag
-- Orders with a tag, the newest first.
SELECT o.id, o.number, o.channel_id, o.customer_id, o.stage, o.lifecycle, o.payment_status, o.queued_at, o.ship_by
  FROM order_tag AS t
  JOIN LATERAL (SELECT * FROM orders WHERE merchant_id = $1 AND id = t.order_id OFFSET 0) AS o ON true
 WHERE t.merchant_id = $1 AND t.tag = $2 AND t.order_id < $3 ORDER BY t.order_id DESC LIMIT $4;

-- name: walk_lost
-- Orders (all, or of these) of which a carrier lost units that nobody has written off, the newest first, and since when: what was refunded
-- without a return was written off.
SELECT o.id, o.number, o.channel_id, o.customer_id, o.stage, o.lifecycle, o.payment_status, o.queued_at, o.ship_by,
       (SELECT min(p.status_at) FROM parcel AS p WHERE p.merchant_id = $1 AND p.order_id = o.id AND p.status = 'lost') AS since
  FROM (SELECT DISTINCT l.order_id FROM order_line AS l
         WHERE l.merchant_id = $1 AND l.lost > 0 AND l.order_id < $3 AND ($2::uuid[] IS NULL OR l.order_id = ANY($2::uuid[]))
           AND l.lost > l.refunded - (SELECT coalesce(sum(r.refunded), 0) FROM return_line AS r
                                       WHERE r.merchant_id = $1 AND r.order_id = l.order_id AND r.line_number = l.number)
         ORDER BY l.order_id DESC LIMIT $4) AS lost
  JOIN LATERAL (SELECT * FROM orders WHERE merchant_id = $1 AND id = lost.order_id OFFSET 0) AS o ON true
 ORDER BY o.id DESC;

-- name: orders_with_tag
-- Which of these orders have the tag.
SELECT order_id AS id FROM order_tag WHERE merchant_id = $1 AND tag = $3 AND order_id = ANY($2::uuid[]);

-- name: tags_in_use
-- All tags, each found by one step in the index.
WITH RECURSIVE next AS (
    (SELECT tag FROM order_tag WHERE merchant_id = $1 AND tag > $2 ORDER BY tag LIMIT 1)
    UNION ALL
    SELECT (SELECT t.tag FROM order_tag AS t WHERE t.merchant_id = $1 AND t.tag > next.tag ORDER BY t.tag LIMIT 1)
      FROM next WHERE next.tag IS NOT NULL)
SELECT tag FROM next WHERE tag IS NOT NULL LIMIT $3;

-- name: order_facts
-- What filters look at, the newest first.
SELECT id, number, channel_id, customer_id, stage, lifecycle, payment_status, queued_at, ship_by
  FROM orders WHERE merchant_id = $1 AND id = ANY($2::uuid[]) ORDER BY id DESC;

-- name: order_rows
-- Orders as lists show them.
SELECT o.id, o.number, o.placed_at, c.code AS channel, o.external_reference,
       coalesce(p.name, (SELECT f.name FROM company_order AS b JOIN company AS f ON f.merchant_id = $1 AND f.id = b.company_id
                          WHERE b.merchant_id = $1 AND b.order_id = o.id)) AS customer, a.country, o.charged_minor, o.currency,
       o.stage, o.lifecycle, o.fulfillment_status, o.payment_status, o.queued_at, o.ship_by, o.active_holds, o.version, o.ordered,
       o.cancelled, o.open, o.backordered, o.allocated, o.released, o.picked, o.packed, o.in_transit, o.delivered, o.sent_back, o.lost,
       o.return_requested, o.returning, o.returned,
       ARRAY(SELECT t.tag FROM order_tag AS t WHERE t.merchant_id = $1 AND t.order_id = o.id ORDER BY t.tag) AS tags
  FROM orders AS o
  LEFT JOIN channel AS c ON c.merchant_id = $1 AND c.id = o.channel_id
  LEFT JOIN LATERAL (SELECT name FROM party_version WHERE merchant_id = $1 AND id = o.party_version_id OFFSET 0) AS p ON true
  LEFT JOIN LATERAL (SELECT country FROM address_version WHERE merchant_id = $1 AND id = o.ship_to_id OFFSET 0) AS a ON true
 WHERE o.merchant_id = $1 AND o.id = ANY($2::uuid[]);

-- name: active_holds
-- Why orders wait.
SELECT order_id, kind FROM hold WHERE merchant_id = $1 AND order_id = ANY($2::uuid[]) AND released_at IS NULL ORDER BY order_id, number;

-- name: holds_that_stand
-- All holds that stand, the oldest first, each with its order.
SELECT h.order_id, h.number, h.kind, h.note, h.placed_at, h.stops, h.lines, h.fulfillment_orders, h.reason, h.expires_at, h.placed_by,
       o.number AS order_number, o.version, o.stage, o.charged_minor, o.adjusted_minor, o.currency, o.placed_at AS ordered_at,
       o.ship_by, c.code AS channel, p.name AS customer
  FROM (SELECT * FROM hold
         WHERE merchant_id = $1 AND released_at IS NULL AND (placed_at, order_id, number) > ($2, $3, $4)
           AND ($5::text IS NULL OR kind = $5) AND ($6::text IS NULL OR $6 = ANY(stops))
         ORDER BY placed_at, order_id, number LIMIT $7) AS h
  JOIN orders AS o ON o.merchant_id = $1 AND o.id = h.order_id
  LEFT JOIN channel AS c ON c.merchant_id = $1 AND c.id = o.channel_id
  LEFT JOIN LATERAL (SELECT name FROM party_version WHERE merchant_id = $1 AND id = o.party_version_id OFFSET 0) AS p ON true
 ORDER BY h.placed_at, h.order_id, h.number;

-- name: orders_at_location
-- Which of these orders a location gives (or gave) something for.
SELECT order_id AS id FROM allocation WHERE merchant_id = $1 AND order_id = ANY($2::uuid[]) AND location_id = $3
UNION
SELECT order_id FROM fulfillment_order WHERE merchant_id = $1 AND order_id = ANY($2::uuid[]) AND location_id = $3;

-- name: order_by_number
-- An order by the number that people use.
SELECT id FROM orders WHERE merchant_id = $1 AND number = $2;

-- name: orders_by_reference
-- A range on the key of each channel; the highest references first, for channels count upwards.
SELECT found.id
  FROM unnest($2::uuid[]) AS channel (id)
 CROSS JOIN LATERAL (
       SELECT o.id FROM orders AS o
        WHERE o.merchant_id = $1 AND o.channel_id = channel.id AND o.external_reference >= $3 AND o.external_reference <= $4
        ORDER BY o.external_reference DESC LIMIT $5) AS found;

-- name: orders_by_tracking
-- Orders by the number on a parcel.
SELECT order_id FROM parcel WHERE merchant_id = $1 AND tracking_number = ANY($2::text[]) AND tracking_number IS NOT NULL LIMIT 200;

-- name: orders_of_customers
-- The newest orders of each customer below an id.
SELECT found.id
  FROM unnest($2::uuid[]) AS customer (id)
 CROSS JOIN LATERAL (
       SELECT o.id FROM orders AS o
        WHERE o.merchant_id = $1 AND o.customer_id = customer.id AND o.customer_id IS NOT NULL AND o.id < $3
        ORDER BY o.id DESC LIMIT $4) AS found
 ORDER BY found.id DESC LIMIT $4;

-- name: orders_of_sku_code
-- The newest orders that hold a product, by its code.
SELECT found.order_id
  FROM sku
 CROSS JOIN LATERAL (
       SELECT DISTINCT l.hours, l.order_id FROM order_line AS l
        WHERE l.merchant_id = $1 AND l.sku_id = sku.id AND l.order_id < $3 AND l.hours <= substring(uuid_send($3) FROM 1 FOR 3)
        ORDER BY l.hours DESC, l.order_id DESC LIMIT $4) AS found
 WHERE sku.merchant_id = $1 AND sku.code = ANY($2::text[]);

-- name: customers_by_email
-- Customers by their normalised address.
SELECT DISTINCT customer_id FROM party_version WHERE merchant_id = $1 AND email_key = $2 AND email_key IS NOT NULL LIMIT $3;

-- name: customers_by_phone
-- Customers by the digits of their number.
SELECT DISTINCT customer_id FROM party_version WHERE merchant_id = $1 AND phone_key = $2 AND phone_key IS NOT NULL LIMIT $3;

-- name: subjects_by_words
-- Customers or products that have, for each word typed, a word that begins like it. The first word's range is walked at most
-- 5,000 terms far.
SELECT DISTINCT t.subject_id
  FROM (SELECT subject_id FROM search_term
         WHERE merchant_id = $1 AND word >= $3 AND word <= $4 AND subject_kind = $2
         ORDER BY word LIMIT 5000) AS t
 WHERE NOT EXISTS (
       SELECT 1 FROM unnest($5::text[], $6::text[]) AS typed (low, high)
        WHERE NOT EXISTS (SELECT 1 FROM search_term AS s
                           WHERE s.merchant_id = $1 AND s.subject_id = t.subject_id AND s.word >= typed.low AND s.word <= typed.high))
 LIMIT $7;

-- name: order_exists
-- Whether there is such an order.
SELECT id FROM orders WHERE merchant_id = $1 AND id = $2;

-- name: order_head
-- One order with its people, as it knew them.
SELECT o.*, c.code AS channel, c.name AS channel_name, p.name AS customer, p.email, p.phone, a.country AS ship_country,
       a.name AS ship_name, a.company AS ship_company, a.line1 AS ship_line1, a.line2 AS ship_line2, a.city AS ship_city,
       a.region AS ship_region, a.postal_code AS ship_postal_code, d.method, coalesce(d.gift, false) AS gift, d.tax_exemption,
       d.shop_currency, d.shop_rate, d.language,
       ARRAY(SELECT t.tag FROM order_tag AS t WHERE t.merchant_id = $1 AND t.order_id = o.id ORDER BY t.tag) AS tags,
       f.code AS company_code, f.name AS company_name, b.purchase_order, b.terms_days, b.due_on, b.owed_minor
  FROM orders AS o
  LEFT JOIN channel AS c ON c.merchant_id = $1 AND c.id = o.channel_id
  LEFT JOIN party_version AS p ON p.merchant_id = $1 AND p.id = o.party_version_id
  LEFT JOIN address_version AS a ON a.merchant_id = $1 AND a.id = o.ship_to_id
  LEFT JOIN order_detail AS d ON d.merchant_id = $1 AND d.order_id = o.id
  LEFT JOIN company_order AS b ON b.merchant_id = $1 AND b.order_id = o.id
  LEFT JOIN company AS f ON f.merchant_id = $1 AND f.id = b.company_id
 WHERE o.merchant_id = $1 AND o.id = $2;

-- name: to_approve
-- Orders with a hold that waits for an approval, and drafts that do, the longest waiting first.
SELECT * FROM (
    (SELECT 'order' AS kind, o.number, o.id, o.version, h.placed_at AS since, p.name AS customer, f.code AS company,
            o.charged_minor + o.adjusted_minor AS total_minor, o.currency
       FROM hold AS h
       JOIN orders AS o ON o.merchant_id = $1 AND o.id = h.order_id
       LEFT JOIN party_version AS p ON p.merchant_id = $1 AND p.id = o.party_version_id
       LEFT JOIN company_order AS b ON b.merchant_id = $1 AND b.order_id = o.id
       LEFT JOIN company AS f ON f.merchant_id = $1 AND f.id = b.company_id
      WHERE h.merchant_id = $1 AND h.released_at IS NULL AND h.kind = 'approval' AND (h.placed_at, h.order_id) > ($2, $3)
        AND o.lifecycle <> 'cancelled'
      ORDER BY h.placed_at, h.order_id LIMIT $4)
    UNION ALL
    (SELECT 'draft', d.number, d.id, d.version, d.created_at, p.name, f.code, d.total_minor, d.currency
       FROM draft AS d
       LEFT JOIN party_version AS p ON p.merchant_id = $1 AND p.id = d.party_version_id
       LEFT JOIN company AS f ON f.merchant_id = $1 AND f.id = d.company_id
      WHERE d.merchant_id = $1 AND d.approval = 'needed' AND d.status IN ('draft', 'sent', 'accepted')
        AND (d.expires_at IS NULL OR d.expires_at > now()) AND (d.created_at, d.id) > ($2, $3)
      ORDER BY d.created_at, d.id LIMIT $4)) AS waiting
 ORDER BY since, id LIMIT $4;

-- name: walk_subscriptions
-- Subscriptions with what they order, the newest first.
SELECT s.*, d.number AS draft_number, d.total_minor, d.currency, d.channel_id, p.name AS customer, f.code AS company
  FROM subscription AS s
  JOIN draft AS d ON d.merchant_id = $1 AND d.id = s.draft_id
  LEFT JOIN party_version AS p ON p.merchant_id = $1 AND p.id = d.party_version_id
  LEFT JOIN company AS f ON f.merchant_id = $1 AND f.id = d.company_id
 WHERE s.merchant_id = $1 AND s.id < $2 AND ($3::text IS NULL OR s.status = $3) ORDER BY s.id DESC LIMIT $4;

-- name: subscription_row
-- One subscription, by id or by the number that people use.
SELECT s.*, d.number AS draft_number, d.total_minor, d.currency, d.channel_id, p.name AS customer, f.code AS company
  FROM subscription AS s
  JOIN draft AS d ON d.merchant_id = $1 AND d.id = s.draft_id
  LEFT JOIN party_version AS p ON p.merchant_id = $1 AND p.id = d.party_version_id
  LEFT JOIN company AS f ON f.merchant_id = $1 AND f.id = d.company_id
 WHERE s.merchant_id = $1 AND (s.id = $2::uuid OR s.number = $3::bigint);

-- name: orders_of_subscription
-- Orders by the references that a subscription gives them, the newest first.
SELECT number, placed_at, charged_minor, adjusted_minor, currency, stage FROM orders
 WHERE merchant_id = $1 AND channel_id = $2 AND external_reference = ANY($3::text[]) ORDER BY placed_at DESC;

-- name: walk_companies
-- Companies by code.
SELECT id, code, name, "group", terms_days, active, version FROM company
 WHERE merchant_id = $1 AND code > $2 AND ($3::text IS NULL OR "group" = $3) ORDER BY code LIMIT $4;

-- name: company_row
-- One company.
SELECT * FROM company WHERE merchant_id = $1 AND code = $2;

-- name: company_people
-- Who the contacts of a company are.
SELECT id, name, email, phone FROM party_version WHERE merchant_id = $1 AND id = ANY($2::uuid[]);

-- name: company_places
-- Where a company is.
SELECT id, country, name, company, line1, line2, city, region, postal_code FROM address_version
 WHERE merchant_id = $1 AND id = ANY($2::uuid[]);

-- name: company_credit
-- What companies owe, and may owe.
SELECT company_id, currency, limit_minor, exposure_minor FROM company_credit
 WHERE merchant_id = $1 AND company_id = ANY($2::uuid[]) ORDER BY company_id, currency;

-- name: walk_receivables
-- Orders that companies have not paid, the longest due first; `billed_minor` is what invoices that were due before today ($7) have billed,
-- NULL where none was issued.
SELECT c.order_id, c.purchase_order, c.terms_days, c.due_on, c.owed_minor, c.currency, o.number AS order_number, o.captured_minor,
       o.refunded_minor, f.code AS company, f.name AS company_name,
       (SELECT coalesce(sum(i.total_minor) FILTER (WHERE i.issued_on + c.terms_days < $7::date), 0)::bigint FROM invoice AS i
         WHERE i.merchant_id = $1 AND i.order_id = c.order_id HAVING count(*) > 0) AS billed_minor
  FROM company_order AS c
  JOIN orders AS o ON o.merchant_id = $1 AND o.id = c.order_id
  JOIN company AS f ON f.merchant_id = $1 AND f.id = c.company_id
 WHERE c.merchant_id = $1 AND c.owed_minor > 0 AND c.due_on IS NOT NULL AND (c.due_on, c.order_id) > ($2, $3) AND c.due_on <= $4
   AND ($5::uuid IS NULL OR c.company_id = $5)
 ORDER BY c.due_on, c.order_id LIMIT $6;

-- name: orders_by_purchase_order
-- Orders by the number that a company gave them, or what it begins with.
SELECT order_id FROM company_order
 WHERE merchant_id = $1 AND search_key >= $2 AND search_key <= $3 AND search_key IS NOT NULL ORDER BY search_key, order_id LIMIT $4;

-- name: walk_price_lists
-- Price lists by code: all, or those of one company and of its group.
SELECT l.*, f.code AS company
  FROM price_list AS l LEFT JOIN company AS f ON f.merchant_id = $1 AND f.id = l.company_id
 WHERE l.merchant_id = $1 AND l.code > $2
   AND ($3::text IS NULL OR f.code = $3
        OR l.company_group = (SELECT c."group" FROM company AS c WHERE c.merchant_id = $1 AND c.code = $3))
 ORDER BY l.code LIMIT $4;

-- name: price_list_row
-- One price list.
SELECT l.*, f.code AS company FROM price_list AS l LEFT JOIN company AS f ON f.merchant_id = $1 AND f.id = l.company_id
 WHERE l.merchant_id = $1 AND l.code = $2;

-- name: price_list_items
-- What a list says of products.
SELECT i.sku_id, i.from_quantities, i.unit_prices, i.minimum, i.multiple, s.code AS sku, s.name
  FROM price_list_item AS i JOIN sku AS s ON s.merchant_id = $1 AND s.id = i.sku_id
 WHERE i.merchant_id = $1 AND i.list_id = $2 AND i.sku_id > $3 ORDER BY i.sku_id LIMIT $4;

-- name: order_lines
-- The lines of one order with their products, and where they go that do not go where the order goes.
SELECT l.*, s.code AS sku, s.name, p.promised_at, c.code AS pickup, a.country AS ship_country, a.name AS ship_name, a.company AS ship_company,
       a.line1 AS ship_line1, a.line2 AS ship_line2, a.city AS ship_city, a.region AS ship_region, a.postal_code AS ship_postal_code
  FROM order_line AS l LEFT JOIN sku AS s ON s.merchant_id = $1 AND s.id = l.sku_id
  LEFT JOIN location AS c ON c.merchant_id = $1 AND c.id = l.pickup_location_id
  LEFT JOIN promise AS p ON p.merchant_id = $1 AND p.order_id = l.order_id AND p.line_number = l.number
  LEFT JOIN address_version AS a ON a.merchant_id = $1 AND a.id = l.ship_to_id
 WHERE l.merchant_id = $1 AND l.order_id = $2 ORDER BY l.number;

-- name: order_charges
-- What was charged beside the goods.
SELECT number, line_number, kind, code, amount_minor, rate, included, applies_to, source, added
  FROM charge WHERE merchant_id = $1 AND order_id = $2 ORDER BY number, line_number;

-- name: order_tenders
-- How it was paid.
SELECT number, kind, reference, authorised_minor, captured_minor, refunded_minor, voided_minor, authorising_minor, capturing_minor,
       voiding_minor, refunding_minor, once, provider, expires_at, expected_minor
  FROM tender WHERE merchant_id = $1 AND order_id = $2 ORDER BY number;

-- name: order_holds
-- What stopped it, and what stops it still.
SELECT number, kind, note, placed_at, released_at, stops, lines, fulfillment_orders, reason, expires_at, placed_by, released_by
  FROM hold WHERE merchant_id = $1 AND order_id = $2 ORDER BY number;

-- name: order_relations
-- Which orders units of it went to, or came from.
SELECT o.number, r.how FROM order_relation AS r JOIN orders AS o ON o.merchant_id = $1 AND o.id = r.other_id
 WHERE r.merchant_id = $1 AND r.order_id = $2 ORDER BY r.related_at, o.number;

-- name: order_notes
-- What people wrote on it.
SELECT number, audience, text, noted_at, noted_by, blanked_at
  FROM order_note WHERE merchant_id = $1 AND order_id = $2 ORDER BY number;

-- name: order_edits
-- What was prepared for it.
SELECT number, version, begun_at, begun_by, fields, shown, status, closed_at, expires_at
  FROM order_edit WHERE merchant_id = $1 AND order_id = $2 ORDER BY number;

-- name: walk_edits
-- Edits that wait to be confirmed or dropped, the oldest first, each with its order.
SELECT e.order_id, e.number, e.version, e.begun_at, e.begun_by, e.fields, e.shown, e.status, e.closed_at, e.expires_at, o.number AS order_number,
       o.version AS order_version
  FROM order_edit AS e
  JOIN LATERAL (SELECT number, version FROM orders WHERE merchant_id = $1 AND id = e.order_id OFFSET 0) AS o ON true
 WHERE e.merchant_id = $1 AND e.status = 'begun' AND (e.begun_at, e.order_id, e.number) > ($2, $3, $4)
 ORDER BY e.begun_at, e.order_id, e.number LIMIT $5;

-- name: order_allocations
-- Where its units lie.
SELECT a.number, a.line_number, a.lot, a.fulfillment_order, a.allocated, a.released, a.picked, a.packed, a.ship_on, l.code AS location
  FROM allocation AS a LEFT JOIN location AS l ON l.merchant_id = $1 AND l.id = a.location_id
 WHERE a.merchant_id = $1 AND a.order_id = $2 ORDER BY a.number;

-- name: order_fulfillment_orders
-- Which locations were asked to send it.
SELECT f.number, f.released_at, f.priority, f.released, f.picked, f.packed, f.handed_over, f.withdrawn, f.rejected, f.short, f.stage, f.ship_on,
       f.request, f.answer_by, f.scheduled_for, f.pickup_location_id = f.location_id AS collected, l.code AS location,
       (SELECT concat_ws(' ', w.name, w.city, w.country) FROM address_version AS w
         WHERE w.merchant_id = $1 AND w.id = f.ship_to_id) AS ships_to,
       (SELECT coalesce(sum(a.put_back), 0)::int FROM allocation AS a
         WHERE a.merchant_id = $1 AND a.order_id = f.order_id AND a.fulfillment_order = f.number) AS to_put_back
  FROM fulfillment_order AS f LEFT JOIN location AS l ON l.merchant_id = $1 AND l.id = f.location_id
 WHERE f.merchant_id = $1 AND f.order_id = $2 ORDER BY f.number;

-- name: order_parcels
-- Its parcels and what the carrier said last.
SELECT p.number, p.fulfillment_order, p.status, p.status_at, p.carrier, p.tracking_number, p.weight_grams, p.carton, p.sscc, p.packed_at, p.shipped_at,
       p.delivered_at, l.code AS location, u.collect_by, u.parcel IS NOT NULL AND u.ended_at IS NULL AND p.status = 'packed' AS ready,
       c.code AS pickup, l.country AS from_country,
       coalesce(c.country, (SELECT w.country FROM address_version AS w WHERE w.merchant_id = $1 AND w.id = f.ship_to_id)) AS to_country
  FROM parcel AS p
  JOIN fulfillment_order AS f ON f.merchant_id = $1 AND f.order_id = p.order_id AND f.number = p.fulfillment_order
  LEFT JOIN location AS l ON l.merchant_id = $1 AND l.id = p.location_id
  LEFT JOIN location AS c ON c.merchant_id = $1 AND c.id = f.pickup_location_id
  LEFT JOIN pickup AS u ON u.merchant_id = $1 AND u.order_id = p.order_id AND u.parcel = p.number
 WHERE p.merchant_id = $1 AND p.order_id = $2 ORDER BY p.number;

-- name: order_parcel_lines
-- What lies in its parcels.
SELECT parcel, line_number, quantity FROM parcel_line WHERE merchant_id = $1 AND order_id = $2 ORDER BY parcel, line_number;

-- name: order_returns
-- What the customer sends back.
SELECT number, reference, reason, requested_at, closed_at FROM return_order WHERE merchant_id = $1 AND order_id = $2 ORDER BY number;

-- name: order_return_lines
-- What comes back of each line.
SELECT r.return_number, r.line_number, r.requested, r.withdrawn, r.received, r.restocked, r.damaged, r.scrapped, r.refunded,
       r.refunded_minor, l.code AS location
  FROM return_line AS r LEFT JOIN location AS l ON l.merchant_id = $1 AND l.id = r.location_id
 WHERE r.merchant_id = $1 AND r.order_id = $2 ORDER BY r.return_number, r.line_number;

-- name: timeline
-- The events of one subject below a position, the newest first. Materialised: the index of the subject, never a walk down the journal.
WITH mine AS MATERIALIZED (
    SELECT position, event_id, kind, version, subject_kind, subject_id, occurred_at, recorded_at, actor, command_id, data
      FROM event WHERE merchant_id = $1 AND subject_id = $2)
SELECT * FROM mine WHERE position < $3 ORDER BY position DESC LIMIT $4;

-- name: order_born
-- The event with which an order began.
WITH mine AS MATERIALIZED (
    SELECT position, event_id, kind, version, subject_kind, subject_id, occurred_at, recorded_at, actor, command_id, data
      FROM event WHERE merchant_id = $1 AND subject_id = $2)
SELECT * FROM mine ORDER BY position LIMIT 1;

-- name: sourcing_decisions
-- What was decided of where an order comes from, the newest first.
SELECT position, kind, occurred_at, data FROM event
 WHERE merchant_id = $1 AND subject_id = $2
   AND (kind = ANY('{order_placed,order_sourced}') OR data ? 'why' OR data ? 'resourced' OR (kind = 'order_edited' AND data ? 'allocations'))
 ORDER BY position DESC LIMIT 20;

-- name: latest_decisions
-- The last decision about each of these orders. Materialised: the index of the subject, never a walk down the journal.
SELECT o.id AS subject_id, e.position, e.kind, e.occurred_at, e.data
  FROM unnest($2::uuid[]) AS o (id)
 CROSS JOIN LATERAL (
       SELECT position, kind, occurred_at, data FROM (
              SELECT position, kind, occurred_at, data FROM event WHERE merchant_id = $1 AND subject_id = o.id OFFSET 0) AS mine
        WHERE kind = ANY('{order_placed,order_sourced}') OR data ? 'why' OR data ? 'resourced'
           OR (kind = 'order_edited' AND data ? 'allocations')
        ORDER BY position DESC LIMIT 1) AS e;

-- name: priorities
-- Who fills first.
SELECT id, priority FROM location WHERE merchant_id = $1;

-- name: sourcing_rules_saved
-- The rules of sourcing in force.
SELECT version, value, set_at, set_by FROM policy
 WHERE merchant_id = $1 AND name = 'sourcing_rules' AND scope_kind = 'merchant' AND superseded_by IS NULL;

-- name: latest_previews
-- The newest previews of sourcing again: ids are dated.
SELECT id FROM sourcing_preview WHERE merchant_id = $1 ORDER BY id DESC LIMIT 20;

-- name: orders_of_preview
-- Where the orders of a preview stand, and whether it was carried out for them.
SELECT o.id, o.version,
       EXISTS (SELECT FROM event AS e WHERE e.merchant_id = $1 AND e.subject_id = o.id AND e.kind = 'order_resourced'
                  AND e.data->>'preview' = $3 OFFSET 0) AS done
  FROM orders AS o WHERE o.merchant_id = $1 AND o.id = ANY($2::uuid[]);

-- name: codes_of_skus
-- Codes of products by id.
SELECT id, code FROM sku WHERE merchant_id = $1 AND id = ANY($2::uuid[]);

-- name: sku_of_lines
-- The products of the lines of one order.
SELECT l.number, l.sku_id, o.currency
  FROM orders AS o JOIN order_line AS l ON l.merchant_id = $1 AND l.order_id = o.id
 WHERE o.merchant_id = $1 AND o.id = $2;

-- name: head_position
-- The position of the last event.
SELECT coalesce((SELECT position FROM journal_head WHERE merchant_id = $1), 0);

-- name: recorded_at
-- When an event was recorded.
SELECT recorded_at FROM event WHERE merchant_id = $1 AND position = $2;

-- name: product_by_code
-- A product by its code.
SELECT id, code, name FROM sku WHERE merchant_id = $1 AND code = $2;

-- name: product_by_id
-- A product by its id.
SELECT id, code, name FROM sku WHERE merchant_id = $1 AND id = $2;

-- name: print_jobs
-- Print jobs, the newest first: all, of a station, of a status.
SELECT id, station, kind, of, format, copies, asked_at, status, attempts, trouble
  FROM print_job
 WHERE merchant_id = $1 AND (asked_at, id) < ($2, $3) AND ($4::text IS NULL OR station = $4) AND ($5::text IS NULL OR status = $5)
 ORDER BY asked_at DESC, id DESC LIMIT $6;

-- name: print_job
-- One print job, as it is made into a file.
SELECT kind, of, format, language, paper, sha256 FROM print_job WHERE merchant_id = $1 AND id = $2;

-- name: address_of_part
-- Where a fulfillment order goes that does not go where its order goes.
SELECT a.name AS ship_name, a.company AS ship_company, a.line1 AS ship_line1, a.line2 AS ship_line2, a.city AS ship_city,
       a.region AS ship_region, a.postal_code AS ship_postal_code, a.country AS ship_country
  FROM fulfillment_order AS f JOIN address_version AS a ON a.merchant_id = $1 AND a.id = f.ship_to_id
 WHERE f.merchant_id = $1 AND f.order_id = $2 AND f.number = $3;

-- name: wares
-- Products as papers know them.
SELECT code, name, gtin, weight_grams, hs_code, origin FROM sku WHERE merchant_id = $1 AND code = ANY($2::text[]);

-- name: bins_of
-- Where products lie at a location, the bin to be emptied first comes first.
SELECT s.code, b.lot, b.bin, b.quantity, coalesce(bin.sequence, 0) AS sequence
  FROM sku AS s
  JOIN bin_stock AS b ON b.merchant_id = $1 AND b.sku_id = s.id AND b.location_id = $2 AND b.quantity > 0
  LEFT JOIN bin ON bin.merchant_id = $1 AND bin.location_id = $2 AND bin.code = b.bin
 WHERE s.merchant_id = $1 AND s.code = ANY($3::text[])
 ORDER BY s.code, b.lot, bin.sequence, b.bin;

-- name: greetings
-- What is said to whoever gets the parcel.
SELECT text FROM order_note WHERE merchant_id = $1 AND order_id = $2 AND audience = 'recipient' AND text IS NOT NULL ORDER BY number;

-- name: names_in_parcel
-- The units with names in a parcel, by line.
SELECT line_number, ARRAY(SELECT jsonb_array_elements_text(serials)) FROM parcel_line
 WHERE merchant_id = $1 AND order_id = $2 AND parcel = $3 AND serials IS NOT NULL ORDER BY allocation;

-- name: left_location
-- The parcels that left a location in a time, by carrier.
SELECT o.number || '-P' || p.number AS name, p.tracking_number, p.sscc, p.weight_grams, p.carrier, a.country, a.postal_code,
       (SELECT sum(l.quantity)::int FROM parcel_line AS l WHERE l.merchant_id = $1 AND l.order_id = p.order_id AND l.parcel = p.number) AS units,
       p.shipped_at
  FROM parcel AS p
  JOIN orders AS o ON o.merchant_id = $1 AND o.id = p.order_id
  JOIN fulfillment_order AS f ON f.merchant_id = $1 AND f.order_id = p.order_id AND f.number = p.fulfillment_order
  LEFT JOIN address_version AS a ON a.merchant_id = $1 AND a.id = coalesce(f.ship_to_id, o.ship_to_id)
 WHERE p.merchant_id = $1 AND p.location_id = $2 AND p.shipped_at >= $3 AND p.shipped_at < $4 AND ($5::text IS NULL OR p.carrier = $5)
 ORDER BY p.carrier, o.number, p.number;

-- name: products_of_ids
-- Products by their ids.
SELECT id, code, name, gtin, weight_grams, length_mm, width_mm, height_mm, active, version, tracking, upright, fragile, keep_apart,
       hs_code, origin, tax_category
  FROM sku WHERE merchant_id = $1 AND id = ANY($2::uuid[]);

-- name: products_of_codes
-- Products by their codes.
SELECT id, code, name, gtin, weight_grams, length_mm, width_mm, height_mm, active, version, tracking, upright, fragile, keep_apart,
       hs_code, origin, tax_category
  FROM sku WHERE merchant_id = $1 AND code = ANY($2::text[]);

-- name: products_by_gtin
-- Products by the number of their bar code.
SELECT id FROM sku WHERE merchant_id = $1 AND gtin = $2 AND gtin IS NOT NULL LIMIT 100;

-- name: products_by_prefix
-- Products whose code begins so.
SELECT id FROM sku WHERE merchant_id = $1 AND code >= $2 AND code <= $3 ORDER BY code LIMIT $4;

-- name: walk_products
-- A page of products in the order of their codes.
SELECT id, code, name FROM sku WHERE merchant_id = $1 AND code > $2 ORDER BY code LIMIT $3;

-- name: walk_chosen_products
-- A page of chosen products in the order of their codes.
SELECT id, code, name FROM sku WHERE merchant_id = $1 AND id = ANY($2::uuid[]) AND code > $3 ORDER BY code LIMIT $4;

-- name: locations
-- All locations.
SELECT l.id, l.code, l.name, l.kind, l.time_zone, l.country, l.priority, l.active, l.version, g.code AS "group", l.address, l.capabilities,
       l.schedule
  FROM location AS l LEFT JOIN location_group AS g ON g.merchant_id = $1 AND g.id = l.group_id
 WHERE l.merchant_id = $1 ORDER BY l.priority, l.code;

-- name: location_groups
-- All groups, with the locations that stand in them.
SELECT g.id, g.code, g.name, g.parent_id, g.version,
       ARRAY(SELECT l.code FROM location AS l WHERE l.merchant_id = $1 AND l.group_id = g.id ORDER BY l.code) AS locations
  FROM location_group AS g WHERE g.merchant_id = $1;

-- name: location_schedule
-- When a location works.
SELECT id, time_zone, schedule FROM location WHERE merchant_id = $1 AND code = $2;

-- name: location_days
-- How much of these days is taken; a day that nobody booked has no row.
SELECT day, orders, units FROM capacity WHERE merchant_id = $1 AND location_id = $2 AND day = ANY($3::date[]);

-- name: scheduled_locations
-- Active locations that work by a schedule, by code.
SELECT id, code, time_zone, schedule FROM location WHERE merchant_id = $1 AND active AND schedule IS NOT NULL ORDER BY code;

-- name: days_of_locations
-- How much is taken of the days of these locations ($2) from $3 up to $4.
SELECT location_id, day, orders, units FROM capacity
 WHERE merchant_id = $1 AND location_id = ANY($2::uuid[]) AND day BETWEEN $3 AND $4;

-- name: channels
-- All channels.
SELECT id, code, name, version FROM channel WHERE merchant_id = $1 ORDER BY code;

-- name: stock_of_skus
-- Stock of these products at all locations.
SELECT lying.*
  FROM unnest($2::uuid[]) AS sku (id)
 CROSS JOIN LATERAL (
       SELECT sku_id, location_id, lot, available, reserved, allocated, picked, packed, damaged, quality_hold
         FROM stock WHERE merchant_id = $1 AND sku_id = sku.id OFFSET 0) AS lying;

-- name: skus_at_location
-- Which of these products have a row of stock at a location.
SELECT sku.id AS sku_id
  FROM unnest($2::uuid[]) AS sku (id)
 CROSS JOIN LATERAL (SELECT FROM stock WHERE merchant_id = $1 AND sku_id = sku.id AND location_id = $3 LIMIT 1) AS lying;

-- name: inbound_of_skus
-- Units of these products ($2, codes) that are to come, to one location ($3) or to all.
SELECT asked.code, coming.units
  FROM unnest($2::text[]) AS asked (code)
 CROSS JOIN LATERAL (SELECT id FROM sku WHERE merchant_id = $1 AND code = asked.code OFFSET 0) AS product
 CROSS JOIN LATERAL (
       SELECT sum(units)::int AS units
         FROM (SELECT expected AS units FROM purchase_order_line
                WHERE merchant_id = $1 AND sku_id = product.id AND expected > 0 AND location_id = coalesce($3::uuid, location_id)
               UNION ALL
               SELECT in_transit FROM transfer_line
                WHERE merchant_id = $1 AND sku_id = product.id AND in_transit > 0
                  AND to_location_id = coalesce($3::uuid, to_location_id)) AS line
       OFFSET 0) AS coming
 WHERE coming.units > 0;

-- name: walk_lines_of_sku
-- A product's order lines, those of the newest orders first: where their units stand.
SELECT l.order_id, l.number AS line, l.backordered, l.allocated, l.released, l.picked, l.packed
  FROM order_line AS l
 WHERE l.merchant_id = $1 AND l.sku_id = $2 AND l.order_id < $3 AND l.hours <= substring(uuid_send($3) FROM 1 FOR 3)
 ORDER BY l.hours DESC, l.order_id DESC LIMIT $4;

-- name: stock_moves_after
-- What the postings of events after a position did to the stock of these products. The event ids are dated, so only the younger end
-- of each product's postings is walked.
WITH later AS MATERIALIZED (
    SELECT p.sku_id, p.quantity, p.from_location_id, p.from_lot, p.from_bucket, p.to_location_id, p.to_lot, p.to_bucket
      FROM posting AS p
      JOIN event AS e ON e.merchant_id = $1 AND e.subject_id = p.subject_id AND e.event_id = p.event_id
     WHERE p.merchant_id = $1 AND p.sku_id = ANY($2::uuid[]) AND p.event_id >= $3 AND e.position > $4)
SELECT sku_id, location_id, lot, bucket, sum(change)::int AS change
  FROM (SELECT sku_id, from_location_id AS location_id, from_lot AS lot, from_bucket AS bucket, -quantity AS change FROM later
        UNION ALL
        SELECT sku_id, to_location_id, to_lot, to_bucket, quantity FROM later) AS ends
 WHERE location_id IS NOT NULL
 GROUP BY sku_id, location_id, lot, bucket;

-- name: postings_of_sku
-- A product's ledger along the primary key, the newest first.
SELECT event_id, number, subject_id, quantity, from_location_id, from_lot, from_bucket, to_location_id, to_lot, to_bucket, line_number,
       line_from, line_to, serial
  FROM posting WHERE merchant_id = $1 AND sku_id = $2 AND (event_id, number) < ($3, $4)
 ORDER BY event_id DESC, number DESC LIMIT $5;

-- name: events_of_postings
-- The events that postings belong to, each by its subject and id, and the number of the order that it concerns.
SELECT e.event_id, e.position, e.kind, e.occurred_at, e.recorded_at, e.actor, e.data ->> 'reason' AS reason, o.number AS order_number,
       e.data ->> 'document' AS document, coalesce('PO' || p.number, 'T' || t.number, 'C' || c.number, 'W' || w.number) AS task
  FROM unnest($2::uuid[], $3::uuid[]) AS wanted (subject_id, event_id)
 CROSS JOIN LATERAL (SELECT * FROM event
                      WHERE merchant_id = $1 AND subject_id = wanted.subject_id AND event_id = wanted.event_id
                      OFFSET 0) AS e
  LEFT JOIN orders AS o ON o.merchant_id = $1 AND o.id = e.subject_id AND e.subject_kind = 'order'
  LEFT JOIN purchase_order AS p ON p.merchant_id = $1 AND p.id = e.subject_id AND e.subject_kind = 'purchase_order'
  LEFT JOIN transfer AS t ON t.merchant_id = $1 AND t.id = e.subject_id AND e.subject_kind = 'transfer'
  LEFT JOIN stock_count AS c ON c.merchant_id = $1 AND c.id = e.subject_id AND e.subject_kind = 'count'
  LEFT JOIN work_order AS w ON w.merchant_id = $1 AND w.id = e.subject_id AND e.subject_kind = 'work_order';

-- name: promise_setup
-- Who may promise, and what is kept back there: active locations that ship with their schedules, their groups, one channel, the policies of
-- these names in all wide scopes, and whether any product has a safety stock of its own.
SELECT 'location' AS what, id, code, group_id AS above, schedule AS value, time_zone
  FROM location WHERE merchant_id = $1 AND active AND 'ship' = ANY(capabilities)
UNION ALL
SELECT 'group', id, code, parent_id, NULL, NULL FROM location_group WHERE merchant_id = $1
UNION ALL
SELECT 'channel', id, code, NULL, NULL, NULL FROM channel WHERE merchant_id = $1 AND code = $2
UNION ALL
SELECT name, scope_id, scope_kind, NULL, value, NULL FROM policy
 WHERE merchant_id = $1 AND superseded_by IS NULL AND value IS NOT NULL AND scope_kind = ANY('{merchant,channel,location}') AND name = ANY($3::text[])
UNION ALL
(SELECT 'of_products', NULL, '', NULL, NULL, NULL FROM policy
  WHERE merchant_id = $1 AND name = 'safety_stock' AND scope_kind = 'sku' AND superseded_by IS NULL AND value IS NOT NULL
  ORDER BY scope_id LIMIT 1);

-- name: safety_of_products
-- Products that have a safety stock of their own.
SELECT sku.code, p.value #>> '{}'
  FROM unnest($2::text[]) AS asked (code)
 CROSS JOIN LATERAL (SELECT id, code FROM sku WHERE merchant_id = $1 AND code = asked.code OFFSET 0) AS sku
 CROSS JOIN LATERAL (SELECT value FROM policy
                      WHERE merchant_id = $1 AND scope_kind = 'sku' AND scope_id = sku.id AND name = 'safety_stock'
                        AND superseded_by IS NULL AND value IS NOT NULL OFFSET 0) AS p;

-- name: hazardous_products
-- Those of these products ($2) that are dangerous goods.
SELECT sku.id
  FROM unnest($2::text[]) AS asked (code)
 CROSS JOIN LATERAL (SELECT id FROM sku WHERE merchant_id = $1 AND code = asked.code OFFSET 0) AS sku
 CROSS JOIN LATERAL (SELECT FROM policy
                      WHERE merchant_id = $1 AND scope_kind = 'sku' AND scope_id = sku.id AND name = 'hazardous'
                        AND superseded_by IS NULL AND value = 'true' OFFSET 0) AS p;

-- name: promisable
-- What products ($2) can promise now: free (at $16) at the places ($6, each with the numbers of its safety stock), less what is kept back there,
-- summed by product. $3 to $5: the numbers of a product's own rule, NULL where it has none; $10 to $12: those of the channel's buffer.
-- Demand is looked at only where $13. Places are told one by one where $14, otherwise those that lack some of what they keep (below zero).
-- Where $15, places to which something is to come count as well, even if nothing lies there: they too keep their safety stock.
-- Lots that are held, recalled, or last fewer than $17 days from today on where they lie (or as many as the product itself asks for)
-- promise nothing.
WITH place AS MATERIALIZED (
    SELECT p.* FROM unnest($6::uuid[], $7::int[], $8::int[], $9::int[]) WITH ORDINALITY AS p (id, units, percent, days, number))
SELECT asked.code, product.id, product.kit, product.limited, coalesce(sum(net.units) FILTER (WHERE net.units > 0), 0)::int AS units,
       array_agg(net.number) FILTER (WHERE net.units < 0 OR $14) AS places,
       array_agg(net.units) FILTER (WHERE net.units < 0 OR $14) AS by_place
  FROM unnest($2::text[], $3::int[], $4::int[], $5::int[]) AS asked (code, units, percent, days)
 CROSS JOIN LATERAL (SELECT id, kit, limited FROM sku WHERE merchant_id = $1 AND code = asked.code OFFSET 0) AS product
  LEFT JOIN LATERAL (
       SELECT place.number::int AS number,
              (lying.available - greatest(
                   coalesce(asked.units, place.units), $10,
                   (lying.on_hand * greatest(coalesce(asked.percent, place.percent), $11) + 99) / 100,
                   coalesce((demand.units * greatest(coalesce(asked.days, place.days), $12) + demand.days - 1) / demand.days, 0)))::int AS units
         FROM (SELECT location_id, sum(available) AS available, sum(on_hand) AS on_hand
                 FROM (SELECT location_id,
                              CASE WHEN lot <> '' AND EXISTS (
                                  SELECT FROM lot AS l
                                   WHERE l.merchant_id = $1 AND l.sku_id = product.id AND l.lot = stock.lot
                                     AND (l.status <> 'ok' OR l.expires_on < ($16::timestamptz AT TIME ZONE (
                                          SELECT time_zone FROM location WHERE merchant_id = $1 AND id = stock.location_id))::date + coalesce((
                                          SELECT p.value::text::int FROM policy AS p
                                           WHERE p.merchant_id = $1 AND p.scope_kind = 'sku' AND p.scope_id = product.id
                                             AND p.name = 'lot_min_days_left' AND p.superseded_by IS NULL AND p.value IS NOT NULL), $17::int)))
                              THEN 0 ELSE greatest(0, available - short + CASE WHEN reserved > 0 THEN (
                                  SELECT coalesce(sum(r.quantity), 0) FROM reservation_line AS r
                                   WHERE r.merchant_id = $1 AND r.sku_id = product.id AND r.location_id = stock.location_id
                                     AND r.lot = stock.lot AND r.expires_at <= $16 AND r.ended_as IS NULL)::int ELSE 0 END) END AS available,
                              available + reserved + allocated + picked + packed AS on_hand
                         FROM stock WHERE merchant_id = $1 AND sku_id = product.id
                       UNION ALL
                       SELECT location_id, 0, 0 FROM purchase_order_line
                        WHERE $15 AND merchant_id = $1 AND sku_id = product.id AND expected > 0
                       UNION ALL
                       SELECT to_location_id, 0, 0 FROM transfer_line
                        WHERE $15 AND merchant_id = $1 AND sku_id = product.id AND in_transit > 0) AS every
                GROUP BY location_id) AS lying
         JOIN place ON place.id = lying.location_id
         LEFT JOIN (SELECT location_id, units::bigint AS units, days FROM demand_rate
                     WHERE $13 AND merchant_id = $1 AND sku_id = product.id) AS demand ON demand.location_id = lying.location_id
       OFFSET 0) AS net ON true
 GROUP BY asked.code, product.id, product.kit, product.limited;

-- name: promisable_plainly
-- As promisable, where nothing is kept back anywhere: products ($2), places ($3), as of $4; lots as there ($5); places are told, each of
-- them as often as something lies there, only where $8. Where a date ($6) is asked for, also what is due by then less what is owed by then
-- (what is late is due at $7, what waits without a date is owed now), and whether something is owed later: then what arrives by the date is
-- not all there to be promised.
SELECT product.code, product.id, product.kit, product.limited, coalesce(lying.units, 0)::int AS units, coalesce(change.due, 0)::int AS due,
       coalesce(change.owed_later, false) AS owed_later, lying.places, lying.by_place
  FROM sku AS product
  LEFT JOIN LATERAL (
       SELECT sum(units) AS units, array_agg(location_id) FILTER (WHERE $8 AND units > 0) AS places,
              array_agg(units) FILTER (WHERE $8 AND units > 0) AS by_place
         FROM (SELECT location_id,                                                -- one walk of the key, not one probe for each location
                      CASE WHEN lot <> '' AND EXISTS (
                          SELECT FROM lot AS l
                           WHERE l.merchant_id = $1 AND l.sku_id = product.id AND l.lot = stock.lot
                             AND (l.status <> 'ok' OR l.expires_on < ($4::timestamptz AT TIME ZONE (
                                  SELECT time_zone FROM location WHERE merchant_id = $1 AND id = stock.location_id))::date + coalesce((
                                  SELECT p.value::text::int FROM policy AS p
                                   WHERE p.merchant_id = $1 AND p.scope_kind = 'sku' AND p.scope_id = product.id
                                     AND p.name = 'lot_min_days_left' AND p.superseded_by IS NULL AND p.value IS NOT NULL), $5::int)))
                      THEN 0 ELSE greatest(0, available - short + CASE WHEN reserved > 0 THEN (
                          SELECT coalesce(sum(r.quantity), 0) FROM reservation_line AS r
                           WHERE r.merchant_id = $1 AND r.sku_id = product.id AND r.location_id = stock.location_id
                             AND r.lot = stock.lot AND r.expires_at <= $4 AND r.ended_as IS NULL)::int ELSE 0 END) END AS units
                 FROM stock WHERE merchant_id = $1 AND sku_id = product.id OFFSET 0) AS every
        WHERE location_id = ANY($3::uuid[])) AS lying ON true
  LEFT JOIN LATERAL (
       SELECT sum(units) FILTER (WHERE at <= $6) AS due, bool_or(units < 0 AND at > $6) AS owed_later
         FROM (SELECT CASE WHEN due_at > $4 THEN due_at ELSE $7 END AS at, expected AS units
                 FROM purchase_order_line
                WHERE merchant_id = $1 AND sku_id = product.id AND expected > 0 AND location_id = ANY($3::uuid[])
               UNION ALL
               SELECT CASE WHEN due_at > $4 THEN due_at ELSE $7 END, in_transit
                 FROM transfer_line
                WHERE merchant_id = $1 AND sku_id = product.id AND in_transit > 0 AND to_location_id = ANY($3::uuid[])
               UNION ALL
               SELECT promised_at, -quantity FROM promise WHERE merchant_id = $1 AND sku_id = product.id
               UNION ALL
               SELECT $4, (SELECT coalesce(sum(quantity), 0) FROM promise WHERE merchant_id = $1 AND sku_id = product.id) - waiting
                 FROM (SELECT sum(waiting) AS waiting FROM backlog
                        WHERE merchant_id = $1 AND sku_id = product.id AND waiting > 0 HAVING count(*) > 0) AS undated) AS each
        WHERE $6::timestamptz IS NOT NULL OFFSET 0) AS change ON true
 WHERE product.merchant_id = $1 AND product.code = ANY($2::text[]);

-- name: kits_made_of
-- What kits ($2) are made of, and what policies say of each kit alone: whether it may go in parts, and be put together where it is short.
SELECT kit.id, c.per_kit, component.code, apart.value, short.value
  FROM unnest($2::uuid[]) AS kit (id)
  JOIN kit_component AS c ON c.merchant_id = $1 AND c.kit_id = kit.id
  JOIN sku AS component ON component.merchant_id = $1 AND component.id = c.sku_id
  LEFT JOIN policy AS apart ON apart.merchant_id = $1 AND apart.scope_kind = 'sku' AND apart.scope_id = kit.id
                           AND apart.name = 'kits_in_parts' AND apart.superseded_by IS NULL
  LEFT JOIN policy AS short ON short.merchant_id = $1 AND short.scope_kind = 'sku' AND short.scope_id = kit.id
                           AND short.name = 'assemble_when_short' AND short.superseded_by IS NULL
 ORDER BY kit.id, c.number;

-- name: expected_by_date
-- What is to come to these places and what is promised of it (no place, below zero), by product and moment. What is late counts from $4 on,
-- what waits without a date is owed now ($3), and all that is due by $5 counts as due then.
SELECT sku.id, change.location_id, greatest(change.at, $5) AS at, sum(change.units)::int AS units
  FROM unnest($2::uuid[]) AS sku (id)
 CROSS JOIN LATERAL (
       SELECT location_id, CASE WHEN due_at > $3 THEN due_at ELSE $4 END AS at, expected AS units
         FROM purchase_order_line WHERE merchant_id = $1 AND sku_id = sku.id AND expected > 0 AND location_id = ANY($6::uuid[])
       UNION ALL
       SELECT to_location_id, CASE WHEN due_at > $3 THEN due_at ELSE $4 END, in_transit
         FROM transfer_line WHERE merchant_id = $1 AND sku_id = sku.id AND in_transit > 0 AND to_location_id = ANY($6::uuid[])
       UNION ALL
       SELECT NULL, promised_at, -quantity FROM promise WHERE merchant_id = $1 AND sku_id = sku.id
       UNION ALL
       SELECT NULL, $3, (SELECT coalesce(sum(quantity), 0) FROM promise WHERE merchant_id = $1 AND sku_id = sku.id) - waiting
         FROM (SELECT sum(waiting) AS waiting FROM backlog
                WHERE merchant_id = $1 AND sku_id = sku.id AND waiting > 0 HAVING count(*) > 0) AS undated
       OFFSET 0) AS change
 GROUP BY 1, 2, 3;

-- name: changes_of_product
-- What is to come of these products ($2) and what is owed of them, with the documents that say so, by date.
SELECT 'purchase_order' AS kind, 'PO' || p.number AS document, l.location_id, l.due_at AS at, l.expected AS units, l.sku_id
  FROM purchase_order_line AS l JOIN purchase_order AS p ON p.merchant_id = $1 AND p.id = l.purchase_order_id
 WHERE l.merchant_id = $1 AND l.sku_id = ANY($2::uuid[]) AND l.expected > 0 AND l.location_id = ANY($3::uuid[])
UNION ALL
SELECT 'transfer', 'T' || t.number, l.to_location_id, l.due_at, l.in_transit, l.sku_id
  FROM transfer_line AS l JOIN transfer AS t ON t.merchant_id = $1 AND t.id = l.transfer_id
 WHERE l.merchant_id = $1 AND l.sku_id = ANY($2::uuid[]) AND l.in_transit > 0 AND l.to_location_id = ANY($3::uuid[])
UNION ALL
SELECT 'promise', coalesce(o.number::text, p.order_id::text), NULL, p.promised_at, -p.quantity, p.sku_id
  FROM promise AS p LEFT JOIN orders AS o ON o.merchant_id = $1 AND o.id = p.order_id
 WHERE p.merchant_id = $1 AND p.sku_id = ANY($2::uuid[])
UNION ALL
SELECT 'promise', o.number::text, NULL, NULL, -l.backordered, l.sku_id
  FROM order_line AS l JOIN orders AS o ON o.merchant_id = $1 AND o.id = l.order_id
 WHERE l.merchant_id = $1 AND l.sku_id = ANY($2::uuid[]) AND l.backordered > 0 AND (l.open > 0 OR l.backordered > 0)
   AND NOT EXISTS (SELECT FROM promise AS p WHERE p.merchant_id = $1 AND p.order_id = l.order_id AND p.line_number = l.number)
 ORDER BY at, kind, document LIMIT $4;

-- name: reservation_lines
-- Whole reservations with the numbers of the orders that they were converted into.
SELECT r.reservation_id, r.number, r.sku_id, r.location_id, r.lot, r.quantity, r.expires_at, r.channel_id, r.reference, r.ended_as,
       o.number AS order_number, g.code AS group_code
  FROM reservation_line AS r LEFT JOIN orders AS o ON o.merchant_id = $1 AND o.id = r.order_id
  LEFT JOIN location_group AS g ON g.merchant_id = $1 AND g.id = r.group_id
 WHERE r.merchant_id = $1 AND r.reservation_id = ANY($2::uuid[]) ORDER BY r.reservation_id, r.number;

-- name: walk_reservations
-- Reservations that have not ended, whose time is over first comes first.
SELECT DISTINCT expires_at, reservation_id FROM reservation_line
 WHERE merchant_id = $1 AND ended_as IS NULL AND (expires_at, reservation_id) > ($2, $3)
 ORDER BY expires_at, reservation_id LIMIT $4;

-- name: walk_reservations_of_sku
-- As walk_reservations, those that keep one product.
SELECT DISTINCT expires_at, reservation_id FROM reservation_line
 WHERE merchant_id = $1 AND sku_id = $2 AND ended_as IS NULL AND (expires_at, reservation_id) > ($3, $4)
 ORDER BY expires_at, reservation_id LIMIT $5;

-- name: feed
-- The feed: no gap, no transaction that is overtaken. No more than so many bytes as they are stored ($4), but one event at least: of the
-- largest ones the others are not even read.
SELECT position, event_id, kind, version, subject_kind, subject_id, occurred_at, recorded_at, actor, command_id, data
  FROM (SELECT *, sum(pg_column_size(data)) OVER (ORDER BY position) - pg_column_size(data) AS before
          FROM (SELECT * FROM event WHERE merchant_id = $1 AND position > $2 ORDER BY position LIMIT $3) AS e) AS e
 WHERE before < $4 ORDER BY position;

-- name: events_until
-- The events of one subject up to a position, the oldest first.
WITH mine AS MATERIALIZED (
    SELECT position, event_id, kind, occurred_at, recorded_at, actor, data FROM event WHERE merchant_id = $1 AND subject_id = $2)
SELECT * FROM mine WHERE position <= $3 ORDER BY position;

-- name: line_moves
-- What the postings of these events did to the lines of their order: a probe of the key for each product and event.
SELECT p.line_number, p.line_from, p.line_to, p.quantity
  FROM unnest($3::uuid[]) AS sku (id) CROSS JOIN unnest($4::uuid[]) AS event (id)
  JOIN posting AS p ON p.merchant_id = $1 AND p.sku_id = sku.id AND p.event_id = event.id
 WHERE p.subject_id = $2 AND p.line_number IS NOT NULL;

-- name: money_moves
-- The money that these events moved in one order.
SELECT debit, credit, amount_minor FROM money_posting WHERE merchant_id = $1 AND order_id = $2 AND event_id = ANY($3::uuid[]);

-- name: postings_of_events
-- The unit postings of these events.
SELECT p.event_id, p.sku_id, p.quantity, p.from_location_id, p.from_lot, p.from_bucket, p.to_location_id, p.to_lot, p.to_bucket,
       p.line_number, p.line_from, p.line_to
  FROM unnest($3::uuid[]) AS sku (id) CROSS JOIN unnest($4::uuid[]) AS event (id)
  JOIN posting AS p ON p.merchant_id = $1 AND p.sku_id = sku.id AND p.event_id = event.id
 WHERE p.subject_id = $2
 ORDER BY p.event_id, p.number;

-- name: money_of_events
-- The money postings of these events.
SELECT event_id, debit, credit, amount_minor, currency, tender_number
  FROM money_posting WHERE merchant_id = $1 AND order_id = $2 AND event_id = ANY($3::uuid[]) ORDER BY event_id, number;

-- name: queue_counts
-- How many orders stand in each queue, counted no further than the limit, and since when the first one does.
SELECT queue.stage,
       (SELECT count(*)::int FROM (SELECT FROM orders AS o WHERE o.merchant_id = $1 AND o.stage = queue.stage AND o.stage <> 'done'
                                    ORDER BY o.queued_at, o.id LIMIT $3) AS counted) AS waiting,
       (SELECT o.queued_at FROM orders AS o WHERE o.merchant_id = $1 AND o.stage = queue.stage AND o.stage <> 'done'
         ORDER BY o.queued_at, o.id LIMIT 1) AS oldest
  FROM unnest($2::text[]) AS queue (stage);

-- name: unmatched_count
-- How many unmatched returns wait, counted up to a limit.
SELECT count(*)::int, min(recorded_at)
  FROM (SELECT recorded_at FROM unmatched_return WHERE merchant_id = $1 ORDER BY recorded_at, id LIMIT $2) AS counted;

-- name: work_counts
-- The fulfillment orders of each location by queue, counted no further than the limit; the oldest is that of the counted ones.
SELECT l.code, queue.stage, counted.waiting, counted.oldest
  FROM location AS l
 CROSS JOIN unnest($2::text[]) AS queue (stage)
 CROSS JOIN LATERAL (
       SELECT count(*)::int AS waiting, min(released_at) AS oldest
         FROM (SELECT f.released_at FROM fulfillment_order AS f
                WHERE f.merchant_id = $1 AND f.location_id = l.id AND f.stage = queue.stage
                  AND f.stage IN ('to_pick', 'to_pack', 'to_hand_over')
                ORDER BY f.priority DESC, f.released_at, f.order_id LIMIT $3) AS walked) AS counted
 WHERE l.merchant_id = $1
 ORDER BY l.priority, l.code;

-- name: work
-- The fulfillment orders of a location in one queue after a key: the rest of the key's priority, then the lower ones.
SELECT f.order_id, f.number, f.priority, f.released_at, f.released, f.picked, f.packed, f.handed_over, f.withdrawn, f.ship_on,
       o.number AS order_number, o.ship_by,
       o.active_holds > 0 AND EXISTS (SELECT FROM hold AS h
                                       WHERE h.merchant_id = $1 AND h.order_id = f.order_id AND h.released_at IS NULL
                                         AND 'release' = ANY(h.stops) AND h.lines = '{}'
                                         AND (h.fulfillment_orders = '{}' OR f.number = ANY(h.fulfillment_orders))) AS held,
       (SELECT v.number FROM wave_order AS w JOIN wave AS v ON v.merchant_id = $1 AND v.id = w.wave_id
         WHERE w.merchant_id = $1 AND w.order_id = f.order_id AND w.fulfillment_order = f.number AND w.open) AS wave
  FROM ((SELECT * FROM fulfillment_order
          WHERE merchant_id = $1 AND location_id = $2 AND stage = $3 AND stage IN ('to_pick', 'to_pack', 'to_hand_over')
            AND priority = $4 AND (released_at, order_id) >= ($5, $6) AND (released_at, order_id, number) > ($5, $6, $7)
          ORDER BY priority DESC, released_at, order_id, number LIMIT $8)
        UNION ALL
        (SELECT * FROM fulfillment_order
          WHERE merchant_id = $1 AND location_id = $2 AND stage = $3 AND stage IN ('to_pick', 'to_pack', 'to_hand_over')
            AND priority < $4
          ORDER BY priority DESC, released_at, order_id, number LIMIT $8)) AS f
  JOIN orders AS o ON o.merchant_id = $1 AND o.id = f.order_id
 ORDER BY f.priority DESC, f.released_at, f.order_id, f.number LIMIT $8;

-- name: work_lines
-- What lies in these fulfillment orders.
SELECT a.order_id, a.fulfillment_order, a.line_number, a.lot, a.released, a.picked, a.packed, s.code AS sku, s.name
  FROM unnest($2::uuid[], $3::smallint[]) AS wanted (order_id, number)
  JOIN allocation AS a ON a.merchant_id = $1 AND a.order_id = wanted.order_id AND a.fulfillment_order = wanted.number
  LEFT JOIN sku AS s ON s.merchant_id = $1 AND s.id = a.sku_id
 ORDER BY a.order_id, a.number;

-- name: waiting_pickups
-- What waits at a location for its customers, after a key. A parcel that was taken apart meanwhile waits no more.
SELECT w.order_id, w.parcel, w.code, w.ready_at, w.collect_by, o.number AS order_number, v.name AS customer,
       (SELECT coalesce(sum(l.quantity), 0)::int FROM parcel_line AS l
         WHERE l.merchant_id = $1 AND l.order_id = w.order_id AND l.parcel = w.parcel) AS units
  FROM pickup AS w
  JOIN orders AS o ON o.merchant_id = $1 AND o.id = w.order_id
  JOIN parcel AS p ON p.merchant_id = $1 AND p.order_id = w.order_id AND p.number = w.parcel AND p.status = 'packed'
  LEFT JOIN party_version AS v ON v.merchant_id = $1 AND v.id = o.party_version_id
 WHERE w.merchant_id = $1 AND w.location_id = $2 AND w.ended_at IS NULL AND (w.ready_at, w.order_id, w.parcel) > ($3, $4, $5)
 ORDER BY w.ready_at, w.order_id, w.parcel LIMIT $6;

-- name: walk_waves
-- Waves, the newest first.
SELECT id, number, reference, location_id, method, status, orders, planned_at, released_at, closed_at, cancelled_at, version
  FROM wave WHERE merchant_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3;

-- name: wave_row
-- One wave, by id or by the number that people use.
SELECT id, number, reference, location_id, method, status, orders, planned_at, released_at, closed_at, cancelled_at, version
  FROM wave WHERE merchant_id = $1 AND (id = $2 OR number = $3);

-- name: wave_progress
-- How far the lists of these waves are. Of a task as much waits as its allocation has on the shelf; what it has not is gone.
SELECT t.wave_id, count(DISTINCT t.list)::int AS lists, sum(t.quantity)::int AS units, sum(t.picked)::int AS picked, sum(t.short)::int AS short,
       sum(least(t.quantity - t.picked - t.short - t.given_up, coalesce(a.released, 0)))::int AS waiting,
       sum(greatest(t.quantity - t.picked - t.short - t.given_up - coalesce(a.released, 0), 0))::int AS gone, sum(t.given_up)::int AS given_up
  FROM pick_task AS t
  LEFT JOIN allocation AS a ON a.merchant_id = $1 AND a.order_id = t.order_id AND a.number = t.allocation
   AND a.fulfillment_order = t.fulfillment_order AND a.location_id = t.location_id AND a.lot = t.lot
 WHERE t.merchant_id = $1 AND t.wave_id = ANY($2::uuid[]) GROUP BY t.wave_id;

-- name: wave_tasks
-- The tasks of a wave ($3: of one of its lists) in the order of the walk.
SELECT t.number, t.list, t.slot, t.fulfillment_order, t.line_number, t.lot, t.bin, t.quantity, t.picked, t.short,
       least(t.quantity - t.picked - t.short - t.given_up, coalesce(a.released, 0)) AS waiting,
       greatest(t.quantity - t.picked - t.short - t.given_up - coalesce(a.released, 0), 0) AS gone,
       s.code AS sku, s.name, s.gtin, s.tracking, o.number AS order_number,
       o.active_holds > 0 AND EXISTS (
           SELECT FROM hold AS h WHERE h.merchant_id = $1 AND h.order_id = t.order_id AND h.released_at IS NULL AND 'release' = ANY(h.stops)
              AND (h.lines = '{}' OR t.line_number = ANY(h.lines))
              AND (h.fulfillment_orders = '{}' OR t.fulfillment_order = ANY(h.fulfillment_orders))) AS held
  FROM pick_task AS t
  JOIN orders AS o ON o.merchant_id = $1 AND o.id = t.order_id
  LEFT JOIN allocation AS a ON a.merchant_id = $1 AND a.order_id = t.order_id AND a.number = t.allocation
   AND a.fulfillment_order = t.fulfillment_order AND a.location_id = t.location_id AND a.lot = t.lot
  LEFT JOIN sku AS s ON s.merchant_id = $1 AND s.id = t.sku_id
 WHERE t.merchant_id = $1 AND t.wave_id = $2 AND ($3::int IS NULL OR t.list = $3)
 ORDER BY t.number;

-- name: wave_lists
-- The pick lists of a wave.
SELECT number, zone, units, route_cm, s_shape_cm, picker FROM pick_list WHERE merchant_id = $1 AND wave_id = $2 ORDER BY number;

-- name: wave_members
-- The fulfillment orders of a wave.
SELECT w.fulfillment_order, o.number AS order_number, f.stage
  FROM wave_order AS w
  JOIN orders AS o ON o.merchant_id = $1 AND o.id = w.order_id
  JOIN fulfillment_order AS f ON f.merchant_id = $1 AND f.order_id = w.order_id AND f.number = w.fulfillment_order
 WHERE w.merchant_id = $1 AND w.wave_id = $2 ORDER BY w.number;

-- name: places_of_bins
-- Where the bins of a location are ($3: only these).
SELECT code, sequence, active, aisle, position_cm FROM bin
 WHERE merchant_id = $1 AND location_id = $2 AND ($3::text[] IS NULL OR code = ANY($3)) ORDER BY sequence, code;

-- name: vendor_orders
-- What a vendor is asked to send and has not sent, after a key, with where it goes.
SELECT f.order_id, f.number, f.released_at, f.request, f.answer_by, o.number AS order_number, o.ship_by, a.country, a.name, a.company, a.line1,
       a.line2, a.city, a.region, a.postal_code
  FROM fulfillment_order AS f
  JOIN orders AS o ON o.merchant_id = $1 AND o.id = f.order_id
  LEFT JOIN address_version AS a ON a.merchant_id = $1 AND a.id = coalesce(f.ship_to_id, o.ship_to_id)
 WHERE f.merchant_id = $1 AND f.location_id = $2 AND f.stage IN ('to_pick', 'to_pack', 'to_hand_over') AND f.stage <> 'to_hand_over'
   AND (f.released_at, f.order_id, f.number) > ($3, $4, $5)
 ORDER BY f.released_at, f.order_id, f.number LIMIT $6;

-- name: vendor_order_lines
-- Their units that are to be sent.
SELECT a.order_id, a.fulfillment_order, a.line_number, s.code, s.gtin, s.name, sum(a.released + a.picked)::int AS quantity
  FROM unnest($2::uuid[], $3::smallint[]) AS wanted (order_id, number)
  JOIN allocation AS a ON a.merchant_id = $1 AND a.order_id = wanted.order_id AND a.fulfillment_order = wanted.number
  JOIN sku AS s ON s.merchant_id = $1 AND s.id = a.sku_id
 WHERE a.released + a.picked > 0
 GROUP BY a.order_id, a.fulfillment_order, a.line_number, s.code, s.gtin, s.name
 ORDER BY a.order_id, a.fulfillment_order, a.line_number;

-- name: tasks
-- What waits at a location in any stage, so many of each stage and of what was sent there: the highest priority first, in it the longest
-- waiting. With the parcels that wait there, or are on their way there.
WITH waiting AS (
    SELECT queue.f_order AS order_id, queue.number, false AS arriving
      FROM unnest(ARRAY['to_pick', 'to_pack', 'to_hand_over']) AS stages (stage)
     CROSS JOIN LATERAL (
           SELECT f.order_id AS f_order, f.number FROM fulfillment_order AS f
            WHERE f.merchant_id = $1 AND f.location_id = $2 AND f.stage = stages.stage
              AND f.stage IN ('to_pick', 'to_pack', 'to_hand_over')
            ORDER BY f.priority DESC, f.released_at, f.order_id LIMIT $3) AS queue
    UNION ALL
    (SELECT f.order_id, f.number, true FROM fulfillment_order AS f
      WHERE f.merchant_id = $1 AND f.pickup_location_id = $2 AND f.location_id <> $2 AND f.handed_over > 0
        AND EXISTS (SELECT FROM parcel AS p
                     WHERE p.merchant_id = $1 AND p.order_id = f.order_id AND p.fulfillment_order = f.number
                       AND p.status IN ('shipped', 'in_transit', 'out_for_delivery', 'failed_attempt') OFFSET 0)
      ORDER BY f.released_at, f.order_id, f.number LIMIT $3))
SELECT f.order_id, f.number, f.priority, f.released_at, f.released, f.picked, f.packed, f.handed_over, f.withdrawn, f.rejected, f.short,
       f.stage, f.ship_on, f.request, f.answer_by, f.scheduled_for, f.pickup_location_id, f.pickup_location_id = f.location_id AS here,
       w.arriving, o.number AS order_number, o.ship_by,
       o.active_holds > 0 AND EXISTS (SELECT FROM hold AS h
                                       WHERE h.merchant_id = $1 AND h.order_id = f.order_id AND h.released_at IS NULL
                                         AND 'release' = ANY(h.stops) AND h.lines = '{}'
                                         AND (h.fulfillment_orders = '{}' OR f.number = ANY(h.fulfillment_orders))) AS held,
       ARRAY(SELECT p.number FROM parcel AS p
              WHERE p.merchant_id = $1 AND p.order_id = f.order_id AND p.fulfillment_order = f.number
                AND CASE WHEN w.arriving THEN p.status IN ('shipped', 'in_transit', 'out_for_delivery', 'failed_attempt')
                         ELSE p.status = 'packed' AND NOT EXISTS (SELECT FROM pickup AS u WHERE u.merchant_id = $1 AND u.order_id = p.order_id
                                                                                         AND u.parcel = p.number) END
              ORDER BY p.number) AS parcels
  FROM waiting AS w
  JOIN fulfillment_order AS f ON f.merchant_id = $1 AND f.order_id = w.order_id AND f.number = w.number
  JOIN orders AS o ON o.merchant_id = $1 AND o.id = f.order_id
 ORDER BY f.priority DESC, f.released_at, f.order_id, f.number;

-- name: unsourced_pickups
-- Lines that are collected at a location and wait for stock; whether it gave units of the order back.
SELECT o.number, l.number, s.code, s.name, l.open + l.backordered,
       EXISTS (SELECT FROM fulfillment_order AS f
                WHERE f.merchant_id = $1 AND f.order_id = l.order_id AND f.location_id = $2 AND f.rejected > 0)
  FROM order_line AS l
  JOIN orders AS o ON o.merchant_id = $1 AND o.id = l.order_id
  LEFT JOIN sku AS s ON s.merchant_id = $1 AND s.id = l.sku_id
 WHERE l.merchant_id = $1 AND l.pickup_location_id = $2 AND l.open + l.backordered > 0
 ORDER BY o.placed_at, o.number, l.number LIMIT $3;

-- name: put_backs
-- What was cancelled after its pick and lies on no shelf, at one location.
SELECT a.order_id, a.number, a.fulfillment_order, a.line_number, a.lot, a.put_back, o.number AS order_number, s.code AS sku, s.name
  FROM (SELECT * FROM allocation
         WHERE merchant_id = $1 AND location_id = $2 AND put_back > 0 AND (order_id, number) > ($3, $4)
         ORDER BY order_id, number LIMIT $5) AS a
  JOIN orders AS o ON o.merchant_id = $1 AND o.id = a.order_id
  LEFT JOIN sku AS s ON s.merchant_id = $1 AND s.id = a.sku_id
 ORDER BY a.order_id, a.number;

-- name: open_returns
-- Returns that are not closed, the oldest first.
SELECT r.order_id, r.number, r.reference, r.reason, r.requested_at, o.number AS order_number, l.requested, l.withdrawn, l.received,
       l.restocked, l.damaged, l.scrapped, l.refunded
  FROM (SELECT * FROM return_order
         WHERE merchant_id = $1 AND closed_at IS NULL AND (requested_at, order_id, number) > ($2, $3, $4)
         ORDER BY requested_at, order_id, number LIMIT $5) AS r
  JOIN orders AS o ON o.merchant_id = $1 AND o.id = r.order_id
 CROSS JOIN LATERAL (
       SELECT sum(requested)::int AS requested, sum(withdrawn)::int AS withdrawn, sum(received)::int AS received,
              sum(restocked)::int AS restocked, sum(damaged)::int AS damaged, sum(scrapped)::int AS scrapped,
              sum(refunded)::int AS refunded
         FROM return_line WHERE merchant_id = $1 AND order_id = r.order_id AND return_number = r.number) AS l
 ORDER BY r.requested_at, r.order_id, r.number;

-- name: unmatched_returns
-- What came back and no order explains, the oldest first.
SELECT id, channel_id, reference, customer_reference, sku_code, description, quantity, amount_minor, currency, reason, occurred_at,
       recorded_at
  FROM unmatched_return WHERE merchant_id = $1 AND (recorded_at, id) > ($2, $3) ORDER BY recorded_at, id LIMIT $4;

-- name: pools
-- Active pools by product and code.
SELECT sku.code AS sku, p.code, p.kind, p.channel_ids, g.code AS group_code, p.quantity, p.taken, greatest(p.quantity - p.taken, 0) AS remaining,
       p.version
  FROM pool AS p
  JOIN sku ON sku.merchant_id = $1 AND sku.id = p.sku_id
  LEFT JOIN location_group AS g ON g.merchant_id = $1 AND g.id = p.group_id
 WHERE p.merchant_id = $1 AND p.active AND ($2::uuid IS NULL OR p.sku_id = $2) AND (sku.code, p.code) > ($3, $4)
 ORDER BY sku.code, p.code LIMIT $5;

-- name: policies_set
-- The values in force, by scope.
SELECT name, scope_kind, scope_id, value, version, set_at, set_by
  FROM policy
 WHERE merchant_id = $1 AND superseded_by IS NULL AND value IS NOT NULL AND (scope_kind, scope_id, name) > ($2, $3, $4)
   AND ($5::text IS NULL OR name = $5) AND name <> 'sourcing_rules'
 ORDER BY scope_kind, scope_id, name LIMIT $6;

-- name: policy_version
-- The version that names all policies in force.
SELECT coalesce((SELECT version FROM policy WHERE merchant_id = $1 ORDER BY version DESC LIMIT 1), 0);

-- name: policies_of_scopes
-- What each scope said at a version: its last value up to there.
SELECT scope.kind AS scope_kind, p.value, p.version, p.set_at, p.set_by
  FROM unnest($3::text[], $4::uuid[]) AS scope (kind, id)
 CROSS JOIN LATERAL (
       SELECT value, version, set_at, set_by FROM policy
        WHERE merchant_id = $1 AND name = $2 AND scope_kind = scope.kind AND scope_id = scope.id AND version <= $5
        ORDER BY version DESC LIMIT 1) AS p;

-- name: walk_transfers
-- Transfers by the date of their draft, the newest first: the ids are dated.
SELECT * FROM transfer WHERE merchant_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3;

-- name: transfer_row
-- One transfer, by id or by the number that people use.
SELECT * FROM transfer WHERE merchant_id = $1 AND (id = $2::uuid OR number = $3::bigint);

-- name: serials_on_transfers
-- Names of the units that are on their way with transfers.
SELECT transfer_id, sku_id, lot, serial FROM serial WHERE merchant_id = $1 AND transfer_id = ANY($2::uuid[]) ORDER BY serial;

-- name: lines_of_transfers
-- The lines of transfers with their products.
SELECT l.*, coalesce(s.code, l.sku_id::text) AS sku, coalesce(s.name, '') AS name, s.gtin,
       coalesce(s.tracking, 'none') AS tracking
  FROM transfer_line AS l LEFT JOIN sku AS s ON s.merchant_id = $1 AND s.id = l.sku_id
 WHERE l.merchant_id = $1 AND l.transfer_id = ANY($2::uuid[]) ORDER BY l.transfer_id, l.number;

-- name: stock_feeds
-- The newest first, with the worker's word on those that it is at.
SELECT f.*, w.doing, w.done, w.total
  FROM stock_feed AS f
  LEFT JOIN stock_feed_work AS w ON w.merchant_id = $1 AND w.stock_feed_id = f.id
 WHERE f.merchant_id = $1 AND (f.received_at, f.id) < ($2, $3) ORDER BY f.received_at DESC, f.id DESC LIMIT $4;

-- name: stock_feed
-- One feed by its reference.
SELECT f.*, w.doing, w.done, w.total
  FROM stock_feed AS f
  LEFT JOIN stock_feed_work AS w ON w.merchant_id = $1 AND w.stock_feed_id = f.id
 WHERE f.merchant_id = $1 AND f.reference = $2;

-- name: export_stock
-- Every row of stock that holds something, in the order of its key.
SELECT s.code AS sku, s.name, l.code AS location, b.lot,
       b.available + b.reserved + b.allocated + b.picked + b.packed + b.damaged + b.quality_hold AS on_hand, b.available, b.reserved,
       b.allocated, b.picked, b.packed, b.damaged, b.quality_hold
  FROM stock AS b
  JOIN sku AS s ON s.merchant_id = $1 AND s.id = b.sku_id
  JOIN location AS l ON l.merchant_id = $1 AND l.id = b.location_id
 WHERE b.merchant_id = $1 AND b.available + b.reserved + b.allocated + b.picked + b.packed + b.damaged + b.quality_hold > 0
 ORDER BY b.sku_id, b.location_id, b.lot;

-- name: export_ledger
-- Every posting with its event, in the order of the ledger's key.
SELECT s.code AS sku, p.quantity, f.code AS from_location, p.from_lot, p.from_bucket, t.code AS to_location, p.to_lot, p.to_bucket,
       o.number AS "order", p.line_number AS line, p.line_from, p.line_to, e.kind, e.data ->> 'reason' AS reason, e.occurred_at, e.recorded_at,
       e.position, p.serial
  FROM posting AS p
  JOIN event AS e ON e.merchant_id = $1 AND e.subject_id = p.subject_id AND e.event_id = p.event_id
  JOIN sku AS s ON s.merchant_id = $1 AND s.id = p.sku_id
  LEFT JOIN location AS f ON f.merchant_id = $1 AND f.id = p.from_location_id
  LEFT JOIN location AS t ON t.merchant_id = $1 AND t.id = p.to_location_id
  LEFT JOIN orders AS o ON o.merchant_id = $1 AND o.id = p.subject_id AND p.line_number IS NOT NULL
 WHERE p.merchant_id = $1
 ORDER BY p.sku_id, p.event_id, p.number;

-- name: export_inbound
-- Lines of purchase orders and transfers of which something is still to come, the soonest first.
SELECT s.code AS sku, l.code AS location, i.document, i.line, i.expected, i.due_at
  FROM (SELECT pl.sku_id, pl.location_id, 'PO' || p.number AS document, pl.number AS line, pl.expected, pl.due_at
          FROM purchase_order_line AS pl
          JOIN purchase_order AS p ON p.merchant_id = $1 AND p.id = pl.purchase_order_id
         WHERE pl.merchant_id = $1 AND pl.expected > 0 AND p.closed_at IS NULL AND p.cancelled_at IS NULL
        UNION ALL
        SELECT tl.sku_id, tl.to_location_id, 'T' || t.number, tl.number, tl.in_transit, tl.due_at
          FROM transfer_line AS tl
          JOIN transfer AS t ON t.merchant_id = $1 AND t.id = tl.transfer_id
         WHERE tl.merchant_id = $1 AND tl.in_transit > 0) AS i
  JOIN sku AS s ON s.merchant_id = $1 AND s.id = i.sku_id
  JOIN location AS l ON l.merchant_id = $1 AND l.id = i.location_id
 ORDER BY i.due_at, s.code, l.code, i.document, i.line;

-- name: walk_kits
-- Kits by their codes, all or those that are made of one product.
SELECT s.id, s.code, s.name, s.kit FROM sku AS s
 WHERE s.merchant_id = $1 AND s.code > $2 AND s.kit <> 'none'
   AND ($3::text IS NULL OR s.id IN (
        SELECT c.kit_id FROM kit_component AS c JOIN sku AS part ON part.merchant_id = $1 AND part.id = c.sku_id
         WHERE c.merchant_id = $1 AND part.code = $3))
 ORDER BY s.code LIMIT $4;

-- name: kit_row
-- One kit.
SELECT id, code, name, kit FROM sku WHERE merchant_id = $1 AND code = $2 AND kit <> 'none';

-- name: components_of_kits
-- What kits are made of.
SELECT c.kit_id, s.code, s.name, c.per_kit, c.list_price
  FROM kit_component AS c JOIN sku AS s ON s.merchant_id = $1 AND s.id = c.sku_id
 WHERE c.merchant_id = $1 AND c.kit_id = ANY($2::uuid[]) ORDER BY c.kit_id, c.number;

-- name: walk_work_orders
-- Work orders by the date on which they were opened, the newest first: the ids are dated.
SELECT w.*, coalesce(s.code, w.sku_id::text) AS sku FROM work_order AS w LEFT JOIN sku AS s ON s.merchant_id = $1 AND s.id = w.sku_id
 WHERE w.merchant_id = $1 AND w.id < $2 ORDER BY w.id DESC LIMIT $3;

-- name: work_order_row
-- One work order, by id or by the number that people use.
SELECT w.*, coalesce(s.code, w.sku_id::text) AS sku FROM work_order AS w LEFT JOIN sku AS s ON s.merchant_id = $1 AND s.id = w.sku_id
 WHERE w.merchant_id = $1 AND (w.id = $2::uuid OR w.number = $3::bigint);

-- name: lines_of_work_orders
-- The lines of work orders with the codes of their products.
SELECT l.*, coalesce(s.code, l.sku_id::text) AS sku, coalesce(s.name, '') AS name,
       coalesce(s.tracking, 'none') AS tracking
  FROM work_order_line AS l LEFT JOIN sku AS s ON s.merchant_id = $1 AND s.id = l.sku_id
 WHERE l.merchant_id = $1 AND l.work_order_id = ANY($2::uuid[]) ORDER BY l.work_order_id, l.number;

-- name: walk_counts
-- Counts by the date of their opening, the newest first: the ids are dated.
SELECT * FROM stock_count WHERE merchant_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3;

-- name: count_row
-- One count, by id or by the number that people use.
SELECT * FROM stock_count WHERE merchant_id = $1 AND (id = $2::uuid OR number = $3::bigint);

-- name: count_progress
-- How many lines counts have, and of how many the wanted pass was counted.
SELECT l.count_id, count(*)::int, count(n.pass)::int
  FROM stock_count_line AS l
  LEFT JOIN stock_count_entry AS n
    ON n.merchant_id = $1 AND n.count_id = l.count_id AND n.line_number = l.number AND n.pass = l.pass
 WHERE l.merchant_id = $1 AND l.count_id = ANY($2::uuid[]) GROUP BY l.count_id;

-- name: lines_of_count
-- The lines of a count with their products.
SELECT l.*, coalesce(s.code, l.sku_id::text) AS sku, coalesce(s.name, '') AS name, s.gtin,
       coalesce(s.tracking, 'none') AS tracking
  FROM stock_count_line AS l LEFT JOIN sku AS s ON s.merchant_id = $1 AND s.id = l.sku_id
 WHERE l.merchant_id = $1 AND l.count_id = $2 ORDER BY l.number;

-- name: entries_of_count
-- What each pass of a count found.
SELECT * FROM stock_count_entry WHERE merchant_id = $1 AND count_id = $2 ORDER BY line_number, pass;

-- name: walk_shortages
-- Open shortages, the oldest first, with what the book says of their row of stock.
SELECT h.*, coalesce(s.code, h.sku_id::text) AS sku, coalesce(t.available, 0) AS available, coalesce(t.allocated, 0) AS allocated,
       coalesce(t.reserved, 0) AS reserved
  FROM (SELECT * FROM shortage WHERE merchant_id = $1 AND remaining > 0 AND (opened_at, id) > ($2, $3) ORDER BY opened_at, id LIMIT $4) AS h
  LEFT JOIN sku AS s ON s.merchant_id = $1 AND s.id = h.sku_id
  LEFT JOIN stock AS t ON t.merchant_id = $1 AND t.sku_id = h.sku_id AND t.location_id = h.location_id AND t.lot = h.lot
 ORDER BY h.opened_at, h.id;

-- name: hints
-- One list of replenishment along its index, with the codes that people know.
SELECT h.*, s.code AS sku, s.name, l.code AS location
  FROM (SELECT * FROM replenishment_hint
         WHERE merchant_id = $1 AND state = $2 AND (rank, sku_id, location_id) > ($3, $4, $5)
         ORDER BY rank, sku_id, location_id LIMIT $6) AS h
  JOIN sku AS s ON s.merchant_id = $1 AND s.id = h.sku_id
  JOIN location AS l ON l.merchant_id = $1 AND l.id = h.location_id
 ORDER BY h.rank, h.sku_id, h.location_id;

-- name: hints_of_sku
-- One product at all its locations.
SELECT h.*, s.code AS sku, s.name, l.code AS location
  FROM replenishment_hint AS h
  JOIN sku AS s ON s.merchant_id = $1 AND s.id = h.sku_id
  JOIN location AS l ON l.merchant_id = $1 AND l.id = h.location_id
 WHERE h.merchant_id = $1 AND h.sku_id = $2 ORDER BY l.code;

-- name: walk_purchase_orders
-- Purchase orders, the newest first: the ids are dated.
SELECT id FROM purchase_order WHERE merchant_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3;

-- name: walk_due_purchase_orders
-- Purchase orders of which something is to come, what is due first before: each stands where its first awaited line stands.
SELECT l.purchase_order_id AS id, l.due_at AS at
  FROM purchase_order_line AS l
 WHERE l.merchant_id = $1 AND l.expected > 0 AND (l.due_at, l.purchase_order_id) > ($2, $3)
   AND NOT EXISTS (
       SELECT FROM purchase_order_line AS o
        WHERE o.merchant_id = $1 AND o.purchase_order_id = l.purchase_order_id AND o.expected > 0
          AND (o.due_at, o.number) < (l.due_at, l.number) OFFSET 0)
 ORDER BY l.due_at, l.purchase_order_id LIMIT $4;

-- name: backorders
-- Who waits for a product, in the order in which they are served, after a place in it.
SELECT o.number AS order_number, l.number AS line, l.backordered AS quantity, o.priority, o.placed_at, p.promised_at
  FROM order_line AS l
  JOIN orders AS o ON o.merchant_id = $1 AND o.id = l.order_id
  LEFT JOIN promise AS p ON p.merchant_id = $1 AND p.order_id = l.order_id AND p.line_number = l.number
 WHERE l.merchant_id = $1 AND l.sku_id = $2 AND l.backordered > 0 AND (l.open > 0 OR l.backordered > 0)
   AND (o.priority < $3 OR (o.priority = $3 AND (o.placed_at, o.number, l.number) > ($4::timestamptz, $5::bigint, $6::smallint)))
 ORDER BY o.priority DESC, o.placed_at, o.number, l.number LIMIT $7;

-- name: lots
-- Lots of one product or of all, the first to expire first; those that never expire come last.
SELECT sku_id, lot, status, expires_on, received_at, version FROM lot
 WHERE merchant_id = $1 AND ($2::uuid IS NULL OR sku_id = $2) AND ($3::text IS NULL OR status = $3) AND ($4::date IS NULL OR expires_on <= $4)
   AND (coalesce(expires_on, '9999-12-31'), sku_id, lot) > ($5::date, $6::uuid, $7::text)
 ORDER BY coalesce(expires_on, '9999-12-31'), sku_id, lot LIMIT $8;

-- name: one_lot
-- One lot by its product and name.
SELECT sku_id, lot, status, expires_on, received_at, version FROM lot WHERE merchant_id = $1 AND sku_id = $2 AND lot = $3;

-- name: stock_of_lots
-- Where units of these lots lie.
SELECT s.sku_id, s.lot, s.location_id, s.available,
       s.available + s.reserved + s.allocated + s.picked + s.packed + s.damaged + s.quality_hold AS on_hand
  FROM unnest($2::uuid[], $3::text[]) AS k (sku_id, lot)
  JOIN stock AS s ON s.merchant_id = $1 AND s.sku_id = k.sku_id AND s.lot = k.lot
 WHERE s.available + s.reserved + s.allocated + s.picked + s.packed + s.damaged + s.quality_hold > 0
 ORDER BY s.sku_id, s.lot, s.location_id;

-- name: lot_holders
-- The orders that were given units of a lot, the oldest first, and how far these are.
SELECT a.order_id, a.number, o.number AS order_number, a.line_number, p.name AS customer, p.email,
       a.allocated + a.released AS promised, a.picked + a.packed AS in_house, coalesce(sent.in_transit, 0)::int AS in_transit,
       coalesce(sent.delivered, 0)::int AS delivered, coalesce(sent.elsewhere, 0)::int AS elsewhere
  FROM allocation AS a
  JOIN orders AS o ON o.merchant_id = $1 AND o.id = a.order_id
  LEFT JOIN party_version AS p ON p.merchant_id = $1 AND p.id = o.party_version_id
  LEFT JOIN LATERAL (
       SELECT sum(l.quantity) FILTER (WHERE parcel.status IN ('shipped', 'in_transit', 'out_for_delivery', 'failed_attempt')) AS in_transit,
              sum(l.quantity) FILTER (WHERE parcel.status = 'delivered') AS delivered,
              sum(l.quantity) FILTER (WHERE parcel.status IN ('lost', 'returned_to_sender')) AS elsewhere
         FROM parcel_line AS l JOIN parcel ON parcel.merchant_id = $1 AND parcel.order_id = l.order_id AND parcel.number = l.parcel
        WHERE l.merchant_id = $1 AND l.order_id = a.order_id AND l.allocation = a.number) AS sent ON true
 WHERE a.merchant_id = $1 AND a.sku_id = $2 AND a.lot = $3 AND a.lot <> '' AND (a.order_id, a.number) > ($4::uuid, $5::smallint)
   AND (a.allocated + a.released + a.picked + a.packed > 0 OR sent.in_transit > 0 OR sent.delivered > 0 OR sent.elsewhere > 0)
 ORDER BY a.order_id, a.number LIMIT $6;

-- name: serials
-- Units of a product by their names, where they are and with which order.
SELECT s.serial, s.lot, s.place, s.location_id, o.number AS order_number, s.line_number, t.number AS transfer_number
  FROM serial AS s LEFT JOIN orders AS o ON o.merchant_id = $1 AND o.id = s.order_id
  LEFT JOIN transfer AS t ON t.merchant_id = $1 AND t.id = s.transfer_id
 WHERE s.merchant_id = $1 AND s.sku_id = $2 AND ($3::text IS NULL OR s.serial = $3) AND ($4::uuid IS NULL OR s.location_id = $4)
   AND ($5::text IS NULL OR s.place = $5) AND s.serial > $6
 ORDER BY s.serial LIMIT $7;

-- name: products_of_serial
-- Which of these products have a unit of that name, and in which lot it lies.
SELECT s.code AS sku, u.lot
  FROM sku AS s JOIN serial AS u ON u.merchant_id = $1 AND u.sku_id = s.id AND u.serial = $2
 WHERE s.merchant_id = $1 AND s.code = ANY($3::text[]) ORDER BY s.code;

-- name: serials_named
-- Units that bear one name, of whatever product, after a product.
SELECT s.sku_id, s.serial, s.lot, s.place, s.location_id, o.number AS order_number, s.line_number, t.number AS transfer_number
  FROM serial AS s LEFT JOIN orders AS o ON o.merchant_id = $1 AND o.id = s.order_id
  LEFT JOIN transfer AS t ON t.merchant_id = $1 AND t.id = s.transfer_id
 WHERE s.merchant_id = $1 AND s.serial = $2 AND ($3::uuid IS NULL OR s.location_id = $3) AND ($4::text IS NULL OR s.place = $4)
   AND s.sku_id > $5
 ORDER BY s.sku_id LIMIT $6;

-- name: postings_of_serial
-- Each posting that moved one unit, the newest first.
SELECT event_id, number, subject_id, quantity, from_location_id, from_lot, from_bucket, to_location_id, to_lot, to_bucket, line_number,
       line_from, line_to, serial
  FROM posting WHERE merchant_id = $1 AND sku_id = $2 AND serial = $3
 ORDER BY event_id DESC, number DESC LIMIT $4;

-- name: in_bins
-- What lies in the bins of a location.
SELECT b.bin, b.sku_id, s.code AS sku, b.lot, b.quantity
  FROM bin_stock AS b JOIN sku AS s ON s.merchant_id = $1 AND s.id = b.sku_id
 WHERE b.merchant_id = $1 AND b.location_id = $2 AND b.quantity > 0 AND ($3::text IS NULL OR b.bin = $3) AND ($4::uuid IS NULL OR b.sku_id = $4)
   AND (b.bin, b.sku_id, b.lot) > ($5, $6, $7)
 ORDER BY b.bin, b.sku_id, b.lot LIMIT $8;

-- name: walk_substitutes
-- Products that something may be sent in place of, by code ($3: only one), with what.
SELECT s.code, s.name, array_agg(other.code ORDER BY r.number) AS substitutes
  FROM substitute AS r
  JOIN sku AS s ON s.merchant_id = $1 AND s.id = r.sku_id
  JOIN sku AS other ON other.merchant_id = $1 AND other.id = r.substitute_id
 WHERE r.merchant_id = $1 AND s.code > $2 AND ($3::text IS NULL OR s.code = $3)
 GROUP BY s.code, s.name ORDER BY s.code LIMIT $4;

-- name: short_shelves
-- Rows of stock with open shortages, the one first that was short first.
SELECT b.sku_id, s.code AS sku, b.location_id, l.code AS location, b.lot, b.short, b.available AS free,
       b.allocated + b.reserved - b.short AS there, s.tracking = 'serial' AS by_name
  FROM (SELECT sku_id, location_id, lot, min(opened_at) AS since FROM shortage
         WHERE merchant_id = $1 AND remaining > 0 GROUP BY sku_id, location_id, lot) AS open
  JOIN stock AS b ON b.merchant_id = $1 AND b.sku_id = open.sku_id AND b.location_id = open.location_id AND b.lot = open.lot
  JOIN sku AS s ON s.merchant_id = $1 AND s.id = b.sku_id
  JOIN location AS l ON l.merchant_id = $1 AND l.id = b.location_id
 WHERE ($2::text IS NULL OR s.code = $2) AND ($3::uuid IS NULL OR b.location_id = $3)
 ORDER BY open.since, s.code, l.code LIMIT $4;

-- name: held_by_orders
-- Who holds unpicked units of these rows of stock: open orders along their queues, those first who are served first. An order's other
-- units at the same place would go in another parcel.
SELECT o.id AS order_id, o.number, o.version, o.priority, o.ship_by, o.channel_id, a.line_number, a.sku_id, a.location_id, a.lot,
       sum(a.allocated + a.released)::int AS units, sum(a.released)::int AS released,
       (a.at_place - sum(a.allocated + a.released))::int AS others, line.part_of IS NOT NULL AS part_of_kit,
       line.pickup_location_id AS collected_at, d.may_split,
       ARRAY(SELECT f.location_id FROM fulfillment_order AS f WHERE f.merchant_id = $1 AND f.order_id = o.id AND f.rejected > 0) AS rejected_by
  FROM orders AS o
 CROSS JOIN LATERAL (
       SELECT *, sum(allocated + released + picked) OVER (PARTITION BY location_id) AS at_place
         FROM allocation WHERE merchant_id = $1 AND order_id = o.id OFFSET 0) AS a
  JOIN order_line AS line ON line.merchant_id = $1 AND line.order_id = o.id AND line.number = a.line_number
  LEFT JOIN order_detail AS d ON d.merchant_id = $1 AND d.order_id = o.id
 WHERE o.merchant_id = $1 AND o.stage = ANY('{held,backordered,to_source,to_release,to_pick}') AND a.allocated + a.released > 0
   AND (a.sku_id, a.location_id, a.lot) IN (SELECT * FROM unnest($2::uuid[], $3::uuid[], $4::text[]))
 GROUP BY o.id, o.number, o.version, o.priority, o.ship_by, o.channel_id, a.line_number, a.sku_id, a.location_id, a.lot, a.at_place,
          line.part_of, line.pickup_location_id, d.may_split
 ORDER BY o.priority DESC, o.ship_by NULLS LAST, o.id, a.line_number;

-- name: held_by_carts
-- Reservations that hold units of these rows of stock, the youngest first: a cart gives way before an order.
SELECT r.reservation_id, r.sku_id, r.location_id, r.lot, r.quantity
  FROM unnest($2::uuid[], $3::uuid[], $4::text[]) AS w (sku_id, location_id, lot)
  JOIN reservation_line AS r ON r.merchant_id = $1 AND r.sku_id = w.sku_id AND r.location_id = w.location_id AND r.lot = w.lot
                            AND r.ended_as IS NULL
 ORDER BY r.expires_at DESC, r.reservation_id;

-- name: order_money_head
-- The sums of money of one order, as its row has them.
SELECT o.number, o.currency, o.charged_minor, o.adjusted_minor, o.captured_minor, o.refunded_minor, d.shop_currency, d.shop_rate
  FROM orders AS o LEFT JOIN order_detail AS d ON d.merchant_id = $1 AND d.order_id = o.id
 WHERE o.merchant_id = $1 AND o.id = $2;

-- name: money_of_order
-- Every money posting of one order.
SELECT event_id, number, debit, credit, amount_minor, tender_number FROM money_posting WHERE merchant_id = $1 AND order_id = $2;

-- name: ledger_days
-- Days and accounts after a place in their order: what the worker has summed, and the postings of the events after its cursor.
WITH fresh AS MATERIALIZED (
    SELECT (e.occurred_at AT TIME ZONE m.time_zone)::date AS day, p.currency, p.debit, p.credit, p.amount_minor
      FROM (SELECT subject_id, event_id, occurred_at FROM event
             WHERE merchant_id = $1
               AND position > coalesce((SELECT position FROM consumer WHERE merchant_id = $1 AND name = 'ledger_days'), 0)
             ORDER BY position OFFSET 0) AS e
     CROSS JOIN (SELECT time_zone FROM merchant WHERE id = $1) AS m
     CROSS JOIN LATERAL (
           SELECT currency, debit, credit, amount_minor FROM money_posting
            WHERE merchant_id = $1 AND order_id = e.subject_id AND event_id = e.event_id OFFSET 0) AS p),
ends AS (
    (SELECT day, currency, account, debit_minor, credit_minor FROM ledger_day
      WHERE merchant_id = $1 AND day BETWEEN $2 AND $3 AND (day, currency, account) > ($4::date, $5::text, $6::text)
      ORDER BY day, currency, account LIMIT $7)
    UNION ALL
    SELECT day, currency, debit COLLATE "C", amount_minor, 0 FROM fresh WHERE day BETWEEN $2 AND $3
    UNION ALL
    SELECT day, currency, credit COLLATE "C", 0, amount_minor FROM fresh WHERE day BETWEEN $2 AND $3)
SELECT day, currency, account, sum(debit_minor)::bigint AS debit_minor, sum(credit_minor)::bigint AS credit_minor
  FROM ends WHERE (day, currency, account) > ($4::date, $5::text, $6::text)
 GROUP BY day, currency, account ORDER BY day, currency, account LIMIT $7;

-- name: payment_requests
-- What providers refused, or have not answered, before a place in their order: the newest first.
SELECT r.order_id, o.number AS order_number, o.currency, r.tender_number, r.number, r.kind, r.amount_minor, t.provider, r.status, r.asked_at,
       r.attempts, r.due_at, r.code, r.reference
  FROM payment_request AS r
  JOIN orders AS o ON o.merchant_id = $1 AND o.id = r.order_id
  JOIN tender AS t ON t.merchant_id = $1 AND t.order_id = r.order_id AND t.number = r.tender_number
 WHERE r.merchant_id = $1 AND r.status = $2 AND r.status <> 'succeeded'
   AND (r.asked_at, r.order_id, r.tender_number, r.number) < ($3::timestamptz, $4::uuid, $5::smallint, $6::smallint)
 ORDER BY r.asked_at DESC, r.order_id DESC, r.tender_number DESC, r.number DESC LIMIT $7;

-- name: payments_failed
-- What a provider refused and nothing has made up for: the order is not covered and this was its last try ($7: since then at the earliest),
-- money is due that was to be captured, a promise stands that was to be given up, or money is owed that was to go back.
SELECT r.order_id, o.number AS order_number, o.currency, o.stage, r.tender_number, r.number, r.kind, r.amount_minor, t.provider, r.asked_at AS since,
       NULL::timestamptz AS due_at, r.attempts, r.code AS why, NULL::text AS reference
  FROM payment_request AS r
  JOIN orders AS o ON o.merchant_id = $1 AND o.id = r.order_id
  JOIN tender AS t ON t.merchant_id = $1 AND t.order_id = r.order_id AND t.number = r.tender_number
 CROSS JOIN LATERAL (
       SELECT o.charged_minor + o.adjusted_minor - o.captured_minor + o.refunded_minor AS due,
              (SELECT sum(p.authorised_minor - p.captured_minor + p.authorising_minor + p.expected_minor) FROM tender AS p
                WHERE p.merchant_id = $1 AND p.order_id = o.id) AS promised,
              (SELECT max(p.number) FROM tender AS p WHERE p.merchant_id = $1 AND p.order_id = o.id) AS last) AS m
 WHERE r.merchant_id = $1 AND r.status = 'failed'
   AND (r.asked_at, r.order_id, r.tender_number, r.number) < ($2::timestamptz, $3::uuid, $4::smallint, $5::smallint)
   AND r.asked_at >= $6
   AND CASE r.kind WHEN 'authorise' THEN m.due > m.promised AND t.number = m.last AND o.lifecycle IN ('open', 'on_hold')
                   WHEN 'capture' THEN m.due > 0
                   WHEN 'void' THEN t.authorised_minor > t.captured_minor + t.voiding_minor
                   ELSE m.due < 0 END
 ORDER BY r.asked_at DESC, r.order_id DESC, r.tender_number DESC, r.number DESC LIMIT $7;

-- name: payments_unanswered
-- What a provider has not answered since $6.
SELECT r.order_id, o.number AS order_number, o.currency, o.stage, r.tender_number, r.number, r.kind, r.amount_minor, t.provider, r.asked_at AS since,
       r.due_at, r.attempts, r.code AS why, r.reference
  FROM payment_request AS r
  JOIN orders AS o ON o.merchant_id = $1 AND o.id = r.order_id
  JOIN tender AS t ON t.merchant_id = $1 AND t.order_id = r.order_id AND t.number = r.tender_number
 WHERE r.merchant_id = $1 AND r.status = 'pending' AND r.status <> 'succeeded'
   AND (r.asked_at, r.order_id, r.tender_number, r.number) < ($2::timestamptz, $3::uuid, $4::smallint, $5::smallint)
   AND r.asked_at <= $6
 ORDER BY r.asked_at DESC, r.order_id DESC, r.tender_number DESC, r.number DESC LIMIT $7;

-- name: payments_lapsed
-- Authorisations that are over ($6: by now) while goods are still to be sent that nothing else covers.
SELECT t.order_id, o.number AS order_number, o.currency, o.stage, t.number AS tender_number, 0 AS number, 'authorise' AS kind,
       t.voided_minor AS amount_minor, t.provider, t.expires_at AS since, NULL::timestamptz AS due_at, 0 AS attempts, NULL::text AS why,
       t.reference
  FROM tender AS t
  JOIN orders AS o ON o.merchant_id = $1 AND o.id = t.order_id
 WHERE t.merchant_id = $1 AND t.voided_minor > 0 AND t.expires_at <= $6
   AND (t.expires_at, t.order_id, t.number, 0) < ($2::timestamptz, $3::uuid, $4::smallint, $5::smallint)
   AND o.lifecycle IN ('open', 'on_hold')
   AND o.charged_minor + o.adjusted_minor - o.captured_minor + o.refunded_minor
       > (SELECT sum(p.authorised_minor - p.captured_minor + p.authorising_minor + p.expected_minor) FROM tender AS p
           WHERE p.merchant_id = $1 AND p.order_id = o.id)
   AND NOT EXISTS (SELECT FROM tender AS n WHERE n.merchant_id = $1 AND n.order_id = t.order_id AND n.instead_of = t.number)
 ORDER BY t.expires_at DESC, t.order_id DESC, t.number DESC LIMIT $7;

-- name: payments_late
-- Money that was said to come, has not, and is due, of orders placed before $6.
SELECT t.order_id, o.number AS order_number, o.currency, o.stage, t.number AS tender_number, 0 AS number, t.kind, t.expected_minor AS amount_minor,
       t.provider, o.placed_at AS since, NULL::timestamptz AS due_at, 0 AS attempts, NULL::text AS why, t.reference
  FROM tender AS t
  JOIN orders AS o ON o.merchant_id = $1 AND o.id = t.order_id
 WHERE t.merchant_id = $1 AND t.expected_minor > 0 AND o.placed_at <= $6
   AND (o.placed_at, t.order_id, t.number, 0) < ($2::timestamptz, $3::uuid, $4::smallint, $5::smallint)
   AND o.charged_minor + o.adjusted_minor - o.captured_minor + o.refunded_minor > 0
 ORDER BY o.placed_at DESC, t.order_id DESC, t.number DESC LIMIT $7;

-- name: payments_disputed
-- Disputes that are open ($6: by now).
SELECT d.order_id, o.number AS order_number, o.currency, o.stage, d.tender_number, 0 AS number, 'dispute' AS kind, d.amount_minor, t.provider,
       d.told_at AS since, d.answer_by AS due_at, 0 AS attempts, d.reason AS why, d.reference
  FROM dispute AS d
  JOIN orders AS o ON o.merchant_id = $1 AND o.id = d.order_id
  JOIN tender AS t ON t.merchant_id = $1 AND t.order_id = d.order_id AND t.number = d.tender_number
 WHERE d.merchant_id = $1 AND d.status = 'open' AND d.told_at <= $6
   AND (d.told_at, d.order_id, d.tender_number, 0) < ($2::timestamptz, $3::uuid, $4::smallint, $5::smallint)
 ORDER BY d.told_at DESC, d.order_id DESC, d.tender_number DESC LIMIT $7;

-- name: disputes
-- Disputes before a place in their order, the newest first; $2: of one status.
SELECT d.order_id, o.number AS order_number, o.currency, d.tender_number, d.reference, d.amount_minor, d.reason, d.status, d.answer_by,
       d.told_at, d.closed_at, t.provider, a.task AS answer, a.status AS answer_status, a.code AS answer_code
  FROM dispute AS d
  LEFT JOIN LATERAL (SELECT task, status, code FROM dispute_answer
                      WHERE merchant_id = $1 AND order_id = d.order_id AND tender_number = d.tender_number AND reference = d.reference
                      ORDER BY number DESC LIMIT 1) AS a ON true
  JOIN orders AS o ON o.merchant_id = $1 AND o.id = d.order_id
  JOIN tender AS t ON t.merchant_id = $1 AND t.order_id = d.order_id AND t.number = d.tender_number
 WHERE d.merchant_id = $1 AND d.status = $2
   AND (d.told_at, d.order_id, d.tender_number, d.reference) < ($3::timestamptz, $4::uuid, $5::smallint, $6::text)
 ORDER BY d.told_at DESC, d.order_id DESC, d.tender_number DESC, d.reference DESC LIMIT $7;

-- name: disputes_unanswered
-- Open disputes against which nothing was passed on, after a place in their order: the earliest deadline first, those without one last.
SELECT d.order_id, o.number AS order_number, o.currency, d.tender_number, d.reference, d.amount_minor, d.reason, d.status, d.answer_by,
       d.told_at, d.closed_at, t.provider, a.task AS answer, a.status AS answer_status, a.code AS answer_code,
       coalesce(d.answer_by, '2999-12-31Z'::timestamptz) AS answer_at
  FROM dispute AS d
  LEFT JOIN LATERAL (SELECT task, status, code FROM dispute_answer
                      WHERE merchant_id = $1 AND order_id = d.order_id AND tender_number = d.tender_number AND reference = d.reference
                      ORDER BY number DESC LIMIT 1) AS a ON true
  JOIN orders AS o ON o.merchant_id = $1 AND o.id = d.order_id
  JOIN tender AS t ON t.merchant_id = $1 AND t.order_id = d.order_id AND t.number = d.tender_number
 WHERE d.merchant_id = $1 AND d.status = 'open' AND a.status IS DISTINCT FROM 'succeeded' AND a.status IS DISTINCT FROM 'pending'
   AND (coalesce(d.answer_by, '2999-12-31Z'::timestamptz), d.order_id, d.tender_number, d.reference) > ($2::timestamptz, $3, $4, $5)
 ORDER BY answer_at, d.order_id, d.tender_number, d.reference LIMIT $6;

-- name: requests_of_order
-- Everything that providers were asked about an order, the newest first.
SELECT r.order_id, o.number AS order_number, o.currency, r.tender_number, r.number, r.kind, r.amount_minor, t.provider, r.status, r.asked_at,
       r.attempts, r.due_at, r.code, r.reference, r.settled_at
  FROM payment_request AS r
  JOIN orders AS o ON o.merchant_id = $1 AND o.id = r.order_id
  JOIN tender AS t ON t.merchant_id = $1 AND t.order_id = r.order_id AND t.number = r.tender_number
 WHERE r.merchant_id = $1 AND r.order_id = $2
 ORDER BY r.asked_at DESC, r.tender_number DESC, r.number DESC LIMIT 2000;

-- name: disputes_of_order
-- What banks took back of an order, the newest first.
SELECT d.order_id, o.number AS order_number, o.currency, d.tender_number, d.reference, d.amount_minor, d.reason, d.status, d.answer_by,
       d.told_at, d.closed_at, t.provider, a.task AS answer, a.status AS answer_status, a.code AS answer_code
  FROM dispute AS d
  LEFT JOIN LATERAL (SELECT task, status, code FROM dispute_answer
                      WHERE merchant_id = $1 AND order_id = d.order_id AND tender_number = d.tender_number AND reference = d.reference
                      ORDER BY number DESC LIMIT 1) AS a ON true
  JOIN orders AS o ON o.merchant_id = $1 AND o.id = d.order_id
  JOIN tender AS t ON t.merchant_id = $1 AND t.order_id = d.order_id AND t.number = d.tender_number
 WHERE d.merchant_id = $1 AND d.order_id = $2 ORDER BY d.told_at DESC, d.tender_number DESC, d.reference DESC;

-- name: invoices
-- Invoices and credit notes, the newest first, after a place in that order; $5 to $7 narrow them by kind and day.
SELECT i.*, o.number AS order_number, c.legal_entity AS credited_entity, c.series AS credited_series, c.serial AS credited_serial
  FROM (SELECT * FROM invoice
         WHERE merchant_id = $1 AND (issued_at, order_id, number) < ($2::timestamptz, $3::uuid, $4::smallint)
           AND ($5::text IS NULL OR kind = $5) AND issued_on BETWEEN $6::date AND $7::date
         ORDER BY issued_at DESC, order_id DESC, number DESC LIMIT $8) AS i
  JOIN orders AS o ON o.merchant_id = $1 AND o.id = i.order_id
  LEFT JOIN invoice AS c ON c.merchant_id = $1 AND c.order_id = i.order_id AND c.number = i.credits
 ORDER BY i.issued_at DESC, i.order_id DESC, i.number DESC;

-- name: invoices_of_order
-- As invoices, of one order ($2).
SELECT i.*, o.number AS order_number, c.legal_entity AS credited_entity, c.series AS credited_series, c.serial AS credited_serial
  FROM invoice AS i
  JOIN orders AS o ON o.merchant_id = $1 AND o.id = i.order_id
  LEFT JOIN invoice AS c ON c.merchant_id = $1 AND c.order_id = i.order_id AND c.number = i.credits
 WHERE i.merchant_id = $1 AND i.order_id = $2 AND (i.issued_at, i.order_id, i.number) < ($3::timestamptz, $4::uuid, $5::smallint)
   AND ($6::text IS NULL OR i.kind = $6) AND i.issued_on BETWEEN $7::date AND $8::date
 ORDER BY i.issued_at DESC, i.order_id DESC, i.number DESC LIMIT $9;

-- name: invoice_by_number
-- One document by legal entity, series and number.
SELECT i.*, o.number AS order_number, c.legal_entity AS credited_entity, c.series AS credited_series, c.serial AS credited_serial
  FROM invoice AS i
  JOIN orders AS o ON o.merchant_id = $1 AND o.id = i.order_id
  LEFT JOIN invoice AS c ON c.merchant_id = $1 AND c.order_id = i.order_id AND c.number = i.credits
 WHERE i.merchant_id = $1 AND i.legal_entity = $2 AND i.series = $3 AND i.serial = $4;

-- name: lines_of_invoice
-- What a document bills.
SELECT * FROM invoice_line WHERE merchant_id = $1 AND order_id = $2 AND invoice = $3 ORDER BY number;

-- name: charges_of_invoice
-- What its lines bear of charges.
SELECT * FROM invoice_charge WHERE merchant_id = $1 AND order_id = $2 AND invoice = $3 ORDER BY line, number;

-- name: seller_of_invoice
-- Who sold, as of the version that it was issued under.
SELECT code, name, line1, line2, postal_code, city, country, tax_number, footer
  FROM legal_entity WHERE merchant_id = $1 AND code = $2 AND version = $3;

-- name: people_of_invoice
-- Who bought, and where it went.
SELECT (SELECT name FROM party_version WHERE merchant_id = $1 AND id = $2) AS customer,
       a.country, a.name, a.company, a.line1, a.line2, a.city, a.region, a.postal_code
  FROM (SELECT) AS one LEFT JOIN address_version AS a ON a.merchant_id = $1 AND a.id = $3;

-- name: export_money
-- Every posting of money with its event, in the order of the journal; the day is the merchant's. Gift cards and store credit belong to no
-- order.
SELECT (e.occurred_at AT TIME ZONE m.time_zone)::date::text AS day, o.number AS "order", e.kind, p.debit, p.credit, p.amount_minor AS amount,
       p.currency, p.tender_number AS tender, e.occurred_at, e.recorded_at, e.position, d.shop_currency,
       trim_scale(d.shop_rate)::text AS shop_rate, CASE WHEN d.shop_rate IS NOT NULL THEN p.amount_minor END AS shop_amount
  FROM money_posting AS p
  JOIN event AS e ON e.merchant_id = $1 AND e.subject_id = p.order_id AND e.event_id = p.event_id
  LEFT JOIN orders AS o ON o.merchant_id = $1 AND o.id = p.order_id
  LEFT JOIN order_detail AS d ON d.merchant_id = $1 AND d.order_id = p.order_id
 CROSS JOIN (SELECT time_zone FROM merchant WHERE id = $1) AS m
 WHERE p.merchant_id = $1
 ORDER BY e.position, p.number;

-- name: money_balances
-- What each account holds in all, by currency; read from the postings alone.
SELECT account, currency, sum(minor)::bigint AS minor
  FROM (SELECT debit AS account, currency, amount_minor AS minor FROM money_posting WHERE merchant_id = $1
        UNION ALL
        SELECT credit, currency, -amount_minor FROM money_posting WHERE merchant_id = $1) AS ends
 GROUP BY account, currency ORDER BY account, currency;

-- name: credits
-- Gift cards and store credit before a place in their order, the newest first; $3 to $5 narrow them by kind, customer and what is left.
SELECT c.id, c.kind, right(c.code, 4) AS ends_in, c.customer_id, c.currency, c.issued_minor, c.balance_minor, c.issued_at, c.expires_at
  FROM credit AS c
 WHERE c.merchant_id = $1 AND c.id < $2::uuid AND ($3::text IS NULL OR c.kind = $3) AND ($4::uuid IS NULL OR c.customer_id = $4)
   AND (NOT $5 OR c.balance_minor > 0)
 ORDER BY c.id DESC LIMIT $6;

-- name: credit_by_id
-- One gift card or store credit, and the order whose refund it is.
SELECT c.id, c.kind, right(c.code, 4) AS ends_in, c.customer_id, c.currency, c.issued_minor, c.balance_minor, c.issued_at, c.expires_at,
       o.number AS order_number
  FROM credit AS c LEFT JOIN orders AS o ON o.merchant_id = $1 AND o.id = c.order_id
 WHERE c.merchant_id = $1 AND c.id = $2;

-- name: credit_moves
-- What was issued, spent, given back and over: its own postings and those of the tenders that it paid, in the order of the journal.
SELECT e.position, e.occurred_at, e.kind, m.amount_minor, m.debit = 'credits_issued' AS adds, NULL::bigint AS order_number
  FROM money_posting AS m JOIN event AS e ON e.merchant_id = $1 AND e.subject_id = m.order_id AND e.event_id = m.event_id
 WHERE m.merchant_id = $1 AND m.order_id = $2
UNION ALL
SELECT e.position, e.occurred_at, e.kind, m.amount_minor, m.debit = 'receivable', o.number
  FROM tender AS t
  JOIN money_posting AS m ON m.merchant_id = $1 AND m.order_id = t.order_id AND m.tender_number = t.number
  JOIN event AS e ON e.merchant_id = $1 AND e.subject_id = m.order_id AND e.event_id = m.event_id
  JOIN orders AS o ON o.merchant_id = $1 AND o.id = t.order_id
 WHERE t.merchant_id = $1 AND t.credit_id = $2
 ORDER BY position;

-- name: bounds_of_day
-- When a day begins and ends in the merchant's time zone.
SELECT $2::date::timestamp AT TIME ZONE time_zone AS first, ($2::date + 1)::timestamp AT TIME ZONE time_zone AS last
  FROM merchant WHERE id = $1;

-- name: ledger_entries
-- The postings of what occurred from $2 to before $3, after a place in the journal; $6 and $7 narrow them by account and currency.
SELECT e.position, p.number, e.occurred_at, e.kind, o.number AS order_number, c.id AS credit_id, p.debit, p.credit, p.amount_minor, p.currency,
       p.tender_number
  FROM (SELECT event_id, subject_id, position, occurred_at, kind FROM event
         WHERE merchant_id = $1 AND occurred_at >= $2::timestamptz AND occurred_at < $3::timestamptz AND position >= $4::bigint) AS e
  JOIN money_posting AS p ON p.merchant_id = $1 AND p.order_id = e.subject_id AND p.event_id = e.event_id
  LEFT JOIN orders AS o ON o.merchant_id = $1 AND o.id = p.order_id
  LEFT JOIN credit AS c ON c.merchant_id = $1 AND c.id = p.order_id
 WHERE (e.position, p.number) > ($4::bigint, $5::integer) AND ($6::text IS NULL OR $6 IN (p.debit, p.credit))
   AND ($7::text IS NULL OR p.currency = $7)
 ORDER BY e.position, p.number LIMIT $8;

-- name: credit_of_code
-- The gift card of a code.
SELECT c.id, c.kind, right(c.code, 4) AS ends_in, c.customer_id, c.currency, c.issued_minor, c.balance_minor, c.issued_at, c.expires_at
  FROM credit AS c WHERE c.merchant_id = $1 AND c.code = $2;

-- name: done_for_payments
-- Captures and refunds of these payments at a provider.
SELECT r.order_id, r.tender_number, r.number, t.reference AS payment, r.kind, r.amount_minor, o.currency, o.number AS order_number,
       r.settled_at
  FROM tender AS t
  JOIN payment_request AS r ON r.merchant_id = $1 AND r.order_id = t.order_id AND r.tender_number = t.number
  JOIN orders AS o ON o.merchant_id = $1 AND o.id = t.order_id
 WHERE t.merchant_id = $1 AND t.provider = $2 AND t.reference = ANY($3::text[]) AND r.status = 'succeeded' AND r.kind IN ('capture', 'refund');

-- name: done_in_time
-- Captures and refunds that a provider said were done in that time.
SELECT r.order_id, r.tender_number, r.number, t.reference AS payment, r.kind, r.amount_minor, o.currency, o.number AS order_number,
       r.settled_at
  FROM payment_request AS r
  JOIN tender AS t ON t.merchant_id = $1 AND t.order_id = r.order_id AND t.number = r.tender_number AND t.provider = $2
  JOIN orders AS o ON o.merchant_id = $1 AND o.id = r.order_id
 WHERE r.merchant_id = $1 AND r.status = 'succeeded' AND r.kind IN ('capture', 'refund') AND r.settled_at BETWEEN $3 AND $4;

-- name: walk_drafts
-- Drafts, the newest first: the ids are dated.
SELECT d.*, coalesce(p.name, (SELECT f.name FROM company AS f WHERE f.merchant_id = $1 AND f.id = d.company_id)) AS customer, o.number AS order_number
  FROM draft AS d
  LEFT JOIN party_version AS p ON p.merchant_id = $1 AND p.id = d.party_version_id
  LEFT JOIN orders AS o ON o.merchant_id = $1 AND o.id = d.order_id
 WHERE d.merchant_id = $1 AND d.id < $2 ORDER BY d.id DESC LIMIT $3;

-- name: walk_drafts_of_status
-- The newest of each status, and of these the newest.
SELECT d.*, coalesce(p.name, (SELECT f.name FROM company AS f WHERE f.merchant_id = $1 AND f.id = d.company_id)) AS customer, o.number AS order_number
  FROM unnest($3::text[]) AS wanted (status)
 CROSS JOIN LATERAL (SELECT * FROM draft WHERE merchant_id = $1 AND status = wanted.status AND id < $2 ORDER BY id DESC LIMIT $4) AS d
  LEFT JOIN party_version AS p ON p.merchant_id = $1 AND p.id = d.party_version_id
  LEFT JOIN orders AS o ON o.merchant_id = $1 AND o.id = d.order_id
 ORDER BY d.id DESC LIMIT $4;

-- name: draft_row
-- One draft, by id or by the number that people use.
SELECT d.*, p.name AS customer, p.email, o.number AS order_number, f.code AS company
  FROM draft AS d
  LEFT JOIN company AS f ON f.merchant_id = $1 AND f.id = d.company_id
  LEFT JOIN party_version AS p ON p.merchant_id = $1 AND p.id = d.party_version_id
  LEFT JOIN orders AS o ON o.merchant_id = $1 AND o.id = d.order_id
 WHERE d.merchant_id = $1 AND (d.id = $2::uuid OR d.number = $3::bigint);

-- name: draft_places
-- Where a draft goes, and who gets the bill.
SELECT * FROM address_version WHERE merchant_id = $1 AND id = ANY($2::uuid[]);

-- name: to_pack
-- What waits in a fulfillment order to be packed or picked, what it measures, and where it goes.
SELECT a.line_number, sum(a.picked)::int AS picked, sum(a.released)::int AS released, s.code AS sku, s.name, s.weight_grams, s.length_mm,
       s.width_mm, s.height_mm, s.upright, s.fragile, s.keep_apart, d.country
  FROM allocation AS a
  JOIN orders AS o ON o.merchant_id = $1 AND o.id = a.order_id
  JOIN sku AS s ON s.merchant_id = $1 AND s.id = a.sku_id
  JOIN fulfillment_order AS f ON f.merchant_id = $1 AND f.order_id = a.order_id AND f.number = a.fulfillment_order
  LEFT JOIN address_version AS d ON d.merchant_id = $1 AND d.id = coalesce(f.ship_to_id, o.ship_to_id)
 WHERE a.merchant_id = $1 AND a.order_id = $2 AND a.fulfillment_order = $3
 GROUP BY a.line_number, s.id, s.code, s.name, s.weight_grams, s.length_mm, s.width_mm, s.height_mm, s.upright, s.fragile, s.keep_apart,
          d.country
 ORDER BY a.line_number;

-- name: serials_to_pack
-- The units with names that were picked for an order ($2) where a fulfillment order of it ($3) is packed.
SELECT s.line_number, array_agg(s.serial ORDER BY s.serial) AS serials
  FROM serial AS s
  JOIN fulfillment_order AS f ON f.merchant_id = $1 AND f.order_id = $2 AND f.number = $3 AND f.location_id = s.location_id
 WHERE s.merchant_id = $1 AND s.order_id = $2 AND s.place = 'picked'
 GROUP BY s.line_number ORDER BY s.line_number;

-- name: walk_exchange_rates
-- Rates of exchange after a place in their order, the latest day first, of one currency or of all.
SELECT day, currency, shop_currency, rate FROM exchange_rate
 WHERE merchant_id = $1 AND (day < $2::date OR (day = $2 AND (currency, shop_currency) > ($3, $4))) AND ($5::text IS NULL OR currency = $5)
 ORDER BY day DESC, currency, shop_currency LIMIT $6;

-- name: walk_tax_rates
-- Tax rates after a place in their order, those of one country or of all; withdrawn ones too.
SELECT country, region, postal_prefix, category, code, valid_from, valid_to, rate, included, compound, version
  FROM tax_rate
 WHERE merchant_id = $1 AND (country, region, postal_prefix, category, code, valid_from) > ($2, $3, $4, $5, $6, $7)
   AND ($8::text IS NULL OR country = $8)
 ORDER BY country, region, postal_prefix, category, code, valid_from LIMIT $9;

-- name: rates_of_country
-- All rates of a country that are in the table.
SELECT country, region, postal_prefix, category, code, valid_from, valid_to, rate, included, compound, version
  FROM tax_rate WHERE merchant_id = $1 AND country = $2 AND rate IS NOT NULL;

-- name: categories_of_codes
-- The tax categories of these products.
SELECT code, tax_category FROM sku WHERE merchant_id = $1 AND code = ANY($2::text[]);

-- name: place_of_location
-- Where a location is, as far as taxes depend on it.
SELECT country, coalesce(address->>'region', '') AS region, coalesce(address->>'postal_code', '') AS postal_code
  FROM location WHERE merchant_id = $1 AND code = $2;

-- name: tax_requests
-- What tax services have not done, the oldest first; of documents with their numbers.
SELECT r.order_id, o.number AS order_number, r.task, r.document, i.legal_entity, i.series, i.serial, r.service, r.status, r.asked_at,
       r.attempts, r.due_at, r.code
  FROM tax_request AS r
  JOIN orders AS o ON o.merchant_id = $1 AND o.id = r.order_id
  LEFT JOIN invoice AS i ON i.merchant_id = $1 AND i.order_id = r.order_id AND i.number = r.document AND r.task = 'record'
 WHERE r.merchant_id = $1 AND r.status <> 'succeeded' AND ($2::text IS NULL OR r.status = $2)
   AND (r.asked_at, r.order_id, r.task, r.document) > ($3, $4, $5, $6)
 ORDER BY r.asked_at, r.order_id, r.task, r.document LIMIT $7;
