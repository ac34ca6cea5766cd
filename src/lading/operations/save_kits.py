"""Save kits: what a product is made of."""

from dataclasses import dataclass
from uuid import UUID

from msgspec import Struct

from lading.catalog import store as catalog
from lading.catalog.commands import SaveKit
from lading.catalog.types import KitRow, Sku
from lading.database.pool import Transaction
from lading.journal.types import Decision, refused
from lading.operations.registry import Batch, Verb
from lading.terms.ledger import Event

UNKNOWN_SKU = ("unknown_sku", "There is no product {sku}.")
OF_ITSELF = ("component_of_itself", "{sku} cannot be made of itself.")
COMPONENT_IS_KIT = ("component_is_kit", "{component} is a kit itself: name what it is made of.")
IS_COMPONENT = ("is_component", "{sku} is a component of the kit {kit}: a kit is not made of kits.")


class KitSaved(Struct, frozen=True):
    """The kit as it is now."""

    sku_id: UUID
    sku: str
    kit: str
    """none, on_demand, stocked"""
    components: int


@dataclass(slots=True)
class World:
    """The products that the batch names, and which of them kits are made of. Rules keep both up to date."""

    skus: dict[str, Sku]
    kinds: dict[UUID, str]
    """The kind of kit by product."""
    users: dict[UUID, dict[UUID, str]]
    """The kits (id to code) that products are components of."""
    made_of: dict[UUID, list[UUID]]
    """The components of those kits."""


async def prefetch(tx: Transaction, batch: Batch) -> World:
    """Kits and components, locked: two saves that would make kits of kits wait for each other."""
    commands: list[SaveKit] = batch.commands
    codes = [code for each in commands for code in (each.sku, *(component.sku for component in each.components))]
    skus = await catalog.lock_skus(tx, codes) if batch.lock else await catalog.read_skus(tx, codes)
    users = await catalog.kits_made_of(tx, (skus[each.sku].id for each in commands if each.sku in skus))
    made_of: dict[UUID, list[UUID]] = {}
    for sku_id, kits in users.items():
        for kit_id in kits:
            made_of.setdefault(kit_id, []).append(sku_id)
    return World(skus, {sku.id: sku.kit for sku in skus.values()}, users, made_of)


def decide(world: World, batch: Batch) -> list[Decision]:
    """In order of arrival."""
    return [_refuse(command, world) or _save(command, world, batch) for command in batch.commands]


def _refuse(command: SaveKit, world: World) -> Decision | None:
    sku = world.skus.get(command.sku)
    if sku is None:
        return refused(UNKNOWN_SKU, "/sku", sku=command.sku)
    for index, component in enumerate(command.components):
        where = f"/components/{index}/sku"
        found = world.skus.get(component.sku)
        if found is None:
            return refused(UNKNOWN_SKU, where, sku=component.sku)
        if found.id == sku.id:
            return refused(OF_ITSELF, where, sku=command.sku)
        if world.kinds[found.id] != "none":
            return refused(COMPONENT_IS_KIT, where, component=component.sku)
    if command.components and (users := world.users.get(sku.id)):
        return refused(IS_COMPONENT, "/sku", sku=command.sku, kit=min(users.values()))
    return None


def _save(command: SaveKit, world: World, batch: Batch) -> Decision:
    sku = world.skus[command.sku]
    components = [(world.skus[each.sku].id, each.per_kit, each.price) for each in command.components]
    kind = ("stocked" if command.stocked else "on_demand") if components else "none"
    world.kinds[sku.id] = kind
    for sku_id in world.made_of.get(sku.id, ()):
        world.users[sku_id].pop(sku.id)
    world.made_of[sku.id] = [sku_id for sku_id, _, _ in components]
    for sku_id in world.made_of[sku.id]:
        world.users.setdefault(sku_id, {})[sku.id] = sku.code
    data = {
        "sku": sku.code, "kit": kind,
        "components": [
            {"sku_id": sku_id, "per_kit": per_kit, "list_price": None if price is None else str(price)}
            for sku_id, per_kit, price in components
        ],
    }  # fmt: skip
    event = Event("kit_saved", "sku", sku.id, batch.now, data)
    outcome = KitSaved(sku.id, sku.code, kind, len(components))
    return Decision(outcome, event, rows=[KitRow(sku.id, kind, components)])


VERB = Verb(
    noun="kits",
    verb="save",
    summary="Say what a product is made of: a kit is put together for each order, or made ahead and sold from stock.",
    command=SaveKit,
    outcome=KitSaved,
    refusals=(UNKNOWN_SKU, OF_ITSELF, COMPONENT_IS_KIT, IS_COMPONENT),
    scope="products:write",
    event="kit_saved",
    example={
        "sku": "TEA-SET",
        "components": [
            {"sku": "POT-1L", "list_price": "30.00"},
            {"sku": "CUP-BLUE", "per_kit": 4, "list_price": "5.00"},
        ],
    },
    prefetch=prefetch,
    decide=decide,
)
