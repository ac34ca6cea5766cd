"""Save parcel rates: what a carrier asks by billed weight; new by their code, otherwise changed."""

from uuid import UUID

from msgspec import Struct

from lading.database.pool import Transaction
from lading.journal.types import Decision, Envelope
from lading.operations.registry import Batch, Verb
from lading.packing import store as packing
from lading.packing.commands import SaveParcelRate
from lading.packing.types import TariffRow
from lading.terms.ledger import Event


class ParcelRateSaved(Struct, frozen=True):
    """The table as it is now."""

    parcel_rate_id: UUID
    code: str
    version: int


async def prefetch(tx: Transaction, batch: Batch) -> dict[str, TariffRow]:
    """The tables of all codes that the batch names."""
    return await packing.read_rates(tx, (command.code for command in batch.commands), lock=batch.lock)


def decide(known: dict[str, TariffRow], batch: Batch) -> list[Decision]:
    """In order of arrival; saved twice in a batch, it gets two versions."""
    return [_save(envelope, known, batch) for envelope in batch.envelopes]


def _save(envelope: Envelope[SaveParcelRate], known: dict[str, TariffRow], batch: Batch) -> Decision:
    command = envelope.command
    row = known.setdefault(command.code, TariffRow(envelope.fresh_id, command.code, "", [], None, "", [], [], True, 0))
    row.name = command.name if command.name is not None else row.name or command.code
    row.countries, row.mm3_per_gram, row.active = list(command.countries), command.mm3_per_gram, command.active
    row.currency = command.steps[0].price.currency
    row.up_to_grams = [step.up_to_grams for step in command.steps]
    row.price_minor = [step.price.minor for step in command.steps]
    row.version += 1
    names = ("code", "name", "countries", "mm3_per_gram", "currency", "up_to_grams", "price_minor", "active", "version")
    event = Event("parcel_rate_saved", "parcel_rate", row.id, batch.now, {name: getattr(row, name) for name in names})
    return Decision(ParcelRateSaved(row.id, row.code, row.version), event, rows=[row])


VERB = Verb(
    noun="parcel-rates",
    verb="save",
    summary="Say what a carrier asks for a parcel by its billed weight, where to, and how much volume counts as weight.",
    command=SaveParcelRate,
    outcome=ParcelRateSaved,
    refusals=(),
    scope="catalog:write",
    event="parcel_rate_saved",
    example={
        "code": "DE", "countries": ["DE"], "mm3_per_gram": 5000,
        "steps": [
            {"up_to_grams": 2000, "price": {"amount": "4.19", "currency": "EUR"}},
            {"up_to_grams": 5000, "price": {"amount": "5.49", "currency": "EUR"}},
            {"up_to_grams": 31500, "price": {"amount": "9.89", "currency": "EUR"}},
        ],
    },
    prefetch=prefetch,
    decide=decide,
)  # fmt: skip
