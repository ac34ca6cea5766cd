-- name: keep_file
-- The same content handed in again is the same file.
INSERT INTO file (merchant_id, sha256, size, type, kept_at) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING;
