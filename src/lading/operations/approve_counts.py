"""Approve counts: what was counted is the truth, and the book is corrected by what differs."""

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import Struct

from lading.catalog import store as catalog
from lading.catalog.policies import Policies
from lading.counts import rules, store
from lading.counts.commands import ApproveCount, GoneUnits
from lading.counts.rules import Names, Outcome, Since
from lading.counts.store import Part
from lading.counts.types import CountLine, Counts, StockCount
from lading.database.pool import Transaction
from lading.inbound import bins
from lading.inbound.bins import BinPosting, Contents
from lading.inventory import lots
from lading.inventory import rules as inventory_rules
from lading.inventory.lots import SerialKey, Serials
from lading.inventory.store import Key, stock_rows
from lading.journal.types import Decision, Envelope, refused
from lading.kernel.ids import ZERO, day_before
from lading.operations import counting, telling_apart
from lading.operations.giving_back import Over, count_over, give_back
from lading.operations.moving_stock import TOO_MANY_UNITS, UNITS_MAX
from lading.operations.registry import Batch, Verb
from lading.operations.shelves import Shelves
from lading.shortages import rules as shortage_rules
from lading.shortages import store as shortages
from lading.shortages.types import Cause, Shortage
from lading.shortages.types import told as opening
from lading.terms.ledger import End, Posting

NOT_COUNTED = (
    "not_counted",
    "{uncounted} {uncounted:line|lines} of {count} {uncounted:was|were} not counted: count what is left, or leave it as it is.",
)
ABOVE_LIMIT = (
    "above_limit",
    "{sku} differs by {variance} {variance:unit|units}, above {limit}: somebody else than who counted approves that.",
)
SERIALS_DIFFER = (
    "serials_differ",
    "{sku} differs by {variance} {variance:unit|units}, and they have names: count it by serial number, or adjust the stock first.",
)
WHICH_ARE_GONE = (
    "which_are_gone",
    "{gone} {sku} are missing in the zone, and {unseen} were not seen there ({names}): name those that are gone.",
)
NOT_AMONG_THEM = ("not_among_them", "{serial} is not among the {sku} that were not seen in the zone.")
NONE_ARE_GONE = ("none_are_gone", "{count} misses no named units on line {line}.")
OUTDATED = ("outdated", "More {sku} left the shelf since than were counted: have it counted again.")


class Variance(Struct, frozen=True):
    """What a line's count did to the book, in units."""

    line: int
    sku: str
    lot: str
    counted: int
    variance: int
    found: int
    lost: int
    """Written off from what was free."""
    short: int
    """Held by orders and reservations and not there: a shortage was opened."""
    settled: int
    """Units of earlier shortages that turned up."""
    lost_serials: Sequence[str] = ()
    found_serials: Sequence[str] = ()
    short_serials: Sequence[str] = ()
    """Missing ones that orders hold: on the book they stay where they were."""


class CountApproved(Struct, frozen=True):
    """The lines that differed, and the shortages that were opened."""

    count: str
    status: str
    version: int
    variances: list[Variance]
    shortages: list[UUID]


@dataclass(slots=True)
class World:
    """Counts, rows of stock with their open shortages and bins, limits, and what the journal said since people counted."""

    counts: Counts
    shelves: Shelves
    policies: Policies
    locations: Mapping[UUID, str]
    since: Mapping[tuple[Key, int], Since]
    since_in_zones: Mapping[tuple[Part, int], Since]
    """Of counts of zones."""
    contents: Contents
    """What lies in bins."""
    zones: Mapping[tuple[UUID, str], str]
    """The bin of each zone that gets what was found there."""
    shortages: dict[Key, list[Shortage]]
    missing: Mapping[tuple[Key, datetime], int]
    """What the book knows to be missing where was counted at a moment."""
    over: Over
    """Reservations at those rows whose time is over: they hold nothing."""
    corrected_here: dict[Key, int] = field(default_factory=dict)
    """By earlier commands of the batch, as they left shelves."""
    bins_here: list[BinPosting] = field(default_factory=list)
    """And bins."""
    serials: Serials = field(default_factory=dict)
    """Units that are missing or strange."""
    names_moved: Set[tuple[SerialKey, int]] = frozenset()
    """Which of them moved since the position at which they were missed or found: they tell nothing any more."""
    names_here: set[SerialKey] = field(default_factory=set)
    """Which of them earlier commands of the batch corrected."""


