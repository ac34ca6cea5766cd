-- The order lines of a product, those of the newest orders first: by hours (4.7 of them, the first bytes of the order's id), and among
-- those of the same hours sorted when asked. With the ids themselves in the index each entry was a key of its own, of 52 bytes; lines of
-- the same hours share theirs. The index is a seventh of the size, so an order dirties fewer of its pages, and fewer travel whole through
-- the write-ahead log.

ALTER TABLE order_line ADD COLUMN hours bytea NOT NULL GENERATED ALWAYS AS (substring(uuid_send(order_id) FROM 1 FOR 3)) STORED;
DROP INDEX order_line_sku;
CREATE INDEX order_line_sku ON order_line (merchant_id, sku_id, hours);
