"""Which units come back with a return: the lot of a line's units, and their names where they have names."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple
from uuid import UUID

from lading.catalog import store as catalog
from lading.catalog.types import Sku
from lading.database.pool import Transaction
from lading.fulfillment import store as fulfillment
from lading.fulfillment.store import WorkByOrder
from lading.inventory import lots
from lading.inventory.lots import Serials
from lading.journal.types import Decision, refused
from lading.operations import naming, telling_apart
from lading.operations.registry import Batch
from lading.orders.types import Order
from lading.returns.types import ReturnLine

LOT_REQUIRED = ("lot_required", "{sku} is kept in lots: say in which of {lots} the units of line {line} came back.")
LOT_NOT_SENT = ("lot_not_sent", "No units of lot {lot} were sent for line {line}.")
OTHER_LOT = (
    "received_in_other_lot",
    "Units of line {line} came back in another lot: request a return for each lot.",
)
REFUSALS = (
    LOT_REQUIRED,
    LOT_NOT_SENT,
    OTHER_LOT,
    naming.NO_NAMES,
    naming.NOT_NAMED,
    telling_apart.SERIAL_TWICE,
    naming.NOT_HERE,
)
_WITH_CUSTOMER = ("in_transit", "delivered")


class Said(NamedTuple):
    """What a command says of units of a line."""

    quantity: int
    names: Sequence[str]
    lots: Sequence[str] = ()


class Came(NamedTuple):
    """What came back of a line."""

    lot: str = ""
    serials: tuple[str, ...] = ()


@dataclass(slots=True)
class Tracking:
    """Products of a batch whose units are told apart, what was sent of them, and their serials; empty where there are none."""

    skus: dict[UUID, Sku] = field(default_factory=dict)
    work: WorkByOrder = field(default_factory=dict)
    serials: Serials = field(default_factory=dict)

    def lots_sent(self, order: Order, line_number: int) -> set[str]:
        """The lots that were allocated to the line."""
        work = self.work.get(order.id)
        return {each.lot for each in work.allocations if each.line_number == line_number} if work else set()


async def read(tx: Transaction, lines: Iterable[tuple[Order, int]]) -> Tracking:
    """What is known of the products of these lines; one statement where none of them is told apart."""
    named = [(order, order.lines[number].sku_id) for order, number in lines if number in order.lines]
    skus = await catalog.skus_by_id(tx, (sku_id for _, sku_id in named))
    tracking = Tracking({id_: sku for id_, sku in skus.items() if sku.tracking != "none"})
    if tracking.skus:
        tracking.work = await fulfillment.read_work(
            tx, sorted({order.id for order, sku_id in named if sku_id in tracking.skus})
        )
    return tracking


async def lock_serials(tx: Transaction, batch: Batch, tracking: Tracking) -> None:
    """The serials of the orders, locked after the stock; no statement where there are none."""
    if any(sku.tracking == "serial" for sku in tracking.skus.values()):
        keys = await lots.serials_of_orders(tx, tracking.work)
        tracking.serials = await lots.read_serials(tx, keys, lock=batch.lock)


def came(
    order: Order,
    line_number: int,
    said: Said,
    returned: ReturnLine | None,
    tracking: Tracking,
    *,
    sent_back: bool,
    pointer: str,
) -> Came | Decision:
    """The lot and the names of units that are received, or why that cannot be."""
    sku = tracking.skus.get(order.lines[line_number].sku_id)
    if sku is None:
        return refused(naming.NO_NAMES, pointer, line=line_number) if said.names else Came()
    if sku.tracking == "serial":
        places = ("sent_back",) if sent_back else _WITH_CUSTOMER
        if refusal := _refuse_names(order, line_number, sku, said, places, tracking, pointer):
            return refusal
        found = {tracking.serials[(sku.id, name)].lot for name in said.names}
    else:
        sent = tracking.lots_sent(order, line_number)
        found = {lot for lot in said.lots if lot}
        if not found and len(sent) != 1:
            return refused(
                LOT_REQUIRED, pointer, sku=sku.code, line=line_number, lots=", ".join(sorted(sent)) or "which"
            )
        found = found or sent
        if strangers := found - sent:
            return refused(LOT_NOT_SENT, pointer, line=line_number, lot=min(strangers))
    before = {returned.lot} if returned and returned.received else set()
    if len(found | before) > 1:
        return refused(OTHER_LOT, pointer, line=line_number)
    return Came(found.pop(), tuple(said.names))


def refuse_disposed(
    order: Order, returned: ReturnLine, said: Said, tracking: Tracking, pointer: str
) -> Decision | None:
    """Whoever says what becomes of received units that have names says of which."""
    sku = tracking.skus.get(returned.sku_id)
    if sku is None or sku.tracking != "serial":
        return refused(naming.NO_NAMES, pointer, line=returned.line_number) if said.names else None
    return _refuse_names(order, returned.line_number, sku, said, ("quality_hold",), tracking, pointer)


def _refuse_names(
    order: Order,
    line_number: int,
    sku: Sku,
    said: Said,
    places: Sequence[str],
    tracking: Tracking,
    pointer: str,
) -> Decision | None:
    if len(said.names) != said.quantity:
        return refused(naming.NOT_NAMED, pointer, line=line_number, quantity=said.quantity, named=len(said.names))
    if refusal := telling_apart.twice(said.names, pointer):
        return refusal
    for name in said.names:
        serial = tracking.serials.get((sku.id, name))
        if (
            serial is None
            or serial.place not in places
            or (serial.order_id, serial.line_number) != (order.id, line_number)
        ):
            place = " or ".join(places).replace("_", " ")
            return refused(naming.NOT_HERE, pointer, serial=name, line=line_number, place=place)
    return None


def rows(lines: Iterable[tuple[Order, int, str, UUID]], tracking: Tracking) -> set[tuple[UUID, UUID, str]]:
    """The rows of stock that units of these (order, line, lot that was said, location) may reach."""
    keys = set()
    for order, number, lot, location_id in lines:
        sku_id = order.lines[number].sku_id
        keys |= {(sku_id, location_id, each) for each in {lot} | tracking.lots_sent(order, number) | {""}}
    return keys