@dataclass(slots=True)
class Corrections:
    """What approving a count does, line by line."""

    count: StockCount
    reason: str
    cause: Cause
    variances: list[Variance] = field(default_factory=list)
    postings: list[Posting] = field(default_factory=list)
    binned: list[BinPosting] = field(default_factory=list)
    opened: list[Shortage] = field(default_factory=list)
    settled: list[tuple[Shortage, int]] = field(default_factory=list)
    """With the units that turned up."""
    named: list[object] = field(default_factory=list)
    """Units with names that were not known before."""


async def prefetch(tx: Transaction, batch: Batch) -> World:
    """The counts; then their rows of stock, locked; and in later statements what the rows' locks guard."""
    counts = await counting.load(tx, batch)
    keys = counting.keys(counts.all())
    network, policies = await catalog.read_setup(tx, {key[0] for key in keys})
    rows = await stock_rows(tx, keys, lock=batch.lock)
    told = [
        (count, line, entry, entry.position)
        for count in counts.all()
        for line in count.lines.values()
        if (entry := line.entry) and entry.position is not None
    ]
    whole = [(_key(count, line), position, entry.counted_at) for count, line, entry, position in told if not count.zone]
    parts = [
        ((*_key(count, line), count.zone), position, entry.counted_at)
        for count, line, entry, position in told
        if count.zone
    ]
    first = day_before(min((entry.event_id for _, _, entry, _ in told), default=ZERO))
    since = await store.since(tx, whole, first) if whole else {}
    since_in_zones = await store.zones_since(tx, parts, first) if parts else {}
    zones = {(count.location_id, count.zone) for count in counts.all() if count.zone}
    into = await store.first_bins(tx, zones) if zones else {}
    contents = await bins.read_contents(tx, keys)
    opened = await shortages.read_open(tx, keys)
    missing = await shortages.known_missing(tx, [(key, counted_at) for key, _, counted_at in whole]) if whole else {}
    over = await count_over(tx, batch, rows)
    codes = {location.id: location.code for location in network.locations.values()}
    world = World(counts, Shelves(rows), policies, codes, since, since_in_zones, contents, into, opened, missing, over)
    names = [
        ((line.sku_id, name), position)
        for _, line, entry, position in told
        for name in (*(entry.missing or ()), *(entry.strange or ()))
    ]
    if names:
        world.serials = await lots.read_serials(tx, (name for name, _ in names), lock=batch.lock)
        world.names_moved = await store.names_moved(tx, names, first)
    return world


def decide(world: World, batch: Batch) -> list[Decision]:
    """In order of arrival; each count sees what the ones before it corrected."""
    return give_back([_approve(envelope, world, batch) for envelope in batch.envelopes], world.over, batch.now)


def _approve(envelope: Envelope[ApproveCount], world: World, batch: Batch) -> Decision:
    command = envelope.command
    count = counting.find(world.counts, command.count, command.expected_version)
    if isinstance(count, Decision):
        return count
    if (uncounted := len(counting.uncounted(count))) and not command.leave_uncounted:
        return refused(NOT_COUNTED, "/leave_uncounted", count=count.name, uncounted=uncounted)
    differing = {number: _variance(count, line, world) for number, line in count.lines.items() if line.entry}
    for number, units in differing.items():
        if refusal := _refuse(count, count.lines[number], units, envelope, world):
            return refusal
    named = _named(count, command.gone, differing, world)
    if isinstance(named, Decision):
        return named
    done = Corrections(count, command.reason, Cause(envelope.event_id, batch.now, False))
    for number, units in differing.items():
        _correct(done, count.lines[number], units, named.get(number), world)
    world.bins_here += done.binned
    count.approved_at, count.reason = batch.now, command.reason
    event = counting.event(count, "count_approved", batch, _told(done, differing, named))
    outcome = CountApproved(count.name, count.status, count.version, done.variances, [each.id for each in done.opened])
    rows = [count, *done.opened, *(shortage for shortage, _ in done.settled), *done.binned, *done.named]
    return Decision(outcome, event, done.postings, rows=rows)


