"""What is taxed where: the table of tax rates."""

import msgspec
from starlette.responses import Response

from lading.entrypoints.console import forms
from lading.entrypoints.console.context import Context, NotThere
from lading.entrypoints.console.fields import Field
from lading.entrypoints.console.forms import Simple
from lading.entrypoints.console.words import N_
from lading.views import tax_requests
from lading.views import taxes as views
from lading.views.pages import LIMIT_MAX

KEY = ("country", "region", "postal_prefix", "category", "code", "valid_from")
KINDS = {
    "": N_("whatever has no rate of its own"),
    "shipping": N_("Shipping"),
    "fee": N_("Fee"),
    "gift_wrap": N_("Gift wrap"),
    "surcharge": N_("Surcharge"),
    "duty": N_("Duty"),
    "tip": N_("Tip"),
}


async def show_list(context: Context) -> Response:
    """All rates, by place."""
    async with context.database.read(context.merchant.id) as tx:
        try:
            asked = {"limit": LIMIT_MAX, "after": context.query("after") or None}
            found = await views.tax_rates(tx, msgspec.convert(asked, views.TaxRatesQuery))
            waiting = await tax_requests.tax_requests(tx, tax_requests.TaxRequestsQuery(limit=LIMIT_MAX))
        except (ValueError, msgspec.ValidationError) as error:
            raise NotThere from error
    kinds: dict[str, str] = KINDS
    return context.render(
        "tax_rates.html",
        items=found.items,
        next=found.next,
        waiting=waiting.items,
        word=lambda kind: context._(kinds[kind]) if kind in kinds else kind,
    )


async def repeat(context: Context) -> Response:
    """Ask the service again for a document that it refused to record."""
    document = context.sent("document")
    if not document.isdecimal() or len(document) > 5:
        raise NotThere
    answer = await context.submit("tax-records.repeat", {"order": context.sent("order"), "document": int(document)})
    said = context._("The service is asked again.") if answer.accepted else context.why_not(answer)
    return context.go("/tax-rates", said)


async def show_edit(context: Context) -> Response:
    """A new rate, or one that there is."""
    context.need("taxes:write")
    return forms.show(context, await _form(context, {name: context.query(name) for name in KEY}))


async def save(context: Context) -> Response:
    """Save it."""
    form = await _form(context, {name: context.sent(f"_{name}") for name in KEY})
    payload = forms.payload_of(context, form.fields)
    payload["rate"] = str(payload.get("rate", "")).replace(",", ".").removesuffix("%").strip() or None
    for each in form.fields:
        if each.fixed and each.value:
            payload[each.name] = each.value
    said = context._(
        "%(code)s in %(country)s is saved.", code=payload.get("code", ""), country=payload.get("country", "")
    )
    return await forms.submit(context, "tax-rates.save", form, payload, "/tax-rates", said)


async def _form(context: Context, key: dict[str, str]) -> Simple:
    """The key of a rate that there is cannot be changed: another key is another rate."""
    known = bool(key["country"])
    found = await _find(context, key) if known else None

    def text(name: str, label: str, *, required: bool = False, hint: str = "") -> Field:
        value = str(getattr(found, name) or "") if found else ""
        return Field(name, label, required=required, hint=hint, value=value, fixed=known and name in KEY)

    kinds = context._("Of products, or shipping, fee, gift_wrap, surcharge, duty, tip; empty: all else")
    fields = [
        text("country", context._("Country"), required=True, hint=context._("Two letters, such as DE")),
        text("region", context._("Region"), hint=context._("Empty: everywhere in the country")),
        text("postal_prefix", context._("Postal codes that begin with"), hint=context._("Empty: all of it")),
        text("category", context._("Category"), hint=kinds),
        text("code", context._("Tax"), required=True, hint=context._("As it is called on an invoice, such as VAT")),
        text("rate", context._("Percent"), hint=context._("Empty: withdrawn, as if it had never been saved")),
        Field("valid_from", context._("From"), kind="date", required=True, value=str(found.valid_from) if found else "", fixed=known),
        Field("valid_to", context._("To"), kind="date", value=str(found.valid_to or "") if found else ""),
        Field("included", context._("Prices contain it"), kind="check", value="yes" if found and found.included else ""),
        Field("compound", context._("Charged on the other taxes too"), kind="check", value="yes" if found and found.compound else ""),
    ]  # fmt: skip
    title = (
        context._("Tax %(code)s in %(country)s", code=key["code"], country=key["country"])
        if known
        else context._("New tax rate")
    )
    note = context._(
        "What was charged by a rate stays as it was charged. When a rate changes, save a new one with its first day."
    )
    hidden = {f"_{name}": value for name, value in key.items()} if known else {}
    return Simple(
        title, "/tax-rates/save", fields, context._("Save"), "/tax-rates", note, "device-floppy", hidden=hidden
    )  # fmt: skip


async def _find(context: Context, key: dict[str, str]) -> views.TaxRateRow:
    async with context.database.read(context.merchant.id) as tx:
        after = None
        while True:
            try:
                asked = {"country": key["country"], "limit": LIMIT_MAX, "after": after}
                page = await views.tax_rates(tx, msgspec.convert(asked, views.TaxRatesQuery))
            except msgspec.ValidationError as error:
                raise NotThere from error
            for each in page.items:
                if all(str(getattr(each, name)) == key[name] for name in KEY):
                    return each
            if page.next is None:
                raise NotThere
            after = page.next
