"""Extend reservations: keep their units longer."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from msgspec import Struct

from lading.catalog import store as catalog
from lading.catalog.policies import Policies
from lading.database.pool import Transaction
from lading.inventory import limit_store
from lading.inventory import store as inventory
from lading.inventory.commands import ExtendReservation
from lading.inventory.types import Reservations
from lading.journal.types import Decision, refused
from lading.operations import ending_reservations
from lading.operations.registry import Batch, Verb
from lading.operations.reserve_reservations import expiry
from lading.terms.ledger import Event

RESERVATION_OVER = (
    "reservation_over",
    "Reservation {reservation} ended or its time is over: its units may be somebody else's by now. Reserve again.",
)


class ReservationExtended(Struct, frozen=True):
    """Until when the units are kept now."""

    reservation: UUID
    expires_at: datetime


@dataclass(slots=True)
class World:
    """The reservations, and how long such are kept."""

    known: Reservations
    policies: Policies


async def prefetch(tx: Transaction, batch: Batch) -> World:
    """The reservations, locked; no stock moves. Who extends claims holds the gate: others may count them as over just now."""
    ids = sorted({command.reservation for command in batch.commands})
    known = await inventory.read_reservations(tx, ids)
    if batch.lock:
        if claims := {line.sku_id for lines in known.values() for line in lines if line.is_claim}:
            await limit_store.lock_gate(tx, claims)
        known = await inventory.read_reservations(tx, ids, lock=True)
    _, policies = await catalog.read_setup(tx, ())
    return World(known, policies)


def decide(world: World, batch: Batch) -> list[Decision]:
    """In order of arrival."""
    return [_extend(command, world, batch.now) for command in batch.commands]


def _extend(command: ExtendReservation, world: World, now: datetime) -> Decision:
    """What is over is not kept again, even where its units are still there: whoever reads counts them as free."""
    lines = world.known.get(command.reservation)
    if lines is None:
        return refused(ending_reservations.UNKNOWN_RESERVATION, "/reservation", reservation=command.reservation)
    if any(line.ended_as or line.is_over(now) for line in lines):
        return refused(RESERVATION_OVER, "/reservation", reservation=command.reservation)
    expires_at = expiry(now, command.seconds, lines[0].channel_id, world.policies)
    if expires_at <= lines[0].expires_at:
        return Decision(ReservationExtended(command.reservation, lines[0].expires_at))
    lines[:] = [line._replace(expires_at=expires_at) for line in lines]
    event = Event("reservation_extended", "reservation", command.reservation, now, {"expires_at": expires_at})
    return Decision(ReservationExtended(command.reservation, expires_at), event, (), (), list[object](lines))


VERB = Verb(
    noun="reservations",
    verb="extend",
    summary="Keep the units of a reservation longer, counted from now.",
    command=ExtendReservation,
    outcome=ReservationExtended,
    refusals=(ending_reservations.UNKNOWN_RESERVATION, RESERVATION_OVER),
    scope="reservations:write",
    event="reservation_extended",
    example={"reservation": "01980a3e-7c00-7000-8000-000000000001", "seconds": 900},
    prefetch=prefetch,
    decide=decide,
)
