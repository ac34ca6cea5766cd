"""Gift cards and store credit: what is left of each, its ledger, a new one, and the end of one."""

from datetime import datetime, time
from typing import Any, Final
from zoneinfo import ZoneInfo

import msgspec
from starlette.responses import Response

from lading.entrypoints.console import forms, listing
from lading.entrypoints.console.context import Context, NotThere
from lading.entrypoints.console.fields import Field
from lading.entrypoints.console.forms import Simple
from lading.entrypoints.console.preview import Told
from lading.entrypoints.console.words import N_
from lading.journal.types import Decision
from lading.operations.issue_credits import CreditState
from lading.views import NotFound
from lading.views import credits as views

KINDS: Final = (("gift_card", N_("Gift cards")), ("store_credit", N_("Store credit")))
REASONS: Final = (
    ("lost", N_("lost")),
    ("fraud", N_("fraud")),
    ("mistake", N_("issued by mistake")),
    ("other", N_("something else")),
)
FOR: Final = (
    ("sold", N_("sold")),
    ("goodwill", N_("goodwill")),
    ("compensation", N_("compensation")),
    ("prize", N_("prize")),
)


async def show_list(context: Context) -> Response:
    """All or some, the newest first; or the gift card of a code."""
    asked = {name: context.query(name) for name in ("code", "kind", "left")}
    raw: dict[str, Any] = {name: asked[name] for name in ("code", "kind") if asked[name]}
    if raw.get("code"):
        raw["code"] = raw["code"].upper()
    if asked["left"] == "yes":
        raw["left"] = True
    shown = await listing.find(context, views.credits, views.CreditsQuery, asked, raw)
    return context.render("credits.html", **shown, kinds=KINDS, now=context.now)


async def show_one(context: Context) -> Response:
    """One with its ledger."""
    return context.render("credit.html", credit=await _find(context), now=context.now)


async def show_new(context: Context) -> Response:
    """The form of a new one."""
    context.need("payments:write")
    return forms.show(context, _new(context))


async def issue(context: Context) -> Response:
    """A gift card where a code was given, otherwise store credit to the customer of an order."""
    form = _new(context)
    payload = forms.payload_of(context, form.fields)
    currency = str(payload.pop("currency", ""))
    if "amount" in payload:
        payload["amount"] = {"amount": str(payload["amount"]).replace(",", "."), "currency": currency}
    if "code" in payload:
        payload["code"] = str(payload["code"]).upper()
    try:
        if "expires_at" in payload:
            payload["expires_at"] = _end_of_day(context, str(payload["expires_at"]))
    except ValueError:
        forms.refill(context, form)
        return forms.show(context, form, context._("Write the day as 2027-12-31."))
    return await forms.submit(context, "credits.issue", form, payload, "/credits", context._("It is issued."))


async def show_end(context: Context) -> Response:
    """The form that ends one before its time."""
    context.need("payments:write")
    return forms.show(context, _end(context, await _find(context)))


async def end(context: Context) -> Response:
    """End it; what would happen is told first."""
    found = await _find(context)
    form = _end(context, found)
    payload = {"credit": str(found.head.credit), **forms.payload_of(context, form.fields)}

    async def tell(decision: Decision) -> Told:
        outcome = decision.outcome
        if not isinstance(outcome, CreditState):
            return Told(False, [context._("There is no such gift card or store credit.")])
        amount = f"{found.head.balance.amount} {found.head.balance.currency}"
        return Told(True, [context._("%(amount)s are not owed any more, and cannot be spent.", amount=amount)])

    return await forms.submit(context, "credits.expire", form, payload, form.back, context._("It is ended."), tell)


async def _find(context: Context) -> views.CreditDetail:
    """Raises NotThere."""
    async with context.database.read(context.merchant.id) as tx:
        try:
            query = msgspec.convert({"credit": context.request.path_params["ref"]}, views.CreditQuery)
            return await views.credit(tx, query)
        except (NotFound, ValueError) as error:
            raise NotThere from error


def _end_of_day(context: Context, day: str) -> str:
    """Raises ValueError."""
    local = datetime.combine(datetime.fromisoformat(day).date(), time(23, 59, 59), ZoneInfo(context.merchant.time_zone))
    return local.isoformat()


def _new(context: Context) -> Simple:
    fields = [
        Field("amount", context._("Amount"), required=True),
        Field("currency", context._("Currency"), required=True, value=context.merchant.currency),
        Field("code", context._("Code of a gift card"), hint=context._("Letters, digits and dashes, 8 at least; empty for store credit")),
        Field("order", context._("Order"), hint=context._("Its customer gets store credit, where there is no code")),
        Field("reason", context._("Why"), "select", [(name, context._(word)) for name, word in FOR]),
        Field("expires_at", context._("Last day"), "date", hint=context._("Empty: never")),
    ]  # fmt: skip
    return Simple(
        context._("New gift card or store credit"),
        "/credits/new",
        fields,
        context._("Issue"),
        "/credits",
        context._("The merchant owes it to its holder from now on."),
        "cash",
    )


def _end(context: Context, found: views.CreditDetail) -> Simple:
    fields = [Field("reason", context._("Why"), "select", [(name, context._(word)) for name, word in REASONS])]
    address = f"/credits/{found.head.credit}"
    return Simple(
        context._("End it before its time"),
        f"{address}/end",
        fields,
        context._("End it"),
        address,
        icon="ban",
        danger=True,
    )
