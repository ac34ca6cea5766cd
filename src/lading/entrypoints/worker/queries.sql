-- What the worker reads and writes. Each reader of the feed moves its cursor in the transaction that did its work.

-- name: open_consumer
-- The first time, a reader stands before the first event.
INSERT INTO consumer (merchant_id, name, position) VALUES ($1, $2, 0) ON CONFLICT DO NOTHING;

-- name: claim_consumer
-- One worker at a time; another one finds nothing to do. NULL where the row is held, or there is nothing new.
SELECT c.position FROM consumer AS c
 WHERE c.merchant_id = $1 AND c.name = $2 AND c.position < (SELECT position FROM journal_head WHERE merchant_id = $1)
   FOR NO KEY UPDATE SKIP LOCKED;

-- name: named_subjects
-- The last position of the next piece of the feed; and whose names stand in it: versions of people, products.
WITH piece AS MATERIALIZED (
    SELECT position, kind, subject_id, data FROM event WHERE merchant_id = $1 AND position > $2 ORDER BY position LIMIT $3)
SELECT 'position' AS what, max(position) AS position, NULL::uuid AS id FROM piece
UNION ALL
SELECT DISTINCT 'party', NULL::bigint, (data ->> 'party_version_id')::uuid
  FROM piece WHERE kind IN ('order_placed', 'order_recorded') AND data ->> 'party_version_id' IS NOT NULL
UNION ALL
SELECT DISTINCT 'sku', NULL::bigint, subject_id FROM piece WHERE kind = 'product_saved';

-- name: names_of_parties
-- Customers and the names they went by; blanked ones are left out.
SELECT customer_id, name FROM party_version WHERE merchant_id = $1 AND id = ANY($2::uuid[]) AND name IS NOT NULL;

-- name: names_of_skus
-- What the products are called now.
SELECT id, name FROM sku WHERE merchant_id = $1 AND id = ANY($2::uuid[]);

-- name: forget_words
-- Words that products do not bear any more.
DELETE FROM search_term AS t
 WHERE t.merchant_id = $1 AND t.subject_kind = 'sku' AND t.subject_id = ANY($2::uuid[])
   AND NOT EXISTS (SELECT 1 FROM unnest($3::uuid[], $4::text[]) AS kept (subject_id, word)
                    WHERE kept.subject_id = t.subject_id AND kept.word = t.word);

-- name: write_words
-- A word is written once for each subject.
INSERT INTO search_term (merchant_id, word, subject_kind, subject_id)
SELECT $1, w.* FROM unnest($2::text[], $3::text[], $4::uuid[]) AS w ON CONFLICT DO NOTHING;

-- name: move_consumer
-- Where this reader of the feed stands, after it did its work.
UPDATE consumer SET position = $3 WHERE merchant_id = $1 AND name = $2;

-- name: oldest_commands
-- A piece of the command table along its key, and how far it went. The table has no index on time: writing one would cost every order.
WITH piece AS MATERIALIZED (
    SELECT command_id, recorded_at FROM command WHERE merchant_id = $1 AND command_id > $2 ORDER BY command_id LIMIT $3),
gone AS (
    DELETE FROM command
     WHERE merchant_id = $1 AND command_id IN (SELECT command_id FROM piece WHERE recorded_at < $4)
    RETURNING 1)
SELECT (SELECT command_id FROM piece ORDER BY command_id DESC LIMIT 1) AS last, (SELECT count(*) FROM piece) AS looked_at,
       (SELECT count(*) FROM gone) AS deleted;

-- name: touched_skus
-- The last position of the next piece of the feed; and the products that somebody waits for and whose stock, inbound or promises an
-- event of the piece may have changed. A new order does so only where it is served before somebody who has a promise.
WITH piece AS MATERIALIZED (
    SELECT position, kind, subject_kind, subject_id, occurred_at, recorded_at, data
      FROM event WHERE merchant_id = $1 AND position > $2 ORDER BY position LIMIT $3),
