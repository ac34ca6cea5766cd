-- name: count_ids
-- Counts by the number that people use.
SELECT id FROM stock_count WHERE merchant_id = $1 AND number = ANY($2::bigint[]);

-- name: lock_counts
-- In primary-key order; the row's lock guards lines and entries.
SELECT id, number, reference, location_id, zone, blind, opened_at, approved_at, cancelled_at, reason, version
  FROM stock_count WHERE merchant_id = $1 AND id = ANY($2::uuid[]) ORDER BY id FOR NO KEY UPDATE;

-- name: read_counts
-- As lock_counts, for a dry run.
SELECT id, number, reference, location_id, zone, blind, opened_at, approved_at, cancelled_at, reason, version
  FROM stock_count WHERE merchant_id = $1 AND id = ANY($2::uuid[]) ORDER BY id;

-- name: read_count_lines
-- Lines with the codes of their products.
SELECT l.count_id, l.number, l.sku_id, coalesce(s.code, l.sku_id::text), l.lot, l.snapshot, l.pass, l.variance,
       coalesce(s.tracking, 'none')
  FROM stock_count_line AS l LEFT JOIN sku AS s ON s.merchant_id = $1 AND s.id = l.sku_id
 WHERE l.merchant_id = $1 AND l.count_id = ANY($2::uuid[]) ORDER BY l.count_id, l.number;

-- name: read_count_entries
-- What each pass found, and where the journal tells of it.
SELECT n.count_id, n.line_number, n.pass, n.counted, n.expected, n.short, n.counted_at, n.counted_by, n.event_id,
       n.serials, n.missing, n.strange, e.position
  FROM stock_count_entry AS n
  LEFT JOIN event AS e ON e.merchant_id = $1 AND e.subject_id = n.count_id AND e.event_id = n.event_id
 WHERE n.merchant_id = $1 AND n.count_id = ANY($2::uuid[]) ORDER BY n.count_id, n.line_number, n.pass;

-- name: count_references
-- Which references are taken.
SELECT reference, number FROM stock_count WHERE merchant_id = $1 AND reference = ANY($2::text[]);

-- name: rows_at_locations
-- What the book says lies at each location, by product; bounded.
SELECT found.sku_id, place.id, found.lot
  FROM unnest($2::uuid[]) AS place (id)
 CROSS JOIN LATERAL (
       SELECT s.sku_id, s.lot FROM stock AS s
        WHERE s.merchant_id = $1 AND s.location_id = place.id AND s.available + s.reserved + s.allocated > 0
        ORDER BY s.sku_id, s.lot LIMIT $3) AS found;

-- name: rows_in_zones
-- What lies in bins whose code begins as the zone's, at each location; bounded. All codes that begin so lie between the zone and the
-- zone followed by the last character there is.
SELECT DISTINCT found.sku_id, place.id, found.lot, place.zone
  FROM unnest($2::uuid[], $3::text[]) AS place (id, zone)
 CROSS JOIN LATERAL (
       SELECT b.sku_id, b.lot FROM bin_stock AS b
        WHERE b.merchant_id = $1 AND b.location_id = place.id AND b.quantity > 0
          AND b.bin >= place.zone COLLATE "C" AND b.bin < place.zone || chr(1114111) COLLATE "C"
        ORDER BY b.bin, b.sku_id, b.lot LIMIT $4) AS found;

-- name: rows_of_skus
-- The rows of these products at these locations, one for each lot.
SELECT s.sku_id, s.location_id, s.lot
  FROM unnest($2::uuid[], $3::uuid[]) AS wanted (sku_id, location_id)
  JOIN stock AS s ON s.merchant_id = $1 AND s.sku_id = wanted.sku_id AND s.location_id = wanted.location_id
 ORDER BY s.sku_id, s.location_id, s.lot;

