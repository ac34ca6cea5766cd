-- name: whole_tables
-- Sums over the whole journal: more memory for this transaction keeps them off the disk. Whole tables are compared, which in a nested loop
-- takes for ever; that is what statistics suggest that are older than a load of a few seconds ago.
SELECT set_config('work_mem', '64MB', true), set_config('enable_nestloop', 'off', true) WHERE $1::int IS NOT NULL;

-- name: positions
-- Positions are dense: as many events as the head says, the last one at the head.
WITH kept AS (SELECT position, position AS last_event, last_at, order_number FROM journal_head WHERE merchant_id = $1),
seen AS (SELECT count(*) AS position, coalesce(max(position), 0) AS last_event, max(recorded_at) AS last_at
           FROM event WHERE merchant_id = $1),
told AS (SELECT seen.position, seen.last_event, coalesce(seen.last_at, kept.last_at) AS last_at,
                greatest(kept.order_number, (SELECT max(number) FROM orders WHERE merchant_id = $1)) AS order_number
           FROM seen CROSS JOIN kept)
SELECT 'the journal''s head' AS subject, to_jsonb(kept) AS kept, to_jsonb(told) AS told
  FROM kept FULL JOIN told ON true WHERE kept IS DISTINCT FROM told;

-- name: clock
-- The clock of the journal never runs backwards.
SELECT 'event ' || position AS subject, jsonb_build_object('recorded_at', recorded_at) AS kept,
       jsonb_build_object('recorded_at', 'at or after ' || earlier) AS told
  FROM (SELECT position, recorded_at, lag(recorded_at) OVER (ORDER BY position) AS earlier FROM event WHERE merchant_id = $1) AS e
 WHERE recorded_at < earlier
 ORDER BY position LIMIT 1000;

-- name: commands
-- Every event has its accepted command (kept 35 days). A command has one event at most, but where it moves units between orders, and what
-- it takes back of counts.
WITH told AS (SELECT command_id, count(*) FILTER (WHERE kind <> 'variance_taken_back' AND NOT data ? 'beside')::int AS events, min(position) AS position, max(recorded_at) AS recorded_at
                FROM event WHERE merchant_id = $1 AND command_id IS NOT NULL GROUP BY command_id)
SELECT 'the command of event ' || told.position AS subject,
       CASE WHEN command.command_id IS NOT NULL
            THEN jsonb_build_object('events', told.events, 'accepted', NOT starts_with(command.outcome::text, '{"refused":')) END AS kept,
       jsonb_build_object('events', 1, 'accepted', true) AS told
  FROM told LEFT JOIN command ON command.merchant_id = $1 AND command.command_id = told.command_id
 WHERE (told.events > 1 AND command.verb NOT IN ('orders.split', 'orders.merge'))
    OR starts_with(command.outcome::text, '{"refused":')
    OR (command.command_id IS NULL AND told.recorded_at > $2::timestamptz)
 ORDER BY told.position LIMIT 1000;

-- name: postings_without_event
-- Each posting belongs to an event of the same subject.
SELECT CASE WHEN money THEN 'the money' ELSE 'the units' END || ' posted by event ' || event_id AS subject, NULL::jsonb AS kept,
       jsonb_build_object('postings', count(*)) AS told
  FROM (SELECT false AS money, p.subject_id, p.event_id FROM posting AS p WHERE p.merchant_id = $1
        UNION ALL
        SELECT true, m.order_id, m.event_id FROM money_posting AS m WHERE m.merchant_id = $1) AS p
 WHERE NOT EXISTS (SELECT FROM event AS e WHERE e.merchant_id = $1 AND e.subject_id = p.subject_id AND e.event_id = p.event_id)
 GROUP BY money, event_id
 ORDER BY event_id LIMIT 1000;

-- name: posting_words
-- Buckets at locations, accounts without one, and stages of lines have known names.
WITH ends AS (
    SELECT DISTINCT 'bucket' AS what, from_bucket AS word FROM posting WHERE merchant_id = $1 AND from_location_id IS NOT NULL
    UNION SELECT 'bucket', to_bucket FROM posting WHERE merchant_id = $1 AND to_location_id IS NOT NULL
    UNION SELECT 'account', from_bucket FROM posting WHERE merchant_id = $1 AND from_location_id IS NULL
    UNION SELECT 'account', to_bucket FROM posting WHERE merchant_id = $1 AND to_location_id IS NULL
    UNION SELECT 'stage', line_from FROM posting WHERE merchant_id = $1
    UNION SELECT 'stage', line_to FROM posting WHERE merchant_id = $1
    UNION SELECT 'money account', debit FROM money_posting WHERE merchant_id = $1 AND NOT starts_with(debit, 'tender:')
    UNION SELECT 'money account', credit FROM money_posting WHERE merchant_id = $1 AND NOT starts_with(credit, 'tender:'))
SELECT 'the ' || what || ' ' || quote_literal(word) || ' of postings' AS subject, jsonb_build_object(what, word) AS kept,
       jsonb_build_object(what, 'one of ' || array_to_string(known, ', ')) AS told
  FROM ends CROSS JOIN LATERAL (SELECT CASE what WHEN 'bucket' THEN $2::text[] WHEN 'account' THEN $3::text[]
                                                 WHEN 'stage' THEN $4::text[] ELSE $5::text[] END AS known) AS names
 WHERE word IS NOT NULL AND word <> ALL (known)
 ORDER BY what, word LIMIT 1000;

-- name: posting_lines
-- A posting of an order's line names a line that exists, and its product.
SELECT 'line ' || p.line_number || ' of order ' || coalesce(o.number::text, p.subject_id::text) AS subject,
       CASE WHEN l.number IS NOT NULL THEN jsonb_build_object('sku_id', l.sku_id) END AS kept, jsonb_build_object('sku_id', p.sku_id) AS told
  FROM (SELECT DISTINCT subject_id, line_number, sku_id FROM posting WHERE merchant_id = $1 AND line_number IS NOT NULL) AS p
  LEFT JOIN order_line AS l ON l.merchant_id = $1 AND l.order_id = p.subject_id AND l.number = p.line_number
  LEFT JOIN orders AS o ON o.merchant_id = $1 AND o.id = p.subject_id
 WHERE l.sku_id IS DISTINCT FROM p.sku_id
 ORDER BY o.number, p.line_number LIMIT 1000;

-- name: stock
-- Each bucket is the sum of its postings.
WITH ends AS (
    SELECT sku_id, from_location_id AS location_id, from_lot AS lot, from_bucket AS bucket, -quantity AS change
      FROM posting WHERE merchant_id = $1 AND from_location_id IS NOT NULL
    UNION ALL
    SELECT sku_id, to_location_id, to_lot, to_bucket, quantity FROM posting WHERE merchant_id = $1 AND to_location_id IS NOT NULL),
told AS (
    SELECT sku_id, location_id, lot,
           coalesce(sum(change) FILTER (WHERE bucket = 'available'), 0)::int AS available,
           coalesce(sum(change) FILTER (WHERE bucket = 'reserved'), 0)::int AS reserved,
           coalesce(sum(change) FILTER (WHERE bucket = 'allocated'), 0)::int AS allocated,
           coalesce(sum(change) FILTER (WHERE bucket = 'picked'), 0)::int AS picked,
           coalesce(sum(change) FILTER (WHERE bucket = 'packed'), 0)::int AS packed,
           coalesce(sum(change) FILTER (WHERE bucket = 'damaged'), 0)::int AS damaged,
           coalesce(sum(change) FILTER (WHERE bucket = 'quality_hold'), 0)::int AS quality_hold
      FROM ends GROUP BY sku_id, location_id, lot),
kept AS (
    SELECT sku_id, location_id, lot, available, reserved, allocated, picked, packed, damaged, quality_hold FROM stock WHERE merchant_id = $1)
SELECT 'stock of ' || coalesce((SELECT code FROM sku WHERE merchant_id = $1 AND id = sku_id), sku_id::text)
       || ' at ' || coalesce((SELECT code FROM location WHERE merchant_id = $1 AND id = location_id), location_id::text)
       || CASE WHEN lot <> '' THEN ' lot ' || lot ELSE '' END AS subject,
       to_jsonb(kept) AS kept, to_jsonb(told) AS told
  FROM kept FULL JOIN told USING (sku_id, location_id, lot)
 WHERE kept IS DISTINCT FROM told
   AND NOT (told.available IS NULL                                -- a row that was made to be locked, where nothing ever lay
            AND kept.available + kept.reserved + kept.allocated + kept.picked + kept.packed + kept.damaged + kept.quality_hold = 0)
 ORDER BY 1 LIMIT 1000;

-- name: stock_owners
-- Stock lies at a location that exists and is of a product that exists.
SELECT 'stock of ' || coalesce(sku.code, 'the unknown product ' || s.sku_id) || ' at '
       || coalesce(location.code, 'the unknown location ' || s.location_id) AS subject,
       jsonb_build_object('owner', 'missing') AS kept, jsonb_build_object('owner', 'a product and a location') AS told
  FROM stock AS s
  LEFT JOIN sku ON sku.merchant_id = $1 AND sku.id = s.sku_id
  LEFT JOIN location ON location.merchant_id = $1 AND location.id = s.location_id
 WHERE s.merchant_id = $1 AND (sku.id IS NULL OR location.id IS NULL)
 ORDER BY 1 LIMIT 1000;

-- name: reservations
-- A reservation's lines are born with it, are extended together, and end with whatever event says so.
WITH born AS (
    SELECT DISTINCT ON (e.subject_id, coalesce((l.line->>'number')::smallint, l.number::smallint)) e.subject_id AS reservation_id,
           coalesce((l.line->>'number')::smallint, l.number::smallint) AS number, (l.line->>'sku_id')::uuid AS sku_id,
           (l.line->>'location_id')::uuid AS location_id, (l.line->>'group_id')::uuid AS group_id, coalesce(l.line->>'lot', '') AS lot,
           (l.line->>'quantity')::int AS quantity, (e.data->>'expires_at')::timestamptz AS expires_at,
           (e.data->>'channel_id')::uuid AS channel_id, e.data->>'reference' AS reference, e.position
      FROM event AS e CROSS JOIN LATERAL jsonb_array_elements(e.data->'lines') WITH ORDINALITY AS l (line, number)
     WHERE e.merchant_id = $1 AND e.kind IN ('stock_reserved', 'reservation_pinned')
     ORDER BY e.subject_id, coalesce((l.line->>'number')::smallint, l.number::smallint), e.position DESC),
extended AS (
    SELECT subject_id AS reservation_id, max((data->>'expires_at')::timestamptz) AS expires_at
      FROM event WHERE merchant_id = $1 AND kind = 'reservation_extended' GROUP BY subject_id),
shortened AS (
    SELECT l.reservation AS reservation_id, l.line AS number, e.position, l.quantity
      FROM event AS e CROSS JOIN LATERAL jsonb_to_recordset(e.data->'shortened') AS l (reservation uuid, line smallint, quantity int)
     WHERE e.merchant_id = $1 AND e.kind = 'claims_shortened'),
ended AS (
    SELECT l.reservation AS reservation_id, l.line AS number, min(l."as") AS ended_as, count(*) AS ends,
           min(e.subject_id::text) FILTER (WHERE l."as" = 'converted')::uuid AS order_id
      FROM event AS e CROSS JOIN LATERAL jsonb_to_recordset(e.data->'reservations_ended') AS l (reservation uuid, line smallint, "as" text)
     WHERE e.merchant_id = $1 AND e.data ? 'reservations_ended' GROUP BY l.reservation, l.line),
taken_off AS (
    SELECT b.reservation_id, b.number, sum(s.quantity)::int AS quantity
      FROM born AS b JOIN shortened AS s USING (reservation_id, number) WHERE s.position > b.position GROUP BY 1, 2),
told AS (
    SELECT reservation_id, number, sku_id, location_id, group_id, lot, b.quantity - coalesce(t.quantity, 0) AS quantity,
           coalesce(x.expires_at, b.expires_at) AS expires_at, channel_id,
           reference, e.ended_as, e.order_id, coalesce(e.ends, 0) <= 1 AS ends_once
      FROM born AS b LEFT JOIN taken_off AS t USING (reservation_id, number) LEFT JOIN extended AS x USING (reservation_id)
      FULL JOIN ended AS e USING (reservation_id, number)),
kept AS (
    SELECT reservation_id, number, sku_id, location_id, group_id, lot COLLATE "default" AS lot, quantity, expires_at, channel_id,
           reference COLLATE "default" AS reference, ended_as, order_id, true AS ends_once
      FROM reservation_line WHERE merchant_id = $1)
SELECT 'line ' || number || ' of reservation ' || reservation_id AS subject, to_jsonb(kept) AS kept, to_jsonb(told) AS told
  FROM kept FULL JOIN told USING (reservation_id, number)
 WHERE kept IS DISTINCT FROM told
 ORDER BY 1 LIMIT 1000;

-- name: stock_reserved
-- What is reserved at a location is what reservations that have not ended hold there.
WITH told AS (
    SELECT sku_id, location_id, lot, sum(quantity)::int AS reserved
      FROM reservation_line WHERE merchant_id = $1 AND ended_as IS NULL AND location_id IS NOT NULL GROUP BY sku_id, location_id, lot),
kept AS (SELECT sku_id, location_id, lot, reserved FROM stock WHERE merchant_id = $1 AND reserved > 0)
SELECT 'stock of ' || coalesce((SELECT code FROM sku WHERE merchant_id = $1 AND id = sku_id), sku_id::text)
       || ' at ' || coalesce((SELECT code FROM location WHERE merchant_id = $1 AND id = location_id), location_id::text)
       || CASE WHEN lot <> '' THEN ' lot ' || lot ELSE '' END AS subject, to_jsonb(kept) AS kept, to_jsonb(told) AS told
  FROM kept FULL JOIN told USING (sku_id, location_id, lot)
 WHERE kept IS DISTINCT FROM told
 ORDER BY 1 LIMIT 1000;

-- name: order_heads
-- What an order was born with, and how often it changed since.
WITH born AS (
    SELECT subject_id AS id, occurred_at AS placed_at, command_id AS placed_by, (data->>'number')::bigint AS number,
           (data->>'channel_id')::uuid AS channel_id, data->>'external_reference' AS external_reference, data->>'currency' AS currency,
           (data->>'priority')::smallint AS priority, (data->>'policy_version')::int AS policy_version,
           (data->>'ship_by')::timestamptz AS ship_by, (data->>'history')::boolean AS history, (data->>'customer_id')::uuid AS customer_id,
           (data->>'party_version_id')::uuid AS party_version_id, (data->>'ship_to_id')::uuid AS ship_to_id,
           (data->>'charged_minor')::bigint AS charged_minor, coalesce((data->>'ship_complete')::boolean, false) AS ship_complete
      FROM event WHERE merchant_id = $1 AND kind IN ('order_placed', 'order_recorded')),
edited AS (                                                        -- what edits changed of it: the last word counts
    SELECT subject_id AS id,
           (array_agg((data->>'ship_to_id')::uuid ORDER BY position DESC) FILTER (WHERE data ? 'ship_to_id'))[1] AS ship_to_id,
           (array_agg((data->>'ship_by')::timestamptz ORDER BY position DESC) FILTER (WHERE data ? 'ship_by'))[1] AS ship_by,
           (array_agg((data->>'priority')::smallint ORDER BY position DESC) FILTER (WHERE data ? 'priority'))[1] AS priority,
           (array_agg((data->>'ship_complete')::boolean ORDER BY position DESC) FILTER (WHERE data ? 'ship_complete'))[1] AS ship_complete
      FROM event WHERE merchant_id = $1 AND kind = 'order_edited' GROUP BY subject_id),
versions AS (                                                      -- what is prepared, or said beside it, leaves an order as it is
    SELECT subject_id AS id, count(*)::int AS version FROM event
     WHERE merchant_id = $1 AND subject_kind = 'order' AND kind NOT IN ('edit_begun', 'edit_dropped', 'note_added', 'note_blanked', 'order_tagged',
                                                                         'provider_fee_posted', 'tax_record_answered',
                                                                         'tax_record_repeated') GROUP BY subject_id),
told AS (
    SELECT id, placed_at, placed_by, number, channel_id, external_reference, currency, coalesce(e.priority, b.priority) AS priority,
           policy_version, coalesce(e.ship_by, b.ship_by) AS ship_by, history, customer_id, party_version_id,
           coalesce(e.ship_to_id, b.ship_to_id) AS ship_to_id, charged_minor, version,
           coalesce(e.ship_complete, b.ship_complete) AS ship_complete
      FROM versions LEFT JOIN born AS b USING (id) LEFT JOIN edited AS e USING (id)),
kept AS (
    SELECT id, placed_at, placed_by, number, channel_id, external_reference COLLATE "default" AS external_reference, currency, priority,
           policy_version, ship_by, history, customer_id, party_version_id, ship_to_id, charged_minor, version, ship_complete
      FROM orders WHERE merchant_id = $1)
SELECT 'order ' || coalesce(kept.number::text, told.number::text, id::text) AS subject, to_jsonb(kept) AS kept, to_jsonb(told) AS told
  FROM kept FULL JOIN told USING (id)
 WHERE kept IS DISTINCT FROM told
 ORDER BY 1 LIMIT 1000;

-- name: line_heads
-- What the lines of an order were born with, with the order or later; and which go out whole: the last word counts.
WITH whole AS (
    SELECT subject_id AS order_id, (array_agg(data->'complete_lines' ORDER BY position DESC))[1] AS lines
      FROM event WHERE merchant_id = $1 AND kind IN ('order_placed', 'order_recorded', 'order_edited') AND data ? 'complete_lines'
     GROUP BY subject_id),
told AS (
    SELECT e.subject_id AS order_id, l.number, l.sku_id, l.quantity AS ordered, l.unit_price, l.goods_minor, l.external_id,
           coalesce(l.is_kit, false) AS is_kit, l.part_of, l.per_kit, l.instead_of, e.kind = 'order_edited' AS added,
           CASE WHEN c.line IS NULL THEN l.pickup_location_id ELSE c.location_id END AS pickup_location_id,
           coalesce(w.lines @> to_jsonb(l.number), false) AS ship_complete,
           CASE WHEN s.line IS NULL THEN l.ship_to_id ELSE s.ship_to_id END AS ship_to_id
      FROM event AS e
      LEFT JOIN whole AS w ON w.order_id = e.subject_id
     CROSS JOIN LATERAL jsonb_to_recordset(e.data->CASE WHEN e.kind IN ('shortage_settled', 'order_edited') THEN 'added' ELSE 'lines' END)
           AS l (number smallint, sku_id uuid, quantity int, unit_price numeric(18, 6), goods_minor bigint, external_id text, is_kit boolean,
                 part_of smallint, per_kit int, instead_of smallint, pickup_location_id uuid, ship_to_id uuid)
      LEFT JOIN (SELECT DISTINCT ON (a.subject_id, line) a.subject_id, line::smallint AS line, (a.data->>'ship_to_id')::uuid AS ship_to_id
                   FROM event AS a CROSS JOIN LATERAL jsonb_array_elements_text(a.data->'lines') AS line
                  WHERE a.merchant_id = $1 AND a.kind = 'lines_addressed'
                  ORDER BY a.subject_id, line, a.position DESC) AS s ON s.subject_id = e.subject_id AND s.line = l.number
      LEFT JOIN (SELECT DISTINCT ON (c.subject_id, line) c.subject_id, line::smallint AS line, (c.data->>'to_location_id')::uuid AS location_id
                   FROM event AS c CROSS JOIN LATERAL jsonb_array_elements_text(c.data->'lines') AS line
                  WHERE c.merchant_id = $1 AND c.kind = 'pickup_changed'
                  ORDER BY c.subject_id, line, c.position DESC) AS c ON c.subject_id = e.subject_id AND c.line = l.number
     WHERE e.merchant_id = $1 AND e.kind IN ('order_placed', 'order_recorded', 'shortage_settled', 'order_edited')),
kept AS (
    SELECT order_id, number, sku_id, ordered, unit_price, goods_minor, external_id COLLATE "default" AS external_id, is_kit, part_of, per_kit,
           instead_of, added, pickup_location_id, ship_complete, ship_to_id
      FROM order_line WHERE merchant_id = $1)
SELECT 'line ' || number || ' of order ' || coalesce((SELECT o.number::text FROM orders AS o WHERE o.merchant_id = $1 AND o.id = order_id),
       order_id::text) AS subject, to_jsonb(kept) AS kept, to_jsonb(told) AS told
  FROM kept FULL JOIN told USING (order_id, number)
 WHERE kept IS DISTINCT FROM told
 ORDER BY 1 LIMIT 1000;

-- name: line_units
-- Each stage of a line: all units begin open, postings move them.
WITH ends AS (
    SELECT subject_id AS order_id, line_number AS number, line_from AS stage, -quantity AS change
      FROM posting WHERE merchant_id = $1 AND line_from IS NOT NULL
    UNION ALL
    SELECT subject_id, line_number, line_to, quantity FROM posting WHERE merchant_id = $1 AND line_to IS NOT NULL
    UNION ALL
    SELECT e.subject_id, l.number, 'open', CASE WHEN l.is_kit THEN 0 ELSE l.quantity END     -- the parts of a kit bear its units
      FROM event AS e
     CROSS JOIN LATERAL jsonb_to_recordset(e.data->CASE WHEN e.kind IN ('shortage_settled', 'order_edited') THEN 'added' ELSE 'lines' END)
           AS l (number smallint, quantity int, is_kit boolean)
     WHERE e.merchant_id = $1 AND e.kind IN ('order_placed', 'order_recorded', 'shortage_settled', 'order_edited')),
told AS (
    SELECT order_id, number,
           coalesce(sum(change) FILTER (WHERE stage = 'cancelled'), 0)::int AS cancelled,
           coalesce(sum(change) FILTER (WHERE stage = 'open'), 0)::int AS open,
           coalesce(sum(change) FILTER (WHERE stage = 'backordered'), 0)::int AS backordered,
           coalesce(sum(change) FILTER (WHERE stage = 'allocated'), 0)::int AS allocated,
           coalesce(sum(change) FILTER (WHERE stage = 'released'), 0)::int AS released,
           coalesce(sum(change) FILTER (WHERE stage = 'picked'), 0)::int AS picked,
           coalesce(sum(change) FILTER (WHERE stage = 'packed'), 0)::int AS packed,
           coalesce(sum(change) FILTER (WHERE stage = 'in_transit'), 0)::int AS in_transit,
           coalesce(sum(change) FILTER (WHERE stage = 'delivered'), 0)::int AS delivered,
           coalesce(sum(change) FILTER (WHERE stage = 'sent_back'), 0)::int AS sent_back,
           coalesce(sum(change) FILTER (WHERE stage = 'lost'), 0)::int AS lost,
           coalesce(sum(change) FILTER (WHERE stage = 'return_requested'), 0)::int AS return_requested,
           coalesce(sum(change) FILTER (WHERE stage = 'returning'), 0)::int AS "returning",
           coalesce(sum(change) FILTER (WHERE stage = 'returned'), 0)::int AS returned
      FROM ends GROUP BY order_id, number),
kept AS (
    SELECT order_id, number, cancelled, open, backordered, allocated, released, picked, packed, in_transit, delivered, sent_back, lost,
           return_requested, "returning", returned FROM order_line WHERE merchant_id = $1)
SELECT 'line ' || number || ' of order ' || coalesce((SELECT o.number::text FROM orders AS o WHERE o.merchant_id = $1 AND o.id = order_id),
       order_id::text) AS subject, to_jsonb(kept) AS kept, to_jsonb(told) AS told
  FROM kept FULL JOIN told USING (order_id, number)
 WHERE kept IS DISTINCT FROM told
 ORDER BY 1 LIMIT 1000;

-- name: order_units
-- An order carries the sums of its own lines and of its holds.
WITH lines AS (
    SELECT order_id AS id, sum(ordered)::int AS ordered, sum(cancelled)::int AS cancelled, sum(open)::int AS open,
           sum(backordered)::int AS backordered, sum(allocated)::int AS allocated, sum(released)::int AS released, sum(picked)::int AS picked,
           sum(packed)::int AS packed, sum(in_transit)::int AS in_transit, sum(delivered)::int AS delivered, sum(sent_back)::int AS sent_back,
           sum(lost)::int AS lost, sum(return_requested)::int AS return_requested, sum("returning")::int AS "returning",
           sum(returned)::int AS returned
      FROM order_line WHERE merchant_id = $1 AND NOT is_kit GROUP BY order_id),
holds AS (SELECT order_id AS id, count(*)::smallint AS active_holds FROM hold
           WHERE merchant_id = $1 AND released_at IS NULL AND stops && '{source,release,ship}' GROUP BY order_id),
kept AS (
    SELECT id, ordered, cancelled, open, backordered, allocated, released, picked, packed, in_transit, delivered, sent_back, lost,
           return_requested, "returning", returned, active_holds FROM orders WHERE merchant_id = $1),
told AS (
    SELECT kept.id, coalesce(l.ordered, 0) AS ordered, coalesce(l.cancelled, 0) AS cancelled, coalesce(l.open, 0) AS open,
           coalesce(l.backordered, 0) AS backordered, coalesce(l.allocated, 0) AS allocated, coalesce(l.released, 0) AS released,
           coalesce(l.picked, 0) AS picked, coalesce(l.packed, 0) AS packed, coalesce(l.in_transit, 0) AS in_transit,
           coalesce(l.delivered, 0) AS delivered, coalesce(l.sent_back, 0) AS sent_back, coalesce(l.lost, 0) AS lost,
           coalesce(l.return_requested, 0) AS return_requested, coalesce(l."returning", 0) AS "returning", coalesce(l.returned, 0) AS returned,
           coalesce(h.active_holds, 0::smallint) AS active_holds
      FROM kept LEFT JOIN lines AS l USING (id) LEFT JOIN holds AS h USING (id))
SELECT 'order ' || (SELECT number FROM orders AS o WHERE o.merchant_id = $1 AND o.id = kept.id) AS subject,
       to_jsonb(kept) AS kept, to_jsonb(told) AS told
  FROM kept JOIN told USING (id)
 WHERE kept IS DISTINCT FROM told
 ORDER BY 1 LIMIT 1000;

-- name: order_money
-- What an order owes, what was taken and what was given back are sums of its money postings, all in its currency.
WITH ledger AS (
    SELECT order_id AS id,
           coalesce(sum(amount_minor) FILTER (WHERE debit = 'receivable' AND NOT starts_with(credit, 'tender:')), 0)
         - coalesce(sum(amount_minor) FILTER (WHERE credit = 'receivable' AND NOT starts_with(debit, 'tender:')
                                                AND debit <> 'refunds_returned'), 0) AS owed_minor,
           coalesce(sum(amount_minor) FILTER (WHERE starts_with(debit, 'tender:') AND credit = 'receivable'), 0) AS captured_minor,
           coalesce(sum(amount_minor) FILTER (WHERE starts_with(credit, 'tender:') AND debit = 'receivable'), 0)
         - coalesce(sum(amount_minor) FILTER (WHERE credit = 'refunds_returned'), 0) AS refunded_minor,
           min(currency) AS currency, max(currency) AS other_currency
      FROM money_posting AS m
     WHERE merchant_id = $1 AND NOT EXISTS (SELECT FROM credit AS c WHERE c.merchant_id = $1 AND c.id = m.order_id) GROUP BY order_id),
kept AS (
    SELECT id, (charged_minor + adjusted_minor)::numeric AS owed_minor, captured_minor::numeric AS captured_minor,
           refunded_minor::numeric AS refunded_minor, currency, currency AS other_currency FROM orders WHERE merchant_id = $1),
told AS (
    SELECT id, coalesce(l.owed_minor, 0) AS owed_minor, coalesce(l.captured_minor, 0) AS captured_minor,
           coalesce(l.refunded_minor, 0) AS refunded_minor, coalesce(l.currency, kept.currency) AS currency,
           coalesce(l.other_currency, kept.currency) AS other_currency
      FROM kept FULL JOIN ledger AS l USING (id))
SELECT 'order ' || coalesce((SELECT number::text FROM orders AS o WHERE o.merchant_id = $1 AND o.id = told.id), told.id::text) AS subject,
       to_jsonb(kept) AS kept, to_jsonb(told) AS told
  FROM told LEFT JOIN kept USING (id)
 WHERE kept IS DISTINCT FROM told
 ORDER BY 1 LIMIT 1000;

-- name: order_charges
-- What an order was charged is the goods of its lines and its charges; its tenders' sums are its own. Lines that stand in for others
-- bear what was charged already.
WITH goods AS (
    SELECT order_id AS id, sum(goods_minor) AS minor FROM order_line WHERE merchant_id = $1 AND instead_of IS NULL AND NOT added
     GROUP BY order_id),
