-- A unit in somebody's hand is found by its serial number alone.

CREATE INDEX serial_named ON serial (merchant_id, serial, sku_id);
