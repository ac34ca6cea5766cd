"""What currencies are worth in that of the shop's books, day by day."""

from starlette.responses import Response

from lading.entrypoints.console import forms, listing
from lading.entrypoints.console.context import Context
from lading.entrypoints.console.fields import Field
from lading.entrypoints.console.forms import Simple
from lading.views import exchange_rates as views


async def show_list(context: Context) -> Response:
    """All rates, the latest day first."""
    asked = {"currency": context.query("currency").upper()}
    shown = await listing.find(context, views.exchange_rates, views.ExchangeRatesQuery, asked)
    return context.render("exchange_rates.html", **shown)


async def show_new(context: Context) -> Response:
    """A rate from a day on."""
    context.need("prices:write")
    return forms.show(context, _form(context))


async def save(context: Context) -> Response:
    """Save it."""
    form = _form(context)
    payload = forms.payload_of(context, form.fields)
    payload["rate"] = str(payload.get("rate", "")).replace(",", ".")
    for name in ("currency", "shop_currency"):
        payload[name] = str(payload.get(name, "")).upper()
    return await forms.submit(
        context, "exchange-rates.save", form, payload, "/exchange-rates", context._("The rate is saved.")
    )


def _form(context: Context) -> Simple:
    _ = context._
    fields = [
        Field("currency", _("Currency"), required=True, hint=_("Three letters, such as USD")),
        Field("shop_currency", _("Currency of the books"), required=True, value=context.merchant.currency),
        Field("day", _("From"), kind="date", required=True),
        Field("rate", _("What one unit is worth"), required=True, hint=_("Such as 0.9213")),
    ]
    note = _("Orders keep the rate of the day on which they were placed.")
    return Simple(
        _("New exchange rate"), "/exchange-rates/save", fields, _("Save"), "/exchange-rates", note, "device-floppy"
    )
