"""Put stock away: into a bin, from the floor or from another bin. What can be promised stays as it is."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from msgspec import Struct

from lading.catalog import store as catalog
from lading.catalog.types import Network, Sku
from lading.database.pool import Transaction
from lading.inbound import bins
from lading.inbound.bins import Bin, BinPosting, Contents, Key
from lading.inbound.commands import PutAway
from lading.inventory import store as inventory
from lading.journal.types import Decision, Envelope, refused
from lading.operations.moving_stock import UNKNOWN_LOCATION, UNKNOWN_SKU
from lading.operations.registry import Batch, Verb
from lading.terms.ledger import Event

UNKNOWN_BIN = ("unknown_bin", "{location} has no bin {bin}.")
INACTIVE_BIN = ("inactive_bin", "Nothing is put into {bin} any more.")
SAME_BIN = ("same_bin", "They lie in {bin} already.")
NOT_IN_BIN = ("not_in_bin", "{there} {sku} {there:lies|lie} {place}, not {quantity}.")


class PutIntoBin(Struct, frozen=True):
    """What lies where now."""

    sku: str
    location: str
    bin: str
    quantity: int
    """Units in the bin now (this lot)."""
    on_floor: int
    """Units (this lot) that are in no bin."""


@dataclass(slots=True)
class World:
    """What the batch names, the rows of stock, locked, and what lies in their bins."""

    skus: Mapping[str, Sku]
    network: Network
    bins: dict[tuple[UUID, str], Bin]
    rows: dict[Key, dict[str, int]]
    contents: Contents


async def prefetch(tx: Transaction, batch: Batch) -> World:
    """The rows of stock first: who holds them keeps their bins as they are."""
    commands: list[PutAway] = batch.commands
    skus = await catalog.read_skus(tx, (command.sku for command in commands))
    network = await catalog.read_network(tx)
    keys = {key for command in commands if (key := _key(command, skus, network))}
    places = {(key[1], code) for each in commands if (key := _key(each, skus, network)) for code in _named(each)}
    rows = await inventory.stock_rows(tx, keys, lock=batch.lock)
    known = await bins.read_bins(tx, places, lock=batch.lock)
    return World(skus, network, known, rows, await bins.read_contents(tx, keys))


def _named(command: PutAway) -> list[str]:
    return [command.bin, command.from_bin] if command.from_bin else [command.bin]


def _key(command: PutAway, skus: Mapping[str, Sku], network: Network) -> Key | None:
    location = network.location_by_code(command.location)
    sku = skus.get(command.sku)
    return (sku.id, location.id, command.lot) if sku and location else None


def decide(world: World, batch: Batch) -> list[Decision]:
    """In order of arrival; each sees what the earlier ones left."""
    return [_refuse(envelope.command, world) or _put(envelope, world, batch) for envelope in batch.envelopes]


def _refuse(command: PutAway, world: World) -> Decision | None:
    if command.sku not in world.skus:
        return refused(UNKNOWN_SKU, "/sku", sku=command.sku)
    key = _key(command, world.skus, world.network)
    if key is None:
        return refused(UNKNOWN_LOCATION, "/location", location=command.location)
    for field, code in (("bin", command.bin), ("from_bin", command.from_bin)):
        if code and (key[1], code) not in world.bins:
            return refused(UNKNOWN_BIN, f"/{field}", location=command.location, bin=code)
    if not world.bins[(key[1], command.bin)].active:
        return refused(INACTIVE_BIN, "/bin", bin=command.bin)
    if command.from_bin == command.bin:
        return refused(SAME_BIN, "/from_bin", bin=command.bin)
    there = world.contents.get(key, {}).get(command.from_bin, 0) if command.from_bin else _on_floor(key, world)
    if there < command.quantity:
        place = f"in bin {command.from_bin}" if command.from_bin else "on the floor"
        return refused(NOT_IN_BIN, "/quantity", there=there, sku=command.sku, place=place, quantity=command.quantity)
    return None


def _on_floor(key: Key, world: World) -> int:
    return bins.on_floor(world.rows.get(key, {}), world.contents.get(key, {}))


def _put(envelope: Envelope[PutAway], world: World, batch: Batch) -> Decision:
    command = envelope.command
    key = _key(command, world.skus, world.network)
    assert key is not None
    contents = world.contents.setdefault(key, {})
    if command.from_bin:
        contents[command.from_bin] -= command.quantity
    contents[command.bin] = contents.get(command.bin, 0) + command.quantity
    data = {
        "sku": command.sku, "location_id": key[1], "lot": command.lot, "from_bin": command.from_bin, "bin": command.bin,
        "quantity": command.quantity,
    }  # fmt: skip
    moved = BinPosting(envelope.event_id, *key, command.from_bin, command.bin, command.quantity, key[0])
    event = Event("stock_put_away", "sku", key[0], command.occurred_at or batch.now, data)
    outcome = PutIntoBin(command.sku, command.location, command.bin, contents[command.bin], _on_floor(key, world))
    return Decision(outcome, event, rows=[moved])


VERB = Verb(
    noun="stock",
    verb="put-away",
    summary="Put units into a bin, from the floor or from another bin; what can be promised stays as it is.",
    command=PutAway,
    outcome=PutIntoBin,
    refusals=(UNKNOWN_SKU, UNKNOWN_LOCATION, UNKNOWN_BIN, INACTIVE_BIN, SAME_BIN, NOT_IN_BIN),
    scope="stock:write",
    event="stock_put_away",
    example={"sku": "MUG-BLUE", "location": "HAM", "bin": "A-03-2", "quantity": 24},
    prefetch=prefetch,
    decide=decide,
)
