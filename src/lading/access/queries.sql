-- name: create_merchant
-- Takes no merchant: it makes one.
INSERT INTO merchant (slug, name, time_zone, currency, created_at) VALUES ($1, $2, $3, $4, $5) RETURNING id;

-- name: create_head
-- A merchant begins with an empty journal.
INSERT INTO journal_head (merchant_id, last_at) VALUES ($1, $2);

-- name: merchants
-- Takes no merchant: every one of the installation.
SELECT id, slug, name, time_zone, currency FROM merchant ORDER BY id;

-- name: create_key
-- The key itself is shown once and never stored.
INSERT INTO api_key (merchant_id, id, prefix, sha256, name, caller_id, scopes, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8);

-- name: find_key
-- A key by its visible part, unless it was revoked.
SELECT id, sha256, caller_id, scopes, name FROM api_key WHERE merchant_id = $1 AND prefix = $2 AND revoked_at IS NULL;

-- name: list_keys
-- The keys of the merchant, as they may be shown.
SELECT id, prefix, name, scopes, created_at, revoked_at FROM api_key WHERE merchant_id = $1 ORDER BY created_at;

-- name: revoke_key
-- A revoked key stays as a row: events name it.
UPDATE api_key SET revoked_at = $3 WHERE merchant_id = $1 AND prefix = $2 AND revoked_at IS NULL;

-- name: find_login
-- Takes no merchant: the address says whose it is.
SELECT id, merchant_id, name, password_hash, scopes FROM login WHERE email_key = $1 AND disabled_at IS NULL;

-- name: create_login
-- Takes no merchant from the transaction: people's logins are read before it is known.
INSERT INTO login (merchant_id, id, email_key, name, password_hash, scopes, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7);

-- name: start_session
-- A person logged in.
INSERT INTO login_session (merchant_id, token_sha256, login_id, expires_at) VALUES ($1, $2, $3, $4);

-- name: find_session
-- Who is logged in with this token.
SELECT l.id, l.name, l.scopes, l.email_key FROM login_session AS s JOIN login AS l ON l.id = s.login_id
 WHERE s.merchant_id = $1 AND s.token_sha256 = $2 AND s.expires_at > $3 AND l.disabled_at IS NULL AND l.merchant_id = $1;

-- name: end_session
-- A person logged out.
DELETE FROM login_session WHERE merchant_id = $1 AND token_sha256 = $2;
