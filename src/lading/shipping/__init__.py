"""Parcels, their carriers and what is heard of them."""
