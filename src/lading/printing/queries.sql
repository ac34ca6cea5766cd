-- name: read_jobs
-- Print jobs by id.
SELECT id, station, kind, of, format, copies, language, paper, asked_at, status, due_at, attempts, sha256, trouble
  FROM print_job WHERE merchant_id = $1 AND id = ANY($2::uuid[]);

-- name: lock_jobs
-- As read_jobs, in primary-key order.
SELECT id, station, kind, of, format, copies, language, paper, asked_at, status, due_at, attempts, sha256, trouble
  FROM print_job WHERE merchant_id = $1 AND id = ANY($2::uuid[]) ORDER BY id FOR NO KEY UPDATE;

-- name: read_due_jobs
-- What stations may take now.
SELECT id, station, kind, of, format, copies, language, paper, asked_at, status, due_at, attempts, sha256, trouble
  FROM print_job WHERE merchant_id = $1 AND station = ANY($2::text[]) AND status IN ('waiting', 'claimed') AND due_at <= $3
 ORDER BY due_at, id LIMIT $4;

-- name: lock_due_jobs
-- As read_due_jobs; what another station is taking just now is left to it.
SELECT id, station, kind, of, format, copies, language, paper, asked_at, status, due_at, attempts, sha256, trouble
  FROM print_job WHERE merchant_id = $1 AND station = ANY($2::text[]) AND status IN ('waiting', 'claimed') AND due_at <= $3
 ORDER BY due_at, id LIMIT $4 FOR NO KEY UPDATE SKIP LOCKED;

-- name: insert_jobs
-- A job is born waiting.
INSERT INTO print_job (merchant_id, id, station, kind, of, format, copies, language, paper, asked_at, status, due_at, attempts, sha256)
SELECT $1, j.* FROM unnest($2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[], $7::smallint[], $8::text[], $9::text[],
                           $10::timestamptz[], $11::text[], $12::timestamptz[], $13::smallint[], $14::bytea[]) AS j;

-- name: update_jobs
-- Where each stands.
UPDATE print_job SET status = j.status, due_at = j.due_at, attempts = j.attempts, sha256 = j.sha256, trouble = j.trouble
  FROM unnest($2::uuid[], $3::text[], $4::timestamptz[], $5::smallint[], $6::bytea[], $7::text[])
       AS j (id, status, due_at, attempts, sha256, trouble)
 WHERE print_job.merchant_id = $1 AND print_job.id = j.id;
