-- Money that is said to come (cash on delivery, a bank transfer), and what needs somebody about payments.

ALTER TABLE tender ADD COLUMN expected_minor bigint NOT NULL DEFAULT 0 CHECK (expected_minor >= 0);   -- said to come, and not come yet
