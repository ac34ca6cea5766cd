"""Receive what was bought: whole or in part, more than was ordered within a tolerance, some of it damaged."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from lading.catalog import store as catalog
from lading.catalog.policies import Policies
from lading.catalog.types import Network, Sku
from lading.database.pool import Transaction
from lading.inbound import rules
from lading.inbound import store as inbound
from lading.inbound.commands import ReceivedLine, ReceivePurchaseOrder
from lading.inbound.types import PurchaseLine, PurchaseOrder
from lading.inventory import lots as lots_store
from lading.inventory import rules as stock_rules
from lading.inventory import store as inventory
from lading.inventory.lots import Lots, Serials
from lading.journal.types import Decision, refused
from lading.operations import purchasing, telling_apart, telling_late
from lading.operations.moving_stock import TOO_MANY_UNITS
from lading.operations.purchasing import PurchaseOrderChanged
from lading.operations.registry import Batch, Verb
from lading.operations.shelves import Shelves
from lading.operations.telling_late import Counted
from lading.terms.ledger import End, Posting

OVER_RECEIPT = (
    "over_receipt",
    "{most} more of line {line} of {purchase_order} may come, not {quantity}: change what was ordered, or over_receipt_percent.",
)
NOTHING_EXPECTED = ("nothing_expected", "Nothing more of {purchase_order} is expected: say which lines came.")
SUPPLIER = End("supplier")


@dataclass(slots=True)
class World(purchasing.World):
    """Purchase orders, and all that a receipt touches."""

    network: Network = field(default_factory=Network)
    policies: Policies = field(default_factory=lambda: Policies(0))
    skus: dict[UUID, Sku] = field(default_factory=dict)
    shelves: Shelves = field(default_factory=lambda: Shelves({}))
    lots: Lots = field(default_factory=dict)
    serials: Serials = field(default_factory=dict)
    counted: Counted = field(default_factory=Counted)
    """Of receipts that are told late."""


async def prefetch(tx: Transaction, batch: Batch) -> World:
    """The purchase orders, locked; then the stock that they land in, and the serials that are named, locked."""
    commands: list[ReceivePurchaseOrder] = batch.commands
    world = World(await inbound.load(tx, (command.purchase_order for command in commands), lock=batch.lock))
    sku_ids = {line.sku_id for each in world.purchase_orders.by_ref.values() for line in each.lines.values()}
    world.skus = await catalog.skus_by_id(tx, sku_ids, share=batch.lock)
    world.network, world.policies = await catalog.read_setup(tx, sorted(sku_ids))
    landing = list(_landing(world, commands))
    world.lots = await lots_store.read_lots(tx, ((line.sku_id, came.lot) for _, line, came in landing if came.lot))
    keys = {(line.sku_id, line.location_id, came.lot) for _, line, came in landing}
    world.shelves = Shelves(await inventory.stock_rows(tx, keys, lock=batch.lock))
    world.counted = await telling_late.read(
        tx, batch, (((line.sku_id, line.location_id, came.lot), at) for at, line, came in landing)
    )
    named = ((line.sku_id, name) for _, line, came in landing for name in (*came.serials, *came.damaged_serials))
    world.serials = await lots_store.read_serials(tx, named, lock=batch.lock)
    return world


def _landing(
    world: World, commands: Iterable[ReceivePurchaseOrder]
) -> Iterable[tuple[datetime | None, PurchaseLine, ReceivedLine]]:
    """With the moment that was told."""
    for command in commands:
        found = world.purchase_orders.find(command.purchase_order)
        if found is None:
            continue
        for came in _came(command, found):
            for line in rules.family(found, came.line):
                yield command.occurred_at, line, came


def _came(command: ReceivePurchaseOrder, found: PurchaseOrder) -> Sequence[ReceivedLine]:
    """The lines as told; without lines all that is expected (of the ASN that is named)."""
    asn = purchasing.asn_number(command.purchase_order)
    return command.lines or [
        ReceivedLine(line.number, line.expected)
        for line in found.lines.values()
        if line.expected and asn in (None, line.asn)
    ]


def decide(world: World, batch: Batch) -> list[Decision]:
    """In order of arrival; each receipt sees what came before it."""
    return [
        telling_late.take_back(_receive(envelope.command, world, batch), envelope, world.counted, world.shelves.rows)
        for envelope in batch.envelopes
    ]


@dataclass(slots=True)
class _Landed:
    """What a receipt makes."""

    postings: list[Posting] = field(default_factory=list)
    lines: list[dict[str, Any]] = field(default_factory=list)
    new_lots: list[dict[str, Any]] = field(default_factory=list)
    rows: list[object] = field(default_factory=list)


def _receive(command: ReceivePurchaseOrder, world: World, batch: Batch) -> Decision:
    found = purchasing.find(world, command.purchase_order, command.expected_version)
    if isinstance(found, Decision):
        return found
    came = _came(command, found)
    if not came:
        return refused(NOTHING_EXPECTED, "/lines", purchase_order=command.purchase_order)
    if refusal := _refuse(command, came, found, world):
        return refusal
    landed = _Landed()
    at = command.occurred_at or batch.now
    asn = purchasing.asn_number(command.purchase_order)
    for each in came:
        sku = world.skus[rules.family(found, each.line, asn)[0].sku_id]
        if lot := telling_apart.open_lot(sku.id, each.lot, each.expires_on, at, world.lots):
            landed.rows.append(lot)
            landed.new_lots.append({"sku_id": sku.id, "lot": lot.lot, "expires_on": lot.expires_on})
        _land(each, rules.family(found, each.line, asn), world, landed)
    data: dict[str, Any] = {"document": command.document, "reason": "purchase", "lines": landed.lines}
    if landed.new_lots:
        data["new_lots"] = landed.new_lots
    event = purchasing.changed(found, "purchase_order_received", batch, data, command.occurred_at)
    return Decision(purchasing.outcome(found), event, landed.postings, rows=[found, *landed.rows])


def _land(came: ReceivedLine, family: Sequence[PurchaseLine], world: World, landed: _Landed) -> None:
    """Good units first: those that are due first are the good ones."""
    good, serials, damaged_serials = came.quantity, list(came.serials), list(came.damaged_serials)
    for line, units in rules.spread(family, came.quantity + came.damaged):
        sound = min(good, units)
        good -= sound
        line.received += units
        line.damaged += units - sound
        into: str = world.policies.value("receive_into", location=line.location_id, sku=line.sku_id)
        for bucket, quantity, names in ((into, sound, serials), ("damaged", units - sound, damaged_serials)):
            if quantity:
                target = End(bucket, line.location_id, came.lot)
                taken = [names.pop(0) for _ in range(min(quantity, len(names)))]
                moved = Posting(line.sku_id, quantity, SUPPLIER, target)
                landed.rows += telling_apart.carry(line.sku_id, taken, SUPPLIER, target, world.serials)
                landed.postings += stock_rules.by_name(moved, taken)
                world.shelves.move([moved])
        landed.lines.append(
            {"line": line.number, "sku_id": line.sku_id, "location_id": line.location_id, "lot": came.lot,
             "quantity": units, "damaged": units - sound, "into": into}
        )  # fmt: skip


def _refuse(
    command: ReceivePurchaseOrder, came: Sequence[ReceivedLine], found: PurchaseOrder, world: World
) -> Decision | None:
    coming: dict[int, int] = {}
    landing: list[Posting] = []
    asn = purchasing.asn_number(command.purchase_order)
    if asn is not None and asn not in found.asns:
        return refused(purchasing.UNKNOWN_ASN, "/purchase_order", asn=command.purchase_order)
    for index, each in enumerate(came):
        pointer = f"/lines/{index}"
        family = rules.family(found, each.line, asn)
        if not family:
            name = command.purchase_order if asn else found.name
            return refused(purchasing.UNKNOWN_LINE, f"{pointer}/line", purchase_order=name, line=each.line)
        line, units = family[0], each.quantity + each.damaged
        coming[line.of_line] = coming.get(line.of_line, 0) + units
        most = _most(found, line, world)
        if coming[line.of_line] > most:
            return refused(
                OVER_RECEIPT, f"{pointer}/quantity", purchase_order=found.name, line=each.line,
                quantity=coming[line.of_line], most=max(0, most),
            )  # fmt: skip
        if refusal := _refuse_names(each, world.skus[line.sku_id], world, pointer):
            return refusal
        landing.append(Posting(line.sku_id, units, SUPPLIER, End("available", line.location_id, each.lot)))
        landing.append(Posting(line.sku_id, units, SUPPLIER, End("damaged", line.location_id, each.lot)))
    if refusal := telling_apart.twice([name for each in came for name in (*each.serials, *each.damaged_serials)]):
        return refusal
    codes = {sku.id: sku.code for sku in world.skus.values()}
    places = {location.id: location.code for location in world.network.locations.values()}
    return world.shelves.refuse(landing, codes, places, "/lines")


def _refuse_names(came: ReceivedLine, sku: Sku, world: World, pointer: str) -> Decision | None:
    names = [*came.serials, *came.damaged_serials]
    return (
        telling_apart.refuse(sku, came.quantity, came.lot, came.serials, pointer)
        or telling_apart.refuse(sku, came.damaged, came.lot, came.damaged_serials, pointer)
        or telling_apart.other_expiry(sku, came.lot, came.expires_on, world.lots)
        or telling_apart.elsewhere(sku, names, SUPPLIER, world.serials, pointer)
    )


def _most(found: PurchaseOrder, line: PurchaseLine, world: World) -> int:
    tolerance = world.policies.value("over_receipt_percent", location=line.location_id, sku=line.sku_id)
    return rules.most(rules.family(found, line.of_line), tolerance)


VERB = Verb(
    noun="purchase-orders",
    verb="receive",
    summary="Receive units of a purchase order or an ASN, whole or in part, good and damaged ones.",
    command=ReceivePurchaseOrder,
    outcome=PurchaseOrderChanged,
    refusals=(
        purchasing.UNKNOWN_PURCHASE_ORDER, purchasing.VERSION_CONFLICT, purchasing.NOT_OPEN, NOTHING_EXPECTED,
        purchasing.UNKNOWN_ASN, purchasing.UNKNOWN_LINE, OVER_RECEIPT, *telling_apart.REFUSALS, telling_apart.OTHER_EXPIRY,
        telling_apart.SERIAL_ELSEWHERE, TOO_MANY_UNITS,
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
