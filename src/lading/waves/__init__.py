"""Waves: fulfillment orders of one location that are picked together, their pick lists and tasks."""
