"""Cartons, and what carriers ask for a parcel."""

from typing import Any

from starlette.responses import Response

from lading.entrypoints.console import forms
from lading.entrypoints.console.context import Context, NotThere
from lading.entrypoints.console.fields import Field
from lading.entrypoints.console.forms import Simple, whole_number
from lading.views import packing as views

SIDES = ("length_mm", "width_mm", "height_mm")


async def show_cartons(context: Context) -> Response:
    """All kinds of carton."""
    async with context.database.read(context.merchant.id) as tx:
        found = await views.cartons(tx, views.NoQuery())
    return context.render("cartons.html", items=found.items)


async def show_carton(context: Context) -> Response:
    """A new carton, or one that there is."""
    context.need("catalog:write")
    return forms.show(context, await _carton_form(context, context.query("code")))


async def save_carton(context: Context) -> Response:
    """Save it."""
    known = context.sent("_known")
    form = await _carton_form(context, known)
    sent = forms.payload_of(context, form.fields)
    payload: dict[str, Any] = {
        name: sent[name] for name in ("name", "max_grams", "tare_grams", "active") if name in sent
    }
    payload |= {
        "code": known or sent.get("code", ""),
        "inner": {side: sent.get(f"inner_{side}") for side in SIDES},
        "cost": {"amount": context.sent("cost").replace(",", ".") or "0", "currency": form.hidden["_currency"]},
    }
    if any(sent.get(f"outer_{side}") for side in SIDES):
        payload["outer"] = {side: sent.get(f"outer_{side}") for side in SIDES}
    said = context._("%(code)s is saved.", code=payload["code"])
    return await forms.submit(context, "cartons.save", form, payload, "/cartons", said)


async def _carton_form(context: Context, code: str) -> Simple:
    found = None
    if code:
        async with context.database.read(context.merchant.id) as tx:
            items = (await views.cartons(tx, views.NoQuery())).items
        found = next((each for each in items if each.code == code), None)
        if found is None:
            raise NotThere
    _ = context._
    currency = found.cost.currency if found else context.merchant.currency
    sides = {"length_mm": _("long, mm"), "width_mm": _("wide, mm"), "height_mm": _("high, mm")}

    def number(name: str, label: str, value: object, low: int = 1, *, required: bool = True) -> Field:
        return Field(name, label, "number", required=required, low=low, value="" if value is None else str(value))

    fields = [
        Field("code", _("Code"), required=True, value=code, fixed=bool(found)),
        Field("name", _("Name"), value=found.name if found else ""),
        *(
            number(f"inner_{side}", f"{_('Inside')}, {word}", getattr(found.inner, side) if found else None)
            for side, word in sides.items()
        ),
        *(
            number(f"outer_{side}", f"{_('Outside')}, {word}", getattr(found.outer, side) if found else None, required=False)
            for side, word in sides.items()
        ),
        number("max_grams", _("Holds up to, grams"), found.max_grams if found else 30_000),
        number("tare_grams", _("Weighs empty, grams"), found.tare_grams if found else 0, 0),
        Field("cost", _("Costs"), required=True, value=found.cost.amount if found else "0.00", hint=currency),
        Field("active", _("Used for packing"), "check", value="yes" if found is None or found.active else ""),
    ]  # fmt: skip
    title = _("Carton %(code)s", code=code) if found else _("New carton")
    note = _("Where the outside is left empty, it is as large as the inside; carriers bill the outside.")
    hidden = {"_known": code, "_currency": currency}
    return Simple(title, "/cartons/edit", fields, _("Save"), "/cartons", note, "device-floppy", hidden)


async def show_rates(context: Context) -> Response:
    """All tables of rates."""
    async with context.database.read(context.merchant.id) as tx:
        found = await views.parcel_rates(tx, views.NoQuery())
    return context.render("parcel_rates.html", items=found.items)


async def show_rate(context: Context) -> Response:
    """A new table, or one that there is."""
    context.need("catalog:write")
    return forms.show(context, await _rate_form(context, context.query("code")))


async def save_rate(context: Context) -> Response:
    """Save it."""
    known = context.sent("_known")
    form = await _rate_form(context, known)
    payload = forms.payload_of(context, form.fields)
    payload["code"] = known or payload.get("code", "")
    payload["countries"] = context.sent("countries").upper().replace(",", " ").split()
    payload["steps"] = _steps(context.sent("steps"), form.hidden["_currency"])
    said = context._("%(code)s is saved.", code=payload["code"])
    return await forms.submit(context, "parcel-rates.save", form, payload, "/parcel-rates", said)


def _steps(text: str, currency: str) -> list[dict[str, Any]]:
    """1000 = 4.19, one in a line; what cannot be read goes as it is, to be refused with a sentence."""
    steps = []
    for line in filter(None, map(str.strip, text.splitlines())):
        grams, _equals, price = line.partition("=")
        amount = price.strip().replace(",", ".")
        steps.append({"up_to_grams": whole_number(grams.strip()), "price": {"amount": amount, "currency": currency}})
    return steps


async def _rate_form(context: Context, code: str) -> Simple:
    found = None
    if code:
        async with context.database.read(context.merchant.id) as tx:
            items = (await views.parcel_rates(tx, views.NoQuery())).items
        found = next((each for each in items if each.code == code), None)
        if found is None:
            raise NotThere
    _ = context._
    currency = found.steps[0].price.currency if found else context.merchant.currency
    steps = "\n".join(f"{step.up_to_grams} = {step.price.amount}" for step in found.steps) if found else ""
    fields = [
        Field("code", _("Code"), required=True, value=code, fixed=bool(found)),
        Field("name", _("Name"), value=found.name if found else ""),
        Field("countries", _("To countries"), value=" ".join(found.countries) if found else "",
              hint=_("Two letters each; empty: wherever no other table says it")),
        Field("mm3_per_gram", _("Cubic millimetres that weigh a gram"), "number", low=1,
              value=str(found.mm3_per_gram or "") if found else "5000", hint=_("Empty: only the scales count")),
        Field("steps", _("Up to so many grams = price in %(currency)s", currency=currency), "area", required=True, value=steps, wide=True,
              hint=_("One in a line, rising, such as 1000 = 4.19; what weighs more than the last is not taken")),
        Field("active", _("In use"), "check", value="yes" if found is None or found.active else ""),
    ]  # fmt: skip
    title = _("Rates %(code)s", code=code) if found else _("New rates")
    hidden = {"_known": code, "_currency": currency}
    return Simple(title, "/parcel-rates/edit", fields, _("Save"), "/parcel-rates", icon="device-floppy", hidden=hidden)
