"""Waves: which there are, what is on their pick lists, and how the warehouse looks through which they lead."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import asyncpg
from msgspec import Meta, Struct

from lading.database import queries
from lading.database.pool import Transaction
from lading.layouts import store as layout_store
from lading.layouts.types import Layout
from lading.terms.documents import number_or_id
from lading.terms.fields import Code
from lading.views.names import Names, read_actors, read_names
from lading.views.pages import LAST_ID, NotFound, PageQuery, key_of
from lading.views.stock import find_location
from lading.views.walking import walk
from lading.waves.types import part_number, wave_ref

sql = queries.load(__file__)


class WaveHead(Struct, frozen=True):
    """A wave, in short; units are counted over its pick lists."""

    wave: str
    id: UUID
    reference: str | None
    location: str
    method: str
    status: str
    version: int
    planned_at: datetime
    released_at: datetime | None
    closed_at: datetime | None
    cancelled_at: datetime | None
    orders: int
    lists: int
    units: int
    picked: int
    short: int
    waiting: int
    """Units that can be picked for it now."""
    gone: int
    """Units that were cancelled, moved or picked without it."""
    given_up: int
    """Units that nobody had picked when it ended."""


class WavesQuery(PageQuery, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which waves, the newest first."""

    status: Literal["planned", "released", "closed", "cancelled"] | None = None
    location: Code | None = None

    def __post_init__(self) -> None:
        key_of(self.after, tuple[UUID], (LAST_ID,))


class WavesPage(Struct, frozen=True):
    """A page of waves."""

    items: list[WaveHead]
    next: str | None
    """A page may be shorter than its limit and still have a next one."""


class TaskView(Struct, frozen=True):
    """Units of one line that are taken out of one bin."""

    task: str
    number: int
    sku: str
    name: str
    gtin: str | None
    tracking: str
    """none, lot or serial: whether its units are scanned by their names"""
    lot: str
    bin: str | None
    """None: on the floor."""
    fulfillment_order: str
    order: str
    line: int
    slot: int
    """Which box on the cart."""
    quantity: int
    picked: int
    short: int
    waiting: int
    """Units that can be picked now."""
    gone: int
    """Units that were cancelled, moved or picked without it."""
    held: bool
    """A hold stops it."""


class StopView(Struct, frozen=True):
    """A place at which the walk stops, and what is taken there."""

    bin: str | None
    aisle: str | None
    x_cm: int | None
    y_cm: int | None
    """Where it is in the plan; None where the layout does not say."""
    tasks: list[TaskView]


class ListHead(Struct, frozen=True):
    """A pick list, in short."""

    list: str
    number: int
    zone: str | None
    picker: str | None
    """Who walks it."""
    actor: str | None
    """The same as the journal names it."""
    route_cm: int | None
    """How long the walk is; None where the layout does not say."""
    s_shape_cm: int | None
    """How long it would be through every aisle in turn."""
    tasks: int
    units: int
    picked: int
    short: int
    waiting: int
    gone: int


class MemberView(Struct, frozen=True):
    """A fulfillment order in the wave."""

    fulfillment_order: str
    order: str
    stage: str
    """Of the fulfillment order."""
    units: int
    """On the lists of the wave."""
    picked: int
    short: int
    waiting: int


class WaveView(Struct, frozen=True):
    """A wave with its lists and its fulfillment orders."""

    head: WaveHead
    lists: list[ListHead]
    orders: list[MemberView]


class WaveQuery(Struct, frozen=True, forbid_unknown_fields=True):
    """One wave."""

    wave: Annotated[str, Meta(max_length=64, description="WV1044, or its id")]


class ListQuery(Struct, frozen=True, forbid_unknown_fields=True):
    """One pick list."""

    list: Annotated[str, Meta(max_length=64, description="WV1044-L1")]


