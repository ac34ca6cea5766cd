"""Receive what was bought: whole or in part, more than was ordered within a tolerance, some of it damaged."""

from lading.catalog import store as catalog
from lading.database.pool import Transaction
from lading.inbound import rules
from lading.inbound import store as inbound
from lading.inbound.commands import ReceivedLine, ReceivePurchaseOrder
from lading.inbound.types import PurchaseLine, PurchaseOrder
from lading.inventory import store as inventory
from lading.journal.types import Decision, refused
from lading.operations import purchasing
from lading.operations.moving_stock import UNITS_MAX
from lading.operations.purchasing import PurchaseOrderChanged, World
from lading.operations.registry import Batch, Verb
from lading.terms.ledger import End, Posting

OVER_RECEIPT = (
    "over_receipt",
    "{most} more of line {line} of {purchase_order} may come, not {quantity}: change what was ordered, or over_receipt_percent.",
)

TOO_MANY_UNITS = (
    "too_many_units",
    "{location} has {there} of line {line} already; with {quantity} more it is above {most}.",
)


async def prefetch(tx: Transaction, batch: Batch) -> World:
    """The purchase orders, locked; then the stock that they land in, locked."""
    commands: list[ReceivePurchaseOrder] = batch.commands
    world = World(await inbound.load(tx, (command.purchase_order for command in commands), lock=batch.lock))
    found = {each.id: each for each in world.purchase_orders.by_ref.values()}
    sku_ids = sorted({line.sku_id for each in found.values() for line in each.lines.values()})
    world.network, world.policies = await catalog.read_setup(tx, sku_ids)
    keys = {
        (line.sku_id, line.location_id, received.lot)
        for command in commands
        if (purchase_order := world.purchase_orders.find(command.purchase_order))
        for received in command.lines
        for line in rules.family(purchase_order, received.line)
    }
    world.stock = await inventory.stock_rows(tx, keys, lock=batch.lock)
    return world


def decide(world: World, batch: Batch) -> list[Decision]:
    """In order of arrival; each receipt sees what came before it."""
    return [_receive(command, world, batch) for command in batch.commands]


def _receive(command: ReceivePurchaseOrder, world: World, batch: Batch) -> Decision:
    found = purchasing.find(world, command.purchase_order, command.expected_version)
    if isinstance(found, Decision):
        return found
    if refusal := _refuse(command, found, world):
        return refusal
    postings: list[Posting] = []
    lines = []
    for received in command.lines:
        parts = rules.spread(rules.family(found, received.line), received.quantity + received.damaged)
        damaged = received.damaged
        for line, units in parts:
            broken = min(damaged, units)
            damaged -= broken
            line.received += units
            line.damaged += broken
            into = _into(line, world)
            postings += _postings(line, received.lot, {into: units - broken, "damaged": broken}, world)
            lines.append(
                {"line": line.number, "sku_id": line.sku_id, "location_id": line.location_id, "lot": received.lot,
                 "quantity": units, "damaged": broken, "into": into}
            )  # fmt: skip
    data = {"document": command.document, "reason": "purchase", "lines": lines}
    event = purchasing.changed(found, "purchase_order_received", batch, data, command.occurred_at)
    return Decision(purchasing.outcome(found), event, postings, rows=[found])


def _refuse(command: ReceivePurchaseOrder, found: PurchaseOrder, world: World) -> Decision | None:
    coming: dict[int, int] = {}
    landing: dict[inventory.Key, int] = {}
    for index, received in enumerate(command.lines):
        family = purchasing.find_family(found, received.line, f"/lines/{index}/line")
        if isinstance(family, Decision):
            return family
        of_line = family[0].of_line
        units = received.quantity + received.damaged
        coming[of_line] = coming.get(of_line, 0) + units
        most = _most(found, of_line, world)
        if coming[of_line] > most:
            return refused(
                OVER_RECEIPT, f"/lines/{index}/quantity", purchase_order=found.name, line=received.line,
                quantity=coming[of_line], most=max(0, most),
            )  # fmt: skip
        if refusal := _refuse_landing(family[0], received, units, index, landing, world):
            return refusal
    return None


def _most(found: PurchaseOrder, of_line: int, world: World) -> int:
    family = rules.family(found, of_line)
    tolerance = world.policies.value("over_receipt_percent", location=family[0].location_id, sku=family[0].sku_id)
    return rules.most(family, tolerance)


def _refuse_landing(
    line: PurchaseLine, received: ReceivedLine, units: int, index: int, landing: dict[inventory.Key, int], world: World
) -> Decision | None:
    """A row of stock holds so much and no more."""
    key = (line.sku_id, line.location_id, received.lot)
    landing[key] = landing.get(key, 0) + units
    row = world.stock.get(key, {})
    there = max(row.values(), default=0)
    if there + landing[key] > UNITS_MAX:
        location = world.network.locations[line.location_id].code
        return refused(
            TOO_MANY_UNITS, f"/lines/{index}/quantity", location=location, there=there, line=received.line,
            quantity=landing[key], most=UNITS_MAX,
        )  # fmt: skip
    return None


def _into(line: PurchaseLine, world: World) -> str:
    into: str = world.policies.value("receive_into", location=line.location_id, sku=line.sku_id)
    return into


def _postings(line: PurchaseLine, lot: str, units: dict[str, int], world: World) -> list[Posting]:
    row = world.stock.setdefault((line.sku_id, line.location_id, lot), {})
    postings = []
    for bucket, quantity in units.items():
        if quantity:
            row[bucket] = row.get(bucket, 0) + quantity
            target = End(bucket, line.location_id, lot)
            postings.append(Posting(line.sku_id, quantity, End("supplier"), target))
    return postings


VERB = Verb(
    noun="purchase-orders",
    verb="receive",
    summary="Receive units of a purchase order, whole or in part, good and damaged ones.",
    command=ReceivePurchaseOrder,
    outcome=PurchaseOrderChanged,
    refusals=(
        purchasing.UNKNOWN_PURCHASE_ORDER, purchasing.VERSION_CONFLICT, purchasing.NOT_OPEN, purchasing.UNKNOWN_LINE,
        OVER_RECEIPT, TOO_MANY_UNITS,
    ),
    scope="purchasing:write",
    event="purchase_order_received",
    example={
        "purchase_order": "PO1042", "document": "DN-4711",
        "lines": [{"line": 1, "quantity": 118, "damaged": 2}],
    },
    prefetch=prefetch,
    decide=decide,
)  # fmt: skip
