"""Record counts: what somebody found on the shelves, compared with the book of that moment."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from msgspec import Struct

from lading.catalog import store as catalog
from lading.catalog.types import Sku
from lading.counts import rules, store
from lading.counts.commands import LINES_MAX, CountedUnits, RecordCount
from lading.counts.store import Part
from lading.counts.types import CountLine, Counts, Entry, StockCount
from lading.database.pool import Transaction
from lading.inbound import bins
from lading.inbound.bins import Contents
from lading.inventory import lots
from lading.inventory.lots import Lots
from lading.inventory.store import Key
from lading.journal.types import Decision, Envelope, refused
from lading.kernel.ids import ZERO, dated_id, day_before
from lading.operations import counting, shelves, telling_apart
from lading.operations.registry import Batch, Verb
from lading.operations.shelves import Shelves
from lading.shortages import store as shortages

NAME_ONE = ("name_one", "Name a product by its code or by a scanned barcode: one of the two.")
UNKNOWN_SKU = ("unknown_sku", "There is no product {sku}.")
UNKNOWN_LOT = ("unknown_lot", "There is no lot {lot} of {sku}: receive it first.")
LOT_NEEDED = ("lot_needed", "{sku} is kept in lots: say which.")
WRONG_TIME = ("wrong_time", "{count} was opened at {opened}: it was counted between then and now.")
TOO_MANY_LINES = ("too_many_lines", "{count} would have more than {most} lines: open another one.")

COUNTED_MAX = 100_000_000
TOO_MANY_UNITS = ("too_many_units", "More than {most} of {sku} cannot be counted: look at that number again.")


class CountedLine(Struct, frozen=True):
    """What is known of a line now."""

    line: int
    sku: str
    lot: str
    passed: int
    counted: int
    expected: int | None
    """What the book said at that moment; not told in a blind count."""
    variance: int | None
    """Counted less expected; not told in a blind count."""


class CountRecorded(Struct, frozen=True):
    """The lines that were counted, and where the count stands."""

    count: str
    version: int
    uncounted: int
    lines: list[CountedLine]


@dataclass(slots=True)
class World:
    """Counts, products by code and by barcode, rows of stock, and what moved since people counted."""

    counts: Counts
    skus: Mapping[str, Sku]
    scanned: Mapping[str, Sku]
    shelves: Shelves
    moved: Mapping[tuple[Key, datetime], int]
    missing: Mapping[tuple[Key, datetime], int] = field(default_factory=dict)
    """What the book knows to be missing where was counted at a moment."""
    lots: Lots = field(default_factory=dict)
    contents: Contents = field(default_factory=dict)
    """What lies in bins, where zones are counted."""
    moved_in_zones: Mapping[tuple[Part, datetime], int] = field(default_factory=dict)
    names: Mapping[Key, list[str]] = field(default_factory=dict)
    """Of units on shelves now, where names were told."""
    names_then: Mapping[tuple[Key, datetime], list[str]] = field(default_factory=dict)
    """Of units on shelves when somebody counted."""

    def book(self, count: StockCount, key: Key, counted_at: datetime | None) -> int:
        """What it says of the shelf, or of the zone, at that moment."""
        if count.zone is None:
            moved = self.moved.get((key, counted_at), 0) if counted_at else 0
            return rules.book(self.shelves.row(key)) - moved
        moved = self.moved_in_zones.get(((*key, count.zone), counted_at), 0) if counted_at else 0
        return bins.in_zone(self.contents.get(key, {}), count.zone) - moved

    def sku(self, units: CountedUnits) -> Sku | None:
        """What was counted."""
        return self.skus.get(units.sku) if units.sku else self.scanned.get(units.barcode or "")


async def prefetch(tx: Transaction, batch: Batch) -> World:
    """The counts, then the rows of stock, locked: the book cannot change while it is compared."""
    commands: list[RecordCount] = batch.commands
    counts = await counting.load(tx, batch)
    lines = [line for command in commands for line in command.lines]
    codes, barcodes = {line.sku for line in lines if line.sku}, {line.barcode for line in lines if line.barcode}
    world = World(
        counts,
        await catalog.read_skus(tx, codes) if codes else {},
        await catalog.read_skus_scanned(tx, barcodes) if barcodes else {},
        Shelves({}),
        {},
    )
    keys: set[Key] = set()
    late: list[tuple[Key, datetime]] = []
    late_in_zones: list[tuple[Part, datetime]] = []
    for command in commands:
        if count := counts.find(command.count):
            named = [
                (sku.id, count.location_id, line.lot) for line in command.lines if (sku := world.sku(line))
            ]  # fmt: skip
            keys.update(named)
            if command.counted_at and count.zone:
                late_in_zones += [((*key, count.zone), command.counted_at) for key in named]
            elif command.counted_at:
                late += [(key, command.counted_at) for key in named]
    world.lots = await lots.read_lots(tx, ((sku_id, lot) for sku_id, _, lot in keys if lot))
    in_lots = {sku.id for sku in (*world.skus.values(), *world.scanned.values()) if sku.tracking == "lot"}
    keys = {key for key in keys if ((key[0], key[2]) in world.lots if key[2] else key[0] not in in_lots)}
    world.shelves = await shelves.lock_or_create(tx, keys, lock=batch.lock)
    if late:
        world.moved = await _moved_since(tx, late)
    then = [*late, *((part[:3], moment) for part, moment in late_in_zones)]
    world.missing = await shortages.known_missing(tx, [*((key, batch.now) for key in keys), *then])
    if any(sku.tracking == "serial" for sku in (*world.skus.values(), *world.scanned.values())):
        world.names = await store.names_there(tx, keys)
        world.names_then = await store.names_then(tx, then) if then else {}
    if any(count.zone for count in counts.all()):
        world.contents = await bins.read_contents(tx, keys)
    if late_in_zones:
        first = _first(moment for _, moment in late_in_zones)
        world.moved_in_zones = await store.moved_in_zones(tx, late_in_zones, first)
    return world


async def _moved_since(tx: Transaction, late: Sequence[tuple[Key, datetime]]) -> dict[tuple[Key, datetime], int]:
    """What really came onto the shelves (below zero: left them) since somebody counted."""
    moved = await store.moved_since(tx, late, _first(moment for _, moment in late))
    for counted, (_, left) in zip(late, await shortages.changed_after(tx, late), strict=True):
        moved[counted] = moved.get(counted, 0) - left
    return moved


def _first(moments: Iterable[datetime]) -> UUID:
    """No event that occurred after any of them has a lower id."""
    return day_before(dated_id(ZERO, min(moments)))


def decide(world: World, batch: Batch) -> list[Decision]:
    """In order of arrival; what is counted twice in a pass counts as it was said last, or is added up where it says so."""
    return [_record(envelope, world, batch) for envelope in batch.envelopes]


def _record(envelope: Envelope[RecordCount], world: World, batch: Batch) -> Decision:
    command = envelope.command
    count = counting.find(world.counts, command.count)
    if isinstance(count, Decision):
        return count
    if refusal := _refuse(command, count, world, batch):
        return refusal
    touched: dict[int, CountLine] = {}
    for units in command.lines:
        sku = world.sku(units)
        assert sku is not None
        key = (sku.id, count.location_id, units.lot)
        line = count.line_of(sku.id, units.lot) or _add(count, sku, units.lot, world.book(count, key, None))
        before = _before(line, units)
        names = _names(line, units)
        line.entries[line.wanted] = Entry(
            line.wanted, before + units.quantity, world.book(count, key, command.counted_at),
            world.missing.get((key, command.counted_at or batch.now), 0),
            command.counted_at or batch.now,
            counting.actor(envelope), envelope.event_id, names, *_compared(names, count, key, command.counted_at, world),
        )  # fmt: skip
        line.fresh.add(line.wanted)
        touched[line.number] = line
    lines = [
        {"line": line.number, "sku_id": line.sku_id, "sku": line.sku, "lot": line.lot, "pass": line.wanted, "counted": entry.counted,
         **({} if entry.serials is None else {"serials": entry.serials})}
        for line in touched.values()
        if (entry := line.entry)
    ]  # fmt: skip
    event = counting.event(count, "count_recorded", batch, {"counted_at": command.counted_at, "lines": lines})
    told = [_told(line, entry, count.blind) for line in touched.values() if (entry := line.entry)]
    outcome = CountRecorded(count.name, count.version, len(counting.uncounted(count)), told)
    return Decision(outcome, event, rows=[count])


def _refuse(command: RecordCount, count: StockCount, world: World, batch: Batch) -> Decision | None:
    added: set[tuple[UUID, str]] = set()
    named: dict[tuple[UUID, str], list[str]] = {}
    totals: dict[tuple[UUID, str], int] = {}
    for index, units in enumerate(command.lines):
        if (units.sku is None) == (units.barcode is None):
            return refused(NAME_ONE, f"/lines/{index}/sku")
        sku = world.sku(units)
        if sku is None:
            pointer = f"/lines/{index}/{'sku' if units.sku else 'barcode'}"
            return refused(UNKNOWN_SKU, pointer, sku=units.sku or units.barcode)
        if sku.tracking == "lot" and not units.lot:
            return refused(LOT_NEEDED, f"/lines/{index}/lot", sku=sku.code)
        if units.serials and (
            refusal := telling_apart.refuse_names(sku, units.quantity, units.serials, f"/lines/{index}")
        ):
            return refusal
        line = count.line_of(sku.id, units.lot)
        known = (line.entry.serials or []) if line and line.entry else []
        scanned = named.setdefault((sku.id, units.lot), list(known)) if units.add else []
        if refusal := telling_apart.twice([*scanned, *units.serials], f"/lines/{index}"):
            return refusal
        scanned += units.serials
        if units.lot and (sku.id, units.lot) not in world.lots:
            return refused(UNKNOWN_LOT, f"/lines/{index}/lot", sku=sku.code, lot=units.lot)
        if line is None:
            added.add((sku.id, units.lot))
        told = totals.get((sku.id, units.lot), line.entry.counted if line and line.entry else 0)
        totals[(sku.id, units.lot)] = units.quantity + (told if units.add else 0)
        if totals[(sku.id, units.lot)] > COUNTED_MAX:
            return refused(TOO_MANY_UNITS, f"/lines/{index}/quantity", sku=sku.code, most=COUNTED_MAX)
    if command.counted_at and not count.opened_at <= command.counted_at <= batch.now:
        return refused(
            WRONG_TIME, "/counted_at", count=count.name, opened=count.opened_at.isoformat(timespec="seconds")
        )
    if added and len(count.lines) + len(added) > LINES_MAX:
        return refused(TOO_MANY_LINES, "/lines", count=count.name, most=LINES_MAX)
    return None


def _before(line: CountLine, units: CountedUnits) -> int:
    """What is added to."""
    return line.entry.counted if units.add and line.entry else 0


def _names(line: CountLine, units: CountedUnits) -> list[str] | None:
    """Names of all that the pass found; None where it did not tell them of each unit."""
    told = line.entry.serials if units.add and line.entry else []
    if told is None or len(units.serials) < units.quantity or line.tracking != "serial":
        return None
    return [*told, *units.serials]


def _compared(
    names: Sequence[str] | None, count: StockCount, key: Key, counted_at: datetime | None, world: World
) -> tuple[list[str] | None, list[str] | None]:
    """(missing, strange) names. Of a zone the missing ones were not seen there: they may lie elsewhere in the location."""
    if names is None:
        return None, None
    there = world.names_then.get((key, counted_at), []) if counted_at else world.names.get(key, [])
    return sorted(set(there) - set(names)), sorted(set(names) - set(there))


def _add(count: StockCount, sku: Sku, lot: str, book: int) -> CountLine:
    """Something was found that nobody looked for there."""
    number = len(count.lines) + 1
    line = count.lines[number] = CountLine(number, sku.id, sku.code, lot, book, tracking=sku.tracking, stored=False)
    return line


def _told(line: CountLine, entry: Entry, blind: bool) -> CountedLine:
    expected = None if blind else entry.expected
    variance = None if blind else entry.counted - entry.expected
    return CountedLine(line.number, line.sku, line.lot, entry.passed, entry.counted, expected, variance)


VERB = Verb(
    noun="counts",
    verb="record",
    summary="Say what was counted, by product code or scanned barcode; in a blind count nothing is told back.",
    command=RecordCount,
    outcome=CountRecorded,
    refusals=(
        counting.UNKNOWN_COUNT, counting.NOT_OPEN, NAME_ONE, UNKNOWN_SKU, LOT_NEEDED, telling_apart.SERIALS_NOT_KEPT,
        telling_apart.SERIALS_REQUIRED, telling_apart.SERIAL_TWICE, UNKNOWN_LOT, WRONG_TIME, TOO_MANY_LINES,
        TOO_MANY_UNITS,
    ),
    scope="counts:write",
    event="count_recorded",
    example={"count": "C1044", "lines": [{"sku": "MUG-BLUE", "quantity": 11}, {"barcode": "4006381333931", "quantity": 3}]},
    prefetch=prefetch,
    decide=decide,
)  # fmt: skip
