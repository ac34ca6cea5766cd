"""Tag orders: words that a merchant sorts them by."""

from dataclasses import dataclass
from uuid import UUID

from msgspec import Struct

from lading.database.pool import Transaction
from lading.journal.types import Decision, refused
from lading.operations import changing
from lading.operations.registry import Batch, Verb
from lading.orders import remarks
from lading.orders import store as orders_store
from lading.orders.commands import TAGS_MAX, TagOrder
from lading.orders.remarks import Tagging
from lading.orders.types import Numbered
from lading.terms.ledger import Event

TOO_MANY = ("too_many_tags", "Order {order} would have {count} tags; {most} are enough.")


class OrderTagged(Struct, frozen=True):
    """All tags of the order."""

    order: str
    tags: list[str]


@dataclass(slots=True)
class World:
    """The orders by what they were called, and their tags."""

    orders: dict[str, Numbered]
    tags: dict[UUID, set[str]]


async def prefetch(tx: Transaction, batch: Batch) -> World:
    """The orders, locked; nothing of them changes."""
    orders = await orders_store.find_numbered(tx, (command.order for command in batch.commands), lock=batch.lock)
    return World(orders, await remarks.read_tags(tx, {order.id for order in orders.values()}))


def decide(world: World, batch: Batch) -> list[Decision]:
    """In order of arrival."""
    return [_tag(command, world, batch) for command in batch.commands]


def _tag(command: TagOrder, world: World, batch: Batch) -> Decision:
    order = world.orders.get(command.order)
    if order is None:
        return refused(changing.UNKNOWN_ORDER, "/order", order=command.order)
    tags = world.tags.setdefault(order.id, set())
    add, remove = remarks.tags_of(command.add), remarks.tags_of(command.remove)
    after = (tags - remove) | add
    if len(after) > TAGS_MAX:
        return refused(TOO_MANY, "/add", order=str(order.number), count=len(after), most=TAGS_MAX)
    added, removed = sorted(after - tags), sorted(tags - after)
    world.tags[order.id] = after
    outcome = OrderTagged(str(order.number), sorted(after))
    if not added and not removed:
        return Decision(outcome)
    event = Event("order_tagged", "order", order.id, batch.now, {"tags": added, "tags_removed": removed})
    return Decision(outcome, event, (), (), [Tagging(order.id, added, removed)])


VERB = Verb(
    noun="orders",
    verb="tag",
    summary="Give an order tags, or take some away. Tags are kept in lower case; lists of orders are filtered by them.",
    command=TagOrder,
    outcome=OrderTagged,
    refusals=(changing.UNKNOWN_ORDER, TOO_MANY),
    scope="orders:write",
    event="order_tagged",
    example={"order": "1042", "add": ["vip", "trade fair"]},
    prefetch=prefetch,
    decide=decide,
)
