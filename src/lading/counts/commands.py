"""What can be asked of counts."""

from typing import Annotated

from msgspec import Meta, Struct

from lading.terms.fields import Code, Count, LineNumber, Lot, Moment, Reference, SerialNumber

LINES_MAX = 2_000

CountRef = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=64,
        pattern=r"^[^\x00-\x1f\x7f\ud800-\udfff]*(?![\s\S])",
        description="C1044, or the id of the count",
        examples=["C1044"],
    ),
]
ExpectedVersion = Annotated[int, Meta(ge=1, description="Refuse unless the count still has this version")]


class OpenCount(Struct, frozen=True, forbid_unknown_fields=True):
    """Count these products at a location, or those in a zone of it; without either all that the book says lies there."""

    location: Code
    skus: Annotated[list[Code], Meta(max_length=LINES_MAX)] = []
    zone: (
        Annotated[
            Code,
            Meta(
                description="Only what lies in bins whose code begins so, damaged and held units too; instead of `skus`"
            ),
        ]
        | None
    ) = None
    blind: Annotated[bool, Meta(description="Whoever counts is not told what the book says")] = True
    reference: Reference | None = None
    """The merchant's own number, unique."""


class CountedUnits(Struct, frozen=True, forbid_unknown_fields=True):
    """All units of a product (of a lot) that were found on its shelf; named by its code or by a scanned barcode."""

    quantity: Count
    sku: Code | None = None
    barcode: Annotated[Code, Meta(description="GTIN, or the product's code")] | None = None
    lot: Lot = ""
    serials: Annotated[
        list[SerialNumber],
        Meta(max_length=10_000, description="Names of the units that were found, where they have names"),
    ] = []
    add: Annotated[bool, Meta(description="On top of what the pass found already: each scan is one more unit")] = False


class RecordCount(Struct, frozen=True, forbid_unknown_fields=True):
    """What somebody found. The same product again in the same pass replaces what was said before, unless it says `add`."""

    count: CountRef
    lines: Annotated[list[CountedUnits], Meta(min_length=1, max_length=LINES_MAX)]
    counted_at: (
        Annotated[
            Moment,
            Meta(description="When it was counted, where that is not now: what moved since is taken into account"),
        ]
        | None
    ) = None


class RecountLines(Struct, frozen=True, forbid_unknown_fields=True):
    """Have lines counted once more, in a pass of its own; without lines all that differ from the book."""

    count: CountRef
    lines: Annotated[list[LineNumber], Meta(max_length=LINES_MAX)] = []


class GoneUnits(Struct, frozen=True, forbid_unknown_fields=True):
    """Units of a line of a zone that are gone, by name: nobody saw them there, and they lie nowhere else."""

    line: LineNumber
    serials: Annotated[list[SerialNumber], Meta(min_length=1, max_length=10_000)]


class ApproveCount(Struct, frozen=True, forbid_unknown_fields=True):
    """What was counted is the truth: differences are posted, and what orders hold in vain becomes a shortage."""

    count: CountRef
    reason: Code
    leave_uncounted: Annotated[
        bool, Meta(description="Approve although lines were not counted; those stay as they are")
    ] = False
    gone: Annotated[
        list[GoneUnits],
        Meta(
            max_length=LINES_MAX,
            description="Of a zone: which units are missing, where more were not seen than are missing",
        ),
    ] = []
    expected_version: ExpectedVersion | None = None

    def __post_init__(self) -> None:
        if len({each.line for each in self.gone}) < len(self.gone):
            raise ValueError("name each line once")


class CancelCount(Struct, frozen=True, forbid_unknown_fields=True):
    """Nothing comes of it."""

    count: CountRef
    reason: Code
