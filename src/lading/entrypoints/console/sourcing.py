"""Sourcing: why an order comes from where it comes from, what if, and sourcing again."""

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

import msgspec
from starlette.responses import Response

from lading.entrypoints import trying
from lading.entrypoints.console import preview as previews
from lading.entrypoints.console import sourcing_rules
from lading.entrypoints.console.context import Context, NotThere, decode, form_id
from lading.entrypoints.console.rendering import write_money
from lading.entrypoints.console.words import N_
from lading.entrypoints.trying import WhatIfQuery
from lading.terms.money import Money
from lading.views import NotFound
from lading.views import sourcing as views
from lading.views.names import read_names
from lading.views.order import order as read_order

PREVIEW: Final = "sourcing-previews.make"
AGAIN: Final = "orders.resource"
REASONS: Final = {
    "one_location": N_("All from one location."),
    "two_locations": N_("From two locations."),
    "several_locations": N_("From several locations."),
    "short": N_("Not all of it was there."),
    "split_not_allowed": N_("No single location has all of it, and it may not be split."),
    "preorder": N_("Sold ahead."),
    "reserved": N_("Kept for it before."),
    "added": N_("Added to the order."),
    "held": N_("Held, so nobody looked for it."),
}
EVENTS: Final = {
    "order_placed": N_("When it was placed"),
    "order_sourced": N_("When stock was looked for again"),
    "order_edited": N_("When it was edited"),
    "order_resourced": N_("When it was sourced again"),
    "what_if": N_("What if"),
}
_WHY: Final = {
    "chosen": N_("Taken"),
    "has_part": N_("Has a part only"),
    "ranked": N_("Ranks behind, by “%(rule)s”"),
    "dearer": N_("From there alone it would cost %(alone)s"),
    "later": N_("Leaves later there"),
    "no_rate": N_("No zone of the costs fits it"),
    "priority": N_("Behind by its priority"),
    "equal": N_("Equal: the code decides"),
    "not_needed": N_("Nothing was taken at all"),
    "filtered": N_("Left out by “%(rule)s”"),
    "gave_back": N_("Gave units back: it is not asked again"),
}


def why(context: Context, each: views.SourcingCandidate) -> str:
    """Why a location was taken or not, in the reader's words."""
    alone = write_money(each.alone.minor, each.alone.currency, context.locale) if each.alone else context._("more")
    return context._(_WHY[each.reason], rule=each.rule or "", alone=alone)


def tell(context: Context, decision: views.SourcingDecision) -> str:
    """A decision in a sentence."""
    said = context._(REASONS.get(decision.reason, REASONS["added"]))
    if decision.strategy:
        said += " " + context._(
            "Strategy “%(name)s”: %(take)s.",
            name=decision.strategy,
            take=context._(sourcing_rules.TAKES[decision.take]),
        )
    if decision.rules:
        said += " " + context._("Ranked by %(rules)s.", rules=", ".join(f"“{name}”" for name in decision.rules))
    return said


def tell_waiting(context: Context, decision: views.SourcingDecision) -> str:
    """Why an order waits for a location: what was found when somebody looked last, and who was left out."""
    out = [each for each in decision.candidates if each.reason == "filtered"]
    said = context._(REASONS.get(decision.reason, REASONS["short"]))
    if out:
        said += " " + context._(
            "Left out: %(places)s, by %(rules)s.",
            places=", ".join(each.location for each in out),
            rules=", ".join(dict.fromkeys(f"“{each.rule}”" for each in out)),
        )
    return said


async def show_order(context: Context) -> Response:
    """All decisions about one order; and, where asked, what would be otherwise."""
    ref = context.request.path_params["ref"]
    asked = {name: context.query(name) for name in ("take", "without", "sku", "location", "quantity")}
    tried, problem = None, ""
    async with context.database.read(context.merchant.id) as tx:
        try:
            order = await read_order(tx, ref)
            found = await views.explain(tx, views.SourcingQuery(order.number))
        except (NotFound, ValueError) as error:
            raise NotThere from error
        names = await read_names(tx)
        if context.query("try"):
            try:
                tried = await trying.what_if(tx, _what_if(order.number, asked))
            except (NotFound, ValueError) as error:
                problem = str(error)
    return context.render(
        "order_sourcing.html",
        order=order,
        decisions=found.decisions,
        tried=tried,
        problem=problem,
        asked=asked,
        takes=sourcing_rules.TAKES,
        events=EVENTS,
        locations=sorted(names.locations.values()),
        why=lambda each: why(context, each),
        tell=lambda each: tell(context, each),
    )


def _what_if(order: str, asked: Mapping[str, str]) -> WhatIfQuery:
    raw: dict[str, Any] = {"order": order}
    if asked["take"]:
        raw["take"] = asked["take"]
    if asked["without"]:
        raw["without"] = [asked["without"]]
    if asked["sku"]:
        raw["more"] = [{"sku": asked["sku"], "location": asked["location"], "quantity": asked["quantity"] or "1"}]
    return msgspec.convert(raw, WhatIfQuery, strict=False)


async def make_preview(context: Context) -> Response:
    """See what sourcing the unreleased orders again would save."""
    context.need("orders:write")
    answer = await context.submit(PREVIEW, {})
    if not answer.accepted:
        return await sourcing_rules.render(context, problem=context.why_not(answer))
    return context.go(f"/sourcing/previews/{decode(answer)['preview']}")


async def show_preview(context: Context) -> Response:
    """What a preview offers, order by order."""
    return await _preview(context)


async def _preview(context: Context, problems: list[str] | None = None) -> Response:
    try:
        ref = UUID(context.request.path_params["ref"])
        async with context.database.read(context.merchant.id) as tx:
            found = await views.preview(tx, views.PreviewQuery(ref))
    except (NotFound, ValueError) as error:
        raise NotThere from error
    left = [each for each in found.orders if each.state == "open"]
    return context.render(
        "sourcing_preview.html", preview=found, left=left, once=form_id(), problems=problems or [],
        may_apply=context.may_do(AGAIN),
        cash=lambda money: write_money(money.minor, money.currency, context.locale) if isinstance(money, Money) else "",
    )  # fmt: skip


async def carry_out(context: Context) -> Response:
    """Carry it out as it was shown; what changed since stays as it is, and is named."""
    context.need("orders:write")
    ref = context.request.path_params["ref"]
    try:
        async with context.database.read(context.merchant.id) as tx:
            found = await views.preview(tx, views.PreviewQuery(UUID(ref)))
    except (NotFound, ValueError) as error:
        raise NotThere from error
    payloads = [{"order": each.order, "preview": ref} for each in found.orders if each.state == "open"]
    answers = await context.submit_all(AGAIN, payloads) if payloads else []
    refused = [previews.plain(context.why_not(answer)) for answer in answers if not answer.accepted]
    if refused:
        return await _preview(context, refused)
    said = context.ngettext("%(num)s order was sourced again.", "%(num)s orders were sourced again.", len(payloads))
    return context.go(f"/sourcing/previews/{ref}", said)
