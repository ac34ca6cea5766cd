"""The money ledger in the formats of accounting programs."""
