-- name: read_skus
-- Products by code.
SELECT id, code, active, tracking, kit, limited FROM sku WHERE merchant_id = $1 AND code = ANY($2::text[]);

-- name: lock_skus
-- As read_skus, in primary-key order: who says what a kit is made of holds the kit and its components.
SELECT id, code, active, tracking, kit, limited FROM sku WHERE merchant_id = $1 AND code = ANY($2::text[]) ORDER BY id FOR NO KEY UPDATE;

-- name: read_components
-- What kits are made of.
SELECT c.kit_id, c.per_kit, c.list_price, s.id, s.code, s.active, s.tracking, s.kit, s.limited
  FROM kit_component AS c JOIN sku AS s ON s.merchant_id = $1 AND s.id = c.sku_id
 WHERE c.merchant_id = $1 AND c.kit_id = ANY($2::uuid[]) ORDER BY c.kit_id, c.number;

-- name: kits_made_of
-- The kits that are made of these products.
SELECT c.sku_id, c.kit_id, k.code
  FROM kit_component AS c JOIN sku AS k ON k.merchant_id = $1 AND k.id = c.kit_id
 WHERE c.merchant_id = $1 AND c.sku_id = ANY($2::uuid[]) ORDER BY c.sku_id, k.code;

-- name: mark_kits
-- Whether a product is a kit, and which kind.
UPDATE sku SET kit = k.kit FROM unnest($2::uuid[], $3::text[]) AS k (id, kit) WHERE sku.merchant_id = $1 AND sku.id = k.id;

-- name: clear_components
-- What these kits were made of before.
DELETE FROM kit_component WHERE merchant_id = $1 AND kit_id = ANY($2::uuid[]);

-- name: insert_components
-- What these kits are made of now.
INSERT INTO kit_component (merchant_id, kit_id, number, sku_id, per_kit, list_price)
SELECT $1, c.* FROM unnest($2::uuid[], $3::smallint[], $4::uuid[], $5::int[], $6::numeric[]) AS c;

-- name: read_substitutes
-- What may be sent in place of these products.
SELECT r.sku_id, s.id, s.code, s.active, s.tracking, s.kit, s.limited
  FROM substitute AS r JOIN sku AS s ON s.merchant_id = $1 AND s.id = r.substitute_id
 WHERE r.merchant_id = $1 AND r.sku_id = ANY($2::uuid[]) ORDER BY r.sku_id, r.number;

-- name: clear_substitutes
-- What was sent in place of these products before.
DELETE FROM substitute WHERE merchant_id = $1 AND sku_id = ANY($2::uuid[]);

-- name: insert_substitutes
-- What may be sent in place of these products now.
INSERT INTO substitute (merchant_id, sku_id, number, substitute_id)
SELECT $1, s.* FROM unnest($2::uuid[], $3::smallint[], $4::uuid[]) AS s;

-- name: share_new_on_shelf
-- Products that have no row of stock on one of these shelves are kept as they are until the commit: whoever brings the first units must
-- know how they are told apart, and whether the row is limited. Where there is a row, neither changes without its lock. OFFSET 0 and the
-- scalar subquery: shelf by shelf, whatever the statistics of a young table say.
SELECT id FROM sku
 WHERE merchant_id = $1 AND id = ANY(ARRAY(
       SELECT s.id FROM unnest($2::text[], $3::uuid[], $4::text[]) AS k (code, location_id, lot)
        CROSS JOIN LATERAL (SELECT sku.id FROM sku WHERE sku.merchant_id = $1 AND sku.code = k.code OFFSET 0) AS s
        WHERE (SELECT count(*) FROM stock WHERE merchant_id = $1 AND sku_id = s.id AND location_id = k.location_id AND lot = k.lot) = 0))
 ORDER BY id FOR SHARE;

-- name: skus_by_id
-- As read_skus, by id.
SELECT id, code, active, tracking, kit, limited FROM sku WHERE merchant_id = $1 AND id = ANY($2::uuid[]);

-- name: share_skus_by_id
-- As skus_by_id, kept as they are until the commit: whoever brings new units must know how they are told apart.
SELECT id, code, active, tracking, kit, limited FROM sku WHERE merchant_id = $1 AND id = ANY($2::uuid[]) ORDER BY id FOR SHARE;

