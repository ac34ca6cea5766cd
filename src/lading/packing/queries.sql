-- name: read_cartons
-- Cartons of these codes, or all.
SELECT id, code, name, inner_length_mm, inner_width_mm, inner_height_mm, outer_length_mm, outer_width_mm, outer_height_mm, tare_grams,
       max_grams, cost_minor, currency, active, version
  FROM carton WHERE merchant_id = $1 AND ($2::text[] IS NULL OR code = ANY($2)) ORDER BY code;

-- name: lock_cartons
-- As read_cartons, for a save.
SELECT id, code, name, inner_length_mm, inner_width_mm, inner_height_mm, outer_length_mm, outer_width_mm, outer_height_mm, tare_grams,
       max_grams, cost_minor, currency, active, version
  FROM carton WHERE merchant_id = $1 AND ($2::text[] IS NULL OR code = ANY($2)) ORDER BY id FOR NO KEY UPDATE;

-- name: save_cartons
-- A row that is left out was saved by somebody else meanwhile: the caller counts.
INSERT INTO carton (merchant_id, id, code, name, inner_length_mm, inner_width_mm, inner_height_mm, outer_length_mm, outer_width_mm,
                    outer_height_mm, tare_grams, max_grams, cost_minor, currency, active, version)
SELECT $1, c.* FROM unnest($2::uuid[], $3::text[], $4::text[], $5::int[], $6::int[], $7::int[], $8::int[], $9::int[], $10::int[],
                           $11::int[], $12::int[], $13::bigint[], $14::text[], $15::bool[], $16::int[]) AS c
    ON CONFLICT (merchant_id, id) DO UPDATE SET name = excluded.name, inner_length_mm = excluded.inner_length_mm,
       inner_width_mm = excluded.inner_width_mm, inner_height_mm = excluded.inner_height_mm, outer_length_mm = excluded.outer_length_mm,
       outer_width_mm = excluded.outer_width_mm, outer_height_mm = excluded.outer_height_mm, tare_grams = excluded.tare_grams,
       max_grams = excluded.max_grams, cost_minor = excluded.cost_minor, currency = excluded.currency, active = excluded.active,
       version = excluded.version
 WHERE carton.version < excluded.version;

-- name: read_rates
-- Tables of rates of these codes, or all.
SELECT id, code, name, countries, mm3_per_gram, currency, up_to_grams, price_minor, active, version
  FROM parcel_rate WHERE merchant_id = $1 AND ($2::text[] IS NULL OR code = ANY($2)) ORDER BY code;

-- name: lock_rates
-- As read_rates, for a save.
SELECT id, code, name, countries, mm3_per_gram, currency, up_to_grams, price_minor, active, version
  FROM parcel_rate WHERE merchant_id = $1 AND ($2::text[] IS NULL OR code = ANY($2)) ORDER BY id FOR NO KEY UPDATE;

-- name: save_rates
-- As save_cartons.
INSERT INTO parcel_rate (merchant_id, id, code, name, mm3_per_gram, currency, active, version, countries, up_to_grams, price_minor)
SELECT $1, r.id, r.code, r.name, r.mm3_per_gram, r.currency, r.active, r.version, string_to_array(r.countries, ','),
       string_to_array(r.up_to_grams, ',')::int[], string_to_array(r.price_minor, ',')::bigint[]
  FROM unnest($2::uuid[], $3::text[], $4::text[], $5::int[], $6::text[], $7::bool[], $8::int[], $9::text[], $10::text[], $11::text[])
       AS r (id, code, name, mm3_per_gram, currency, active, version, countries, up_to_grams, price_minor)
    ON CONFLICT (merchant_id, id) DO UPDATE SET name = excluded.name, mm3_per_gram = excluded.mm3_per_gram, currency = excluded.currency,
       active = excluded.active, version = excluded.version, countries = excluded.countries, up_to_grams = excluded.up_to_grams,
       price_minor = excluded.price_minor
 WHERE parcel_rate.version < excluded.version;

-- name: create_sscc_series
-- Rows for prefixes of which nothing was drawn yet.
INSERT INTO sscc_series (merchant_id, prefix, last_serial) SELECT $1, p, 0 FROM unnest($2::text[]) AS p ON CONFLICT DO NOTHING;

-- name: read_sscc_series
-- How far these prefixes are.
SELECT prefix, last_serial FROM sscc_series WHERE merchant_id = $1 AND prefix = ANY($2::text[]);

-- name: lock_sscc_series
-- As read_sscc_series: nobody else draws before this is committed.
SELECT prefix, last_serial FROM sscc_series WHERE merchant_id = $1 AND prefix = ANY($2::text[]) ORDER BY prefix FOR NO KEY UPDATE;

-- name: update_sscc_series
-- How far each has come.
UPDATE sscc_series SET last_serial = s.last_serial FROM unnest($2::text[], $3::bigint[]) AS s (prefix, last_serial)
 WHERE sscc_series.merchant_id = $1 AND sscc_series.prefix = s.prefix;
