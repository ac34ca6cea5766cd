"""Correct stock: what an event posted wrongly is taken back by counter-postings, all of it or a part. Nothing is overwritten."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from msgspec import Struct

from lading.catalog import store as catalog
from lading.catalog.types import Sku
from lading.database.pool import Transaction
from lading.inventory import lots, rules
from lading.inventory import store as inventory
from lading.inventory.commands import CorrectStock
from lading.inventory.lots import Corrections, Serials
from lading.inventory.types import EventCorrection, Key
from lading.journal import store as journal
from lading.journal.store import Told
from lading.journal.types import Decision, refused
from lading.kernel.ids import sibling_id
from lading.operations import telling_apart
from lading.operations.registry import Batch, Verb
from lading.operations.shelves import Shelves
from lading.terms.ledger import Event, Posting

CORRECTABLE = ("stock_received", "stock_adjusted", "stock_moved", "stock_set", "stock_feed_applied")
"""Kinds of events that move stock beside orders, transfers and other documents: those are undone by verbs of their own."""

UNKNOWN_EVENT = ("unknown_event", "There is no event {event}.")
NOT_CORRECTABLE = ("not_correctable", "Event {event} ({what}) is not one of stock alone: undo it where it was made.")
NAME_THE_ROW = ("name_the_row", "Event {event} set many rows of stock: name the product and the location of one.")
NOT_OF_EVENT = ("not_of_event", "Event {event} moved no {sku} at {location}.")
NOTHING_MOVED = ("nothing_moved", "Event {event} moved no units: what it missed is told by a shortage.")
ALREADY_CORRECTED = ("already_corrected", "Every unit of event {event} was taken back already.")
MORE_THAN_LEFT = ("more_than_left", "{left} of event {event} can be taken back, not {quantity}.")
UNITS_GONE = ("units_gone", "{location} has {there} {sku} {bucket}, not {quantity}: the units have moved on since.")


class StockCorrected(Struct, frozen=True):
    """How much of the event was taken back, now and in all."""

    event: int
    sku: str
    quantity: int
    corrected: int
    """Units, in all."""
    moved: int
    """Units that the event moved."""


@dataclass(slots=True)
class World:
    """The events with what they posted, what was taken back of them, and the stock at hand."""

    events: dict[int, Told]
    postings: dict[UUID, list[Posting]]
    corrections: Corrections
    skus: dict[UUID, Sku]
    named: Mapping[str, Sku]
    """Products that commands name."""
    locations: Mapping[UUID, str]
    shelves: Shelves
    serials: Serials

    def posted(self, event_id: UUID, command: CorrectStock) -> list[Posting]:
        """Of the row that is named; all where none is."""
        return [
            posting
            for posting in self.postings.get(event_id, ())
            if command.sku in (None, self.skus[posting.sku_id].code)
            and command.location in (None, self.locations[_row(posting)[1]])
            and (command.sku is None or command.lot == _row(posting)[2])
        ]


def _row(posting: Posting) -> Key:
    """The row of stock that it moves units of."""
    end = next(end for end in (posting.source, posting.target) if end and end.location_id)
    assert end.location_id
    return posting.sku_id, end.location_id, end.lot


async def prefetch(tx: Transaction, batch: Batch) -> World:
    """The events and their postings; then what was taken back, the stock and the serials, locked."""
    commands: list[CorrectStock] = batch.commands
    events = await journal.events_at(tx, (command.event for command in commands))
    good = {position: event for position, event in events.items() if event.kind in CORRECTABLE}
    named = await catalog.read_skus(tx, {command.sku for command in commands if command.sku})
    wanted = [
        (sku_id, event_id)
        for command in commands
        if (event := good.get(command.event)) and (sku_id := _product(event, command, named))
        for event_id in (event.event_id, sibling_id(event.event_id, 1))
    ]
    postings = await journal.stock_postings(tx, wanted)
    skus = await catalog.skus_by_id(tx, (sku_id for sku_id, _ in wanted))
    network = await catalog.read_network(tx)
    known = await lots.read_corrections(tx, (event_id for _, event_id in wanted), lock=batch.lock)
    moved = [posting for each in postings.values() for posting in each]
    shelves = Shelves(await inventory.stock_rows(tx, {_row(posting) for posting in moved}, lock=batch.lock))
    serial = ((posting.sku_id, posting.serial) for posting in moved if posting.serial)
    serials = await lots.read_serials(tx, serial, lock=batch.lock)
    locations = {location.id: location.code for location in network.locations.values()}
    return World(events, postings, known, skus, named, locations, shelves, serials)


def _product(event: Told, command: CorrectStock, named: Mapping[str, Sku]) -> UUID | None:
    """Whose units: an event of a product says it itself."""
    if event.subject_kind == "sku":
        return event.subject_id
    return named[command.sku].id if command.sku and command.sku in named else None


def decide(world: World, batch: Batch) -> list[Decision]:
    """In order of arrival; each command sees what the earlier ones took back."""
    return [_correct(command, world, batch) for command in batch.commands]


def _correct(command: CorrectStock, world: World, batch: Batch) -> Decision:
    event = world.events.get(command.event)
    if event is None:
        return refused(UNKNOWN_EVENT, "/event", event=command.event)
    if event.kind not in CORRECTABLE:
        return refused(NOT_CORRECTABLE, "/event", event=command.event, what=event.kind)
    if event.subject_kind != "sku" and not (command.sku and command.location):
        return refused(NAME_THE_ROW, "/location" if command.sku else "/sku", event=command.event)
    posted = world.posted(event.event_id, command)
    if not posted and (command.sku or command.location):
        return refused(NOT_OF_EVENT, "/sku", event=command.event, sku=command.sku or "units", location=command.location)
    if not posted:
        return refused(NOTHING_MOVED, "/event", event=command.event)
    known = _known(event.event_id, posted, world)
    left = known.moved - known.corrected
    if not left:
        return refused(ALREADY_CORRECTED, "/event", event=command.event, moved=known.moved)
    quantity = command.quantity or left
    if quantity > left:
        return refused(MORE_THAN_LEFT, "/quantity", event=command.event, left=left, quantity=quantity)
    counter = _counter_posting(posted[0], quantity)
    if refusal := _refuse_units(counter, world):
        return refusal
    names = _names(command, posted, quantity, left, world)
    if isinstance(names, Decision):
        return names
    decision = _take_back(command, known, counter, names, world, batch)
    return _beside(decision, command, sibling_id(event.event_id, 1), quantity, world, batch)


def _known(event_id: UUID, posted: Sequence[Posting], world: World) -> EventCorrection:
    key = (event_id, _row(posted[0]))
    moved = sum(posting.quantity for posting in posted)
    return world.corrections.get(key) or EventCorrection(event_id, *key[1], moved, stored=False)


def _beside(
    decision: Decision, command: CorrectStock, event_id: UUID, quantity: int, world: World, batch: Batch
) -> Decision:
    """What was told late took back what a count had found because of it; that goes with it, for the count is still right."""
    if posted := world.posted(event_id, command):
        known = _known(event_id, posted, world)
        if units := min(quantity, known.moved - known.corrected):
            back = _take_back(command, known, _counter_posting(posted[0], units), [], world, batch)
            assert back.event
            back.event.data["beside"] = True
            decision.also = [back]
    return decision


def _counter_posting(posting: Posting, quantity: int) -> Posting:
    return posting._replace(quantity=quantity, source=posting.target, target=posting.source, serial=None)


def _refuse_units(counter: Posting, world: World) -> Decision | None:
    source = counter.source
    if source is None or source.location_id is None:
        return None
    there = world.shelves.takeable(counter.sku_id, source.location_id, source.lot, source.bucket)
    if there >= counter.quantity:
        return None
    return refused(
        UNITS_GONE, "/quantity", location=world.locations[source.location_id], there=there,
        sku=world.skus[counter.sku_id].code, bucket=source.bucket, quantity=counter.quantity,
    )  # fmt: skip


def _names(
    command: CorrectStock, posted: list[Posting], quantity: int, left: int, world: World
) -> list[str] | Decision:
    """Which units go back: those that are named, or all that the event moved where nothing of it was taken back."""
    sku, end = world.skus[posted[0].sku_id], posted[0].target
    told = [posting.serial for posting in posted if posting.serial]
    names = command.serials or (told if quantity == left == len(told) else [])
    if refusal := telling_apart.refuse_names(sku, quantity, names):
        return refusal
    if stranger := next((name for name in names if name not in told), None):
        return refused(
            telling_apart.SERIAL_ELSEWHERE, "/serials", sku=sku.code, serial=stranger, place="not of this event",
            expected="one of its units",
        )  # fmt: skip
    assert end
    return telling_apart.elsewhere(sku, names, end, world.serials) or list(names)


def _take_back(
    command: CorrectStock,
    known: EventCorrection,
    counter: Posting,
    names: list[str],
    world: World,
    batch: Batch,
) -> Decision:
    sku, source, target = world.skus[counter.sku_id], counter.source, counter.target
    assert source and target
    postings = rules.by_name(counter, names)
    world.shelves.move(postings)
    telling_apart.carry(sku.id, names, source, target, world.serials)
    known.corrected += counter.quantity
    world.corrections[known.key] = known
    data: dict[str, Any] = {
        "sku": sku.code, "corrects": known.event_id, "position": command.event, "quantity": counter.quantity,
        "reason": command.reason, "document": command.document,
        "location_id": source.location_id or target.location_id, "lot": source.lot or target.lot,
    }  # fmt: skip
    if names:
        data["serials"] = names
    told = Event("stock_corrected", "sku", sku.id, batch.now, data)
    outcome = StockCorrected(command.event, sku.code, counter.quantity, known.corrected, known.moved)
    return Decision(outcome, told, postings, (), [known])


VERB = Verb(
    noun="stock",
    verb="correct",
    summary="Take back what an event of stock posted wrongly, by counter-postings; nothing is overwritten.",
    command=CorrectStock,
    outcome=StockCorrected,
    refusals=(
        UNKNOWN_EVENT, NOT_CORRECTABLE, NAME_THE_ROW, NOT_OF_EVENT, NOTHING_MOVED, ALREADY_CORRECTED, MORE_THAN_LEFT, UNITS_GONE,
        telling_apart.SERIALS_NOT_KEPT, telling_apart.SERIALS_REQUIRED, telling_apart.SERIAL_TWICE, telling_apart.SERIAL_ELSEWHERE,
    ),
    scope="stock:write",
    event="stock_corrected",
    example={"event": 4711, "quantity": 108, "reason": "typing_error", "document": "PO-77"},
    prefetch=prefetch,
    decide=decide,
)  # fmt: skip
