"""Save legal entities: a version more of who sells. What was issued keeps the version that it was issued under."""

from msgspec import Struct

from lading.database.pool import Transaction
from lading.invoices import store as invoices
from lading.invoices.commands import SaveLegalEntity
from lading.invoices.types import LegalEntity
from lading.journal.types import Decision
from lading.kernel.ids import named_id
from lading.operations.registry import Batch, Verb
from lading.terms.ledger import Event

FIELDS = ("code", "name", "line1", "line2", "postal_code", "city", "country", "tax_number", "footer")


class LegalEntitySaved(Struct, frozen=True):
    """The version in force now."""

    code: str
    version: int


async def prefetch(tx: Transaction, batch: Batch) -> dict[str, LegalEntity]:
    """The last versions of all codes that the batch names."""
    return await invoices.read_entities(tx, (command.code for command in batch.commands))


def decide(known: dict[str, LegalEntity], batch: Batch) -> list[Decision]:
    """In order of arrival; saved twice in a batch, it gets two versions."""
    return [_save(command, known, batch) for command in batch.commands]


def _save(command: SaveLegalEntity, known: dict[str, LegalEntity], batch: Batch) -> Decision:
    before = known.get(command.code)
    values = {name: getattr(command, name) for name in FIELDS}
    row = known[command.code] = LegalEntity(**values, version=before.version + 1 if before else 1, saved_at=batch.now)
    event = Event(
        "legal_entity_saved",
        "legal_entity",
        named_id("legal_entity", row.code),
        batch.now,
        values | {"version": row.version},
    )
    return Decision(LegalEntitySaved(row.code, row.version), event, rows=[row])


VERB = Verb(
    noun="legal-entities",
    verb="save",
    summary="Say who sells: name, address and tax number for invoices from now on.",
    command=SaveLegalEntity,
    outcome=LegalEntitySaved,
    refusals=(),
    scope="invoices:write",
    event="legal_entity_saved",
    example={
        "code": "MAIN", "name": "Example Goods Ltd", "line1": "1 Quay Street", "postal_code": "20457", "city": "Hamburg",
        "country": "DE", "tax_number": "DE123456789",
    },
    prefetch=prefetch,
    decide=decide,
)  # fmt: skip
