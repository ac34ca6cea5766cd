"""Expire reservations: give back the units of those whose time is over."""

from lading.inventory.commands import ExpireReservation
from lading.inventory.types import Reservations
from lading.journal.types import Decision
from lading.operations import ending_reservations
from lading.operations.ending_reservations import ReservationEnded
from lading.operations.registry import Batch, Verb


def decide(known: Reservations, batch: Batch) -> list[Decision]:
    """In order of arrival; what ended before stays as it is."""
    commands: list[ExpireReservation] = batch.commands
    return [
        ending_reservations.end("expired", "reservation_expired", command.reservation, known, batch.now)
        for command in commands
    ]


VERB = Verb(
    noun="reservations",
    verb="expire",
    summary="Give back the units of a reservation whose time is over; they were free before, and the worker does it by itself.",
    command=ExpireReservation,
    outcome=ReservationEnded,
    refusals=(ending_reservations.UNKNOWN_RESERVATION,),
    scope="reservations:write",
    event="reservation_expired",
    example={"reservation": "01980a3e-7c00-7000-8000-000000000001"},
    prefetch=ending_reservations.prefetch,
    decide=decide,
)
