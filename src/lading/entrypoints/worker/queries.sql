-- What the worker reads and writes. Each reader of the feed moves its cursor in the transaction that did its work.

-- name: young_tables
-- Those that nobody has analysed, of so many pages at least.
SELECT oid::regclass::text AS name FROM pg_class
 WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND reltuples < 0 AND pg_relation_size(oid) >= $1::int * current_setting('block_size')::int
 ORDER BY oid;

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
-- Customers and the names they went by, with the words that they have already; blanked ones are left out.
SELECT customer_id, name,
       ARRAY(SELECT t.word FROM search_term AS t WHERE t.merchant_id = $1 AND t.subject_id = p.customer_id) AS known
  FROM party_version AS p WHERE p.merchant_id = $1 AND p.id = ANY($2::uuid[]) AND p.name IS NOT NULL;

-- name: names_of_skus
-- What the products are called now.
SELECT id, name FROM sku WHERE merchant_id = $1 AND id = ANY($2::uuid[]);

-- name: forget_words
-- Words that products do not bear any more.
DELETE FROM search_term
 WHERE merchant_id = $1 AND subject_kind = 'sku' AND subject_id = ANY($2::uuid[])
   AND (subject_id, word) NOT IN (SELECT * FROM unnest($3::uuid[], $4::text[]));

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
SELECT o.priority, o.placed_at, o.number, o.id
  FROM (SELECT DISTINCT order_id FROM order_line
         WHERE merchant_id = $1 AND sku_id = ANY($2::uuid[]) AND (open > 0 OR backordered > 0)) AS waiting
 CROSS JOIN LATERAL (SELECT priority, placed_at, number, id FROM orders WHERE merchant_id = $1 AND id = waiting.order_id OFFSET 0) AS o
 WHERE o.priority < $3 OR (o.priority = $3 AND (o.placed_at, o.number) > ($4::timestamptz, $5::bigint))
 ORDER BY o.priority DESC, o.placed_at, o.number LIMIT $6;

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

-- name: levels_are_set
-- Whether the merchant wants to hear of any level.
SELECT EXISTS (SELECT FROM policy WHERE merchant_id = $1 AND name = 'availability_levels' AND superseded_by IS NULL AND value IS NOT NULL);

-- name: head
-- The position of the last event.
SELECT position FROM journal_head WHERE merchant_id = $1;

-- name: watched_skus
-- The last position of the next piece of the feed (without a code), and the products with levels that it may have touched: those of its
-- orders, its subjects, those that its events name.
WITH piece AS MATERIALIZED (
    SELECT position, subject_kind, subject_id, data FROM event WHERE merchant_id = $1 AND position > $2 ORDER BY position LIMIT $3),
