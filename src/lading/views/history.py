"""An order as we knew it: folded from its events and postings up to a position, with the statuses of the same rules."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import asyncpg
import msgspec
from msgspec import Meta, Struct

from lading.database import queries
from lading.database.pool import Transaction
from lading.orders import kits, status
from lading.orders.holds import UNITS
from lading.terms.ledger import DISPUTED, LINE_STAGES, PROVIDER_FEES, REFUNDS_RETURNED, RETURN_STAGES
from lading.terms.money import Money
from lading.views.moments import AsOf, position_of
from lading.views.names import read_names
from lading.views.order import find_order
from lading.views.pages import NotFound
from lading.views.words import progress

sql = queries.load(__file__)

RECEIVABLE = "receivable"
_TENDER = "tender:"


class OrderAsOfQuery(AsOf, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which order, and as of when."""

    order: Annotated[str, Meta(max_length=64, description="Number or id")]


class LineAsOf(Struct, frozen=True):
    """A line as it stood."""

    number: int
    sku: str
    ordered: int
    units: dict[str, int]
    """By stage; stages without any are left out. Of a kit: kits, each where its least advanced part stands."""
    part_of: int | None = None
    """The line of the kit that it is a part of."""
    per_kit: int | None = None
    instead_of: int | None = None
    """The line that it stands in for."""


class OrderAsOf(Struct, frozen=True):
    """An order as it stood once an event had been recorded. That answer never changes."""

    id: UUID
    number: str
    position: int
    """Of the journal."""
    recorded_at: datetime
    """When the order's last event up to there was recorded."""
    version: int
    stage: str
    lifecycle: str
    fulfillment_status: str
    payment_status: str
    progress: str
    units: dict[str, int]
    lines: list[LineAsOf]
    holds: list[str]
    """Kinds of the holds that were active."""
    original: Money
    adjusted: Money
    captured: Money
    refunded: Money
    due: Money


class Fold(Struct):
    """What events and postings come to."""

    number: str
    currency: str
    lines: dict[int, dict[str, int]]
    """Units by stage, `ordered` among them."""
    skus: dict[int, UUID]
    charged_minor: int
    holds: dict[int, tuple[str, bool]]
    """By number: the kind, and whether units wait for it."""
    owed_minor: int = 0
    """Charged and adjusted, as the customer's account says."""
    captured_minor: int = 0
    refunded_minor: int = 0
    parts: dict[int, tuple[int, int]] = {}
    """(line of the kit, units in one kit) of the lines that are parts."""

    instead: dict[int, int] = {}
    """The line that a line stands in for, of lines that were born later."""

    def belongs(self, number: int) -> tuple[int | None, int | None, int | None]:
        """The line of its kit, units in one kit; the line that it stands in for."""
        kit, per_kit = self.parts.get(number, (None, None))
        return kit, per_kit, self.instead.get(number)

    def of_line(self, number: int) -> dict[str, int]:
        """Units of a line by stage; of a kit, kits by how far they are."""
        its = [(per_kit, self.lines[part]) for part, (kit, per_kit) in self.parts.items() if kit == number]
        units = self.lines[number]
        return (
            kits.progress(units["ordered"], its) if its else {name: units[name] for name in units if name != "ordered"}
        )

    def sums(self) -> dict[str, int]:
        """What every status is a function of."""
        stages = ("ordered", *LINE_STAGES, *RETURN_STAGES)
        kits_lines = {kit for kit, _ in self.parts.values()}
        counted = [line for number, line in self.lines.items() if number not in kits_lines]
        sums = {stage: sum(line[stage] for line in counted) for stage in stages}
        return sums | {
            "active_holds": sum(stops for _, stops in self.holds.values()),
            "charged_minor": self.charged_minor,
            "adjusted_minor": self.owed_minor - self.charged_minor,
            "authorised_minor": self.captured_minor,
            "captured_minor": self.captured_minor,
            "refunded_minor": self.refunded_minor,
        }


def begin(data: Mapping[str, Any]) -> Fold:
    """The order as its first event tells it: every unit open, nothing posted."""
    nothing = dict.fromkeys((*LINE_STAGES, *RETURN_STAGES), 0)
    lines = {
        line["number"]: {"ordered": line["quantity"], **nothing, "open": 0 if line.get("is_kit") else line["quantity"]}
        for line in data["lines"]
    }
    parts = {line["number"]: (line["part_of"], line["per_kit"]) for line in data["lines"] if line.get("part_of")}
    skus = {line["number"]: UUID(line["sku_id"]) for line in data["lines"]}
    holds = {each["number"]: _told_hold(each) for each in data.get("hold_terms") or ()}
    return Fold(data["number"], data["currency"], lines, skus, data["charged_minor"], holds, parts=parts)


