-- What a file of stock says, beside what the book says. The file's rows lie in temporary tables of the transaction (COPY does not write
-- into tables with row-level security); only here SQL decides what changed.

-- name: make_tables
-- The rows as they were written; those of them that are wrong or tell of a change; and the changes.
CREATE TEMPORARY TABLE feed_row (
    line bigint GENERATED ALWAYS AS IDENTITY (START WITH 2 CACHE 1000), sku text, location text, lot text, quantity text, reason text, ignored text)
    ON COMMIT DROP;
CREATE TEMPORARY TABLE feed_fact (
    line bigint, sku text, location text, lot text COLLATE "C", sku_id uuid, location_id uuid, quantity integer, expected bigint, reason text,
    wrong text) ON COMMIT DROP;
CREATE TEMPORARY TABLE feed_later (sku_id uuid, location_id uuid, lot text COLLATE "C", change bigint) ON COMMIT DROP;
CREATE TEMPORARY TABLE feed_change (
    number bigint GENERATED ALWAYS AS IDENTITY, line bigint, sku_id uuid, location_id uuid, lot text COLLATE "C", quantity integer, reason text)
    ON COMMIT DROP;

-- name: told_ahead
-- Whether somebody told, before it happened, of something that occurred after a moment.
SELECT EXISTS (SELECT FROM event WHERE merchant_id = $1 AND occurred_at > recorded_at AND occurred_at > $2);

-- name: read_later
-- Good units that came and went after the moment of a snapshot, and those that fell short or turned up. Events told after `$2` hold all
-- of what came and went.
INSERT INTO feed_later
SELECT later.sku_id, later.location_id, later.lot, sum(later.change) FROM (
SELECT p.sku_id, n.location_id, n.lot, n.change
  FROM posting AS p
  JOIN event AS e ON e.merchant_id = $1 AND e.subject_id = p.subject_id AND e.event_id = p.event_id AND e.occurred_at > $3
 CROSS JOIN LATERAL (VALUES (p.from_location_id, p.from_lot, p.from_bucket, -p.quantity),
                            (p.to_location_id, p.to_lot, p.to_bucket, p.quantity)) AS n (location_id, lot, bucket, change)
 WHERE p.merchant_id = $1 AND p.event_id >= $2 AND n.location_id IS NOT NULL AND n.bucket = ANY($4::text[])
 UNION ALL
SELECT sku_id, location_id, lot, -change FROM shortage_entry WHERE merchant_id = $1 AND occurred_at > $3) AS later
 GROUP BY 1, 2, 3;

-- name: compare
-- Each row with the ids of what it names, its quantity as a number, and what is wrong with it; of a snapshot only rows that say something
-- else than the book said at that moment: good units now, less what came and went since ($4: anything did).
INSERT INTO feed_fact
SELECT r.line, r.sku, coalesce(r.location, $3), coalesce(r.lot, ''), s.id, l.id,
       CASE WHEN r.quantity ~ '^[+-]?[0-9]{1,9}$' THEN r.quantity::integer END,
       coalesce(book.units, 0) - coalesce(later.change, 0), r.reason,
       CASE WHEN s.id IS NULL THEN 'unknown_sku'
            WHEN l.id IS NULL THEN 'unknown_location'
            WHEN r.quantity IS NULL OR r.quantity !~ '^[+-]?[0-9]{1,9}$' THEN 'no_whole_number'
            WHEN abs(r.quantity::integer) > 100000000 THEN 'too_large'
            WHEN $2 AND r.quantity::integer < 0 THEN 'below_zero'
            WHEN text.unreadable THEN 'unreadable' END
  FROM feed_row AS r
 CROSS JOIN LATERAL (SELECT coalesce(r.lot, r.reason) IS NOT NULL
                        AND (length(r.lot) > 64 OR length(r.reason) > 64 OR concat(r.lot, r.reason) ~ '[[:cntrl:]]')) AS text (unreadable)
  LEFT JOIN sku AS s ON s.merchant_id = $1 AND s.code = r.sku
  LEFT JOIN location AS l ON l.merchant_id = $1 AND l.code = coalesce(r.location, $3)
  LEFT JOIN (SELECT sku_id, location_id, lot, available + reserved + allocated + picked + packed - short AS units
               FROM stock WHERE merchant_id = $1) AS book
    ON $2 AND book.sku_id = s.id AND book.location_id = l.id AND book.lot = coalesce(r.lot, '')
  LEFT JOIN feed_later AS later ON $4 AND later.sku_id = s.id AND later.location_id = l.id AND later.lot = coalesce(r.lot, '')
 WHERE NOT $2 OR s.id IS NULL OR l.id IS NULL OR r.quantity IS DISTINCT FROM (coalesce(book.units, 0) - coalesce(later.change, 0))::text
    OR text.unreadable;

