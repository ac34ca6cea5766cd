"""Place purchase orders: what was bought counts for promises by date from now on."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from msgspec import Struct

from lading.catalog import store as catalog
from lading.catalog.types import Location, Sku
from lading.database.pool import Transaction
from lading.inbound import store as inbound
from lading.inbound.commands import PlacePurchaseOrder
from lading.inbound.types import PurchaseLine, PurchaseOrder
from lading.journal.types import Decision, Envelope, refused
from lading.operations.moving_stock import UNKNOWN_LOCATION, UNKNOWN_SKU
from lading.operations.registry import Batch, Verb
from lading.terms.ledger import Event

REFERENCE_TAKEN = ("reference_taken", "{purchase_order} bears the reference {reference} already.")


class PurchaseOrderPlaced(Struct, frozen=True):
    """The purchase order as it is named from now on."""

    purchase_order_id: UUID
    purchase_order: str
    version: int
    expected: int
    """Units that shall come."""


@dataclass(slots=True)
class World:
    """Products and locations by code, and who bears the references of the batch."""

    skus: Mapping[str, Sku]
    locations: Mapping[str, Location]
    taken: dict[str, int]


async def prefetch(tx: Transaction, batch: Batch) -> World:
    """What the lines name."""
    commands: list[PlacePurchaseOrder] = batch.commands
    skus = await catalog.read_skus(tx, (line.sku for command in commands for line in command.lines))
    network = await catalog.read_network(tx)
    taken = await inbound.references_taken(tx, (command.reference for command in commands if command.reference))
    return World(skus, {location.code: location for location in network.locations.values()}, taken)


def decide(world: World, batch: Batch) -> list[Decision]:
    """In order of arrival; a reference is taken by the first one."""
    return [
        _refuse(envelope.command, world) or _place(envelope, number, world, batch)
        for envelope, number in zip(batch.envelopes, batch.numbers, strict=True)
    ]


def _refuse(command: PlacePurchaseOrder, world: World) -> Decision | None:
    if command.reference in world.taken:
        name = f"PO{world.taken[command.reference]}"
        return refused(REFERENCE_TAKEN, "/reference", purchase_order=name, reference=command.reference)
    for index, line in enumerate(command.lines):
        if line.sku not in world.skus:
            return refused(UNKNOWN_SKU, f"/lines/{index}/sku", sku=line.sku)
        if line.location not in world.locations:
            return refused(UNKNOWN_LOCATION, f"/lines/{index}/location", location=line.location)
    return None


def _place(envelope: Envelope[PlacePurchaseOrder], number: int, world: World, batch: Batch) -> Decision:
    command = envelope.command
    new = PurchaseOrder(
        envelope.fresh_id, number, command.reference, command.supplier, command.ordered_at or batch.now, stored=False
    )
    for index, line in enumerate(command.lines, 1):
        sku_id, location_id = world.skus[line.sku].id, world.locations[line.location].id
        new.lines[index] = PurchaseLine(
            new.id, index, index, None, sku_id, location_id, line.due_at, line.quantity, stored=False
        )
    if command.reference:
        world.taken[command.reference] = number
    data = {
        "number": new.name, "reference": new.reference, "supplier": new.supplier,
        "lines": [
            {"number": line.number, "sku_id": line.sku_id, "location_id": line.location_id, "due_at": line.due_at,
             "quantity": line.ordered}
            for line in new.lines.values()
        ],
    }  # fmt: skip
    event = Event("purchase_order_placed", "purchase_order", new.id, new.ordered_at, data)
    expected = sum(line.ordered for line in new.lines.values())
    return Decision(PurchaseOrderPlaced(new.id, new.name, 1, expected), event, rows=[new])


VERB = Verb(
    noun="purchase-orders",
    verb="place",
    summary="Place an order with a supplier: what is due counts for promises by date.",
    command=PlacePurchaseOrder,
    outcome=PurchaseOrderPlaced,
    refusals=(REFERENCE_TAKEN, UNKNOWN_SKU, UNKNOWN_LOCATION),
    scope="purchasing:write",
    event="purchase_order_placed",
    example={
        "supplier": "Porzellan Nord", "reference": "B-2026-77",
        "lines": [{"sku": "MUG-BLUE", "location": "HAM", "quantity": 240, "due_at": "2099-12-03T08:00:00+01:00"}],
    },
    prefetch=prefetch,
    decide=decide,
    creates=True,
    draws_numbers=True,
)  # fmt: skip