charges AS (
    SELECT c.order_id AS id, sum(c.amount_minor) AS minor
      FROM charge AS c LEFT JOIN order_line AS l ON l.merchant_id = $1 AND l.order_id = c.order_id AND l.number = c.line_number
     WHERE c.merchant_id = $1 AND NOT c.included AND NOT c.added AND l.instead_of IS NULL GROUP BY c.order_id),
tenders AS (
    SELECT order_id AS id, sum(authorised_minor) AS authorised_minor, sum(captured_minor) AS captured_minor,
           sum(refunded_minor) AS refunded_minor FROM tender WHERE merchant_id = $1 GROUP BY order_id),
kept AS (
    SELECT id, charged_minor::numeric AS charged_minor, authorised_minor::numeric AS authorised_minor,
           captured_minor::numeric AS captured_minor, refunded_minor::numeric AS refunded_minor FROM orders WHERE merchant_id = $1),
told AS (
    SELECT kept.id, coalesce(g.minor, 0) + coalesce(c.minor, 0) AS charged_minor, coalesce(t.authorised_minor, 0) AS authorised_minor,
           coalesce(t.captured_minor, 0) AS captured_minor, coalesce(t.refunded_minor, 0) AS refunded_minor
      FROM kept LEFT JOIN goods AS g USING (id) LEFT JOIN charges AS c USING (id) LEFT JOIN tenders AS t USING (id))
SELECT 'order ' || (SELECT number FROM orders AS o WHERE o.merchant_id = $1 AND o.id = kept.id) AS subject,
       to_jsonb(kept) AS kept, to_jsonb(told) AS told
  FROM kept JOIN told USING (id)
 WHERE kept IS DISTINCT FROM told
 ORDER BY 1 LIMIT 1000;

-- name: charges
-- The charges of an order as it was placed, and those of lines that were added since.
WITH told AS (
    SELECT e.subject_id AS order_id, c.number, s.line_number::smallint AS line_number, c.kind, c.code,
           s.amount_minor::bigint AS amount_minor, c.rate, coalesce(c.included, false) AS included, c.applies_to, c.source,
           e.kind IN ('order_edited', 'lines_addressed', 'pickup_changed', 'order_taxed') AS added
      FROM event AS e
     CROSS JOIN LATERAL jsonb_to_recordset(e.data->'charges')
           AS c (number smallint, kind text, code text, shares jsonb, rate numeric, included boolean, applies_to text, source text)
     CROSS JOIN LATERAL jsonb_each_text(c.shares) AS s (line_number, amount_minor)
     WHERE e.merchant_id = $1 AND e.kind IN ('order_placed', 'order_recorded', 'shortage_settled', 'order_edited', 'lines_addressed', 'pickup_changed',
                                           'order_taxed')
       AND e.data ? 'charges'),
kept AS (
    SELECT order_id, number, line_number, kind, code, amount_minor, rate, included, applies_to, source, added FROM charge WHERE merchant_id = $1)
SELECT 'charge ' || number || ' of line ' || line_number || ' of order '
       || coalesce((SELECT o.number::text FROM orders AS o WHERE o.merchant_id = $1 AND o.id = order_id), order_id::text) AS subject,
       to_jsonb(kept) AS kept, to_jsonb(told) AS told
  FROM kept FULL JOIN told USING (order_id, number, line_number)
 WHERE kept IS DISTINCT FROM told
 ORDER BY 1 LIMIT 1000;

-- name: charges_posted
-- At placement each account gets what its kinds of charge sum to.
WITH born AS (
    SELECT c.order_id, c.kind, c.amount_minor, c.included, c.applies_to
      FROM charge AS c LEFT JOIN order_line AS l ON l.merchant_id = $1 AND l.order_id = c.order_id AND l.number = c.line_number
     WHERE c.merchant_id = $1 AND NOT c.added AND l.instead_of IS NULL),
owed AS (
    SELECT order_id, 'goods' AS kind, goods_minor AS minor FROM order_line WHERE merchant_id = $1 AND instead_of IS NULL AND NOT added
    UNION ALL
    SELECT order_id, kind, amount_minor FROM born
    UNION ALL                                                      -- what is contained in prices is taken off the sales that contain it
    SELECT order_id, coalesce(applies_to, 'goods'), -amount_minor FROM born WHERE included),
kept AS (
    SELECT order_id, a.account, sum(minor) AS minor
      FROM owed JOIN unnest($2::text[], $3::text[]) AS a (kind, account) USING (kind)
     GROUP BY order_id, a.account HAVING sum(minor) <> 0),
posted AS (
    SELECT m.order_id, m.debit, m.credit, m.amount_minor
      FROM event AS e JOIN money_posting AS m ON m.merchant_id = $1 AND m.order_id = e.subject_id AND m.event_id = e.event_id
     WHERE e.merchant_id = $1 AND e.kind IN ('order_placed', 'order_recorded')),
told AS (
    SELECT order_id, account, sum(minor) AS minor
      FROM (SELECT order_id, credit AS account, amount_minor AS minor FROM posted WHERE debit = 'receivable'
            UNION ALL
            SELECT order_id, debit, -amount_minor FROM posted WHERE credit = 'receivable' AND NOT starts_with(debit, 'tender:')
            UNION ALL
            SELECT order_id, end_.account, end_.minor
              FROM posted CROSS JOIN LATERAL (VALUES (credit, amount_minor), (debit, -amount_minor)) AS end_ (account, minor)
             WHERE 'receivable' NOT IN (debit, credit)) AS p
     GROUP BY order_id, account HAVING sum(minor) <> 0)
SELECT 'the account ' || account || ' of order '
       || coalesce((SELECT o.number::text FROM orders AS o WHERE o.merchant_id = $1 AND o.id = order_id), order_id::text) AS subject,
       to_jsonb(kept) AS kept, to_jsonb(told) AS told
  FROM kept FULL JOIN told USING (order_id, account)
 WHERE kept IS DISTINCT FROM told
 ORDER BY 1 LIMIT 1000;

-- name: lines_added
-- A line stands in for cancelled units of an earlier line. The event that added it takes nothing off what the order owes but the units
-- that it cancels without a substitute.
WITH units AS (
    SELECT order_id, instead_of AS number, sum(ordered)::int AS replaced
      FROM order_line WHERE merchant_id = $1 AND instead_of IS NOT NULL GROUP BY order_id, instead_of),
events AS (
    SELECT e.subject_id AS order_id, e.event_id, e.position, (e.data->>'adjusted_minor')::numeric AS adjusted_minor
      FROM event AS e WHERE e.merchant_id = $1 AND (e.kind = 'order_edited' OR (e.kind = 'shortage_settled' AND e.data ? 'added')
                                                     OR (e.kind IN ('lines_addressed', 'pickup_changed', 'order_taxed') AND e.data ? 'charges'))),
posted AS (
    SELECT e.event_id, sum(CASE 'receivable' WHEN m.debit THEN m.amount_minor WHEN m.credit THEN -m.amount_minor ELSE 0 END)
           AS adjusted_minor
      FROM events AS e JOIN money_posting AS m ON m.merchant_id = $1 AND m.order_id = e.order_id AND m.event_id = e.event_id
                                AND m.tender_number IS NULL                                  -- what was taken for units that came is told apart
     GROUP BY e.event_id),
wrong AS (
    SELECT u.order_id, 'line ' || u.number AS what, jsonb_build_object('replaced', u.replaced) AS kept,
           jsonb_build_object('replaced', least(u.replaced, coalesce(l.cancelled, 0))) AS told
      FROM units AS u LEFT JOIN order_line AS l ON l.merchant_id = $1 AND l.order_id = u.order_id AND l.number = u.number
     WHERE u.replaced > coalesce(l.cancelled, 0)
    UNION ALL
    SELECT e.order_id, 'event ' || e.position, jsonb_build_object('adjusted_minor', coalesce(p.adjusted_minor, 0)),
           jsonb_build_object('adjusted_minor', e.adjusted_minor)
      FROM events AS e LEFT JOIN posted AS p USING (event_id)
     WHERE coalesce(p.adjusted_minor, 0) IS DISTINCT FROM e.adjusted_minor)
SELECT what || ' of order ' || coalesce((SELECT o.number::text FROM orders AS o WHERE o.merchant_id = $1 AND o.id = order_id), order_id::text)
       AS subject, kept, told
  FROM wrong
 ORDER BY 1 LIMIT 1000;

-- name: tenders
-- What each tender took and gave back is the sum of its postings; what is promised to it beside that, and what was given up, as well.
-- A tender that nothing came of has none.
WITH posted AS (
    SELECT order_id, tender_number AS number,
           coalesce(sum(amount_minor) FILTER (WHERE debit = 'authorised'), 0) AS promised,
           coalesce(sum(amount_minor) FILTER (WHERE credit = 'authorised'), 0) AS over,
           coalesce(sum(amount_minor) FILTER (WHERE debit = 'disputed'), 0)
         - coalesce(sum(amount_minor) FILTER (WHERE credit = 'disputed' AND starts_with(debit, 'tender:')), 0) AS disputed_minor,
           coalesce(sum(amount_minor) FILTER (WHERE starts_with(debit, 'tender:') AND credit = 'receivable'), 0) AS captured_minor,
           coalesce(sum(amount_minor) FILTER (WHERE starts_with(credit, 'tender:') AND debit = 'receivable'), 0)
         - coalesce(sum(amount_minor) FILTER (WHERE credit = 'refunds_returned'), 0) AS refunded_minor
      FROM money_posting WHERE merchant_id = $1 AND tender_number IS NOT NULL GROUP BY order_id, tender_number),
told AS (
    SELECT order_id, number, captured_minor + promised - over AS authorised_minor, captured_minor, refunded_minor,
           CASE WHEN promised > 0 THEN over - captured_minor ELSE 0 END AS voided_minor, disputed_minor
      FROM posted),
kept AS (
    SELECT order_id, number, authorised_minor::numeric AS authorised_minor, captured_minor::numeric AS captured_minor,
           refunded_minor::numeric AS refunded_minor, voided_minor::numeric AS voided_minor,
           disputed_minor::numeric AS disputed_minor
      FROM tender WHERE merchant_id = $1 AND (authorised_minor > 0 OR voided_minor > 0))
SELECT 'tender ' || number || ' of order '
       || coalesce((SELECT o.number::text FROM orders AS o WHERE o.merchant_id = $1 AND o.id = order_id), order_id::text) AS subject,
       to_jsonb(kept) AS kept, to_jsonb(told) AS told
  FROM kept FULL JOIN told USING (order_id, number)
 WHERE kept IS DISTINCT FROM told
 ORDER BY 1 LIMIT 1000;

-- name: tenders_of_providers
-- A tender whose money a provider moves was born when the provider was first asked; its answers say what the provider calls it, how long
-- it stands, and whether it is captured only once.
WITH born AS (
    SELECT subject_id AS order_id, (data->>'tender')::int AS number, data->>'kind' AS kind, data->>'provider' AS provider,
           data->>'reference' AS reference, (data->>'instead_of')::int AS instead_of, NULL::int AS beside
      FROM event WHERE merchant_id = $1 AND (kind = 'payment_authorisation_requested' OR (kind = 'payments_followed' AND data ? 'provider'))
    UNION ALL
    SELECT e.subject_id, t.number, t.kind, t.provider, t.reference, NULL, t.beside
      FROM event AS e
     CROSS JOIN LATERAL jsonb_to_recordset(e.data->'tenders') AS t (number int, kind text, provider text, reference text, beside int)
     WHERE e.merchant_id = $1 AND e.kind IN ('order_placed', 'order_edited', 'lines_addressed', 'pickup_changed', 'order_taxed') AND t.provider IS NOT NULL),
answers AS (
    SELECT subject_id AS order_id, (data->>'tender')::int AS number, position, data
      FROM event WHERE merchant_id = $1 AND kind IN ('payment_answered', 'payment_lapsed')),
told AS (
    SELECT b.order_id, b.number, b.kind, b.provider, b.instead_of, b.beside,
           coalesce((SELECT a.data->>'reference' FROM answers AS a WHERE a.order_id = b.order_id AND a.number = b.number
                      AND a.data->>'kind' = 'authorise' AND a.data->>'reference' IS NOT NULL ORDER BY position DESC LIMIT 1),
                    b.reference) AS reference,
           (SELECT (a.data->>'expires_at')::timestamptz FROM answers AS a WHERE a.order_id = b.order_id AND a.number = b.number
               AND a.data ? 'expires_at' ORDER BY position DESC LIMIT 1) AS expires_at,
           coalesce((SELECT (a.data->>'once')::boolean FROM answers AS a WHERE a.order_id = b.order_id AND a.number = b.number
                      AND a.data ? 'once' ORDER BY position DESC LIMIT 1), false) AS once,
           coalesce((SELECT (a.data->>'grows')::boolean FROM answers AS a WHERE a.order_id = b.order_id AND a.number = b.number
                      AND a.data ? 'grows' ORDER BY position DESC LIMIT 1), false) AS grows
      FROM born AS b),
kept AS (
    SELECT order_id, number::int AS number, kind, provider, instead_of::int AS instead_of, beside::int AS beside, reference, expires_at, once, grows FROM tender
     WHERE merchant_id = $1 AND provider IS NOT NULL)
SELECT 'tender ' || number || ' of order '
       || coalesce((SELECT o.number::text FROM orders AS o WHERE o.merchant_id = $1 AND o.id = order_id), order_id::text) AS subject,
       to_jsonb(kept) AS kept, to_jsonb(told) AS told
  FROM kept FULL JOIN told USING (order_id, number)
 WHERE kept IS DISTINCT FROM told
 ORDER BY 1 LIMIT 1000;

-- name: tenders_awaited
-- What a tender awaits of its provider are the requests that are not answered; it counts them all.
WITH told AS (
    SELECT order_id, tender_number AS number, count(*)::int AS requests,
           (count(*) FILTER (WHERE kind <> 'authorise' AND status = 'failed'))::int AS refused,
           coalesce(sum(amount_minor) FILTER (WHERE kind = 'authorise' AND status = 'pending'), 0) AS authorising_minor,
           coalesce(sum(amount_minor) FILTER (WHERE kind = 'capture' AND status = 'pending'), 0) AS capturing_minor,
           coalesce(sum(amount_minor) FILTER (WHERE kind = 'void' AND status = 'pending'), 0) AS voiding_minor,
           coalesce(sum(amount_minor) FILTER (WHERE kind = 'refund' AND status = 'pending'), 0) AS refunding_minor
      FROM payment_request WHERE merchant_id = $1 GROUP BY order_id, tender_number),
kept AS (
    SELECT order_id, number, requests::int AS requests, refused::int AS refused, authorising_minor::numeric AS authorising_minor,
           capturing_minor::numeric AS capturing_minor, voiding_minor::numeric AS voiding_minor, refunding_minor::numeric AS refunding_minor
      FROM tender WHERE merchant_id = $1 AND requests > 0)
SELECT 'tender ' || number || ' of order '
       || coalesce((SELECT o.number::text FROM orders AS o WHERE o.merchant_id = $1 AND o.id = order_id), order_id::text) AS subject,
       to_jsonb(kept) AS kept, to_jsonb(told) AS told
  FROM kept FULL JOIN told USING (order_id, number)
 WHERE kept IS DISTINCT FROM told
 ORDER BY 1 LIMIT 1000;

-- name: tenders_to_come
-- What a tender is said to bring: so much when its order was placed, less since, as each payment and each giving up tells.
WITH said AS (
    SELECT e.subject_id AS order_id, e.position, t.number, t.kind, t.expected_minor
      FROM event AS e
     CROSS JOIN LATERAL jsonb_to_recordset(e.data->'tenders') AS t (number int, kind text, expected_minor bigint)
     WHERE e.merchant_id = $1 AND e.kind = 'order_placed' AND t.expected_minor > 0
    UNION ALL
    SELECT subject_id, position, (data->>'tender')::int, data->>'kind', (data->>'expected_minor')::bigint
      FROM event WHERE merchant_id = $1 AND kind = 'payment_recorded' AND data ? 'expected_minor'
    UNION ALL
    SELECT e.subject_id, e.position, c.tender, NULL, c.expected_minor
      FROM event AS e CROSS JOIN LATERAL jsonb_to_recordset(e.data->'to_come') AS c (tender int, expected_minor bigint)
     WHERE e.merchant_id = $1 AND e.kind IN ('order_edited', 'lines_addressed', 'pickup_changed', 'order_taxed', 'lines_cancelled') AND e.data ? 'to_come'
    UNION ALL
    SELECT e.subject_id, e.position, n.tender, NULL, 0
      FROM event AS e CROSS JOIN LATERAL jsonb_to_recordset(e.data->'not_awaited') AS n (tender int)
     WHERE e.merchant_id = $1 AND e.kind = 'payment_void_requested' AND e.data ? 'not_awaited'),
told AS (
    SELECT order_id, number, min(kind) AS kind, (array_agg(expected_minor ORDER BY position DESC))[1] AS expected_minor
      FROM said GROUP BY order_id, number),
kept AS (
    SELECT t.order_id, t.number::int AS number, t.kind, t.expected_minor
      FROM tender AS t LEFT JOIN told AS s ON s.order_id = t.order_id AND s.number = t.number
     WHERE t.merchant_id = $1 AND (t.expected_minor > 0 OR s.number IS NOT NULL))
SELECT 'tender ' || number || ' of order '
       || coalesce((SELECT o.number::text FROM orders AS o WHERE o.merchant_id = $1 AND o.id = order_id), order_id::text) AS subject,
       to_jsonb(kept) AS kept, to_jsonb(told) AS told
  FROM kept FULL JOIN told USING (order_id, number)
 WHERE to_jsonb(kept) IS DISTINCT FROM to_jsonb(told)
 ORDER BY 1 LIMIT 1000;

-- name: payment_requests
-- What a provider was asked was told by an event, and so was its answer; the last one counts.
WITH asked AS (
    SELECT e.subject_id AS order_id, a.tender, a.request, a.kind, a.amount_minor, coalesce(a.reference, e.data->>'reference') AS reference
      FROM event AS e
     CROSS JOIN LATERAL jsonb_to_recordset(e.data->'asked') AS a (tender int, request int, kind text, amount_minor bigint, reference text)
     WHERE e.merchant_id = $1
       AND e.kind IN ('payment_authorisation_requested', 'payment_capture_requested', 'payment_void_requested', 'payments_followed',
                      'order_placed', 'order_edited', 'lines_addressed', 'pickup_changed', 'order_taxed')
       AND e.data ? 'asked'
    UNION ALL
    SELECT e.subject_id, r.tender, r.request, 'refund', r.amount_minor, NULL
      FROM event AS e CROSS JOIN LATERAL jsonb_to_recordset(e.data->'refunds') AS r (tender int, request int, amount_minor bigint)
     WHERE e.merchant_id = $1 AND e.kind IN ('payment_refunded', 'return_refunded', 'return_recorded') AND r.request IS NOT NULL),
answers AS (
    SELECT DISTINCT ON (subject_id, data->'tender', data->'request') subject_id AS order_id, (data->>'tender')::int AS tender,
           (data->>'request')::int AS request, data
      FROM event WHERE merchant_id = $1 AND kind = 'payment_answered'
     ORDER BY subject_id, data->'tender', data->'request', position DESC),
told AS (
    SELECT order_id, tender, request, a.kind, coalesce((s.data->>'amount_minor')::bigint, a.amount_minor) AS amount_minor,
           CASE s.data->>'outcome' WHEN 'succeeded' THEN 'succeeded' WHEN 'failed' THEN 'failed' ELSE 'pending' END AS status,
           CASE WHEN s.data IS NULL THEN a.reference ELSE s.data->>'reference' END AS reference,
           CASE WHEN s.data->>'outcome' <> 'waiting' THEN s.data->>'code' END AS code,
           CASE WHEN s.data->>'outcome' <> 'waiting' THEN (s.data->>'at')::timestamptz END AS settled_at
      FROM asked AS a LEFT JOIN answers AS s USING (order_id, tender, request)),
kept AS (
    SELECT order_id, tender_number::int AS tender, number::int AS request, kind, amount_minor, status, reference, code, settled_at
      FROM payment_request WHERE merchant_id = $1)
SELECT 'request ' || request || ' of tender ' || tender || ' of order '
       || coalesce((SELECT o.number::text FROM orders AS o WHERE o.merchant_id = $1 AND o.id = order_id), order_id::text) AS subject,
       to_jsonb(kept) AS kept, to_jsonb(told) AS told
  FROM kept FULL JOIN told USING (order_id, tender, request)
 WHERE kept IS DISTINCT FROM told
 ORDER BY 1 LIMIT 1000;

-- name: disputes
-- What a bank took back was told by an event, and so was how it ended.
WITH told AS (
    SELECT DISTINCT ON (subject_id, data->>'tender', data->>'reference') subject_id AS order_id, (data->>'tender')::int AS tender,
           (data->>'reference') COLLATE "C" AS reference, (data->>'amount_minor')::bigint AS amount_minor, data->>'reason' AS reason,
           data->>'status' AS status, (data->>'answer_by')::timestamptz AS answer_by,
           CASE WHEN data->>'status' <> 'open' THEN (data->>'at')::timestamptz END AS closed_at
      FROM event WHERE merchant_id = $1 AND kind = 'payment_disputed'
     ORDER BY subject_id, data->>'tender', data->>'reference', position DESC),
kept AS (
    SELECT order_id, tender_number::int AS tender, reference, amount_minor, reason, status, answer_by, closed_at
      FROM dispute WHERE merchant_id = $1)
SELECT 'dispute ' || reference || ' of tender ' || tender || ' of order '
       || coalesce((SELECT o.number::text FROM orders AS o WHERE o.merchant_id = $1 AND o.id = order_id), order_id::text) AS subject,
       to_jsonb(kept) AS kept, to_jsonb(told) AS told
  FROM kept FULL JOIN told USING (order_id, tender, reference)
 WHERE to_jsonb(kept) IS DISTINCT FROM to_jsonb(told)
 ORDER BY 1 LIMIT 1000;

-- name: dispute_answers
-- What a bank was told was told by an event, and so was what became of it.
WITH settled AS (
    SELECT subject_id AS order_id, data->>'tender' AS tender, data->>'reference' AS reference, data->>'number' AS number,
           data->>'status' AS status, data->>'code' AS code, (data->>'at')::timestamptz AS settled_at
      FROM event WHERE merchant_id = $1 AND kind = 'dispute_answer_settled'),
told AS (
    SELECT e.subject_id AS order_id, (e.data->>'tender')::int AS tender, (e.data->>'reference') COLLATE "C" AS reference,
           (e.data->>'number')::int AS number, e.data->>'task' AS task, e.data->'parcels' AS parcels, e.data->'invoices' AS invoices,
           e.data->'files' AS files, (e.data->>'words')::boolean AS words, coalesce(s.status, 'pending') AS status, s.code, s.settled_at
      FROM event AS e
      LEFT JOIN settled AS s ON s.order_id = e.subject_id AND s.tender = e.data->>'tender' AND s.reference = e.data->>'reference'
       AND s.number = e.data->>'number'
     WHERE e.merchant_id = $1 AND e.kind = 'dispute_answered'),
kept AS (
    SELECT order_id, tender_number::int AS tender, reference, number::int AS number, task, to_jsonb(parcels) AS parcels,
           to_jsonb(invoices) AS invoices, files, words IS NOT NULL AS words, status, code, settled_at
      FROM dispute_answer WHERE merchant_id = $1)
SELECT 'answer ' || number || ' to dispute ' || reference || ' of order '
       || coalesce((SELECT o.number::text FROM orders AS o WHERE o.merchant_id = $1 AND o.id = order_id), order_id::text) AS subject,
       to_jsonb(kept) AS kept, to_jsonb(told) AS told
  FROM kept FULL JOIN told USING (order_id, tender, reference, number)
 WHERE to_jsonb(kept) IS DISTINCT FROM to_jsonb(told)
 ORDER BY 1 LIMIT 1000;

-- name: tax_requests
-- A tax service is asked for an order that was placed while it did not tell, and for each document that was issued since; an event says
-- what became of it, the last one counts.
WITH asked AS (
    SELECT subject_id AS order_id, 'calculate' AS task, 0 AS document, data->>'tax_service' AS service, position
      FROM event WHERE merchant_id = $1 AND kind = 'order_placed' AND data ? 'tax_service'
    UNION ALL
    SELECT i.order_id, 'record', i.number, e.data->>'tax_service', e.position
      FROM event AS e
     CROSS JOIN LATERAL jsonb_array_elements(e.data->'documents') AS d (document)
      JOIN invoice AS i ON i.merchant_id = $1 AND i.order_id = e.subject_id AND i.legal_entity = d.document->>'legal_entity'
       AND i.series = d.document->>'series' AND i.serial = (d.document->>'serial')::bigint
     WHERE e.merchant_id = $1 AND e.kind = 'invoices_issued' AND e.data ? 'tax_service'),
answers AS (
    SELECT subject_id AS order_id, CASE kind WHEN 'order_taxed' THEN 'calculate' ELSE 'record' END AS task,
           coalesce((data->>'document')::int, 0) AS document, data->>'service' AS service, coalesce(data->>'status', 'succeeded') AS status,
           data->>'reference' AS reference, data->>'code' AS code, position
      FROM event WHERE merchant_id = $1 AND kind IN ('order_taxed', 'tax_record_answered', 'tax_record_repeated')),
told AS (
    SELECT DISTINCT ON (a.order_id, a.task, a.document) a.order_id, a.task, a.document, coalesce(s.service, a.service) AS service,
           coalesce(s.status, 'pending') AS status, s.reference, s.code
      FROM asked AS a LEFT JOIN answers AS s USING (order_id, task, document)
     ORDER BY a.order_id, a.task, a.document, s.position DESC),
kept AS (
    SELECT order_id, task, document::int AS document, service, status, reference, code FROM tax_request WHERE merchant_id = $1)
SELECT 'the tax request ' || task || ' ' || document || ' of order '
       || coalesce((SELECT o.number::text FROM orders AS o WHERE o.merchant_id = $1 AND o.id = order_id), order_id::text) AS subject,
       to_jsonb(kept) AS kept, to_jsonb(told) AS told
  FROM kept FULL JOIN told USING (order_id, task, document)
 WHERE to_jsonb(kept) IS DISTINCT FROM to_jsonb(told)
 ORDER BY 1 LIMIT 1000;

-- name: provider_fees
-- What a provider kept of a movement was told by an event, once, and posted by it.
WITH told AS (
    SELECT e.data->>'provider' AS provider, e.data->>'movement' AS movement, e.subject_id AS order_id, (e.data->>'tender')::int AS tender,
           (e.data->>'amount_minor')::numeric AS amount_minor,
           (SELECT sum(CASE WHEN m.debit = 'provider_fees' THEN m.amount_minor ELSE -m.amount_minor END) FROM money_posting AS m
             WHERE m.merchant_id = $1 AND m.order_id = e.subject_id AND m.event_id = e.event_id
               AND 'provider_fees' IN (m.debit, m.credit)) AS posted
      FROM event AS e WHERE e.merchant_id = $1 AND e.kind = 'provider_fee_posted'),
kept AS (
    SELECT provider COLLATE "default" AS provider, movement COLLATE "default" AS movement, order_id, tender_number::int AS tender,
           amount_minor::numeric AS amount_minor, amount_minor::numeric AS posted
      FROM provider_fee WHERE merchant_id = $1)
SELECT 'the fee of movement ' || movement AS subject, to_jsonb(kept) AS kept, to_jsonb(told) AS told
  FROM kept FULL JOIN told USING (provider, movement)
 WHERE to_jsonb(kept) IS DISTINCT FROM to_jsonb(told)
 ORDER BY 1 LIMIT 1000;

-- name: credits
-- What is left of a gift card or store credit: what was issued, less what its tenders took and did not give back, less what was over. What
-- the ledger owes for it is the same.
WITH born AS (
    SELECT subject_id AS id, data->>'kind' AS kind, data->>'currency' AS currency, (data->>'amount_minor')::numeric AS issued_minor,
           (data->>'customer_id')::uuid AS customer_id, (data->>'expires_at')::timestamptz AS expires_at,
           (data->>'at')::timestamptz AS issued_at, NULL::uuid AS order_id
      FROM event WHERE merchant_id = $1 AND kind = 'credit_issued'
    UNION ALL
    SELECT (c->>'credit_id')::uuid, c->>'kind', c->>'currency', (c->>'amount_minor')::numeric, (c->>'customer_id')::uuid,
           (c->>'expires_at')::timestamptz, (c->>'at')::timestamptz, e.subject_id
      FROM event AS e CROSS JOIN LATERAL (SELECT e.data->'credit') AS r (c)
     WHERE e.merchant_id = $1 AND e.kind IN ('payment_refunded', 'return_refunded', 'payments_followed') AND e.data ? 'credit'),
over AS (
    SELECT subject_id AS id, sum((data->>'amount_minor')::numeric) AS minor
      FROM event WHERE merchant_id = $1 AND kind = 'credit_expired' GROUP BY subject_id),
