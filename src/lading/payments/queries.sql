-- name: read_tenders
-- The tenders of these orders in the order of their numbers.
SELECT order_id, number, kind, reference, authorised_minor, captured_minor, refunded_minor, provider, method, payer, instead_of, beside,
       unattended, refused, requests, authorising_minor, capturing_minor, voiding_minor, refunding_minor, voided_minor, once, grows, expires_at, disputed_minor, expected_minor,
       credit_id
  FROM tender WHERE merchant_id = $1 AND order_id = ANY($2::uuid[]) ORDER BY order_id, number;

-- name: insert_tenders
-- A tender is born with what it took.
INSERT INTO tender (merchant_id, order_id, number, kind, reference, authorised_minor, captured_minor, refunded_minor)
SELECT $1, t.* FROM unnest($2::uuid[], $3::smallint[], $4::text[], $5::text[], $6::bigint[], $7::bigint[], $8::bigint[]) AS t;

-- name: insert_tenders_to_come
-- A tender whose money is said to come.
INSERT INTO tender (merchant_id, order_id, number, kind, reference, authorised_minor, captured_minor, refunded_minor, expected_minor)
SELECT $1, t.* FROM unnest($2::uuid[], $3::smallint[], $4::text[], $5::text[], $6::bigint[], $7::bigint[], $8::bigint[], $9::bigint[]) AS t;

-- name: insert_credit_tenders
-- A tender that was paid with a gift card or store credit.
INSERT INTO tender (merchant_id, order_id, number, kind, reference, authorised_minor, captured_minor, refunded_minor, credit_id)
SELECT $1, t.* FROM unnest($2::uuid[], $3::smallint[], $4::text[], $5::text[], $6::bigint[], $7::bigint[], $8::bigint[], $9::uuid[]) AS t;

-- name: insert_provider_tenders
-- A tender whose money a provider moves is born with what the provider is asked.
INSERT INTO tender (merchant_id, order_id, number, kind, reference, authorised_minor, captured_minor, refunded_minor, provider, method,
                    payer, instead_of, beside, unattended, requests, authorising_minor, capturing_minor)
SELECT $1, t.* FROM unnest($2::uuid[], $3::smallint[], $4::text[], $5::text[], $6::bigint[], $7::bigint[], $8::bigint[], $9::text[],
                           $10::text[], $11::text[], $12::smallint[], $13::smallint[], $14::bool[], $15::smallint[], $16::bigint[], $17::bigint[]) AS t;

-- name: update_tenders
-- What each tender took and gave back by now, and what is awaited of its provider.
UPDATE tender SET reference = t.reference, authorised_minor = t.authorised_minor, captured_minor = t.captured_minor,
                  refunded_minor = t.refunded_minor, requests = t.requests, authorising_minor = t.authorising_minor,
                  capturing_minor = t.capturing_minor, voiding_minor = t.voiding_minor, refunding_minor = t.refunding_minor,
                  voided_minor = t.voided_minor, once = t.once, grows = t.grows, expires_at = t.expires_at,
                  refused = t.refused, disputed_minor = t.disputed_minor, expected_minor = t.expected_minor
  FROM unnest($2::uuid[], $3::smallint[], $4::text[], $5::bigint[], $6::bigint[], $7::bigint[], $8::smallint[], $9::bigint[],
              $10::bigint[], $11::bigint[], $12::bigint[], $13::bigint[], $14::bool[], $15::bool[], $16::timestamptz[],
              $17::smallint[], $18::bigint[], $19::bigint[])
       AS t (order_id, number, reference, authorised_minor, captured_minor, refunded_minor, requests, authorising_minor, capturing_minor,
             voiding_minor, refunding_minor, voided_minor, once, grows, expires_at, refused, disputed_minor, expected_minor)
 WHERE tender.merchant_id = $1 AND tender.order_id = t.order_id AND tender.number = t.number;

-- name: read_requests
-- What providers were asked, by name.
SELECT r.order_id, r.tender_number, r.number, r.kind, r.amount_minor, r.status, r.asked_at, r.due_at, r.reference, r.code, r.settled_at
  FROM unnest($2::uuid[], $3::smallint[], $4::smallint[]) AS k (order_id, tender_number, number)
  JOIN payment_request AS r ON r.merchant_id = $1 AND r.order_id = k.order_id AND r.tender_number = k.tender_number AND r.number = k.number;

