-- name: read_allocations
-- Where the units of these orders lie, and how far they are.
SELECT a.order_id, a.number, a.line_number, a.sku_id, a.location_id, a.lot, a.allocated, a.fulfillment_order, a.released, a.picked,
       a.packed, a.ship_on, sku.tracking, a.put_back
  FROM allocation AS a JOIN sku ON sku.merchant_id = $1 AND sku.id = a.sku_id
 WHERE a.merchant_id = $1 AND a.order_id = ANY($2::uuid[]) ORDER BY a.order_id, a.number;

-- name: insert_allocations
-- An allocation is born when stock was found.
INSERT INTO allocation (merchant_id, order_id, number, line_number, sku_id, location_id, lot, allocated)
SELECT $1, a.* FROM unnest($2::uuid[], spread($3::smallint[], cardinality($2)), spread($4::smallint[], cardinality($2)),
                           spread($5::uuid[], cardinality($2)), spread($6::uuid[], cardinality($2)), spread($7::text[], cardinality($2)),
                           spread($8::int[], cardinality($2))) AS a;

-- name: insert_dated_allocations
-- As insert_allocations, where a location has a schedule.
INSERT INTO allocation (merchant_id, order_id, number, line_number, sku_id, location_id, lot, allocated, ship_on)
SELECT $1, a.* FROM unnest($2::uuid[], spread($3::smallint[], cardinality($2)), spread($4::smallint[], cardinality($2)),
                           spread($5::uuid[], cardinality($2)), spread($6::uuid[], cardinality($2)), spread($7::text[], cardinality($2)),
                           spread($8::int[], cardinality($2)), spread($9::date[], cardinality($2))) AS a;

-- name: update_allocations
-- Units moved on, or were released to a fulfillment order.
UPDATE allocation SET fulfillment_order = a.fulfillment_order, allocated = a.allocated, released = a.released, picked = a.picked,
                      packed = a.packed, put_back = a.put_back
  FROM unnest($2::uuid[], $3::smallint[], $4::smallint[], $5::int[], $6::int[], $7::int[], $8::int[], $9::int[])
       AS a (order_id, number, fulfillment_order, allocated, released, picked, packed, put_back)
 WHERE allocation.merchant_id = $1 AND allocation.order_id = a.order_id AND allocation.number = a.number;

-- name: read_fulfillment_orders
-- What locations were asked to send for these orders.
SELECT order_id, number, location_id, released_at, priority, released, picked, packed, handed_over, withdrawn, ship_on, rejected, short,
       moved, request, answer_by, scheduled_for, pickup_location_id, ship_to_id
  FROM fulfillment_order WHERE merchant_id = $1 AND order_id = ANY($2::uuid[]) ORDER BY order_id, number;

-- name: insert_fulfillment_orders
-- A fulfillment order is born at the release.
INSERT INTO fulfillment_order (merchant_id, order_id, number, location_id, released_at, priority, released, picked, packed, ship_on,
                               request, answer_by, scheduled_for, pickup_location_id, ship_to_id)
SELECT $1, f.* FROM unnest($2::uuid[], $3::smallint[], $4::uuid[], $5::timestamptz[], $6::smallint[], $7::int[], $8::int[], $9::int[],
                           $10::date[], $11::text[], $12::timestamptz[], $13::timestamptz[], $14::uuid[], $15::uuid[]) AS f;

-- name: update_fulfillment_orders
-- Units moved on, or its location said something.
UPDATE fulfillment_order SET released = f.released, picked = f.picked, packed = f.packed, handed_over = f.handed_over,
                             withdrawn = f.withdrawn, rejected = f.rejected, short = f.short, moved = f.moved, request = f.request,
                             answer_by = f.answer_by, scheduled_for = f.scheduled_for, ship_on = f.ship_on, priority = f.priority
  FROM unnest($2::uuid[], $3::smallint[], $4::int[], $5::int[], $6::int[], $7::int[], $8::int[], $9::int[], $10::int[], $11::int[],
              $12::text[], $13::timestamptz[], $14::timestamptz[], $15::date[], $16::smallint[])
       AS f (order_id, number, released, picked, packed, handed_over, withdrawn, rejected, short, moved, request, answer_by,
             scheduled_for, ship_on, priority)
 WHERE fulfillment_order.merchant_id = $1 AND fulfillment_order.order_id = f.order_id AND fulfillment_order.number = f.number;