paid AS (                                                          -- with a verb of its own, or by how an order was placed, split off or merged
    SELECT (data->>'credit_id')::uuid AS id, subject_id AS order_id, (data->>'tender')::int AS number
      FROM event WHERE merchant_id = $1 AND kind = 'credit_spent'
    UNION ALL
    SELECT n.credit_id, e.subject_id, n.number
      FROM event AS e CROSS JOIN LATERAL jsonb_to_recordset(e.data->'tenders') AS n (number int, credit_id uuid)
     WHERE e.merchant_id = $1 AND e.kind IN ('order_placed', 'order_edited') AND n.credit_id IS NOT NULL),
spent AS (
    SELECT p.id, sum(t.captured_minor - t.refunded_minor) AS minor, count(*) AS tenders
      FROM paid AS p LEFT JOIN tender AS t
        ON t.merchant_id = $1 AND t.order_id = p.order_id AND t.number = p.number AND t.credit_id = p.id
     GROUP BY 1),
revived AS (
    SELECT DISTINCT ON (id) id, expires_at
      FROM (SELECT r.credit_id AS id, r.expires_at, e.position
              FROM event AS e CROSS JOIN LATERAL jsonb_to_recordset(e.data->'refunds') AS r (credit_id uuid, expires_at timestamptz)
             WHERE e.merchant_id = $1 AND r.credit_id IS NOT NULL
               AND e.kind IN ('payment_refunded', 'return_refunded', 'return_recorded', 'payments_followed')
            UNION ALL
            SELECT subject_id, (data->>'expires_at')::timestamptz, position
              FROM event WHERE merchant_id = $1 AND kind = 'credit_expired' AND data ? 'expires_at') AS told
     ORDER BY id, position DESC),
moved AS (
    SELECT c.id, m.debit, m.credit, m.amount_minor
      FROM credit AS c JOIN money_posting AS m ON m.merchant_id = $1 AND m.order_id = c.id WHERE c.merchant_id = $1
    UNION ALL
    SELECT t.credit_id, m.debit, m.credit, m.amount_minor
      FROM tender AS t JOIN money_posting AS m ON m.merchant_id = $1 AND m.order_id = t.order_id AND m.tender_number = t.number
     WHERE t.merchant_id = $1 AND t.credit_id IS NOT NULL
    UNION ALL
    SELECT (e.data->'credit'->>'credit_id')::uuid, m.debit, m.credit, m.amount_minor
      FROM event AS e
      JOIN money_posting AS m ON m.merchant_id = $1 AND m.order_id = e.subject_id AND m.event_id = e.event_id AND m.credit = 'tender:store_credit'
      JOIN tender AS t ON t.merchant_id = $1 AND t.order_id = m.order_id AND t.number = m.tender_number AND t.credit_id IS NULL
     WHERE e.merchant_id = $1 AND e.kind IN ('payment_refunded', 'return_refunded', 'payments_followed') AND e.data ? 'credit'),
posted AS (
    SELECT id, coalesce(sum(amount_minor) FILTER (WHERE starts_with(credit, 'tender:')), 0)
             - coalesce(sum(amount_minor) FILTER (WHERE starts_with(debit, 'tender:')), 0) AS owed_minor
      FROM moved GROUP BY id),
told AS (
    SELECT b.id, b.kind, b.currency, b.customer_id, b.order_id, b.issued_at, CASE WHEN r.id IS NULL THEN b.expires_at ELSE r.expires_at END AS expires_at,
           b.issued_minor, b.issued_minor - coalesce(o.minor, 0) - coalesce(s.minor, 0) AS balance_minor,
           coalesce(p.owed_minor, 0) AS owed_minor, coalesce(s.tenders, 0) AS tenders
      FROM born AS b LEFT JOIN over AS o USING (id) LEFT JOIN spent AS s USING (id) LEFT JOIN revived AS r USING (id)
      LEFT JOIN posted AS p USING (id)),
kept AS (
    SELECT id, kind, currency, customer_id, order_id, issued_at, expires_at, issued_minor::numeric AS issued_minor,
           balance_minor::numeric AS balance_minor, balance_minor::numeric AS owed_minor,
           (SELECT count(*) FROM tender AS t WHERE t.merchant_id = $1 AND t.credit_id = credit.id) AS tenders
      FROM credit WHERE merchant_id = $1)
SELECT 'credit ' || id AS subject, to_jsonb(kept) AS kept, to_jsonb(told) AS told
  FROM kept FULL JOIN told USING (id)
 WHERE kept IS DISTINCT FROM told
 ORDER BY 1 LIMIT 1000;

-- name: ledger_days
-- The sums of a day and account are those of the postings that their reader has come to.
WITH posted AS (
    SELECT (e.occurred_at AT TIME ZONE m.time_zone)::date AS day, p.currency, p.debit, p.credit, p.amount_minor
      FROM event AS e
      JOIN money_posting AS p ON p.merchant_id = $1 AND p.order_id = e.subject_id AND p.event_id = e.event_id
     CROSS JOIN (SELECT time_zone FROM merchant WHERE id = $1) AS m
     WHERE e.merchant_id = $1 AND e.position <= coalesce((SELECT position FROM consumer WHERE merchant_id = $1 AND name = 'ledger_days'), 0)),
told AS (
    SELECT day, currency, account, sum(debit)::bigint AS debit_minor, sum(credit)::bigint AS credit_minor
      FROM (SELECT day, currency, debit AS account, amount_minor AS debit, 0 AS credit FROM posted
            UNION ALL
            SELECT day, currency, credit, 0, amount_minor FROM posted) AS ends
     GROUP BY day, currency, account),
kept AS (
    SELECT day, currency COLLATE "default" AS currency, account COLLATE "default" AS account, debit_minor, credit_minor
      FROM ledger_day WHERE merchant_id = $1)
SELECT 'the account ' || account || ' in ' || currency || ' of ' || day AS subject, to_jsonb(kept) AS kept, to_jsonb(told) AS told
  FROM kept FULL JOIN told USING (day, currency, account)
 WHERE kept IS DISTINCT FROM told
 ORDER BY 1 LIMIT 1000;

-- name: demand_days
-- What was asked for of a product at a location on a day is what the postings took there, as far as their reader has come.
WITH told AS (
    SELECT p.sku_id, m.location_id, (e.occurred_at AT TIME ZONE merchant.time_zone)::date AS day, sum(m.units)::int AS units
      FROM posting AS p
      JOIN event AS e ON e.merchant_id = $1 AND e.subject_id = p.subject_id AND e.event_id = p.event_id
      JOIN merchant ON merchant.id = $1
     CROSS JOIN LATERAL (
           SELECT p.from_location_id AS location_id, p.quantity AS units WHERE p.from_bucket IN ('available', 'reserved')
           UNION ALL
           SELECT p.to_location_id, -p.quantity WHERE p.from_bucket = 'allocated' AND p.to_bucket = 'available') AS m
     WHERE p.merchant_id = $1 AND p.line_number IS NOT NULL
       AND e.position <= coalesce((SELECT position FROM consumer WHERE merchant_id = $1 AND name = 'demand_days'), 0)
     GROUP BY 1, 2, 3 HAVING sum(m.units) <> 0),
kept AS (SELECT sku_id, location_id, day, units FROM demand_day WHERE merchant_id = $1 AND units <> 0)
SELECT 'the demand of ' || s.code || ' at ' || l.code || ' on ' || day AS subject, to_jsonb(kept) AS kept, to_jsonb(told) AS told
  FROM kept FULL JOIN told USING (sku_id, location_id, day)
  LEFT JOIN sku AS s ON s.merchant_id = $1 AND s.id = sku_id
  LEFT JOIN location AS l ON l.merchant_id = $1 AND l.id = location_id
 WHERE kept IS DISTINCT FROM told
 ORDER BY 1 LIMIT 1000;

-- name: allocations
-- What stands on an order's allocations at a location is what its postings left in the buckets there.
WITH ends AS (
    SELECT subject_id AS order_id, line_number, from_location_id AS location_id, from_lot AS lot, from_bucket AS bucket, -quantity AS change
      FROM posting WHERE merchant_id = $1 AND line_number IS NOT NULL AND from_location_id IS NOT NULL
    UNION ALL
    SELECT subject_id, line_number, to_location_id, to_lot, to_bucket, quantity
      FROM posting WHERE merchant_id = $1 AND line_number IS NOT NULL AND to_location_id IS NOT NULL),
told AS (
    SELECT order_id, line_number, location_id, lot,
           coalesce(sum(change) FILTER (WHERE bucket = 'allocated'), 0)::int AS allocated_or_released,
           coalesce(sum(change) FILTER (WHERE bucket = 'picked'), 0)::int AS picked,
           coalesce(sum(change) FILTER (WHERE bucket = 'packed'), 0)::int AS packed
      FROM ends WHERE bucket IN ('allocated', 'picked', 'packed') GROUP BY order_id, line_number, location_id, lot),
kept AS (
    SELECT order_id, line_number, location_id, lot, sum(allocated + released)::int AS allocated_or_released, sum(picked)::int AS picked,
           sum(packed)::int AS packed FROM allocation WHERE merchant_id = $1 GROUP BY order_id, line_number, location_id, lot)
SELECT 'what line ' || line_number || ' of order '
       || coalesce((SELECT o.number::text FROM orders AS o WHERE o.merchant_id = $1 AND o.id = order_id), order_id::text)
       || ' has at ' || coalesce((SELECT code FROM location WHERE merchant_id = $1 AND id = location_id), location_id::text) AS subject,
       to_jsonb(kept) AS kept, to_jsonb(told) AS told
  FROM kept FULL JOIN told USING (order_id, line_number, location_id, lot)
 WHERE kept IS DISTINCT FROM told
 ORDER BY 1 LIMIT 1000;

-- name: allocation_rows
-- An allocation is born where sourcing found stock, and counts the moves of its units since.
WITH born AS (
    SELECT e.subject_id AS order_id, t.number::smallint AS number, (t.take->>0)::smallint AS line_number, (t.take->>1)::uuid AS location_id,
           t.take->>2 AS lot, (t.take->>3)::int AS quantity, (e.data->'ship_on'->>(t.take->>1))::date AS ship_on
      FROM event AS e CROSS JOIN LATERAL jsonb_array_elements(e.data->'sourcing'->'takes') WITH ORDINALITY AS t (take, number)
     WHERE e.merchant_id = $1 AND e.kind = 'order_placed'
    UNION ALL
    SELECT e.subject_id, a.number, a.line, a.location_id, a.lot, a.quantity, (e.data->'ship_on'->>a.location_id::text)::date
      FROM event AS e
     CROSS JOIN LATERAL jsonb_to_recordset(e.data->'allocations')
           AS a (number smallint, line smallint, location_id uuid, lot text, quantity int)
     WHERE e.merchant_id = $1 AND e.kind IN ('order_sourced', 'lot_swapped', 'order_edited', 'order_resourced')
    UNION ALL
    SELECT e.subject_id, a.number, a.line, a.location_id, a.lot, a.quantity, a.ship_on
      FROM event AS e
     CROSS JOIN LATERAL jsonb_to_recordset(e.data->'taken')
           AS a (number smallint, line smallint, location_id uuid, lot text, quantity int, ship_on date)
     WHERE e.merchant_id = $1 AND e.data ? 'taken'),
moves AS (
    SELECT e.subject_id AS order_id, m.allocation AS number, max(m.fulfillment_order) AS fulfillment_order,
           coalesce(sum(s.change) FILTER (WHERE s.stage = 'allocated'), 0)::int AS allocated,
           coalesce(sum(s.change) FILTER (WHERE s.stage = 'released'), 0)::int AS released,
           coalesce(sum(s.change) FILTER (WHERE s.stage = 'picked'), 0)::int AS picked,
           coalesce(sum(s.change) FILTER (WHERE s.stage = 'packed'), 0)::int AS packed
      FROM event AS e
     CROSS JOIN LATERAL jsonb_to_recordset(e.data->'moves')
           AS m (allocation smallint, fulfillment_order smallint, "from" text, "to" text, quantity int)
     CROSS JOIN LATERAL (VALUES (m."from", -m.quantity), (m."to", m.quantity)) AS s (stage, change)
     WHERE e.merchant_id = $1 AND e.data ? 'moves'
     GROUP BY e.subject_id, m.allocation),
off_shelf AS (
    SELECT order_id, number, sum(units)::int AS put_back
      FROM (SELECT e.subject_id AS order_id, m.allocation AS number, m.quantity AS units
              FROM event AS e
             CROSS JOIN LATERAL jsonb_to_recordset(e.data->'moves')
                   AS m (allocation smallint, "from" text, "to" text, quantity int, back text)
             WHERE e.merchant_id = $1 AND e.data ? 'moves' AND m."from" IN ('picked', 'packed')
               AND (m."to" = 'cancelled' OR m.back = 'available')
            UNION ALL
            SELECT e.subject_id, b.allocation, -b.quantity
              FROM event AS e CROSS JOIN LATERAL jsonb_to_recordset(e.data->'put_back') AS b (allocation smallint, quantity int)
             WHERE e.merchant_id = $1 AND e.kind = 'units_put_back') AS laid
     GROUP BY order_id, number),
told AS (
    SELECT order_id, number, b.line_number, b.location_id, b.lot, b.ship_on, m.fulfillment_order, b.quantity + coalesce(m.allocated, 0) AS allocated,
           coalesce(m.released, 0) AS released, coalesce(m.picked, 0) AS picked, coalesce(m.packed, 0) AS packed,
           coalesce(o.put_back, 0) AS put_back
      FROM born AS b FULL JOIN moves AS m USING (order_id, number) LEFT JOIN off_shelf AS o USING (order_id, number)),
kept AS (
    SELECT order_id, number, line_number, location_id, lot COLLATE "default" AS lot, ship_on, fulfillment_order, allocated, released, picked,
           packed, put_back
      FROM allocation WHERE merchant_id = $1)
SELECT 'allocation ' || number || ' of order '
       || coalesce((SELECT o.number::text FROM orders AS o WHERE o.merchant_id = $1 AND o.id = order_id), order_id::text) AS subject,
       to_jsonb(kept) AS kept, to_jsonb(told) AS told
  FROM kept FULL JOIN told USING (order_id, number)
 WHERE kept IS DISTINCT FROM told
 ORDER BY 1 LIMIT 1000;

-- name: stages_of_lines
-- The units of a line at locations and with carriers stand on its allocations, parcels and returns, each on one.
WITH held AS (
    SELECT order_id, line_number, sum(allocated) AS allocated, sum(released) AS released, sum(picked) AS picked, sum(packed) AS packed
      FROM allocation WHERE merchant_id = $1 GROUP BY order_id, line_number),
sent AS (
    SELECT l.order_id, l.line_number, sum(l.quantity) FILTER (WHERE p.status = 'packed') AS in_parcels,
           sum(l.quantity) FILTER (WHERE p.status IN ('shipped', 'in_transit', 'out_for_delivery', 'failed_attempt')) AS in_transit,
           sum(l.quantity) FILTER (WHERE p.status = 'delivered') AS delivered, sum(l.quantity) FILTER (WHERE p.status = 'lost') AS lost,
           sum(l.quantity) FILTER (WHERE p.status = 'returned_to_sender') AS sent_back
      FROM parcel_line AS l JOIN parcel AS p ON p.merchant_id = $1 AND p.order_id = l.order_id AND p.number = l.parcel
     WHERE l.merchant_id = $1 GROUP BY l.order_id, l.line_number),
back AS (
    SELECT l.order_id, l.line_number,
           sum(l.requested - l.withdrawn - l.received) FILTER (WHERE r.reason <> 'returned_to_sender') AS return_requested,
           sum(l.requested - l.withdrawn - l.received) FILTER (WHERE r.reason = 'returned_to_sender') AS "returning",
           sum(l.received) FILTER (WHERE r.reason <> 'returned_to_sender') AS returned, sum(l.refunded) AS refunded
      FROM return_line AS l JOIN return_order AS r ON r.merchant_id = $1 AND r.order_id = l.order_id AND r.number = l.return_number
     WHERE l.merchant_id = $1 GROUP BY l.order_id, l.line_number),
given_up AS (
    SELECT e.subject_id AS order_id, l.line AS line_number, sum(l.quantity) AS units
      FROM event AS e CROSS JOIN LATERAL jsonb_to_recordset(e.data->'lines') AS l (line smallint, quantity integer)
     WHERE e.merchant_id = $1 AND e.kind = 'lines_written_off' GROUP BY e.subject_id, l.line),
kept AS (
    SELECT l.order_id, l.number AS line_number, l.allocated::bigint AS allocated, l.released::bigint AS released,
           l.picked::bigint AS picked, l.packed::bigint AS packed, l.packed::bigint AS in_parcels, l.in_transit::bigint AS in_transit,
           CASE WHEN o.history THEN 0 ELSE l.delivered END::bigint AS delivered, l.lost::bigint AS lost, l.sent_back::bigint AS sent_back,
           l.return_requested::bigint AS return_requested, l."returning"::bigint AS "returning", l.returned::bigint AS returned,
           l.refunded::bigint AS refunded
      FROM order_line AS l JOIN orders AS o ON o.merchant_id = $1 AND o.id = l.order_id
     WHERE l.merchant_id = $1),
told AS (
    SELECT order_id, line_number, coalesce(h.allocated, 0) AS allocated, coalesce(h.released, 0) AS released, coalesce(h.picked, 0) AS picked,
           coalesce(h.packed, 0) AS packed, coalesce(s.in_parcels, 0) AS in_parcels, coalesce(s.in_transit, 0) AS in_transit,
           coalesce(s.delivered, 0) AS delivered, coalesce(s.lost, 0) AS lost, coalesce(s.sent_back, 0) AS sent_back,
           coalesce(b.return_requested, 0) AS return_requested, coalesce(b."returning", 0) AS "returning", coalesce(b.returned, 0) AS returned,
           coalesce(b.refunded, 0) + coalesce(g.units, 0) AS refunded
      FROM (SELECT order_id, line_number FROM kept) AS k
      FULL JOIN held AS h USING (order_id, line_number) FULL JOIN sent AS s USING (order_id, line_number)
      FULL JOIN back AS b USING (order_id, line_number) FULL JOIN given_up AS g USING (order_id, line_number))
SELECT 'line ' || line_number || ' of order '
       || coalesce((SELECT o.number::text FROM orders AS o WHERE o.merchant_id = $1 AND o.id = order_id), order_id::text) AS subject,
       to_jsonb(kept) AS kept, to_jsonb(told) AS told
  FROM told LEFT JOIN kept USING (order_id, line_number)
 WHERE kept IS DISTINCT FROM told
 ORDER BY 1 LIMIT 1000;

