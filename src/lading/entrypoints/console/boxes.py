"""Cartons, and what carriers ask for a parcel."""

from collections.abc import Sequence
from typing import Any

from starlette.responses import Response

from lading.entrypoints.console.coded import Kind
from lading.entrypoints.console.context import Context
from lading.entrypoints.console.fields import Field
from lading.entrypoints.console.forms import whole_number
from lading.entrypoints.console.words import N_
from lading.terms.money import Money
from lading.views import packing as views
from lading.views.packing import Carton, ParcelRate

SIDES = ("length_mm", "width_mm", "height_mm")


async def _read_cartons(context: Context) -> Sequence[Carton]:
    async with context.database.read(context.merchant.id) as tx:
        return (await views.cartons(tx, views.NoQuery())).items


async def show_cartons(context: Context) -> Response:
    """All kinds of carton."""
    return context.render("cartons.html", items=await _read_cartons(context))


def _currency(context: Context, cost: Money | None) -> str:
    """That of what there is, else the merchant's."""
    return cost.currency if cost else context.merchant.currency


def _carton_fields(context: Context, found: Carton | None, _every: Sequence[Carton]) -> Sequence[Field]:
    _ = context._
    sides = {"length_mm": _("long, mm"), "width_mm": _("wide, mm"), "height_mm": _("high, mm")}

    def number(name: str, label: str, value: object, low: int = 1, *, required: bool = True) -> Field:
        return Field(name, label, "number", required=required, low=low, value="" if value is None else str(value))

    return [
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
        Field("cost", _("Costs"), required=True, value=found.cost.amount if found else "0.00",
              hint=_currency(context, found.cost if found else None)),
        Field("active", _("Used for packing"), "check", value="yes" if found is None or found.active else ""),
    ]  # fmt: skip


def _carton_payload(context: Context, found: Carton | None, sent: dict[str, Any]) -> dict[str, Any]:
    payload: dict[str, Any] = {
        name: sent[name] for name in ("code", "name", "max_grams", "tare_grams", "active") if name in sent
    }
    payload["inner"] = {side: sent.get(f"inner_{side}") for side in SIDES}
    payload["cost"] = {
        "amount": sent.get("cost", "0").replace(",", "."),
        "currency": _currency(context, found.cost if found else None),
    }
    if any(sent.get(f"outer_{side}") for side in SIDES):
        payload["outer"] = {side: sent.get(f"outer_{side}") for side in SIDES}
    return payload


CARTON = Kind(
    "cartons.save", "/cartons/edit", "/cartons", N_("Carton %(code)s"), N_("New carton"), _read_cartons, _carton_fields, _carton_payload,
    N_("Where the outside is left empty, it is as large as the inside; carriers bill the outside."),
)  # fmt: skip


async def _read_rates(context: Context) -> Sequence[ParcelRate]:
    async with context.database.read(context.merchant.id) as tx:
        return (await views.parcel_rates(tx, views.NoQuery())).items


async def show_rates(context: Context) -> Response:
    """All tables of rates."""
    return context.render("parcel_rates.html", items=await _read_rates(context))


def _rate_fields(context: Context, found: ParcelRate | None, _every: Sequence[ParcelRate]) -> Sequence[Field]:
    _ = context._
    columns = [
        Field("up_to_grams", _("Up to, grams"), "number", low=1),
        Field("price", _currency(context, found.steps[0].price if found else None)),
    ]
    return [
        Field("name", _("Name"), value=found.name if found else ""),
        Field("countries", _("To countries"), value=" ".join(found.countries) if found else "",
              hint=_("Two letters each; empty: wherever no other table says it")),
        Field("mm3_per_gram", _("Cubic millimetres that weigh a gram"), "number", low=1,
              value=str(found.mm3_per_gram or "") if found else "5000", hint=_("Empty: only the scales count")),
        Field("steps", _("Prices by weight"), "rows", columns=columns, wide=True,
              rows=[(str(step.up_to_grams), step.price.amount) for step in found.steps] if found else (),
              hint=_("Rising; what weighs more than the last is not taken")),
        Field("active", _("In use"), "check", value="yes" if found is None or found.active else ""),
    ]  # fmt: skip


def _rate_payload(context: Context, found: ParcelRate | None, payload: dict[str, Any]) -> dict[str, Any]:
    """What cannot be read goes as it is, to be refused with a sentence."""
    currency = _currency(context, found.steps[0].price if found else None)
    payload["countries"] = context.sent("countries").upper().replace(",", " ").split()
    payload["steps"] = [
        {"up_to_grams": whole_number(grams), "price": {"amount": price.replace(",", "."), "currency": currency}}
        for grams, price in payload.get("steps", ())
    ]
    return payload


RATE = Kind(
    "parcel-rates.save", "/parcel-rates/edit", "/parcel-rates", N_("Rates %(code)s"), N_("New rates"), _read_rates, _rate_fields,
    _rate_payload,
)  # fmt: skip
