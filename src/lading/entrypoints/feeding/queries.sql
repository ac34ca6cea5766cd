-- What a file of stock says, beside what the book says. The file's rows lie in temporary tables of the transaction (COPY does not write
-- into tables with row-level security); only here SQL decides what changed.

-- name: make_tables
-- The rows as they were written, and what becomes of them.
CREATE TEMPORARY TABLE feed_row (
    line bigint GENERATED ALWAYS AS IDENTITY (START WITH 2), sku text, location text, lot text, quantity text, reason text, ignored text)
    ON COMMIT DROP;
CREATE TEMPORARY TABLE feed_fact (
    line bigint, sku_id uuid, location_id uuid, lot text COLLATE "C", quantity integer, reason text, wrong text) ON COMMIT DROP;
CREATE TEMPORARY TABLE feed_change (
    number bigint GENERATED ALWAYS AS IDENTITY, line bigint, sku_id uuid, location_id uuid, lot text COLLATE "C", quantity integer, reason text)
    ON COMMIT DROP;

-- name: judge_rows
-- Each row with the ids of what it names, its quantity as a number, and what is wrong with it.
INSERT INTO feed_fact
SELECT r.line, s.id, l.id, coalesce(r.lot, ''), CASE WHEN r.quantity ~ '^[+-]?[0-9]{1,9}$' THEN r.quantity::integer END, r.reason,
       CASE WHEN s.id IS NULL THEN 'unknown_sku'
            WHEN l.id IS NULL THEN 'unknown_location'
            WHEN r.quantity IS NULL OR r.quantity !~ '^[+-]?[0-9]{1,9}$' THEN 'no_whole_number'
            WHEN abs(r.quantity::integer) > 100000000 THEN 'too_large'
            WHEN $2 AND r.quantity::integer < 0 THEN 'below_zero'
            WHEN length(r.lot) > 64 OR length(r.reason) > 64 OR r.lot || coalesce(r.reason, '') ~ '[[:cntrl:]]' THEN 'unreadable' END
  FROM feed_row AS r
  LEFT JOIN sku AS s ON s.merchant_id = $1 AND s.code = r.sku
  LEFT JOIN location AS l ON l.merchant_id = $1 AND l.code = coalesce(r.location, $3);

-- name: find_repeated
-- A snapshot names each shelf once; a later row about the same shelf is not taken.
WITH repeated AS (
    SELECT sku_id, location_id, lot, min(line) AS first FROM feed_fact WHERE wrong IS NULL GROUP BY 1, 2, 3 HAVING count(*) > 1)
UPDATE feed_fact AS f SET wrong = 'named_twice'
  FROM repeated AS r
 WHERE f.sku_id = r.sku_id AND f.location_id = r.location_id AND f.lot = r.lot AND f.line > r.first AND f.wrong IS NULL;

-- name: not_taken
-- What is wrong with how many rows, and the first lines of each kind.
SELECT wrong, count(*), (array_agg(line ORDER BY line))[1:20] FROM feed_fact WHERE wrong IS NOT NULL GROUP BY wrong ORDER BY wrong;

-- name: find_changed
-- Shelves where the file says something else than the book said at that moment: good units now, less what came and went since. Where
-- the file is complete, shelves of its locations that it does not name are zero.
WITH later AS MATERIALIZED (
    SELECT p.sku_id, e.location_id, e.lot, sum(e.change)::bigint AS change
      FROM (SELECT DISTINCT sku_id FROM feed_fact WHERE wrong IS NULL AND $2) AS f
      JOIN posting AS p ON p.merchant_id = $1 AND p.sku_id = f.sku_id AND p.event_id >= $3
      JOIN event ON event.merchant_id = $1 AND event.subject_id = p.subject_id AND event.event_id = p.event_id AND event.occurred_at > $4
     CROSS JOIN LATERAL (VALUES (p.from_location_id, p.from_lot, p.from_bucket, -p.quantity),
                                (p.to_location_id, p.to_lot, p.to_bucket, p.quantity)) AS e (location_id, lot, bucket, change)
     WHERE e.location_id IS NOT NULL AND e.bucket = ANY($5::text[])
     GROUP BY 1, 2, 3),
book AS (
    SELECT sku_id, location_id, lot, available + reserved + allocated + picked + packed - short AS units FROM stock WHERE merchant_id = $1)
INSERT INTO feed_change (line, sku_id, location_id, lot, quantity, reason)
SELECT f.line, f.sku_id, f.location_id, f.lot, f.quantity, f.reason
  FROM feed_fact AS f
  LEFT JOIN book USING (sku_id, location_id, lot)
  LEFT JOIN later USING (sku_id, location_id, lot)
 WHERE f.wrong IS NULL AND f.quantity <> coalesce(book.units, 0) - coalesce(later.change, 0)
UNION ALL
SELECT NULL, book.sku_id, book.location_id, book.lot, 0, NULL
  FROM book
  LEFT JOIN later USING (sku_id, location_id, lot)
 WHERE $6 AND book.units <> coalesce(later.change, 0)
   AND book.location_id IN (SELECT location_id FROM feed_fact WHERE wrong IS NULL)
   AND NOT EXISTS (SELECT 1 FROM feed_fact AS f
                    WHERE f.sku_id = book.sku_id AND f.location_id = book.location_id AND f.lot = book.lot AND f.wrong IS NULL);

-- name: take_all
-- Of a file of changes every row counts but those that change nothing.
INSERT INTO feed_change (line, sku_id, location_id, lot, quantity, reason)
SELECT line, sku_id, location_id, lot, quantity, reason FROM feed_fact WHERE wrong IS NULL AND quantity <> 0 ORDER BY line;

-- name: count_rows
-- Rows of the file, rows that can be taken, and shelves that change.
SELECT (SELECT count(*) FROM feed_fact) AS rows, (SELECT count(*) FROM feed_fact WHERE wrong IS NULL) AS right, (SELECT count(*) FROM feed_change) AS changed;

-- name: changes
-- The next shelves that change, in the codes that commands take.
SELECT c.number, c.line, s.code AS sku, l.code AS location, c.lot, c.quantity, c.reason
  FROM (SELECT * FROM feed_change WHERE number > $2 ORDER BY number LIMIT $3) AS c
  JOIN sku AS s ON s.merchant_id = $1 AND s.id = c.sku_id
  JOIN location AS l ON l.merchant_id = $1 AND l.id = c.location_id
 ORDER BY c.number;

-- name: claim_feed
-- The next feed that is due (or the one of this reference); nobody else takes it before its lease ends.
UPDATE stock_feed_work AS w SET due_at = $3, attempts = w.attempts + 1
  FROM stock_feed AS f LEFT JOIN location AS l ON l.merchant_id = $1 AND l.id = f.location_id
 WHERE w.merchant_id = $1 AND f.merchant_id = $1 AND f.id = w.stock_feed_id
   AND w.stock_feed_id = (SELECT stock_feed_id FROM stock_feed_work WHERE merchant_id = $1 AND due_at <= $2
                             AND stock_feed_id = coalesce((SELECT id FROM stock_feed WHERE merchant_id = $1 AND reference = $4), stock_feed_id)
                           ORDER BY due_at, stock_feed_id LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED)
RETURNING f.id, w.attempts, f.reference, f.kind, f.as_of, l.code, f.complete, f.sha256;

-- name: sign_of_life
-- How far it is, and a longer lease.
UPDATE stock_feed_work SET due_at = $3, doing = $4, done = $5, total = $6 WHERE merchant_id = $1 AND stock_feed_id = $2;
