-- name: read_people
-- Who of the batch is known already: customers by key, versions of them and addresses by content. Never all versions of a customer: a
-- channel that gives all its buyers one reference makes thousands.
SELECT 'customer' AS what, id, key, NULL::bytea AS content FROM customer WHERE merchant_id = $1 AND key = ANY($2::text[])
UNION ALL
SELECT 'party', id, NULL, content_key FROM party_version WHERE merchant_id = $1 AND content_key = ANY($4::bytea[])
UNION ALL
SELECT 'address', id, NULL, content_key FROM address_version WHERE merchant_id = $1 AND content_key = ANY($3::bytea[]);

-- name: insert_people
-- New customers, versions of them and addresses, in one statement; a row that is left out was written by somebody else meanwhile: the
-- caller counts.
WITH customers AS (
    INSERT INTO customer (merchant_id, id, key) SELECT $1, c.* FROM unnest($2::uuid[], $3::text[]) AS c
        ON CONFLICT DO NOTHING RETURNING 1),
parties AS (
    INSERT INTO party_version (merchant_id, id, customer_id, content_key, name, email, phone, email_key, phone_key)
    SELECT $1, p.* FROM unnest($4::uuid[], $5::uuid[], $6::bytea[], $7::text[], $8::text[], $9::text[], $10::text[], $11::text[]) AS p
        ON CONFLICT DO NOTHING RETURNING 1),
addresses AS (
    INSERT INTO address_version (merchant_id, id, content_key, name, company, line1, line2, city, region, postal_code, country)
    SELECT $1, a.* FROM unnest($12::uuid[], $13::bytea[], $14::text[], $15::text[], $16::text[], $17::text[], $18::text[], $19::text[],
                               $20::text[], $21::text[]) AS a
        ON CONFLICT DO NOTHING RETURNING 1)
SELECT (SELECT count(*) FROM customers) + (SELECT count(*) FROM parties) + (SELECT count(*) FROM addresses);

-- name: read_party_inputs
-- Versions of customers as they were given, with how their channel names them.
SELECT p.id, p.customer_id, c.key, p.name, p.email, p.phone
  FROM party_version AS p JOIN customer AS c ON c.merchant_id = $1 AND c.id = p.customer_id
 WHERE p.merchant_id = $1 AND p.id = ANY($2::uuid[]);

-- name: read_address_inputs
-- Addresses as they were given.
SELECT id, country, name, company, line1, line2, city, region, postal_code
  FROM address_version WHERE merchant_id = $1 AND id = ANY($2::uuid[]);

-- name: read_companies
-- Companies by code.
SELECT id, code, name, tax_number, "group", terms_days, needs_purchase_order, active, contacts, addresses, version
  FROM company WHERE merchant_id = $1 AND code = ANY($2::text[]);

-- name: company_codes
-- The codes of companies.
SELECT id, code FROM company WHERE merchant_id = $1 AND id = ANY($2::uuid[]);

-- name: lock_company_credit
-- What companies owe and may owe, in key order: the first lock of all.
SELECT company_id, currency, limit_minor, exposure_minor FROM company_credit
 WHERE merchant_id = $1 AND company_id = ANY($2::uuid[]) ORDER BY company_id, currency FOR NO KEY UPDATE;

-- name: read_company_credit
-- As lock_company_credit, for a dry run.
SELECT company_id, currency, limit_minor, exposure_minor FROM company_credit WHERE merchant_id = $1 AND company_id = ANY($2::uuid[]);

-- name: save_companies
-- A row of a code that somebody else took is left out: the caller counts.
INSERT INTO company (merchant_id, id, code, name, tax_number, "group", terms_days, needs_purchase_order, active, contacts, addresses,
                     version)
SELECT $1, c.id, c.code, c.name, c.tax_number, c.group_code, c.terms_days, c.needs, c.active, c.contacts::jsonb, c.addresses::jsonb, c.version
  FROM unnest($2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[], $7::smallint[], $8::bool[], $9::bool[], $10::text[], $11::text[],
              $12::int[]) AS c (id, code, name, tax_number, group_code, terms_days, needs, active, contacts, addresses, version)
    ON CONFLICT (merchant_id, code) DO UPDATE
   SET name = excluded.name, tax_number = excluded.tax_number, "group" = excluded."group", terms_days = excluded.terms_days,
       needs_purchase_order = excluded.needs_purchase_order, active = excluded.active, contacts = excluded.contacts,
       addresses = excluded.addresses, version = excluded.version
 WHERE company.version < excluded.version;

-- name: save_limits
-- What companies may owe.
INSERT INTO company_credit (merchant_id, company_id, currency, limit_minor)
SELECT $1, c.* FROM unnest($2::uuid[], $3::text[], $4::bigint[]) AS c
    ON CONFLICT (merchant_id, company_id, currency) DO UPDATE SET limit_minor = excluded.limit_minor;

-- name: create_company_credit
-- Companies that never ordered in that currency, in key order.
INSERT INTO company_credit (merchant_id, company_id, currency)
SELECT $1, c.* FROM unnest($2::uuid[], $3::text[]) AS c ON CONFLICT DO NOTHING;

-- name: move_exposure
-- What companies owe changes with their orders; below zero the database refuses it.
UPDATE company_credit SET exposure_minor = exposure_minor + c.change
  FROM unnest($2::uuid[], $3::text[], $4::bigint[]) AS c (company_id, currency, change)
 WHERE company_credit.merchant_id = $1 AND company_credit.company_id = c.company_id AND company_credit.currency = c.currency;

-- name: taken_purchase_orders
-- Who bears purchase order numbers that a company may give once.
SELECT c.company_id, c.unique_key, o.number
  FROM unnest($2::uuid[], $3::text[]) AS wanted (company_id, unique_key)
  JOIN company_order AS c ON c.merchant_id = $1 AND c.company_id = wanted.company_id AND c.unique_key = wanted.unique_key
  JOIN orders AS o ON o.merchant_id = $1 AND o.id = c.order_id;
