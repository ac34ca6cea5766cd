-- What 1,000 SKUs can promise by a date, as bare SQL: what the bench atp_by_date_1000x20 is compared with.
WITH asked AS MATERIALIZED (SELECT id, code FROM sku WHERE merchant_id = $1 AND code = ANY ($2)),
free AS (
    SELECT sku_id, sum(available) AS units FROM stock WHERE merchant_id = $1 AND sku_id IN (SELECT id FROM asked) GROUP BY sku_id),
bought AS (
    SELECT sku_id, sum(expected) AS units FROM purchase_order_line
     WHERE merchant_id = $1 AND sku_id IN (SELECT id FROM asked) AND expected > 0 AND due_at <= $3 GROUP BY sku_id),
moving AS (
    SELECT sku_id, sum(in_transit) AS units FROM transfer_line
     WHERE merchant_id = $1 AND sku_id IN (SELECT id FROM asked) AND in_transit > 0 AND due_at <= $3 GROUP BY sku_id),
owed AS (
    SELECT sku_id, sum(quantity) AS units FROM promise
     WHERE merchant_id = $1 AND sku_id IN (SELECT id FROM asked) AND promised_at <= $3 GROUP BY sku_id)
SELECT asked.code, coalesce(free.units, 0) + coalesce(bought.units, 0) + coalesce(moving.units, 0) - coalesce(owed.units, 0) AS units
  FROM asked
  LEFT JOIN free ON free.sku_id = asked.id
  LEFT JOIN bought ON bought.sku_id = asked.id
  LEFT JOIN moving ON moving.sku_id = asked.id
  LEFT JOIN owed ON owed.sku_id = asked.id
