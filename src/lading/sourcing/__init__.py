"""Which location fills what: rules rank, the core counts, and says why."""