-- name: skus_with_units
-- Which of these products have, or had, units somewhere.
SELECT s.id FROM unnest($2::uuid[]) AS s (id)
 WHERE EXISTS (SELECT FROM stock WHERE merchant_id = $1 AND sku_id = s.id OFFSET 0)
    OR EXISTS (SELECT FROM posting WHERE merchant_id = $1 AND sku_id = s.id OFFSET 0);

-- name: skus_scanned
-- Products by GTIN and by code; who has the code comes last, for it wins.
SELECT gtin AS scanned, 0 AS rank, id, code, active, tracking, kit, limited FROM sku
 WHERE merchant_id = $1 AND gtin = ANY($2::text[]) AND gtin IS NOT NULL
UNION ALL
SELECT code, 1, id, code, active, tracking, kit, limited FROM sku WHERE merchant_id = $1 AND code = ANY($2::text[]);

-- name: read_network
-- The merchant's channels and locations: a few, and every placement needs them.
SELECT 'channel' AS what, id, code, name, 0 AS priority, true AS active, '' AS time_zone, true AS takes_returns
  FROM channel WHERE merchant_id = $1
UNION ALL
SELECT 'location', id, code, name, priority, active, time_zone, 'returns' = ANY(capabilities) FROM location WHERE merchant_id = $1;

-- name: read_setup
-- What nearly every batch needs of the merchant's set-up, in one statement: channels, locations, the policies in force (all wide ones,
-- and the narrow ones of the products at hand), and the number that names their versions. What can be said of orders and lines has its
-- subject where locations have their time zone; active means required, ships means filterable.
SELECT 'channel' AS what, id, code, name, 0 AS priority, true AS active, true AS ships, '' AS time_zone, NULL::jsonb AS value,
       false AS hands_out, false AS is_vendor
  FROM channel WHERE merchant_id = $1
UNION ALL
SELECT 'location', id, code, name, priority, active, 'ship' = ANY(capabilities), time_zone, schedule,
       'pickup' = ANY(capabilities), kind = 'vendor' FROM location WHERE merchant_id = $1
UNION ALL
SELECT scope_kind, scope_id, '', name, -1, true, true, '', value, false, false FROM policy
 WHERE merchant_id = $1 AND superseded_by IS NULL AND value IS NOT NULL AND scope_kind = ANY('{merchant,channel,location}')
UNION ALL
SELECT scope_kind, scope_id, '', name, -1, true, true, '', value, false, false FROM policy
 WHERE merchant_id = $1 AND superseded_by IS NULL AND value IS NOT NULL AND scope_kind = 'sku' AND scope_id = ANY($2::uuid[])
UNION ALL
SELECT 'attribute', NULL, code, name, 0, required, filterable, subject, jsonb_build_object('type', type, 'allowed', allowed), false, false
  FROM attribute WHERE merchant_id = $1 AND subject IN ('order', 'line') AND active
UNION ALL
SELECT 'version', NULL, '', '', -2, true, true, '', to_jsonb(coalesce((SELECT max(version) FROM policy WHERE merchant_id = $1), 0)), false, false;

-- name: read_codes
-- The codes of products.
SELECT id, code FROM sku WHERE merchant_id = $1 AND id = ANY($2::uuid[]);

-- name: read_products
-- Whole products by code.
SELECT id, code, name, gtin, weight_grams, length_mm, width_mm, height_mm, active, version, tracking, upright, fragile,
       keep_apart, hs_code, origin, tax_category
  FROM sku WHERE merchant_id = $1 AND code = ANY($2::text[]);

-- name: lock_products
-- As read_products, in primary-key order: a save decides what changes, and may change a row more than once.
SELECT id, code, name, gtin, weight_grams, length_mm, width_mm, height_mm, active, version, tracking, upright, fragile,
       keep_apart, hs_code, origin, tax_category
  FROM sku WHERE merchant_id = $1 AND code = ANY($2::text[]) ORDER BY id FOR NO KEY UPDATE;

