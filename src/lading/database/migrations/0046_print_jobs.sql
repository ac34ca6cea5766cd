-- Papers that are to be printed: taken by stations under a lease, and kept with the digest of what was printed.

CREATE TABLE print_job (
    merchant_id integer NOT NULL,
    id          uuid NOT NULL,
    station     text COLLATE "C" NOT NULL,
    kind        text NOT NULL,                            -- packing-slip, label, ...
    of          text COLLATE "C" NOT NULL,                -- 1042-P1, INV-000017, ...
    format      text NOT NULL CHECK (format IN ('pdf', 'zpl')),
    copies      smallint NOT NULL CHECK (copies > 0),
    language    text,
    paper       text CHECK (paper IN ('A4', 'Letter')),
    asked_at    timestamptz NOT NULL,
    status      text NOT NULL CHECK (status IN ('waiting', 'claimed', 'printed', 'failed', 'dropped')),
    due_at      timestamptz NOT NULL,                     -- from when on a station may take it
    attempts    smallint NOT NULL CHECK (attempts >= 0),
    sha256      bytea,                                    -- of the file that was printed
    trouble     text,                                     -- what the printer said
    PRIMARY KEY (merchant_id, id)
);
CREATE INDEX print_job_due ON print_job (merchant_id, station, due_at) WHERE status IN ('waiting', 'claimed');
CREATE INDEX print_job_asked ON print_job (merchant_id, asked_at, id);

DO $$
BEGIN
    ALTER TABLE print_job ENABLE ROW LEVEL SECURITY;
    CREATE POLICY one_merchant ON print_job TO lading_app USING (merchant_id = current_merchant());
    ALTER TABLE print_job SET (autovacuum_analyze_scale_factor = 0.05, autovacuum_analyze_threshold = 500);
END $$;
