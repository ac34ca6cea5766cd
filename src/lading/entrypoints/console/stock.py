"""The stock of all products, and the small forms that change it."""

from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

import msgspec
from starlette.responses import Response

from lading.entrypoints.console import forms, words
from lading.entrypoints.console.context import Context
from lading.entrypoints.console.fields import Field
from lading.entrypoints.console.forms import Simple
from lading.entrypoints.console.words import N_
from lading.views import NotFound
from lading.views import products as products_views
from lading.views import stock as views
from lading.views.names import Names, read_names

PAGE_SIZE = 50
KINDS = (
    ("found", N_("found")),
    ("lost", N_("lost")),
    ("scrapped", N_("scrapped")),
    ("damaged", N_("damaged, not for sale")),
    ("repaired", N_("repaired, for sale again")),
)
MOVABLE = ("available", "damaged", "quality_hold")
_SCANNED_DIGITS = 8
"""A text of so many digits that finds one product was scanned: its page is opened at once."""


async def show_list(context: Context) -> Response:
    """All products with what lies where, summed."""
    asked = {name: context.query(name) for name in ("q", "location")}
    raw = {name: value for name, value in asked.items() if value}
    problem, found, inbound = "", None, {}
    async with context.database.read(context.merchant.id) as tx:
        names = await read_names(tx)
        try:
            after = context.query("after")
            query = msgspec.convert(
                {**raw, **({"after": after} if after else {}), "limit": PAGE_SIZE}, views.StockQuery
            )
            found = await views.stock(tx, query)
            inbound = await views.inbound(tx, [item.sku for item in found.items], asked["location"] or None)
        except (NotFound, ValueError) as error:
            problem = str(error)
    if found and not context.by_htmx and (sku := _meant(found, asked)):
        return context.go(_back(sku))
    return context.render(
        "stock.html",
        page=found,
        inbound=inbound,
        problem=problem,
        asked=asked,
        locations=sorted(names.locations.values()),
        is_later=bool(context.query("after")),
    )


def _meant(found: views.StockPage, asked: dict[str, str]) -> str:
    """The product that a whole code or a scanned number names; empty where more may be meant."""
    typed = asked["q"]
    if len(found.items) != 1 or asked["location"]:
        return ""
    scanned = typed.isdecimal() and len(typed) >= _SCANNED_DIGITS
    return found.items[0].sku if scanned or found.items[0].sku.casefold() == typed.casefold() else ""


async def show_receive(context: Context) -> Response:
    """The form for what a supplier delivered."""
    context.need("stock:write")
    return forms.show(context, await _receive_form(context))


async def receive(context: Context) -> Response:
    """Receive it."""
    form = await _receive_form(context)
    payload = forms.payload_of(context, form.fields)
    said = context._("%(count)s × %(sku)s received.", count=payload.get("quantity", ""), sku=payload.get("sku", ""))
    return await forms.submit(context, "stock.receive", form, payload, _back(payload.get("sku", "")), said)


async def show_adjust(context: Context) -> Response:
    """The form for what was found, lost or broken."""
    context.need("stock:write")
    return forms.show(context, await _adjust_form(context))


async def adjust(context: Context) -> Response:
    """Adjust it."""
    form = await _adjust_form(context)
    payload = forms.payload_of(context, form.fields)
    said = context._("%(count)s × %(sku)s adjusted.", count=payload.get("quantity", ""), sku=payload.get("sku", ""))
    return await forms.submit(context, "stock.adjust", form, payload, _back(payload.get("sku", "")), said)


async def show_move(context: Context) -> Response:
    """The form for units that change their bucket."""
    context.need("stock:write")
    return forms.show(context, await _move_form(context))


async def move(context: Context) -> Response:
    """Move them."""
    form = await _move_form(context)
    payload = forms.payload_of(context, form.fields)
    said = context._("%(count)s × %(sku)s moved.", count=payload.get("quantity", ""), sku=payload.get("sku", ""))
    return await forms.submit(context, "stock.move", form, payload, _back(payload.get("sku", "")), said)


async def show_set(context: Context) -> Response:
    """The form for what somebody counted."""
    context.need("stock:write")
    return forms.show(context, await _set_form(context))


async def set_to(context: Context) -> Response:
    """Correct the book by the difference."""
    form = await _set_form(context)
    payload = forms.payload_of(context, form.fields)
    if "as_of" in payload:
        payload["as_of"] = moment(context, payload["as_of"])
    said = context._("%(sku)s is set to %(count)s.", count=payload.get("quantity", ""), sku=payload.get("sku", ""))
    return await forms.submit(context, "stock.set", form, payload, _back(payload.get("sku", "")), said)


async def show_transfer(context: Context) -> Response:
    """The form for units that shall go elsewhere."""
    context.need("stock:write")
    return forms.show(context, await _transfer_form(context))


async def transfer(context: Context) -> Response:
    """Make the draft of a transfer with one line."""
    form = await _transfer_form(context)
    sent = forms.payload_of(context, form.fields)
    payload: dict[str, Any] = {
        name: sent[name] for name in ("from_location", "to_location", "reference") if name in sent
    }
    payload["lines"] = [{name: sent[name] for name in ("sku", "quantity", "lot") if name in sent}]
    if "due_at" in sent:
        payload["due_at"] = moment(context, f"{sent['due_at']}T12:00")
    said = context._(
        "A transfer of %(count)s × %(sku)s is drafted.", count=sent.get("quantity", ""), sku=sent.get("sku", "")
    )
    return await forms.submit(context, "transfers.create", form, payload, _back(sent.get("sku", "")), said)


