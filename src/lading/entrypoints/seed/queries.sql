-- name: beginning
-- When the merchant was made: the simulation's own beginning. Merchants are visible to all.
SELECT created_at FROM merchant WHERE id = $1;

-- name: has_login
-- Logins carry no policy: they are read before the merchant is known.
SELECT EXISTS (SELECT FROM login WHERE merchant_id = $1);
