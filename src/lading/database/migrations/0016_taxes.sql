-- Taxes as they were charged.

-- A charge may be a tax with its rate, on what it was charged, and whether prices contain it already.
ALTER TABLE charge
    ADD COLUMN rate numeric(7, 4) CHECK (rate >= 0),      -- in percent; told, never used to count again
    ADD COLUMN included boolean NOT NULL DEFAULT false,   -- contained in what the goods (shipping, fees) cost: adds nothing
    ADD COLUMN applies_to text CHECK (applies_to IN ('goods', 'shipping', 'fee')),
    ADD CHECK (kind = 'tax' OR (rate IS NULL AND NOT included AND applies_to IS NULL));
