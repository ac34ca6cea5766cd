"""Providers of payments, one file each, and a twin that speaks as one of them does."""