class PickListView(Struct, frozen=True):
    """A pick list in the order of the walk."""

    wave: WaveHead
    head: ListHead
    slots: list[str]
    """The fulfillment orders by box on the cart, the first box first."""
    stops: list[StopView]
    layout: "LayoutView | None"
    """None: nobody said how the place looks."""


class AisleView(Struct, frozen=True):
    """An aisle, by where it begins on the front."""

    code: str
    x_cm: int


class BinPlace(Struct, frozen=True):
    """A bin, and where it is."""

    bin: str
    sequence: int
    active: bool
    aisle: str | None
    position_cm: int | None
    x_cm: int | None
    y_cm: int | None
    """In the plan; None where the layout does not know its aisle."""


class LayoutView(Struct, frozen=True):
    """The plan of a location. Lengths are centimetres; the front cross aisle is the first one."""

    location: str
    version: int
    depot_cm: int
    cross_cm: list[int]
    aisles: list[AisleView]
    bins: list[BinPlace]


class LayoutQuery(Struct, frozen=True, forbid_unknown_fields=True):
    """Whose plan."""

    location: Code


async def waves(tx: Transaction, query: WavesQuery) -> WavesPage:
    """A page of waves, the newest first. Raises NotFound for a location that does not exist."""
    names = await read_names(tx)
    location_id = find_location(names, query.location)
    after = key_of(query.after, tuple[UUID], (LAST_ID,))

    def fits(row: asyncpg.Record) -> bool:
        return query.status in (None, row["status"]) and location_id in (None, row["location_id"])

    shown, later = await walk(tx, sql.walk_waves, after, ("id",), fits, query.limit)
    return WavesPage(await _heads(tx, shown, names), later)


async def wave(tx: Transaction, query: WaveQuery) -> WaveView:
    """A wave, whole. Raises NotFound."""
    head = await _head(tx, query.wave)
    tasks = await _tasks(tx, head, None)
    members = [
        MemberView(
            f"{row['order_number']}-F{row['fulfillment_order']}", str(row["order_number"]), row["stage"],
            *(_sum(tasks, name, fulfillment_order=f"{row['order_number']}-F{row['fulfillment_order']}")
              for name in ("quantity", "picked", "short", "waiting")),
        )
        for row in await tx.fetch(sql.wave_members, head.id)
    ]  # fmt: skip
    return WaveView(head, await _lists(tx, head, tasks), members)


async def pick_list(tx: Transaction, query: ListQuery) -> PickListView:
    """A pick list with the places of its stops. Raises NotFound."""
    head = await _head(tx, wave_ref(query.list))
    number = part_number(query.list)
    tasks = await _tasks(tx, head, number)
    found = next((each for each in await _lists(tx, head, tasks) if each.number == number), None)
    if found is None:
        raise NotFound(f"There is no pick list {query.list}.")
    plan = await _plan(tx, head.location, {task.bin for task, _ in tasks if task.bin})
    places = {each.bin: each for each in plan.bins} if plan else {}
    stops: list[StopView] = []
    for task, _ in tasks:
        if not stops or stops[-1].bin != task.bin:
            place = places.get(task.bin or "")
            at = (place.aisle, place.x_cm, place.y_cm) if place else (None, None, None)
            stops.append(StopView(task.bin, *at, []))
        stops[-1].tasks.append(task)
    slots = dict(sorted({task.slot: task.fulfillment_order for task, _ in tasks}.items()))
    return PickListView(head, found, list(slots.values()), stops, plan)


async def layout(tx: Transaction, query: LayoutQuery) -> LayoutView:
    """The plan of a location with all its bins. Raises NotFound where there is no such location, or no plan of it."""
    found = await _plan(tx, query.location, None)
    if found is None:
        raise NotFound(f"Nobody said how {query.location} looks: save its layout.")
    return found


