-- The yardstick of reservations: what PostgreSQL itself does with one reservation per transaction on one hot row, the conventional way,
-- without command, posting, event, expiry or sourcing. Set up once with psql in an empty database, then run
--   pgbench -n -M prepared --max-tries=10 -f one_hot_reservation.pgbench -c 8 -j 2 -T 15
CREATE SCHEMA reserving;
CREATE TABLE reserving.stock (merchant int, sku int, location int, on_hand int NOT NULL, reserved int NOT NULL DEFAULT 0,
                              PRIMARY KEY (merchant, sku, location), CHECK (reserved <= on_hand));
CREATE TABLE reserving.reservation (merchant int, id uuid, sku int NOT NULL, location int NOT NULL, quantity int NOT NULL,
                                    expires_at timestamptz NOT NULL, PRIMARY KEY (merchant, id));
INSERT INTO reserving.stock VALUES (1, 1, 1, 100000000, 0);