-- name: moved_since
-- Units that came onto (or left) the shelf by what occurred after a moment; a correction moves nothing. OFFSET 0, here and below: shelf by
-- shelf, whatever the statistics of a young table say.
SELECT k.sku_id, k.location_id, k.lot, k.since, sum(p.change)::int AS change
  FROM unnest($2::uuid[], $3::uuid[], $4::text[], $5::timestamptz[]) AS k (sku_id, location_id, lot, since)
 CROSS JOIN LATERAL (
       SELECT p.subject_id, p.event_id,
              CASE WHEN p.to_location_id = k.location_id AND p.to_lot = k.lot AND p.to_bucket = ANY($7::text[]) THEN p.quantity ELSE 0 END
            - CASE WHEN p.from_location_id = k.location_id AND p.from_lot = k.lot AND p.from_bucket = ANY($7::text[]) THEN p.quantity ELSE 0 END
              AS change
         FROM posting AS p
        WHERE p.merchant_id = $1 AND p.sku_id = k.sku_id AND p.event_id >= $6
          AND (p.from_location_id = k.location_id OR p.to_location_id = k.location_id)
          AND NOT (p.from_location_id IS NULL AND coalesce(p.from_bucket, '') IN ('lost', 'found'))
          AND NOT (p.to_location_id IS NULL AND coalesce(p.to_bucket, '') IN ('lost', 'found')) OFFSET 0) AS p
 CROSS JOIN LATERAL (
       SELECT FROM event AS e
        WHERE e.merchant_id = $1 AND e.subject_id = p.subject_id AND e.event_id = p.event_id AND e.occurred_at > k.since
          AND e.kind <> 'stock_corrected' OFFSET 0) AS e
 GROUP BY k.sku_id, k.location_id, k.lot, k.since;

-- name: since
-- What events after a position said of a shelf: units found (or lost) on paper, for which the book changed and the shelf did not; and units
-- that came (or left) before the moment at which somebody counted. Of what is told as it happens and a count, the lock of the row
-- decides which was first, not two clocks.
SELECT k.sku_id, k.location_id, k.lot, k.since,
       coalesce(sum(p.change) FILTER (WHERE p.on_paper OR e.corrects), 0)::int AS corrected,
       coalesce(sum(p.change) FILTER (WHERE NOT p.on_paper AND NOT e.corrects AND e.late), 0)::int AS late
  FROM unnest($2::uuid[], $3::uuid[], $4::text[], $5::bigint[], $6::timestamptz[]) AS k (sku_id, location_id, lot, since, counted_at)
 CROSS JOIN LATERAL (
       SELECT p.subject_id, p.event_id,
              CASE WHEN p.to_location_id = k.location_id AND p.to_lot = k.lot AND p.to_bucket = ANY($8::text[]) THEN p.quantity ELSE 0 END
            - CASE WHEN p.from_location_id = k.location_id AND p.from_lot = k.lot AND p.from_bucket = ANY($8::text[]) THEN p.quantity ELSE 0 END
              AS change,
              (p.from_location_id IS NULL AND coalesce(p.from_bucket, '') IN ('lost', 'found'))
              OR (p.to_location_id IS NULL AND coalesce(p.to_bucket, '') IN ('lost', 'found')) AS on_paper
         FROM posting AS p
        WHERE p.merchant_id = $1 AND p.sku_id = k.sku_id AND p.event_id >= $7
          AND (p.from_location_id = k.location_id OR p.to_location_id = k.location_id) OFFSET 0) AS p
 CROSS JOIN LATERAL (
       SELECT e.kind = 'stock_corrected' AS corrects, e.told_late AND e.occurred_at < k.counted_at AS late
         FROM event AS e
        WHERE e.merchant_id = $1 AND e.subject_id = p.subject_id AND e.event_id = p.event_id AND e.position > k.since OFFSET 0) AS e
 GROUP BY k.sku_id, k.location_id, k.lot, k.since;

-- name: counted_after
-- When, and by which document, each shelf was first counted whole after a moment: by an approved count, or by what set it to what was seen.
-- Of the latter only those tell that found it otherwise; they alone tell of units in parcels ($8). Such an event has an id of that moment
-- or later.
SELECT k.number, first.counted_at, first.document
  FROM unnest($2::int[], $3::uuid[], $4::uuid[], $5::text[], $6::timestamptz[], $7::uuid[])
         AS k (number, sku_id, location_id, lot, moment, first_id)
 CROSS JOIN LATERAL (
       SELECT n.counted_at, 'C' || c.number AS document
         FROM stock_count AS c
         JOIN stock_count_line AS l ON l.merchant_id = $1 AND l.count_id = c.id AND l.sku_id = k.sku_id AND l.lot = k.lot
         JOIN stock_count_entry AS n ON n.merchant_id = $1 AND n.count_id = c.id AND n.line_number = l.number AND n.pass = l.pass
        WHERE c.merchant_id = $1 AND c.location_id = k.location_id AND c.approved_at > k.moment AND c.zone IS NULL
          AND n.counted_at > k.moment AND NOT $8::boolean
        UNION ALL
       SELECT e.occurred_at, coalesce(e.data->>'document', e.data->>'reference', 'snapshot')
         FROM (SELECT p.subject_id, p.event_id FROM posting AS p
                WHERE p.merchant_id = $1 AND p.sku_id = k.sku_id AND p.event_id >= k.first_id
                  AND (p.from_location_id = k.location_id AND p.from_lot = k.lot AND p.to_location_id IS NULL AND p.to_bucket = 'lost'
                    OR p.to_location_id = k.location_id AND p.to_lot = k.lot AND p.from_location_id IS NULL AND p.from_bucket = 'found')
               OFFSET 0) AS p
         JOIN event AS e ON e.merchant_id = $1 AND e.subject_id = p.subject_id AND e.event_id = p.event_id
        WHERE e.kind IN ('stock_set', 'stock_feed_applied') AND e.occurred_at > k.moment
        ORDER BY 1 LIMIT 1) AS first;

