"""Check availability: has what can be promised of a product crossed a level that the merchant wants to hear of?

It is told once for each crossing, whoever asks and however often: the side that was told last is a row, locked before the stock is
looked at. What nobody was told of is taken to have been enough, so that the first thing to hear of a product is that it runs low.
Of a kit that orders get put together it is what its components give.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from msgspec import Struct

from lading.catalog import store as catalog
from lading.catalog.policies import Policies
from lading.catalog.types import Component, Sku
from lading.database.pool import Transaction
from lading.inventory import store as inventory
from lading.inventory.commands import CheckAvailability
from lading.inventory.promising import Units, put_together
from lading.inventory.types import Level, Levels
from lading.journal.types import Decision, refused
from lading.operations import planning, reading_stock
from lading.operations.choosing_stock import Stock
from lading.operations.registry import Batch, Verb
from lading.sourcing.plans import NOBODY
from lading.sourcing.ranking import may_send
from lading.terms.ledger import Event

UNKNOWN_SKU = ("unknown_sku", "There is no product {sku}.")


class AvailabilityChecked(Struct, frozen=True):
    """Where the product stands."""

    sku: str
    available: int
    """Units that can be promised now, whoever orders."""
    fell_below: list[int]
    """Levels that it had and has no more, told just now."""
    reached: list[int]
    """Levels that it has again, told just now."""


@dataclass(slots=True)
class World:
    """What can be promised of each product, and what was told of it."""

    skus: Mapping[str, Sku]
    policies: Policies
    available: Mapping[UUID, int]
    levels: Levels


async def prefetch(tx: Transaction, batch: Batch) -> World:
    """What was told, locked; then the stock, unlocked: whoever moves it is followed by another check."""
    commands: list[CheckAvailability] = batch.commands
    skus = await catalog.read_skus(tx, (command.sku for command in commands))
    ids = {sku.id for sku in skus.values()}
    kit_ids = {sku.id for sku in skus.values() if sku.kit != "none"}
    components = await catalog.read_components(tx, kit_ids) if kit_ids else {}
    every = sorted(ids.union(part.sku.id for parts in components.values() for part in parts))
    network, policies = await catalog.read_setup(tx, every)
    levels = await inventory.read_levels(tx, sorted(ids), lock=batch.lock)
    unlocked = replace(batch, lock=False)
    needs = reading_stock.Needs(dict.fromkeys(every, reading_stock.EVERYTHING))
    stock, _ = await reading_stock.read_stock(tx, unlocked, needs, network, policies, lambda _: ())
    stock.plan = await planning.read_filters(tx, policies)
    units = {sku_id: _units(sku_id, stock) for sku_id in every}
    return World(
        skus, policies, {sku.id: _available(sku, units, components, policies) for sku in skus.values()}, levels
    )


def _units(sku_id: UUID, stock: Stock) -> Units:
    """What all locations can promise of it, whoever orders: claims are promises already."""
    lying: dict[UUID, int] = {}
    for shelf in stock.supplies[sku_id]:
        if shelf.location_id in stock.ranking:
            lying[shelf.location_id] = lying.get(shelf.location_id, 0) + shelf.available
    if allowance := stock.allowances.get(sku_id):
        lying = allowance.unclaimed(lying)
    if plan := stock.plan:
        lying = {id_: units for id_, units in lying.items() if may_send(plan, NOBODY, sku_id, id_, units)}
    return sum(lying.values()), lying


def _available(
    sku: Sku, units: Mapping[UUID, Units], components: Mapping[UUID, Sequence[Component]], policies: Policies
) -> int:
    """Units of the product; of a kit that is put together, as many as its components give where those are more."""
    lying = units[sku.id][0]
    if sku.kit == "none" or (sku.kit == "stocked" and not policies.value("assemble_when_short", sku=sku.id)):
        return lying
    parts = [(units[part.sku.id], part.per_kit) for part in components[sku.id]]
    together, _ = put_together(parts, whole=not policies.value("kits_in_parts", sku=sku.id))
    return max(lying, together)


def decide(world: World, batch: Batch) -> list[Decision]:
    """In order of arrival; a product that a batch names again has nothing new to tell."""
    return [_check(command, world, batch) for command in batch.commands]


def _check(command: CheckAvailability, world: World, batch: Batch) -> Decision:
    sku = world.skus.get(command.sku)
    if sku is None:
        return refused(UNKNOWN_SKU, "/sku", sku=command.sku)
    available = world.available.get(sku.id, 0)
    crossed = [level for level in _levels(sku, world) if level.reached != (available >= level.level)]
    for level in crossed:
        level.reached = not level.reached
    outcome = AvailabilityChecked(
        sku.code,
        available,
        [level.level for level in crossed if not level.reached],
        [level.level for level in crossed if level.reached],
    )
    if not crossed:
        return Decision(outcome)
    data = {"available": available, "fell_below": outcome.fell_below, "reached": outcome.reached}
    return Decision(outcome, Event("availability_crossed", "sku", sku.id, batch.now, data), rows=[*crossed])


def _levels(sku: Sku, world: World) -> list[Level]:
    """Those that the merchant wants to hear of now, as they were told last."""
    wanted: list[int] = world.policies.value("availability_levels", sku=sku.id)
    known = world.levels.setdefault(sku.id, {})
    return [known.setdefault(level, Level(sku.id, level, reached=True, stored=False)) for level in sorted(set(wanted))]


VERB = Verb(
    noun="availability",
    verb="check",
    summary="Tell by an event whether what can be promised of a product crossed one of its levels (the worker does so by itself).",
    command=CheckAvailability,
    outcome=AvailabilityChecked,
    refusals=(UNKNOWN_SKU,),
    scope="stock:write",
    event="availability_crossed",
    example={"sku": "MUG-BLUE"},
    prefetch=prefetch,
    decide=decide,
)
