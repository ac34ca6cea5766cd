"""The list of orders, and one order."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import msgspec
from starlette.responses import Response

from lading.entrypoints.console import actions, changes, sourcing, steps, words
from lading.entrypoints.console.context import Context, NotThere, form_id
from lading.entrypoints.console.rendering import write_money
from lading.entrypoints.console.words import N_
from lading.terms.ledger import LINE_STAGES
from lading.terms.money import Money
from lading.views import NotFound
from lading.views.attributes import AttributesQuery
from lading.views.attributes import attributes as read_attributes
from lading.views.invoices import InvoicesQuery
from lading.views.invoices import invoices as read_invoices
from lading.views.names import read_names
from lading.views.notes import TagsQuery
from lading.views.notes import tags as read_tags
from lading.views.order import OrderDetail
from lading.views.order import order as read_order
from lading.views.orders import OrdersQuery
from lading.views.orders import orders as read_orders
from lading.views.pages import LIMIT_MAX
from lading.views.sourcing import latest as read_latest
from lading.views.statement import StatementQuery
from lading.views.statement import statement as read_statement
from lading.views.timeline import TimelineQuery
from lading.views.timeline import timeline as read_timeline

AGES = (
    ("1", N_("over an hour")),
    ("4", N_("over 4 hours")),
    ("24", N_("over a day")),
    ("72", N_("over 3 days")),
    ("168", N_("over a week")),
)
DUE = (("now", N_("late")), ("today", N_("within 24 hours")), ("week", N_("within a week")))
_DUE_HOURS = {"now": 0, "today": 24, "week": 168}
CHARGES = {
    "discount": N_("Discount"),
    "tax": N_("Tax"),
    "shipping": N_("Shipping"),
    "fee": N_("Fee"),
    "gift_wrap": N_("Gift wrap"),
    "duty": N_("Duty"),
    "tip": N_("Tip"),
    "surcharge": N_("Surcharge"),
    "adjustment": N_("Adjustment"),
}
SOURCES = {
    "code": N_("by code"),
    "campaign": N_("by campaign"),
    "person": N_("granted"),
    "calculated": N_("calculated here"),
}
"""Where a discount or a tax comes from."""
_FILTERS = ("q", "stage", "lifecycle", "payment_status", "channel", "location", "age", "due", "tag", "lost")
PAGE_SIZE = 50


async def show_list(context: Context) -> Response:
    """Orders by search and filters."""
    asked = {name: value for name in _FILTERS if (value := context.query(name))}
    problem = ""
    async with context.database.read(context.merchant.id) as tx:
        names, tags = await read_names(tx), (await read_tags(tx, TagsQuery())).items
        try:
            found = await read_orders(tx, _query(context, asked))
        except (NotFound, msgspec.ValidationError, ValueError) as error:
            found, problem = None, str(error)
        looking = [order.id for order in found.items if order.stage in ("to_source", "backordered")] if found else []
        why = await read_latest(tx, looking) if looking else {}
    if found and asked.keys() == {"q"} and not context.query("after") and len(found.items) == 1 and context.query("go"):
        return context.go(f"/orders/{found.items[0].number}")
    return context.render(
        "orders.html",
        page=found,
        problem=problem,
        asked={name: asked.get(name, "") for name in _FILTERS},
        search=asked.get("q", ""),
        chips=_chips(context, asked),
        older=_address(asked, after=found.next) if found and found.next else "",
        first=_address(asked),
        is_later=bool(context.query("after")),
        channels=sorted(names.channels.values()),
        locations=sorted(names.locations.values()),
        stages=words.STAGES,
        tags=tags,
        ages=AGES,
        dues=DUE,
        why={id_: sourcing.tell_waiting(context, each) for id_, each in why.items()},
        bulk=steps.BULK,
        once=form_id(),
        now=context.now,
    )


def _query(context: Context, asked: dict[str, str]) -> OrdersQuery:
    """Raises msgspec.ValidationError or ValueError where an address was written by hand, and badly."""
    raw: dict[str, Any] = {name: value for name, value in asked.items() if name not in ("age", "due", "lost")}
    if asked.get("lost"):
        raw["lost"] = True
    if asked.get("age", "").isdecimal() and len(asked["age"]) < 6:
        raw["queued_before"] = context.now - timedelta(hours=int(asked["age"]))
    if asked.get("due") in _DUE_HOURS:
        raw["due_before"] = context.now + timedelta(hours=_DUE_HOURS[asked["due"]])
    if after := context.query("after"):
        raw["after"] = after
    return msgspec.convert({**raw, "limit": PAGE_SIZE}, OrdersQuery)


def _address(asked: dict[str, str], **more: str | None) -> str:
    values = {name: value for name, value in {**asked, **more}.items() if value}
    return "/orders" + (f"?{urlencode(values)}" if values else "")


def _chips(context: Context, asked: dict[str, str]) -> list[tuple[str, str]]:
    """(what is set, the address without it)."""
    ages: dict[str, str] = dict(AGES)
    dues: dict[str, str] = dict(DUE)
    say: dict[str, Callable[[str], str]] = {
        "q": lambda value: f"“{value}”",
        "stage": lambda value: context._(words.look("stage", value).word),
        "lifecycle": lambda value: context._(words.look("lifecycle", value).word),
        "payment_status": lambda value: context._(words.look("payment", value).word),
        "age": lambda value: context._(ages.get(value, value)),
        "due": lambda value: context._(dues.get(value, value)),
        "lost": lambda _: context._("Lost"),
    }
    return [
        (say.get(name, str)(value), _address({key: kept for key, kept in asked.items() if key != name}))
        for name, value in asked.items()
    ]


async def show_one(context: Context) -> Response:
    """One order: lines, money, parcels, people, story, and what can be done now."""
    ref = context.request.path_params["ref"]
    async with context.database.read(context.merchant.id) as tx:
        try:
            order = await read_order(tx, ref)
            story = await read_timeline(
                tx,
                msgspec.convert(
                    {"order": order.number, "limit": 100, "after": context.query("after") or None}, TimelineQuery
                ),
            )
            known = (await read_attributes(tx, AttributesQuery())).items
            billed = await read_invoices(tx, InvoicesQuery(order=order.number, limit=LIMIT_MAX))
            why = (await read_latest(tx, [order.id])).get(order.id)
        except (NotFound, ValueError) as error:
            raise NotThere from error
    if ref != order.number:
        return context.go(f"/orders/{order.number}")
    charges: dict[str, str] = CHARGES
    sources: dict[str, str] = SOURCES
    return context.render(
        "order.html",
        order=order,
        story=story,
        invoices=billed.items[::-1] if context.caller.may("invoices:read") else [],
        acts=actions.buttons(context, order),
        hold_stops=words.HOLD_STOPS,
        why_here=sourcing.tell(context, why) if why else "",
        why_cost=why.cost if why else None,
        audiences=changes.AUDIENCES,
        related_words=changes.RELATED,
        attribute_names={each.code: each.name for each in known},
        journey=_journey(order),
        goods_parts=_parts(order),
        goods_minor=sum(line.goods.minor for line in order.lines if not (line.instead_of or line.added)),
        cash_of=lambda money: write_money(Money(**money).minor, money["currency"], context.locale),
        charge_word=lambda kind: context._(charges.get(str(kind), str(kind))),
        source_word=lambda source: context._(sources.get(str(source), str(source))),
    )


async def show_statement(context: Context) -> Response:
    """The penny trail of an order: every cent with its event."""
    ref = context.request.path_params["ref"]
    async with context.database.read(context.merchant.id) as tx:
        try:
            statement = await read_statement(tx, StatementQuery(ref))
        except (NotFound, ValueError) as error:
            raise NotThere from error
    return context.render("statement.html", statement=statement)


JOURNEY = (
    "delivered",
    "in_transit",
    "packed",
    "picked",
    "released",
    "allocated",
    "open",
    "backordered",
    "sent_back",
    "lost",
    "cancelled",
)
"""The stages of a bar, the farthest first."""
assert set(JOURNEY) == set(LINE_STAGES)


def _journey(order: OrderDetail) -> list[tuple[str, int]]:
    return [(stage, order.units.get(stage, 0)) for stage in JOURNEY]


def _parts(order: OrderDetail) -> dict[int, list[tuple[str, int]]]:
    """Units by stage of each line."""
    return {line.number: [(stage, line.units.get(stage, 0)) for stage in JOURNEY] for line in order.lines}
