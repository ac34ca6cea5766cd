-- Drafts carry what orders may; subscriptions go by a clock of their own.

ALTER TABLE draft
    ADD COLUMN wishes  jsonb NOT NULL DEFAULT '{}',          -- what else the order is given, but for what people wrote
    ADD COLUMN private jsonb NOT NULL DEFAULT '{}';          -- that, laid over it: notes, free text, tokens of cards; never in the journal
ALTER TABLE subscription ADD COLUMN time_zone text NOT NULL DEFAULT 'UTC';    -- in which its orders are placed at the same time of day
ALTER TABLE tender ADD COLUMN unattended boolean NOT NULL DEFAULT false;      -- nobody was there who could confirm it
UPDATE tender SET unattended = true WHERE instead_of IS NOT NULL OR beside IS NOT NULL;
