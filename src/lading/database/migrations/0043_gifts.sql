-- What a gift says to whoever gets it is a note for the recipient.

ALTER TABLE order_note DROP CONSTRAINT order_note_audience_check;
ALTER TABLE order_note ADD CONSTRAINT order_note_audience_check CHECK (audience IN ('internal', 'customer', 'recipient'));
