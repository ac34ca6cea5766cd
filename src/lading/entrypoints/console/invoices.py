"""One invoice or credit note, ready to be printed."""

from starlette.responses import Response

from lading.entrypoints.console.context import Context, NotThere
from lading.views import NotFound
from lading.views.invoices import InvoiceQuery
from lading.views.invoices import invoice as read_invoice


async def show_one(context: Context) -> Response:
    """The document as it was issued."""
    async with context.database.read(context.merchant.id) as tx:
        try:
            found = await read_invoice(tx, InvoiceQuery(context.request.path_params["name"]))
        except NotFound as error:
            raise NotThere from error
    return context.render("invoice.html", invoice=found, merchant=context.merchant)
