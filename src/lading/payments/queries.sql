-- name: read_tenders
-- The tenders of these orders in the order of their numbers.
SELECT order_id, number, kind, reference, authorised_minor, captured_minor, refunded_minor
  FROM tender WHERE merchant_id = $1 AND order_id = ANY($2::uuid[]) ORDER BY order_id, number;

-- name: insert_tenders
-- A tender is born with what it took.
INSERT INTO tender (merchant_id, order_id, number, kind, reference, authorised_minor, captured_minor, refunded_minor)
SELECT $1, t.* FROM unnest($2::uuid[], $3::smallint[], $4::text[], $5::text[], $6::bigint[], $7::bigint[], $8::bigint[]) AS t;

-- name: update_tenders
-- What each tender took and gave back by now.
UPDATE tender SET authorised_minor = t.authorised_minor, captured_minor = t.captured_minor, refunded_minor = t.refunded_minor
  FROM unnest($2::uuid[], $3::smallint[], $4::bigint[], $5::bigint[], $6::bigint[])
       AS t (order_id, number, authorised_minor, captured_minor, refunded_minor)
 WHERE tender.merchant_id = $1 AND tender.order_id = t.order_id AND tender.number = t.number;
