-- name: read_parcels
-- All parcels of these orders.
SELECT order_id, number, fulfillment_order, location_id, status, status_at, carrier, tracking_number, weight_grams, packed_at, shipped_at,
       delivered_at
  FROM parcel WHERE merchant_id = $1 AND order_id = ANY($2::uuid[]) ORDER BY order_id, number;

-- name: read_parcel_lines
-- What lies in them.
SELECT order_id, parcel, allocation, line_number, quantity, serials
  FROM parcel_line WHERE merchant_id = $1 AND order_id = ANY($2::uuid[]) ORDER BY order_id, parcel, allocation;

-- name: insert_parcels
-- A parcel is born packed.
INSERT INTO parcel (merchant_id, order_id, number, fulfillment_order, location_id, status, status_at, weight_grams, packed_at, carton,
                    length_mm, width_mm, height_mm, sscc)
SELECT $1, p.* FROM unnest($2::uuid[], $3::smallint[], $4::smallint[], $5::uuid[], $6::text[], $7::timestamptz[], $8::int[],
                           $9::timestamptz[], $10::text[], $11::int[], $12::int[], $13::int[], $14::text[]) AS p;

-- name: insert_parcel_lines
-- What lies in a parcel never changes.
INSERT INTO parcel_line (merchant_id, order_id, parcel, allocation, line_number, quantity, serials)
SELECT $1, l.* FROM unnest($2::uuid[], $3::smallint[], $4::smallint[], $5::smallint[], $6::int[], $7::jsonb[]) AS l;

-- name: update_parcels
-- Its label, and where it is.
UPDATE parcel SET status = p.status, status_at = p.status_at, carrier = p.carrier, tracking_number = p.tracking_number,
                  shipped_at = p.shipped_at, delivered_at = p.delivered_at
  FROM unnest($2::uuid[], $3::smallint[], $4::text[], $5::timestamptz[], $6::text[], $7::text[], $8::timestamptz[], $9::timestamptz[])
       AS p (order_id, number, status, status_at, carrier, tracking_number, shipped_at, delivered_at)
 WHERE parcel.merchant_id = $1 AND parcel.order_id = p.order_id AND parcel.number = p.number;

-- name: parcels_by_tracking
-- The parcels that bear these tracking numbers, by the names that we use. Carriers use a number again after years: all of them.
SELECT p.tracking_number, o.number || '-P' || p.number AS name
  FROM parcel AS p JOIN orders AS o ON o.merchant_id = $1 AND o.id = p.order_id
 WHERE p.merchant_id = $1 AND p.tracking_number = ANY($2::text[]);
