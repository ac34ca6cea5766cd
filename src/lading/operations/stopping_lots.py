"""What holding, releasing and recalling a lot have in common: the lot, its status, and who has units of it."""

from dataclasses import dataclass

from msgspec import Struct

from lading.catalog import store as catalog
from lading.catalog.types import Sku
from lading.database.pool import Transaction
from lading.inventory import lots
from lading.inventory.commands import StopLot
from lading.inventory.lots import Lots
from lading.inventory.types import LotRow
from lading.journal.types import Decision, refused
from lading.operations.moving_stock import UNKNOWN_SKU
from lading.operations.registry import Batch
from lading.terms.ledger import Event

UNKNOWN_LOT = ("unknown_lot", "There is no lot {lot} of {sku}.")


class LotState(Struct, frozen=True):
    """The lot as it stands now."""

    sku: str
    lot: str
    status: str
    version: int
    changed: bool
    """False where it stood so already."""


@dataclass(slots=True)
class World:
    """Products and the lots that are named."""

    skus: dict[str, Sku]
    lots: Lots


async def prefetch(tx: Transaction, batch: Batch) -> World:
    """Products by code; their lots, locked."""
    commands: list[StopLot] = batch.commands
    skus = await catalog.read_skus(tx, (command.sku for command in commands))
    keys = {(skus[command.sku].id, command.lot) for command in commands if command.sku in skus}
    return World(skus, await lots.read_lots(tx, keys, lock=batch.lock))


def decide(command: StopLot, status: str, kind: str, world: World, batch: Batch) -> Decision:
    """Give the lot its status; nothing changes where it has it. What is promised already stays, and is not picked while it is stopped."""
    found = find(command, world)
    if isinstance(found, Decision):
        return found
    changed = found.status != status
    if not changed:
        return Decision(_state(command, found, changed=False))
    found.status, found.version = status, found.version + 1
    data = {"sku": command.sku, "lot": command.lot, "reason": command.reason, "document": command.document}
    event = Event(kind, "sku", found.sku_id, batch.now, data)
    return Decision(_state(command, found, changed=True), event, rows=[found])


def find(command: StopLot, world: World) -> LotRow | Decision:
    """The lot, or the refusal."""
    if command.sku not in world.skus:
        return refused(UNKNOWN_SKU, "/sku", sku=command.sku)
    lot = world.lots.get((world.skus[command.sku].id, command.lot))
    return lot or refused(UNKNOWN_LOT, "/lot", sku=command.sku, lot=command.lot)


def _state(command: StopLot, lot: LotRow, *, changed: bool) -> LotState:
    return LotState(command.sku, lot.lot, lot.status, lot.version, changed)