def moment(context: Context, typed: str) -> str:
    """What a field for a moment or a day holds, as a time in the merchant's zone; as it is where it is none."""
    try:
        return datetime.fromisoformat(typed).replace(tzinfo=ZoneInfo(context.merchant.time_zone)).isoformat()
    except ValueError:
        return typed


def _back(sku: object) -> str:
    return f"/stock/of/{quote(str(sku))}" if sku else "/stock"


async def _receive_form(context: Context) -> Simple:
    first, told_apart, last = await _common(context, expires=True)
    reason = Field("reason", context._("Reason"), required=True, value="purchase")
    return Simple(
        context._("Receive stock"),
        "/stock/receive",
        [*first, reason, *told_apart, last],
        context._("Receive"),
        _back(context.query("sku")),
        context._("Units that a supplier delivered. They can be promised at once."),
        "package-import",
    )


async def _adjust_form(context: Context) -> Simple:
    first, told_apart, last = await _common(context)
    kinds = [(name, context._(word)) for name, word in KINDS]
    fields = [
        *first,
        Field("kind", context._("What happened"), "select", kinds),
        Field("reason", context._("Reason"), required=True),
        *told_apart,
        last,
        Field(
            "held_too",
            context._("Take from orders too"),
            "check",
            hint=context._("What they hold stays theirs, and a shortage says that it is not there."),
        ),
    ]
    return Simple(
        context._("Adjust stock"),
        "/stock/adjust",
        fields,
        context._("Adjust"),
        _back(context.query("sku")),
        icon="adjustments",
    )


async def _move_form(context: Context) -> Simple:
    first, told_apart, last = await _common(context)
    buckets = [(name, context._(words.BUCKETS[name])) for name in MOVABLE]
    fields = [
        *first,
        Field("source", context._("From"), "select", buckets, value=context.query("source") or "available"),
        Field("target", context._("To"), "select", buckets, value=context.query("target") or "quality_hold"),
        Field("reason", context._("Reason"), required=True),
        *told_apart,
        last,
    ]
    return Simple(
        context._("Move stock"),
        "/stock/move",
        fields,
        context._("Move"),
        _back(context.query("sku")),
        context._("Units stay where they lie; only whether they may be sold changes."),
        "arrows-split",
    )


async def _set_form(context: Context) -> Simple:
    first, told_apart, last = await _common(context)
    *where, units = first
    fields = [
        *where,
        Field(units.name, context._("Units counted"), "number", required=True, low=0),
        Field("reason", context._("Reason"), required=True, value="count"),
        Field(
            "as_of",
            context._("Counted at"),
            "moment",
            hint=context._("Empty: now. What moved after it is not lost."),
        ),
        *(each for each in told_apart if each.name == "lot"),
        last,
    ]
    return Simple(
        context._("Set stock to what was counted"),
        "/stock/set",
        fields,
        context._("Set"),
        _back(context.query("sku")),
        context._("Good units in the building, promised ones among them; not the damaged and held ones."),
        "clipboard-list",
    )


async def _transfer_form(context: Context) -> Simple:
    (sku, place, units), told_apart, _ = await _common(context)
    soon = (context.now.astimezone(ZoneInfo(context.merchant.time_zone)) + timedelta(days=2)).date().isoformat()
    fields = [
        sku,
        Field("from_location", context._("From"), "select", place.options, required=True, value=place.value),
        Field("to_location", context._("To"), "select", place.options, required=True),
        units,
        Field("due_at", context._("Due on"), "date", required=True, value=soon),
        *(each for each in told_apart if each.name == "lot"),
        Field("reference", context._("Reference")),
    ]
    return Simple(
        context._("Transfer stock"),
        "/stock/transfer",
        fields,
        context._("Make a draft"),
        _back(context.query("sku")),
        context._("A draft moves nothing yet; it is set aside and shipped on the page of the transfer."),
        "truck",
    )


async def _common(context: Context, *, expires: bool = False) -> tuple[list[Field], list[Field], Field]:
    """Fields of what and where; of how units are told apart, as far as the product is; and of the document."""
    sku = context.query("sku")
    async with context.database.read(context.merchant.id) as tx:
        names: Names = await read_names(tx)
        tracking = await _tracking(tx, sku) if sku else ""
    places = sorted(names.locations.values())
    first = [
        Field("sku", context._("SKU"), "sku", required=True, value=sku),
        Field("location", context._("Location"), "select", places, required=True, value=context.query("location")),
        Field("quantity", context._("Units"), "number", required=True, low=1),
    ]
    told_apart = []
    if tracking != "none":
        hint = "" if tracking else context._("Only where the product has lots")
        told_apart.append(
            Field("lot", context._("Lot"), required=tracking == "lot", hint=hint, value=context.query("lot"))
        )
        if expires:
            told_apart.append(Field("expires_on", context._("Last day of the lot"), "date"))
    if tracking in ("", "serial"):
        hint = (
            context._("One in a line, one for each unit")
            if tracking
            else context._("Only where units have them; one in a line")
        )
        told_apart.append(Field("serials", context._("Serial numbers"), "names", hint=hint, wide=True))
    return first, told_apart, Field("document", context._("Document"), hint=context._("Delivery note, count sheet ..."))


async def _tracking(tx: Any, sku: str) -> str:
    """none, lot or serial; empty where there is no such product."""
    try:
        return (await products_views.product(tx, products_views.ProductQuery(sku))).tracking
    except NotFound:
        return ""
