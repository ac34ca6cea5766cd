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
SELECT id, country, coalesce(address->>'region', '') AS region, coalesce(address->>'postal_code', '') AS postal_code,
       coalesce(address->>'city', '') AS city, coalesce(address->>'line1', '') AS street
  FROM location WHERE merchant_id = $1;

-- name: read_addresses
-- Where orders go.
SELECT id, country, coalesce(region, '') AS region, coalesce(postal_code, '') AS postal_code, coalesce(city, '') AS city,
       coalesce(line1, '') AS street
  FROM address_version WHERE merchant_id = $1 AND id = ANY($2::uuid[]);

-- name: read_requests
-- What services were asked of these, by order, task and document; locked where an answer is to be written.
SELECT r.order_id, r.task, r.document, r.service, r.status, r.asked_at, r.due_at, r.reference, r.code, r.settled_at
  FROM unnest($2::uuid[], $3::text[], $4::smallint[]) AS k (order_id, task, document)
  JOIN tax_request AS r ON r.merchant_id = $1 AND r.order_id = k.order_id AND r.task = k.task AND r.document = k.document;

-- name: lock_requests
-- The same, locked in key order: the worker that asked and a person may both have something to say.
SELECT order_id, task, document, service, status, asked_at, due_at, reference, code, settled_at
  FROM tax_request
 WHERE merchant_id = $1 AND (order_id, task, document) IN (SELECT * FROM unnest($2::uuid[], $3::text[], $4::smallint[]))
 ORDER BY order_id, task, document FOR NO KEY UPDATE;

-- name: insert_requests
-- Intents, each due at once.
INSERT INTO tax_request (merchant_id, order_id, task, document, service, status, asked_at, due_at)
SELECT $1, r.* FROM unnest($2::uuid[], $3::text[], $4::smallint[], $5::text[], $6::text[], $7::timestamptz[], $8::timestamptz[]) AS r;

-- name: update_requests
-- What became of them.
UPDATE tax_request SET service = r.service, status = r.status, due_at = r.due_at, reference = r.reference, code = r.code,
                       settled_at = r.settled_at
  FROM unnest($2::uuid[], $3::text[], $4::smallint[], $5::text[], $6::text[], $7::timestamptz[], $8::text[], $9::text[], $10::timestamptz[])
       AS r (order_id, task, document, service, status, due_at, reference, code, settled_at)
 WHERE tax_request.merchant_id = $1 AND tax_request.order_id = r.order_id AND tax_request.task = r.task
   AND tax_request.document = r.document;
