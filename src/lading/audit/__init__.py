"""`lading audit`: every counter and status again from the journal, and what differs."""

from lading.audit.checks import Difference, audit

__all__ = ["Difference", "audit"]
