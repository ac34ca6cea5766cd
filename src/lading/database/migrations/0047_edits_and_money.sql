-- What an edit adds to the cost of an order is promised by who pays it.

ALTER TABLE tender
    ADD COLUMN beside smallint,                              -- the tender whose card is asked once more, for what an edit added
    ADD COLUMN grows  boolean NOT NULL DEFAULT false;        -- its provider may promise more on it while nothing was captured
