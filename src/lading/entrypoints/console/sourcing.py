"""Sourcing: why an order comes from where it comes from, what if, the merchant's rules with what looks wrong, and sourcing again."""

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

import msgspec
from starlette.responses import Response

from lading.entrypoints import trying
from lading.entrypoints.console import preview as previews
from lading.entrypoints.console.context import Context, NotThere, decode, form_id
from lading.entrypoints.console.rendering import write_money
from lading.entrypoints.console.words import N_
from lading.entrypoints.trying import LintQuery, WhatIfQuery
from lading.sourcing.commands import FilterRule, RankingRule, SaveSourcingRules
from lading.terms.money import Money
from lading.views import NotFound
from lading.views import sourcing as views
from lading.views.names import read_names
from lading.views.order import order as read_order

RULES: Final = "sourcing-rules.save"
PREVIEW: Final = "sourcing-previews.make"
AGAIN: Final = "orders.resource"
TAKES: Final = {
    "all_from_one": N_("all from one"),
    "fewest_parcels": N_("fewest parcels"),
    "cheapest": N_("the cheapest"),
    "earliest": N_("the earliest"),
}
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
}
FINDINGS: Final = {
    "never_reached": N_("can never fire"),
    "same_as_before": N_("says what was said before"),
    "names_nothing": N_("is not used"),
    "never_fired": N_("did not fire"),
    "orders_without": N_("orders fit none"),
}
KINDS: Final = {
    "rules": N_("Rule"),
    "filters": N_("Filter"),
    "strategies": N_("Strategy"),
    "zones": N_("Zone"),
}
BY: Final = {
    "listed": N_("in this order: %(what)s"),
    "priority": N_("by priority"),
    "nearest": N_("the nearest first"),
    "most_stock": N_("most stock first"),
    "oldest_stock": N_("oldest stock first"),
    "lowest_workload": N_("least work first"),
    "soonest": N_("who sends soonest first"),
    "stores_last": N_("stores last"),
    "stock": N_("not with fewer than %(what)s units"),
    "distance": N_("not beyond %(what)s km"),
    "capability": N_("only who can: %(what)s"),
    "cut_off": N_("only what leaves within %(what)s days"),
    "workload": N_("not with more than %(what)s orders to do"),
    "only": N_("only %(what)s"),
    "never": N_("not %(what)s"),
}
EXAMPLE: Final = {
    "filters": [{"name": "no stores for the marketplace", "by": "never", "kinds": ["store"]}],
    "rules": [{"name": "near ones first", "by": "nearest"}],
    "strategies": [{"name": "fewest parcels", "take": "fewest_parcels"}],
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
            "Strategy “%(name)s”: %(take)s.", name=decision.strategy, take=context._(TAKES[decision.take])
        )
    if decision.rules:
        said += " " + context._("Ranked by %(rules)s.", rules=", ".join(f"“{name}”" for name in decision.rules))
    return said


def says(context: Context, rule: RankingRule | FilterRule) -> str:
    """What a rule or a filter does, in a few words."""
    names = [*rule.locations]
    if isinstance(rule, FilterRule):
        names += [*rule.groups, *rule.kinds]
        names += [
            str(each) for each in (rule.units, rule.km, rule.capability, rule.days, rule.orders) if each is not None
        ]
    between = " › " if isinstance(rule, RankingRule) else ", "
    return context._(BY[rule.by], what=between.join(names))


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
        takes=TAKES,
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


async def show(context: Context) -> Response:
    """The rules in force, and what looks wrong with them."""
    return await _rules(context)


async def save(context: Context) -> Response:
    """Check them, or save them; what is refused stays in the field."""
    text = context.sent("rules")
    try:
        raw = msgspec.json.decode(text or "{}")
        msgspec.convert(raw, SaveSourcingRules)
    except (msgspec.DecodeError, msgspec.ValidationError) as error:
        return await _rules(context, text, str(error))
    if context.sent("do") == "check":
        return await _rules(context, text)
    context.need("policies:write")
    version = context.sent("version")
    if version.isdecimal() and len(version) < 10:
        raw["expected_version"] = int(version)
    answer = await context.submit(RULES, raw)
    if not answer.accepted:
        return await _rules(context, text, context.why_not(answer))
    return context.go(
        "/sourcing", context._("The rules are saved, as version %(version)s.", version=decode(answer)["version"])
    )


async def _rules(context: Context, text: str | None = None, problem: str = "") -> Response:
    async with context.database.read(context.merchant.id) as tx:
        kept = await views.rules(tx, views.RulesQuery())
        shown = kept.rules if text is None or problem else msgspec.json.decode(text or "{}", type=SaveSourcingRules)
        linted = await trying.lint(tx, LintQuery(rules=shown)) if not shown.empty and not problem else None
        latest = await views.previews(tx, views.PreviewsQuery())
    if text is None:
        given = {name: value for name, value in msgspec.to_builtins(kept.rules).items() if value}
        text = msgspec.json.format(msgspec.json.encode(_slim(given) or EXAMPLE), indent=2).decode()
    return context.render(
        "sourcing.html",
        200 if not problem else 422,
        kept=kept,
        shown=shown,
        text=text,
        problem=problem,
        linted=linted,
        checked=text != "" and shown is not kept.rules,
        takes=TAKES,
        says=lambda rule: says(context, rule),
        findings=FINDINGS,
        kinds=KINDS,
        previews=latest.items,
        once=form_id(),
    )


def _slim(value: Any) -> Any:
    """Without what is empty or as it is by default, for people to read."""
    if isinstance(value, dict):
        slim = {name: _slim(each) for name, each in value.items()}
        return {name: each for name, each in slim.items() if each not in (None, [], {}, "0")}
    return [_slim(each) for each in value] if isinstance(value, list) else value


async def make_preview(context: Context) -> Response:
    """See what sourcing the unreleased orders again would save."""
    context.need("orders:write")
    answer = await context.submit(PREVIEW, {})
    if not answer.accepted:
        return await _rules(context, None, context.why_not(answer))
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
    return context.go(
        f"/sourcing/previews/{ref}", context._("%(count)s orders were sourced again.", count=len(payloads))
    )
