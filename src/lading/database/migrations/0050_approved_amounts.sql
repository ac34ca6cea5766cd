-- How much somebody approved: an edit above it asks again.

ALTER TABLE hold ADD COLUMN approved_minor bigint;           -- what the order cost when its approval was given
