"""Price lists: for whom, when, and what products cost by them."""

from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

import msgspec
from starlette.responses import Response

from lading.entrypoints.console import forms
from lading.entrypoints.console.context import Context, NotThere
from lading.entrypoints.console.fields import Field
from lading.entrypoints.console.forms import Simple
from lading.entrypoints.console.stock import moment
from lading.views import NotFound
from lading.views import prices as views
from lading.views.names import read_names
from lading.views.prices import PriceListView

PAGE_SIZE = 100


async def show_list(context: Context) -> Response:
    """All lists."""
    raw = {name: value for name in ("company", "after") if (value := context.query(name))}
    async with context.database.read(context.merchant.id) as tx:
        try:
            page = await views.price_lists(tx, msgspec.convert({**raw, "limit": PAGE_SIZE}, views.PriceListsQuery))
        except ValueError as error:
            raise NotThere from error
    return context.render("price_lists.html", page=page, company=raw.get("company", ""), is_later="after" in raw)


async def show_one(context: Context) -> Response:
    """One list with its prices."""
    found = await _find(context, str(context.request.path_params["code"]), context.query("after"))
    return context.render("price_list.html", found=found, head=found.head, is_later=bool(context.query("after")))


async def show_form(context: Context) -> Response:
    """A list to be changed, or a new one."""
    context.need("prices:write")
    return forms.show(context, await _form(context, context.query("code")))


async def save(context: Context) -> Response:
    """Save it."""
    form = await _form(context, context.sent("known"))
    payload = forms.payload_of(context, form.fields)
    for name in ("valid_from", "valid_until"):
        if name in payload:
            payload[name] = moment(context, payload[name])
    if (version := context.sent("version")).isdecimal() and int(version[:9]) > 0:
        payload["expected_version"] = int(version[:9])
    code = str(payload.get("code", ""))
    said = context._("Price list %(code)s was saved.", code=code)
    return await forms.submit(
        context, "price-lists.save", form, payload, f"/price-lists/of/{quote(code, safe='')}", said
    )


async def _form(context: Context, code: str) -> Simple:
    head = (await _find(context, code)).head if code else None
    async with context.database.read(context.merchant.id) as tx:
        channels = sorted((await read_names(tx)).channels.values())
    _ = context._
    any_channel = [("", _("any channel")), *channels]

    def at(value: Any) -> str:
        return value.astimezone(ZoneInfo(context.merchant.time_zone)).strftime("%Y-%m-%dT%H:%M:%S") if value else ""

    fields = [
        Field("code", _("Code"), required=True, value=head.code if head else "", fixed=bool(head)),
        Field("name", _("Name"), required=True, value=head.name if head else ""),
        Field("currency", _("Currency"), required=True, value=head.currency if head else context.merchant.currency, fixed=bool(head)),
        Field("priority", _("Priority"), "number", low=-100, high=100, value=str(head.priority) if head else "0"),
        Field("company", _("Only for the company"), value=(head.company or "") if head else ""),
        Field("company_group", _("Only for companies of the group"), value=(head.company_group or "") if head else ""),
        Field("channel", _("Channel"), "select", any_channel, value=(head.channel or "") if head else ""),
        Field("valid_from", _("Holds from"), "moment", value=at(head.valid_from) if head else ""),
        Field("valid_until", _("Holds until"), "moment", value=at(head.valid_until) if head else ""),
        Field("active", _("Prices hold"), "check", value="yes" if head is None or head.active else ""),
    ]  # fmt: skip
    back = f"/price-lists/of/{quote(code, safe='')}" if code else "/price-lists"
    hidden = {"known": code, "version": str(head.version)} if head else {}
    return Simple(
        code or _("New price list"), "/price-lists/edit", fields, _("Save"), back, icon="device-floppy", hidden=hidden
    )


async def show_price(context: Context) -> Response:
    """What a product costs by a list, to be changed."""
    context.need("prices:write")
    return forms.show(context, await _price_form(context, context.query("list"), context.query("sku")))


async def set_price(context: Context) -> Response:
    """Set it; without a price the list says nothing of the product any more."""
    code = context.sent("list")
    form = await _price_form(context, code, context.sent("known"))
    sent = {name: context.sent(name) for name in ("sku", "minimum", "multiple", "prices")}
    head = (await _find(context, code)).head
    try:
        item: dict[str, Any] = {"sku": sent["sku"], "prices": _steps(context, sent["prices"], head.currency)}
        for name in ("minimum", "multiple"):
            if sent[name]:
                item[name] = int(sent[name])
    except ValueError as error:
        forms.refill(context, form)
        return forms.show(context, form, str(error))
    said = context._("The price of %(sku)s is set.", sku=sent["sku"])
    payload = {"price_list": code, "items": [item]}
    return await forms.submit(context, "prices.set", form, payload, f"/price-lists/of/{quote(code, safe='')}", said)


def _steps(context: Context, text: str, currency: str) -> list[dict[str, Any]]:
    """12: 9.90 is 9.90 from 12 units on; a price alone holds from the first one on. Raises ValueError."""
    steps = []
    for line in filter(None, (each.strip() for each in text.splitlines())):
        quantity, colon, price = line.rpartition(":")
        quantity, price = quantity.strip() or "1", price.strip().replace(",", ".")
        if not quantity.isdecimal() or len(quantity) > 9 or (colon and not price):
            raise ValueError(context._("%(line)s: write a quantity, a colon and a price.", line=line))
        steps.append({"from_quantity": int(quantity), "unit_price": {"amount": price, "currency": currency}})
    return steps


async def _price_form(context: Context, code: str, sku: str) -> Simple:
    found = await _find(context, code)
    item = next((each for each in found.items if each.sku == sku), None) if sku else None
    _ = context._
    written = "\n".join(f"{step.from_quantity}: {step.unit_price.amount}" for step in item.prices) if item else ""
    fields = [
        Field("sku", "SKU", "sku", required=True, value=sku, fixed=bool(item), wide=True),
        Field("prices", _("From how many units on: price"), "area", value=written, wide=True,
              hint=_("One in a line, such as 12: 9.90. Without any, the list says nothing of the product.")),
        Field("minimum", _("At least"), "number", low=1, value=str(item.minimum) if item else "1"),
        Field("multiple", _("In multiples of"), "number", low=1, value=str(item.multiple) if item else "1"),
    ]  # fmt: skip
    back = f"/price-lists/of/{quote(code, safe='')}"
    title = _("Price in %(list)s", list=found.head.code)
    hidden = {"list": found.head.code, "known": sku if item else ""}
    return Simple(title, "/price-lists/price", fields, _("Set the price"), back, icon="device-floppy", hidden=hidden)


async def _find(context: Context, code: str, after: str = "") -> PriceListView:
    async with context.database.read(context.merchant.id) as tx:
        try:
            raw = {"price_list": code[:64], "limit": PAGE_SIZE, **({"after": after} if after else {})}
            return await views.price_list(tx, msgspec.convert(raw, views.PriceListQuery))
        except (NotFound, ValueError) as error:
            raise NotThere from error