touched AS (
    SELECT subject_id AS sku_id FROM piece WHERE subject_kind = 'sku' AND kind <> 'product_saved'
    UNION
    SELECT (data->>'scope_id')::uuid FROM piece WHERE kind = 'policy_set' AND data->>'scope_kind' = 'sku'
    UNION
    SELECT (id #>> '{}')::uuid FROM piece, jsonb_path_query(data, '$.**.sku_id') AS id
     WHERE subject_kind NOT IN ('sku', 'order', 'policy') AND jsonb_typeof(id) = 'string'
    UNION
    SELECT l.sku_id FROM piece JOIN order_line AS l ON l.merchant_id = $1 AND l.order_id = piece.subject_id
     WHERE subject_kind = 'order' AND kind <> ALL ($4::text[]) AND (kind <> 'units_picked' OR data->'short' <> '[]')
    UNION
    SELECT l.sku_id FROM piece
      JOIN orders AS o ON o.merchant_id = $1 AND o.id = piece.subject_id
      JOIN order_line AS l ON l.merchant_id = $1 AND l.order_id = o.id AND (l.open > 0 OR l.backordered > 0)
     WHERE piece.kind = 'order_placed' AND piece.data ? 'promises'
       AND (EXISTS (SELECT FROM backlog AS b WHERE b.merchant_id = $1 AND b.sku_id = l.sku_id AND b.priority < o.priority AND b.waiting > 0)
            OR (piece.occurred_at < piece.recorded_at - interval '10 seconds'
                AND EXISTS (SELECT FROM order_line AS later
                             WHERE later.merchant_id = $1 AND later.sku_id = l.sku_id AND later.order_id > o.id
                               AND (later.open > 0 OR later.backordered > 0)))))
SELECT 'position' AS what, max(position) AS position, NULL::uuid AS id FROM piece
UNION ALL
SELECT 'sku', NULL::bigint, sku_id FROM touched
 WHERE EXISTS (SELECT FROM order_line AS l WHERE l.merchant_id = $1 AND l.sku_id = touched.sku_id AND (l.open > 0 OR l.backordered > 0));

-- name: there_to_give
-- Which of these products some location has.
SELECT DISTINCT sku_id FROM stock WHERE merchant_id = $1 AND sku_id = ANY($2::uuid[]) AND available > 0;

-- name: who_waits
-- Orders that wait for these products, in the order in which they are served, after a place in it.
SELECT o.priority, o.id FROM orders AS o
 WHERE o.merchant_id = $1
   AND o.id IN (SELECT l.order_id FROM order_line AS l
                 WHERE l.merchant_id = $1 AND l.sku_id = ANY($2::uuid[]) AND (l.open > 0 OR l.backordered > 0))
   AND (o.priority < $3 OR (o.priority = $3 AND o.id > $4))
 ORDER BY o.priority DESC, o.id LIMIT $5;

-- name: released_skus
-- Products that were sold ahead until a time that has come, and that somebody waits for.
SELECT p.scope_id AS sku_id, p.value #>> '{}' AS until FROM policy AS p
 WHERE EXISTS (SELECT FROM backlog AS b WHERE b.merchant_id = $1 AND b.sku_id = p.scope_id AND b.waiting > 0)
   AND p.merchant_id = $1 AND p.name = 'preorder_until' AND p.scope_kind = 'sku' AND p.superseded_by IS NULL
   AND p.value #>> '{}' IS NOT NULL AND (p.value #>> '{}')::timestamptz <= $2;

-- name: due_reservations
-- Reservations whose time is over, the oldest first, a row for each of their lines.
SELECT reservation_id, expires_at FROM reservation_line
 WHERE merchant_id = $1 AND expires_at <= $2 AND ended_as IS NULL ORDER BY expires_at, reservation_id LIMIT $3;
