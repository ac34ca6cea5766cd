"""Field types of commands: what the decoder checks before any rule sees a value."""

from datetime import UTC, datetime
from typing import Annotated, Literal

from msgspec import Meta

from lading.terms.countries import COUNTRIES

_NO_CONTROL = r"^[^\x00-\x1f\x7f\ud800-\udfff]*(?![\s\S])"

Code = Annotated[
    str, Meta(min_length=1, max_length=64, pattern=_NO_CONTROL, description="A code of the merchant's, case kept")
]
Text = Annotated[str, Meta(max_length=300, pattern=_NO_CONTROL, description="One line of text")]
Name = Annotated[
    str, Meta(min_length=1, max_length=300, pattern=_NO_CONTROL, description="One line of text, not empty")
]
Reference = Annotated[
    str, Meta(min_length=1, max_length=128, pattern=_NO_CONTROL, description="A foreign id, kept as given")
]
Note = Annotated[str, Meta(max_length=2_000, pattern=r"^[^\x00\ud800-\udfff]*(?![\s\S])", description="Free text")]
Quantity = Annotated[int, Meta(ge=1, le=100_000_000, description="Whole units")]
Count = Annotated[int, Meta(ge=0, le=100_000_000, description="Whole units, zero allowed")]
TaxCategory = Annotated[
    str, Meta(max_length=64, pattern=_NO_CONTROL, description="In the merchant's words; empty: an ordinary one")
]
Country = Annotated[
    str,
    Meta(
        pattern=f"^({'|'.join(sorted(COUNTRIES))})(?![\\s\\S])",
        description="The two capital letters of a country (ISO 3166-1; GB, not UK; XK for Kosovo), such as DE",
    ),
]
OrderRef = Annotated[
    str, Meta(min_length=1, max_length=64, pattern=_NO_CONTROL, description="Order number or id", examples=["1042"])
]
LineNumber = Annotated[int, Meta(ge=1, le=32_000, description="Number of the line in its order, from 1")]
RefundTo = Annotated[
    Literal["tenders", "store_credit"],
    Meta(description="As it was paid, or as store credit of the order's customer; by policy where it is left out"),
]
DocumentRef = Annotated[
    str,
    Meta(
        pattern=r"^[0-9]+-[FPR][0-9]+(?![\s\S])",
        max_length=32,
        description="1042-F1, 1042-P1 or 1042-R1: a document of an order",
    ),
]
NoteRef = Annotated[
    str, Meta(pattern=r"^[0-9]+-N[0-9]+(?![\s\S])", max_length=32, description="1042-N1: a note on an order")
]
AttributeValue = Annotated[str, Meta(max_length=500, pattern=_NO_CONTROL)] | int | bool
Attributes = Annotated[
    dict[Code, AttributeValue], Meta(max_length=100, description="As the merchant defined them, by code")
]
ChangedAttributes = Annotated[
    dict[Code, AttributeValue | None], Meta(max_length=100, description="As Attributes; null: it is not said any more")
]
Tag = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=40,
        pattern=r"^[^\x00-\x1f\x7f\ud800-\udfff,]*[^\s,][^\x00-\x1f\x7f\ud800-\udfff,]*(?![\s\S])",
        description="A word or a few, without a comma; kept in lower case",
    ),
]
EditRef = Annotated[
    str,
    Meta(pattern=r"^[0-9]+-E[0-9]+(?![\s\S])", max_length=32, description="1042-E1: an edit that was prepared"),
]
SerialNumber = Annotated[
    str, Meta(min_length=1, max_length=64, pattern=_NO_CONTROL, description="Serial number of one unit")
]
SerialNumbers = Annotated[
    list[SerialNumber],
    Meta(max_length=10_000, description="One for each unit, where the product is kept by serial number"),
]
Lot = Annotated[str, Meta(max_length=64, pattern=_NO_CONTROL, description="Lot, empty where there is none")]
LotName = Annotated[str, Meta(min_length=1, max_length=64, pattern=_NO_CONTROL, description="Lot")]
Position = Annotated[
    int, Meta(ge=1, le=2**63 - 1, description="Position of the event in the journal, as the ledger tells it")
]
Moment = Annotated[datetime, Meta(tz=True, description="RFC 3339 with its offset; a time without a zone is refused")]

EARLIEST, LATEST = datetime(1900, 1, 1, tzinfo=UTC), datetime(3000, 1, 1, tzinfo=UTC)
"""Moments outside of these are slips of the pen; some could not even be stored."""