-- name: read_capacity
-- How much of the days of these locations is taken, from a day on; a day that nobody booked has no row.
SELECT location_id, day, counts, cap, orders, units FROM capacity
 WHERE merchant_id = $1 AND location_id = ANY($2::uuid[]) AND day >= $3;

-- name: read_days
-- These days of locations.
SELECT location_id, day, counts, cap, orders, units FROM capacity
 WHERE merchant_id = $1 AND (location_id, day) IN (SELECT * FROM unnest($2::uuid[], $3::date[]));

-- name: lock_days
-- As read_days, in primary-key order.
SELECT location_id, day, counts, cap, orders, units FROM capacity
 WHERE merchant_id = $1 AND (location_id, day) IN (SELECT * FROM unnest($2::uuid[], $3::date[]))
 ORDER BY location_id, day FOR NO KEY UPDATE;

-- name: lock_free_days
-- A later round locks out of order, so it takes only what nobody holds.
SELECT location_id, day, counts, cap, orders, units FROM capacity
 WHERE merchant_id = $1 AND (location_id, day) IN (SELECT * FROM unnest($2::uuid[], $3::date[]))
 ORDER BY location_id, day FOR NO KEY UPDATE SKIP LOCKED;

-- name: insert_days
-- The first order of a day. A row that is left out was born meanwhile.
INSERT INTO capacity (merchant_id, location_id, day, counts, cap, orders, units)
SELECT $1, d.* FROM unnest($2::uuid[], $3::date[], $4::text[], $5::int[], $6::int[], $7::int[]) AS d
    ON CONFLICT DO NOTHING;

-- name: update_days
-- Rows that are locked: what was decided on them is what they hold now.
UPDATE capacity SET counts = d.counts, cap = d.cap, orders = d.orders, units = d.units
  FROM unnest($2::uuid[], $3::date[], $4::text[], $5::int[], $6::int[], $7::int[]) AS d (location_id, day, counts, cap, orders, units)
 WHERE capacity.merchant_id = $1 AND capacity.location_id = d.location_id AND capacity.day = d.day;

-- name: read_bookings
-- What these orders hold of the days of locations.
SELECT order_id, location_id, day, units FROM booking WHERE merchant_id = $1 AND order_id = ANY($2::uuid[]);

-- name: insert_bookings
-- The order's lock guards them.
INSERT INTO booking (merchant_id, order_id, location_id, day, units)
SELECT $1, b.* FROM unnest($2::uuid[], $3::uuid[], $4::date[], $5::int[]) AS b;

-- name: update_bookings
-- More of it, or less.
UPDATE booking SET units = b.units FROM unnest($2::uuid[], $3::uuid[], $4::date[], $5::int[]) AS b (order_id, location_id, day, units)
 WHERE booking.merchant_id = $1 AND booking.order_id = b.order_id AND booking.location_id = b.location_id AND booking.day = b.day;

-- name: read_pickups
-- What waits, or waited, at counters for these orders.
SELECT order_id, parcel, location_id, code, ready_at, collect_by, ended_as, ended_at, proof, collected_by
  FROM pickup WHERE merchant_id = $1 AND order_id = ANY($2::uuid[]) ORDER BY order_id, parcel;

-- name: insert_pickups
-- A parcel waits for its customer.
INSERT INTO pickup (merchant_id, order_id, parcel, location_id, code, ready_at, collect_by)
SELECT $1, p.* FROM unnest($2::uuid[], $3::smallint[], $4::uuid[], $5::text[], $6::timestamptz[], $7::timestamptz[]) AS p;

-- name: update_pickups
-- It waits longer, or no more.
UPDATE pickup SET collect_by = p.collect_by, ended_as = p.ended_as, ended_at = p.ended_at, proof = p.proof, collected_by = p.collected_by
  FROM unnest($2::uuid[], $3::smallint[], $4::timestamptz[], $5::text[], $6::timestamptz[], $7::text[], $8::text[])
       AS p (order_id, parcel, collect_by, ended_as, ended_at, proof, collected_by)
 WHERE pickup.merchant_id = $1 AND pickup.order_id = p.order_id AND pickup.parcel = p.parcel;