-- name: insert_requests
-- The intent, before anybody calls.
INSERT INTO payment_request (merchant_id, order_id, tender_number, number, kind, amount_minor, asked_at, due_at, reference)
SELECT $1, r.* FROM unnest($2::uuid[], $3::smallint[], $4::smallint[], $5::text[], $6::bigint[], $7::timestamptz[], $8::timestamptz[],
                           $9::text[]) AS r;

-- name: update_requests
-- The answer.
UPDATE payment_request SET amount_minor = r.amount_minor, status = r.status, due_at = r.due_at, reference = r.reference, code = r.code,
                           settled_at = r.settled_at
  FROM unnest($2::uuid[], $3::smallint[], $4::smallint[], $5::bigint[], $6::text[], $7::timestamptz[], $8::text[], $9::text[],
              $10::timestamptz[])
       AS r (order_id, tender_number, number, amount_minor, status, due_at, reference, code, settled_at)
 WHERE payment_request.merchant_id = $1 AND payment_request.order_id = r.order_id AND payment_request.tender_number = r.tender_number
   AND payment_request.number = r.number;

-- name: read_disputes
-- Disputes by name.
SELECT d.order_id, d.tender_number, d.reference, d.amount_minor, d.reason, d.status, d.answer_by, d.told_at, d.closed_at
  FROM unnest($2::uuid[], $3::smallint[], $4::text[]) AS k (order_id, tender_number, reference)
  JOIN dispute AS d ON d.merchant_id = $1 AND d.order_id = k.order_id AND d.tender_number = k.tender_number AND d.reference = k.reference;

-- name: insert_disputes
-- What a bank took back.
INSERT INTO dispute (merchant_id, order_id, tender_number, reference, amount_minor, reason, status, answer_by, told_at, closed_at)
SELECT $1, d.* FROM unnest($2::uuid[], $3::smallint[], $4::text[], $5::bigint[], $6::text[], $7::text[], $8::timestamptz[],
                           $9::timestamptz[], $10::timestamptz[]) AS d;

-- name: update_disputes
-- How it ended.
UPDATE dispute SET status = d.status, closed_at = d.closed_at, answer_by = d.answer_by
  FROM unnest($2::uuid[], $3::smallint[], $4::text[], $5::text[], $6::timestamptz[], $7::timestamptz[])
       AS d (order_id, tender_number, reference, status, closed_at, answer_by)
 WHERE dispute.merchant_id = $1 AND dispute.order_id = d.order_id AND dispute.tender_number = d.tender_number
   AND dispute.reference = d.reference;

-- name: read_credits
-- Gift cards and store credit by id.
SELECT id, kind, code, customer_id, currency, issued_minor, balance_minor, issued_at, expires_at, order_id
  FROM credit WHERE merchant_id = $1 AND id = ANY($2::uuid[]);

-- name: lock_credits
-- As read_credits, in primary-key order.
SELECT id, kind, code, customer_id, currency, issued_minor, balance_minor, issued_at, expires_at, order_id
  FROM credit WHERE merchant_id = $1 AND id = ANY($2::uuid[]) ORDER BY id FOR NO KEY UPDATE;

-- name: read_credits_by_code
-- Gift cards by code.
SELECT id, kind, code, customer_id, currency, issued_minor, balance_minor, issued_at, expires_at, order_id
  FROM credit WHERE merchant_id = $1 AND code = ANY($2::text[]);

-- name: insert_credits
-- What is owed from now on. A row that is left out has a code that somebody else took: the caller counts.
INSERT INTO credit (merchant_id, id, kind, code, customer_id, currency, issued_minor, balance_minor, issued_at, expires_at, order_id)
SELECT $1, c.* FROM unnest($2::uuid[], $3::text[], $4::text[], $5::uuid[], $6::text[], $7::bigint[], $8::bigint[], $9::timestamptz[],
                           $10::timestamptz[], $11::uuid[]) AS c
    ON CONFLICT DO NOTHING;

