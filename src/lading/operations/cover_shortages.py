"""Cover shortages: units that are free where something is short make up for it, and nobody gives way."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from msgspec import Struct

from lading.catalog import store as catalog
from lading.catalog.types import Location, Sku
from lading.database.pool import Transaction
from lading.inventory import store as inventory
from lading.inventory.types import Key
from lading.journal.types import Decision, Envelope, refused
from lading.operations.giving_back import Over, count_over, give_back
from lading.operations.moving_stock import UNKNOWN_LOCATION, UNKNOWN_SKU
from lading.operations.registry import Batch, Verb
from lading.operations.shelves import Shelves
from lading.shortages import rules
from lading.shortages import store as shortages
from lading.shortages.commands import CoverShortage
from lading.shortages.types import Cause, Shortage
from lading.terms.ledger import End, Event, Posting

CANNOT_COVER = (
    "cannot_cover",
    "{sku} has {free} free at {location} and {short} short: only so many can be made up for, and not {quantity}.",
)
NAMED_UNITS = ("named_units", "{sku} is kept by serial number: count it again, and what is missing is lost by name.")


class ShortageCovered(Struct, frozen=True):
    """What is left."""

    sku: str
    location: str
    covered: int
    short: int
    """Units that are still short there."""


@dataclass(slots=True)
class World:
    """Products, locations, and the rows of stock with what is short there."""

    skus: dict[str, Sku]
    locations: dict[str, Location]
    shelves: Shelves
    shortages: dict[Key, list[Shortage]]
    over: Over


async def prefetch(tx: Transaction, batch: Batch) -> World:
    """The rows of stock, locked; then what is short, and reservations whose time is over."""
    commands: list[CoverShortage] = batch.commands
    skus = await catalog.read_skus(tx, (command.sku for command in commands))
    locations = {each.code: each for each in (await catalog.read_network(tx)).locations.values()}
    keys = {
        (skus[command.sku].id, locations[command.location].id, command.lot)
        for command in commands
        if command.sku in skus and command.location in locations
    }
    rows = await inventory.stock_rows(tx, keys, lock=batch.lock)
    opened = await shortages.read_open(tx, keys)
    over = await count_over(tx, batch, rows)
    return World(skus, locations, Shelves(rows), opened, over)


def decide(world: World, batch: Batch) -> list[Decision]:
    """In order of arrival."""
    return give_back([_cover(envelope, world, batch) for envelope in batch.envelopes], world.over, batch.now)


def _cover(envelope: Envelope[CoverShortage], world: World, batch: Batch) -> Decision:
    command = envelope.command
    if command.sku not in world.skus:
        return refused(UNKNOWN_SKU, "/sku", sku=command.sku)
    if command.location not in world.locations:
        return refused(UNKNOWN_LOCATION, "/location", location=command.location)
    if world.skus[command.sku].tracking == "serial":
        return refused(NAMED_UNITS, "/sku", sku=command.sku)
    key = (world.skus[command.sku].id, world.locations[command.location].id, command.lot)
    row = world.shelves.row(key)
    free, short = row.get("available", 0), row.get("short", 0)
    quantity = min(free, short) if command.quantity is None else command.quantity
    if quantity > min(free, short) or (command.quantity is None and not quantity):
        return refused(
            CANNOT_COVER, "/quantity", free=free, short=short, sku=command.sku, location=command.location,
            quantity=quantity,
        )  # fmt: skip
    settled = rules.settle(world.shortages.get(key, ()), quantity, Cause(envelope.event_id, batch.now, False))
    postings = [_gone(key, shortage, units) for shortage, units in settled]
    world.shelves.move(postings)
    row["short"] = short - quantity
    outcome = ShortageCovered(command.sku, command.location, quantity, row["short"])
    event = Event("shortage_covered", "sku", key[0], batch.now, _told(command, key[1], quantity, settled))
    return Decision(outcome, event, postings, rows=[shortage for shortage, _ in settled])


def _gone(key: Key, shortage: Shortage, units: int) -> Posting:
    sku_id, location_id, lot = key
    target = {"damaged": End("damaged", location_id, lot), "scrapped": End("scrapped")}.get(shortage.kind, End("lost"))
    return Posting(sku_id, units, End("available", location_id, lot), target)


def _told(
    command: CoverShortage, location_id: UUID, quantity: int, settled: list[tuple[Shortage, int]]
) -> dict[str, Any]:
    return {
        "sku": command.sku, "location_id": location_id, "lot": command.lot, "quantity": quantity,
        "settled": [{"id": shortage.id, "quantity": units} for shortage, units in settled],
    }  # fmt: skip


VERB = Verb(
    noun="shortages",
    verb="cover",
    summary="Let units that are free at the place make up for what is short there.",
    command=CoverShortage,
    outcome=ShortageCovered,
    refusals=(UNKNOWN_SKU, UNKNOWN_LOCATION, NAMED_UNITS, CANNOT_COVER),
    scope="stock:write",
    event="shortage_covered",
    example={"sku": "MUG-BLUE", "location": "HAM"},
    prefetch=prefetch,
    decide=decide,
)
