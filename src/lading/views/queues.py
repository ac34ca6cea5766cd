"""The queues: every open unit of every order stands in exactly one, and each shows how many wait and since when."""

from datetime import date, datetime
from typing import Annotated, Literal, NamedTuple
from uuid import UUID

from msgspec import Meta, Struct

from lading.database import queries
from lading.database.pool import Transaction
from lading.orders.status import STAGES
from lading.terms.fields import Code
from lading.terms.money import Money
from lading.views.moments import EVER, Moment
from lading.views.names import read_names
from lading.views.order import RETURN_UNITS
from lading.views.order_work import WORK_UNITS, units_of
from lading.views.pages import FIRST_ID, LAST_ID, PageQuery, key_of, page_of
from lading.views.stock import find_location

sql = queries.load(__file__)

COUNTED_MAX = 1_000
LOST, UNMATCHED = "lost", "unmatched_returns"
QUEUES = {
    **{name: meaning for name, meaning in STAGES.items() if name != "done"},
    LOST: "A carrier lost it, and nobody has written it off.",
    UNMATCHED: "A channel says that it came back, and no order explains it.",
}
"""Every queue with its meaning, least advanced first."""

WORK_STAGES = ("to_pick", "to_pack", "to_hand_over")


class Count(Struct, frozen=True):
    """How many wait. Nobody counts beyond a thousand."""

    count: int
    """At most 1,000."""
    more: bool
    """There are more than the count says."""
    label: str
    """As it is shown: 12, or 1,000+."""
    oldest: datetime | None
    """Since when the one waits that has waited longest; None where nobody waits."""


class AtLocation(Struct, frozen=True):
    """The fulfillment orders of one location in a queue."""

    location: str
    waiting: Count


class Queue(Struct, frozen=True):
    """One queue of orders (or of unmatched returns)."""

    name: str
    meaning: str
    waiting: Count
    locations: list[AtLocation]
    """For to_pick, to_pack and to_hand_over: fulfillment orders by location; those without any are left out."""


class Queues(Struct, frozen=True):
    """All queues, least advanced first."""

    items: list[Queue]


class QueuesQuery(Struct, frozen=True, forbid_unknown_fields=True):
    """A question without parameters."""


def _count(rows: int, oldest: datetime | None) -> Count:
    more = rows > COUNTED_MAX
    return Count(min(rows, COUNTED_MAX), more, f"{COUNTED_MAX:,}+" if more else f"{rows:,}", oldest)


async def queues(tx: Transaction, _: QueuesQuery) -> Queues:
    """Every queue with how many wait and the longest wait."""
    stages = [name for name in QUEUES if name in STAGES]
    counts = {row[0]: _count(row[1], row[2]) for row in await tx.fetch(sql.queue_counts, stages, COUNTED_MAX + 1)}
    lost = await tx.fetch(sql.walk_lost, None, LAST_ID, COUNTED_MAX + 1)
    counts[LOST] = _count(len(lost), min((row["since"] for row in lost), default=None))
    unmatched = await tx.fetchrow(sql.unmatched_count, COUNTED_MAX + 1)
    assert unmatched is not None
    counts[UNMATCHED] = _count(unmatched[0], unmatched[1])
    places: dict[str, list[AtLocation]] = {}
    for location, stage, rows, oldest in await tx.fetch(sql.work_counts, list(WORK_STAGES), COUNTED_MAX + 1):
        if rows:
            places.setdefault(stage, []).append(AtLocation(location, _count(rows, oldest)))
    return Queues([Queue(name, meaning, counts[name], places.get(name, [])) for name, meaning in QUEUES.items()])


