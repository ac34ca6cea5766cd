-- The books: each statement returns what does not agree.

-- name: orders_sum_their_lines
SELECT order_id, stage FROM (
    SELECT id AS order_id, key AS stage, value::int AS units FROM orders, jsonb_each_text(to_jsonb(orders)) WHERE merchant_id = $1 AND key = ANY($2)
    UNION ALL
    SELECT order_id, key, -value::int FROM order_line, jsonb_each_text(to_jsonb(order_line)) WHERE merchant_id = $1 AND key = ANY($2)) AS s
 GROUP BY 1, 2 HAVING sum(units) <> 0;

-- name: lines_are_the_fold_of_their_postings
SELECT order_id, number, stage FROM (
    SELECT order_id, number, key AS stage, value::int - CASE key WHEN 'open' THEN ordered ELSE 0 END AS units
      FROM order_line, jsonb_each_text(to_jsonb(order_line)) WHERE merchant_id = $1 AND key = ANY($2)
    UNION ALL SELECT subject_id, line_number, line_from, quantity FROM posting WHERE merchant_id = $1 AND line_from IS NOT NULL
    UNION ALL SELECT subject_id, line_number, line_to, -quantity FROM posting WHERE merchant_id = $1 AND line_to IS NOT NULL) AS s
 GROUP BY 1, 2, 3 HAVING sum(units) <> 0;

-- name: stock_is_the_fold_of_its_postings
SELECT sku_id, location_id, lot, bucket FROM (
    SELECT sku_id, location_id, lot, key AS bucket, value::int AS units
      FROM stock, jsonb_each_text(to_jsonb(stock)) WHERE merchant_id = $1 AND $2::text[] IS NOT NULL AND key NOT IN ('merchant_id', 'sku_id', 'location_id', 'lot')
    UNION ALL SELECT sku_id, from_location_id, from_lot, from_bucket, quantity
                FROM posting WHERE merchant_id = $1 AND from_location_id IS NOT NULL
    UNION ALL SELECT sku_id, to_location_id, to_lot, to_bucket, -quantity
                FROM posting WHERE merchant_id = $1 AND to_location_id IS NOT NULL) AS s
 GROUP BY 1, 2, 3, 4 HAVING sum(units) <> 0;

-- name: lines_and_allocations_agree
SELECT order_id, number FROM (
    SELECT order_id, number, allocated, released, picked, packed FROM order_line WHERE merchant_id = $1 AND $2::text[] IS NOT NULL
    UNION ALL
    SELECT order_id, line_number, -allocated, -released, -picked, -packed FROM allocation WHERE merchant_id = $1) AS s
 GROUP BY 1, 2 HAVING sum(allocated) <> 0 OR sum(released) <> 0 OR sum(picked) <> 0 OR sum(packed) <> 0;

-- name: stock_and_allocations_agree
SELECT sku_id, location_id, lot FROM (
    SELECT sku_id, location_id, lot, allocated, picked, packed FROM stock WHERE merchant_id = $1 AND $2::text[] IS NOT NULL
    UNION ALL
    SELECT sku_id, location_id, lot, -allocated - released, -picked, -packed FROM allocation WHERE merchant_id = $1) AS s
 GROUP BY 1, 2, 3 HAVING sum(allocated) <> 0 OR sum(picked) <> 0 OR sum(packed) <> 0;

-- name: fulfillment_orders_and_allocations_agree
SELECT order_id, number FROM (
    SELECT order_id, number, released, picked, packed FROM fulfillment_order WHERE merchant_id = $1 AND $2::text[] IS NOT NULL
    UNION ALL
    SELECT order_id, fulfillment_order, -released, -picked, -packed FROM allocation
     WHERE merchant_id = $1 AND fulfillment_order IS NOT NULL) AS s
 GROUP BY 1, 2 HAVING sum(released) <> 0 OR sum(picked) <> 0 OR sum(packed) <> 0;

-- name: parcels_hold_what_lines_say
SELECT order_id, number, stage FROM (
    SELECT order_id, number, key AS stage, value::int AS units
      FROM order_line, jsonb_each_text(to_jsonb(order_line))
     WHERE merchant_id = $1 AND $2::text[] IS NOT NULL AND key IN ('packed', 'in_transit', 'delivered', 'lost', 'sent_back')
    UNION ALL
    SELECT line.order_id, line.line_number,
           CASE WHEN parcel.status IN ('packed', 'delivered', 'lost') THEN parcel.status
                WHEN parcel.status = 'returned_to_sender' THEN 'sent_back'
                ELSE 'in_transit' END, -line.quantity
      FROM parcel_line AS line
      JOIN parcel ON parcel.merchant_id = $1 AND parcel.order_id = line.order_id AND parcel.number = line.parcel
     WHERE line.merchant_id = $1) AS s
 GROUP BY 1, 2, 3 HAVING sum(units) <> 0;

-- name: what_is_owed_was_posted
SELECT number FROM orders WHERE merchant_id = $1 AND $2::text[] IS NOT NULL
   AND charged_minor + adjusted_minor - captured_minor + refunded_minor <> coalesce((
       SELECT sum(CASE debit WHEN 'receivable' THEN amount_minor ELSE -amount_minor END) FROM money_posting AS money
        WHERE money.merchant_id = $1 AND money.order_id = orders.id AND 'receivable' IN (debit, credit)), 0);

-- name: what_is_not_wanted_costs_nothing
SELECT number FROM orders WHERE merchant_id = $1 AND $2::text[] IS NOT NULL AND cancelled = ordered AND charged_minor + adjusted_minor <> 0;

-- name: a_command_has_one_event_at_most
SELECT command_id FROM event WHERE merchant_id = $1 AND $2::text[] IS NOT NULL GROUP BY 1 HAVING count(*) > 1;
