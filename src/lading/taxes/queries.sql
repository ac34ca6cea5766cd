-- What is taxed where.

-- name: read_rates
-- The rates of these keys.
SELECT country, region, postal_prefix, category, code, valid_from, valid_to, rate, included, compound, version
  FROM tax_rate
 WHERE merchant_id = $1
   AND (country, region, postal_prefix, category, code, valid_from)
       IN (SELECT * FROM unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::date[]));

-- name: save_rates
-- A row that is left out was saved by somebody else meanwhile: the caller counts.
INSERT INTO tax_rate (merchant_id, country, region, postal_prefix, category, code, valid_from, valid_to, rate, included, compound, version)
SELECT $1, r.* FROM unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::date[], $8::date[], $9::numeric[], $10::bool[],
                           $11::bool[], $12::int[]) AS r
    ON CONFLICT (merchant_id, country, region, postal_prefix, category, code, valid_from)
    DO UPDATE SET valid_to = excluded.valid_to, rate = excluded.rate, included = excluded.included, compound = excluded.compound,
                  version = excluded.version
 WHERE tax_rate.version < excluded.version;

-- name: rates_of_countries
-- All rates of these countries, withdrawn ones left out: some hundreds where a merchant sells in many states.
SELECT country, region, postal_prefix, category, code, valid_from, valid_to, rate, included, compound, version
  FROM tax_rate WHERE merchant_id = $1 AND country = ANY($2::text[]) AND rate IS NOT NULL;

-- name: read_categories
-- The tax categories of those of these products that have one.
SELECT id, tax_category FROM sku WHERE merchant_id = $1 AND id = ANY($2::uuid[]) AND tax_category <> '';

-- name: read_places
-- Where locations are: what is handed over there, or sent from there.
SELECT id, country, coalesce(address->>'region', '') AS region, coalesce(address->>'postal_code', '') AS postal_code
  FROM location WHERE merchant_id = $1;

-- name: read_addresses
-- Where orders go.
SELECT id, country, coalesce(region, '') AS region, coalesce(postal_code, '') AS postal_code
  FROM address_version WHERE merchant_id = $1 AND id = ANY($2::uuid[]);

-- name: zone_of_merchant
-- The zone in which a tax has its day.
SELECT time_zone FROM merchant WHERE id = $1;
