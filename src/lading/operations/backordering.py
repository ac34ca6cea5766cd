"""What is not there yet: whether it may be sold all the same, and the date that is told for it."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import Struct

from lading.catalog import store as catalog
from lading.catalog.policies import Policies
from lading.catalog.rules import days_to_promise, sold_ahead
from lading.catalog.types import Network
from lading.database.pool import Transaction
from lading.inbound import rules
from lading.inbound import store as inbound
from lading.inbound.rules import Outlook
from lading.inbound.types import Promise, Rank
from lading.journal.types import Decision, refused
from lading.operations import planning
from lading.operations.registry import Batch
from lading.orders.types import Line, Order
from lading.sourcing.ranking import promised_later

INSUFFICIENT_STOCK = (
    "insufficient_stock",
    "{missing} of {quantity} {sku} cannot be promised, and backorders are not allowed for it.",
)
BACKORDER_LIMIT = (
    "backorder_limit",
    "{missing} would have to wait beside {waiting} of the product that {waiting:waits|wait} already, and no more than {limit} may.",
)


class LinePromise(Struct, frozen=True):
    """The date told for what a line waits for."""

    line: int
    quantity: int
    promised_at: datetime | None
    """None: nobody knows yet."""


@dataclass(slots=True)
class Waiting:
    """Who waits for the products that were found short, and what is expected of them; of others nothing was read."""

    units: dict[UUID, int] = field(default_factory=dict)
    """Units that wait, by product."""
    outlooks: dict[UUID, Outlook] = field(default_factory=dict)

    def will_come(self, sku_id: UUID, quantity: int, policies: Policies, now: datetime | None) -> bool:
        """Whether the product is sold ahead and so many are there or on their way.

        Before anything was read it may be so: it is asked again under the lock.
        """
        if now is None or not sold_ahead(sku_id, policies, now):
            return False
        outlook = self.outlooks.get(sku_id)
        return outlook is None or outlook.expected >= quantity


def may_wait(
    world: Waiting, policies: Policies, channel_id: UUID | None, sku_id: UUID, units: int, now: datetime | None
) -> bool:
    """Whether orders of that channel may wait for the product; where it is sold ahead, for so many units in all."""
    allowed = policies.value("may_backorder", channel=channel_id, sku=sku_id)
    return bool(allowed) or world.will_come(sku_id, units, policies, now)


def count_waiting(
    waits: Mapping[UUID, int], waiting: dict[UUID, int], policies: Policies, pointer: str
) -> Decision | None:
    """Count units that an order would wait for among those that wait; the refusal, and none counted, where too many would."""
    for sku_id, units in waits.items():
        already = waiting.get(sku_id, 0)
        limit = policies.value("backorder_limit", sku=sku_id)
        if limit is not None and already + units > limit:
            return refused(BACKORDER_LIMIT, pointer, missing=units, waiting=already, limit=limit)
    for sku_id, units in waits.items():
        waiting[sku_id] = waiting.get(sku_id, 0) + units
    return None


async def read_waiting(
    tx: Transaction, batch: Batch, waiting: Waiting, sku_ids: Iterable[UUID], network: Network, policies: Policies
) -> bool:
    """Lock (but in a dry run) what counts the backorders of these products, then read what is expected and promised.

    False where all of it was read before.
    """
    new = set(sku_ids) - waiting.units.keys()
    if not new:
        return False
    if batch.lock:
        await inbound.lock_backlog(tx, new)
    backlog = await inbound.read_backlog(tx, new)
    waiting.units |= {sku_id: sum(units for _, units in waits) for sku_id, waits in backlog.items()}
    waiting.outlooks |= await read_outlooks(tx, batch.now, backlog, network, policies)
    return True


async def read_outlooks(
    tx: Transaction,
    now: datetime,
    waiting: Mapping[UUID, Iterable[tuple[Rank, int]]],
    network: Network,
    policies: Policies,
) -> dict[UUID, Outlook]:
    """What comes of these products, for those who wait; of products sold ahead also what is there."""
    ahead = [sku_id for sku_id in waiting if sold_ahead(sku_id, policies, now)]
    days = promised_later(await planning.read_filters(tx, policies), days_to_promise(network, policies))
    return await inbound.read_outlooks(tx, now, waiting, days, ahead)


def promise(order: Order, short: Iterable[int], world: Waiting, policies: Policies, now: datetime) -> list[Promise]:
    """What can be told for the lines that wait, each counted before the next one."""
    promises = []
    for number in short:
        line = order.lines[number]
        if outlook := world.outlooks.get(line.sku_id):
            promises.append(promise_line(order, line, outlook, policies, now))
    return promises


def promise_line(order: Order, line: Line, outlook: Outlook, policies: Policies, now: datetime) -> Promise:
    """The date for all that a line of a new order waits for, counted in the outlook."""
    new = Promise(
        order.id,
        line.number,
        line.sku_id,
        line.units["backordered"],
        order.priority,
        order.placed_at,
        order.number,
        None,
    )
    new.promised_at = foresee(new, outlook, policies, now)
    outlook.wait(new.rank, new.quantity)
    return new


def foresee(told: Promise, outlook: Outlook, policies: Policies, now: datetime) -> datetime | None:
    """The date to tell now for what was told (or not) before."""
    expected = outlook.earliest(told.rank, told.quantity)
    until = sold_ahead(told.sku_id, policies, now)
    if expected and until:
        expected = max(expected, until)
    return rules.honest(expected, told.promised_at, now)


def told(promises: Iterable[Promise]) -> list[dict[str, Any]]:
    """As events hold them."""
    return [{"line": each.line_number, "quantity": each.quantity, "promised_at": each.promised_at} for each in promises]


async def orders_to_tell(tx: Transaction, sku_ids: Collection[UUID], now: datetime) -> list[UUID]:
    """Orders that wait for these products and would be told another date now, in the order in which they are served."""
    waiting = await inbound.read_waiting(tx, sku_ids)
    if not waiting:
        return []
    network, policies = await catalog.read_setup(tx, sku_ids)
    outlooks = await read_outlooks(tx, now, by_product(waiting), network, policies)
    moved: dict[UUID, None] = {}
    for each in sorted(waiting, key=lambda each: each.rank):
        if foresee(each, outlooks[each.sku_id], policies, now) != each.promised_at:
            moved[each.order_id] = None
    return list(moved)


def by_product(waiting: Iterable[Promise]) -> dict[UUID, list[tuple[Rank, int]]]:
    """Who waits for each product."""
    found: dict[UUID, list[tuple[Rank, int]]] = {}
    for each in waiting:
        found.setdefault(each.sku_id, []).append((each.rank, each.quantity))
    return found
