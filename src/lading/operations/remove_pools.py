"""Remove pools: what they kept or capped is anybody's again."""

from msgspec import Struct

from lading.inventory.commands import RemovePool
from lading.journal.types import Decision, refused
from lading.operations import pooling
from lading.operations.pooling import World
from lading.operations.registry import Batch, Verb
from lading.terms.ledger import Event

UNKNOWN_POOL = ("unknown_pool", "{sku} has no pool {pool}.")


class PoolRemoved(Struct, frozen=True):
    """What is gone."""

    sku: str
    pool: str
    version: int


def decide(world: World, batch: Batch) -> list[Decision]:
    """In order of arrival; a pool that is removed already stays so."""
    return [_remove(command, world, batch) for command in batch.commands]


def _remove(command: RemovePool, world: World, batch: Batch) -> Decision:
    if command.sku not in world.skus:
        return refused(pooling.UNKNOWN_SKU, "/sku", sku=command.sku)
    sku_id = world.skus[command.sku].id
    pool = world.pools.get((sku_id, command.pool))
    if pool is None:
        return refused(UNKNOWN_POOL, "/pool", sku=command.sku, pool=command.pool)
    if not pool.active:
        return Decision(PoolRemoved(command.sku, pool.code, pool.version))
    pool.active = False
    pool.version += 1
    data = {"pool_id": pool.id, "pool": pool.code, "version": pool.version}
    outcome = PoolRemoved(command.sku, pool.code, pool.version)
    return Decision(outcome, Event("pool_removed", "sku", sku_id, batch.now, data), rows=[pool])


VERB = Verb(
    noun="pools",
    verb="remove",
    summary="Remove a pool: what it kept or capped is anybody's again.",
    command=RemovePool,
    outcome=PoolRemoved,
    refusals=(pooling.UNKNOWN_SKU, UNKNOWN_POOL),
    scope="stock:write",
    event="pool_removed",
    example={"sku": "MUG-BLUE", "pool": "web-launch"},
    prefetch=pooling.read_world,
    decide=decide,
)
