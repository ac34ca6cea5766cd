"""Invoices and credit notes: the list, and each ready to be printed."""

from starlette.responses import Response

from lading.entrypoints.console import listing
from lading.entrypoints.console.context import Context, NotThere
from lading.views import NotFound
from lading.views.invoices import InvoiceQuery, InvoicesQuery
from lading.views.invoices import invoice as read_invoice
from lading.views.invoices import invoices as read_invoices


async def show_one(context: Context) -> Response:
    """The document as it was issued."""
    async with context.database.read(context.merchant.id) as tx:
        try:
            found = await read_invoice(tx, InvoiceQuery(context.request.path_params["name"]))
        except NotFound as error:
            raise NotThere from error
    return context.render("invoice.html", invoice=found, merchant=context.merchant)


async def show_list(context: Context) -> Response:
    """Invoices and credit notes, the newest first."""
    asked = {name: context.query(name) for name in ("order", "kind", "since", "until")}
    shown = await listing.find(context, read_invoices, InvoicesQuery, asked)
    return context.render("invoices.html", **shown)
