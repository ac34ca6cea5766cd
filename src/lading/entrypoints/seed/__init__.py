"""The merchant of a first start: some weeks of a small shop, simulated through the operations in a time of its own."""