async def _plan(tx: Transaction, code: str, only: set[str] | None) -> LayoutView | None:
    location_id = find_location(await read_names(tx), code)
    assert location_id is not None
    found = (await layout_store.read_layouts(tx, [location_id])).get(location_id)
    if found is None:
        return None
    rows = await tx.fetch(sql.places_of_bins, location_id, None if only is None else sorted(only))
    aisles = [AisleView(aisle, x) for aisle, x in found.aisles.items()]
    bins = [_bin(row, found) for row in rows]
    return LayoutView(code, found.version, found.depot, list(found.crosses), aisles, bins)


def _bin(row: asyncpg.Record, plan: Layout) -> BinPlace:
    spot = None if row["aisle"] is None else plan.spot(row["aisle"], row["position_cm"])
    return BinPlace(
        row["code"], row["sequence"], row["active"], row["aisle"], row["position_cm"], spot and spot.x, spot and spot.y
    )


async def _head(tx: Transaction, ref: str) -> WaveHead:
    key = number_or_id(ref, "WV")
    rows = await tx.fetch(sql.wave_row, key if isinstance(key, UUID) else None, key if isinstance(key, int) else None)
    if not rows:
        raise NotFound(f"There is no wave {ref}.")
    return (await _heads(tx, rows, await read_names(tx)))[0]


async def _heads(tx: Transaction, rows: Sequence[asyncpg.Record], names: Names) -> list[WaveHead]:
    sums = {row["wave_id"]: row for row in await tx.fetch(sql.wave_progress, [row["id"] for row in rows])}
    return [_wave(row, sums.get(row["id"]), names) for row in rows]


def _wave(row: asyncpg.Record, sums: asyncpg.Record | None, names: Names) -> WaveHead:
    done = [sums[name] if sums else 0 for name in ("lists", "units", "picked", "short", "waiting", "gone", "given_up")]
    return WaveHead(
        f"WV{row['number']}", row["id"], row["reference"], names.location(row["location_id"]), row["method"], row["status"],
        row["version"], row["planned_at"], row["released_at"], row["closed_at"], row["cancelled_at"], row["orders"], *done,
    )  # fmt: skip


Numbered = tuple[TaskView, int]
"""A task with the number of its list."""


async def _tasks(tx: Transaction, head: WaveHead, list_: int | None) -> list[Numbered]:
    rows = await tx.fetch(sql.wave_tasks, head.id, list_)
    return [
        (
            TaskView(
                f"{head.wave}-T{row['number']}", row["number"], row["sku"] or "?", row["name"] or "?", row["gtin"],
                row["tracking"] or "none", row["lot"], row["bin"], f"{row['order_number']}-F{row['fulfillment_order']}",
                str(row["order_number"]), row["line_number"], row["slot"], row["quantity"], row["picked"], row["short"],
                row["waiting"], row["gone"], row["held"],
            ),
            row["list"],
        )
        for row in rows
    ]  # fmt: skip


def _sum(tasks: Sequence[Numbered], name: str, **of: str) -> int:
    ((field, value),) = of.items()
    return sum(getattr(task, name) for task, _ in tasks if getattr(task, field) == value)


async def _lists(tx: Transaction, head: WaveHead, tasks: Sequence[Numbered]) -> list[ListHead]:
    rows = await tx.fetch(sql.wave_lists, head.id)
    who = await read_actors(tx, {row["picker"] for row in rows if row["picker"]})
    of: dict[int, list[TaskView]] = {}
    for task, list_ in tasks:
        of.setdefault(list_, []).append(task)
    heads = []
    for row in rows:
        mine = of.get(row["number"], [])
        done = [sum(getattr(task, name) for task in mine) for name in ("picked", "short", "waiting", "gone")]
        heads.append(
            ListHead(
                f"{head.wave}-L{row['number']}", row["number"], row["zone"], who.get(row["picker"]), row["picker"],
                row["route_cm"], row["s_shape_cm"], len(mine), row["units"], *done,
            )
        )  # fmt: skip
    return heads