-- name: stock_of_orders
-- What is allocated, picked and packed at a location is allocated to an order's line or set aside for a transfer or a work order;
-- what is in quality hold came with a return, or was put there beside orders (a product's own events).
WITH apart AS (
    SELECT p.sku_id, e.location_id, sum(e.change) AS quality_hold
      FROM posting AS p
     CROSS JOIN LATERAL (VALUES (p.from_location_id, p.from_bucket, -p.quantity), (p.to_location_id, p.to_bucket, p.quantity))
           AS e (location_id, bucket, change)
     WHERE p.merchant_id = $1 AND p.line_number IS NULL AND e.location_id IS NOT NULL AND e.bucket = 'quality_hold'
       AND NOT EXISTS (SELECT FROM orders AS o WHERE o.merchant_id = $1 AND o.id = p.subject_id)
     GROUP BY p.sku_id, e.location_id),
held AS (
    SELECT sku_id, location_id, sum(allocated) AS allocated, sum(picked) AS picked, sum(packed) AS packed
      FROM (SELECT sku_id, location_id, allocated + released AS allocated, picked, packed FROM allocation WHERE merchant_id = $1
            UNION ALL
            SELECT l.sku_id, t.from_location_id, l.ready, 0, 0
              FROM transfer_line AS l JOIN transfer AS t ON t.merchant_id = $1 AND t.id = l.transfer_id
             WHERE l.merchant_id = $1 AND l.ready > 0
            UNION ALL
            SELECT l.sku_id, w.location_id, l.allocated, 0, 0
              FROM work_order_line AS l JOIN work_order AS w ON w.merchant_id = $1 AND w.id = l.work_order_id
             WHERE l.merchant_id = $1 AND l.allocated > 0) AS holders
     GROUP BY sku_id, location_id),
back AS (
    SELECT sku_id, location_id, sum(received - restocked - damaged - scrapped) AS quality_hold
      FROM return_line WHERE merchant_id = $1 AND location_id IS NOT NULL GROUP BY sku_id, location_id),
kept AS (
    SELECT sku_id, location_id, sum(allocated)::numeric AS allocated, sum(picked)::numeric AS picked, sum(packed)::numeric AS packed,
           sum(quality_hold)::numeric AS quality_hold FROM stock WHERE merchant_id = $1 GROUP BY sku_id, location_id),
told AS (
    SELECT sku_id, location_id, coalesce(h.allocated, 0)::numeric AS allocated, coalesce(h.picked, 0)::numeric AS picked, coalesce(h.packed, 0)::numeric AS packed,
           (coalesce(b.quality_hold, 0) + coalesce(a.quality_hold, 0))::numeric AS quality_hold
      FROM (SELECT sku_id, location_id FROM kept) AS k
      FULL JOIN held AS h USING (sku_id, location_id) FULL JOIN back AS b USING (sku_id, location_id)
      FULL JOIN apart AS a USING (sku_id, location_id))
SELECT 'stock of ' || coalesce((SELECT code FROM sku WHERE merchant_id = $1 AND id = sku_id), sku_id::text)
       || ' at ' || coalesce((SELECT code FROM location WHERE merchant_id = $1 AND id = location_id), location_id::text) AS subject,
       to_jsonb(kept) AS kept, to_jsonb(told) AS told
  FROM told LEFT JOIN kept USING (sku_id, location_id)
 WHERE kept IS DISTINCT FROM told
 ORDER BY 1 LIMIT 1000;

-- name: fulfillment_orders
-- A fulfillment order is born at a release, or of another one, and counts the moves of its units since; what its location was asked last
-- is what the last event says that asked it.
WITH born AS (
    SELECT e.subject_id AS order_id, f.number, f.location_id, f.priority, f.ship_on, f.pickup_location_id, f.ship_to_id
      FROM event AS e
     CROSS JOIN LATERAL jsonb_to_recordset(CASE WHEN e.kind = 'order_released' THEN e.data->'fulfillment_orders' ELSE e.data->'made' END)
           AS f (number smallint, location_id uuid, priority smallint, ship_on date, pickup_location_id uuid, ship_to_id uuid)
     WHERE e.merchant_id = $1 AND (e.kind = 'order_released' OR e.data ? 'made')),
asked AS (
    SELECT DISTINCT ON (e.subject_id, a.number) e.subject_id AS order_id, a.number, a.request, a.answer_by, a.scheduled_for, a.ship_on
      FROM event AS e
     CROSS JOIN LATERAL jsonb_to_recordset(e.data->'asked')
           AS a (number smallint, request text, answer_by timestamptz, scheduled_for timestamptz, ship_on date)
     WHERE e.merchant_id = $1 AND e.data ? 'asked'
     ORDER BY e.subject_id, a.number, e.position DESC),
moves AS (
    SELECT e.subject_id AS order_id, m.fulfillment_order AS number, m.back, s.stage, sum(s.change) AS change
      FROM event AS e
     CROSS JOIN LATERAL jsonb_to_recordset(e.data->'moves')
           AS m (fulfillment_order smallint, "from" text, "to" text, quantity int, back text)
     CROSS JOIN LATERAL (VALUES (m."from", -m.quantity), (m."to", m.quantity)) AS s (stage, change)
     WHERE e.merchant_id = $1 AND e.data ? 'moves' AND m.fulfillment_order IS NOT NULL
     GROUP BY e.subject_id, m.fulfillment_order, m.back, s.stage),
sums AS (
    SELECT order_id, number, coalesce(sum(change) FILTER (WHERE stage = 'released'), 0)::int AS released,
           coalesce(sum(change) FILTER (WHERE stage = 'picked'), 0)::int AS picked,
           coalesce(sum(change) FILTER (WHERE stage = 'packed'), 0)::int AS packed,
           coalesce(sum(change) FILTER (WHERE stage IN ('in_transit', 'delivered')), 0)::int AS handed_over,
           coalesce(sum(change) FILTER (WHERE stage IN ('open', 'cancelled', 'backordered')), 0)::int AS withdrawn,
           coalesce(sum(change) FILTER (WHERE stage = 'open' AND back IS NOT NULL), 0)::int AS rejected,
           coalesce(sum(change) FILTER (WHERE stage = 'open' AND back IS NULL), 0)::int AS short,
           coalesce(sum(change) FILTER (WHERE stage = 'moved'), 0)::int AS moved
      FROM moves GROUP BY order_id, number),
served AS (                                                        -- the priority that an edit gave it last
    SELECT e.subject_id AS order_id, f.number::smallint AS number, (array_agg((e.data->>'priority')::smallint ORDER BY e.position DESC))[1] AS priority
      FROM event AS e CROSS JOIN LATERAL jsonb_array_elements_text(e.data->'prioritised') AS f (number)
     WHERE e.merchant_id = $1 AND e.kind = 'order_edited' AND e.data ? 'prioritised'
     GROUP BY e.subject_id, f.number),
told AS (SELECT order_id, number, b.location_id, coalesce(v.priority, b.priority) AS priority, CASE WHEN a.request IS NULL THEN b.ship_on ELSE a.ship_on END AS ship_on, s.released, s.picked, s.packed, s.handed_over, s.withdrawn, s.rejected,
                s.short, s.moved, coalesce(a.request, 'unsubmitted') AS request, a.answer_by, a.scheduled_for,
                b.pickup_location_id, b.ship_to_id
           FROM born AS b FULL JOIN sums AS s USING (order_id, number) LEFT JOIN asked AS a USING (order_id, number)
           LEFT JOIN served AS v USING (order_id, number)),
kept AS (SELECT order_id, number, location_id, priority, ship_on, released, picked, packed, handed_over, withdrawn, rejected, short, moved,
                request, answer_by, scheduled_for, pickup_location_id, ship_to_id
           FROM fulfillment_order WHERE merchant_id = $1)
SELECT 'fulfillment order ' || coalesce((SELECT o.number::text FROM orders AS o WHERE o.merchant_id = $1 AND o.id = order_id), order_id::text)
       || '-F' || number AS subject, to_jsonb(kept) AS kept, to_jsonb(told) AS told
  FROM kept FULL JOIN told USING (order_id, number)
 WHERE kept IS DISTINCT FROM told
 ORDER BY 1 LIMIT 1000;

-- name: fulfillment_work
-- A fulfillment order's units in the building are those of its allocations, which lie at its location.
WITH told AS (
    SELECT order_id, fulfillment_order AS number, location_id, sum(released)::int AS released, sum(picked)::int AS picked,
           sum(packed)::int AS packed
      FROM allocation WHERE merchant_id = $1 AND fulfillment_order IS NOT NULL GROUP BY order_id, fulfillment_order, location_id),
kept AS (SELECT order_id, number, location_id, released, picked, packed FROM fulfillment_order WHERE merchant_id = $1)
SELECT 'fulfillment order ' || coalesce((SELECT o.number::text FROM orders AS o WHERE o.merchant_id = $1 AND o.id = order_id), order_id::text)
       || '-F' || number AS subject, to_jsonb(kept) AS kept, to_jsonb(told) AS told
  FROM kept FULL JOIN told USING (order_id, number, location_id)
 WHERE kept IS DISTINCT FROM told
 ORDER BY 1 LIMIT 1000;

-- name: bookings
-- What an order holds of a location's day is what its events booked there, less what they gave back.
WITH told AS (
    SELECT e.subject_id AS order_id, b.location_id, b.day, sum(b.units)::int AS units
      FROM event AS e CROSS JOIN LATERAL jsonb_to_recordset(e.data->'bookings') AS b (location_id uuid, day date, units int)
     WHERE e.merchant_id = $1 AND e.data ? 'bookings'
     GROUP BY e.subject_id, b.location_id, b.day),
kept AS (SELECT order_id, location_id, day, units FROM booking WHERE merchant_id = $1)
SELECT 'what order ' || coalesce((SELECT o.number::text FROM orders AS o WHERE o.merchant_id = $1 AND o.id = order_id), order_id::text)
       || ' holds of ' || coalesce((SELECT code FROM location WHERE merchant_id = $1 AND id = location_id), location_id::text) || ' on ' || day
       AS subject, to_jsonb(kept) AS kept, to_jsonb(told) AS told
  FROM kept FULL JOIN told USING (order_id, location_id, day)
 WHERE kept IS DISTINCT FROM told
 ORDER BY 1 LIMIT 1000;

-- name: capacity
-- What is taken of a location's day is what orders hold of it; a day that was opened for nobody holds nothing.
WITH booked AS (
    SELECT location_id, day, count(*) FILTER (WHERE units > 0)::int AS orders, sum(units)::int AS units
      FROM booking WHERE merchant_id = $1 GROUP BY location_id, day
    UNION ALL
    SELECT location_id, day, 0, 0 FROM capacity WHERE merchant_id = $1),
told AS (SELECT location_id, day, sum(orders)::int AS orders, sum(units)::int AS units FROM booked GROUP BY location_id, day),
kept AS (SELECT location_id, day, orders, units FROM capacity WHERE merchant_id = $1)
SELECT 'the capacity of ' || coalesce((SELECT code FROM location WHERE merchant_id = $1 AND id = location_id), location_id::text) || ' on '
       || day AS subject, to_jsonb(kept) AS kept, to_jsonb(told) AS told
  FROM kept FULL JOIN told USING (location_id, day)
 WHERE kept IS DISTINCT FROM told
 ORDER BY 1 LIMIT 1000;

-- name: parcels
-- A parcel's status is what the last event that changed it said.
WITH about AS (
    SELECT subject_id, (data->>'parcel')::smallint AS parcel, kind, data->>'status' AS status, occurred_at, position
      FROM event
     WHERE merchant_id = $1 AND kind IN ('parcel_packed', 'parcel_unpacked', 'parcel_shipped', 'parcel_tracked', 'pickup_handed_over', 'fulfillment_order_shipped',
                                              'pickup_expired', 'pickup_received') AND data->>'changed' IS DISTINCT FROM 'false'
    UNION ALL
    SELECT e.subject_id, p.parcel::smallint, 'parcel_unpacked', NULL, e.occurred_at, e.position     -- taken apart by a cancellation
      FROM event AS e CROSS JOIN LATERAL jsonb_array_elements_text(e.data->'parcels') AS p (parcel)
     WHERE e.merchant_id = $1 AND e.kind IN ('lines_cancelled', 'order_edited') AND e.data ? 'parcels'
    UNION ALL
    SELECT subject_id, (data->>'arrived')::smallint, 'arrived', NULL, occurred_at, position FROM event
     WHERE merchant_id = $1 AND kind = 'pickup_received'
    UNION ALL
    SELECT subject_id, (data->>'instead_of')::smallint, 'parcel_unpacked', NULL, occurred_at, position FROM event   -- only some of it was taken
     WHERE merchant_id = $1 AND kind = 'pickup_handed_over' AND data ? 'instead_of'),
said AS (
    SELECT DISTINCT ON (subject_id, parcel) subject_id AS order_id, parcel AS number,
           CASE kind WHEN 'parcel_packed' THEN 'packed' WHEN 'parcel_shipped' THEN 'shipped' WHEN 'fulfillment_order_shipped' THEN 'shipped' WHEN 'parcel_unpacked' THEN 'cancelled'
                     WHEN 'pickup_received' THEN 'packed' WHEN 'pickup_handed_over' THEN 'delivered' WHEN 'pickup_expired' THEN 'cancelled'
                     WHEN 'arrived' THEN 'arrived' ELSE status END AS status,
           CASE WHEN kind NOT IN ('parcel_packed', 'pickup_received') THEN occurred_at END AS status_at
      FROM about
     ORDER BY subject_id, parcel, position DESC),
packed AS (
    SELECT subject_id AS order_id, (data->>'parcel')::smallint AS number, (data->>'fulfillment_order')::smallint AS fulfillment_order,
           (data->>'location_id')::uuid AS location_id, (data->>'weight_grams')::int AS weight_grams, data->>'carton' AS carton,
           (data->>'length_mm')::int AS length_mm, (data->>'width_mm')::int AS width_mm, (data->>'height_mm')::int AS height_mm,
           data->>'sscc' AS sscc
      FROM event WHERE merchant_id = $1 AND (kind IN ('parcel_packed', 'pickup_received', 'fulfillment_order_shipped') OR kind = 'pickup_handed_over' AND data ? 'instead_of')),
shipped AS (
    SELECT subject_id AS order_id, (data->>'parcel')::smallint AS number, data->>'carrier' AS carrier, data->>'tracking_number' AS tracking_number
      FROM event WHERE merchant_id = $1 AND kind IN ('parcel_shipped', 'fulfillment_order_shipped')),
told AS (
    SELECT order_id, number, status, status_at, fulfillment_order, location_id, weight_grams, carton, length_mm, width_mm, height_mm, sscc,
           carrier, tracking_number
      FROM said LEFT JOIN packed USING (order_id, number) LEFT JOIN shipped USING (order_id, number)),
kept AS (
    SELECT order_id, number, status, CASE WHEN status <> 'packed' THEN status_at END AS status_at, fulfillment_order, location_id, weight_grams,
           carton, length_mm, width_mm, height_mm, sscc COLLATE "default" AS sscc, carrier, tracking_number COLLATE "default" AS tracking_number FROM parcel WHERE merchant_id = $1)
SELECT 'parcel ' || coalesce((SELECT o.number::text FROM orders AS o WHERE o.merchant_id = $1 AND o.id = order_id), order_id::text)
       || '-P' || number AS subject, to_jsonb(kept) AS kept, to_jsonb(told) AS told
  FROM kept FULL JOIN told USING (order_id, number)
 WHERE kept IS DISTINCT FROM told
 ORDER BY 1 LIMIT 1000;

-- name: pickups
-- What waits at a counter was made ready, and ended, by an event; what the customer says and who came is not told.
WITH begun AS (
    SELECT DISTINCT ON (subject_id, (data->>'parcel')::smallint) subject_id AS order_id, (data->>'parcel')::smallint AS parcel,
           (data->>'location_id')::uuid AS location_id, (data->>'collect_by')::timestamptz AS collect_by
      FROM event WHERE merchant_id = $1 AND kind IN ('pickup_ready', 'pickup_received', 'pickup_extended')
     ORDER BY subject_id, (data->>'parcel')::smallint, position DESC),
ended AS (
    SELECT subject_id AS order_id, coalesce(data->>'instead_of', data->>'parcel')::smallint AS parcel, data->>'proof' AS proof,
           CASE kind WHEN 'pickup_expired' THEN 'expired' ELSE 'collected' END AS ended_as
      FROM event WHERE merchant_id = $1 AND kind IN ('pickup_handed_over', 'pickup_expired')),
told AS (SELECT order_id, parcel, b.location_id, b.collect_by, e.ended_as, e.proof FROM begun AS b LEFT JOIN ended AS e USING (order_id, parcel)),
kept AS (SELECT order_id, parcel, location_id, collect_by, ended_as, proof FROM pickup WHERE merchant_id = $1)
SELECT 'pick-up of parcel ' || coalesce((SELECT o.number::text FROM orders AS o WHERE o.merchant_id = $1 AND o.id = order_id), order_id::text)
       || '-P' || parcel AS subject, to_jsonb(kept) AS kept, to_jsonb(told) AS told
  FROM kept FULL JOIN told USING (order_id, parcel)
 WHERE kept IS DISTINCT FROM told
 ORDER BY 1 LIMIT 1000;

-- name: parcel_lines
-- What lies in a parcel is what was packed into it.
WITH told AS (
    SELECT e.subject_id AS order_id, (e.data->>'parcel')::smallint AS parcel, m.allocation, m.line AS line_number, sum(m.quantity)::int AS quantity
      FROM event AS e CROSS JOIN LATERAL jsonb_to_recordset(e.data->'moves') AS m (allocation smallint, line smallint, quantity int, "to" text)
     WHERE e.merchant_id = $1 AND (e.kind IN ('parcel_packed', 'pickup_received', 'fulfillment_order_shipped')
            OR e.kind = 'pickup_handed_over' AND e.data ? 'instead_of' AND m."to" = 'delivered')
     GROUP BY e.subject_id, (e.data->>'parcel')::smallint, m.allocation, m.line),
kept AS (SELECT order_id, parcel, allocation, line_number, quantity FROM parcel_line WHERE merchant_id = $1)
SELECT 'allocation ' || allocation || ' in parcel '
       || coalesce((SELECT o.number::text FROM orders AS o WHERE o.merchant_id = $1 AND o.id = order_id), order_id::text)
       || '-P' || parcel AS subject, to_jsonb(kept) AS kept, to_jsonb(told) AS told
  FROM kept FULL JOIN told USING (order_id, parcel, allocation)
 WHERE kept IS DISTINCT FROM told
 ORDER BY 1 LIMIT 1000;

-- name: returns
-- A return is open as long as something of it is awaited, undisposed or not given back.
WITH told AS (
    SELECT order_id, return_number AS number,
           bool_and(requested = withdrawn + received AND received = restocked + damaged + scrapped AND received = refunded) AS closed
      FROM return_line WHERE merchant_id = $1 GROUP BY order_id, return_number),
kept AS (SELECT order_id, number, closed_at IS NOT NULL AS closed FROM return_order WHERE merchant_id = $1)
SELECT 'return ' || (SELECT o.number FROM orders AS o WHERE o.merchant_id = $1 AND o.id = order_id) || '-R' || number AS subject,
       jsonb_build_object('closed', kept.closed) AS kept, jsonb_build_object('closed', coalesce(told.closed, true)) AS told
  FROM kept LEFT JOIN told USING (order_id, number)
 WHERE kept.closed <> coalesce(told.closed, true)
 ORDER BY 1 LIMIT 1000;

-- name: return_units
-- What came back of a product, and what became of it, is what the postings of its order say.
WITH told AS (
    SELECT subject_id AS order_id, sku_id,
           coalesce(sum(quantity) FILTER (WHERE line_to = 'returned' OR (line_from = 'returning' AND to_bucket = 'quality_hold')), 0) AS received,
           coalesce(sum(quantity) FILTER (WHERE to_bucket = 'available'), 0) AS restocked,
           coalesce(sum(quantity) FILTER (WHERE to_bucket = 'damaged'), 0) AS damaged,
           coalesce(sum(quantity) FILTER (WHERE to_bucket = 'scrapped'), 0) AS scrapped
      FROM posting AS p
     WHERE merchant_id = $1
       AND (line_to = 'returned' OR (line_from = 'returning' AND to_bucket = 'quality_hold') OR (from_bucket = 'quality_hold' AND line_number IS NULL))
       AND EXISTS (SELECT FROM orders AS o WHERE o.merchant_id = $1 AND o.id = p.subject_id)
     GROUP BY subject_id, sku_id),
kept AS (
    SELECT order_id, sku_id, sum(received)::numeric AS received, sum(restocked)::numeric AS restocked, sum(damaged)::numeric AS damaged,
           sum(scrapped)::numeric AS scrapped
      FROM return_line WHERE merchant_id = $1 GROUP BY order_id, sku_id HAVING sum(received) > 0)
SELECT 'what came back of ' || coalesce((SELECT code FROM sku WHERE merchant_id = $1 AND id = sku_id), sku_id::text) || ' from order '
       || coalesce((SELECT o.number::text FROM orders AS o WHERE o.merchant_id = $1 AND o.id = order_id), order_id::text) AS subject,
       to_jsonb(kept) AS kept, to_jsonb(told) AS told
  FROM kept FULL JOIN (SELECT order_id, sku_id, received::numeric, restocked::numeric, damaged::numeric, scrapped::numeric FROM told) AS told
       USING (order_id, sku_id)
 WHERE kept IS DISTINCT FROM told
 ORDER BY 1 LIMIT 1000;

-- name: return_money
-- What returns credit their order is what the money postings of their events take off what it owes.
WITH kept AS (
    SELECT order_id, sum(minor)::numeric AS credited_minor
      FROM (SELECT order_id, refunded_minor AS minor FROM return_line WHERE merchant_id = $1
            UNION ALL
            SELECT order_id, refunded_minor FROM return_charge WHERE merchant_id = $1) AS r
     GROUP BY order_id HAVING sum(minor) <> 0),
told AS (
    SELECT m.order_id, sum(CASE 'receivable' WHEN m.credit THEN m.amount_minor WHEN m.debit THEN -m.amount_minor ELSE 0 END)::numeric
           AS credited_minor
      FROM event AS e JOIN money_posting AS m ON m.merchant_id = $1 AND m.order_id = e.subject_id AND m.event_id = e.event_id
     WHERE e.merchant_id = $1 AND starts_with(e.kind, 'return_') AND NOT starts_with(m.debit, 'tender:') AND NOT starts_with(m.credit, 'tender:')
     GROUP BY m.order_id
    HAVING sum(CASE 'receivable' WHEN m.credit THEN m.amount_minor WHEN m.debit THEN -m.amount_minor ELSE 0 END) <> 0)
SELECT 'the returns of order '
       || coalesce((SELECT o.number::text FROM orders AS o WHERE o.merchant_id = $1 AND o.id = order_id), order_id::text) AS subject,
       to_jsonb(kept) AS kept, to_jsonb(told) AS told
  FROM kept FULL JOIN told USING (order_id)
 WHERE kept IS DISTINCT FROM told
 ORDER BY 1 LIMIT 1000;

-- name: holds
-- A hold was placed with its order or later, and is lifted where an event says so.
WITH born AS (
    SELECT e.subject_id AS order_id, e.actor, h.terms
      FROM event AS e CROSS JOIN LATERAL jsonb_array_elements(e.data->'hold_terms') AS h (terms)
     WHERE e.merchant_id = $1 AND e.kind IN ('order_placed', 'payment_answered', 'payment_lapsed', 'payment_disputed', 'order_edited',
                                             'lines_addressed', 'pickup_changed', 'order_taxed')
       AND e.data ? 'hold_terms'
    UNION ALL
    SELECT subject_id, actor, data FROM event WHERE merchant_id = $1 AND kind = 'order_held'),
placed AS (
    SELECT order_id, (terms->>'number')::smallint AS number, terms->>'kind' AS kind, terms->'stops' AS stops, terms->'lines' AS lines,
           terms->'fulfillment_orders' AS fulfillment_orders, terms->>'reason' AS reason,
           (terms->>'expires_at')::timestamptz AS expires_at FROM born),
lifted AS (
    SELECT e.subject_id AS order_id, h.number::smallint AS number, min(e.actor) AS released_by,
           min((e.data->>'approved_minor')::bigint) AS approved_minor
      FROM event AS e
     CROSS JOIN LATERAL jsonb_array_elements_text(coalesce(e.data->'holds_lifted'->'numbers', e.data->'numbers')) AS h (number)
     WHERE e.merchant_id = $1 AND (e.kind = 'holds_released' OR (e.data ? 'holds_lifted' AND e.kind IN (
             'payment_answered', 'payment_lapsed', 'payment_disputed', 'payment_recorded', 'credit_spent', 'payments_followed', 'approval_given',
             'order_edited', 'lines_addressed', 'pickup_changed', 'order_taxed')))
     GROUP BY 1, 2),
told AS (
    SELECT placed.*, lifted.number IS NOT NULL AS released, lifted.released_by, lifted.approved_minor
      FROM placed LEFT JOIN lifted ON lifted.order_id = placed.order_id AND lifted.number = placed.number),
kept AS (
    SELECT order_id, number, kind, to_jsonb(stops) AS stops, to_jsonb(lines) AS lines, to_jsonb(fulfillment_orders) AS fulfillment_orders,
           reason, expires_at, released_at IS NOT NULL AS released, released_by, approved_minor FROM hold WHERE merchant_id = $1)
SELECT 'hold ' || number || ' of order '
       || coalesce((SELECT o.number::text FROM orders AS o WHERE o.merchant_id = $1 AND o.id = order_id), order_id::text) AS subject,
       to_jsonb(kept) AS kept, to_jsonb(told) AS told
  FROM kept FULL JOIN told USING (order_id, number)
 WHERE kept IS DISTINCT FROM told
 ORDER BY 1 LIMIT 1000;

-- name: order_details
-- What few orders carry is as they were placed, and edited since.
WITH told AS (
    SELECT order_id, (array_agg(bill_to_id) FILTER (WHERE bill_to_id IS NOT NULL))[1] AS bill_to_id, max(risk_score) AS risk_score,
           (array_agg(method ORDER BY position DESC) FILTER (WHERE method IS NOT NULL))[1] AS method,
           bool_or(gift) AS gift, bool_or(may_split) AS may_split, max(whole_lines) AS whole_lines,
           max(tax_exemption) AS tax_exemption, max(shop_currency) AS shop_currency, max(shop_rate) AS shop_rate, max(language) AS language
      FROM (SELECT subject_id AS order_id, (data->>'bill_to_id')::uuid AS bill_to_id, (data->>'risk_score')::smallint AS risk_score,
                   data->>'method' AS method, coalesce((data->>'gift')::boolean, false) AS gift,
                   (data->>'may_split')::boolean AS may_split, data->>'whole_lines' AS whole_lines, data->>'tax_exemption' AS tax_exemption,
                   data->>'shop_currency' AS shop_currency, (data->>'shop_rate')::numeric(20, 10) AS shop_rate,
                   data->>'language' AS language, position
              FROM event
             WHERE merchant_id = $1 AND ((kind IN ('order_placed', 'order_recorded') AND data ? 'risk_score')
                                         OR (kind = 'order_edited' AND data ? 'method'))) AS said
     GROUP BY order_id),
kept AS (SELECT order_id, bill_to_id, risk_score, method, gift, may_split, array_to_string(whole_lines, ',') AS whole_lines, tax_exemption,
                shop_currency, shop_rate, language
           FROM order_detail WHERE merchant_id = $1)
SELECT 'the details of order '
       || coalesce((SELECT o.number::text FROM orders AS o WHERE o.merchant_id = $1 AND o.id = order_id), order_id::text) AS subject,
       to_jsonb(kept) AS kept, to_jsonb(told) AS told
  FROM kept FULL JOIN told USING (order_id)
 WHERE kept IS DISTINCT FROM told
 ORDER BY 1 LIMIT 1000;

-- name: subscriptions
-- What the last event that a subscription stands in says of it, whatever its kind; each such event is one more version.
WITH told AS (
    SELECT DISTINCT ON (data->'subscription'->>'id') data->'subscription'->>'id' AS id, data->'subscription' AS said,
           count(*) OVER (PARTITION BY data->'subscription'->>'id') AS version
      FROM event WHERE merchant_id = $1 AND data->'subscription'->>'id' IS NOT NULL
     ORDER BY data->'subscription'->>'id', position DESC),
said AS (
    SELECT t.id, t.version, r.*
      FROM told AS t
     CROSS JOIN LATERAL jsonb_to_record('{"time_zone": "UTC"}' || t.said) AS r (
           number bigint, draft_id uuid, status text, every int, unit text, day int, prices text, cycle int, orders_max int,
           next_at timestamptz, failures int, failed_as text, reason text, created_at timestamptz, retry_at timestamptz,
           time_zone text)),
kept AS (
    SELECT id::text AS id, version::bigint AS version, number, draft_id, status, every::int AS every, unit, day::int AS day, prices, cycle,
           orders_max, next_at, failures::int AS failures, failed_as, reason, created_at, retry_at,
           time_zone
      FROM subscription WHERE merchant_id = $1)
SELECT 'subscription S' || coalesce(kept.number, said.number) AS subject, to_jsonb(kept) AS kept, to_jsonb(said) AS told
  FROM kept FULL JOIN said USING (id)
 WHERE kept IS DISTINCT FROM said
 ORDER BY 1 LIMIT 1000;

-- name: companies
-- A company is as it was saved last; its name and what only people read of it are in no event.
WITH told AS (
    SELECT DISTINCT ON (e.subject_id) e.subject_id AS id, e.data->>'code' AS code, e.data->>'group' AS "group",
           (e.data->>'terms_days')::int AS terms_days, (e.data->>'needs_purchase_order')::boolean AS needs_purchase_order,
           (e.data->>'active')::boolean AS active, e.data->'contacts' AS contacts, e.data->'addresses' AS addresses,
           (e.data->>'version')::int AS version, coalesce(nullif(e.data->'credit_limits', '{}'), NULL) AS limits
      FROM event AS e WHERE e.merchant_id = $1 AND e.kind = 'company_saved' ORDER BY e.subject_id, e.position DESC),
kept AS (
    SELECT c.id, c.code COLLATE "default" AS code, c."group" COLLATE "default" AS "group", c.terms_days::int AS terms_days,
           c.needs_purchase_order, c.active, c.contacts, c.addresses, c.version,
           (SELECT jsonb_object_agg(k.currency, k.limit_minor) FROM company_credit AS k
             WHERE k.merchant_id = $1 AND k.company_id = c.id AND k.limit_minor IS NOT NULL) AS limits
      FROM company AS c WHERE c.merchant_id = $1)
SELECT 'company ' || coalesce(kept.code, told.code) AS subject, to_jsonb(kept) AS kept, to_jsonb(told) AS told
  FROM kept FULL JOIN told USING (id)
 WHERE kept IS DISTINCT FROM told
 ORDER BY 1 LIMIT 1000;

-- name: company_credit
-- What a company owes is what its orders owe: what is due of each, less what providers have promised.
WITH told AS (
    SELECT c.company_id, o.currency, sum(greatest(0, o.charged_minor + o.adjusted_minor - o.captured_minor + o.refunded_minor
                                                     - greatest(0, o.authorised_minor - o.captured_minor)))::bigint AS exposure_minor
      FROM company_order AS c JOIN orders AS o ON o.merchant_id = $1 AND o.id = c.order_id
     WHERE c.merchant_id = $1 GROUP BY c.company_id, o.currency),
kept AS (SELECT company_id, currency, exposure_minor FROM company_credit WHERE merchant_id = $1)
SELECT 'what company ' || coalesce((SELECT f.code FROM company AS f WHERE f.merchant_id = $1 AND f.id = a.company_id), a.company_id::text)
       || ' owes in ' || a.currency AS subject, a.kept, a.told
  FROM (SELECT company_id, currency,
               jsonb_build_object('exposure_minor', coalesce(kept.exposure_minor, 0)) AS kept,
               jsonb_build_object('exposure_minor', coalesce(told.exposure_minor, 0)) AS told
          FROM kept FULL JOIN told USING (company_id, currency)) AS a
 WHERE a.kept IS DISTINCT FROM a.told
 ORDER BY 1 LIMIT 1000;

-- name: company_orders
-- What orders of companies carry is as they were placed; they are due from then on, or from their first invoice; what they owe is theirs.
WITH placed AS (
    SELECT subject_id AS order_id, (data->>'company_id')::uuid AS company_id, data->>'purchase_order' AS purchase_order,
           (data->>'terms_days')::int AS terms_days, (data->>'due_on')::date AS due_on
      FROM event WHERE merchant_id = $1 AND kind = 'order_placed' AND data ? 'company_id'),
billed AS (
    SELECT DISTINCT ON (subject_id) subject_id AS order_id, (data->>'due_on')::date AS due_on
      FROM event WHERE merchant_id = $1 AND kind = 'invoices_issued' AND data ? 'due_on' ORDER BY subject_id, position),
told AS (
    SELECT p.order_id, p.company_id, p.purchase_order, p.terms_days, coalesce(p.due_on, b.due_on) AS due_on, o.currency,
           greatest(0, o.charged_minor + o.adjusted_minor - o.captured_minor + o.refunded_minor
                       - greatest(0, o.authorised_minor - o.captured_minor)) AS owed_minor
      FROM placed AS p LEFT JOIN billed AS b USING (order_id) LEFT JOIN orders AS o ON o.merchant_id = $1 AND o.id = p.order_id),
kept AS (
    SELECT order_id, company_id, purchase_order, terms_days::int AS terms_days, due_on, currency, owed_minor
      FROM company_order WHERE merchant_id = $1)
SELECT 'what company bought order '
       || coalesce((SELECT o.number::text FROM orders AS o WHERE o.merchant_id = $1 AND o.id = order_id), order_id::text) AS subject,
       to_jsonb(kept) AS kept, to_jsonb(told) AS told
  FROM kept FULL JOIN told USING (order_id)
 WHERE kept IS DISTINCT FROM told
 ORDER BY 1 LIMIT 1000;

-- name: price_lists
-- A list is as it was saved last; each time that its prices were set is one more version.
WITH told AS (
    SELECT DISTINCT ON (e.subject_id) e.subject_id AS id, e.data->>'code' AS code, e.data->>'name' AS name, e.data->>'currency' AS currency,
           (e.data->>'company_id')::uuid AS company_id, e.data->>'company_group' AS company_group,
           (e.data->>'channel_id')::uuid AS channel_id, (e.data->>'priority')::int AS priority,
           (e.data->>'valid_from')::timestamptz AS valid_from, (e.data->>'valid_until')::timestamptz AS valid_until,
           (e.data->>'active')::boolean AS active,
           (SELECT count(*) FROM event AS v WHERE v.merchant_id = $1 AND v.subject_id = e.subject_id)::int AS version
      FROM event AS e WHERE e.merchant_id = $1 AND e.kind = 'price_list_saved' ORDER BY e.subject_id, e.position DESC),
kept AS (
    SELECT id, code COLLATE "default" AS code, name, currency, company_id, company_group COLLATE "default" AS company_group, channel_id,
           priority::int AS priority, valid_from, valid_until, active, version
      FROM price_list WHERE merchant_id = $1)
SELECT 'price list ' || coalesce(kept.code, told.code) AS subject, to_jsonb(kept) AS kept, to_jsonb(told) AS told
  FROM kept FULL JOIN told USING (id)
 WHERE kept IS DISTINCT FROM told
 ORDER BY 1 LIMIT 1000;

-- name: price_list_items
-- What a list says of a product is what was set last.
WITH told AS (
    SELECT DISTINCT ON (e.subject_id, i.sku_id) e.subject_id AS list_id, i.sku_id, i.from_quantities,
           (SELECT array_agg(p::numeric(18, 6) ORDER BY place) FROM unnest(i.unit_prices) WITH ORDINALITY AS t (p, place)) AS unit_prices,
           i.minimum, i.multiple
      FROM event AS e
     CROSS JOIN LATERAL jsonb_to_recordset(e.data->'items') AS i (sku_id uuid, from_quantities int[], unit_prices text[], minimum int,
                                                                  multiple int)
     WHERE e.merchant_id = $1 AND e.kind = 'prices_set' ORDER BY e.subject_id, i.sku_id, e.position DESC),
standing AS (SELECT * FROM told WHERE cardinality(from_quantities) > 0),
kept AS (SELECT list_id, sku_id, from_quantities, unit_prices, minimum, multiple FROM price_list_item WHERE merchant_id = $1)
SELECT 'what ' || coalesce((SELECT l.code FROM price_list AS l WHERE l.merchant_id = $1 AND l.id = a.list_id), a.list_id::text) || ' says of '
       || coalesce((SELECT s.code FROM sku AS s WHERE s.merchant_id = $1 AND s.id = a.sku_id), a.sku_id::text) AS subject, a.kept, a.told
  FROM (SELECT list_id, sku_id, to_jsonb(kept) AS kept, to_jsonb(standing) AS told
          FROM kept FULL JOIN standing USING (list_id, sku_id) WHERE kept IS DISTINCT FROM standing) AS a
 ORDER BY 1 LIMIT 1000;

-- name: order_edits
-- What was prepared is as it was told, and confirmed or dropped where an event says so.
WITH closed AS (
    SELECT subject_id AS order_id, (data->>'edit')::smallint AS number, CASE kind WHEN 'edit_dropped' THEN 'dropped' ELSE 'confirmed' END AS status
      FROM event WHERE merchant_id = $1 AND kind IN ('edit_dropped', 'order_edited') AND data ? 'edit'),
told AS (
    SELECT e.subject_id AS order_id, (e.data->>'edit')::smallint AS number, (e.data->>'version')::int AS version, e.occurred_at AS begun_at,
           e.actor AS begun_by, e.data->'fields' AS fields, (e.data->>'ship_to_id')::uuid AS ship_to_id, e.data->'shown' AS shown,
           coalesce(c.status, 'begun') AS status, (e.data->>'expires_at')::timestamptz AS expires_at
      FROM event AS e
      LEFT JOIN closed AS c ON c.order_id = e.subject_id AND c.number = (e.data->>'edit')::smallint
     WHERE e.merchant_id = $1 AND e.kind = 'edit_begun'),
kept AS (
    SELECT order_id, number, version, begun_at, begun_by, fields, ship_to_id, shown, status, expires_at FROM order_edit WHERE merchant_id = $1)
SELECT 'edit ' || number || ' of order '
       || coalesce((SELECT o.number::text FROM orders AS o WHERE o.merchant_id = $1 AND o.id = order_id), order_id::text) AS subject,
       to_jsonb(kept) AS kept, to_jsonb(told) AS told
  FROM kept FULL JOIN told USING (order_id, number)
 WHERE kept IS DISTINCT FROM told
 ORDER BY 1 LIMIT 1000;

-- name: order_relations
-- Units went to an order, or came from it, as the events of both say.
WITH told AS (
    SELECT e.subject_id AS order_id, (r->>'order_id')::uuid AS other_id, r->>'how' AS how
      FROM event AS e CROSS JOIN LATERAL jsonb_array_elements(e.data->'related') AS r
     WHERE e.merchant_id = $1 AND e.kind IN ('order_placed', 'lines_cancelled', 'order_edited') AND e.data ? 'related'),
kept AS (SELECT order_id, other_id, how FROM order_relation WHERE merchant_id = $1)
SELECT 'the relation ' || how || ' of order '
       || coalesce((SELECT o.number::text FROM orders AS o WHERE o.merchant_id = $1 AND o.id = order_id), order_id::text) AS subject,
       to_jsonb(kept) AS kept, to_jsonb(told) AS told
  FROM kept FULL JOIN (SELECT DISTINCT * FROM told) AS told USING (order_id, other_id, how)
 WHERE kept IS DISTINCT FROM told
 ORDER BY 1 LIMIT 1000;

-- name: order_notes
-- Every note was told of, though not what it says; and it says nothing since it was blanked.
WITH told AS (
    SELECT e.subject_id AS order_id, n.note AS number, n.audience, e.actor AS noted_by, EXISTS (
           SELECT FROM event AS b WHERE b.merchant_id = $1 AND b.kind = 'note_blanked' AND b.subject_id = e.subject_id
                                    AND (b.data->>'note')::smallint = n.note) AS blanked
      FROM event AS e CROSS JOIN LATERAL jsonb_to_recordset(e.data->'notes') AS n (note smallint, audience text)
     WHERE e.merchant_id = $1 AND e.kind IN ('note_added', 'order_placed', 'order_recorded') AND e.data ? 'notes'),
kept AS (SELECT order_id, number, audience, noted_by, text IS NULL AS blanked FROM order_note WHERE merchant_id = $1)
SELECT 'note ' || number || ' on order '
       || coalesce((SELECT o.number::text FROM orders AS o WHERE o.merchant_id = $1 AND o.id = order_id), order_id::text) AS subject,
       to_jsonb(kept) AS kept, to_jsonb(told) AS told
  FROM kept FULL JOIN told USING (order_id, number)
 WHERE kept IS DISTINCT FROM told
 ORDER BY 1 LIMIT 1000;

-- name: order_tags
-- An order has the tags that it got last and did not lose.
WITH words AS (
    SELECT e.subject_id AS order_id, w.tag, w.there, e.position
      FROM event AS e
     CROSS JOIN LATERAL (
           SELECT t.tag, true FROM jsonb_array_elements_text(e.data->'tags') AS t (tag)
           UNION ALL
           SELECT t.tag, false FROM jsonb_array_elements_text(coalesce(e.data->'tags_removed', '[]')) AS t (tag)) AS w (tag, there)
     WHERE e.merchant_id = $1 AND (e.kind = 'order_tagged' OR (e.kind IN ('order_placed', 'order_recorded') AND e.data ? 'tags'))),
told AS (
    SELECT order_id, tag FROM words GROUP BY order_id, tag HAVING (array_agg(there ORDER BY position DESC))[1]),
kept AS (SELECT order_id, tag COLLATE "default" AS tag FROM order_tag WHERE merchant_id = $1)
SELECT 'the tag ' || tag || ' of order '
       || coalesce((SELECT o.number::text FROM orders AS o WHERE o.merchant_id = $1 AND o.id = order_id), order_id::text) AS subject,
       to_jsonb(kept) AS kept, to_jsonb(told) AS told
  FROM kept FULL JOIN told USING (order_id, tag)
 WHERE kept IS DISTINCT FROM told
 ORDER BY 1 LIMIT 1000;

-- name: order_attributes
-- What is said of orders and lines is what was said last; free text only that it was.
WITH said AS (
    SELECT e.subject_id AS order_id, a.line AS line_number, a.code, a.value, coalesce(a.text, false) AS text, coalesce(a.gone, false) AS gone,
           row_number() OVER (PARTITION BY e.subject_id, a.line, a.code ORDER BY e.position DESC, a.ordinality DESC) AS latest
      FROM event AS e
     CROSS JOIN LATERAL ROWS FROM (jsonb_to_recordset(e.data->'attributes') AS (line smallint, code text, value text, text boolean, gone boolean))
                WITH ORDINALITY AS a (line, code, value, text, gone, ordinality)
     WHERE e.merchant_id = $1 AND e.kind IN ('order_placed', 'order_recorded', 'order_edited') AND e.data ? 'attributes'),
told AS (SELECT order_id, line_number, code, value, text FROM said WHERE latest = 1 AND NOT gone),
kept AS (SELECT order_id, line_number, code COLLATE "default" AS code, value COLLATE "default" AS value FROM order_attribute WHERE merchant_id = $1)
SELECT 'what is said of ' || code || ' of order '
       || coalesce((SELECT o.number::text FROM orders AS o WHERE o.merchant_id = $1 AND o.id = order_id), order_id::text) AS subject,
       CASE WHEN k.value IS NOT NULL THEN jsonb_build_object('value', k.value) END AS kept,
       CASE WHEN t.text IS NOT NULL THEN jsonb_build_object('value', CASE WHEN t.text THEN k.value ELSE t.value END) END AS told
  FROM kept AS k FULL JOIN told AS t USING (order_id, line_number, code)
 WHERE k.value IS NULL OR t.text IS NULL OR (NOT t.text AND k.value <> t.value)
 ORDER BY 1 LIMIT 1000;

-- name: product_attributes
-- The same of products.
WITH said AS (
    SELECT e.subject_id AS sku_id, a.code, a.value, coalesce(a.text, false) AS text, coalesce(a.gone, false) AS gone,
           row_number() OVER (PARTITION BY e.subject_id, a.code ORDER BY e.position DESC) AS latest
      FROM event AS e CROSS JOIN LATERAL jsonb_to_recordset(e.data->'attributes') AS a (code text, value text, text boolean, gone boolean)
     WHERE e.merchant_id = $1 AND e.kind = 'product_saved' AND e.data ? 'attributes'),
told AS (SELECT sku_id, code, value, text FROM said WHERE latest = 1 AND NOT gone),
kept AS (SELECT sku_id, code COLLATE "default" AS code, value COLLATE "default" AS value FROM product_attribute WHERE merchant_id = $1)
SELECT 'what is said of ' || code || ' of ' || coalesce((SELECT s.code FROM sku AS s WHERE s.merchant_id = $1 AND s.id = sku_id), sku_id::text)
           AS subject,
       CASE WHEN k.value IS NOT NULL THEN jsonb_build_object('value', k.value) END AS kept,
       CASE WHEN t.text IS NOT NULL THEN jsonb_build_object('value', CASE WHEN t.text THEN k.value ELSE t.value END) END AS told
  FROM kept AS k FULL JOIN told AS t USING (sku_id, code)
 WHERE k.value IS NULL OR t.text IS NULL OR (NOT t.text AND k.value <> t.value)
 ORDER BY 1 LIMIT 1000;

-- name: attributes
-- An attribute is as it was defined last.
WITH told AS (
    SELECT DISTINCT ON (data->>'subject', data->>'code') data->>'subject' AS subject, data->>'code' AS code, data->>'name' AS name,
           data->>'type' AS type, data->'allowed' AS allowed, (data->>'required')::boolean AS required,
           (data->>'filterable')::boolean AS filterable, (data->>'active')::boolean AS active, (data->>'version')::int AS version
      FROM event WHERE merchant_id = $1 AND kind = 'attribute_defined' ORDER BY data->>'subject', data->>'code', position DESC),
kept AS (
    SELECT subject COLLATE "default" AS subject, code COLLATE "default" AS code, name, type, to_jsonb(allowed) AS allowed, required,
           filterable, active, version
      FROM attribute WHERE merchant_id = $1)
SELECT 'the attribute ' || code || ' of ' || subject || 's' AS subject, to_jsonb(kept) AS kept, to_jsonb(told) AS told
  FROM kept FULL JOIN told USING (subject, code)
 WHERE kept IS DISTINCT FROM told
 ORDER BY 1 LIMIT 1000;

-- name: catalog
-- A product, location or channel is as its last event says.
WITH told AS (
    SELECT DISTINCT ON (subject_id) subject_id AS id, data->>CASE kind WHEN 'product_saved' THEN 'sku' ELSE 'code' END AS code,
           data->>'name' AS name, (data->>'active')::boolean AS active, (data->>'priority')::int AS priority, data->>'gtin' AS gtin,
           (data->>'weight_grams')::int AS weight_grams, (data->>'version')::int AS version,
           CASE kind WHEN 'product_saved' THEN coalesce(data->>'tracking', 'none') END AS tracking,
           CASE kind WHEN 'product_saved' THEN coalesce((data->>'upright')::boolean, false) END AS upright,
           CASE kind WHEN 'product_saved' THEN coalesce((data->>'fragile')::boolean, false) END AS fragile,
           CASE kind WHEN 'product_saved' THEN coalesce(data->>'keep_apart', '') END AS keep_apart,
           data->>'hs_code' AS hs_code, data->>'origin' AS origin,
           CASE kind WHEN 'product_saved' THEN coalesce(data->>'tax_category', '') END AS tax_category
      FROM event WHERE merchant_id = $1 AND kind IN ('product_saved', 'location_saved', 'channel_saved')
     ORDER BY subject_id, position DESC),
kept AS (
    SELECT id, code COLLATE "default" AS code, name, active, NULL::int AS priority, gtin COLLATE "default" AS gtin, weight_grams, version, tracking,
           upright, fragile, keep_apart, hs_code, origin,
           tax_category COLLATE "default" AS tax_category
      FROM sku WHERE merchant_id = $1
    UNION ALL
    SELECT id, code COLLATE "default", name, active, priority, NULL, NULL, version, NULL, NULL, NULL, NULL, NULL, NULL, NULL
      FROM location WHERE merchant_id = $1
    UNION ALL
    SELECT id, code COLLATE "default", name, NULL, NULL, NULL, NULL, version, NULL, NULL, NULL, NULL, NULL, NULL, NULL
      FROM channel WHERE merchant_id = $1)
SELECT coalesce(kept.code, told.code) || ' of the catalog' AS subject, to_jsonb(kept) AS kept, to_jsonb(told) AS told
  FROM kept FULL JOIN told USING (id)
 WHERE kept IS DISTINCT FROM told
 ORDER BY 1 LIMIT 1000;

-- name: kits
-- A kit is made of what its last event says.
WITH said AS (
    SELECT DISTINCT ON (subject_id) subject_id AS kit_id, data->>'kit' AS kit, data->'components' AS components
      FROM event WHERE merchant_id = $1 AND kind = 'kit_saved' ORDER BY subject_id, position DESC),
told AS (
    SELECT kit_id, n::smallint AS number, (c.component->>'sku_id')::uuid AS sku_id, (c.component->>'per_kit')::int AS per_kit,
           (c.component->>'list_price')::numeric(18, 6) AS list_price
      FROM said CROSS JOIN LATERAL jsonb_array_elements(components) WITH ORDINALITY AS c (component, n)
    UNION ALL
    SELECT kit_id, 0, NULL, NULL, NULL FROM said WHERE kit <> 'none'),
kept AS (
    SELECT kit_id, number, sku_id, per_kit, list_price FROM kit_component WHERE merchant_id = $1
    UNION ALL
    SELECT id, 0, NULL, NULL, NULL FROM sku WHERE merchant_id = $1 AND kit <> 'none'),
kinds AS (SELECT s.id, s.code, s.kit, said.kit AS said FROM sku AS s LEFT JOIN said ON said.kit_id = s.id WHERE s.merchant_id = $1)
SELECT CASE number WHEN 0 THEN 'the kit ' ELSE 'component ' || number || ' of the kit ' END || coalesce(kinds.code, kit_id::text) AS subject,
       to_jsonb(kept) AS kept, to_jsonb(told) AS told
  FROM kept FULL JOIN told USING (kit_id, number) LEFT JOIN kinds ON kinds.id = kit_id
 WHERE kept IS DISTINCT FROM told
UNION ALL
SELECT 'the kit ' || code, jsonb_build_object('kit', kit), jsonb_build_object('kit', said) FROM kinds
 WHERE kit <> 'none' AND said <> 'none' AND kit <> said
 ORDER BY 1 LIMIT 1000;

-- name: substitutes
-- In place of a product may be sent what its last event says.
WITH said AS (
    SELECT DISTINCT ON (subject_id) subject_id AS sku_id, data->'substitutes' AS substitutes
      FROM event WHERE merchant_id = $1 AND kind = 'substitutes_saved' ORDER BY subject_id, position DESC),
told AS (
    SELECT sku_id, n::smallint AS number, (s.substitute->>'sku_id')::uuid AS substitute_id
      FROM said CROSS JOIN LATERAL jsonb_array_elements(substitutes) WITH ORDINALITY AS s (substitute, n)),
kept AS (SELECT sku_id, number, substitute_id FROM substitute WHERE merchant_id = $1)
SELECT 'substitute ' || number || ' of ' || coalesce((SELECT code FROM sku WHERE merchant_id = $1 AND id = sku_id), sku_id::text) AS subject,
       to_jsonb(kept) AS kept, to_jsonb(told) AS told
  FROM kept FULL JOIN told USING (sku_id, number)
 WHERE kept IS DISTINCT FROM told
 ORDER BY 1 LIMIT 1000;

-- name: work_orders
-- What a work order was opened for, and how many of its kits were made or cancelled since; every event of it is one more version.
WITH told AS (
    SELECT subject_id AS id, max(data->>'number') FILTER (WHERE kind = 'work_order_opened') AS number,
           max(data->>'reference') FILTER (WHERE kind = 'work_order_opened') AS reference,
           max(data->>'kind') FILTER (WHERE kind = 'work_order_opened') AS kind,
           max(data->>'sku_id') FILTER (WHERE kind = 'work_order_opened') AS sku_id,
           max(data->>'location_id') FILTER (WHERE kind = 'work_order_opened') AS location_id,
           max((data->>'quantity')::int) FILTER (WHERE kind = 'work_order_opened') AS quantity,
           max((data->>'due_at')::timestamptz) FILTER (WHERE kind = 'work_order_opened') AS due_at,
           max(occurred_at) FILTER (WHERE kind = 'work_order_opened') AS opened_at,
           coalesce(sum((data->>'quantity')::int) FILTER (WHERE kind = 'work_order_completed'), 0)::int AS completed,
           coalesce(sum((data->>'quantity')::int) FILTER (WHERE kind = 'work_order_cancelled'), 0)::int AS cancelled,
           (array_agg(occurred_at ORDER BY position) FILTER (WHERE (data->>'left')::int = 0))[1] AS closed_at, count(*)::int AS version
      FROM event WHERE merchant_id = $1 AND subject_kind = 'work_order' GROUP BY subject_id),
kept AS (
    SELECT id, number::text AS number, reference COLLATE "default" AS reference, kind, sku_id::text AS sku_id, location_id::text AS location_id,
           quantity, due_at, opened_at, completed, cancelled, closed_at, version
      FROM work_order WHERE merchant_id = $1)
SELECT 'work order W' || coalesce(kept.number, told.number) AS subject, to_jsonb(kept) AS kept, to_jsonb(told) AS told
  FROM kept FULL JOIN told USING (id)
 WHERE kept IS DISTINCT FROM told
 ORDER BY 1 LIMIT 1000;

-- name: work_order_lines
-- What a work order takes and gives, and how far its units are, by its steps.
WITH born AS (
    SELECT e.subject_id AS id, l.line, l.role, l.sku_id, l.lot, l.per_kit, l.quantity AS planned
      FROM event AS e
     CROSS JOIN LATERAL jsonb_to_recordset(e.data->'lines')
           AS l (line smallint, role text, sku_id uuid, lot text, per_kit int, quantity int)
     WHERE e.merchant_id = $1 AND e.kind = 'work_order_opened'),
steps AS (
    SELECT e.subject_id AS id, s.line, coalesce(sum(s.quantity) FILTER (WHERE s."to" = 'done'), 0)::int AS done,
           coalesce(sum(s.quantity) FILTER (WHERE s."to" = 'cancelled'), 0)::int AS cancelled
      FROM event AS e CROSS JOIN LATERAL jsonb_to_recordset(e.data->'steps') AS s (line smallint, "to" text, quantity int)
     WHERE e.merchant_id = $1 AND e.subject_kind = 'work_order' GROUP BY e.subject_id, s.line),
told AS (
    SELECT id, line, role, sku_id, lot, per_kit, planned,
           CASE role WHEN 'input' THEN planned - coalesce(done, 0) - coalesce(cancelled, 0) ELSE 0 END AS allocated, coalesce(done, 0) AS done,
           coalesce(cancelled, 0) AS cancelled
      FROM born LEFT JOIN steps USING (id, line)),
kept AS (
    SELECT work_order_id AS id, number AS line, role, sku_id, lot COLLATE "default" AS lot, per_kit, planned, allocated, done, cancelled
      FROM work_order_line WHERE merchant_id = $1)
SELECT 'line ' || line || ' of work order ' || coalesce((SELECT 'W' || number FROM work_order AS w WHERE w.merchant_id = $1 AND w.id = a.id), a.id::text)
       AS subject, a.kept, a.told
  FROM (SELECT id, line, to_jsonb(kept) AS kept, to_jsonb(told) AS told
          FROM kept FULL JOIN told USING (id, line) WHERE kept IS DISTINCT FROM told) AS a
 ORDER BY 1 LIMIT 1000;

-- name: work_orders_posted
-- What is set aside for a work order, used up and made by it is the sum of its postings, by product.
WITH posted AS (
    SELECT p.subject_id AS id, p.sku_id,
           sum(CASE WHEN p.to_bucket = 'allocated' THEN p.quantity WHEN p.from_bucket = 'allocated' THEN -p.quantity ELSE 0 END) AS allocated,
           sum(CASE WHEN 'assembled' IN (p.from_bucket, p.to_bucket) THEN p.quantity ELSE 0 END) AS done
      FROM work_order AS w JOIN posting AS p ON p.merchant_id = $1 AND p.subject_id = w.id WHERE w.merchant_id = $1
     GROUP BY p.subject_id, p.sku_id),
kept AS (
    SELECT work_order_id AS id, sku_id, sum(allocated) AS allocated, sum(done) AS done
      FROM work_order_line WHERE merchant_id = $1 GROUP BY work_order_id, sku_id)
SELECT 'what work order ' || coalesce((SELECT 'W' || number FROM work_order AS w WHERE w.merchant_id = $1 AND w.id = kept.id), kept.id::text)
       || ' moves of ' || coalesce((SELECT code FROM sku WHERE merchant_id = $1 AND sku.id = kept.sku_id), kept.sku_id::text) AS subject,
       jsonb_build_object('allocated', kept.allocated, 'done', kept.done) AS kept,
       jsonb_build_object('allocated', coalesce(posted.allocated, 0), 'done', coalesce(posted.done, 0)) AS told
  FROM kept LEFT JOIN posted USING (id, sku_id)
 WHERE kept.allocated <> coalesce(posted.allocated, 0) OR kept.done <> coalesce(posted.done, 0)
 ORDER BY 1 LIMIT 1000;

-- name: kit_lines
-- The parts of a kit's line belong to a kit, and each holds its units of every kit.
SELECT 'line ' || part.number || ' of order ' || coalesce(o.number::text, part.order_id::text) AS subject,
       jsonb_build_object('ordered', part.ordered, 'kit', coalesce(kit.is_kit, false)) AS kept,
       jsonb_build_object('ordered', part.per_kit * kit.ordered, 'kit', true) AS told
  FROM order_line AS part
  LEFT JOIN order_line AS kit ON kit.merchant_id = $1 AND kit.order_id = part.order_id AND kit.number = part.part_of
  LEFT JOIN orders AS o ON o.merchant_id = $1 AND o.id = part.order_id
 WHERE part.merchant_id = $1 AND part.part_of IS NOT NULL
   AND (kit.is_kit IS NOT TRUE OR part.ordered <> part.per_kit * kit.ordered)
 ORDER BY 1 LIMIT 1000;

-- name: network
-- A location stands in its group, works and can do what its last event says; a group is as its last event says.
WITH told AS (
    SELECT DISTINCT ON (subject_id) subject_id AS id, data->>'code' AS code, data->>'name' AS name, (data->>'parent_id')::uuid AS parent_id,
           (data->>'group_id')::uuid AS group_id, nullif(data->'address', 'null') AS address, data->'capabilities' AS capabilities,
           nullif(data->'schedule', 'null') AS schedule
      FROM event WHERE merchant_id = $1 AND kind IN ('location_saved', 'location_group_saved')
     ORDER BY subject_id, position DESC),
kept AS (
    SELECT id, code COLLATE "default" AS code, name, NULL::uuid AS parent_id, group_id, address, to_jsonb(capabilities) AS capabilities,
           schedule
      FROM location WHERE merchant_id = $1
    UNION ALL
    SELECT id, code COLLATE "default", name, parent_id, NULL, NULL, NULL, NULL FROM location_group WHERE merchant_id = $1)
SELECT 'the location or group ' || coalesce(kept.code, told.code) AS subject, to_jsonb(kept) AS kept, to_jsonb(told) AS told
  FROM kept FULL JOIN told USING (id)
 WHERE kept IS DISTINCT FROM told
 ORDER BY 1 LIMIT 1000;

-- name: pools
-- A pool is as its last event says, and orders hold of it what they took and did not give back.
WITH said AS (
    SELECT DISTINCT ON (data->>'pool_id') (data->>'pool_id')::uuid AS id, subject_id AS sku_id, kind <> 'pool_removed' AS active,
           (data->>'version')::int AS version
      FROM event WHERE merchant_id = $1 AND kind IN ('pool_set', 'pool_removed')
     ORDER BY data->>'pool_id', position DESC),
as_set AS (
    SELECT DISTINCT ON (data->>'pool_id') (data->>'pool_id')::uuid AS id, data->>'pool' AS code, data->>'kind' AS kind,
           (data->>'quantity')::int AS quantity, data->>'group_id' AS group_id, data->'channel_ids' AS channel_ids
      FROM event WHERE merchant_id = $1 AND kind = 'pool_set'
     ORDER BY data->>'pool_id', position DESC),
taken AS (
    SELECT (p.use->>1)::uuid AS id, sum((p.use->>2)::int)::int AS taken
      FROM event AS e CROSS JOIN LATERAL jsonb_array_elements(e.data->'pools') AS p (use)
     WHERE e.merchant_id = $1 AND e.kind = ANY('{order_placed,order_sourced,shortage_settled,lines_cancelled,order_edited,fulfillment_order_rejected,fulfillment_order_moved,fulfillment_order_closed}') AND e.data ? 'pools'
     GROUP BY 1),
told AS (
    SELECT id, sku_id, code, kind, quantity, group_id, channel_ids, active, version, coalesce(taken, 0) AS taken
      FROM said JOIN as_set USING (id) LEFT JOIN taken USING (id)),
kept AS (
    SELECT id, sku_id, code COLLATE "default" AS code, kind, quantity, group_id::text AS group_id, to_jsonb(channel_ids) AS channel_ids, active,
           version, taken
      FROM pool WHERE merchant_id = $1)
SELECT 'pool ' || coalesce(kept.code, told.code) || ' of '
       || coalesce((SELECT code FROM sku WHERE merchant_id = $1 AND id = coalesce(kept.sku_id, told.sku_id)), 'an unknown product') AS subject,
       to_jsonb(kept) AS kept, to_jsonb(told) AS told
  FROM kept FULL JOIN told USING (id)
 WHERE kept IS DISTINCT FROM told
 ORDER BY 1 LIMIT 1000;

-- name: pool_takes
-- A line counts for a pool as its order's events say.
WITH told AS (
    SELECT e.subject_id AS order_id, (p.use->>0)::smallint AS line_number, (p.use->>1)::uuid AS pool_id, sum((p.use->>2)::int)::int AS quantity
      FROM event AS e CROSS JOIN LATERAL jsonb_array_elements(e.data->'pools') AS p (use)
     WHERE e.merchant_id = $1 AND e.kind = ANY('{order_placed,order_sourced,shortage_settled,lines_cancelled,order_edited,fulfillment_order_rejected,fulfillment_order_moved,fulfillment_order_closed}') AND e.data ? 'pools'
     GROUP BY 1, 2, 3),
kept AS (SELECT order_id, line_number, pool_id, quantity FROM pool_take WHERE merchant_id = $1)
SELECT 'what line ' || line_number || ' of order '
       || coalesce((SELECT o.number::text FROM orders AS o WHERE o.merchant_id = $1 AND o.id = order_id), order_id::text)
       || ' counts for a pool' AS subject,
       to_jsonb(kept) AS kept, to_jsonb(told) AS told
  FROM kept FULL JOIN told USING (order_id, line_number, pool_id)
 WHERE kept IS DISTINCT FROM told
 ORDER BY 1 LIMIT 1000;

-- name: limited
-- Whoever promises a product with limits learns of them from each row of its stock.
SELECT 'stock of ' || sku.code || ' at ' || coalesce(location.code, s.location_id::text) AS subject,
       jsonb_build_object('limited', s.limited) AS kept, jsonb_build_object('limited', true) AS told
  FROM sku JOIN stock AS s ON s.merchant_id = $1 AND s.sku_id = sku.id
  LEFT JOIN location ON location.merchant_id = $1 AND location.id = s.location_id
 WHERE sku.merchant_id = $1 AND NOT (s.limited AND sku.limited)
   AND (EXISTS (SELECT FROM pool WHERE pool.merchant_id = $1 AND pool.sku_id = sku.id)
        OR EXISTS (SELECT FROM reservation_line AS r
                    WHERE r.merchant_id = $1 AND r.sku_id = sku.id AND r.location_id IS NULL AND r.ended_as IS NULL))
 ORDER BY 1 LIMIT 1000;

-- name: orphans
-- What lives under an order has its order.
SELECT 'the ' || what || ' of order ' || c.order_id AS subject, jsonb_build_object('order', 'missing') AS kept,
       jsonb_build_object('order', 'there') AS told
  FROM (SELECT 'lines' AS what, order_id FROM order_line WHERE merchant_id = $1
        UNION SELECT 'charges', order_id FROM charge WHERE merchant_id = $1
        UNION SELECT 'tenders', order_id FROM tender WHERE merchant_id = $1
        UNION SELECT 'payment requests', order_id FROM payment_request WHERE merchant_id = $1
        UNION SELECT 'disputes', order_id FROM dispute WHERE merchant_id = $1
        UNION SELECT 'holds', order_id FROM hold WHERE merchant_id = $1
        UNION SELECT 'notes', order_id FROM order_note WHERE merchant_id = $1
        UNION SELECT 'tags', order_id FROM order_tag WHERE merchant_id = $1
        UNION SELECT 'relations', order_id FROM order_relation WHERE merchant_id = $1
        UNION SELECT 'attributes', order_id FROM order_attribute WHERE merchant_id = $1
        UNION SELECT 'edits', order_id FROM order_edit WHERE merchant_id = $1
        UNION SELECT 'details', order_id FROM order_detail WHERE merchant_id = $1
        UNION SELECT 'allocations', order_id FROM allocation WHERE merchant_id = $1
        UNION SELECT 'fulfillment orders', order_id FROM fulfillment_order WHERE merchant_id = $1
        UNION SELECT 'parcels', order_id FROM parcel WHERE merchant_id = $1
        UNION SELECT 'bookings', order_id FROM booking WHERE merchant_id = $1
        UNION SELECT 'returns', order_id FROM return_order WHERE merchant_id = $1) AS c
 WHERE NOT EXISTS (SELECT FROM orders AS o WHERE o.merchant_id = $1 AND o.id = c.order_id)
 ORDER BY 1 LIMIT 1000;

-- name: unmatched_returns
-- What stands in the queue of unmatched returns was kept by an event.
WITH told AS (
    SELECT subject_id AS id, data->>'key' AS key, (data->>'quantity')::int AS quantity, (data->>'amount_minor')::bigint AS amount_minor,
           data->>'currency' AS currency, data->>'reason' AS reason, data->>'sku' AS sku, data->>'description' AS description
      FROM event WHERE merchant_id = $1 AND kind = 'unmatched_return_kept'),
kept AS (
    SELECT id, key COLLATE "default" AS key, quantity, amount_minor, currency, reason, sku_code AS sku, description
      FROM unmatched_return WHERE merchant_id = $1)
SELECT 'the unmatched return ' || coalesce(kept.key, told.key) AS subject, to_jsonb(kept) AS kept, to_jsonb(told) AS told
  FROM kept FULL JOIN told USING (id)
 WHERE kept IS DISTINCT FROM told
 ORDER BY 1 LIMIT 1000;

-- name: transfers
-- What a transfer was drafted as, and when it went on; every event of it is one more version.
WITH told AS (
    SELECT subject_id AS id, max(data->>'number') FILTER (WHERE kind = 'transfer_created') AS number,
           max(data->>'reference') FILTER (WHERE kind = 'transfer_created') AS reference,
           max(data->>'from_location_id') FILTER (WHERE kind = 'transfer_created') AS from_location_id,
           max(data->>'to_location_id') FILTER (WHERE kind = 'transfer_created') AS to_location_id,
           max((data->>'due_at')::timestamptz) FILTER (WHERE kind = 'transfer_created') AS due_at,
           max(occurred_at) FILTER (WHERE kind = 'transfer_created') AS created_at,
           (array_agg(occurred_at ORDER BY position) FILTER (WHERE kind = 'transfer_readied'))[1] AS ready_at,
           max(occurred_at) FILTER (WHERE kind = 'transfer_shipped') AS shipped_at,
           (array_agg(occurred_at ORDER BY position) FILTER (WHERE kind = 'transfer_received'))[1] AS received_at,
           max(occurred_at) FILTER (WHERE kind = 'transfer_cancelled') AS cancelled_at,
           max(occurred_at) FILTER (WHERE kind = 'transfer_closed' OR (data->>'closed')::boolean) AS closed_at, count(*)::int AS version
      FROM event WHERE merchant_id = $1 AND subject_kind = 'transfer' GROUP BY subject_id),
kept AS (
    SELECT id, number::text AS number, reference COLLATE "default" AS reference, from_location_id::text AS from_location_id,
           to_location_id::text AS to_location_id, due_at, created_at, ready_at, shipped_at, received_at, cancelled_at, closed_at, version
      FROM transfer WHERE merchant_id = $1)
SELECT 'transfer T' || coalesce(kept.number, told.number) AS subject, to_jsonb(kept) AS kept, to_jsonb(told) AS told
  FROM kept FULL JOIN told USING (id)
 WHERE kept IS DISTINCT FROM told
 ORDER BY 1 LIMIT 1000;

-- name: transfer_lines
-- Each counter of a transfer's line is the sum of its steps; place and date are its transfer's.
WITH born AS (
    SELECT e.subject_id AS id, l.line, l.sku_id, l.lot, l.quantity, (e.data->>'to_location_id')::uuid AS to_location_id,
           (e.data->>'due_at')::timestamptz AS due_at
      FROM event AS e CROSS JOIN LATERAL jsonb_to_recordset(e.data->'lines') AS l (line smallint, sku_id uuid, lot text, quantity int)
     WHERE e.merchant_id = $1 AND e.kind = 'transfer_created'),
steps AS (
    SELECT e.subject_id AS id, s.line, c.counter, sum(c.change) AS change
      FROM event AS e
     CROSS JOIN LATERAL jsonb_to_recordset(e.data->'steps') AS s (line smallint, "from" text, "to" text, quantity int, damaged boolean)
     CROSS JOIN LATERAL (VALUES (s."from", -s.quantity), (s."to", s.quantity), (CASE WHEN s.damaged THEN 'damaged' END, s.quantity))
                        AS c (counter, change)
     WHERE e.merchant_id = $1 AND e.subject_kind = 'transfer' GROUP BY e.subject_id, s.line, c.counter),
sums AS (
    SELECT id, line, coalesce(sum(change) FILTER (WHERE counter = 'ready'), 0)::int AS ready,
           coalesce(sum(change) FILTER (WHERE counter = 'in_transit'), 0)::int AS in_transit,
           coalesce(sum(change) FILTER (WHERE counter = 'received'), 0)::int AS received,
           coalesce(sum(change) FILTER (WHERE counter = 'damaged'), 0)::int AS damaged,
           coalesce(sum(change) FILTER (WHERE counter = 'came_home'), 0)::int AS came_home,
           coalesce(sum(change) FILTER (WHERE counter = 'lost'), 0)::int AS lost,
           coalesce(sum(change) FILTER (WHERE counter = 'cancelled'), 0)::int AS cancelled
      FROM steps GROUP BY id, line),
named AS (
    SELECT e.subject_id AS id, s.line, jsonb_agg(n.serial ORDER BY n.serial) AS serials
      FROM event AS e
     CROSS JOIN LATERAL jsonb_to_recordset(e.data->'steps') AS s (line smallint, "from" text, serials jsonb)
     CROSS JOIN LATERAL jsonb_array_elements_text(s.serials) AS n (serial)
     WHERE e.merchant_id = $1 AND e.kind = 'transfer_readied' AND s.serials IS NOT NULL GROUP BY e.subject_id, s.line),
told AS (
    SELECT id, line, sku_id, lot, to_location_id, due_at, quantity, coalesce(ready, 0) AS ready, coalesce(in_transit, 0) AS in_transit,
           coalesce(received, 0) AS received, coalesce(damaged, 0) AS damaged, coalesce(came_home, 0) AS came_home,
           coalesce(lost, 0) AS lost, coalesce(cancelled, 0) AS cancelled, serials
      FROM born LEFT JOIN sums USING (id, line) LEFT JOIN named USING (id, line)),
kept AS (
    SELECT transfer_id AS id, number AS line, sku_id, lot COLLATE "default" AS lot, to_location_id, due_at, quantity, ready, in_transit,
           received, damaged, came_home, lost, cancelled,
           (SELECT jsonb_agg(n.serial ORDER BY n.serial) FROM jsonb_array_elements_text(serials) AS n (serial)) AS serials
      FROM transfer_line WHERE merchant_id = $1)
SELECT 'line ' || line || ' of transfer ' || coalesce((SELECT 'T' || number FROM transfer AS t WHERE t.merchant_id = $1 AND t.id = a.id), a.id::text)
       AS subject, a.kept, a.told
  FROM (SELECT id, line, to_jsonb(kept) AS kept, to_jsonb(told) AS told
          FROM kept FULL JOIN told USING (id, line) WHERE kept IS DISTINCT FROM told) AS a
 ORDER BY 1 LIMIT 1000;

-- name: transfers_posted
-- What is set aside for a transfer, and what is on its way, is the sum of its postings, by product and lot.
WITH posted AS (
    SELECT p.subject_id AS id, p.sku_id,
           CASE WHEN p.to_bucket = 'allocated' THEN p.quantity WHEN p.from_bucket = 'allocated' THEN -p.quantity ELSE 0 END AS ready,
           CASE WHEN p.to_bucket IS NULL THEN p.quantity WHEN p.from_bucket IS NULL THEN -p.quantity ELSE 0 END AS in_transit
      FROM transfer AS t JOIN posting AS p ON p.merchant_id = $1 AND p.subject_id = t.id WHERE t.merchant_id = $1),
told AS (SELECT id, sku_id, sum(ready) AS ready, sum(in_transit) AS in_transit FROM posted GROUP BY id, sku_id),
kept AS (
    SELECT transfer_id AS id, sku_id, sum(ready) AS ready, sum(in_transit) AS in_transit
      FROM transfer_line WHERE merchant_id = $1 GROUP BY transfer_id, sku_id)
SELECT 'what transfer ' || coalesce((SELECT 'T' || number FROM transfer AS t WHERE t.merchant_id = $1 AND t.id = a.id), a.id::text) || ' moves of '
       || coalesce((SELECT code FROM sku WHERE merchant_id = $1 AND sku.id = a.sku_id), a.sku_id::text) AS subject, a.kept, a.told
  FROM (SELECT kept.id, kept.sku_id, to_jsonb(kept) AS kept,
               jsonb_build_object('id', kept.id, 'sku_id', kept.sku_id, 'ready', coalesce(told.ready, 0), 'in_transit', coalesce(told.in_transit, 0)) AS told
          FROM kept LEFT JOIN told USING (id, sku_id)
         WHERE kept.ready <> coalesce(told.ready, 0) OR kept.in_transit <> coalesce(told.in_transit, 0)) AS a
 ORDER BY 1 LIMIT 1000;

-- name: shortages
-- A shortage is opened by an event, and what remains of it is less what later events settled.
WITH opened AS (
    SELECT s.*, e.recorded_at FROM event AS e
     CROSS JOIN LATERAL jsonb_to_recordset(e.data->'shortages')
                        AS s (id uuid, sku_id uuid, location_id uuid, lot text, kind text, reason text, document text, quantity int)
     WHERE e.merchant_id = $1 AND e.data ? 'shortages'),
settled AS (
    SELECT s.id, sum(s.quantity)::int AS quantity FROM event AS e
     CROSS JOIN LATERAL jsonb_to_recordset(e.data->'settled') AS s (id uuid, quantity int)
     WHERE e.merchant_id = $1 AND e.data ? 'settled' GROUP BY s.id),
told AS (
    SELECT id, o.sku_id, o.location_id, o.lot, o.kind, o.reason, o.document, o.quantity,
           o.quantity - coalesce(s.quantity, 0) AS remaining
      FROM opened AS o LEFT JOIN settled AS s USING (id)),
kept AS (
    SELECT id, sku_id, location_id, lot COLLATE "default" AS lot, kind, reason, document COLLATE "default" AS document, quantity, remaining
      FROM shortage WHERE merchant_id = $1)
SELECT 'the shortage of ' || coalesce((SELECT code FROM sku WHERE merchant_id = $1 AND sku.id = coalesce(kept.sku_id, told.sku_id)), '?')
       || ' at ' || coalesce((SELECT code FROM location WHERE merchant_id = $1 AND location.id = coalesce(kept.location_id, told.location_id)), '?')
       AS subject, to_jsonb(kept) AS kept, to_jsonb(told) AS told
  FROM kept FULL JOIN told USING (id)
 WHERE kept IS DISTINCT FROM told
 ORDER BY 1 LIMIT 1000;

-- name: shortage_entries
-- Every change of what is short is what an event said when it opened or settled: once for each shortage, on paper or off the shelf.
WITH told AS (
    SELECT id, event_id, sku_id, location_id, lot, occurred_at, told_late, sum(change)::int AS change, bool_or(on_paper) AS on_paper
      FROM told_shortage WHERE merchant_id = $1 GROUP BY id, event_id, sku_id, location_id, lot, occurred_at, told_late),
kept AS (
    SELECT shortage_id AS id, event_id, sku_id, location_id, lot COLLATE "default" AS lot, occurred_at, told_late, change, on_paper
      FROM shortage_entry WHERE merchant_id = $1)
SELECT 'a change of the shortage of ' || coalesce((SELECT code FROM sku WHERE merchant_id = $1 AND sku.id = a.sku_id), '?')
       || ' at ' || coalesce((SELECT code FROM location WHERE merchant_id = $1 AND location.id = a.location_id), '?') AS subject, a.kept, a.told
  FROM (SELECT coalesce(kept.sku_id, told.sku_id) AS sku_id, coalesce(kept.location_id, told.location_id) AS location_id,
               to_jsonb(kept) AS kept, to_jsonb(told) AS told
          FROM kept FULL JOIN told USING (id, event_id) WHERE kept IS DISTINCT FROM told) AS a
 ORDER BY 1 LIMIT 1000;

-- name: stock_short
-- What is short of a row of stock is the sum of its open shortages.
WITH told AS (
    SELECT sku_id, location_id, lot, sum(remaining)::int AS short FROM shortage WHERE merchant_id = $1 GROUP BY sku_id, location_id, lot)
SELECT 'stock of ' || coalesce((SELECT code FROM sku WHERE merchant_id = $1 AND id = sku_id), sku_id::text)
       || ' at ' || coalesce((SELECT code FROM location WHERE merchant_id = $1 AND id = location_id), location_id::text) AS subject,
       jsonb_build_object('short', coalesce(s.short, 0)) AS kept, jsonb_build_object('short', coalesce(told.short, 0)) AS told
  FROM (SELECT sku_id, location_id, lot, short FROM stock WHERE merchant_id = $1 AND short <> 0) AS s
  FULL JOIN told USING (sku_id, location_id, lot)
 WHERE coalesce(s.short, 0) <> coalesce(told.short, 0)
 ORDER BY 1 LIMIT 1000;

-- name: counts
-- How a count was opened and how it ended; every event of it is one more version.
WITH told AS (
    SELECT subject_id AS id, max(data->>'number') FILTER (WHERE kind = 'count_opened') AS number,
           max(data->>'reference') FILTER (WHERE kind = 'count_opened') AS reference,
           max(data->>'location_id') FILTER (WHERE kind = 'count_opened') AS location_id,
           max(data->>'zone') FILTER (WHERE kind = 'count_opened') AS zone,
           bool_or((data->>'blind')::boolean) FILTER (WHERE kind = 'count_opened') AS blind,
           max(occurred_at) FILTER (WHERE kind = 'count_opened') AS opened_at,
           max(occurred_at) FILTER (WHERE kind = 'count_approved') AS approved_at,
           max(occurred_at) FILTER (WHERE kind = 'count_cancelled') AS cancelled_at,
           max(data->>'reason') FILTER (WHERE kind IN ('count_approved', 'count_cancelled')) AS reason, count(*)::int AS version
      FROM event WHERE merchant_id = $1 AND subject_kind = 'count' GROUP BY subject_id),
kept AS (
    SELECT id, number::text AS number, reference COLLATE "default" AS reference, location_id::text AS location_id,
           zone COLLATE "default" AS zone, blind, opened_at, approved_at, cancelled_at, reason, version
      FROM stock_count WHERE merchant_id = $1)
SELECT 'count C' || coalesce(kept.number, told.number) AS subject, to_jsonb(kept) AS kept, to_jsonb(told) AS told
  FROM kept FULL JOIN told USING (id)
 WHERE kept IS DISTINCT FROM told
 ORDER BY 1 LIMIT 1000;

-- name: count_lines
-- What is on a count, with the book as the ledger has it before the event that brought the line.
WITH moves AS MATERIALIZED (SELECT * FROM counted_shelf_move WHERE merchant_id = $1),
in_bins AS (SELECT * FROM counted_bin_move WHERE merchant_id = $1),
named AS (
    SELECT e.subject_id AS id, (e.data->>'location_id')::uuid AS location_id, e.position, l.line, l.sku_id, l.lot
      FROM event AS e CROSS JOIN LATERAL jsonb_to_recordset(e.data->'lines') AS l (line smallint, sku_id uuid, lot text)
     WHERE e.merchant_id = $1 AND e.kind IN ('count_opened', 'count_recorded')),
born AS (SELECT DISTINCT ON (id, line) * FROM named ORDER BY id, line, position),
asked AS (
    SELECT e.subject_id AS id, l.line, max(l.pass) AS pass
      FROM event AS e CROSS JOIN LATERAL jsonb_to_recordset(e.data->'lines') AS l (line smallint, pass smallint)
     WHERE e.merchant_id = $1 AND e.kind = 'recount_asked' GROUP BY e.subject_id, l.line),
told AS (
    SELECT b.id, b.line, b.sku_id, b.lot, coalesce(a.pass, 1::smallint) AS pass,
           CASE WHEN c.zone IS NULL THEN
               (SELECT coalesce(sum(m.change), 0)::int FROM moves AS m
                 WHERE m.sku_id = b.sku_id AND m.location_id = b.location_id AND m.lot = b.lot AND m.position < b.position)
           ELSE
               (SELECT coalesce(sum(m.change), 0)::int FROM in_bins AS m
                 WHERE m.sku_id = b.sku_id AND m.location_id = b.location_id AND m.lot = b.lot AND m.position < b.position
                   AND starts_with(m.bin, c.zone))
           END AS snapshot
      FROM born AS b LEFT JOIN asked AS a USING (id, line) LEFT JOIN stock_count AS c ON c.merchant_id = $1 AND c.id = b.id),
kept AS (
    SELECT count_id AS id, number AS line, sku_id, lot COLLATE "default" AS lot, pass, snapshot FROM stock_count_line WHERE merchant_id = $1)
SELECT 'line ' || line || ' of count ' || coalesce((SELECT 'C' || number FROM stock_count AS c WHERE c.merchant_id = $1 AND c.id = a.id), a.id::text)
       AS subject, a.kept, a.told
  FROM (SELECT id, line, to_jsonb(kept) AS kept, to_jsonb(told) AS told
          FROM kept FULL JOIN told USING (id, line) WHERE kept IS DISTINCT FROM told) AS a
 ORDER BY 1 LIMIT 1000;

-- name: count_entries
-- What each pass found, and the book of that moment: the ledger before its event, less what moved since the moment.
WITH moves AS MATERIALIZED (SELECT * FROM counted_shelf_move WHERE merchant_id = $1),
in_bins AS (SELECT * FROM counted_bin_move WHERE merchant_id = $1),
said AS (
    SELECT DISTINCT ON (e.subject_id, l.line, l.pass) e.subject_id AS id, (e.data->>'location_id')::uuid AS location_id, l.line, l.pass,
           l.sku_id, l.lot, l.counted, l.serials, (e.data->>'counted_at')::timestamptz AS counted_at, e.occurred_at, e.actor AS counted_by, e.event_id, e.position
      FROM event AS e
     CROSS JOIN LATERAL jsonb_to_recordset(e.data->'lines') AS l (line smallint, pass smallint, sku_id uuid, lot text, counted int, serials jsonb)
     WHERE e.merchant_id = $1 AND e.kind = 'count_recorded' ORDER BY e.subject_id, l.line, l.pass, e.position DESC),
told AS (
    SELECT s.id, s.line, s.pass, s.counted, CASE WHEN c.zone IS NULL THEN b.expected ELSE z.expected END AS expected, b.short,
           coalesce(s.counted_at, s.occurred_at) AS counted_at, s.counted_by, s.event_id, n.serials,
           CASE WHEN s.serials IS NOT NULL THEN coalesce(n.missing, '[]') END AS missing,
           CASE WHEN s.serials IS NOT NULL THEN coalesce(n.strange, '[]') END AS strange
      FROM said AS s
      LEFT JOIN stock_count AS c ON c.merchant_id = $1 AND c.id = s.id
     CROSS JOIN LATERAL (
           SELECT coalesce(sum(m.change) FILTER (WHERE m.corrects OR s.counted_at IS NULL OR m.occurred_at <= s.counted_at), 0)::int AS expected,
                  coalesce(sum(m.short) FILTER (
                      WHERE m.corrects OR (m.told_late AND m.occurred_at < coalesce(s.counted_at, s.occurred_at))), 0)::int AS short
             FROM moves AS m
            WHERE m.sku_id = s.sku_id AND m.location_id = s.location_id AND m.lot = s.lot AND m.position < s.position) AS b
     CROSS JOIN LATERAL (
           SELECT coalesce(sum(m.change) FILTER (WHERE m.corrects OR s.counted_at IS NULL OR m.occurred_at <= s.counted_at), 0)::int AS expected
             FROM in_bins AS m
            WHERE m.sku_id = s.sku_id AND m.location_id = s.location_id AND m.lot = s.lot AND m.position < s.position
              AND starts_with(m.bin, c.zone)) AS z
     CROSS JOIN LATERAL (
           SELECT CASE WHEN s.serials IS NOT NULL THEN
                      (SELECT coalesce(jsonb_agg(x.name ORDER BY x.name), '[]') FROM jsonb_array_elements_text(s.serials) AS x (name)) END AS serials,
                  jsonb_agg(there.name ORDER BY there.name) FILTER (WHERE told.name IS NULL) AS missing,
                  jsonb_agg(told.name ORDER BY told.name) FILTER (WHERE there.name IS NULL) AS strange
             FROM (SELECT jsonb_array_elements_text(s.serials) AS name WHERE s.serials IS NOT NULL) AS told
             FULL JOIN (
                  SELECT last.serial COLLATE "default" AS name
                    FROM (SELECT DISTINCT ON (p.serial) p.serial, p.to_location_id, p.to_lot, p.to_bucket
                            FROM posting AS p
                            JOIN event AS e ON e.merchant_id = $1 AND e.subject_id = p.subject_id AND e.event_id = p.event_id
                           WHERE p.merchant_id = $1 AND p.sku_id = s.sku_id AND p.serial IS NOT NULL AND s.serials IS NOT NULL
                             AND e.position < s.position
                             AND (s.counted_at IS NULL OR e.occurred_at <= s.counted_at OR e.kind = 'stock_corrected'
                               OR (p.from_location_id IS NULL AND p.from_bucket IN ('lost', 'found'))
                               OR (p.to_location_id IS NULL AND p.to_bucket IN ('lost', 'found')))
                           ORDER BY p.serial, e.position DESC, p.number DESC) AS last
                   WHERE last.to_location_id = s.location_id AND last.to_lot = s.lot
                     AND last.to_bucket IN ('available', 'reserved', 'allocated')) AS there ON there.name = told.name) AS n),
kept AS (
    SELECT count_id AS id, line_number AS line, pass, counted, expected, short, counted_at, counted_by, event_id,
           CASE WHEN serials IS NOT NULL THEN coalesce((SELECT jsonb_agg(x.name ORDER BY x.name) FROM jsonb_array_elements_text(serials) AS x (name)), '[]') END AS serials,
           CASE WHEN missing IS NOT NULL THEN coalesce((SELECT jsonb_agg(x.name ORDER BY x.name) FROM jsonb_array_elements_text(missing) AS x (name)), '[]') END AS missing,
           CASE WHEN strange IS NOT NULL THEN coalesce((SELECT jsonb_agg(x.name ORDER BY x.name) FROM jsonb_array_elements_text(strange) AS x (name)), '[]') END AS strange
      FROM stock_count_entry WHERE merchant_id = $1)
SELECT 'pass ' || pass || ' of line ' || line || ' of count '
       || coalesce((SELECT 'C' || number FROM stock_count AS c WHERE c.merchant_id = $1 AND c.id = a.id), a.id::text) AS subject, a.kept, a.told
  FROM (SELECT id, line, pass, to_jsonb(kept) AS kept, to_jsonb(told) AS told
          FROM kept FULL JOIN told USING (id, line, pass) WHERE kept IS DISTINCT FROM told) AS a
 ORDER BY 1 LIMIT 1000;

-- name: count_variances
-- What an approval corrected: counted, plus what really moved since, less the book before the approval; posted or short to the last unit.
WITH moves AS MATERIALIZED (SELECT * FROM counted_shelf_move WHERE merchant_id = $1),
in_bins AS (SELECT * FROM counted_bin_move WHERE merchant_id = $1),
approved AS (SELECT subject_id AS id, position, data FROM event WHERE merchant_id = $1 AND kind = 'count_approved'),
lines AS (
    SELECT c.id, c.location_id, c.zone, l.number AS line, l.sku_id, l.lot, l.variance, a.position, n.counted, n.missing,
           (e.data->>'counted_at')::timestamptz AS told_at, n.counted_at, e.position AS counted_position
      FROM stock_count AS c
      JOIN stock_count_line AS l ON l.merchant_id = $1 AND l.count_id = c.id
      LEFT JOIN approved AS a ON a.id = c.id
      LEFT JOIN stock_count_entry AS n ON n.merchant_id = $1 AND n.count_id = c.id AND n.line_number = l.number AND n.pass = l.pass
      LEFT JOIN event AS e ON e.merchant_id = $1 AND e.subject_id = c.id AND e.event_id = n.event_id
     WHERE c.merchant_id = $1),
told AS (
    SELECT l.id, l.line,
           CASE WHEN l.missing IS NOT NULL AND l.zone IS NULL THEN l.variance -- by name: where each unit is, other checks tell
                WHEN l.position IS NOT NULL AND l.counted IS NOT NULL
                THEN l.counted + CASE WHEN l.zone IS NULL THEN b.moved - b.book ELSE z.moved - z.book END END AS variance,
           CASE WHEN l.position IS NOT NULL AND l.counted IS NOT NULL
                THEN CASE WHEN l.zone IS NULL THEN b.corrected ELSE z.corrected END END AS corrected,
           CASE WHEN l.zone IS NOT NULL AND l.variance < 0 THEN b.corrected = l.variance
                WHEN l.zone IS NOT NULL THEN b.corrected BETWEEN 0 AND l.variance END AS on_shelf
      FROM lines AS l
     CROSS JOIN LATERAL (
           SELECT coalesce(sum(m.change) FILTER (WHERE m.position < l.position), 0)::int AS book,
                  coalesce(sum(m.change) FILTER (
                      WHERE NOT m.corrects AND m.position < l.position
                        AND CASE WHEN m.position < l.counted_position THEN coalesce(m.occurred_at > l.told_at, false)
                                 ELSE NOT m.told_late OR m.occurred_at >= l.counted_at END), 0)::int AS moved,
                  coalesce(sum(m.change) FILTER (WHERE m.position = l.position), 0)::int AS corrected
             FROM moves AS m WHERE m.sku_id = l.sku_id AND m.location_id = l.location_id AND m.lot = l.lot) AS b
     CROSS JOIN LATERAL (
           SELECT coalesce(sum(m.change) FILTER (WHERE m.position < l.position), 0)::int AS book,
                  coalesce(sum(m.change) FILTER (
                      WHERE NOT m.corrects AND m.position < l.position
                        AND CASE WHEN m.position < l.counted_position THEN coalesce(m.occurred_at > l.told_at, false)
                                 ELSE NOT m.told_late OR m.occurred_at >= l.counted_at END), 0)::int AS moved,
                  coalesce(sum(m.change) FILTER (WHERE m.position = l.position), 0)::int AS corrected
             FROM in_bins AS m
            WHERE m.sku_id = l.sku_id AND m.location_id = l.location_id AND m.lot = l.lot AND starts_with(m.bin, l.zone)) AS z),
kept AS (SELECT id, line, variance, variance AS corrected, CASE WHEN zone IS NOT NULL AND variance IS NOT NULL THEN true END AS on_shelf FROM lines)
SELECT 'line ' || line || ' of count ' || (SELECT 'C' || number FROM stock_count AS c WHERE c.merchant_id = $1 AND c.id = a.id) AS subject,
       a.kept, a.told
  FROM (SELECT id, line, to_jsonb(kept) AS kept, to_jsonb(told) AS told
          FROM kept JOIN told USING (id, line) WHERE kept IS DISTINCT FROM told) AS a
 ORDER BY 1 LIMIT 1000;

-- name: told_late
-- What moved before a shelf was counted whole, and was told after that count was approved, changed nothing: an event beside it takes back
-- as much, as of the first such count.
WITH counted AS MATERIALIZED (
    SELECT sku_id, location_id, lot, counted_at, position, of_building FROM whole_count WHERE merchant_id = $1),
fallen_short AS MATERIALIZED (
    SELECT event_id, sku_id, location_id, lot, sum(change) AS units FROM told_shortage WHERE merchant_id = $1 GROUP BY 1, 2, 3, 4),
told AS (
    SELECT e.position, e.event_id, n.sku_id, n.location_id, n.lot, e.occurred_at, sum(n.change) AS change,
           coalesce(sum(n.change) FILTER (WHERE n.bucket NOT IN ('picked', 'packed')), 0) AS on_shelf
      FROM event AS e
      JOIN posting AS p ON p.merchant_id = $1 AND p.subject_id = e.subject_id AND p.event_id = e.event_id
     CROSS JOIN LATERAL (VALUES (p.sku_id, p.from_location_id, p.from_lot, p.from_bucket, -p.quantity),
                                (p.sku_id, p.to_location_id, p.to_lot, p.to_bucket, p.quantity)) AS n (sku_id, location_id, lot, bucket, change)
     WHERE e.merchant_id = $1 AND e.told_late AND NOT tells_what_was_seen(e.kind)
       AND n.bucket IN ('available', 'reserved', 'allocated', 'picked', 'packed')
       AND (n.sku_id, n.location_id, n.lot) IN (SELECT sku_id, location_id, lot FROM counted)
     GROUP BY e.position, e.event_id, n.sku_id, n.location_id, n.lot, e.occurred_at),
late AS (
    SELECT event_id, sku_id, location_id, lot, coalesce(f.units, 0) - n.change AS units, min(c.counted_at) AS counted_at
      FROM told AS t
      JOIN counted AS c USING (sku_id, location_id, lot)
     CROSS JOIN LATERAL (SELECT CASE WHEN c.of_building THEN t.change ELSE t.on_shelf END AS change) AS n
      LEFT JOIN fallen_short AS f USING (event_id, sku_id, location_id, lot)
     WHERE c.position < t.position AND c.counted_at > t.occurred_at AND n.change <> coalesce(f.units, 0)
     GROUP BY event_id, sku_id, location_id, lot, f.units, n.change),
taken AS (
    SELECT (e.data->>'told')::uuid AS event_id, e.subject_id AS sku_id, (e.data->>'location_id')::uuid AS location_id, e.data->>'lot' AS lot,
           e.occurred_at AS counted_at, n.units
      FROM event AS e
     CROSS JOIN LATERAL (
           SELECT coalesce((SELECT sum(CASE WHEN p.to_location_id IS NULL THEN -p.quantity ELSE p.quantity END) FROM posting AS p
                             WHERE p.merchant_id = $1 AND p.subject_id = e.subject_id AND p.event_id = e.event_id), 0)
                - coalesce((SELECT sum(f.units) FROM fallen_short AS f WHERE f.event_id = e.event_id), 0) AS units) AS n
     WHERE e.merchant_id = $1 AND e.kind = 'variance_taken_back')
SELECT 'what was told late of ' || coalesce((SELECT code FROM sku WHERE merchant_id = $1 AND sku.id = a.sku_id), '?')
       || ' at ' || coalesce((SELECT code FROM location WHERE merchant_id = $1 AND location.id = a.location_id), '?') AS subject, a.kept, a.told
  FROM (SELECT sku_id, location_id, jsonb_build_object('counted_at', taken.counted_at, 'taken_back', taken.units) AS kept,
               jsonb_build_object('counted_at', late.counted_at, 'taken_back', late.units) AS told
          FROM taken FULL JOIN late USING (event_id, sku_id, location_id, lot)
         WHERE (taken.counted_at, taken.units) IS DISTINCT FROM (late.counted_at, late.units)) AS a
 ORDER BY 1 LIMIT 1000;

-- name: purchase_orders
-- A purchase order is what it was placed as; each event since is a version.
WITH told AS (
    SELECT subject_id AS id, max(data->>'number') AS number,
           max(data->>'reference') FILTER (WHERE kind = 'purchase_order_placed') AS reference, max(data->>'supplier') AS supplier,
           count(*)::int AS version, bool_or(kind = 'purchase_order_cancelled' AND (data->>'whole')::boolean) AS cancelled, bool_or(kind = 'purchase_order_closed') AS closed
      FROM event WHERE merchant_id = $1 AND subject_kind = 'purchase_order' GROUP BY subject_id),
kept AS (
    SELECT id, 'PO' || number AS number, reference COLLATE "default" AS reference, supplier, version,
           cancelled_at IS NOT NULL AS cancelled, closed_at IS NOT NULL AS closed
      FROM purchase_order WHERE merchant_id = $1)
SELECT 'purchase order ' || coalesce(kept.number, told.number) AS subject, to_jsonb(kept) AS kept, to_jsonb(told) AS told
  FROM kept FULL JOIN told USING (id)
 WHERE kept IS DISTINCT FROM told
 ORDER BY 1 LIMIT 1000;

-- name: purchase_lines
-- The lines of purchase orders are what was placed, announced and changed, with what came and what was called off.
WITH events AS MATERIALIZED (                                       -- each is unpacked once, however many lines it has
    SELECT subject_id, position, kind, data->'lines' AS lines, data->>'due_at' AS due_at
      FROM event WHERE merchant_id = $1 AND subject_kind = 'purchase_order'),
told_lines AS (
    SELECT e.subject_id AS purchase_order_id, e.position, e.kind, coalesce(l->>'due_at', e.due_at)::timestamptz AS due_at,
           coalesce(l->>'line', l->>'number')::smallint AS number, (l->>'of_line')::smallint AS of_line, (l->>'quantity')::int AS quantity,
           (l->>'damaged')::int AS damaged
      FROM events AS e CROSS JOIN LATERAL jsonb_array_elements(e.lines) AS l),
entries AS (                                                        -- an ASN takes what it announces out of the line that it is of
    SELECT purchase_order_id, number, position, kind, quantity, damaged, due_at, CASE kind WHEN 'asn_cancelled' THEN -quantity END AS change,
           kind IN ('purchase_order_placed', 'purchase_order_changed', 'asn_announced') AS said
      FROM told_lines
    UNION ALL
    SELECT purchase_order_id, of_line, position, 'moved', NULL, NULL, NULL, CASE kind WHEN 'asn_announced' THEN -quantity ELSE quantity END, false
      FROM told_lines WHERE kind IN ('asn_announced', 'asn_cancelled')),
dated AS (
    SELECT *, max(position) FILTER (WHERE said) OVER (PARTITION BY purchase_order_id, number) AS said_at FROM entries),
told AS (                                                           -- what was said last, and what moved since
    SELECT purchase_order_id, number, max(due_at) FILTER (WHERE said AND position = said_at) AS due_at,
           (max(quantity) FILTER (WHERE said AND position = said_at)
            + coalesce(sum(change) FILTER (WHERE position > said_at), 0))::int AS ordered,
           coalesce(sum(quantity) FILTER (WHERE kind = 'purchase_order_received'), 0)::int AS received,
           coalesce(sum(damaged) FILTER (WHERE kind = 'purchase_order_received'), 0)::int AS damaged,
           coalesce(sum(quantity) FILTER (WHERE kind IN ('purchase_order_cancelled', 'purchase_order_closed')), 0)::int AS cancelled
      FROM dated WHERE said_at IS NOT NULL GROUP BY purchase_order_id, number),
kept AS (SELECT purchase_order_id, number, due_at, ordered, received, damaged, cancelled FROM purchase_order_line WHERE merchant_id = $1)
SELECT 'line ' || number || ' of purchase order '
       || coalesce((SELECT 'PO' || p.number FROM purchase_order AS p WHERE p.merchant_id = $1 AND p.id = purchase_order_id),
                   purchase_order_id::text) AS subject,
       to_jsonb(kept) AS kept, to_jsonb(told) AS told
  FROM kept FULL JOIN told USING (purchase_order_id, number)
 WHERE kept IS DISTINCT FROM told
 ORDER BY 1 LIMIT 1000;

-- name: asns
-- What suppliers announced, and what of it was called off.
WITH told AS (
    SELECT subject_id AS purchase_order_id, (data->>'asn')::smallint AS number, max(data->>'reference') AS reference,
           bool_or(kind = 'asn_cancelled') AS cancelled
      FROM event WHERE merchant_id = $1 AND kind IN ('asn_announced', 'asn_cancelled') GROUP BY subject_id, (data->>'asn')::smallint),
kept AS (
    SELECT purchase_order_id, number, reference COLLATE "default" AS reference, cancelled_at IS NOT NULL AS cancelled
      FROM asn WHERE merchant_id = $1)
SELECT 'the ASN ' || coalesce((SELECT 'PO' || p.number FROM purchase_order AS p WHERE p.merchant_id = $1 AND p.id = purchase_order_id),
                              purchase_order_id::text) || '-A' || number AS subject,
       to_jsonb(kept) AS kept, to_jsonb(told) AS told
  FROM kept FULL JOIN told USING (purchase_order_id, number)
 WHERE kept IS DISTINCT FROM told
 ORDER BY 1 LIMIT 1000;

-- name: purchase_receipts
-- What came of a purchase order was posted from the supplier, product by product, damaged units to their bucket.
WITH told AS (
    SELECT subject_id AS purchase_order_id, sku_id, sum(quantity)::int AS received,
           coalesce(sum(quantity) FILTER (WHERE to_bucket = 'damaged'), 0)::int AS damaged
      FROM posting
     WHERE merchant_id = $1 AND from_bucket = 'supplier' AND from_location_id IS NULL
       AND subject_id IN (SELECT id FROM purchase_order WHERE merchant_id = $1)
     GROUP BY subject_id, sku_id),
kept AS (
    SELECT purchase_order_id, sku_id, sum(received)::int AS received, sum(damaged)::int AS damaged
      FROM purchase_order_line WHERE merchant_id = $1 GROUP BY purchase_order_id, sku_id HAVING sum(received) > 0)
SELECT 'what came of ' || coalesce((SELECT code FROM sku WHERE merchant_id = $1 AND id = sku_id), sku_id::text) || ' by purchase order '
       || coalesce((SELECT 'PO' || p.number FROM purchase_order AS p WHERE p.merchant_id = $1 AND p.id = purchase_order_id),
                   purchase_order_id::text) AS subject,
       to_jsonb(kept) AS kept, to_jsonb(told) AS told
  FROM kept FULL JOIN told USING (purchase_order_id, sku_id)
 WHERE kept IS DISTINCT FROM told
 ORDER BY 1 LIMIT 1000;

-- name: waves
-- What a wave was planned as, and when it went on; every event of it is one more version.
WITH told AS (
    SELECT subject_id AS id, max(data->>'number') FILTER (WHERE kind = 'wave_planned') AS number,
           max(data->>'reference') FILTER (WHERE kind = 'wave_planned') AS reference,
           max(data->>'location_id') FILTER (WHERE kind = 'wave_planned') AS location_id,
           max(data->>'method') FILTER (WHERE kind = 'wave_planned') AS method,
           max(jsonb_array_length(data->'orders')) FILTER (WHERE kind = 'wave_planned') AS orders,
           coalesce(max((data->>'units')::int) FILTER (WHERE kind = 'wave_released'), 0) AS units,
           max(occurred_at) FILTER (WHERE kind = 'wave_planned') AS planned_at,
           max(occurred_at) FILTER (WHERE kind = 'wave_released') AS released_at,
           max(occurred_at) FILTER (WHERE kind = 'wave_closed') AS closed_at,
           max(occurred_at) FILTER (WHERE kind = 'wave_cancelled') AS cancelled_at, count(*)::int AS version
      FROM event WHERE merchant_id = $1 AND subject_kind = 'wave' GROUP BY subject_id),
kept AS (
    SELECT id, number::text AS number, reference COLLATE "default" AS reference, location_id::text AS location_id, method, orders, units,
           planned_at, released_at, closed_at, cancelled_at, version
      FROM wave WHERE merchant_id = $1)
SELECT 'wave WV' || coalesce(kept.number, told.number) AS subject, to_jsonb(kept) AS kept, to_jsonb(told) AS told
  FROM kept FULL JOIN told USING (id)
 WHERE kept IS DISTINCT FROM told
 ORDER BY 1 LIMIT 1000;

-- name: wave_orders
-- The fulfillment orders of a wave are those that it was planned with, and it has them until it ends.
WITH over AS (SELECT subject_id AS wave_id FROM event WHERE merchant_id = $1 AND kind IN ('wave_closed', 'wave_cancelled')),
told AS (
    SELECT e.subject_id AS wave_id, o.number::smallint AS number, (o.member->>0)::uuid AS order_id, (o.member->>1)::smallint AS fulfillment_order,
           e.subject_id NOT IN (SELECT wave_id FROM over) AS open
      FROM event AS e CROSS JOIN LATERAL jsonb_array_elements(e.data->'orders') WITH ORDINALITY AS o (member, number)
     WHERE e.merchant_id = $1 AND e.kind = 'wave_planned'),
kept AS (SELECT wave_id, number, order_id, fulfillment_order, open FROM wave_order WHERE merchant_id = $1)
SELECT 'fulfillment order ' || number || ' of wave ' || coalesce((SELECT 'WV' || w.number FROM wave AS w WHERE w.merchant_id = $1 AND w.id = wave_id), wave_id::text)
       AS subject, to_jsonb(kept) AS kept, to_jsonb(told) AS told
  FROM kept FULL JOIN told USING (wave_id, number)
 WHERE kept IS DISTINCT FROM told
 ORDER BY 1 LIMIT 1000;

-- name: pick_lists
-- A pick list is what the release made of it, and whoever took it last and did not give it back walks it.
WITH walked AS (
    SELECT DISTINCT ON (subject_id, (data->>'list')::smallint) subject_id AS wave_id, (data->>'list')::smallint AS number, data->>'picker' AS picker
      FROM event WHERE merchant_id = $1 AND kind IN ('pick_list_taken', 'pick_list_left')
     ORDER BY subject_id, (data->>'list')::smallint, position DESC),
told AS (
    SELECT e.subject_id AS wave_id, l.list AS number, l.zone, l.units, l.route_cm, l.s_shape_cm, w.picker
      FROM event AS e CROSS JOIN LATERAL jsonb_to_recordset(e.data->'lists') AS l (list smallint, zone text, units int, route_cm int, s_shape_cm int)
      LEFT JOIN walked AS w ON w.wave_id = e.subject_id AND w.number = l.list
     WHERE e.merchant_id = $1 AND e.kind = 'wave_released'),
kept AS (SELECT wave_id, number, zone COLLATE "default" AS zone, units, route_cm, s_shape_cm, picker FROM pick_list WHERE merchant_id = $1)
SELECT 'pick list ' || number || ' of wave ' || coalesce((SELECT 'WV' || w.number FROM wave AS w WHERE w.merchant_id = $1 AND w.id = wave_id), wave_id::text)
       AS subject, to_jsonb(kept) AS kept, to_jsonb(told) AS told
  FROM kept FULL JOIN told USING (wave_id, number)
 WHERE kept IS DISTINCT FROM told
 ORDER BY 1 LIMIT 1000;

-- name: pick_tasks
-- A task is what the release made of it; it counts what was picked and short of it since, and gives up the rest when its wave ends.
WITH over AS (SELECT subject_id AS wave_id FROM event WHERE merchant_id = $1 AND kind IN ('wave_closed', 'wave_cancelled')),
done AS (
    SELECT (data->'task'->>'wave_id')::uuid AS wave_id, (data->'task'->>'number')::int AS number, sum((data->'task'->>'picked')::int)::int AS picked,
           sum((data->'task'->>'short')::int)::int AS short
      FROM event WHERE merchant_id = $1 AND kind = 'units_picked' AND data ? 'task' GROUP BY 1, 2),
born AS (
    SELECT e.subject_id AS wave_id, (t->>0)::int AS number, (t->>1)::smallint AS list, (t->>2)::smallint AS slot, (t->>3)::uuid AS order_id,
           (t->>4)::smallint AS fulfillment_order, (t->>5)::smallint AS allocation, (t->>6)::smallint AS line_number, (t->>7)::uuid AS sku_id,
           t->>8 AS lot, t->>9 AS bin, (t->>10)::int AS quantity
      FROM event AS e CROSS JOIN LATERAL jsonb_array_elements(e.data->'tasks') AS t
     WHERE e.merchant_id = $1 AND e.kind = 'wave_released'),
told AS (
    SELECT b.*, coalesce(d.picked, 0) AS picked, coalesce(d.short, 0) AS short,
           CASE WHEN b.wave_id IN (SELECT wave_id FROM over) THEN b.quantity - coalesce(d.picked, 0) - coalesce(d.short, 0) ELSE 0 END AS given_up
      FROM born AS b LEFT JOIN done AS d ON d.wave_id = b.wave_id AND d.number = b.number),
kept AS (
    SELECT wave_id, number, list, slot, order_id, fulfillment_order, allocation, line_number, sku_id, lot COLLATE "default" AS lot,
           bin COLLATE "default" AS bin, quantity, picked, short, given_up
      FROM pick_task WHERE merchant_id = $1)
SELECT 'task ' || number || ' of wave ' || coalesce((SELECT 'WV' || w.number FROM wave AS w WHERE w.merchant_id = $1 AND w.id = wave_id), wave_id::text)
       AS subject, to_jsonb(kept) AS kept, to_jsonb(told) AS told
  FROM kept FULL JOIN told USING (wave_id, number)
 WHERE kept IS DISTINCT FROM told
 ORDER BY 1 LIMIT 1000;

-- name: layouts
-- The plan of a location is what was said of it last.
WITH told AS (
    SELECT DISTINCT ON (subject_id) subject_id AS location_id, (data->>'depot_cm')::int AS depot_cm, data->'cross_cm' AS cross_cm,
           data->'aisles' AS aisles, (data->>'version')::int AS version
      FROM event WHERE merchant_id = $1 AND kind = 'layout_saved' ORDER BY subject_id, position DESC),
kept AS (SELECT location_id, depot_cm, plan->'cross_cm' AS cross_cm, plan->'aisles' AS aisles, version FROM layout WHERE merchant_id = $1)
SELECT 'the layout of ' || coalesce((SELECT code FROM location AS l WHERE l.merchant_id = $1 AND l.id = location_id), location_id::text) AS subject,
       to_jsonb(kept) AS kept, to_jsonb(told) AS told
  FROM kept FULL JOIN told USING (location_id)
 WHERE kept IS DISTINCT FROM told
 ORDER BY 1 LIMIT 1000;

-- name: places_of_bins
-- A bin is where somebody said last that it is.
WITH told AS (
    SELECT DISTINCT ON (subject_id) (data->>'location_id')::uuid AS location_id, data->>'code' AS code, (data->>'sequence')::int AS sequence,
           (data->>'active')::boolean AS active, data->>'aisle' AS aisle, (data->>'position_cm')::int AS position_cm, (data->>'version')::int AS version
      FROM event WHERE merchant_id = $1 AND kind = 'bin_saved' ORDER BY subject_id, position DESC),
kept AS (
    SELECT location_id, code COLLATE "default" AS code, sequence, active, aisle COLLATE "default" AS aisle, position_cm, version
      FROM bin WHERE merchant_id = $1)
SELECT 'bin ' || code AS subject, to_jsonb(kept) AS kept, to_jsonb(told) AS told
  FROM kept FULL JOIN told USING (location_id, code)
 WHERE kept IS DISTINCT FROM told
 ORDER BY 1 LIMIT 1000;

-- name: bins
-- What lies in a bin is the sum of what was put into it and taken out; every such move has its event.
WITH ends AS (
    SELECT p.sku_id, p.location_id, p.lot, e.bin, e.change
      FROM bin_posting AS p CROSS JOIN LATERAL (VALUES (p.from_bin, -p.quantity), (p.to_bin, p.quantity)) AS e (bin, change)
     WHERE p.merchant_id = $1 AND e.bin IS NOT NULL),
told AS (SELECT sku_id, location_id, lot, bin, sum(change)::int AS quantity FROM ends GROUP BY sku_id, location_id, lot, bin HAVING sum(change) <> 0),
kept AS (SELECT sku_id, location_id, lot, bin, quantity FROM bin_stock WHERE merchant_id = $1 AND quantity > 0)
SELECT 'what lies of ' || coalesce((SELECT code FROM sku WHERE merchant_id = $1 AND id = sku_id), sku_id::text) || ' in bin ' || bin AS subject,
       to_jsonb(kept) AS kept, to_jsonb(told) AS told
  FROM kept FULL JOIN told USING (sku_id, location_id, lot, bin)
 WHERE kept IS DISTINCT FROM told
 ORDER BY 1 LIMIT 1000;

-- name: bins_in_stock
-- Bins of a row of stock hold no more than lies on its shelf; what is short lies nowhere.
WITH held AS (SELECT sku_id, location_id, lot, sum(quantity)::int AS in_bins FROM bin_stock WHERE merchant_id = $1 GROUP BY sku_id, location_id, lot)
SELECT 'the bins of ' || coalesce((SELECT code FROM sku WHERE merchant_id = $1 AND id = h.sku_id), h.sku_id::text)
       || ' at ' || coalesce((SELECT code FROM location WHERE merchant_id = $1 AND id = h.location_id), h.location_id::text) AS subject,
       jsonb_build_object('units', h.in_bins) AS kept,
       jsonb_build_object('units', 'no more than ' || greatest(coalesce(s.available + s.reserved + s.allocated + s.damaged + s.quality_hold - s.short, 0), 0)) AS told
  FROM held AS h
  LEFT JOIN stock AS s ON s.merchant_id = $1 AND s.sku_id = h.sku_id AND s.location_id = h.location_id AND s.lot = h.lot
 WHERE h.in_bins > greatest(coalesce(s.available + s.reserved + s.allocated + s.damaged + s.quality_hold - s.short, 0), 0)
 ORDER BY 1 LIMIT 1000;

-- name: backlog
-- As many units of a product wait as stand on the lines of orders of that priority.
WITH told AS (
    SELECT l.sku_id, o.priority, sum(l.backordered)::int AS waiting
      FROM order_line AS l JOIN orders AS o ON o.merchant_id = $1 AND o.id = l.order_id
     WHERE l.merchant_id = $1 AND l.backordered > 0 GROUP BY l.sku_id, o.priority),
kept AS (SELECT sku_id, priority, waiting FROM backlog WHERE merchant_id = $1 AND waiting > 0)
SELECT 'the backlog of ' || coalesce((SELECT code FROM sku WHERE merchant_id = $1 AND id = sku_id), sku_id::text) || ' with priority '
       || priority AS subject,
       to_jsonb(kept) AS kept, to_jsonb(told) AS told
  FROM kept FULL JOIN told USING (sku_id, priority)
 WHERE kept IS DISTINCT FROM told
 ORDER BY 1 LIMIT 1000;

-- name: promises
-- A promise is about all units of its line that wait, and its date is the last one that was told since they began to wait.
WITH said AS (
    SELECT e.position, e.subject_id AS order_id, (p->>'line')::smallint AS line_number, (p->>'promised_at')::timestamptz AS promised_at
      FROM event AS e CROSS JOIN LATERAL jsonb_array_elements(e.data->'promises') AS p
     WHERE e.merchant_id = $1 AND e.kind IN ('order_placed', 'order_sourced', 'shortage_settled', 'promise_moved', 'order_edited') AND e.data ? 'promises'),
last_said AS (SELECT DISTINCT ON (order_id, line_number) order_id, line_number, promised_at FROM said
               ORDER BY order_id, line_number, position DESC),
kept AS (SELECT order_id, line_number, sku_id, quantity, promised_at FROM promise WHERE merchant_id = $1),
told AS (
    SELECT s.order_id, s.line_number, l.sku_id, l.backordered AS quantity, s.promised_at
      FROM last_said AS s
      JOIN order_line AS l ON l.merchant_id = $1 AND l.order_id = s.order_id AND l.number = s.line_number AND l.backordered > 0
     WHERE s.promised_at IS NOT NULL)
SELECT 'the promise for line ' || line_number || ' of order '
       || coalesce((SELECT o.number::text FROM orders AS o WHERE o.merchant_id = $1 AND o.id = order_id), order_id::text) AS subject,
       to_jsonb(kept) AS kept, to_jsonb(told) AS told
  FROM kept FULL JOIN told USING (order_id, line_number)
 WHERE kept IS DISTINCT FROM told
 ORDER BY 1 LIMIT 1000;

-- name: order_sums
-- A page of orders with what every status is a function of, and the statuses.
SELECT id, number, ordered, cancelled, open, backordered, allocated, released, picked, packed, in_transit, delivered, sent_back, lost,
       return_requested, "returning", returned, active_holds, charged_minor, adjusted_minor, authorised_minor, captured_minor, refunded_minor,
       lifecycle, fulfillment_status, payment_status, stage
  FROM orders WHERE merchant_id = $1 AND id > $2 ORDER BY id LIMIT $3;

-- name: stock_feeds
-- Each stock feed is as its two events tell, and waits for the worker until the second one.
WITH told AS (
    SELECT r.subject_id AS id, r.data->>'reference' AS reference, r.data->>'kind' AS kind, (r.data->>'complete')::bool AS complete,
           (r.data->>'as_of')::timestamptz AS as_of, r.data->>'location_id' AS location_id, r.data->>'file' AS file,
           coalesce((f.data->>'rows')::int, 0) AS rows_read, coalesce((f.data->>'unchanged')::int, 0) AS unchanged,
           coalesce((f.data->>'applied')::int, 0) AS applied, coalesce((f.data->>'zeroed')::int, 0) AS zeroed,
           coalesce((SELECT sum((n->>'rows')::int) FROM jsonb_array_elements(f.data->'not_taken') AS n), 0)::int AS not_taken,
           f.data->>'trouble' AS trouble, f.event_id IS NULL AS waits
      FROM event AS r
      LEFT JOIN event AS f ON f.merchant_id = $1 AND f.subject_id = r.subject_id AND f.kind = 'stock_feed_finished'
     WHERE r.merchant_id = $1 AND r.kind = 'stock_feed_received'),
kept AS (
    SELECT f.id, f.reference COLLATE "default" AS reference, f.kind, f.complete, f.as_of, f.location_id::text AS location_id,
           encode(f.sha256, 'hex') AS file, f.rows_read, f.unchanged, f.applied, f.zeroed, f.not_taken, f.trouble,
           w.stock_feed_id IS NOT NULL AS waits
      FROM stock_feed AS f
      LEFT JOIN stock_feed_work AS w ON w.merchant_id = $1 AND w.stock_feed_id = f.id
     WHERE f.merchant_id = $1)
SELECT 'the stock feed ' || coalesce(kept.reference, told.reference) AS subject, to_jsonb(kept) AS kept, to_jsonb(told) AS told
  FROM kept FULL JOIN told USING (id)
 WHERE kept IS DISTINCT FROM told
 ORDER BY 1 LIMIT 1000;

-- name: feed_lines
-- What a snapshot says that it changed in a row of stock is what it found and lost there, and what it opened and settled of shortages.
WITH said AS (
    SELECT e.event_id, l.sku_id, l.location_id, l.lot, sum(l.counted - l.expected)::int AS changed
      FROM event AS e CROSS JOIN LATERAL jsonb_to_recordset(e.data->'lines') AS l (sku_id uuid, location_id uuid, lot text, counted int, expected int)
     WHERE e.merchant_id = $1 AND e.kind = 'stock_feed_applied' GROUP BY 1, 2, 3, 4),
moved AS (
    SELECT p.event_id, p.sku_id, p.to_location_id AS location_id, p.to_lot AS lot, p.quantity AS changed
      FROM posting AS p WHERE p.merchant_id = $1 AND p.from_bucket = 'found' AND p.event_id IN (SELECT event_id FROM said)
    UNION ALL
    SELECT p.event_id, p.sku_id, p.from_location_id, p.from_lot, -p.quantity
      FROM posting AS p WHERE p.merchant_id = $1 AND p.to_bucket = 'lost' AND p.event_id IN (SELECT event_id FROM said)
    UNION ALL
    SELECT event_id, sku_id, location_id, lot, -change FROM shortage_entry WHERE merchant_id = $1 AND event_id IN (SELECT event_id FROM said)),
told AS (SELECT event_id, sku_id, location_id, lot COLLATE "default" AS lot, sum(changed)::int AS changed FROM moved GROUP BY 1, 2, 3, 4)
SELECT 'What a stock feed set of ' || coalesce((SELECT code FROM sku WHERE merchant_id = $1 AND id = a.sku_id), a.sku_id::text)
       || ' at ' || coalesce((SELECT code FROM location WHERE merchant_id = $1 AND id = a.location_id), a.location_id::text) AS subject, a.kept, a.told
  FROM (SELECT sku_id, location_id, to_jsonb(said) AS kept, to_jsonb(told) AS told
          FROM said FULL JOIN told USING (event_id, sku_id, location_id, lot) WHERE said.changed IS DISTINCT FROM told.changed) AS a
 ORDER BY 1 LIMIT 1000;

-- name: lots
-- A lot is known from the event that brought its first units, and stands where the last word about it put it.
WITH born AS (
    SELECT subject_id AS sku_id, data->>'lot' AS lot, (data->>'expires_on')::date AS expires_on, occurred_at AS received_at
      FROM event WHERE merchant_id = $1 AND data->>'new_lot' = 'true'
    UNION ALL
    SELECT (l->>'sku_id')::uuid, l->>'lot', (l->>'expires_on')::date, e.occurred_at
      FROM event AS e CROSS JOIN LATERAL jsonb_array_elements(e.data->'new_lots') AS l
     WHERE e.merchant_id = $1 AND e.data ? 'new_lots'),
said AS (
    SELECT subject_id AS sku_id, data->>'lot' AS lot, count(*)::int AS times,
           (array_agg(CASE kind WHEN 'lot_held' THEN 'held' WHEN 'lot_recalled' THEN 'recalled' ELSE 'ok' END ORDER BY position DESC))[1]
           AS status
      FROM event WHERE merchant_id = $1 AND kind IN ('lot_held', 'lot_released', 'lot_recalled')
     GROUP BY subject_id, data->>'lot'),
told AS (
    SELECT sku_id, lot, expires_on, received_at, coalesce(s.status, 'ok') AS status, 1 + coalesce(s.times, 0) AS version
      FROM born LEFT JOIN said AS s USING (sku_id, lot)),
kept AS (SELECT sku_id, lot COLLATE "default" AS lot, expires_on, received_at, status, version FROM lot WHERE merchant_id = $1)
SELECT 'lot ' || lot || ' of ' || coalesce((SELECT code FROM sku WHERE merchant_id = $1 AND id = sku_id), sku_id::text) AS subject,
       to_jsonb(kept) AS kept, to_jsonb(told) AS told
  FROM kept FULL JOIN told USING (sku_id, lot)
 WHERE kept IS DISTINCT FROM told
 ORDER BY 1 LIMIT 1000;

-- name: serials
-- A serial is where its last posting left it.
WITH moves AS (
    SELECT DISTINCT ON (p.sku_id, p.serial) p.sku_id, p.serial, p.to_location_id AS location_id, p.to_lot AS lot,
           CASE WHEN p.to_bucket IN ('available', 'reserved', 'allocated') THEN 'on_shelf' ELSE coalesce(p.to_bucket, p.line_to, 'in_transit') END AS place,
           p.subject_id, p.line_number, p.line_to
      FROM posting AS p JOIN event AS e ON e.merchant_id = $1 AND e.subject_id = p.subject_id AND e.event_id = p.event_id
     WHERE p.merchant_id = $1 AND p.serial IS NOT NULL
     ORDER BY p.sku_id, p.serial, e.position DESC, p.number DESC),
told AS (
    SELECT sku_id, serial COLLATE "default" AS serial, place, location_id, (CASE WHEN location_id IS NULL THEN 'any' ELSE lot END) COLLATE "default" AS lot, CASE WHEN with_order THEN subject_id END AS order_id,
           CASE WHEN with_order THEN line_number END AS line_number, CASE WHEN line_number IS NULL AND place = 'in_transit' THEN subject_id END AS transfer_id
      FROM (SELECT *, line_number IS NOT NULL AND (place = 'quality_hold' OR line_to IN
                      ('picked', 'packed', 'in_transit', 'delivered', 'sent_back', 'lost')) AS with_order FROM moves) AS m),
kept AS (SELECT sku_id, serial COLLATE "default" AS serial, place, location_id,
                (CASE WHEN location_id IS NULL THEN 'any' ELSE lot END) COLLATE "default" AS lot, order_id, line_number, transfer_id
           FROM serial WHERE merchant_id = $1)
SELECT 'serial ' || serial || ' of ' || coalesce((SELECT code FROM sku WHERE merchant_id = $1 AND id = sku_id), sku_id::text) AS subject,
       to_jsonb(kept) AS kept, to_jsonb(told) AS told
  FROM kept FULL JOIN told USING (sku_id, serial)
 WHERE kept IS DISTINCT FROM told
 ORDER BY 1 LIMIT 1000;

-- name: serials_in_stock
-- A product with serial numbers has as many names in each place at a location (and lot) as it has units there.
WITH kept AS (
    SELECT sku_id, location_id, lot, count(*) FILTER (WHERE place = 'on_shelf') AS on_shelf, count(*) FILTER (WHERE place = 'picked') AS picked,
           count(*) FILTER (WHERE place = 'packed') AS packed, count(*) FILTER (WHERE place = 'damaged') AS damaged,
           count(*) FILTER (WHERE place = 'quality_hold') AS quality_hold
      FROM serial WHERE merchant_id = $1 AND location_id IS NOT NULL GROUP BY sku_id, location_id, lot),
told AS (
    SELECT s.sku_id, s.location_id, s.lot, (s.available + s.reserved + s.allocated)::bigint AS on_shelf, s.picked::bigint AS picked,
           s.packed::bigint AS packed, s.damaged::bigint AS damaged, s.quality_hold::bigint AS quality_hold
      FROM stock AS s JOIN sku ON sku.merchant_id = $1 AND sku.id = s.sku_id AND sku.tracking = 'serial'
     WHERE s.merchant_id = $1 AND s.available + s.reserved + s.allocated + s.picked + s.packed + s.damaged + s.quality_hold > 0)
SELECT 'the serials of ' || coalesce((SELECT code FROM sku WHERE merchant_id = $1 AND id = sku_id), sku_id::text)
       || ' at ' || coalesce((SELECT code FROM location WHERE merchant_id = $1 AND id = location_id), location_id::text) AS subject,
       to_jsonb(kept) AS kept, to_jsonb(told) AS told
  FROM kept FULL JOIN told USING (sku_id, location_id, lot)
 WHERE kept IS DISTINCT FROM told
 ORDER BY 1 LIMIT 1000;

-- name: parcel_serials
-- The names in a parcel are those that were packed into it.
WITH told AS (
    SELECT e.subject_id AS order_id, (e.data->>'parcel')::smallint AS parcel, m.allocation,
           jsonb_agg(n.serial ORDER BY n.serial) AS serials
      FROM event AS e CROSS JOIN LATERAL jsonb_to_recordset(e.data->'moves') AS m (allocation smallint, serials jsonb, "to" text)
     CROSS JOIN LATERAL jsonb_array_elements_text(m.serials) AS n (serial)
     WHERE e.merchant_id = $1 AND (e.kind IN ('parcel_packed', 'pickup_received', 'fulfillment_order_shipped')
            OR e.kind = 'pickup_handed_over' AND e.data ? 'instead_of' AND m."to" = 'delivered') AND m.serials IS NOT NULL
     GROUP BY e.subject_id, (e.data->>'parcel')::smallint, m.allocation),
kept AS (
    SELECT order_id, parcel, allocation, (SELECT jsonb_agg(n.serial ORDER BY n.serial) FROM jsonb_array_elements_text(serials) AS n (serial)) AS serials
      FROM parcel_line WHERE merchant_id = $1 AND serials IS NOT NULL)
SELECT 'the serials in parcel ' || coalesce((SELECT o.number::text FROM orders AS o WHERE o.merchant_id = $1 AND o.id = order_id), order_id::text)
       || '-P' || parcel AS subject, to_jsonb(kept) AS kept, to_jsonb(told) AS told
  FROM kept FULL JOIN told USING (order_id, parcel, allocation)
 WHERE kept IS DISTINCT FROM told
 ORDER BY 1 LIMIT 1000;

-- name: corrections
-- What was taken back of an event is what the events that corrected it say, and no more than it posted.
WITH said AS (
    SELECT (data->>'corrects')::uuid AS event_id, subject_id AS sku_id, (data->>'location_id')::uuid AS location_id, data->>'lot' AS lot,
           sum((data->>'quantity')::int)::int AS corrected
      FROM event WHERE merchant_id = $1 AND kind = 'stock_corrected' GROUP BY data->>'corrects', subject_id, data->>'location_id', data->>'lot'),
told AS (
    SELECT said.*,
           (SELECT sum(p.quantity)::int FROM posting AS p
             WHERE p.merchant_id = $1 AND p.sku_id = said.sku_id AND p.event_id = said.event_id
               AND coalesce(p.from_location_id, p.to_location_id) = said.location_id
               AND CASE WHEN p.from_location_id IS NULL THEN p.to_lot ELSE p.from_lot END = said.lot) AS moved
      FROM said),
kept AS (
    SELECT event_id, sku_id, location_id, lot COLLATE "default" AS lot, corrected, moved FROM correction WHERE merchant_id = $1)
SELECT 'the correction of event ' || event_id AS subject, to_jsonb(kept) AS kept, to_jsonb(told) AS told
  FROM kept FULL JOIN told USING (event_id, sku_id, location_id, lot)
 WHERE (kept.corrected, kept.moved) IS DISTINCT FROM (told.corrected, told.moved)
 ORDER BY 1 LIMIT 1000;

-- name: availability_levels
-- On which side of each level a product's availability was told last.
WITH told AS (
    SELECT DISTINCT ON (sku_id, level) sku_id, level, reached
      FROM (SELECT subject_id AS sku_id, l.level::int AS level, l.reached, position
              FROM event CROSS JOIN LATERAL (
                   SELECT level, true AS reached FROM jsonb_array_elements_text(data -> 'reached') AS level
                   UNION ALL
                   SELECT level, false FROM jsonb_array_elements_text(data -> 'fell_below') AS level) AS l
             WHERE merchant_id = $1 AND kind = 'availability_crossed') AS each
     ORDER BY sku_id, level, position DESC),
kept AS (SELECT sku_id, level, reached FROM availability_level WHERE merchant_id = $1)
SELECT 'level ' || coalesce(kept.level, told.level) || ' of ' || coalesce(sku.code, kept.sku_id::text, told.sku_id::text) AS subject,
       to_jsonb(kept) AS kept, to_jsonb(told) AS told
  FROM kept FULL JOIN told USING (sku_id, level)
  LEFT JOIN sku ON sku.merchant_id = $1 AND sku.id = coalesce(kept.sku_id, told.sku_id)
 WHERE kept IS DISTINCT FROM told
 ORDER BY 1 LIMIT 1000;

-- name: return_lots
-- The lot of a return's line is the one that its units were received in.
WITH told AS (
    SELECT e.subject_id AS order_id, (e.data->>'return')::smallint AS return_number, l.line AS line_number, max(l.lot) AS lot
      FROM event AS e CROSS JOIN LATERAL jsonb_to_recordset(e.data->'lines') AS l (line smallint, lot text)
     WHERE e.merchant_id = $1 AND e.kind = 'return_received' AND l.lot IS NOT NULL
     GROUP BY e.subject_id, (e.data->>'return')::smallint, l.line),
kept AS (
    SELECT order_id, return_number, line_number, lot COLLATE "default" AS lot FROM return_line WHERE merchant_id = $1 AND lot <> '')
SELECT 'line ' || line_number || ' of return '
       || coalesce((SELECT o.number::text FROM orders AS o WHERE o.merchant_id = $1 AND o.id = order_id), order_id::text)
       || '-R' || return_number AS subject, to_jsonb(kept) AS kept, to_jsonb(told) AS told
  FROM kept FULL JOIN told USING (order_id, return_number, line_number)
 WHERE kept IS DISTINCT FROM told
 ORDER BY 1 LIMIT 1000;

-- name: invoices
-- Invoices and credit notes are those that were issued, as they were.
WITH told AS (
    SELECT e.subject_id AS order_id, d.*
      FROM event AS e
     CROSS JOIN LATERAL jsonb_to_recordset(e.data->'documents')
           AS d (number smallint, kind text, legal_entity text, series text, serial bigint, entity_version int, issued_at timestamptz,
                 issued_on date, currency text, total_minor bigint, tax_minor bigint, parcel smallint, credits smallint,
                 party_version_id uuid, ship_to_id uuid)
     WHERE e.merchant_id = $1 AND e.kind = 'invoices_issued'),
kept AS (
    SELECT order_id, number, kind, legal_entity COLLATE "default" AS legal_entity, series COLLATE "default" AS series, serial, entity_version,
           issued_at, issued_on, currency, total_minor, tax_minor, parcel, credits, party_version_id, ship_to_id
      FROM invoice WHERE merchant_id = $1)
SELECT 'document ' || number || ' of order '
       || coalesce((SELECT o.number::text FROM orders AS o WHERE o.merchant_id = $1 AND o.id = order_id), order_id::text) AS subject,
       to_jsonb(kept) AS kept, to_jsonb(told) AS told
  FROM kept FULL JOIN told USING (order_id, number)
 WHERE kept IS DISTINCT FROM told
 ORDER BY 1 LIMIT 1000;

-- name: invoice_lines
-- So are their lines.
WITH told AS (
    SELECT e.subject_id AS order_id, d.number AS invoice, l.*
      FROM event AS e
     CROSS JOIN LATERAL jsonb_to_recordset(e.data->'documents') AS d (number smallint, lines jsonb)
     CROSS JOIN LATERAL jsonb_to_recordset(d.lines)
           AS l (number smallint, line_number smallint, sku_id uuid, sku text, name text, first_unit int, quantity int,
                 unit_price numeric(18, 6), goods_minor bigint, reason text)
     WHERE e.merchant_id = $1 AND e.kind = 'invoices_issued'),
kept AS (
    SELECT order_id, invoice, number, line_number, sku_id, sku, name, first_unit, quantity, unit_price, goods_minor, reason
      FROM invoice_line WHERE merchant_id = $1)
SELECT 'line ' || number || ' of document ' || invoice || ' of order '
       || coalesce((SELECT o.number::text FROM orders AS o WHERE o.merchant_id = $1 AND o.id = order_id), order_id::text) AS subject,
       to_jsonb(kept) AS kept, to_jsonb(told) AS told
  FROM kept FULL JOIN told USING (order_id, invoice, number)
 WHERE kept IS DISTINCT FROM told
 ORDER BY 1 LIMIT 1000;

-- name: invoice_charges
-- And what the lines bear of charges.
WITH told AS (
    SELECT e.subject_id AS order_id, d.number AS invoice, l.number AS line, c.*
      FROM event AS e
     CROSS JOIN LATERAL jsonb_to_recordset(e.data->'documents') AS d (number smallint, lines jsonb)
     CROSS JOIN LATERAL jsonb_to_recordset(d.lines) AS l (number smallint, charges jsonb)
     CROSS JOIN LATERAL jsonb_to_recordset(l.charges)
           AS c (number smallint, kind text, code text, amount_minor bigint, rate numeric(7, 4), included boolean, applies_to text)
     WHERE e.merchant_id = $1 AND e.kind = 'invoices_issued'),
kept AS (
    SELECT order_id, invoice, line, number, kind, code, amount_minor, rate, included, applies_to FROM invoice_charge WHERE merchant_id = $1)
SELECT 'charge ' || number || ' on line ' || line || ' of document ' || invoice || ' of order '
       || coalesce((SELECT o.number::text FROM orders AS o WHERE o.merchant_id = $1 AND o.id = order_id), order_id::text) AS subject,
       to_jsonb(kept) AS kept, to_jsonb(told) AS told
  FROM kept FULL JOIN told USING (order_id, invoice, line, number)
 WHERE kept IS DISTINCT FROM told
 ORDER BY 1 LIMIT 1000;

-- name: invoice_totals
-- A document comes to what its lines and their charges do.
WITH charges AS (
    SELECT order_id, invoice, sum(amount_minor) FILTER (WHERE NOT included) AS minor, sum(amount_minor) FILTER (WHERE kind = 'tax') AS tax_minor
      FROM invoice_charge WHERE merchant_id = $1 GROUP BY order_id, invoice),
lines AS (SELECT order_id, invoice, sum(goods_minor) AS minor FROM invoice_line WHERE merchant_id = $1 GROUP BY order_id, invoice),
kept AS (
    SELECT order_id, number, total_minor::numeric AS total_minor, tax_minor::numeric AS tax_minor FROM invoice WHERE merchant_id = $1),
told AS (
    SELECT kept.order_id, kept.number, coalesce(l.minor, 0) + coalesce(c.minor, 0) AS total_minor, coalesce(c.tax_minor, 0) AS tax_minor
      FROM kept
      LEFT JOIN lines AS l ON l.order_id = kept.order_id AND l.invoice = kept.number
      LEFT JOIN charges AS c ON c.order_id = kept.order_id AND c.invoice = kept.number)
SELECT 'document ' || number || ' of order '
       || coalesce((SELECT o.number::text FROM orders AS o WHERE o.merchant_id = $1 AND o.id = order_id), order_id::text) AS subject,
       to_jsonb(kept) AS kept, to_jsonb(told) AS told
  FROM kept JOIN told USING (order_id, number)
 WHERE kept IS DISTINCT FROM told
 ORDER BY 1 LIMIT 1000;

-- name: invoice_numbers
-- The numbers of a series have no gap: as many documents as the last one says, and the last one is the series' own.
WITH kept AS (
    SELECT legal_entity, series, last_serial, last_serial AS documents FROM invoice_series WHERE merchant_id = $1 AND last_serial > 0),
told AS (
    SELECT legal_entity, series, max(serial) AS last_serial, count(*) AS documents FROM invoice WHERE merchant_id = $1
     GROUP BY legal_entity, series)
SELECT 'the series ' || series || ' of ' || legal_entity AS subject, to_jsonb(kept) AS kept, to_jsonb(told) AS told
  FROM kept FULL JOIN told USING (legal_entity, series)
 WHERE kept IS DISTINCT FROM told
 ORDER BY 1 LIMIT 1000;

-- name: invoiced_value
-- What documents bill of a line, less what they credit, is what these units cost: those from the first on, less those that came back.
WITH parts AS (
    SELECT l.order_id, l.line_number, l.goods_minor + coalesce(sum(c.amount_minor) FILTER (WHERE NOT c.included), 0) AS minor,
           CASE l.reason WHEN 'returned' THEN 0 WHEN 'cancelled' THEN -l.quantity ELSE l.quantity END AS billed,
           CASE l.reason WHEN 'returned' THEN l.quantity ELSE 0 END AS credited
      FROM invoice_line AS l
      LEFT JOIN invoice_charge AS c
        ON c.merchant_id = $1 AND c.order_id = l.order_id AND c.invoice = l.invoice AND c.line = l.number
     WHERE l.merchant_id = $1 GROUP BY l.order_id, l.invoice, l.number, l.line_number, l.goods_minor, l.reason, l.quantity),
kept AS (
    SELECT order_id, line_number, sum(minor) AS value_minor, sum(billed) AS billed, sum(credited) AS credited
      FROM parts GROUP BY order_id, line_number),
costs AS (
    SELECT k.order_id, k.line_number, k.billed, k.credited, o.ordered,
           o.goods_minor + coalesce((SELECT sum(c.amount_minor) FROM charge AS c
                                      WHERE c.merchant_id = $1 AND c.order_id = k.order_id AND c.line_number = k.line_number
                                        AND NOT c.included), 0) AS minor
      FROM kept AS k JOIN order_line AS o ON o.merchant_id = $1 AND o.order_id = k.order_id AND o.number = k.line_number),
told AS (
    SELECT order_id, line_number, sign(minor) * (div(abs(minor) * billed, ordered) - div(abs(minor) * credited, ordered)) AS value_minor,
           billed, credited
      FROM costs)
SELECT 'what was billed of line ' || line_number || ' of order '
       || coalesce((SELECT o.number::text FROM orders AS o WHERE o.merchant_id = $1 AND o.id = order_id), order_id::text) AS subject,
       to_jsonb(kept) AS kept, to_jsonb(told) AS told
  FROM kept FULL JOIN told USING (order_id, line_number)
 WHERE kept IS DISTINCT FROM told
 ORDER BY 1 LIMIT 1000;

-- name: sourcing_rules
-- Every version of the rules of sourcing is one that was saved.
WITH told AS (
    SELECT (data->>'version')::int AS version, CASE WHEN jsonb_typeof(data->'rules') = 'object' THEN data->'rules' END AS rules
      FROM event WHERE merchant_id = $1 AND kind = 'sourcing_rules_saved'),
kept AS (SELECT version, value AS rules FROM policy WHERE merchant_id = $1 AND name = 'sourcing_rules')
SELECT 'version ' || version || ' of the sourcing rules' AS subject, to_jsonb(kept) AS kept, to_jsonb(told) AS told
  FROM kept FULL JOIN told USING (version)
 WHERE kept IS DISTINCT FROM told
 LIMIT 1000;

-- name: sourcing_previews
-- What was shown is what was kept.
WITH told AS (
    SELECT subject_id AS id, (data->>'rules_version')::int AS rules_version, (data->>'looked_at')::int AS looked_at, data->'orders' AS orders
      FROM event WHERE merchant_id = $1 AND kind = 'sourcing_preview_made'),
kept AS (SELECT id, rules_version, looked_at, orders FROM sourcing_preview WHERE merchant_id = $1)
SELECT 'sourcing preview ' || id AS subject, to_jsonb(kept) AS kept, to_jsonb(told) AS told
  FROM kept FULL JOIN told USING (id)
 WHERE kept IS DISTINCT FROM told
 LIMIT 1000;

-- name: postal_areas
-- Postal codes lie where they were put last.
WITH told AS (
    SELECT DISTINCT ON (country, code) e.data->>'country' AS country, a.value->>0 AS code, (a.value->>1)::float8 AS latitude,
           (a.value->>2)::float8 AS longitude
      FROM event AS e CROSS JOIN LATERAL jsonb_array_elements(e.data->'areas') AS a
     WHERE e.merchant_id = $1 AND e.kind = 'postal_codes_saved'
     ORDER BY country, code, e.position DESC),
kept AS (
    SELECT country COLLATE "default" AS country, code COLLATE "default" AS code, latitude, longitude FROM postal_area WHERE merchant_id = $1)
SELECT 'postal code ' || country || ' ' || code AS subject, to_jsonb(kept) AS kept, to_jsonb(told) AS told
  FROM kept FULL JOIN told USING (country, code)
 WHERE kept IS DISTINCT FROM told
 ORDER BY 1 LIMIT 1000;

-- name: legal_entities
-- Every version of who sells is one that was saved.
WITH told AS (
    SELECT d.*
      FROM event AS e
     CROSS JOIN LATERAL jsonb_to_record(e.data)
           AS d (code text, version int, name text, line1 text, line2 text, postal_code text, city text, country text, tax_number text,
                 footer text)
     WHERE e.merchant_id = $1 AND e.kind = 'legal_entity_saved'),
kept AS (
    SELECT code COLLATE "default" AS code, version, name, line1, line2, postal_code, city, country, tax_number, footer
      FROM legal_entity WHERE merchant_id = $1)
SELECT 'version ' || version || ' of the legal entity ' || code AS subject, to_jsonb(kept) AS kept, to_jsonb(told) AS told
  FROM kept FULL JOIN told USING (code, version)
 WHERE kept IS DISTINCT FROM told
 ORDER BY 1 LIMIT 1000;

-- name: drafts
-- What the last event that a draft stands in says of it, whatever its kind; each such event is one more version.
WITH told AS (
    SELECT DISTINCT ON (data->'draft'->>'id') data->'draft'->>'id' AS id,
           (data->'draft') - '{id,lines,charges,wishes}'::text[] AS said, count(*) OVER (PARTITION BY data->'draft'->>'id') AS version
      FROM event WHERE merchant_id = $1 AND data->'draft'->>'id' IS NOT NULL ORDER BY data->'draft'->>'id', position DESC),
said AS (
    SELECT t.id, t.version, r.*
      FROM told AS t
     CROSS JOIN LATERAL jsonb_to_record(t.said) AS r (
           number bigint, status text, channel_id uuid, currency text, reference text, customer_id uuid, party_version_id uuid,
           ship_to_id uuid, bill_to_id uuid, total_minor bigint, ship_by timestamptz, priority int, created_at timestamptz,
           expires_at timestamptz, sent_at timestamptz, answered_at timestamptz, reason text, reservation_id uuid, order_id uuid,
           company_id uuid, purchase_order text, approval text, approved_by text)),
kept AS (
    SELECT id::text AS id, version::bigint AS version, number, status, channel_id, currency, reference COLLATE "default" AS reference,
           customer_id, party_version_id, ship_to_id, bill_to_id, total_minor, ship_by, priority::int AS priority, created_at, expires_at,
           sent_at, answered_at, reason, reservation_id, order_id, company_id, purchase_order, approval,
           approved_by
      FROM draft WHERE merchant_id = $1)
SELECT 'draft D' || coalesce(kept.number, said.number) AS subject, to_jsonb(kept) AS kept, to_jsonb(said) AS told
  FROM kept FULL JOIN said USING (id)
 WHERE kept IS DISTINCT FROM said
 ORDER BY 1 LIMIT 1000;

-- name: draft_contents
-- Lines, charges and wishes are as the draft was written or revised last.
WITH told AS (
    SELECT DISTINCT ON (subject_id) subject_id AS id, data->'draft'->'lines' AS lines, data->'draft'->'charges' AS charges,
           coalesce(data->'draft'->'wishes', '{}') AS wishes
      FROM event WHERE merchant_id = $1 AND kind IN ('draft_created', 'draft_revised') ORDER BY subject_id, position DESC),
kept AS (SELECT id, lines, charges, wishes FROM draft WHERE merchant_id = $1)
SELECT 'what stands in draft ' || coalesce((SELECT 'D' || number FROM draft AS d WHERE d.merchant_id = $1 AND d.id = a.id), a.id::text)
       AS subject, a.kept, a.told
  FROM (SELECT id, to_jsonb(kept) AS kept, to_jsonb(told) AS told
          FROM kept FULL JOIN told USING (id) WHERE kept IS DISTINCT FROM told) AS a
 ORDER BY 1 LIMIT 1000;

-- name: print_jobs
-- A print job is where its events left it, and was taken as often as they say.
WITH claims AS (
    SELECT (j->>'job')::uuid AS id, e.position, k.status, j->>'kind' AS kind, j->>'of' AS of, e.data->>'station' AS station, k.tries
      FROM event AS e
     CROSS JOIN LATERAL (VALUES ('jobs', 'claimed', 1), ('given_up', 'failed', 0)) AS k (key, status, tries)
     CROSS JOIN LATERAL jsonb_array_elements(e.data->k.key) AS j
     WHERE e.merchant_id = $1 AND e.kind = 'print_jobs_claimed'),
steps AS (
    SELECT subject_id AS id, position, data->>'status' AS status, data->>'kind' AS kind, data->>'of' AS of, data->>'station' AS station,
           0 AS tries, data->>'sha256' AS sha256, (data->>'copies')::int AS copies
      FROM event
     WHERE merchant_id = $1 AND kind IN ('print_job_added', 'print_job_finished', 'print_job_failed', 'print_job_dropped')
    UNION ALL
    SELECT id, position, status, kind, of, station, tries, NULL, NULL FROM claims),
told AS (
    SELECT id, (array_agg(status ORDER BY position DESC))[1] AS status, max(kind) AS kind, max(of) AS of, max(station) AS station,
           sum(tries)::int AS attempts, (array_agg(sha256 ORDER BY position DESC) FILTER (WHERE sha256 IS NOT NULL))[1] AS sha256,
           max(copies) AS copies
      FROM steps GROUP BY id),
kept AS (
    SELECT id, status, kind, of COLLATE "default" AS of, station COLLATE "default" AS station, attempts::int AS attempts,
           encode(sha256, 'hex') AS sha256, copies::int AS copies
      FROM print_job WHERE merchant_id = $1)
SELECT 'the print job over ' || coalesce(kept.kind, told.kind) || ' ' || coalesce(kept.of, told.of) AS subject, to_jsonb(kept) AS kept,
       to_jsonb(told) AS told
  FROM kept FULL JOIN told USING (id)
 WHERE kept IS DISTINCT FROM told
 ORDER BY 1 LIMIT 1000;

-- name: sscc_series
-- As many serials were drawn as parcels bear one: no gap, none twice.
WITH told AS (
    SELECT data->>'sscc_prefix' AS prefix, count(DISTINCT data->>'sscc')::bigint AS last_serial,
           max((data->>'sscc_serial')::bigint) AS highest
      FROM event WHERE merchant_id = $1 AND kind = 'parcel_packed' AND data ? 'sscc' GROUP BY 1),
kept AS (SELECT prefix COLLATE "default" AS prefix, last_serial, last_serial AS highest FROM sscc_series
          WHERE merchant_id = $1 AND last_serial > 0)
SELECT 'the series of parcels of ' || prefix AS subject, to_jsonb(kept) AS kept, to_jsonb(told) AS told
  FROM kept FULL JOIN told USING (prefix)
 WHERE kept IS DISTINCT FROM told
 ORDER BY 1 LIMIT 1000;

-- name: cartons
-- A carton and a table of rates is as its last event says.
WITH said AS (
    SELECT DISTINCT ON (subject_id) subject_id AS id, kind, data FROM event
     WHERE merchant_id = $1 AND kind IN ('carton_saved', 'parcel_rate_saved') ORDER BY subject_id, position DESC),
kept AS (
    SELECT id, code COLLATE "default" AS code, (to_jsonb(c) - 'merchant_id' - 'id') AS data FROM carton AS c WHERE merchant_id = $1
    UNION ALL
    SELECT id, code COLLATE "default", (to_jsonb(r) - 'merchant_id' - 'id') FROM parcel_rate AS r WHERE merchant_id = $1)
SELECT CASE coalesce(said.kind, '') WHEN 'parcel_rate_saved' THEN 'the parcel rate ' ELSE 'the carton ' END
       || coalesce(kept.code, said.data->>'code') AS subject, kept.data AS kept, said.data AS told
  FROM kept FULL JOIN said USING (id)
 WHERE kept.data IS DISTINCT FROM said.data
 ORDER BY 1 LIMIT 1000;

-- name: exchange_rates
-- Every rate of exchange is as its last event says.
WITH told AS (
    SELECT DISTINCT ON (e.subject_id) d.*
      FROM event AS e
     CROSS JOIN LATERAL jsonb_to_record(e.data) AS d (currency text, shop_currency text, day date, rate numeric(20, 10))
     WHERE e.merchant_id = $1 AND e.kind = 'exchange_rate_saved' ORDER BY e.subject_id, e.position DESC),
kept AS (
    SELECT currency COLLATE "default" AS currency, shop_currency COLLATE "default" AS shop_currency, day, rate
      FROM exchange_rate WHERE merchant_id = $1)
SELECT 'what ' || currency || ' is worth in ' || shop_currency || ' from ' || day AS subject, to_jsonb(kept) AS kept, to_jsonb(told) AS told
  FROM kept FULL JOIN told USING (currency, shop_currency, day)
 WHERE kept IS DISTINCT FROM told
 ORDER BY 1 LIMIT 1000;

-- name: tax_rates
-- Every tax rate is as its last event says.
WITH told AS (
    SELECT DISTINCT ON (e.subject_id) d.*
      FROM event AS e
     CROSS JOIN LATERAL jsonb_to_record(e.data)
           AS d (country text, region text, postal_prefix text, category text, code text, valid_from date, valid_to date, rate numeric(7, 4),
                 included boolean, compound boolean, version int)
     WHERE e.merchant_id = $1 AND e.kind = 'tax_rate_saved' ORDER BY e.subject_id, e.position DESC),
kept AS (
    SELECT country COLLATE "default" AS country, region COLLATE "default" AS region, postal_prefix COLLATE "default" AS postal_prefix,
           category COLLATE "default" AS category, code COLLATE "default" AS code, valid_from, valid_to, rate, included, compound, version
      FROM tax_rate WHERE merchant_id = $1)
SELECT 'the tax rate ' || code || ' of ' || concat_ws(' ', country, nullif(region, ''), nullif(postal_prefix, ''), nullif(category, ''))
       || ' from ' || valid_from AS subject, to_jsonb(kept) AS kept, to_jsonb(told) AS told
  FROM kept FULL JOIN told USING (country, region, postal_prefix, category, code, valid_from)
 WHERE kept IS DISTINCT FROM told
 ORDER BY 1 LIMIT 1000;
