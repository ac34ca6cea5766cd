"""Set pools: keep units of a product for channels, or say how many they may have."""

from uuid import UUID

from msgspec import Struct

from lading.inventory.commands import SetPool
from lading.inventory.limits import ROOT, FirstLimit, Pool, overlap
from lading.journal.types import Decision, Envelope, refused
from lading.operations import pooling
from lading.operations.pooling import World
from lading.operations.registry import Batch, Verb
from lading.terms.ledger import Event

UNKNOWN_CHANNEL = ("unknown_channel", "There is no channel {channel}.")
UNKNOWN_GROUP = ("unknown_group", "There is no group of locations {group}.")
CHANNEL_POOLED = (
    "channel_pooled",
    "Channel {channel} stands in pool {pool} of {sku} already, for some of the same locations: at each location a channel has"
    " one pool of a product.",
)


class PoolSet(Struct, frozen=True):
    """The pool as it is now."""

    pool_id: UUID
    sku: str
    pool: str
    quantity: int
    taken: int
    """Units of it that orders hold."""
    version: int


def decide(world: World, batch: Batch) -> list[Decision]:
    """In order of arrival."""
    return [_refuse(envelope.command, world) or _set(envelope, world, batch) for envelope in batch.envelopes]


def _refuse(command: SetPool, world: World) -> Decision | None:
    if command.sku not in world.skus:
        return refused(pooling.UNKNOWN_SKU, "/sku", sku=command.sku)
    for index, channel in enumerate(command.channels):
        if channel not in world.network.channels:
            return refused(UNKNOWN_CHANNEL, f"/channels/{index}", channel=channel)
    if command.group is not None and command.group not in world.groups:
        return refused(UNKNOWN_GROUP, "/group", group=command.group)
    node = world.groups[command.group] if command.group else ROOT
    for other in world.pools.values():
        if (
            other.active
            and other.sku_id == world.skus[command.sku].id
            and other.code != command.pool
            and overlap(node, other.node, world.tree)
        ):
            for index, channel in enumerate(command.channels):
                if world.network.channels[channel] in other.channel_ids:
                    return refused(
                        CHANNEL_POOLED, f"/channels/{index}", channel=channel, pool=other.code, sku=command.sku
                    )
    return None


def _set(envelope: Envelope[SetPool], world: World, batch: Batch) -> Decision:
    command, sku_id = envelope.command, world.skus[envelope.command.sku].id
    pool = world.pools.setdefault(
        (sku_id, command.pool), Pool(envelope.fresh_id, sku_id, command.pool, command.kind, (), None, 0, 0)
    )
    pool.kind, pool.quantity, pool.active = command.kind, command.quantity, True
    pool.group_id = world.groups[command.group] if command.group else None
    pool.channel_ids = sorted({world.network.channels[channel] for channel in command.channels})
    pool.version += 1
    data = {
        "pool_id": pool.id, "pool": pool.code, "kind": pool.kind, "channel_ids": pool.channel_ids, "group_id": pool.group_id,
        "quantity": pool.quantity, "version": pool.version,
    }  # fmt: skip
    rows: list[object] = [pool]
    if sku_id in world.unlimited:
        world.unlimited.remove(sku_id)
        rows.append(FirstLimit(sku_id))
    outcome = PoolSet(pool.id, command.sku, pool.code, pool.quantity, pool.taken, pool.version)
    return Decision(outcome, Event("pool_set", "sku", sku_id, batch.now, data), rows=rows)


VERB = Verb(
    noun="pools",
    verb="set",
    summary="Keep units of a product for channels, or cap what they sell of it; nothing moves, it counts at every promise.",
    command=SetPool,
    outcome=PoolSet,
    refusals=(pooling.UNKNOWN_SKU, UNKNOWN_CHANNEL, UNKNOWN_GROUP, CHANNEL_POOLED),
    scope="stock:write",
    event="pool_set",
    example={"sku": "MUG-BLUE", "pool": "web-launch", "kind": "shared", "channels": ["web"], "quantity": 40},
    prefetch=pooling.read_world,
    decide=decide,
    inverse="pools.remove",
)