-- name: first_bins
-- The bin of each zone into which what was found there is put on the book.
SELECT zone.location_id, zone.first, b.code
  FROM unnest($2::uuid[], $3::text[], $4::text[]) AS zone (location_id, first, last)
 CROSS JOIN LATERAL (
       SELECT b.code FROM bin AS b
        WHERE b.merchant_id = $1 AND b.location_id = zone.location_id AND b.code >= zone.first AND b.code < zone.last
        ORDER BY b.active DESC, b.sequence, b.code LIMIT 1) AS b;

-- name: moved_in_zones
-- Units that came into (or left) bins by what occurred after a moment.
SELECT k.sku_id, k.location_id, k.lot, k.zone, k.since, sum(p.change)::int AS change
  FROM unnest($2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::text[], $7::timestamptz[]) AS k (sku_id, location_id, lot, zone, last, since)
 CROSS JOIN LATERAL (
       SELECT p.subject_id, p.event_id,
              CASE WHEN p.to_bin >= k.zone AND p.to_bin < k.last THEN p.quantity ELSE 0 END
            - CASE WHEN p.from_bin >= k.zone AND p.from_bin < k.last THEN p.quantity ELSE 0 END AS change
         FROM bin_posting AS p
        WHERE p.merchant_id = $1 AND p.sku_id = k.sku_id AND p.event_id >= $8 AND p.location_id = k.location_id AND p.lot = k.lot
          AND NOT p.corrects OFFSET 0) AS p
 CROSS JOIN LATERAL (
       SELECT FROM event AS e
        WHERE e.merchant_id = $1 AND e.subject_id = p.subject_id AND e.event_id = p.event_id AND e.occurred_at > k.since OFFSET 0) AS e
 GROUP BY k.sku_id, k.location_id, k.lot, k.zone, k.since;

-- name: zones_since
-- As since, of bins.
SELECT k.sku_id, k.location_id, k.lot, k.zone, k.since,
       coalesce(sum(p.change) FILTER (WHERE p.corrects), 0)::int AS corrected,
       coalesce(sum(p.change) FILTER (WHERE NOT p.corrects AND e.late), 0)::int AS late
  FROM unnest($2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::text[], $7::bigint[], $8::timestamptz[])
       AS k (sku_id, location_id, lot, zone, last, since, counted_at)
 CROSS JOIN LATERAL (
       SELECT p.subject_id, p.event_id, p.corrects,
              CASE WHEN p.to_bin >= k.zone AND p.to_bin < k.last THEN p.quantity ELSE 0 END
            - CASE WHEN p.from_bin >= k.zone AND p.from_bin < k.last THEN p.quantity ELSE 0 END AS change
         FROM bin_posting AS p
        WHERE p.merchant_id = $1 AND p.sku_id = k.sku_id AND p.event_id >= $9 AND p.location_id = k.location_id AND p.lot = k.lot
       OFFSET 0) AS p
 CROSS JOIN LATERAL (
       SELECT e.told_late AND e.occurred_at < k.counted_at AS late
         FROM event AS e
        WHERE e.merchant_id = $1 AND e.subject_id = p.subject_id AND e.event_id = p.event_id AND e.position > k.since OFFSET 0) AS e
 GROUP BY k.sku_id, k.location_id, k.lot, k.zone, k.since;

-- name: insert_counts
-- A row that is left out has a reference that somebody else used meanwhile: the caller counts.
INSERT INTO stock_count (merchant_id, id, number, reference, location_id, zone, blind, opened_at, approved_at, cancelled_at, reason, version)
SELECT $1, c.* FROM unnest($2::uuid[], $3::bigint[], $4::text[], $5::uuid[], $6::text[], $7::bool[], $8::timestamptz[], $9::timestamptz[],
                           $10::timestamptz[], $11::text[], $12::int[]) AS c
    ON CONFLICT DO NOTHING;

-- name: update_counts
-- A count went on.
UPDATE stock_count SET approved_at = c.approved_at, cancelled_at = c.cancelled_at, reason = c.reason, version = c.version
  FROM unnest($2::uuid[], $3::timestamptz[], $4::timestamptz[], $5::text[], $6::int[]) AS c (id, approved_at, cancelled_at, reason, version)
 WHERE stock_count.merchant_id = $1 AND stock_count.id = c.id;