-- name: find_repeated
-- A snapshot names each shelf once; where it tells of a change, a later row about the same shelf is not taken.
WITH named AS (SELECT sku, location, lot, min(line) AS first FROM feed_fact WHERE wrong IS NULL AND $1::integer IS NOT NULL GROUP BY 1, 2, 3),
alike AS (
    SELECT r.line, f.line IS NULL AS unchanged, min(r.line) OVER (PARTITION BY n.sku, n.location, n.lot) AS first
      FROM named AS n
      JOIN feed_row AS r ON r.sku = n.sku AND coalesce(r.location, $2) = n.location AND coalesce(r.lot, '') = n.lot
      LEFT JOIN feed_fact AS f ON f.line = r.line
     WHERE f.wrong IS NULL),
again AS (SELECT line, unchanged FROM alike WHERE line > first),
told AS (INSERT INTO feed_fact (line, wrong) SELECT line, 'named_twice' FROM again WHERE unchanged)
UPDATE feed_fact AS f SET wrong = 'named_twice' FROM again WHERE f.line = again.line;

-- name: take_changed
-- Rows of stock that the snapshot tells of a change of; and where it is complete, those of its locations that no row names, which are zero.
-- By reason, and along the primary key of stock: those that lie beside each other are written together.
INSERT INTO feed_change (line, sku_id, location_id, lot, quantity, reason)
SELECT * FROM (
SELECT line, sku_id, location_id, lot, quantity, reason FROM feed_fact WHERE wrong IS NULL AND quantity <> expected
 UNION ALL
SELECT NULL, s.sku_id, s.location_id, s.lot, 0, NULL
  FROM stock AS s LEFT JOIN feed_later AS later USING (sku_id, location_id, lot)
 WHERE $2 AND s.merchant_id = $1
   AND s.available + s.reserved + s.allocated + s.picked + s.packed - s.short <> coalesce(later.change, 0)
   AND s.location_id IN (SELECT l.id FROM feed_row AS r JOIN location AS l ON l.merchant_id = $1 AND l.code = coalesce(r.location, $3))
   AND NOT EXISTS (
       SELECT FROM feed_row AS r
         JOIN sku ON sku.merchant_id = $1 AND sku.code = r.sku
         JOIN location AS l ON l.merchant_id = $1 AND l.code = coalesce(r.location, $3)
        WHERE sku.id = s.sku_id AND l.id = s.location_id AND coalesce(r.lot, '') = s.lot)) AS changed
 ORDER BY reason, sku_id, location_id, lot;

-- name: not_taken
-- What is wrong with how many rows, and the first lines of each kind.
SELECT wrong, count(*), (array_agg(line ORDER BY line))[1:20] FROM feed_fact WHERE wrong IS NOT NULL GROUP BY wrong ORDER BY wrong;

-- name: take_all
-- Of a file of changes every row counts but those that change nothing.
INSERT INTO feed_change (line, sku_id, location_id, lot, quantity, reason)
SELECT line, sku_id, location_id, lot, quantity, reason FROM feed_fact WHERE wrong IS NULL AND quantity <> 0 ORDER BY line;

-- name: count_rows
-- Rows of the file, and shelves that change.
SELECT (SELECT count(*) FROM feed_row) AS rows, (SELECT count(*) FROM feed_change) AS changed;

-- name: applied_before
-- Rows of stock that an earlier worker set for this feed before it died, and that are as the file says since: named by a row, or by none.
SELECT count(*) FILTER (WHERE l.line IS NOT NULL) AS applied, count(*) FILTER (WHERE l.line IS NULL) AS zeroed
  FROM event AS e
 CROSS JOIN LATERAL jsonb_to_recordset(e.data->'lines') AS l (line bigint, sku_id uuid, location_id uuid, lot text)
 WHERE e.merchant_id = $1 AND e.subject_id = $2 AND e.kind = 'stock_feed_applied'
   AND NOT EXISTS (SELECT FROM feed_change AS c WHERE c.sku_id = l.sku_id AND c.location_id = l.location_id AND c.lot = l.lot);

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
