"""What placement must know for its checks. A merchant without such a policy pays for no statement; with one, for two or three a batch.

What is counted over a customer's orders is read after that customer's row was locked, and whoever places an order for the customer
locks it: so two orders at once see each other, and one of them is held.
"""

from datetime import timedelta

from lading.customers.types import customer_key
from lading.database.pool import Transaction
from lading.operations.placing import World
from lading.operations.registry import Batch
from lading.orders import store as orders
from lading.orders.checks import LOOKING_BACK, OWING, RECENT_MAX, Past
from lading.orders.commands import PlaceOrder

ACTOR = "rule:placement"
"""Who places the holds of checks."""


async def read_past(tx: Transaction, batch: Batch, world: World) -> Past:
    """What the known customers of the batch ordered lately and what they owe, where a policy asks for it."""
    past = Past()
    asked = {name for name in (*LOOKING_BACK, OWING) if world.policies.values.get(name)}
    if not asked:
        return past
    past.asked = True
    keys = {key for command in batch.commands if (key := _key(command))}
    known = sorted({world.people.customers[key] for key in keys if key in world.people.customers})
    if not known:
        return past
    if batch.lock:
        await orders.lock_customers(tx, known)
    if not asked.isdisjoint(LOOKING_BACK):
        first = min(command.placed_at or batch.now for command in batch.commands)
        since = first - timedelta(minutes=_minutes_at_most(world))
        for recent in await orders.read_recent(tx, known, since, RECENT_MAX):
            past.recent.setdefault(recent.customer_id, []).append(recent)
    if OWING in asked:
        past.owed = await orders.read_owed(tx, known)
    return past


def _key(command: PlaceOrder) -> str | None:
    return customer_key(command.customer, command.channel) if command.customer else None


def _minutes_at_most(world: World) -> int:
    """The longest time that a policy looks back, of all channels."""
    channels = (None, *world.network.channels.values())
    names = ("hold_duplicate_minutes", "orders_minutes")
    return max(world.policies.value(name, channel=channel) or 0 for name in names for channel in channels)
