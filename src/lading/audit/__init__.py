"""`lading audit`: every counter and status again from the journal, and what differs."""

from lading.audit.checks import NAMES, Difference, audit

__all__ = ["NAMES", "Difference", "audit"]
