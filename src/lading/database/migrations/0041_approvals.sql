-- Drafts and quotes that cost more than may go without an approval.

ALTER TABLE draft
    ADD COLUMN approval    text CHECK (approval IN ('needed', 'given', 'refused')),   -- NULL: none is needed
    ADD COLUMN approved_by text;                                                      -- who gave or refused it, as the actors of events
CREATE INDEX draft_to_approve ON draft (merchant_id, id) WHERE approval = 'needed' AND status IN ('draft', 'sent', 'accepted');