def add(fold: Fold, data: Mapping[str, Any]) -> None:
    """Lines that were born later: their units are open, and what they cost was posted."""
    nothing = dict.fromkeys((*LINE_STAGES, *RETURN_STAGES), 0)
    for line in data.get("added") or ():
        units = line["quantity"]
        fold.lines[line["number"]] = {**nothing, "ordered": units, "open": units}
        fold.skus[line["number"]] = UUID(line["sku_id"])
        if line.get("instead_of"):
            fold.instead[line["number"]] = line["instead_of"]


def hold(fold: Fold, kind: str, data: Mapping[str, Any]) -> None:
    """Holds come and go by events alone."""
    if kind == "order_held":
        fold.holds[data["number"]] = _told_hold(data)
        return
    for each in data["numbers"] if kind == "holds_released" else data.get("holds_lifted", {}).get("numbers", ()):
        del fold.holds[each]
    for each in data.get("hold_terms") or ():
        fold.holds[each["number"]] = _told_hold(each)


def _told_hold(terms: Mapping[str, Any]) -> tuple[str, bool]:
    """(kind, whether units wait for it)"""
    return terms["kind"], not set(UNITS).isdisjoint(terms["stops"])


def move_units(fold: Fold, line_number: int, source: str | None, target: str | None, quantity: int) -> None:
    """A posting with line ends."""
    line = fold.lines[line_number]
    if source:
        line[source] -= quantity
    if target:
        line[target] += quantity


def move_money(fold: Fold, debit: str, credit: str, amount_minor: int) -> None:
    """A posting of money: what is owed, what a tender took, what went back through it."""
    if debit == REFUNDS_RETURNED or not {DISPUTED, PROVIDER_FEES}.isdisjoint((debit, credit)):
        # The other posting of the event took it off what was given back; what a bank took back, and what a provider kept, is beside the
        # order's own sums.
        return
    if credit == REFUNDS_RETURNED:
        fold.refunded_minor -= amount_minor
    elif debit.startswith(_TENDER):
        fold.captured_minor += amount_minor
    elif credit.startswith(_TENDER):
        fold.refunded_minor += amount_minor
    elif debit == RECEIVABLE:
        fold.owed_minor += amount_minor
    elif credit == RECEIVABLE:
        fold.owed_minor -= amount_minor


async def order_as_of(tx: Transaction, query: OrderAsOfQuery) -> OrderAsOf:
    """The order as it stood at a position or time. Raises NotFound, also where it had not been placed yet."""
    order_id = await find_order(tx, query.order)
    position = await position_of(tx, query.position, query.at)
    events = await tx.fetch(sql.events_until, order_id, position)
    if not events:
        raise NotFound(f"Order {query.order} had not been placed at position {position}.")
    fold = await _folded(tx, order_id, position, events)
    return await _told(tx, order_id, position, fold, events)


async def _folded(tx: Transaction, order_id: UUID, position: int, events: Sequence[asyncpg.Record]) -> Fold:
    first, *later = events
    fold = begin(msgspec.json.decode(first["data"]))
    for each in later:
        data = msgspec.json.decode(each["data"])
        hold(fold, each["kind"], data)
        add(fold, data)
    ids = [each["event_id"] for each in events]
    for row in await tx.fetch(sql.line_moves, order_id, sorted(set(fold.skus.values())), ids):
        move_units(fold, *row)
    for row in await tx.fetch(sql.money_moves, order_id, ids):
        move_money(fold, *row)
    return fold


async def _told(
    tx: Transaction, order_id: UUID, position: int, fold: Fold, events: Sequence[asyncpg.Record]
) -> OrderAsOf:
    names = await read_names(tx, fold.skus.values())
    sums = fold.sums()
    stage, lifecycle = status.stage(sums), status.lifecycle(sums)

    def cash(minor: int) -> Money:
        return Money.of_minor(minor, fold.currency)

    return OrderAsOf(
        order_id,
        fold.number,
        position,
        events[-1]["recorded_at"],
        len(events),
        stage,
        lifecycle,
        status.fulfillment_status(sums),
        status.payment_status(sums),
        progress(stage, lifecycle, sums),
        _some({name: sums[name] for name in ("ordered", *LINE_STAGES, *RETURN_STAGES)}),
        [
            LineAsOf(
                number,
                names.sku(fold.skus[number]),
                units["ordered"],
                _some(fold.of_line(number)),
                *fold.belongs(number),
            )
            for number, units in fold.lines.items()
        ],
        [each for each, _ in fold.holds.values()],
        cash(fold.charged_minor),
        cash(sums["adjusted_minor"]),
        cash(fold.captured_minor),
        cash(fold.refunded_minor),
        cash(fold.owed_minor - fold.captured_minor + fold.refunded_minor),
    )


def _some(units: Mapping[str, int]) -> dict[str, int]:
    return {name: count for name, count in units.items() if count}
