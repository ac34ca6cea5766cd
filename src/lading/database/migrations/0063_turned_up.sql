-- What events said of shortages: units that fell short, and (below zero) those that were settled. On paper the book was corrected;
-- otherwise the units left the shelf. What turns up in a picker's hand was missing on paper only.
CREATE OR REPLACE VIEW told_shortage WITH (security_invoker = true) AS
WITH opened AS (
    SELECT e.merchant_id, e.position, e.event_id, e.occurred_at, e.told_late, s.id, s.sku_id, s.location_id, s.lot, s.quantity,
           s.kind NOT IN ('damaged', 'scrapped') AS on_paper
      FROM event AS e
     CROSS JOIN LATERAL jsonb_to_recordset(e.data->'shortages') AS s (id uuid, sku_id uuid, location_id uuid, lot text, kind text, quantity int)
     WHERE e.data ? 'shortages')
SELECT merchant_id, id, position, event_id, occurred_at, told_late, sku_id, location_id, lot, quantity AS change, on_paper FROM opened
 UNION ALL
SELECT e.merchant_id, o.id, e.position, e.event_id, e.occurred_at, e.told_late, o.sku_id, o.location_id, o.lot, -s.quantity,
       tells_what_was_seen(e.kind) OR coalesce(s.turned_up, false) OR o.on_paper
  FROM event AS e
 CROSS JOIN LATERAL jsonb_to_recordset(e.data->'settled') AS s (id uuid, quantity int, turned_up boolean)
  JOIN opened AS o ON o.merchant_id = e.merchant_id AND o.id = s.id
 WHERE e.data ? 'settled';
