"""Save substitutes: what may be sent in place of a product that is missing."""

from dataclasses import dataclass
from uuid import UUID

from msgspec import Struct

from lading.catalog import store as catalog
from lading.catalog.commands import SaveSubstitutes
from lading.catalog.types import Sku, SubstitutesRow
from lading.database.pool import Transaction
from lading.journal.types import Decision, refused
from lading.operations.registry import Batch, Verb
from lading.terms.ledger import Event

UNKNOWN_SKU = ("unknown_sku", "There is no product {sku}.")
PUT_TOGETHER = (
    "put_together",
    "{sku} is a kit that is put together for each order: it cannot stand in for another product.",
)


class SubstitutesSaved(Struct, frozen=True):
    """What may be sent in place of it now."""

    sku_id: UUID
    sku: str
    substitutes: list[str]


@dataclass(slots=True, frozen=True)
class World:
    """The products that the batch names."""

    skus: dict[str, Sku]


async def prefetch(tx: Transaction, batch: Batch) -> World:
    """All products, locked: two saves of one product's substitutes wait for each other."""
    commands: list[SaveSubstitutes] = batch.commands
    codes = [code for each in commands for code in (each.sku, *each.substitutes)]
    return World(await catalog.lock_skus(tx, codes) if batch.lock else await catalog.read_skus(tx, codes))


def decide(world: World, batch: Batch) -> list[Decision]:
    """In order of arrival."""
    return [_refuse(command, world) or _save(command, world, batch) for command in batch.commands]


def _refuse(command: SaveSubstitutes, world: World) -> Decision | None:
    if command.sku not in world.skus:
        return refused(UNKNOWN_SKU, "/sku", sku=command.sku)
    for index, code in enumerate(command.substitutes):
        found = world.skus.get(code)
        if found is None:
            return refused(UNKNOWN_SKU, f"/substitutes/{index}", sku=code)
        if found.kit == "on_demand":
            return refused(PUT_TOGETHER, f"/substitutes/{index}", sku=code)
    return None


def _save(command: SaveSubstitutes, world: World, batch: Batch) -> Decision:
    sku = world.skus[command.sku]
    substitutes = [world.skus[code].id for code in command.substitutes]
    told = [{"sku_id": world.skus[code].id, "sku": code} for code in command.substitutes]
    event = Event("substitutes_saved", "sku", sku.id, batch.now, {"sku": sku.code, "substitutes": told})
    outcome = SubstitutesSaved(sku.id, sku.code, command.substitutes)
    return Decision(outcome, event, rows=[SubstitutesRow(sku.id, substitutes)])


VERB = Verb(
    noun="substitutes",
    verb="save",
    summary="Say what may be sent in place of a product that is missing, one for one, the best first.",
    command=SaveSubstitutes,
    outcome=SubstitutesSaved,
    refusals=(UNKNOWN_SKU, PUT_TOGETHER),
    scope="products:write",
    event="substitutes_saved",
    example={"sku": "MUG-BLUE", "substitutes": ["MUG-GREEN", "MUG-WHITE"]},
    prefetch=prefetch,
    decide=decide,
)
