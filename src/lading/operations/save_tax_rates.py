"""Save tax rates: new by place, category, code and first day, otherwise changed. What was charged by a rate stays as it was charged."""

from msgspec import Struct

from lading.database.pool import Transaction
from lading.journal.types import Decision
from lading.kernel.ids import named_id
from lading.operations.registry import Batch, Verb
from lading.taxes import store as taxes
from lading.taxes.commands import SaveTaxRate
from lading.taxes.types import RateKey, TaxRate
from lading.terms.ledger import Event


class TaxRateSaved(Struct, frozen=True):
    """The rate as it is now."""

    country: str
    region: str
    """As it is compared: capital letters, no spaces."""
    postal_prefix: str
    category: str
    code: str
    version: int


async def prefetch(tx: Transaction, batch: Batch) -> dict[RateKey, TaxRate]:
    """The rates of all keys that the batch names."""
    return await taxes.read_rates(tx, (command.key for command in batch.commands))


def decide(known: dict[RateKey, TaxRate], batch: Batch) -> list[Decision]:
    """In order of arrival; saved twice in a batch, it gets two versions."""
    return [_save(command, known, batch) for command in batch.commands]


def _save(command: SaveTaxRate, known: dict[RateKey, TaxRate], batch: Batch) -> Decision:
    key = command.key
    row = known.setdefault(key, TaxRate(*key, None, None, False, False, 0))
    row.valid_to, row.rate = command.valid_to, command.percent
    row.included, row.compound = command.included, command.compound
    row.version += 1
    data = key._asdict() | {
        "valid_to": row.valid_to, "rate": None if row.rate is None else str(row.rate), "included": row.included,
        "compound": row.compound, "version": row.version,
    }  # fmt: skip
    event = Event("tax_rate_saved", "tax_rate", named_id("tax_rate", *map(str, key)), batch.now, data)
    return Decision(TaxRateSaved(*key[:5], row.version), event, rows=[row])


VERB = Verb(
    noun="tax-rates",
    verb="save",
    summary="Say what is taxed where and how much, from a day on; without a rate it is withdrawn.",
    command=SaveTaxRate,
    outcome=TaxRateSaved,
    refusals=(),
    scope="taxes:write",
    event="tax_rate_saved",
    example={"country": "DE", "code": "VAT", "rate": "7", "included": True, "category": "books", "valid_from": "2026-01-01"},
    prefetch=prefetch,
    decide=decide,
)  # fmt: skip
