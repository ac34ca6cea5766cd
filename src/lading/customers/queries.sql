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
