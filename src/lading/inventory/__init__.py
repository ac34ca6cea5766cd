"""Locations' stock, the ledger of units, availability."""
