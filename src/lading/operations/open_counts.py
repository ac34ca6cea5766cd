"""Open counts: a snapshot of what the book says lies on the shelves that somebody shall count."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from lading.catalog import store as catalog
from lading.catalog.types import Location, Sku
from lading.counts import rules, store
from lading.counts.commands import LINES_MAX, OpenCount
from lading.counts.types import CountLine, StockCount
from lading.database.pool import Transaction
from lading.inbound import bins
from lading.inbound.bins import Contents
from lading.inventory.store import Key
from lading.journal.types import Decision, Envelope, refused
from lading.operations import counting, shelves
from lading.operations.counting import CountState
from lading.operations.moving_stock import UNKNOWN_LOCATION, UNKNOWN_SKU
from lading.operations.registry import Batch, Verb
from lading.operations.shelves import Shelves
from lading.terms.ledger import Event

REFERENCE_TAKEN = ("reference_taken", "{count} bears the reference {reference} already.")
TOO_MANY_LINES = ("too_many_lines", "More than {most} products and lots lie in {location}: count a part of them.")
ZONE_OR_SKUS = ("zone_or_skus", "Name products or a zone, not both.")
NOTHING_TO_COUNT = ("nothing_to_count", "The book says that nothing of it lies in {location}.")


@dataclass(slots=True)
class World:
    """Products, locations, references, and the rows that are counted."""

    skus: Mapping[str, Sku]
    codes: Mapping[UUID, str]
    locations: Mapping[str, Location]
    references: dict[str, int]
    at: Mapping[UUID, list[Key]]
    """By location, where all of it is counted."""
    of: Mapping[tuple[UUID, UUID], list[Key]]
    """By (SKU, location)."""
    inside: Mapping[tuple[UUID, str], list[Key]]
    """By (location, zone)."""
    shelves: Shelves
    contents: Contents
    """What lies in bins, where zones are counted."""


async def prefetch(tx: Transaction, batch: Batch) -> World:
    """Candidates without a lock; then their rows of stock, locked: the snapshot is what those hold."""
    commands: list[OpenCount] = batch.commands
    skus = await catalog.read_skus(tx, (sku for command in commands for sku in command.skus))
    network = await catalog.read_network(tx)
    locations = {location.code: location for location in network.locations.values()}
    references = await store.taken_references(tx, (command.reference for command in commands if command.reference))
    whole = {
        locations[each.location].id
        for each in commands
        if not each.skus and not each.zone and each.location in locations
    }
    pairs = {
        (skus[sku].id, locations[command.location].id)
        for command in commands
        if command.location in locations
        for sku in command.skus
        if sku in skus
    }
    at = await store.rows_at(tx, whole, LINES_MAX) if whole else {}
    zones = {(locations[each.location].id, each.zone) for each in commands if each.zone and each.location in locations}
    inside = await store.rows_in_zones(tx, zones, LINES_MAX) if zones else {}
    of = await store.rows_of(tx, pairs) if pairs else {}
    for sku in skus.values():
        if sku.tracking != "lot":
            of.update({pair: [(*pair, "")] for pair in pairs if pair[0] == sku.id and pair not in of})
    keys = {key for found in (*at.values(), *of.values(), *inside.values()) for key in found}
    codes = {sku.id: sku.code for sku in (await catalog.skus_by_id(tx, {key[0] for key in keys})).values()}
    locked = await shelves.lock_or_create(tx, keys, lock=batch.lock)
    contents = await bins.read_contents(tx, keys) if zones else {}
    return World(skus, codes, locations, references, at, of, inside, locked, contents)


def decide(world: World, batch: Batch) -> list[Decision]:
    """In order of arrival; the same reference is taken once."""
    return [
        _open(envelope, number, world, batch)
        for envelope, number in zip(batch.envelopes, batch.numbers, strict=True)
    ]  # fmt: skip


def _open(envelope: Envelope[OpenCount], number: int, world: World, batch: Batch) -> Decision:
    command = envelope.command
    if command.location not in world.locations:
        return refused(UNKNOWN_LOCATION, "/location", location=command.location)
    for index, sku in enumerate(command.skus):
        if sku not in world.skus:
            return refused(UNKNOWN_SKU, f"/skus/{index}", sku=sku)
    if command.reference in world.references:
        taken = f"C{world.references[command.reference]}"
        return refused(REFERENCE_TAKEN, "/reference", count=taken, reference=command.reference)
    location_id = world.locations[command.location].id
    if command.zone and command.skus:
        return refused(ZONE_OR_SKUS, "/zone")
    keys = _keys(command, location_id, world)
    if not keys:
        pointer = "/skus" if command.skus else "/zone" if command.zone else "/location"
        return refused(NOTHING_TO_COUNT, pointer, location=command.location)
    if len(keys) > LINES_MAX:
        return refused(TOO_MANY_LINES, "/location", location=command.location, most=LINES_MAX)
    count = StockCount(
        envelope.fresh_id, number, command.reference, location_id, command.zone, command.blind, batch.now, stored=False
    )
    for line_number, key in enumerate(keys, 1):
        held = world.contents.get(key, {})
        snapshot = bins.in_zone(held, command.zone) if command.zone else rules.book(world.shelves.row(key))
        code = world.codes[key[0]]
        count.lines[line_number] = CountLine(line_number, key[0], code, key[2], snapshot, stored=False)
    if command.reference:
        world.references[command.reference] = number
    data = {
        "count": count.name, "number": number, "reference": count.reference, "location_id": location_id, "zone": count.zone,
        "blind": count.blind,
        "lines": [
            {"line": line.number, "sku_id": line.sku_id, "sku": line.sku, "lot": line.lot}
            for line in count.lines.values()
        ],
    }  # fmt: skip
    event = Event("count_opened", "count", count.id, batch.now, data)
    return Decision(counting.state(count), event, rows=[count])


def _keys(command: OpenCount, location_id: UUID, world: World) -> list[Key]:
    if command.zone:
        found = world.inside.get((location_id, command.zone), [])
    elif not command.skus:
        found = world.at.get(location_id, [])
    else:
        ids = dict.fromkeys(world.skus[sku].id for sku in command.skus)
        found = [key for id_ in ids for key in world.of.get((id_, location_id), ())]
    return sorted(found, key=lambda key: (world.codes[key[0]], key[2]))


VERB = Verb(
    noun="counts",
    verb="open",
    summary="Open a count of products at a location, of a zone, or of all that lies there; the book is noted as it stands.",
    command=OpenCount,
    outcome=CountState,
    refusals=(UNKNOWN_LOCATION, UNKNOWN_SKU, REFERENCE_TAKEN, ZONE_OR_SKUS, NOTHING_TO_COUNT, TOO_MANY_LINES),
    scope="counts:write",
    event="count_opened",
    example={"location": "HAM", "skus": ["MUG-BLUE", "TEE-M"], "blind": True},
    prefetch=prefetch,
    decide=decide,
    creates=True,
    draws_numbers=True,
    inverse="counts.cancel",
)
