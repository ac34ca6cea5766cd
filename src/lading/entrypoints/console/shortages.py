"""Shortages: what orders hold and is not there; and the plan that is regretted least, shown and then carried out."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from zoneinfo import ZoneInfo

import msgspec
from babel import dates
from msgspec import Struct
from starlette.responses import Response

from lading.entrypoints.console import listing, preview
from lading.entrypoints.console.context import Context, NotThere, form_id
from lading.entrypoints.console.words import N_
from lading.journal.types import Answer
from lading.operations.registry import verbs
from lading.shortages.planning import KEPT_TOLD
from lading.views import NotFound
from lading.views import counts as views
from lading.views.names import read_names
from lading.views.reservations import ReservationQuery, reservation
from lading.views.shortage_plan import Concerned, PlannedShelf, ShortagePlan, ShortagePlanQuery, shortage_plan

CLAIMS_SHOWN = 50
STEPS: Final = (
    ("release", "reservations.release"),
    ("cover", "shortages.cover"),
    ("settle", "shortages.settle"),
    ("source", "orders.source"),
    ("shorten", "reservations.shorten"),
)
"""What is done first: what carts let go of covers, who gave way looks elsewhere, and claims have what is left."""
KINDS: Final = {
    "count": N_("count"),
    "short_pick": N_("short pick"),
    "lost": N_("lost"),
    "damaged": N_("damaged"),
    "scrapped": N_("scrapped"),
}


class Commands(Struct, forbid_unknown_fields=True):
    """The plan as the person saw it, step by step."""

    release: list[dict[str, Any]] = []
    cover: list[dict[str, Any]] = []
    settle: list[dict[str, Any]] = []
    source: list[dict[str, Any]] = []
    shorten: list[dict[str, Any]] = []


@dataclass(frozen=True, slots=True)
class Row:
    """An order at a shelf, as the page shows it."""

    each: Concerned
    why: str


@dataclass(frozen=True, slots=True)
class Shown:
    """A shelf, as the page shows it: who gives way, and who keeps what is there."""

    shelf: PlannedShelf
    gives_way: Sequence[Row]
    keeps: Sequence[Row]


async def show_list(context: Context) -> Response:
    """Open shortages, the oldest first."""
    asked = {name: context.query(name) for name in ("location", "sku")}
    shown = await listing.find(context, views.shortages, views.ShortagesQuery, asked)
    return context.render("shortages.html", **shown, kinds=KINDS)


async def show_plan(context: Context) -> Response:
    """What would be done, shelf by shelf and order by order."""
    return await _plan(context, context.query("sku"), context.query("location"))


async def apply(context: Context) -> Response:
    """Carry the plan out as it was shown; what changed since is named, and the rest is planned anew."""
    for _, verb in STEPS:
        context.need(verbs()[verb].scope)
    try:
        commands = msgspec.json.decode(context.sent("plan") or "{}", type=Commands)
        done, problems = await _carry_out(context, commands)
    except msgspec.ValidationError as error:
        return await _plan(context, context.sent("sku"), context.sent("location"), [preview.plain(str(error))])
    except msgspec.DecodeError as error:
        raise NotThere from error
    if problems:
        return await _plan(context, context.sent("sku"), context.sent("location"), problems, done)
    said = context.ngettext("The plan was carried out: %(num)s step.", "The plan was carried out: %(num)s steps.", done)
    return context.go("/shortages", said)


async def _carry_out(context: Context, commands: Commands) -> tuple[int, list[str]]:
    """How many steps were done, and why others were not. Whoever could not give way need not look elsewhere."""
    done, problems = 0, []
    stayed: set[str] = set()
    for step, verb in STEPS:
        wanted = [each for each in getattr(commands, step) if step != "source" or each.get("order") not in stayed]
        if not wanted:
            continue
        for command, answer in zip(wanted, await context.submit_all(verb, wanted), strict=True):
            if answer.accepted:
                done += 1
                continue
            if step == "settle":
                stayed.add(str(command.get("order")))
            problems.append(_problem(context, command, answer))
    return done, problems


def _problem(context: Context, command: dict[str, Any], answer: Answer) -> str:
    message = context.why_not(answer)
    order = command.get("order")
    if order and str(order) not in message:
        return context._("Order %(number)s", number=order) + f": {message}"
    if sku := command.get("sku"):
        where = f"{sku}, {command['location']}" if command.get("location") else str(sku)
        return f"{where}: {message}"
    return message


async def _plan(
    context: Context, sku: str, location: str, problems: Sequence[str] = (), done: int | None = None
) -> Response:
    try:
        raw = {name: value for name, value in (("sku", sku), ("location", location)) if value}
        query = msgspec.convert(raw, ShortagePlanQuery)
        async with context.database.read(context.merchant.id) as tx:
            plan = await shortage_plan(tx, query)
            names = await read_names(tx)
            claims = {
                claim.reservation: await reservation(tx, ReservationQuery(claim.reservation))
                for each in plan.keeps
                for claim in each.claims[:CLAIMS_SHOWN]
            }
    except (NotFound, ValueError) as error:
        raise NotThere from error
    concerned = [each for shelf in plan.shelves for each in shelf.orders]
    return context.render(
        "shortage_plan.html", 409 if problems else 200, plan=plan, shelves=[_shown(context, shelf) for shelf in plan.shelves],
        problems=problems, done=done, sku=sku, location=location, names=dict(names.locations.values()), once=form_id(),
        commands=_commands(plan), steps=sum(len(getattr(plan, step)) for step, _ in STEPS),
        sums={kind: sum(each.quantity for each in concerned if each.instead == kind) for kind in INSTEAD},
        claims=claims, claims_shown=CLAIMS_SHOWN, may_apply=all(context.may_do(verb) for _, verb in STEPS),
    )  # fmt: skip


INSTEAD: Final = ("elsewhere", "substitute", "wait", "cancel", "keep")


def _commands(plan: ShortagePlan) -> str:
    """The steps of the plan, as the form carries them."""
    return msgspec.json.encode(Commands(plan.release, plan.cover, plan.settle, plan.source, plan.shorten)).decode()


def _shown(context: Context, shelf: PlannedShelf) -> Shown:
    rows = [Row(each, " ".join([_why(context, each), *_kept(context, each)])) for each in shelf.orders]
    return Shown(
        shelf,
        [row for row in rows if row.each.instead != "keep"],
        [row for row in rows if row.each.instead == "keep"],
    )


def _kept(context: Context, each: Concerned) -> list[str]:
    """Of units that lie elsewhere, why the order cannot have them; of many places the first ones."""
    told = []
    for kept in each.kept[:KEPT_TOLD]:
        facts = {"place": kept.location, "count": kept.quantity}
        if kept.why == "filter":
            told.append(
                context._(
                    "%(place)s has %(count)s, but the filter “%(filter)s” keeps them there.",
                    filter=kept.filter,
                    **facts,
                )
            )
        elif kept.why == "gave_back":
            told.append(context._("%(place)s has %(count)s, but gave the order back before.", **facts))
        else:
            told.append(context._("%(place)s has %(count)s, but the customer collects it elsewhere.", **facts))
    return told


def _why(context: Context, each: Concerned) -> str:
    """The plan's reason in the reader's language."""
    if each.instead == "keep":
        return context._("Keeps what is there: others mind less.")
    if each.instead == "elsewhere":
        if "second parcel" in each.why:
            return context._("Another place has it; it becomes a second parcel.")
        return context._("Another place has it.")
    if each.instead == "substitute":
        return context._("%(sku)s goes in its place, at the same cost for the customer.", sku=each.sku)
    if each.instead == "wait" and each.expected_at:
        day = dates.format_date(
            each.expected_at.astimezone(ZoneInfo(context.merchant.time_zone)), "medium", locale=context.locale
        )
        late = re.search(r"(\d+) days? late", each.why)
        told = context._("in time") if not late else context._("days late: %(days)s", days=late[1])
        return context._("Comes on %(day)s (%(late)s); no other place has it.", day=day, late=told)
    if each.instead == "wait":
        return context._("No place has it and none is expected: it waits without a date.")
    return context._("No place has it, none is expected, and it may not wait.")
