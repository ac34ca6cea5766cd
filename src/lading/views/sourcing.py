"""Why an order comes from where it comes from, and the rules that say so.

What rules of the merchant decided is told as the journal keeps it. What the house decided by itself is told from what lay where just
before: the journal knows that too.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import asyncpg
import msgspec
from msgspec import Meta, Struct

from lading.database import queries
from lading.database.pool import Transaction
from lading.kernel.wording import filled
from lading.sourcing import store
from lading.sourcing.commands import SaveSourcingRules, When
from lading.sourcing.previews import SourcingPreview
from lading.terms.money import Money
from lading.views.names import Names, read_actors, read_names
from lading.views.order import find_order
from lading.views.pages import NotFound
from lading.views.stock import lay_before

sql = queries.load(__file__)

DERIVED_MAX = 5
"""Decisions of the house itself that are told with their candidates, the newest; those before by their reason only."""


class SourcingQuery(Struct, frozen=True, forbid_unknown_fields=True):
    """Which order."""

    order: Annotated[str, Meta(max_length=64, description="Number or id")]


class SourcingCandidate(Struct, frozen=True):
    """A location that had something of what was wanted."""

    location: str
    chosen: bool
    units: int
    """Of what was wanted, as many as it had."""
    why: str
    """In a sentence."""
    reason: str
    """chosen, has_part, ranked, dearer, later, no_rate, priority, equal, not_needed, filtered, gave_back"""
    rank: int | None = None
    """Its position by the rules; None where it was left out."""
    km: int | None = None
    days: int = 0
    """Days until it would have left there."""
    zone: str | None = None
    alone: Money | None = None
    """What it would have cost from there alone."""
    rule: str | None = None
    """The rule or filter that decided against it."""


class Cost(Struct, frozen=True):
    """What was counted."""

    total: Money
    postage: Money
    handling: Money
    splitting: Money


class SourcingDecision(Struct, frozen=True):
    """One decision: at placement, when it was sourced again, or for what an edit added."""

    position: int
    """Of its event in the journal."""
    event: str
    at: datetime
    reason: str
    """one_location, two_locations, several_locations, short, split_not_allowed, preorder, reserved; added, by an edit"""
    sentence: str
    take: str
    """all_from_one, fewest_parcels, cheapest, earliest"""
    strategy: str | None
    rules: list[str]
    """Rules that told candidates apart, in their order."""
    rules_version: int | None
    """None: the house decided by itself."""
    cost: Cost | None
    at_least: Money | None
    """No way costs less than this, where it is not proven that there is none cheaper."""
    at_least_places: int | None
    candidates: list[SourcingCandidate]
    without_stock: int
    """Locations that fill orders and had nothing of it."""
    not_listed: int
    """Candidates beyond those that are kept."""


class SourcingExplained(Struct, frozen=True):
    """All decisions about one order, the newest first."""

    order_id: UUID
    decisions: list[SourcingDecision]


_WHY = {
    "chosen": "Taken.", "has_part": "Has {units} of {wanted} only.", "ranked": "Ranks behind, by “{rule}”.",
    "dearer": "From there alone it would cost {alone}.", "later": "Leaves there {days} {days:day|days} from then.",
    "no_rate": "No zone of the costs fits it.", "priority": "Behind by its priority.", "equal": "Equal: the code decides.",
    "not_needed": "Nothing was taken at all.", "filtered": "Left out by “{rule}”.",
    "gave_back": "Gave units of this order back: it is not asked again.",
}  # fmt: skip
_BACK = ("fulfillment_order_rejected", "fulfillment_order_closed")
_REASON = {
    "one_location": "All from one location", "two_locations": "From two locations", "several_locations": "From several locations",
    "short": "Not all of it was there", "split_not_allowed": "No single location has all of it, and it may not be split",
    "preorder": "Sold ahead", "reserved": "Kept for it before",
}  # fmt: skip
_TAKE = {
    "all_from_one": "all from one", "fewest_parcels": "fewest parcels", "cheapest": "the cheapest", "earliest": "the earliest",
}  # fmt: skip


async def explain(tx: Transaction, query: SourcingQuery) -> SourcingExplained:
    """Why the order comes from where it comes from. Raises NotFound."""
    order_id = await find_order(tx, query.order)
    rows = await tx.fetch(sql.sourcing_decisions, order_id)
    names, decisions = await read_names(tx), list[SourcingDecision]()
    placed = await tx.fetch(sql.order_lines, order_id)
    skus = {row["number"]: row["sku_id"] for row in placed}
    derived = 0
    events = [(row["kind"], msgspec.json.decode(row["data"])) for row in rows]
    for index, row in enumerate(rows):
        data = events[index][1]
        told = data.get("sourcing") or data
        why = told.get("why")
        gave_back = _gave_back(data, events[index + 1 :])
        if why is None and derived < DERIVED_MAX and "reason" in told:
            derived += 1
            why = await _derived(tx, row["position"], data, skus, gave_back)
        if why and gave_back:
            left = [{"location_id": str(each), "units": 0, "why": "gave_back"} for each in sorted(gave_back)]
            why = {**why, "candidates": [*why.get("candidates", ()), *left]}
        decisions.append(decision_of(row["position"], row["kind"], row["occurred_at"], told, why, names, data))
    return SourcingExplained(order_id, decisions)


async def latest(tx: Transaction, order_ids: Sequence[UUID]) -> dict[UUID, SourcingDecision]:
    """The last decision about each of these orders, as it was kept; for lists and heads of pages."""
    names = await read_names(tx)
    found: dict[UUID, SourcingDecision] = {}
    for row in await tx.fetch(sql.latest_decisions, list(order_ids)):
        data = msgspec.json.decode(row["data"])
        told = data.get("sourcing") or data
        decision = decision_of(row["position"], row["kind"], row["occurred_at"], told, told.get("why"), names, data)
        found[row["subject_id"]] = decision
    return found


def _wanted(data: Mapping[str, Any], skus: Mapping[int, UUID]) -> dict[UUID, int]:
    """Units by product that the decision was about."""
    wanted: dict[UUID, int] = {}
    if "lines" in data and "sourcing" in data:
        parts = [(UUID(line["sku_id"]), line["quantity"]) for line in data["lines"] if not line.get("is_kit")]
    else:
        parts = [(skus[each["line"]], each["quantity"]) for each in _moved(data) if each["line"] in skus]
    for sku_id, units in parts:
        wanted[sku_id] = wanted.get(sku_id, 0) + units
    return wanted


def _moved(data: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [*(data.get("allocations") or data.get("taken") or ()), *(data.get("backordered") or ())]


def _gave_back(data: Mapping[str, Any], earlier: Sequence[tuple[str, Mapping[str, Any]]]) -> set[UUID]:
    """Locations that were not asked, for they gave units of the order back: in this event, or in an earlier one."""
    if "sourcing" in data:
        return set()
    back = [*([data] if "resourced" in data else ()), *(each for kind, each in earlier if kind in _BACK)]
    return {UUID(each["location_id"]) for each in back if "location_id" in each}


def _taken_at(data: Mapping[str, Any]) -> set[UUID]:
    sourcing = data.get("sourcing")
    if sourcing:
        return {UUID(take[1]) for take in sourcing.get("takes") or ()}
    return {UUID(each["location_id"]) for each in data.get("allocations") or data.get("taken") or ()}


async def _derived(
    tx: Transaction, position: int, data: Mapping[str, Any], skus: Mapping[int, UUID], gave_back: Collection[UUID]
) -> dict[str, Any] | None:
    """The decision of the house by itself, as it could have been kept: what lay where just before."""
    wanted = _wanted(data, skus)
    if not wanted:
        return None
    lay = await lay_before(tx, sorted(wanted), position)
    priorities = {row["id"]: row["priority"] for row in await tx.fetch(sql.priorities)}
    there: dict[UUID, dict[UUID, int]] = {}
    for sku_id, places in lay.items():
        for location_id, units in places.items():
            if units > 0 and location_id not in gave_back:
                there.setdefault(location_id, {})[sku_id] = units
    taken = _taken_at(data)
    ordered = sorted(there, key=lambda id_: (priorities.get(id_, 0), id_))
    told = []
    for rank, location_id in enumerate(ordered, 1):
        has = {sku_id: min(units, wanted[sku_id]) for sku_id, units in there[location_id].items()}
        why = "chosen" if location_id in taken else "priority" if has == wanted else "has_part"
        told.append({"location_id": str(location_id), "rank": rank, "units": sum(has.values()), "why": why})
    told.sort(key=lambda each: each["why"] != "chosen")
    return {"take": "fewest_parcels", "candidates": told[:20], "not_listed": max(0, len(told) - 20)}


def decision_of(
    position: int,
    event: str,
    at: datetime,
    told: Mapping[str, Any],
    why: Mapping[str, Any] | None,
    names: Names,
    data: Mapping[str, Any],
) -> SourcingDecision:
    """As people read it; `told` holds the reason, `why` the explanation where there is one."""
    reason, why = data.get("resourced") or told.get("reason", ""), why or {}
    if event == "order_edited":
        reason = "added"
    wanted = sum(each.get("quantity", 0) for each in _moved(data)) or sum(
        line["quantity"] for line in data.get("lines") or () if not line.get("is_kit")
    )
    cost = _cost(why.get("cost"))
    currency = why["cost"]["currency"] if cost else None
    version = why.get("rules_version")
    return SourcingDecision(
        position, event, at, reason, _sentence(reason, why, cost), why.get("take", "fewest_parcels"), why.get("strategy"),
        list(why.get("rules") or ()), version or None, cost,
        Money.of_minor(why["at_least_minor"], currency) if currency and "at_least_minor" in why else None,
        why.get("at_least_places"), [_candidate(each, names, currency, wanted) for each in why.get("candidates") or ()],
        why.get("without_stock", 0), why.get("not_listed", 0),
    )  # fmt: skip


def _cost(told: Mapping[str, Any] | None) -> Cost | None:
    if not told:
        return None
    parts = [told[f"{name}_minor"] for name in ("postage", "handling", "splitting")]
    return Cost(*(Money.of_minor(minor, told["currency"]) for minor in (sum(parts), *parts)))


def _sentence(reason: str, why: Mapping[str, Any], cost: Cost | None) -> str:
    said = _REASON.get(reason, "Added to the order")
    if why.get("strategy"):
        said += f", by “{why['strategy']}” ({_TAKE[why['take']]})"
    if why.get("rules"):
        said += ", ranked by " + ", then ".join(f"“{name}”" for name in why["rules"])
    return f"{said}: {cost.total.amount} {cost.total.currency}." if cost else f"{said}."


def _candidate(told: Mapping[str, Any], names: Names, currency: str | None, wanted: int) -> SourcingCandidate:
    alone = Money.of_minor(told["alone_minor"], currency) if currency and "alone_minor" in told else None
    words = {
        "units": told["units"], "wanted": wanted, "rule": told.get("rule"), "days": told.get("days", 0),
        "alone": f"{alone.amount} {alone.currency}" if alone else "more",
    }  # fmt: skip
    return SourcingCandidate(
        names.location(told["location_id"]), told["why"] == "chosen", told["units"], filled(_WHY[told["why"]], words),
        told["why"], told.get("rank"), told.get("km"), told.get("days", 0), told.get("zone"), alone, told.get("rule"),
    )  # fmt: skip


class RulesQuery(Struct, frozen=True, forbid_unknown_fields=True):
    """The rules in force."""


class SourcingRules(Struct, frozen=True):
    """The rules in force; all empty where there are none."""

    version: int
    """0 where none were ever saved; to be named when they are saved again."""
    saved_at: datetime | None
    who: str | None
    rules: SaveSourcingRules
    """As they can be saved again."""


async def rules(tx: Transaction, query: RulesQuery) -> SourcingRules:
    """The rules in force, with the codes that products bear now."""
    row = await tx.fetchrow(sql.sourcing_rules_saved)
    if row is None:
        return SourcingRules(0, None, None, SaveSourcingRules())
    who = (await read_actors(tx, {row["set_by"]}))[row["set_by"]]
    return SourcingRules(row["version"], row["set_at"], who, await with_codes(tx, _parsed(row)))


def _parsed(row: asyncpg.Record) -> SaveSourcingRules:
    if row["value"] is None:
        return SaveSourcingRules()
    return msgspec.json.decode(row["value"], type=SaveSourcingRules)


async def with_codes(tx: Transaction, kept: SaveSourcingRules) -> SaveSourcingRules:
    """Rules as they are kept name products by their ids: here by the codes of today."""
    whens = [each.when for each in kept.rules] + [each.when for each in kept.filters]
    whens += [each.when for each in kept.strategies]
    ids = sorted({UUID(product) for when in whens for product in when.products})
    codes = {str(row["id"]): row["code"] for row in await tx.fetch(sql.codes_of_skus, ids)}

    def told(when: When) -> When:
        return msgspec.structs.replace(when, products=[codes.get(product, product) for product in when.products])

    replace = msgspec.structs.replace
    return replace(
        kept,
        rules=[replace(each, when=told(each.when)) for each in kept.rules],
        filters=[replace(each, when=told(each.when)) for each in kept.filters],
        strategies=[replace(each, when=told(each.when)) for each in kept.strategies],
    )


class PreviewQuery(Struct, frozen=True, forbid_unknown_fields=True):
    """Which preview."""

    preview: UUID


class PreviewedOrder(Struct, frozen=True):
    """An order that would be better off."""

    order: str
    before: list[str]
    after: list[str]
    saves: Money | None
    state: str
    """open; done, where it was sourced as offered; changed, where it stays as it is for it changed since"""


class PreviewView(Struct, frozen=True):
    """What sourcing again would save, as it was shown."""

    preview: UUID
    made_at: datetime
    looked_at: int
    orders: list[PreviewedOrder]
    saves: Money | None


async def preview(tx: Transaction, query: PreviewQuery) -> PreviewView:
    """The preview, and what became of it. Raises NotFound."""
    found = (await store.read_previews(tx, [query.preview])).get(query.preview)
    if found is None:
        raise NotFound(f"There is no preview {query.preview}.")
    names = await read_names(tx)
    now = {
        row["id"]: (row["version"], row["done"])
        for row in await tx.fetch(sql.orders_of_preview, [each.order_id for each in found.orders], str(found.id))
    }
    told = []
    for each in found.orders:
        version, done = now[each.order_id]
        saves = Money.of_minor(each.saves_minor, each.currency) if each.currency else None
        state = "done" if done else "open" if version == each.version else "changed"
        before, after = ([names.location(id_) for id_ in places] for places in (each.before, each.after))
        told.append(PreviewedOrder(each.order, before, after, saves, state))
    currency = found.orders[0].currency if found.orders else None
    total = Money.of_minor(sum(each.saves_minor for each in found.orders), currency) if currency else None
    return PreviewView(found.id, found.made_at, found.looked_at, told, total)


class PreviewsQuery(Struct, frozen=True, forbid_unknown_fields=True):
    """The latest."""


class PreviewLine(Struct, frozen=True):
    """One preview in a list."""

    preview: UUID
    made_at: datetime
    looked_at: int
    orders: int
    """That would be better off."""
    saves: Money | None


class PreviewsPage(Struct, frozen=True):
    """The latest previews, the newest first."""

    items: list[PreviewLine]


async def previews(tx: Transaction, query: PreviewsQuery) -> PreviewsPage:
    """The latest ones."""
    ids = [row["id"] for row in await tx.fetch(sql.latest_previews)]
    found = await store.read_previews(tx, ids)
    return PreviewsPage([_line(found[id_]) for id_ in ids])


def _line(row: SourcingPreview) -> PreviewLine:
    currency = row.orders[0].currency if row.orders else None
    saves = Money.of_minor(sum(each.saves_minor for each in row.orders), currency) if currency else None
    return PreviewLine(row.id, row.made_at, row.looked_at, len(row.orders), saves)
