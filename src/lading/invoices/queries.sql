-- Invoices, the series of their numbers, and who sells.

-- name: read_invoices
-- The documents of these orders in the order of their numbers.
SELECT order_id, number, kind, legal_entity, series, serial, entity_version, issued_at, issued_on, currency, total_minor, tax_minor, parcel,
       credits, party_version_id, ship_to_id
  FROM invoice WHERE merchant_id = $1 AND order_id = ANY($2::uuid[]) ORDER BY order_id, number;

-- name: read_invoice_lines
-- What they bill, line by line.
SELECT order_id, invoice, number, line_number, sku_id, sku, name, first_unit, quantity, unit_price, goods_minor, reason
  FROM invoice_line WHERE merchant_id = $1 AND order_id = ANY($2::uuid[]) ORDER BY order_id, invoice, number;

-- name: read_invoice_charges
-- What their lines bear of charges.
SELECT order_id, invoice, line, number, kind, code, amount_minor, rate, included, applies_to
  FROM invoice_charge WHERE merchant_id = $1 AND order_id = ANY($2::uuid[]) ORDER BY order_id, invoice, line, number;

-- name: create_series
-- A series begins with the first document that might need it.
INSERT INTO invoice_series (merchant_id, legal_entity, series, last_serial, last_at)
SELECT $1, s.legal_entity, s.series, 0, '1900-01-01T00:00:00Z' FROM unnest($2::text[], $3::text[]) AS s (legal_entity, series)
    ON CONFLICT DO NOTHING;

-- name: lock_series
-- Who draws numbers holds the row to the commit: the next one draws after it, or draws the same again where it failed.
SELECT legal_entity, series, last_serial, last_at FROM invoice_series
 WHERE merchant_id = $1 AND (legal_entity, series) IN (SELECT * FROM unnest($2::text[], $3::text[]))
 ORDER BY legal_entity, series FOR NO KEY UPDATE;

-- name: read_series
-- As lock_series, for a dry run.
SELECT legal_entity, series, last_serial, last_at FROM invoice_series
 WHERE merchant_id = $1 AND (legal_entity, series) IN (SELECT * FROM unnest($2::text[], $3::text[]));

-- name: update_series
-- How far each series has come.
UPDATE invoice_series SET last_serial = s.last_serial, last_at = s.last_at
  FROM unnest($2::text[], $3::text[], $4::bigint[], $5::timestamptz[]) AS s (legal_entity, series, last_serial, last_at)
 WHERE invoice_series.merchant_id = $1 AND invoice_series.legal_entity = s.legal_entity AND invoice_series.series = s.series;

-- name: insert_invoices
-- A document is written once and never changes.
INSERT INTO invoice (merchant_id, order_id, number, kind, legal_entity, series, serial, entity_version, issued_at, issued_on, currency,
                     total_minor, tax_minor, parcel, credits, party_version_id, ship_to_id)
SELECT $1, i.* FROM unnest($2::uuid[], $3::smallint[], $4::text[], $5::text[], $6::text[], $7::bigint[], $8::int[], $9::timestamptz[],
                           $10::date[], $11::text[], $12::bigint[], $13::bigint[], $14::smallint[], $15::smallint[], $16::uuid[], $17::uuid[]) AS i;

-- name: insert_invoice_lines
-- The lines of documents, with what their products are called now.
INSERT INTO invoice_line (merchant_id, order_id, invoice, number, line_number, sku_id, sku, name, first_unit, quantity, unit_price,
                          goods_minor, reason)
SELECT $1, l.* FROM unnest($2::uuid[], $3::smallint[], $4::smallint[], $5::smallint[], $6::uuid[], $7::text[], $8::text[], $9::int[],
                           $10::int[], $11::numeric[], $12::bigint[], $13::text[]) AS l;

-- name: insert_invoice_charges
-- What the lines of documents bear of charges.
INSERT INTO invoice_charge (merchant_id, order_id, invoice, line, number, kind, code, amount_minor, rate, included, applies_to)
SELECT $1, c.* FROM unnest($2::uuid[], $3::smallint[], $4::smallint[], $5::smallint[], $6::text[], $7::text[], $8::bigint[], $9::numeric[],
                           $10::bool[], $11::text[]) AS c;

-- name: labels_of_products
-- What these products are called now.
SELECT id, code, name FROM sku WHERE merchant_id = $1 AND id = ANY($2::uuid[]);

-- name: read_entities
-- The last versions of these legal entities.
SELECT e.code, e.version, e.name, e.line1, e.line2, e.postal_code, e.city, e.country, e.tax_number, e.footer, e.saved_at
  FROM unnest($2::text[]) AS wanted (code)
 CROSS JOIN LATERAL (SELECT * FROM legal_entity WHERE merchant_id = $1 AND code = wanted.code ORDER BY version DESC LIMIT 1) AS e;

-- name: insert_entities
-- A version more of each legal entity.
INSERT INTO legal_entity (merchant_id, code, version, name, line1, line2, postal_code, city, country, tax_number, footer, saved_at)
SELECT $1, e.* FROM unnest($2::text[], $3::int[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[],
                           $11::text[], $12::timestamptz[]) AS e
    ON CONFLICT DO NOTHING;