touched AS MATERIALIZED (
    SELECT line.sku_id AS id
      FROM (SELECT DISTINCT subject_id FROM piece WHERE subject_kind = 'order') AS o
     CROSS JOIN LATERAL (SELECT sku_id FROM order_line WHERE merchant_id = $1 AND order_id = o.subject_id OFFSET 0) AS line
    UNION SELECT subject_id FROM piece WHERE subject_kind = 'sku'
    UNION SELECT (data ->> 'scope_id')::uuid FROM piece WHERE subject_kind = 'policy' AND data ->> 'scope_kind' = 'sku'
    UNION SELECT (named #>> '{}')::uuid
      FROM piece CROSS JOIN LATERAL jsonb_path_query(data, '$.**.sku_id') AS named WHERE subject_kind NOT IN ('order', 'sku', 'policy')),
concerned AS MATERIALIZED (                                        -- a kit has more or fewer when its components have
    SELECT id FROM touched
    UNION SELECT c.kit_id FROM touched JOIN kit_component AS c ON c.merchant_id = $1 AND c.sku_id = touched.id),
wide AS MATERIALIZED (
    SELECT FROM policy WHERE merchant_id = $1 AND scope_kind = 'merchant' AND name = 'availability_levels' AND superseded_by IS NULL
                         AND value IS NOT NULL)
SELECT max(position) AS position, NULL AS code FROM piece
UNION ALL
SELECT NULL, sku.code
  FROM concerned CROSS JOIN LATERAL (SELECT code FROM sku WHERE merchant_id = $1 AND id = concerned.id OFFSET 0) AS sku
 WHERE EXISTS (SELECT FROM wide)
    OR EXISTS (SELECT FROM policy AS p WHERE p.merchant_id = $1 AND p.scope_kind = 'sku' AND p.scope_id = concerned.id
                                         AND p.name = 'availability_levels' AND p.superseded_by IS NULL AND p.value IS NOT NULL);

-- name: walk_watched
-- The next products along their key, and whether they have levels.
SELECT sku.id, sku.code,
       EXISTS (SELECT FROM policy AS p WHERE p.merchant_id = $1 AND p.scope_kind = 'merchant' AND p.name = 'availability_levels'
                                         AND p.superseded_by IS NULL AND p.value IS NOT NULL)
       OR EXISTS (SELECT FROM policy AS p WHERE p.merchant_id = $1 AND p.scope_kind = 'sku' AND p.scope_id = sku.id
                                            AND p.name = 'availability_levels' AND p.superseded_by IS NULL AND p.value IS NOT NULL) AS watched
  FROM sku WHERE sku.merchant_id = $1 AND sku.id > $2 ORDER BY sku.id LIMIT $3;

-- name: days_are_kept
-- Whether any rule keeps days of cover back.
SELECT EXISTS (SELECT FROM policy
                WHERE merchant_id = $1 AND name IN ('safety_stock', 'channel_buffer') AND superseded_by IS NULL
                  AND right(value #>> '{}', 1) = 'd');

-- name: walk_skus
-- The next products along their key.
SELECT id FROM sku WHERE merchant_id = $1 AND id > $2 ORDER BY id LIMIT $3;

-- name: asked_for
-- Units of these products that orders took at each location since a day, less what they gave back.
SELECT sku_id, location_id, sum(units)::int FROM demand_day
 WHERE merchant_id = $1 AND sku_id = ANY($2::uuid[]) AND day > $3 GROUP BY sku_id, location_id HAVING sum(units) > 0;

-- name: forget_demand
-- Where nobody asks for these products any more.
DELETE FROM demand_rate
 WHERE merchant_id = $1 AND sku_id = ANY($2::uuid[])
   AND (sku_id, location_id) NOT IN (SELECT * FROM unnest($3::uuid[], $4::uuid[]));

-- name: write_demand
-- As it was counted now; rows that say so already stay as they are.
INSERT INTO demand_rate (merchant_id, sku_id, location_id, units, days, counted_at)
SELECT $1, d.sku_id, d.location_id, d.units, $5, $6 FROM unnest($2::uuid[], $3::uuid[], $4::int[]) AS d (sku_id, location_id, units)
    ON CONFLICT (merchant_id, sku_id, location_id) DO UPDATE SET units = excluded.units, days = excluded.days, counted_at = excluded.counted_at
 WHERE demand_rate.units <> excluded.units OR demand_rate.days <> excluded.days;

-- name: add_to_demand
-- What orders took of products at locations in the next piece of the feed, less what they gave back, added to its days; the last position of
-- the piece. An order's postings are of products of its lines.
WITH piece AS MATERIALIZED (
    SELECT e.position, e.subject_id, e.event_id, (e.occurred_at AT TIME ZONE m.time_zone)::date AS day
      FROM (SELECT * FROM event WHERE merchant_id = $1 AND position > $2 ORDER BY position LIMIT $3) AS e
     CROSS JOIN (SELECT time_zone FROM merchant WHERE id = $1) AS m),
moved AS (
    SELECT p.sku_id, piece.day, CASE WHEN p.from_bucket = 'allocated' THEN p.to_location_id ELSE p.from_location_id END AS location_id,
           CASE WHEN p.from_bucket = 'allocated' THEN -p.quantity ELSE p.quantity END AS units
      FROM piece
     CROSS JOIN LATERAL (SELECT sku_id, number FROM order_line WHERE merchant_id = $1 AND order_id = piece.subject_id OFFSET 0) AS l
     CROSS JOIN LATERAL (
           SELECT * FROM posting WHERE merchant_id = $1 AND sku_id = l.sku_id AND event_id = piece.event_id AND line_number = l.number OFFSET 0) AS p
     WHERE p.from_bucket IN ('available', 'reserved') OR (p.from_bucket = 'allocated' AND p.to_bucket = 'available')),
added AS (
    INSERT INTO demand_day (merchant_id, sku_id, location_id, day, units)
    SELECT $1, sku_id, location_id, day, sum(units) FROM moved GROUP BY sku_id, location_id, day ORDER BY sku_id, location_id, day
        ON CONFLICT (merchant_id, sku_id, location_id, day) DO UPDATE SET units = demand_day.units + excluded.units)
SELECT max(position) FROM piece;

-- name: daily_demand
-- Units that orders took of these products at each location, day by day, less what they gave back.
SELECT sku_id, location_id, day, units FROM demand_day
 WHERE merchant_id = $1 AND sku_id = ANY($2::uuid[]) AND day >= $3 AND day < $4 AND units > 0;

-- name: lying_and_coming
-- What is free of these products at each location, and what is on its way there.
SELECT sku_id, location_id, sum(free)::int AS free, sum(inbound)::int AS inbound
  FROM (SELECT sku_id, location_id, available AS free, 0 AS inbound FROM stock WHERE merchant_id = $1 AND sku_id = ANY($2::uuid[])
        UNION ALL
        SELECT sku_id, location_id, 0, expected FROM purchase_order_line WHERE merchant_id = $1 AND sku_id = ANY($2::uuid[]) AND expected > 0
        UNION ALL
        SELECT sku_id, to_location_id, 0, in_transit FROM transfer_line WHERE merchant_id = $1 AND sku_id = ANY($2::uuid[]) AND in_transit > 0)
       AS each
 GROUP BY sku_id, location_id;

-- name: forget_hints
-- Places where these products neither lie nor are asked for any more.
DELETE FROM replenishment_hint
 WHERE merchant_id = $1 AND sku_id = ANY($2::uuid[])
   AND (sku_id, location_id) NOT IN (SELECT * FROM unnest($3::uuid[], $4::uuid[]));

-- name: write_hints
-- As it was counted now.
INSERT INTO replenishment_hint (merchant_id, counted_at, sku_id, location_id, state, pattern, rank, history_days, asked_for, rate_per_day,
                                cover_days, free, inbound, exposed_days, service_percent, reorder_point, order_up_to, order_now)
SELECT $1, $2, h.* FROM unnest($3::uuid[], $4::uuid[], $5::text[], $6::text[], $7::bigint[], $8::smallint[], $9::int[], $10::float8[],
                               $11::float8[], $12::int[], $13::int[], $14::smallint[], $15::smallint[], $16::int[], $17::int[], $18::int[]) AS h
    ON CONFLICT (merchant_id, sku_id, location_id) DO UPDATE SET counted_at = excluded.counted_at, state = excluded.state,
       pattern = excluded.pattern, rank = excluded.rank, history_days = excluded.history_days, asked_for = excluded.asked_for,
       rate_per_day = excluded.rate_per_day, cover_days = excluded.cover_days, free = excluded.free, inbound = excluded.inbound,
       exposed_days = excluded.exposed_days, service_percent = excluded.service_percent, reorder_point = excluded.reorder_point,
       order_up_to = excluded.order_up_to, order_now = excluded.order_now;

-- name: add_to_days
-- The money that the next piece of the feed moved, added to its days and accounts; the last position of the piece.
WITH piece AS MATERIALIZED (
    SELECT e.position, e.subject_id, e.event_id, (e.occurred_at AT TIME ZONE m.time_zone)::date AS day
      FROM (SELECT * FROM event WHERE merchant_id = $1 AND position > $2 ORDER BY position LIMIT $3) AS e
     CROSS JOIN (SELECT time_zone FROM merchant WHERE id = $1) AS m),
posted AS MATERIALIZED (
    SELECT piece.day, p.currency, p.debit, p.credit, p.amount_minor
      FROM piece JOIN money_posting AS p ON p.merchant_id = $1 AND p.order_id = piece.subject_id AND p.event_id = piece.event_id),
added AS (
    INSERT INTO ledger_day (merchant_id, day, currency, account, debit_minor, credit_minor)
    SELECT $1, day, currency, account, sum(debit), sum(credit)
      FROM (SELECT day, currency, debit AS account, amount_minor AS debit, 0 AS credit FROM posted
            UNION ALL
            SELECT day, currency, credit, 0, amount_minor FROM posted) AS ends
     GROUP BY day, currency, account ORDER BY day, currency, account
        ON CONFLICT (merchant_id, day, currency, account)
        DO UPDATE SET debit_minor = ledger_day.debit_minor + excluded.debit_minor,
                      credit_minor = ledger_day.credit_minor + excluded.credit_minor)
SELECT max(position) FROM piece;

-- name: due_edits
-- Prepared edits whose time is over, the longest first: (number of the order, number of the edit).
SELECT o.number, e.number FROM order_edit AS e JOIN orders AS o ON o.merchant_id = $1 AND o.id = e.order_id
 WHERE e.merchant_id = $1 AND e.status = 'begun' AND e.expires_at IS NOT NULL AND e.expires_at <= $2
 ORDER BY e.expires_at, e.order_id, e.number LIMIT $3;

-- name: due_holds
-- Orders with holds whose time is over, the longest first.
SELECT order_id FROM hold WHERE merchant_id = $1 AND released_at IS NULL AND expires_at IS NOT NULL AND expires_at <= $2
 GROUP BY order_id ORDER BY min(expires_at), order_id LIMIT $3;

-- name: unanswered_requests
-- Fulfillment orders whose location was asked and did not answer in time, the longest first, by the names that we use.
SELECT o.number || '-F' || f.number AS name
  FROM fulfillment_order AS f JOIN orders AS o ON o.merchant_id = $1 AND o.id = f.order_id
 WHERE f.merchant_id = $1 AND f.answer_by <= $2 AND f.answer_by IS NOT NULL AND f.released + f.picked > 0
 ORDER BY f.answer_by, f.order_id, f.number LIMIT $3;

-- name: due_schedules
-- Fulfillment orders that were scheduled for a time that has come, the longest first.
SELECT o.number || '-F' || f.number AS name
  FROM fulfillment_order AS f JOIN orders AS o ON o.merchant_id = $1 AND o.id = f.order_id
 WHERE f.merchant_id = $1 AND f.scheduled_for <= $2 AND f.scheduled_for IS NOT NULL AND f.released > 0
 ORDER BY f.scheduled_for, f.order_id, f.number LIMIT $3;

-- name: due_pickups
-- Parcels that nobody collected in time, the longest first, by the names that we use.
SELECT o.number || '-P' || p.parcel AS name
  FROM pickup AS p JOIN orders AS o ON o.merchant_id = $1 AND o.id = p.order_id
  JOIN parcel ON parcel.merchant_id = $1 AND parcel.order_id = p.order_id AND parcel.number = p.parcel AND parcel.status = 'packed'
 WHERE p.merchant_id = $1 AND p.collect_by <= $2 AND p.ended_at IS NULL
 ORDER BY p.collect_by, p.order_id, p.parcel LIMIT $3;

-- name: claim_payment_requests
-- What is due to be asked of providers, the oldest first, and of each tender one after the other; what waits for a person or a bank keeps
-- nobody else waiting. Who claims has until the next time that it is due: twice as long after each call.
WITH due AS (
    SELECT r.order_id, r.tender_number, r.number
      FROM payment_request AS r
     WHERE r.merchant_id = $1 AND r.status = 'pending' AND r.due_at <= $2
       AND NOT EXISTS (SELECT FROM payment_request AS e
                        WHERE e.merchant_id = $1 AND e.order_id = r.order_id AND e.tender_number = r.tender_number
                          AND e.number < r.number AND e.status = 'pending' AND e.reference IS NULL)
     ORDER BY r.due_at, r.order_id, r.tender_number, r.number
     LIMIT $3
       FOR NO KEY UPDATE SKIP LOCKED),
claimed AS (
    UPDATE payment_request AS r
       SET attempts = least(r.attempts + 1, 32000)::smallint,
           due_at = next_call($2, r.attempts)
      FROM due
     WHERE r.merchant_id = $1 AND r.order_id = due.order_id AND r.tender_number = due.tender_number AND r.number = due.number
    RETURNING r.order_id, r.tender_number, r.number, r.kind, r.amount_minor, r.asked_at, r.attempts, r.reference)
SELECT c.order_id, o.number AS order_number, c.tender_number, c.number, c.kind, c.amount_minor, o.currency, c.asked_at, c.attempts,
       c.reference, t.provider, t.method, t.payer, t.unattended, t.reference AS payment,
       CASE c.kind WHEN 'authorise' THEN t.authorised_minor ELSE 0 END AS promised_minor,
       t.authorised_minor = t.captured_minor + t.voiding_minor + c.amount_minor AS last
  FROM claimed AS c
  JOIN tender AS t ON t.merchant_id = $1 AND t.order_id = c.order_id AND t.number = c.tender_number
  JOIN orders AS o ON o.merchant_id = $1 AND o.id = c.order_id;

-- name: claim_dispute_answers
-- What is due to be said to banks, the oldest first. Who claims has until the next time that it is due: twice as long after each call.
WITH due AS (
    SELECT a.order_id, a.tender_number, a.reference, a.number
      FROM dispute_answer AS a
     WHERE a.merchant_id = $1 AND a.status = 'pending' AND a.due_at <= $2
     ORDER BY a.due_at, a.order_id, a.tender_number, a.reference, a.number
     LIMIT $3
       FOR NO KEY UPDATE SKIP LOCKED),
claimed AS (
    UPDATE dispute_answer AS a
       SET attempts = least(a.attempts + 1, 32000)::smallint,
           due_at = next_call($2, a.attempts)
      FROM due
     WHERE a.merchant_id = $1 AND a.order_id = due.order_id AND a.tender_number = due.tender_number AND a.reference = due.reference
       AND a.number = due.number
    RETURNING a.order_id, a.tender_number, a.reference, a.number, a.task, a.words, a.parcels, a.invoices, a.files, a.attempts)
SELECT c.*, o.number AS order_number, o.currency, t.provider, d.amount_minor, d.reason
  FROM claimed AS c
  JOIN orders AS o ON o.merchant_id = $1 AND o.id = c.order_id
  JOIN tender AS t ON t.merchant_id = $1 AND t.order_id = c.order_id AND t.number = c.tender_number
  JOIN dispute AS d ON d.merchant_id = $1 AND d.order_id = c.order_id AND d.tender_number = c.tender_number AND d.reference = c.reference;

-- name: invoices_shown
-- What invoices are called, the first one first.
SELECT legal_entity, series, serial FROM invoice
 WHERE merchant_id = $1 AND order_id = $2 AND number = ANY($3::smallint[]) ORDER BY number;

-- name: claim_tax_requests
-- What is due to be asked of tax services, the oldest first. Who claims has until the next time that it is due: twice as long after each call.
WITH due AS (
    SELECT r.order_id, r.task, r.document
      FROM tax_request AS r
     WHERE r.merchant_id = $1 AND r.status = 'pending' AND r.due_at <= $2
     ORDER BY r.due_at, r.order_id, r.task, r.document
     LIMIT $3
       FOR NO KEY UPDATE SKIP LOCKED),
claimed AS (
    UPDATE tax_request AS r
       SET attempts = least(r.attempts + 1, 32000)::smallint,
           due_at = next_call($2, r.attempts)
      FROM due
     WHERE r.merchant_id = $1 AND r.order_id = due.order_id AND r.task = due.task AND r.document = due.document
    RETURNING r.order_id, r.task, r.document, r.service)
SELECT c.order_id, c.task, c.document, c.service, o.number AS order_number, o.placed_at, o.customer_id, d.tax_exemption
  FROM claimed AS c
  JOIN orders AS o ON o.merchant_id = $1 AND o.id = c.order_id
  LEFT JOIN order_detail AS d ON d.merchant_id = $1 AND d.order_id = c.order_id;

-- name: first_location
-- Where goods are sent from where nobody said more.
SELECT id FROM location WHERE merchant_id = $1 ORDER BY priority, code LIMIT 1;

-- name: lapsed_tenders
-- Authorisations whose time is over and that hold something still.
SELECT order_id, number, expires_at FROM tender
 WHERE merchant_id = $1 AND expires_at <= $2
   AND authorised_minor > captured_minor + capturing_minor + voiding_minor
 ORDER BY expires_at LIMIT $3;

-- name: orders_to_follow
-- The last position of the next piece of the feed; and the orders in it whose money a provider moves, or that a gift card paid. Tenders are
-- looked up by their orders: of the indexes of providers and of gift cards, PostgreSQL may read all that there is for each order.
WITH piece AS MATERIALIZED (
    SELECT position, kind, subject_kind, subject_id FROM event WHERE merchant_id = $1 AND position > $2 ORDER BY position LIMIT $3)
SELECT max(position) AS position, NULL::uuid AS order_id FROM piece
UNION ALL
SELECT max(p.position), p.subject_id
  FROM piece AS p
 WHERE p.subject_kind = 'order' AND p.kind <> ALL ($4::text[])
   AND EXISTS (SELECT FROM tender AS t WHERE t.merchant_id = $1 AND t.order_id = p.subject_id
                  AND coalesce(t.provider, t.credit_id::text) IS NOT NULL OFFSET 0)
 GROUP BY p.subject_id;

-- name: orders_to_bill
-- The last position of the next piece of the feed; and orders of it that something may be to be billed or credited of: where a policy says
-- so, or something was billed before. An order that was just placed has nothing but what was paid. Each is looked up by its key: of an EXISTS
-- under OR, PostgreSQL may make a set of all orders that there are.
WITH piece AS MATERIALIZED (
    SELECT position, kind, subject_kind, subject_id FROM event WHERE merchant_id = $1 AND position > $2 ORDER BY position LIMIT $3),
asked AS MATERIALIZED (
    SELECT bool_or(true) AS at_all, bool_or(value::text = '"capture"') AS at_capture FROM policy
     WHERE merchant_id = $1 AND name = 'invoice_at' AND superseded_by IS NULL AND value IS NOT NULL AND value::text <> '"none"'),
touched AS (
    SELECT DISTINCT subject_id AS order_id, kind = 'order_placed' AS placed FROM piece
     WHERE subject_kind = 'order' AND kind <> ALL ($4::text[]) AND kind <> 'order_recorded')
SELECT 'position' AS what, max(position) AS position, NULL::uuid AS id FROM piece
UNION ALL
SELECT DISTINCT 'order', NULL::bigint, t.order_id
  FROM touched AS t CROSS JOIN asked
 WHERE CASE WHEN t.placed THEN asked.at_capture AND (SELECT o.captured_minor > 0 FROM orders AS o WHERE o.merchant_id = $1 AND o.id = t.order_id)
            ELSE asked.at_all OR (SELECT true FROM invoice AS i WHERE i.merchant_id = $1 AND i.order_id = t.order_id LIMIT 1) END;

-- name: credits_over
-- Gift cards and store credit whose time is over and of which something is left.
SELECT id, expires_at, balance_minor FROM credit
 WHERE merchant_id = $1 AND expires_at <= $2 AND balance_minor > 0 ORDER BY expires_at LIMIT $3;

-- name: due_subscriptions
-- Subscriptions of which an order is due, the longest first.
SELECT id, cycle, failures FROM subscription 
 WHERE merchant_id = $1 AND status = 'active' AND next_at <= $2 AND (retry_at IS NULL OR retry_at <= $2) ORDER BY next_at, id LIMIT $3;
