-- What goes out whole or not at all: orders, or lines of them (of a kit the line that was sold).

ALTER TABLE orders ADD COLUMN ship_complete boolean NOT NULL DEFAULT false;
ALTER TABLE order_line ADD COLUMN ship_complete boolean NOT NULL DEFAULT false;
