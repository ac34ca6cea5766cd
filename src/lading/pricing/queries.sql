-- name: lock_price_lists
-- In key order; the row of a list guards its items.
SELECT id, code, name, currency, company_id, company_group, channel_id, priority, valid_from, valid_until, active, version
  FROM price_list WHERE merchant_id = $1 AND code = ANY($2::text[]) ORDER BY id FOR NO KEY UPDATE;

-- name: read_price_lists
-- As lock_price_lists, for a dry run.
SELECT id, code, name, currency, company_id, company_group, channel_id, priority, valid_from, valid_until, active, version
  FROM price_list WHERE merchant_id = $1 AND code = ANY($2::text[]);

-- name: read_prices
-- What active lists say of products, of those for all companies and of those for these companies and groups.
SELECT l.id, l.code, l.name, l.currency, l.company_id, l.company_group, l.channel_id, l.priority, l.valid_from, l.valid_until, l.active,
       l.version, i.sku_id, i.from_quantities, i.unit_prices, i.minimum, i.multiple
  FROM price_list_item AS i JOIN price_list AS l ON l.merchant_id = $1 AND l.id = i.list_id
 WHERE i.merchant_id = $1 AND i.sku_id = ANY($2::uuid[]) AND l.active
   AND (l.company_id IS NULL OR l.company_id = ANY($3::uuid[])) AND (l.company_group IS NULL OR l.company_group = ANY($4::text[]))
 ORDER BY l.code, i.sku_id;

-- name: save_price_lists
-- A row of a code that somebody else took is left out: the caller counts.
INSERT INTO price_list (merchant_id, id, code, name, currency, company_id, company_group, channel_id, priority, valid_from, valid_until,
                        active, version)
SELECT $1, l.* FROM unnest($2::uuid[], $3::text[], $4::text[], $5::text[], $6::uuid[], $7::text[], $8::uuid[], $9::smallint[],
                           $10::timestamptz[], $11::timestamptz[], $12::bool[], $13::int[]) AS l
    ON CONFLICT (merchant_id, code) DO UPDATE
   SET name = excluded.name, currency = excluded.currency, company_id = excluded.company_id, company_group = excluded.company_group,
       channel_id = excluded.channel_id, priority = excluded.priority, valid_from = excluded.valid_from,
       valid_until = excluded.valid_until, active = excluded.active, version = excluded.version
 WHERE price_list.version < excluded.version;

-- name: clear_items
-- What lists said of products before.
DELETE FROM price_list_item AS i USING unnest($2::uuid[], $3::uuid[]) AS gone (list_id, sku_id)
 WHERE i.merchant_id = $1 AND i.list_id = gone.list_id AND i.sku_id = gone.sku_id;

-- name: insert_items
-- What lists say of products now; arrays of different lengths travel as JSON.
INSERT INTO price_list_item (merchant_id, list_id, sku_id, from_quantities, unit_prices, minimum, multiple)
SELECT $1, i.list_id, i.sku_id,
       ARRAY(SELECT q::int FROM jsonb_array_elements_text(i.quantities::jsonb) WITH ORDINALITY AS e (q, place) ORDER BY place),
       ARRAY(SELECT p::numeric FROM jsonb_array_elements_text(i.prices::jsonb) WITH ORDINALITY AS e (p, place) ORDER BY place),
       i.minimum, i.multiple
  FROM unnest($2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::int[], $7::int[])
       AS i (list_id, sku_id, quantities, prices, minimum, multiple);

-- name: read_exchange_rates
-- What a currency was worth on a day, or on the last day before it that has a rate; in the order asked.
SELECT (SELECT r.rate FROM exchange_rate AS r
         WHERE r.merchant_id = $1 AND r.currency = k.currency AND r.shop_currency = k.shop_currency
           AND r.day <= (k.at AT TIME ZONE m.time_zone)::date
         ORDER BY r.day DESC LIMIT 1) AS rate
  FROM unnest($2::text[], $3::text[], $4::timestamptz[]) WITH ORDINALITY AS k (currency, shop_currency, at, place)
 CROSS JOIN (SELECT time_zone FROM merchant WHERE id = $1) AS m
 ORDER BY k.place;

-- name: save_exchange_rates
-- The last word counts.
INSERT INTO exchange_rate (merchant_id, currency, shop_currency, day, rate)
SELECT $1, r.* FROM unnest($2::text[], $3::text[], $4::date[], $5::numeric[]) AS r
    ON CONFLICT (merchant_id, currency, shop_currency, day) DO UPDATE SET rate = excluded.rate;