def _correct(
    done: Corrections, line: CountLine, units: int, by_name: tuple[Names, Outcome] | None, world: World
) -> None:
    """The book is what was counted on that line: stock, shortages and bins; the world sees it."""
    count, key = done.count, _key(done.count, line)
    names, came = by_name or (Names(), _settle(count, key, units, world))
    line.variance, line.changed = units, True
    if units or any(names):
        assert line.entry is not None
        counted = line.entry.counted
        done.variances.append(Variance(line.number, line.sku, line.lot, counted, units, *_in_order(came), *names))
    _post(done, line, names, came, world)
    world.corrected_here[key] = world.corrected_here.get(key, 0) + came.found - came.lost - came.opened + came.settled
    row = world.shelves.row(key)
    row["short"] = row.get("short", 0) + came.opened - came.settled
    if came.opened:
        shortage = shortage_rules.open_shortage(key, came.opened, "count", done.reason, count.name, done.cause)
        world.shortages.setdefault(key, []).append(shortage)
        done.opened.append(shortage)
    if came.settled:
        done.settled += shortage_rules.settle(world.shortages.get(key, ()), came.settled, done.cause, turned_up=True)
    done.binned += _correct_bins(count, key, units, came, done.cause.event_id, world)


def _post(done: Corrections, line: CountLine, names: Names, came: Outcome, world: World) -> None:
    """What was found comes to the shelf, what was lost leaves it, each unit that has a name by its name."""
    shelf = End("available", done.count.location_id, line.lot)
    moved = [
        posting
        for quantity, source, target, serials in (
            (came.found, End("found"), shelf, names.found),
            (came.lost, shelf, End("lost"), names.lost),
        )
        if quantity
        for posting in inventory_rules.by_name(Posting(line.sku_id, quantity, source, target), serials)
    ]
    done.named += telling_apart.carry(line.sku_id, names.found, End("found"), shelf, world.serials)
    telling_apart.carry(line.sku_id, names.lost, shelf, End("lost"), world.serials)
    world.names_here.update((line.sku_id, name) for name in (*names.found, *names.lost))
    world.shelves.move(moved)
    done.postings += moved


def _told(
    done: Corrections, differing: Mapping[int, int], named: Mapping[int, tuple[Names, Outcome]]
) -> dict[str, Any]:
    """As the journal keeps it."""
    lines = done.count.lines
    return {
        "reason": done.reason,
        "lines": [
            {
                "line": number, "sku_id": lines[number].sku_id, "sku": lines[number].sku, "variance": units,
                **(named[number][0]._asdict() if number in named else {}),
            }
            for number, units in differing.items()
        ],
        "shortages": [opening(shortage) for shortage in done.opened],
        "settled": [{"id": shortage.id, "quantity": units} for shortage, units in done.settled],
    }  # fmt: skip


def _key(count: StockCount, line: CountLine) -> Key:
    return (line.sku_id, count.location_id, line.lot)


