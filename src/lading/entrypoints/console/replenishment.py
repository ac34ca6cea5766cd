"""What to order, what has run out, what lies too long; ticked rows become a purchase order."""

from starlette.responses import Response

from lading.entrypoints.console import listing
from lading.entrypoints.console.context import Context
from lading.entrypoints.console.words import N_
from lading.views import replenishment as views

LISTS = (("reorder", N_("To order")), ("stock_out", N_("Run out")), ("overstock", N_("Too much")))


async def show(context: Context) -> Response:
    """One of the lists, the most urgent first."""
    asked = {"state": context.query("state") or LISTS[0][0], "location": context.query("location")}
    shown = await listing.find(context, views.replenishment, views.ReplenishmentQuery, asked)
    return context.render("replenishment.html", **shown, lists=LISTS)
