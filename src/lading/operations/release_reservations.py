"""Release reservations: their units are kept no longer."""

from lading.inventory.commands import ReleaseReservation
from lading.inventory.types import Reservations
from lading.journal.types import Decision
from lading.operations import ending_reservations
from lading.operations.ending_reservations import ReservationEnded
from lading.operations.registry import Batch, Verb


def decide(known: Reservations, batch: Batch) -> list[Decision]:
    """In order of arrival; what ended before stays as it is."""
    commands: list[ReleaseReservation] = batch.commands
    return [
        ending_reservations.end("released", "reservation_released", command.reservation, known, batch.now)
        for command in commands
    ]


VERB = Verb(
    noun="reservations",
    verb="release",
    summary="Keep the units of a reservation no longer: they can be promised to others.",
    command=ReleaseReservation,
    outcome=ReservationEnded,
    refusals=(ending_reservations.UNKNOWN_RESERVATION,),
    scope="reservations:write",
    event="reservation_released",
    example={"reservation": "01980a3e-7c00-7000-8000-000000000001"},
    prefetch=ending_reservations.prefetch,
    decide=decide,
)
