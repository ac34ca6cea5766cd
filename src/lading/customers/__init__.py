"""People and companies, and their addresses: the only rooms with personal data."""
