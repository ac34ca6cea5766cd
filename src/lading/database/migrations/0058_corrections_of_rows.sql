-- What is taken back of an event is counted for each row of stock that it moved: an event of a snapshot moves a thousand.
ALTER TABLE correction ADD COLUMN location_id uuid, ADD COLUMN lot text COLLATE "C" NOT NULL DEFAULT '';
UPDATE correction AS c SET location_id = coalesce(p.from_location_id, p.to_location_id),
       lot = CASE WHEN p.from_location_id IS NULL THEN p.to_lot ELSE p.from_lot END
  FROM posting AS p WHERE p.merchant_id = c.merchant_id AND p.sku_id = c.sku_id AND p.event_id = c.event_id;
ALTER TABLE correction ALTER COLUMN location_id SET NOT NULL, DROP CONSTRAINT correction_pkey,
    ADD PRIMARY KEY (merchant_id, event_id, sku_id, location_id, lot);
