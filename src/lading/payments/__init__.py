"""Tenders and what was taken and given back through them."""
