"""Merchants, people, API keys: who may do what."""
