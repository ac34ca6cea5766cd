"""Save postal codes: where they lie on the map, so that rules of sourcing know what is near."""

from msgspec import Struct

from lading.database.pool import Transaction
from lading.journal.types import Decision
from lading.kernel.ids import named_id
from lading.operations.registry import Batch, Verb
from lading.sourcing import store as sourcing
from lading.sourcing.commands import SavePostalCodes
from lading.sourcing.geography import postal_key
from lading.sourcing.store import Area
from lading.terms.ledger import Event


class PostalCodesSaved(Struct, frozen=True):
    """How many are on the map now that were not, or lie elsewhere."""

    country: str
    changed: int


async def prefetch(tx: Transaction, batch: Batch) -> dict[tuple[str, str], tuple[float, float]]:
    """Those that are known, locked."""
    commands: list[SavePostalCodes] = batch.commands
    keys = {(command.country, postal_key(each.postal_code)) for command in commands for each in command.areas}
    return await sourcing.read_areas(tx, keys, lock=batch.lock)


def decide(known: dict[tuple[str, str], tuple[float, float]], batch: Batch) -> list[Decision]:
    """In order of arrival; only what changes is told."""
    return [_save(command, known, batch) for command in batch.commands]


def _save(command: SavePostalCodes, known: dict[tuple[str, str], tuple[float, float]], batch: Batch) -> Decision:
    changed: dict[str, Area] = {}
    for each in command.areas:
        key = (command.country, postal_key(each.postal_code))
        at = (each.latitude, each.longitude)
        if known.get(key) != at:
            known[key] = at
            changed[key[1]] = Area(*key, *at)
    outcome = PostalCodesSaved(command.country, len(changed))
    if not changed:
        return Decision(outcome)
    told = [[row.code, row.latitude, row.longitude] for row in changed.values()]
    data = {"country": command.country, "areas": told}
    event = Event("postal_codes_saved", "country", named_id("country", command.country), batch.now, data)
    return Decision(outcome, event, rows=list(changed.values()))


VERB = Verb(
    noun="postal-codes",
    verb="save",
    summary="Say where postal codes of a country lie, up to 1,000 at once; what is known of a beginning serves all that begin so.",
    command=SavePostalCodes,
    outcome=PostalCodesSaved,
    refusals=(),
    scope="catalog:write",
    event="postal_codes_saved",
    example={"country": "DE", "areas": [{"postal_code": "20457", "latitude": 53.5413, "longitude": 9.9871}]},
    prefetch=prefetch,
    decide=decide,
)