-- name: save_products
-- A row that is left out was saved by somebody else meanwhile: the caller counts.
INSERT INTO sku (merchant_id, id, code, name, gtin, weight_grams, length_mm, width_mm, height_mm, active, version, tracking, upright,
                 fragile, keep_apart, hs_code, origin, tax_category)
SELECT $1, p.* FROM unnest($2::uuid[], $3::text[], $4::text[], $5::text[], $6::int[], $7::int[], $8::int[], $9::int[], $10::bool[],
                           $11::int[], $12::text[], $13::bool[], $14::bool[], $15::text[], $16::text[], $17::text[], $18::text[]) AS p
    ON CONFLICT (merchant_id, id) DO UPDATE SET code = excluded.code, name = excluded.name, gtin = excluded.gtin,
       weight_grams = excluded.weight_grams, length_mm = excluded.length_mm, width_mm = excluded.width_mm,
       height_mm = excluded.height_mm, active = excluded.active, version = excluded.version, tracking = excluded.tracking,
       upright = excluded.upright,
       fragile = excluded.fragile, keep_apart = excluded.keep_apart, hs_code = excluded.hs_code, origin = excluded.origin,
       tax_category = excluded.tax_category
 WHERE sku.version < excluded.version;

-- name: read_locations
-- Whole locations by code.
SELECT id, code, name, kind, time_zone, country, priority, active, version, group_id, address, capabilities, schedule
  FROM location WHERE merchant_id = $1 AND code = ANY($2::text[]);

-- name: lock_locations
-- As read_locations, for a save.
SELECT id, code, name, kind, time_zone, country, priority, active, version, group_id, address, capabilities, schedule
  FROM location WHERE merchant_id = $1 AND code = ANY($2::text[])
 ORDER BY id FOR NO KEY UPDATE;

-- name: save_locations
-- As save_products.
INSERT INTO location (merchant_id, id, code, name, kind, time_zone, country, priority, active, version, group_id, address, capabilities,
                      schedule)
SELECT $1, l.id, l.code, l.name, l.kind, l.time_zone, l.country, l.priority, l.active, l.version, l.group_id, l.address,
       string_to_array(l.capabilities, ','), l.schedule
  FROM unnest($2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::int[], $9::bool[], $10::int[], $11::uuid[],
              $12::jsonb[], $13::text[], $14::jsonb[])
       AS l (id, code, name, kind, time_zone, country, priority, active, version, group_id, address, capabilities, schedule)
    ON CONFLICT (merchant_id, id) DO UPDATE SET name = excluded.name, kind = excluded.kind, time_zone = excluded.time_zone,
       country = excluded.country, priority = excluded.priority, active = excluded.active, version = excluded.version,
       group_id = excluded.group_id, address = excluded.address, capabilities = excluded.capabilities, schedule = excluded.schedule
 WHERE location.version < excluded.version;

-- name: read_groups
-- All location groups: a few.
SELECT id, code, name, parent_id, version FROM location_group WHERE merchant_id = $1;

-- name: lock_groups
-- All of them, in primary-key order: whether a tree stays a tree depends on every edge.
SELECT id, code, name, parent_id, version FROM location_group WHERE merchant_id = $1 ORDER BY id FOR NO KEY UPDATE;

-- name: save_groups
-- As save_products.
INSERT INTO location_group (merchant_id, id, code, name, parent_id, version)
SELECT $1, g.* FROM unnest($2::uuid[], $3::text[], $4::text[], $5::uuid[], $6::int[]) AS g
    ON CONFLICT (merchant_id, id) DO UPDATE SET name = excluded.name, parent_id = excluded.parent_id, version = excluded.version
 WHERE location_group.version < excluded.version;

-- name: read_channels
-- Whole channels by code.
SELECT id, code, name, version FROM channel WHERE merchant_id = $1 AND code = ANY($2::text[]);

-- name: lock_channels
-- As read_channels, for a save.
SELECT id, code, name, version FROM channel WHERE merchant_id = $1 AND code = ANY($2::text[]) ORDER BY id FOR NO KEY UPDATE;

-- name: save_channels
-- As save_products.
INSERT INTO channel (merchant_id, id, code, name, version)
SELECT $1, c.* FROM unnest($2::uuid[], $3::text[], $4::text[], $5::int[]) AS c
    ON CONFLICT (merchant_id, id) DO UPDATE SET name = excluded.name, version = excluded.version
 WHERE channel.version < excluded.version;