-- name: update_credits
-- What is left, and how long.
UPDATE credit SET balance_minor = c.balance_minor, expires_at = c.expires_at
  FROM unnest($2::uuid[], $3::bigint[], $4::timestamptz[]) AS c (id, balance_minor, expires_at)
 WHERE credit.merchant_id = $1 AND credit.id = c.id;

-- name: paid_there
-- The tenders by account and the provider's id of the payment; of several that share one, the one that was asked for it.
SELECT DISTINCT ON (k.provider, k.payment) k.provider, k.payment, t.order_id, o.number, t.number AS tender_number, t.kind, o.currency
  FROM unnest($2::text[], $3::text[]) AS k (provider, payment)
  JOIN tender AS t ON t.merchant_id = $1 AND t.provider = k.provider AND t.reference = k.payment
  JOIN orders AS o ON o.merchant_id = $1 AND o.id = t.order_id
 ORDER BY k.provider, k.payment, t.requests DESC, t.order_id, t.number;

-- name: read_fees
-- What was posted of these movements.
SELECT f.provider, f.movement, f.order_id, f.tender_number, f.amount_minor
  FROM unnest($2::text[], $3::text[]) AS k (provider, movement)
  JOIN provider_fee AS f ON f.merchant_id = $1 AND f.provider = k.provider AND f.movement = k.movement;

-- name: insert_fees
-- A row that is left out was posted by somebody else meanwhile: the caller counts.
INSERT INTO provider_fee (merchant_id, provider, movement, order_id, tender_number, amount_minor)
SELECT $1, f.* FROM unnest($2::text[], $3::text[], $4::uuid[], $5::smallint[], $6::bigint[]) AS f
    ON CONFLICT DO NOTHING;

-- name: read_dispute_answers
-- What was said to banks, dispute by dispute, in the order in which it was said.
SELECT a.order_id, a.tender_number, a.reference, a.number, a.task, a.words, a.parcels, a.invoices, a.files, a.status, a.asked_at, a.due_at,
       a.code, a.settled_at
  FROM unnest($2::uuid[], $3::smallint[], $4::text[]) AS k (order_id, tender_number, reference)
  JOIN dispute_answer AS a ON a.merchant_id = $1 AND a.order_id = k.order_id AND a.tender_number = k.tender_number
   AND a.reference = k.reference
 ORDER BY a.order_id, a.tender_number, a.reference, a.number;

-- name: insert_dispute_answers
-- Intents, each due at once. Lists go as JSON: arrays of arrays would have to be of one length.
INSERT INTO dispute_answer (merchant_id, order_id, tender_number, reference, number, task, words, parcels, invoices, files, status, asked_at,
                            due_at)
SELECT $1, a.order_id, a.tender_number, a.reference, a.number, a.task, a.words,
       ARRAY(SELECT jsonb_array_elements_text(a.parcels)::smallint), ARRAY(SELECT jsonb_array_elements_text(a.invoices)::smallint),
       a.files, a.status, a.asked_at, a.due_at
  FROM unnest($2::uuid[], $3::smallint[], $4::text[], $5::smallint[], $6::text[], $7::text[], $8::jsonb[], $9::jsonb[], $10::jsonb[],
              $11::text[], $12::timestamptz[], $13::timestamptz[])
       AS a (order_id, tender_number, reference, number, task, words, parcels, invoices, files, status, asked_at, due_at);

-- name: update_dispute_answers
-- What became of them.
UPDATE dispute_answer SET status = a.status, due_at = a.due_at, code = a.code, settled_at = a.settled_at
  FROM unnest($2::uuid[], $3::smallint[], $4::text[], $5::smallint[], $6::text[], $7::timestamptz[], $8::text[], $9::timestamptz[])
       AS a (order_id, tender_number, reference, number, status, due_at, code, settled_at)
 WHERE dispute_answer.merchant_id = $1 AND dispute_answer.order_id = a.order_id AND dispute_answer.tender_number = a.tender_number
   AND dispute_answer.reference = a.reference AND dispute_answer.number = a.number;

-- name: read_files
-- Which of these were handed in.
SELECT sha256 FROM file WHERE merchant_id = $1 AND sha256 = ANY($2::bytea[]);
