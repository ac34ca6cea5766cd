"""Edits that were prepared: what waits for somebody who confirms or drops it, the oldest first."""

from starlette.responses import Response

from lading.entrypoints.console import listing
from lading.entrypoints.console.context import Context
from lading.entrypoints.console.rendering import write_money
from lading.terms.money import Money
from lading.views import edits as views


async def show_list(context: Context) -> Response:
    """All that waits."""
    shown = await listing.find(context, views.edits, views.EditsQuery, {})

    def cash_of(told: dict[str, str]) -> str:
        return write_money(Money(**told).minor, told["currency"], context.locale)

    return context.render("edits.html", **shown, cash_of=cash_of, now=context.now)
