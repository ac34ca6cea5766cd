-- The availability of many SKUs as bare SQL: what the bench atp_100 is compared with.
SELECT sku.code, stock.location_id, stock.available
  FROM sku JOIN stock ON stock.merchant_id = sku.merchant_id AND stock.sku_id = sku.id
 WHERE sku.merchant_id = $1 AND sku.code = ANY ($2)