def _named(
    count: StockCount, told: Sequence[GoneUnits], differing: Mapping[int, int], world: World
) -> dict[int, tuple[Names, Outcome]] | Decision:
    """What lines whose units were told by name come to."""
    gone = {each.line: (f"/gone/{index}", each.serials) for index, each in enumerate(told)}
    for number, (pointer, _) in gone.items():
        if number not in count.lines:
            return refused(counting.UNKNOWN_LINE, f"{pointer}/line", count=count.name, line=number)
        entry = count.lines[number].entry
        if count.zone is None or entry is None or entry.missing is None:
            return refused(NONE_ARE_GONE, f"{pointer}/line", count=count.name, line=number)
    named: dict[int, tuple[Names, Outcome]] = {}
    for number, units in differing.items():
        line = count.lines[number]
        if line.entry is None or line.entry.missing is None:
            continue
        missing, strange = _by_name(line, world)
        row = world.shelves.row(_key(count, line))
        if count.zone is None:
            named[number] = rules.settle_names(missing, strange, row)
            continue
        names = _gone(count, line, rules.gone_from_zone(units, len(strange)), missing, gone.get(number))
        if isinstance(names, Decision):
            return names
        held = world.contents.get(_key(count, line), {})
        elsewhere = max(bins.shelf_units(row) - bins.in_zone(held, count.zone), 0)
        named[number] = rules.settle_zone_names(units, names, strange, row, elsewhere)
    return named


def _gone(
    count: StockCount, line: CountLine, most: int, unseen: Sequence[str], told: tuple[str, Sequence[str]] | None
) -> Sequence[str] | Decision:
    """Which of the units that nobody saw in the zone are gone: those that are told, or all where no more were unseen."""
    pointer, names = told or ("/gone", unseen if len(unseen) == most else [])
    if told and not most:
        return refused(NONE_ARE_GONE, pointer, count=count.name, line=line.number)
    if stranger := next((name for name in names if name not in unseen), None):
        return refused(NOT_AMONG_THEM, f"{pointer}/serials", serial=stranger, sku=line.sku)
    if len(set(names)) != most:
        shown = ", ".join(unseen[:NAMES_SHOWN]) + (", ..." if len(unseen) > NAMES_SHOWN else "")
        return refused(WHICH_ARE_GONE, pointer, gone=most, sku=line.sku, unseen=len(unseen), names=shown)
    return names


NAMES_SHOWN = 10


def _by_name(line: CountLine, world: World) -> tuple[list[str], list[str]]:
    """(missing, strange) names of which nothing was said since."""
    entry = line.entry
    assert entry is not None and entry.position is not None

    def still(names: Iterable[str] | None) -> list[str]:
        keys = ((line.sku_id, name) for name in names or ())
        return [
            key[1] for key in keys if (key, entry.position) not in world.names_moved and key not in world.names_here
        ]

    return still(entry.missing), still(entry.strange)


def _variance(count: StockCount, line: CountLine, world: World) -> int:
    """What is to be corrected now, whatever moved, was corrected or was told late since somebody counted."""
    entry, key = line.entry, _key(count, line)
    assert entry is not None
    if entry.missing is not None and count.zone is None:
        _, done = rules.settle_names(*_by_name(line, world), world.shelves.row(key))
        return done.found - done.lost - done.opened + done.settled
    since, position = Since(), entry.position
    if count.zone is None:
        if position is not None:
            since = world.since.get((key, position), since)
        missing = world.missing.get((key, entry.counted_at), 0) - entry.short
        since = since._replace(corrected=since.corrected + world.corrected_here.get(key, 0) - missing)
        return rules.variance(entry, since)
    if position is not None:
        since = world.since_in_zones.get(((*key, count.zone), position), since)
    since = since._replace(corrected=since.corrected + _corrected_in(count.zone, key, world.bins_here))
    return rules.variance(entry, since)


def _corrected_in(zone: str, key: Key, postings: Iterable[BinPosting]) -> int:
    """By how much the zone grew on paper by earlier commands of the batch."""
    return sum(
        each.quantity if each.target and each.target.startswith(zone) else -each.quantity
        for each in postings
        if (each.sku_id, each.location_id, each.lot) == key and (each.target or each.source or "").startswith(zone)
    )


def _settle(count: StockCount, key: Key, units: int, world: World) -> Outcome:
    row = world.shelves.row(key)
    if count.zone is None:
        return rules.settle(units, row)
    return rules.settle_zone(units, row, bins.on_floor(row, world.contents.get(key, {})))


