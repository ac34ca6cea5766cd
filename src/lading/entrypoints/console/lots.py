"""Lots: when each expires, whether it may be promised, and who got units of it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import msgspec
from starlette.responses import Response

from lading.entrypoints.console import forms, listing, words
from lading.entrypoints.console.context import Context, NotThere
from lading.entrypoints.console.fields import Field
from lading.entrypoints.console.forms import Simple
from lading.entrypoints.console.words import N_
from lading.views import NotFound
from lading.views import lots as views

HOLDERS = 100
OTHERS = 200
"""Lots that another one can be chosen from."""
EXPIRY: Final = (
    ("0", N_("expired")),
    ("7", N_("within 7 days")),
    ("30", N_("within 30 days")),
    ("90", N_("within 90 days")),
)


@dataclass(frozen=True, slots=True)
class Act:
    """What can be done with a lot."""

    verb: str
    word: str
    icon: str
    statuses: tuple[str, ...]
    """Of lots with which it can be done."""
    note: str
    said: str


ACTS: Final = {
    act.verb: act
    for act in (
        Act("hold", N_("Hold"), "hand-stop", ("ok",),
            N_("Its units are neither promised nor picked until it is released."), N_("%(lot)s is held.")),
        Act("recall", N_("Recall"), "alert-triangle", ("ok", "held"),
            N_("Its units are neither promised nor picked. Who got some is listed on the page of the lot."),
            N_("%(lot)s is recalled.")),
        Act("release", N_("Release"), "lock-open", ("held", "recalled"),
            N_("Its units are promised again until they expire."), N_("%(lot)s is released.")),
    )
}  # fmt: skip


async def show_list(context: Context) -> Response:
    """All lots or some, the first to expire first."""
    asked = {name: context.query(name) for name in ("sku", "status", "expires")}
    raw: dict[str, Any] = {name: value for name in ("sku", "status") if (value := asked[name])}
    today = context.now.astimezone(ZoneInfo(context.merchant.time_zone)).date()
    if asked["expires"] in dict(EXPIRY):
        days = int(asked["expires"])
        raw["expires_by"] = (today + timedelta(days=days or -1)).isoformat()
    shown = await listing.find(context, views.lots, views.LotsQuery, asked, raw)
    return context.render("lots.html", **shown, today=today, statuses=words.LOTS, expiry=EXPIRY, address=address)


async def show_one(context: Context) -> Response:
    """One lot, and the orders that got, or shall get, units of it."""
    sku, lot, after = (context.query(name) for name in ("sku", "lot", "after"))
    found = await _holders(context, sku, lot, limit=HOLDERS, **({"after": after} if after else {}))
    today = context.now.astimezone(ZoneInfo(context.merchant.time_zone)).date()
    acts = [
        act for act in ACTS.values() if found.lot.status in act.statuses and context.may_do(f"lots.{act.verb}")
    ]  # fmt: skip
    return context.render(
        "lot.html",
        lot=found.lot,
        page=found,
        acts=acts,
        today=today,
        here=address(found.lot),
        of=urlencode({"sku": found.lot.sku, "lot": found.lot.lot}),
        may_see_orders=context.caller.may("orders:read"),
        is_later=bool(after),
    )


async def show_act(context: Context) -> Response:
    """The form that asks why."""
    context.need("stock:write")
    act, found = await _act(context, context.query("sku"), context.query("lot"))
    return forms.show(context, _form(context, act, found))


async def run(context: Context) -> Response:
    """Hold, recall or release it."""
    act, found = await _act(context, context.sent("sku"), context.sent("lot"))
    form = _form(context, act, found)
    payload = {"sku": found.sku, "lot": found.lot, **forms.payload_of(context, form.fields)}
    return await forms.submit(context, f"lots.{act.verb}", form, payload, form.back, context._(act.said, lot=found.lot))


async def show_swap(context: Context) -> Response:
    """The form that gives an order units of another lot."""
    context.need("fulfillment:write")
    return forms.show(context, await _swap(context, context.query))


async def swap(context: Context) -> Response:
    """Swap what is promised and still on the shelf."""
    form = await _swap(context, context.sent)
    payload = {
        "order": context.sent("order"), "line": forms.whole_number(context.sent("line")), "lot": context.sent("lot"),
        **forms.payload_of(context, form.fields),
    }  # fmt: skip
    return await forms.submit(
        context, "allocations.swap-lot", form, payload, form.back, context._("The lot is swapped.")
    )


async def _swap(context: Context, told: Callable[[str], str]) -> Simple:
    """Of the order and lot that are named."""
    named = {name: told(name) for name in ("sku", "lot", "order", "line")}
    found = (await _holders(context, named["sku"], named["lot"], limit=1)).lot
    async with context.database.read(context.merchant.id) as tx:
        others = (await views.lots(tx, views.LotsQuery(sku=found.sku, status="ok", limit=OTHERS))).items
    good = [
        (each.lot, context._("%(lot)s: %(units)s available", lot=each.lot, units=each.available))
        for each in others
        if each.lot != found.lot and each.available
    ]
    fields = [
        Field("to_lot", context._("Lot"), "select", good, required=True, wide=True),
        Field("quantity", context._("Units"), "number", low=1, hint=context._("Left out: all that is promised of it")),
        Field("reason", context._("Reason"), required=True, hint=context._("Such as complaint, or lab result")),
    ]
    return Simple(
        context._("Another lot for order %(order)s", order=named["order"]),
        "/lots/swap",
        fields,
        context._("Swap"),
        address(found),
        context._("What is promised of lot %(lot)s and not picked yet goes back to its shelf.", lot=found.lot),
        "refresh",
        hidden=named,
    )


def address(lot: views.LotView) -> str:
    """The page of a lot."""
    return f"/lots/of?{urlencode({'sku': lot.sku, 'lot': lot.lot})}"


async def _act(context: Context, sku: str, lot: str) -> tuple[Act, views.LotView]:
    """Raises NotThere."""
    act = ACTS.get(str(context.request.path_params["verb"]))
    if act is None:
        raise NotThere
    return act, (await _holders(context, sku, lot, limit=1)).lot


async def _holders(context: Context, sku: str, lot: str, **more: Any) -> views.Holders:
    """Raises NotThere."""
    async with context.database.read(context.merchant.id) as tx:
        try:
            return await views.holders(tx, msgspec.convert({"sku": sku, "lot": lot, **more}, views.HoldersQuery))
        except (NotFound, ValueError) as error:
            raise NotThere from error


def _form(context: Context, act: Act, found: views.LotView) -> Simple:
    fields = [
        Field("reason", context._("Reason"), required=True, hint=context._("Such as complaint, or lab result")),
        Field("document", context._("Document"), hint=context._("Notice, letter, e-mail ...")),
    ]
    title = f"{context._(act.word)}: {found.sku} {found.lot}"
    return Simple(
        title,
        f"/lots/do/{act.verb}",
        fields,
        context._(act.word),
        address(found),
        context._(act.note),
        act.icon,
        hidden={"sku": found.sku, "lot": found.lot},
    )
