"""Units that are told apart: in which lot they lie, and which serial numbers move. For every verb that moves stock outside of orders."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Protocol
from uuid import UUID

from lading.inventory import rules
from lading.inventory.lots import Lots, Serials
from lading.inventory.types import LotRow, Serial
from lading.journal.types import Decision, refused
from lading.terms.ledger import End, place_of

LOT_REQUIRED = ("lot_required", "{sku} is kept in lots: say in which.")
SERIALS_REQUIRED = ("serials_required", "{sku} is kept by serial number: name {quantity} of them, not {named}.")
SERIALS_NOT_KEPT = ("serials_not_kept", "{sku} is not kept by serial number.")
SERIAL_TWICE = ("serial_twice", "{serial} is named twice.")
SERIAL_ELSEWHERE = ("serial_elsewhere", "{serial} of {sku} is {place}, not {expected}.")
OTHER_EXPIRY = ("other_expiry", "Lot {lot} of {sku} expires {known}, not on {said}.")


class Tracked(Protocol):
    """A product, and how its units are told apart."""

    @property
    def id(self) -> UUID: ...
    @property
    def code(self) -> str: ...
    @property
    def tracking(self) -> str: ...


REFUSALS = (LOT_REQUIRED, SERIALS_NOT_KEPT, SERIALS_REQUIRED, SERIAL_TWICE)
"""What `refuse` may say, in its order."""


def refuse(sku: Tracked, quantity: int, lot: str, serials: Sequence[str], pointer: str = "") -> Decision | None:
    """What a product's tracking demands of whoever moves units of it between buckets."""
    if sku.tracking == "lot" and not lot:
        return refused(LOT_REQUIRED, f"{pointer}/lot", sku=sku.code)
    return refuse_names(sku, quantity, serials, pointer)


def refuse_names(sku: Tracked, quantity: int, serials: Sequence[str], pointer: str = "") -> Decision | None:
    """One name for each unit where the product has serial numbers, none elsewhere."""
    if sku.tracking != "serial":
        return refused(SERIALS_NOT_KEPT, f"{pointer}/serials", sku=sku.code) if serials else None
    if len(serials) != quantity:
        return refused(SERIALS_REQUIRED, f"{pointer}/serials", sku=sku.code, quantity=quantity, named=len(serials))
    return twice(serials, pointer)


def twice(serials: Sequence[str], pointer: str = "") -> Decision | None:
    """The refusal of a name that stands there again."""
    if len(set(serials)) == len(serials):
        return None
    again = next(serial for index, serial in enumerate(serials) if serial in serials[:index])
    return refused(SERIAL_TWICE, f"{pointer}/serials", serial=again)


def elsewhere(sku: Tracked, serials: Iterable[str], source: End, known: Serials, pointer: str = "") -> Decision | None:
    """The refusal of the first serial that is not at that end: a bucket, or (an account) nowhere with us."""
    for serial in serials:
        found = known.get((sku.id, serial))
        if not _is_there(found, source):
            place = found.place if found else "unknown"
            expected = place_of(source, None) if source.location_id else "to be received"
            return refused(
                SERIAL_ELSEWHERE, f"{pointer}/serials", sku=sku.code, serial=serial,
                place=place.replace("_", " "), expected=str(expected).replace("_", " "),
            )  # fmt: skip
    return None


def _is_there(found: Serial | None, source: End) -> bool:
    if source.location_id is None:
        return found is None or rules.is_away(found)
    return found is not None and (found.place, found.location_id, found.lot) == (
        place_of(source, None),
        source.location_id,
        source.lot,
    )


def carry(sku_id: UUID, serials: Iterable[str], source: End, target: End, known: Serials) -> list[object]:
    """Move them in memory; the rows of those that nobody knew, which are born where they come from."""
    born: list[object] = []
    for name in serials:
        serial = known.get((sku_id, name))
        if serial is None:
            known[(sku_id, name)] = serial = Serial(sku_id, name, target.lot, source.bucket)
            born.append(Serial(sku_id, name, target.lot, source.bucket, stored=False))
        rules.put(serial, target)
    return born


def other_expiry(sku: Tracked, lot: str, expires_on: date | None, lots: Lots) -> Decision | None:
    """A lot has one date."""
    known = lots.get((sku.id, lot))
    if known is None or expires_on in (None, known.expires_on):
        return None
    told = f"on {known.expires_on}" if known.expires_on else "never"
    return refused(OTHER_EXPIRY, "/expires_on", sku=sku.code, lot=lot, known=told, said=expires_on)


def open_lot(sku_id: UUID, lot: str, expires_on: date | None, at: datetime, lots: Lots) -> LotRow | None:
    """The row of a lot that nobody knew; None for a known one, and where there is no lot."""
    if not lot or (sku_id, lot) in lots:
        return None
    lots[(sku_id, lot)] = new = LotRow(sku_id, lot, expires_on, at, stored=False)
    return new
