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