def _correct_bins(
    count: StockCount, key: Key, units: int, done: Outcome, event_id: UUID, world: World
) -> list[BinPosting]:
    """The bins of a zone get what was found and give up what is missing; others give up what does not lie there any more."""
    held, row = world.contents.setdefault(key, {}), world.shelves.row(key)
    postings: list[BinPosting] = []
    if count.zone is not None and units:
        inside = {code: there for code, there in held.items() if code.startswith(count.zone)}
        if units < 0:
            gone = bins.take_excess(inside, sum(inside.values()) + units)
            postings = [BinPosting(event_id, *key, code, None, part, count.id, True) for code, part in gone.items()]
        else:
            into = next(iter(inside), None) or world.zones[count.location_id, count.zone]
            postings = [BinPosting(event_id, *key, None, into, units, count.id, True)]
        for each in postings:
            code = each.source or each.target
            assert code is not None
            held[code] = held.get(code, 0) + (each.quantity if each.target else -each.quantity)
    if count.zone is not None:  # units that were seen in the zone by name lie in no other bin
        outside = {code: there for code, there in held.items() if not code.startswith(count.zone)}
        inside_now = sum(held.values()) - sum(outside.values())
        for code, left in bins.take_excess(outside, bins.shelf_units(row) - inside_now).items():
            held[code] -= left
            postings.append(BinPosting(event_id, *key, code, None, left, count.id, True))
    return postings + bins.emptied(world.contents, key, row, (event_id, count.id), done.lost + done.opened)


def _in_order(done: Outcome) -> tuple[int, int, int, int]:
    return done.found, done.lost, done.opened, done.settled


def _refuse(
    count: StockCount, line: CountLine, units: int, envelope: Envelope[ApproveCount], world: World
) -> Decision | None:
    entry, key = line.entry, _key(count, line)
    assert entry is not None
    differing = abs(units)
    if line.tracking == "serial":
        if units and entry.missing is None:
            return refused(SERIALS_DIFFER, "/count", sku=line.sku, variance=units)
        missing, strange = _by_name(line, world)
        gone = len(missing) if count.zone is None else rules.gone_from_zone(units, len(strange))
        differing = max(differing, gone + len(strange))
        away = End("found")
        if refusal := telling_apart.elsewhere(line, strange, away, world.serials, "/count"):
            return refusal
    limit = world.policies.value("count_approval_limit", location=count.location_id, sku=line.sku_id)
    if limit is not None and differing > limit and entry.counted_by == envelope.actor:
        return refused(ABOVE_LIMIT, "/count", sku=line.sku, variance=units, limit=limit)
    row = world.shelves.row(key)
    if rules.book(row) + units < 0 or (
        count.zone is not None and bins.in_zone(world.contents.get(key, {}), count.zone) + units < 0
    ):
        return refused(OUTDATED, "/count", sku=line.sku)
    if (there := row.get("available", 0)) + units > UNITS_MAX:
        return refused(
            TOO_MANY_UNITS, "/count", location=world.locations[count.location_id], sku=line.sku, bucket="available",
            there=there, quantity=units, most=UNITS_MAX,
        )  # fmt: skip
    return None


VERB = Verb(
    noun="counts",
    verb="approve",
    summary="Make what was counted the truth: differences are posted, and what orders hold in vain becomes a shortage.",
    command=ApproveCount,
    outcome=CountApproved,
    refusals=(
        counting.UNKNOWN_COUNT, counting.VERSION_CONFLICT, counting.NOT_OPEN, NOT_COUNTED, SERIALS_DIFFER,
        WHICH_ARE_GONE, NOT_AMONG_THEM, NONE_ARE_GONE, counting.UNKNOWN_LINE,
        telling_apart.SERIAL_ELSEWHERE, ABOVE_LIMIT,
        OUTDATED, TOO_MANY_UNITS,
    ),
    scope="count-approvals:write",
    event="count_approved",
    example={"count": "C1044", "reason": "cycle_count"},
    prefetch=prefetch,
    decide=decide,
)  # fmt: skip
