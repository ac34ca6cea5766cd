"""What can be asked of the print queue."""

from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct

from lading.terms.fields import Code, Name

PaperKind = Literal[
    "pick-list", "packing-slip", "label", "return-slip", "invoice", "quote", "manifest", "commercial-invoice", "cn22",
    "cn23",
]  # fmt: skip
Copies = Annotated[int, Meta(ge=1, le=50)]
Station = Annotated[Code, Meta(description="A name that print stations ask by, such as PACK-1")]


class AddPrintJob(Struct, frozen=True, forbid_unknown_fields=True):
    """Put a paper into the queue of a station."""

    kind: PaperKind
    of: Annotated[Code, Meta(description="1042-P1, INV-000017, ...")]
    station: Station
    format: Annotated[Literal["pdf", "zpl"], Meta(description="zpl: labels only")] = "pdf"
    copies: Copies = 1
    language: (
        Annotated[str, Meta(pattern=r"^[a-z]{2}(?![\s\S])", description="Left out: that of who reads it")] | None
    ) = None
    paper: Literal["A4", "Letter"] | None = None

    def __post_init__(self) -> None:
        if self.format == "zpl" and self.kind != "label":
            raise ValueError("zpl is for labels")


class ClaimPrintJobs(Struct, frozen=True, forbid_unknown_fields=True):
    """Take the next papers of a station; who does not finish them in time loses them to the next who asks."""

    station: Station
    most: Annotated[int, Meta(ge=1, le=20)] = 5
    lease_seconds: Annotated[int, Meta(ge=5, le=3_600)] = 60


class FinishPrintJob(Struct, frozen=True, forbid_unknown_fields=True):
    """It is on paper."""

    job: UUID
    sha256: (
        Annotated[str, Meta(pattern=r"^[0-9a-f]{64}(?![\s\S])", description="Of the file that was printed")] | None
    ) = None


class FailPrintJob(Struct, frozen=True, forbid_unknown_fields=True):
    """It could not be printed: it waits again, or, after three attempts, for somebody to look."""

    job: UUID
    trouble: Annotated[Name, Meta(description="What the printer said")]


class DropPrintJob(Struct, frozen=True, forbid_unknown_fields=True):
    """Nobody wants it any more."""

    job: UUID


class ReprintJob(Struct, frozen=True, forbid_unknown_fields=True):
    """The same once more: what was printed is printed again as it was."""

    job: UUID
    station: Station | None = None
    """Left out: where it was printed before."""
    copies: Copies = 1
