"""Print jobs as rules see them."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

ATTEMPTS_MAX = 3
"""So often a job is given to a station before somebody has to look."""

WAITING, CLAIMED, PRINTED, FAILED, DROPPED = "waiting", "claimed", "printed", "failed", "dropped"
STATUSES = {
    WAITING: "A station may take it.",
    CLAIMED: "A station has it; another one may take it when the lease is over.",
    PRINTED: "It is on paper.",
    FAILED: "It was tried in vain; somebody has to look.",
    DROPPED: "Nobody wants it any more.",
}
"""Every status with its meaning."""


@dataclass(slots=True)
class PrintJob:
    """A paper that is to be printed."""

    id: UUID
    station: str
    kind: str
    """Of the paper, such as packing-slip."""
    of: str
    """What it is about, such as 1042-P1."""
    format: str
    copies: int
    language: str | None
    """None: that of who reads it."""
    paper: str | None
    """None: what lies in printers there."""
    asked_at: datetime
    status: str
    due_at: datetime
    """From when on a station may take it: when it was asked for, or when the lease is over."""
    attempts: int
    sha256: bytes | None = None
    """Of the file that was printed: a reprint is the same, whatever changed since."""
    trouble: str | None = None
    """What the station said last, where it failed."""
    stored: bool = True
