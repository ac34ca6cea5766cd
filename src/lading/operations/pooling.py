"""What setting and removing pools have in common: products under their gate, and the pools that they have."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from lading.catalog import store as catalog
from lading.catalog.types import Network, Sku
from lading.database.pool import Transaction
from lading.inventory import limit_store
from lading.inventory.commands import RemovePool, SetPool
from lading.inventory.limits import Pool, Tree
from lading.operations.registry import Batch

UNKNOWN_SKU = ("unknown_sku", "There is no product {sku}.")


@dataclass(slots=True)
class World:
    """Products, channels, groups, and all pools of the products by (product, code)."""

    skus: Mapping[str, Sku]
    network: Network
    groups: Mapping[str, UUID]
    tree: Tree
    pools: dict[tuple[UUID, str], Pool]
    unlimited: set[UUID] = field(default_factory=set)
    """Products without any limit so far."""


async def read_world(tx: Transaction, batch: Batch) -> World:
    """The products, locked; those that get their first limit with all their stock, so that nobody sells past it."""
    commands: Sequence[SetPool | RemovePool] = batch.commands
    skus = await catalog.read_skus(tx, (command.sku for command in commands))
    network = await catalog.read_network(tx)
    sku_ids = {sku.id for sku in skus.values()}
    unlimited = {sku.id for sku in skus.values() if not sku.limited}
    if batch.lock:
        await limit_store.lock_for_first_limit(tx, sku_ids, unlimited)
    codes = {command.group for command in commands if isinstance(command, SetPool) and command.group}
    groups = await limit_store.read_groups(tx, codes)
    tree = await limit_store.read_tree(tx)
    return World(skus, network, groups, tree, await limit_store.read_pools(tx, sku_ids), unlimited)
