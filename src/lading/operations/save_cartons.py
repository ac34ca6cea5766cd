"""Save cartons: new by their code, otherwise changed. Parcels that were packed keep what they were packed in."""

from uuid import UUID

from msgspec import Struct

from lading.database.pool import Transaction
from lading.journal.types import Decision, Envelope
from lading.operations.registry import Batch, Verb
from lading.packing import store as packing
from lading.packing.commands import SaveCarton
from lading.packing.types import CartonRow
from lading.terms.ledger import Event

SIDES = ("length_mm", "width_mm", "height_mm")


class CartonSaved(Struct, frozen=True):
    """The carton as it is now."""

    carton_id: UUID
    code: str
    version: int


async def prefetch(tx: Transaction, batch: Batch) -> dict[str, CartonRow]:
    """The cartons of all codes that the batch names."""
    return await packing.read_cartons(tx, (command.code for command in batch.commands), lock=batch.lock)


def decide(known: dict[str, CartonRow], batch: Batch) -> list[Decision]:
    """In order of arrival; saved twice in a batch, it gets two versions."""
    return [_save(envelope, known, batch) for envelope in batch.envelopes]


def _save(envelope: Envelope[SaveCarton], known: dict[str, CartonRow], batch: Batch) -> Decision:
    command = envelope.command
    before = known.get(command.code)
    row = before or CartonRow(envelope.fresh_id, command.code, "", 1, 1, 1, 1, 1, 1, 0, 1, 0, "", True, 0)
    known[command.code] = row
    row.name = command.name if command.name is not None else row.name or command.code
    outer = command.outer or command.inner
    for side in SIDES:
        setattr(row, f"inner_{side}", getattr(command.inner, side))
        setattr(row, f"outer_{side}", getattr(outer, side))
    row.tare_grams, row.max_grams, row.active = command.tare_grams, command.max_grams, command.active
    row.cost_minor, row.currency = command.cost.minor, command.cost.currency
    row.version += 1
    names = ("code", "name", "tare_grams", "max_grams", "cost_minor", "currency", "active", "version")
    sides = (f"{place}_{side}" for place in ("inner", "outer") for side in SIDES)
    data = {name: getattr(row, name) for name in (*names, *sides)}
    event = Event("carton_saved", "carton", row.id, batch.now, data)
    return Decision(CartonSaved(row.id, row.code, row.version), event, rows=[row])


VERB = Verb(
    noun="cartons",
    verb="save",
    summary="Say what a kind of carton measures, carries and costs.",
    command=SaveCarton,
    outcome=CartonSaved,
    refusals=(),
    scope="catalog:write",
    event="carton_saved",
    example={
        "code": "M", "inner": {"length_mm": 400, "width_mm": 300, "height_mm": 150},
        "outer": {"length_mm": 408, "width_mm": 308, "height_mm": 160}, "tare_grams": 180, "max_grams": 20000,
        "cost": {"amount": "0.70", "currency": "EUR"},
    },
    prefetch=prefetch,
    decide=decide,
)  # fmt: skip
