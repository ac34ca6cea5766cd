"""What releasing and expiring reservations have in common: their units go back to available."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from msgspec import Struct

from lading.database.pool import Transaction
from lading.inventory import store as inventory
from lading.inventory.types import Ended, ReservationLine, Reservations
from lading.journal.types import Decision, refused
from lading.operations import choosing_stock
from lading.operations.registry import Batch
from lading.terms.ledger import Event

UNKNOWN_RESERVATION = ("unknown_reservation", "There is no reservation {reservation}.")


class ReservationEnded(Struct, frozen=True):
    """How the reservation stands now."""

    reservation: UUID
    status: str
    """released, converted, expired; kept where its time is not over."""
    units: int
    """Units that were given back now."""


async def prefetch(tx: Transaction, batch: Batch) -> Reservations:
    """The reservations; the stock that they hold is locked first, then they themselves."""
    return await read(tx, {command.reservation for command in batch.commands}, lock=batch.lock)


async def read(tx: Transaction, wanted: Collection[UUID], *, lock: bool) -> Reservations:
    """Those reservations, and with `lock` the stock that they hold, locked before them."""
    ids = sorted(wanted)
    known = await inventory.read_reservations(tx, ids)
    if not lock or not known:
        return known
    await inventory.lock_supplies(
        tx, {line.key for lines in known.values() for line in lines if not line.ended_as and not line.is_claim}
    )
    return await inventory.read_reservations(tx, ids, lock=True)


def status(lines: list[ReservationLine]) -> str:
    """How a reservation stands: one of whose lines an order took units is converted."""
    said = {line.ended_as for line in lines}
    return next((word for word in ("converted", "released", "expired") if word in said), "kept")


def end(how: str, event: str, reservation: UUID, known: Reservations, now: datetime) -> Decision:
    """Give back what the reservation holds; where it ended before, or its time is not over, nothing changes."""
    lines = known.get(reservation)
    if lines is None:
        return refused(UNKNOWN_RESERVATION, "/reservation", reservation=reservation)
    held = [line for line in lines if line.ended_as is None and (how == "released" or line.is_over(now))]
    endings = choosing_stock.end((Ended(line, how, line.quantity) for line in held), now)
    ended = {line.id: line for line in endings.rows}
    lines[:] = [ended.get(line.id, line) for line in lines]
    outcome = ReservationEnded(reservation, status(lines), sum(line.quantity for line in held))
    if not held:
        return Decision(outcome)
    data = {"lines": _told(held), "reservations_ended": endings.told}
    said = Event(event, "reservation", reservation, now, data)
    return Decision(outcome, said, endings.postings, (), list[object](endings.rows))


def _told(lines: list[ReservationLine]) -> list[dict[str, object]]:
    return [
        {"sku_id": line.sku_id, "location_id": line.location_id, "lot": line.lot, "quantity": line.quantity}
        for line in lines
    ]