-- name: insert_count_lines
-- Lines come with the count, or when somebody finds what was not on it.
INSERT INTO stock_count_line (merchant_id, count_id, number, sku_id, lot, snapshot, pass)
SELECT $1, l.* FROM unnest($2::uuid[], $3::smallint[], $4::uuid[], $5::text[], $6::int[], $7::smallint[]) AS l;

-- name: update_count_lines
-- Another pass is wanted, or the variance was posted.
UPDATE stock_count_line SET pass = l.pass, variance = l.variance
  FROM unnest($2::uuid[], $3::smallint[], $4::smallint[], $5::int[]) AS l (count_id, number, pass, variance)
 WHERE stock_count_line.merchant_id = $1 AND stock_count_line.count_id = l.count_id AND stock_count_line.number = l.number;

-- name: save_count_entries
-- The same pass again replaces what was said before.
INSERT INTO stock_count_entry (merchant_id, count_id, line_number, pass, counted, expected, short, counted_at, counted_by, event_id,
                               serials, missing, strange)
SELECT $1, n.count_id, n.line_number, n.pass, n.counted, n.expected, n.short, n.counted_at, n.counted_by, n.event_id,
       n.serials::jsonb, n.missing::jsonb, n.strange::jsonb
  FROM unnest($2::uuid[], $3::smallint[], $4::smallint[], $5::int[], $6::int[], $7::int[], $8::timestamptz[], $9::text[],
                           $10::uuid[], $11::text[], $12::text[], $13::text[])
       AS n (count_id, line_number, pass, counted, expected, short, counted_at, counted_by, event_id, serials, missing, strange)
    ON CONFLICT (merchant_id, count_id, line_number, pass)
    DO UPDATE SET counted = excluded.counted, expected = excluded.expected, short = excluded.short, counted_at = excluded.counted_at,
                  counted_by = excluded.counted_by, event_id = excluded.event_id, serials = excluded.serials,
                  missing = excluded.missing, strange = excluded.strange;

-- name: names_there
-- Names of the units that the book has on shelves.
SELECT s.sku_id, s.location_id, s.lot, s.serial
  FROM unnest($2::uuid[], $3::uuid[], $4::text[]) AS k (sku_id, location_id, lot)
 CROSS JOIN LATERAL (
       SELECT * FROM serial
        WHERE merchant_id = $1 AND sku_id = k.sku_id AND location_id = k.location_id AND lot = k.lot AND place = 'on_shelf' OFFSET 0) AS s
 ORDER BY s.serial;

-- name: names_then
-- Names of the units that the book had on shelves at a moment: each is where its last posting left it that had occurred by then, or that
-- corrected the book.
SELECT k.sku_id, k.location_id, k.lot, k.moment, last.serial
  FROM unnest($2::uuid[], $3::uuid[], $4::text[], $5::timestamptz[]) AS k (sku_id, location_id, lot, moment)
 CROSS JOIN LATERAL (
       SELECT DISTINCT ON (p.serial) p.serial, p.to_location_id, p.to_lot, p.to_bucket
         FROM posting AS p
         JOIN event AS e ON e.merchant_id = $1 AND e.subject_id = p.subject_id AND e.event_id = p.event_id
        WHERE p.merchant_id = $1 AND p.sku_id = k.sku_id AND p.serial IS NOT NULL
          AND (e.occurred_at <= k.moment OR e.kind = 'stock_corrected'
            OR (p.from_location_id IS NULL AND p.from_bucket IN ('lost', 'found')) OR (p.to_location_id IS NULL AND p.to_bucket IN ('lost', 'found')))
        ORDER BY p.serial, e.position DESC, p.number DESC) AS last
 WHERE last.to_location_id = k.location_id AND last.to_lot = k.lot AND last.to_bucket = ANY($6::text[])
 ORDER BY last.serial;

-- name: names_moved
-- Which of these units were moved by events after a position.
SELECT DISTINCT k.sku_id, k.serial, k.since
  FROM unnest($2::uuid[], $3::text[], $4::bigint[]) AS k (sku_id, serial, since)
 CROSS JOIN LATERAL (
       SELECT p.subject_id, p.event_id FROM posting AS p
        WHERE p.merchant_id = $1 AND p.sku_id = k.sku_id AND p.serial = k.serial AND p.event_id >= $5 OFFSET 0) AS p
 CROSS JOIN LATERAL (
       SELECT FROM event AS e
        WHERE e.merchant_id = $1 AND e.subject_id = p.subject_id AND e.event_id = p.event_id AND e.position > k.since OFFSET 0) AS e;
