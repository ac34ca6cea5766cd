-- What becomes of a fulfillment order beside its units: whether its location was asked and what it said, until when nobody works on it,
-- and how it reaches the customer.

ALTER TABLE fulfillment_order
    ADD COLUMN rejected      integer NOT NULL DEFAULT 0 CHECK (rejected >= 0),   -- of the withdrawn: given back by the location
    ADD COLUMN short         integer NOT NULL DEFAULT 0 CHECK (short >= 0),      -- of the withdrawn: not on the shelf at the pick
    ADD COLUMN moved         integer NOT NULL DEFAULT 0 CHECK (moved >= 0),      -- units that another fulfillment order, or none, has now
    ADD COLUMN request       text NOT NULL DEFAULT 'unsubmitted'
        CHECK (request IN ('unsubmitted', 'submitted', 'accepted', 'rejected', 'cancellation_requested', 'cancellation_accepted',
                           'cancellation_rejected')),
    ADD COLUMN answer_by     timestamptz,                                        -- submitted, and given back when that is over
    ADD COLUMN scheduled_for timestamptz,                                        -- nobody works on it before
    ADD CHECK (rejected + short <= withdrawn),
    ADD CHECK (answer_by IS NULL OR request = 'submitted');
UPDATE fulfillment_order AS f SET short = told.short
  FROM (SELECT e.merchant_id, e.subject_id AS order_id, m.fulfillment_order AS number,
               sum(CASE WHEN m."to" = 'open' THEN m.quantity ELSE -m.quantity END) AS short
          FROM event AS e
         CROSS JOIN LATERAL jsonb_to_recordset(e.data->'moves') AS m (fulfillment_order smallint, "from" text, "to" text, quantity int)
         WHERE e.data ? 'moves' AND 'open' IN (m."from", m."to") AND m.fulfillment_order IS NOT NULL
         GROUP BY e.merchant_id, e.subject_id, m.fulfillment_order) AS told
 WHERE f.merchant_id = told.merchant_id AND f.order_id = told.order_id AND f.number = told.number;
CREATE INDEX fulfillment_order_asked ON fulfillment_order (merchant_id, answer_by) WHERE answer_by IS NOT NULL;
CREATE INDEX fulfillment_order_scheduled ON fulfillment_order (merchant_id, scheduled_for) WHERE scheduled_for IS NOT NULL;
