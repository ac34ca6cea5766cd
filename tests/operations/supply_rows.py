"""Many rows of everything beside the orders, for tests that look at plans. The books of such a merchant do not agree."""

from __future__ import annotations

from typing import Any

FILL = """
INSERT INTO purchase_order (merchant_id, id, number, reference, supplier, ordered_at, version)
SELECT $1, gen_random_uuid(), 1000000 + n, 'PR' || n, 'Potter', now(), 1 FROM generate_series(1, 16000) AS n;
INSERT INTO purchase_order_line (merchant_id, purchase_order_id, number, of_line, sku_id, location_id, due_at, ordered)
SELECT $1, p.id, 1, 1, s.id, l.id, now() + p.number % 9999 * interval '1 minute', 5
  FROM purchase_order AS p
  JOIN sku AS s ON s.merchant_id = $1 AND s.code = 'S' || lpad((p.number % 500)::text, 4, '0')
  JOIN location AS l ON l.merchant_id = $1 AND l.code = 'HAM' WHERE p.merchant_id = $1;
INSERT INTO asn (merchant_id, purchase_order_id, number, reference, announced_at)
SELECT $1, id, 1, 'A', now() FROM purchase_order WHERE merchant_id = $1;
INSERT INTO transfer (merchant_id, id, number, reference, from_location_id, to_location_id, due_at, created_at, shipped_at, version)
SELECT $1, p.id, p.number + 20000, p.reference, f.id, t.id, now(), now(), now(), 1
  FROM purchase_order AS p
  JOIN location AS f ON f.merchant_id = $1 AND f.code = 'HAM' JOIN location AS t ON t.merchant_id = $1 AND t.code = 'MUC'
 WHERE p.merchant_id = $1;
INSERT INTO transfer_line (merchant_id, transfer_id, number, sku_id, lot, to_location_id, due_at, quantity, in_transit)
SELECT $1, purchase_order_id, 1, sku_id, '', location_id, due_at, 5, 5 FROM purchase_order_line WHERE merchant_id = $1;
INSERT INTO stock_count (merchant_id, id, number, location_id, blind, opened_at, version)
SELECT $1, purchase_order_id, row_number() OVER () + 2000000, location_id, true, now(), 1
  FROM purchase_order_line WHERE merchant_id = $1;
INSERT INTO stock_count_line (merchant_id, count_id, number, sku_id, lot, snapshot)
SELECT $1, purchase_order_id, 1, sku_id, '', 5 FROM purchase_order_line WHERE merchant_id = $1;
INSERT INTO stock_count_entry (merchant_id, count_id, line_number, pass, counted, expected, short, counted_at, counted_by, event_id)
SELECT $1, count_id, 1, 1, 5, 5, 0, now(), 'key:test', count_id FROM stock_count_line WHERE merchant_id = $1;
INSERT INTO work_order (merchant_id, id, number, kind, sku_id, location_id, quantity, opened_at, version)
SELECT $1, purchase_order_id, row_number() OVER () + 3000000, 'assemble', sku_id, location_id, 5, now(), 1
  FROM purchase_order_line WHERE merchant_id = $1;
INSERT INTO work_order_line (merchant_id, work_order_id, number, role, sku_id, lot, per_kit, planned, allocated)
SELECT $1, purchase_order_id, 1, 'input', sku_id, '', 1, 5, 5 FROM purchase_order_line WHERE merchant_id = $1;
INSERT INTO wave (merchant_id, id, number, location_id, method, orders, units, planned_at, released_at, version)
SELECT $1, purchase_order_id, row_number() OVER () + 4000000, location_id, 'batch', 1, 1, now(), now(), 2
  FROM purchase_order_line WHERE merchant_id = $1;
INSERT INTO pick_list (merchant_id, wave_id, number, units) SELECT $1, id, 1, 1 FROM wave WHERE merchant_id = $1;
INSERT INTO wave_order (merchant_id, wave_id, number, order_id, fulfillment_order, open)
SELECT $1, w.id, n, f.order_id, f.number, false FROM wave AS w CROSS JOIN generate_series(1, 2) AS n
  JOIN LATERAL (SELECT order_id, number FROM fulfillment_order WHERE merchant_id = $1 LIMIT 1) AS f ON true WHERE w.merchant_id = $1;
INSERT INTO pick_task (merchant_id, wave_id, number, list, slot, order_id, fulfillment_order, allocation, line_number, sku_id, location_id,
                       lot, quantity)
SELECT $1, w.wave_id, w.number, 1, 1, w.order_id, w.fulfillment_order, 1, 1, p.sku_id, p.location_id, '', 1
  FROM wave_order AS w JOIN purchase_order_line AS p ON p.merchant_id = $1 AND p.purchase_order_id = w.wave_id WHERE w.merchant_id = $1;
INSERT INTO layout (merchant_id, location_id, depot_cm, plan, version)
SELECT $1, id, 0, '{"cross_cm": [0, 900], "aisles": [["A", 0]]}', 1 FROM location WHERE merchant_id = $1;
INSERT INTO reservation_line (merchant_id, reservation_id, number, sku_id, location_id, lot, quantity, expires_at)
SELECT $1, purchase_order_id, 1, sku_id, location_id, '', 5, due_at FROM purchase_order_line WHERE merchant_id = $1;
INSERT INTO lot (merchant_id, sku_id, lot, expires_on, received_at, status, version)
SELECT $1, id, 'L' || n, current_date + n, now(), CASE n % 20 WHEN 0 THEN 'held' ELSE 'ok' END, 1
  FROM sku CROSS JOIN generate_series(1, 40) AS n WHERE merchant_id = $1;
INSERT INTO stock (merchant_id, sku_id, location_id, lot, available)
SELECT $1, x.sku_id, l.id, x.lot, 5 FROM lot AS x JOIN location AS l ON l.merchant_id = $1 AND l.code = 'LEJ' WHERE x.merchant_id = $1;
INSERT INTO serial (merchant_id, sku_id, serial, lot, place, location_id)
SELECT $1, s.id, 'N' || n, '', 'on_shelf', l.id
  FROM sku AS s CROSS JOIN generate_series(1, 60) AS n JOIN location AS l ON l.merchant_id = $1 AND l.code = 'HAM'
 WHERE s.merchant_id = $1;
UPDATE allocation SET lot = 'L' || number % 40 WHERE merchant_id = $1;
INSERT INTO pool (merchant_id, id, sku_id, code, kind, channel_ids, quantity, active, version)
SELECT $1, gen_random_uuid(), s.id, 'P' || n, 'shared', ARRAY[c.id], 5, true, 1
  FROM sku AS s CROSS JOIN generate_series(1, 32) AS n JOIN channel AS c ON c.merchant_id = $1 WHERE s.merchant_id = $1;
UPDATE sku SET limited = true WHERE merchant_id = $1 AND code LIKE 'S00_3';
UPDATE orders SET delivered = delivered + allocated, allocated = 0
 WHERE merchant_id = $1 AND stage = 'to_release' AND number % 10 > 0;
UPDATE sku SET kit = 'on_demand' WHERE merchant_id = $1 AND code LIKE 'K%';
INSERT INTO kit_component (merchant_id, kit_id, number, sku_id, per_kit)
SELECT $1, k.id, row_number() OVER (PARTITION BY k.id), s.id, 2
  FROM sku AS k JOIN sku AS s ON s.merchant_id = $1 AND s.code LIKE 'S___' || right(k.code, 1) WHERE k.merchant_id = $1 AND k.kit <> 'none';
INSERT INTO substitute (merchant_id, sku_id, number, substitute_id)
SELECT $1, s.id, row_number() OVER (PARTITION BY s.id), o.id
  FROM sku AS s JOIN sku AS o ON o.merchant_id = $1 AND o.id <> s.id AND o.code LIKE 'S____' AND right(o.code, 1) = right(s.code, 1)
 WHERE s.merchant_id = $1 AND s.code LIKE 'S____';
INSERT INTO shortage (merchant_id, id, sku_id, location_id, lot, kind, reason, quantity, remaining, opened_at)
SELECT $1, gen_random_uuid(), s.id, l.id, '', 'lost', 'gone', 5, CASE WHEN n = 1 AND s.code LIKE 'S00_3' THEN 1 ELSE 0 END, now()
  FROM sku AS s CROSS JOIN generate_series(1, 32) AS n JOIN location AS l ON l.merchant_id = $1 AND l.code = 'HAM'
 WHERE s.merchant_id = $1;
UPDATE stock SET short = 1 WHERE merchant_id = $1 AND (sku_id, location_id, lot) IN (
       SELECT sku_id, location_id, lot FROM shortage WHERE merchant_id = $1 AND remaining > 0);
INSERT INTO stock_feed (merchant_id, id, reference, kind, complete, as_of, sha256, received_at)
SELECT $1, id, 'F' || number, 'delta', false, now(), '\\x00', now() - number * interval '1 second'
  FROM purchase_order WHERE merchant_id = $1;
INSERT INTO stock_feed_work (merchant_id, stock_feed_id, due_at) SELECT $1, id, now() FROM stock_feed WHERE merchant_id = $1;
INSERT INTO replenishment_hint (merchant_id, sku_id, location_id, counted_at, state, pattern, rank, history_days, asked_for, rate_per_day,
    free, inbound, exposed_days, service_percent, reorder_point, order_up_to, order_now)
SELECT $1, s.id, gen_random_uuid(), now(), 'reorder', 'smooth', n, 9, 9, 1, 1, 1, 14, 95, 9, 9, 9
  FROM sku AS s CROSS JOIN generate_series(1, 32) AS n WHERE s.merchant_id = $1;
INSERT INTO credit (merchant_id, id, kind, code, currency, issued_minor, balance_minor, issued_at)
SELECT $1, gen_random_uuid(), 'gift_card', 'GIFT-' || lpad(n::text, 7, '0'), 'EUR', 100, 100, now() FROM generate_series(1, 16000) AS n;
INSERT INTO dispute (merchant_id, order_id, tender_number, reference, amount_minor, reason, status, told_at, closed_at)
SELECT $1, id, 1, 'dp_1', 100, 'fraudulent', s.status, placed_at, CASE WHEN s.status <> 'open' THEN placed_at END
  FROM orders CROSS JOIN LATERAL (SELECT CASE number % 99 WHEN 0 THEN 'open' ELSE 'won' END) AS s (status) WHERE merchant_id = $1;
UPDATE tender SET expected_minor = 500 FROM orders AS o
 WHERE tender.merchant_id = $1 AND o.merchant_id = $1 AND o.id = tender.order_id AND o.number % 99 = 1;
INSERT INTO payment_request (merchant_id, order_id, tender_number, number, kind, amount_minor, status, asked_at, due_at, settled_at)
SELECT $1, id, 1, 1, 'capture', 100, s.status, placed_at, CASE WHEN s.status = 'pending' THEN placed_at END,
       CASE WHEN s.status <> 'pending' THEN placed_at END
  FROM orders CROSS JOIN LATERAL (SELECT CASE number % 9 WHEN 0 THEN 'failed' WHEN 1 THEN 'pending' ELSE 'succeeded' END) AS s (status)
 WHERE merchant_id = $1;
INSERT INTO dispute_answer (merchant_id, order_id, tender_number, reference, number, task, parcels, invoices, files, status, asked_at,
                            settled_at)
SELECT $1, order_id, 1, 'dp_1', 1, 'evidence', '{}', '{}', '[]', 'succeeded', told_at, told_at FROM dispute WHERE merchant_id = $1;
INSERT INTO tax_request (merchant_id, order_id, task, document, service, status, asked_at, due_at, settled_at)
SELECT $1, id, 'record', 1, 'avatax', s.status, placed_at, CASE WHEN s.status = 'pending' THEN placed_at END,
       CASE WHEN s.status <> 'pending' THEN placed_at END
  FROM orders CROSS JOIN LATERAL (SELECT CASE number % 99 WHEN 0 THEN 'failed' WHEN 1 THEN 'pending' ELSE 'succeeded' END) AS s (status)
 WHERE merchant_id = $1;
INSERT INTO bin (merchant_id, location_id, code, sequence, active, version)
SELECT $1, id, 'B' || n, n, true, 1 FROM location CROSS JOIN generate_series(1, 32) AS n WHERE merchant_id = $1;
INSERT INTO bin_stock (merchant_id, sku_id, location_id, lot, bin, quantity)
SELECT $1, s.id, b.location_id, '', b.code, 5 FROM sku AS s JOIN bin AS b ON b.merchant_id = $1 WHERE s.merchant_id = $1;
"""


async def fill(shop: Any) -> None:
    """Some 16,000 rows of each table; most orders are done, as they are where people work."""
    async with shop.database.write(shop.merchant_id) as tx:
        await tx.plan_freely()
        for statement in FILL.split(";\n")[:-1]:
            await tx.execute(statement)