class WorkQuery(PageQuery, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a location has to do next."""

    location: Code
    stage: Literal["to_pick", "to_pack", "to_hand_over"]

    def __post_init__(self) -> None:
        key_of(self.after, WorkKey, WORK_FIRST)


Small = Annotated[int, Meta(ge=-32_768, le=32_767)]


class WorkKey(NamedTuple):
    """After which fulfillment order a page begins."""

    priority: Small
    released_at: Moment
    order_id: UUID
    number: Small


WORK_FIRST = WorkKey(32_767, EVER, FIRST_ID, 0)


class WorkLine(Struct, frozen=True):
    """Units of one product in a fulfillment order."""

    line: int
    sku: str
    name: str
    lot: str
    units: dict[str, int]


class Work(Struct, frozen=True):
    """A fulfillment order that waits at its location."""

    name: str
    """1042-F1"""
    order: str
    order_id: UUID
    stage: str
    priority: int
    released_at: datetime
    ship_by: datetime | None
    held: bool
    """A hold stops it, or its whole order: nothing can be done with it until that is lifted."""
    units: dict[str, int]
    lines: list[WorkLine]
    ship_on: date | None
    """The day on which the last of it is to leave, by the schedule of the location; None where it has none."""
    wave: str | None = None
    """The open wave that has it, such as WV1044."""


class WorkPage(Struct, frozen=True):
    """A page of work: the highest priority first, in it the longest waiting."""

    items: list[Work]
    next: str | None


async def work(tx: Transaction, query: WorkQuery) -> WorkPage:
    """The fulfillment orders of a location in one queue. Raises NotFound for an unknown location."""
    location_id = find_location(await read_names(tx), query.location)
    key = key_of(query.after, WorkKey, WORK_FIRST)
    rows = await tx.fetch(sql.work, location_id, query.stage, *key, query.limit + 1)
    shown, following = page_of(rows, query.limit, *WorkKey._fields)
    lines: dict[tuple[UUID, int], list[WorkLine]] = {}
    ids, numbers = [row["order_id"] for row in shown], [row["number"] for row in shown]
    for row in await tx.fetch(sql.work_lines, ids, numbers) if shown else []:
        units = units_of(row, ("released", "picked", "packed"))
        if units:
            lines.setdefault((row["order_id"], row["fulfillment_order"]), []).append(
                WorkLine(row["line_number"], row["sku"] or "?", row["name"] or "?", row["lot"], units)
            )
    items = [
        Work(
            f"{row['order_number']}-F{row['number']}",
            str(row["order_number"]),
            row["order_id"],
            query.stage,
            row["priority"],
            row["released_at"],
            row["ship_by"],
            row["held"],
            units_of(row, WORK_UNITS),
            lines.get((row["order_id"], row["number"]), []),
            row["ship_on"],
            row["wave"] and f"WV{row['wave']}",
        )
        for row in shown
    ]
    return WorkPage(items, following)


class ReturnsQuery(PageQuery, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which page of the open returns."""

    def __post_init__(self) -> None:
        key_of(self.after, tuple[Moment, UUID, Small], (EVER, FIRST_ID, 0))


class OpenReturn(Struct, frozen=True):
    """A return with something awaited, held or owed."""

    name: str
    """1042-R1"""
    order: str
    order_id: UUID
    reference: str | None
    reason: str
    requested_at: datetime
    units: dict[str, int]
    """Over all its lines."""


class ReturnsPage(Struct, frozen=True):
    """A page of open returns, the oldest first."""

    items: list[OpenReturn]
    next: str | None


async def returns(tx: Transaction, query: ReturnsQuery) -> ReturnsPage:
    """Returns that are not closed, the oldest first."""
    key = key_of(query.after, tuple[Moment, UUID, Small], (EVER, FIRST_ID, 0))
    rows = await tx.fetch(sql.open_returns, *key, query.limit + 1)
    shown, following = page_of(rows, query.limit, "requested_at", "order_id", "number")
    items = [
        OpenReturn(
            f"{row['order_number']}-R{row['number']}",
            str(row["order_number"]),
            row["order_id"],
            row["reference"],
            row["reason"],
            row["requested_at"],
            units_of(row, RETURN_UNITS),
        )
        for row in shown
    ]
    return ReturnsPage(items, following)


class UnmatchedQuery(PageQuery, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which page of the unmatched returns."""

    def __post_init__(self) -> None:
        key_of(self.after, tuple[Moment, UUID], (EVER, FIRST_ID))


class Unmatched(Struct, frozen=True):
    """What a channel says came back, and no order explains."""

    id: UUID
    channel: str
    reference: str
    """The channel's document."""
    customer: str | None
    """As the channel refers to them."""
    sku: str
    description: str
    quantity: int
    """Signed as in the channel's document."""
    amount: Money
    reason: str
    occurred_at: datetime
    recorded_at: datetime


class UnmatchedPage(Struct, frozen=True):
    """A page of unmatched returns, in the order in which they were kept."""

    items: list[Unmatched]
    next: str | None


async def unmatched_returns(tx: Transaction, query: UnmatchedQuery) -> UnmatchedPage:
    """The queue of what nobody can explain."""
    rows = await tx.fetch(
        sql.unmatched_returns, *key_of(query.after, tuple[Moment, UUID], (EVER, FIRST_ID)), query.limit + 1
    )
    names = await read_names(tx)
    shown, following = page_of(rows, query.limit, "recorded_at", "id")
    items = [
        Unmatched(
            row["id"],
            names.channel(row["channel_id"]),
            row["reference"],
            row["customer_reference"],
            row["sku_code"],
            row["description"],
            row["quantity"],
            Money.of_minor(row["amount_minor"], row["currency"]),
            row["reason"],
            row["occurred_at"],
            row["recorded_at"],
        )
        for row in shown
    ]
    return UnmatchedPage(items, following)
