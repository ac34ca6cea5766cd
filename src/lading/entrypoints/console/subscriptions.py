"""Subscriptions: when they place their next order, which they placed, and what can be done with them."""

from typing import Any, Final

import msgspec
from starlette.responses import Response

from lading.entrypoints.console import forms
from lading.entrypoints.console.context import Context, NotThere
from lading.entrypoints.console.fields import Field
from lading.entrypoints.console.forms import Simple
from lading.entrypoints.console.stock import moment
from lading.entrypoints.console.words import N_
from lading.views import NotFound
from lading.views import subscriptions as views
from lading.views.subscriptions import SubscriptionView
from lading.views.timeline import latest_of

PAGE_SIZE = 50
STORY = 20
STATUSES: Final = ("active", "paused", "cancelled", "ended")
UNITS: Final = {"day": N_("days"), "week": N_("weeks"), "month": N_("months")}
ONE: Final = {"day": N_("every day"), "week": N_("every week"), "month": N_("every month")}
ACTS: Final = {
    "skip": (N_("Skip the next order"), "arrow-right", ("active", "paused")),
    "pause": (N_("Pause"), "player-pause", ("active",)),
    "resume": (N_("Resume"), "player-play", ("paused",)),
    "cancel": (N_("Cancel the subscription"), "ban", ("active", "paused")),
}


def rhythm(context: Context, every: int, unit: str) -> str:
    """How often it orders."""
    if every == 1:
        return context._(ONE[unit])
    return context._("every %(count)s %(units)s", count=every, units=context._(UNITS[unit]))


async def show_list(context: Context) -> Response:
    """Subscriptions, the newest first."""
    asked = {"status": context.query("status")}
    raw = {name: value for name, value in {**asked, "after": context.query("after")}.items() if value}
    async with context.database.read(context.merchant.id) as tx:
        try:
            page = await views.subscriptions(tx, msgspec.convert({**raw, "limit": PAGE_SIZE}, views.SubscriptionsQuery))
        except ValueError as error:
            raise NotThere from error
    return context.render(
        "subscriptions.html",
        page=page,
        asked=asked,
        statuses=STATUSES,
        is_later="after" in raw,
        rhythm=lambda each: rhythm(context, each.every, each.unit),
    )


async def show_one(context: Context) -> Response:
    """One subscription, its orders, and what happened."""
    found = await _find(context)
    async with context.database.read(context.merchant.id) as tx:
        story = await latest_of(tx, found.head.id, STORY)
    acts = [
        (verb, word, icon) for verb, (word, icon, fitting) in ACTS.items()
        if found.head.status in fitting and context.may_do(f"subscriptions.{verb}")
    ]  # fmt: skip
    return context.render(
        "subscription.html",
        head=found.head,
        orders=found.orders,
        acts=acts,
        story=story,
        rhythm=rhythm(context, found.head.every, found.head.unit),
    )


async def show_act(context: Context) -> Response:
    """The form."""
    context.need("subscriptions:write")
    return forms.show(context, _form(context, await _find(context)))


async def run(context: Context) -> Response:
    """Do it."""
    found = await _find(context)
    form, verb = _form(context, found), str(context.request.path_params["verb"])
    payload: dict[str, Any] = {"subscription": found.head.subscription, **forms.payload_of(context, form.fields)}
    if (version := context.sent("version")).isdecimal() and int(version[:9]) > 0:
        payload["expected_version"] = int(version[:9])
    back = f"/subscriptions/{found.head.subscription}"
    return await forms.submit(context, f"subscriptions.{verb}", form, payload, back, context._("Done."))


async def show_new(context: Context) -> Response:
    """A subscription of a draft."""
    context.need("subscriptions:write")
    return forms.show(context, _new(context))


async def create(context: Context) -> Response:
    """Make it."""
    form = _new(context)
    payload = forms.payload_of(context, form.fields)
    if "first_at" in payload:
        payload["first_at"] = moment(context, payload["first_at"])
    return await forms.submit(
        context, "subscriptions.create", form, payload, "/subscriptions", context._("The subscription is made.")
    )


def _new(context: Context) -> Simple:
    _ = context._
    fields = [
        Field(
            "draft", _("Draft"), required=True, value=context.query("draft"), hint=_("What it orders, such as D1042.")
        ),
        Field("every", _("Every"), "number", low=1, high=120, value="1"),
        Field("unit", _("Unit"), "select", [(name, _(word)) for name, word in UNITS.items()], value="month"),
        Field("first_at", _("First order"), "moment", required=True),
        Field("prices", _("Prices"), "select", [("kept", _("those of the draft")), ("current", _("those of the day"))]),
        Field("orders_max", _("Orders in all"), "number", low=1, high=10_000, hint=_("Empty: until somebody ends it.")),
    ]
    return Simple(_("New subscription"), "/subscriptions/new", fields, _("Make it"), "/subscriptions", icon="refresh")


def _form(context: Context, found: SubscriptionView) -> Simple:
    verb, head = str(context.request.path_params["verb"]), found.head
    if verb not in ACTS:
        raise NotThere
    word, icon, _ = ACTS[verb]
    fields = (
        [Field("reason", context._("Reason"), required=verb == "cancel", wide=True)]
        if verb in ("pause", "cancel")
        else []
    )
    return Simple(
        f"{context._(word)}: {head.subscription}", f"/subscriptions/{head.subscription}/do/{verb}", fields, context._(word),
        f"/subscriptions/{head.subscription}", icon=icon, hidden={"version": str(head.version)},
    )  # fmt: skip


async def _find(context: Context) -> SubscriptionView:
    async with context.database.read(context.merchant.id) as tx:
        try:
            ref = str(context.request.path_params["ref"])[:64]
            return await views.subscription(tx, views.SubscriptionQuery(ref))
        except NotFound as error:
            raise NotThere from error
