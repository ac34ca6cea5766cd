-- Lines of an order may go somewhere else than the order: each address gets fulfillment orders of its own.

ALTER TABLE order_line ADD COLUMN ship_to_id uuid;          -- an address_version; NULL: where the order goes
ALTER TABLE fulfillment_order ADD COLUMN ship_to_id uuid;   -- as its lines were when it was made
