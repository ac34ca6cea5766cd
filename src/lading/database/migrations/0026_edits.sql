-- What an order got after it was placed, beside what it was placed with: the original total never changes.

ALTER TABLE order_line ADD COLUMN added boolean NOT NULL DEFAULT false;   -- by an edit
ALTER TABLE charge ADD COLUMN added boolean NOT NULL DEFAULT false;       -- by an edit: on a line of the order or on one that it added
ALTER TABLE order_detail ADD COLUMN method text;                          -- how it shall be sent, in the merchant's words