-- name: current_policies
-- The version in force of these policies in these scopes, and the last version number of the merchant.
SELECT p.name, p.scope_kind, p.scope_id, p.version, p.value, p.set_at, p.set_by, p.superseded_by
  FROM unnest($2::text[], $3::text[], $4::uuid[]) AS w (name, scope_kind, scope_id)
 CROSS JOIN LATERAL (
       SELECT * FROM policy
        WHERE merchant_id = $1 AND scope_kind = w.scope_kind AND scope_id = w.scope_id AND name = w.name AND superseded_by IS NULL OFFSET 0) AS p;

-- name: last_policy_version
-- 0 before the first.
SELECT coalesce(max(version), 0) FROM policy WHERE merchant_id = $1;

-- name: supersede_policies
-- The values in force until now; their rows stay. Of two batches that supersede the same one, the later one draws a number that is taken.
UPDATE policy SET superseded_by = p.superseded_by
  FROM unnest($2::int[], $3::int[]) AS p (version, superseded_by)
 WHERE policy.merchant_id = $1 AND policy.version = p.version;

-- name: insert_policies
-- Two batches that draw the same version collide on its unique key, and one of them runs again.
INSERT INTO policy (merchant_id, name, scope_kind, scope_id, version, value, set_at, set_by, superseded_by)
SELECT $1, p.* FROM unnest($2::text[], $3::text[], $4::uuid[], $5::int[], $6::jsonb[], $7::timestamptz[], $8::text[], $9::int[]) AS p;

-- name: read_weights
-- What a unit of these products weighs; NULL where nobody said.
SELECT id, weight_grams FROM sku WHERE merchant_id = $1 AND id = ANY($2::uuid[]);

-- name: read_attributes
-- Attributes by subject and code.
SELECT subject, code, name, type, allowed, required, filterable, active, version
  FROM attribute WHERE merchant_id = $1 AND (subject, code) IN (SELECT * FROM unnest($2::text[], $3::text[]));

-- name: lock_attributes
-- The same, in primary-key order.
SELECT subject, code, name, type, allowed, required, filterable, active, version
  FROM attribute WHERE merchant_id = $1 AND (subject, code) IN (SELECT * FROM unnest($2::text[], $3::text[]))
 ORDER BY subject, code FOR NO KEY UPDATE;

-- name: attributes_of
-- What can be said of one kind of thing.
SELECT subject, code, name, type, allowed, required, filterable, active, version FROM attribute
 WHERE merchant_id = $1 AND subject = $2 AND active ORDER BY code;

-- name: save_attributes
-- As save_products.
INSERT INTO attribute (merchant_id, subject, code, name, type, allowed, required, filterable, active, version)
SELECT $1, a.subject, a.code, a.name, a.type, string_to_array(a.allowed, E'\x1f'), a.required, a.filterable, a.active, a.version
  FROM unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::bool[], $8::bool[], $9::bool[], $10::int[])
       AS a (subject, code, name, type, allowed, required, filterable, active, version)
    ON CONFLICT (merchant_id, subject, code) DO UPDATE SET name = excluded.name, allowed = excluded.allowed, required = excluded.required,
       filterable = excluded.filterable, active = excluded.active, version = excluded.version
 WHERE attribute.version < excluded.version;

-- name: set_sku_values
-- What is said of products.
INSERT INTO product_attribute (merchant_id, sku_id, code, value) SELECT $1, v.* FROM unnest($2::uuid[], $3::text[], $4::text[]) AS v
    ON CONFLICT (merchant_id, sku_id, code) DO UPDATE SET value = excluded.value;

-- name: remove_sku_values
-- What is not said of them any more.
DELETE FROM product_attribute AS p USING unnest($2::uuid[], $3::text[]) AS gone (sku_id, code)
 WHERE p.merchant_id = $1 AND p.sku_id = gone.sku_id AND p.code = gone.code;

-- name: zone_of_merchant
-- Where the merchant's clock stands.
SELECT time_zone FROM merchant WHERE id = $1;
