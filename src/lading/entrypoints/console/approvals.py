"""What waits for an approval: said yes or no to, one by one."""

from typing import Any, Final

import msgspec
from starlette.responses import Response

from lading.entrypoints.console import forms
from lading.entrypoints.console.context import Context, NotThere
from lading.entrypoints.console.fields import Field
from lading.entrypoints.console.forms import Simple
from lading.entrypoints.console.words import N_
from lading.views import approvals as views

PAGE_SIZE = 50
WORDS: Final = {"give": N_("Approve"), "refuse": N_("Do not approve")}
NOTES: Final = {
    "give": N_("An order goes on; a draft may be sent and placed."),
    "refuse": N_("An order is cancelled; a draft has to be revised."),
}
DONE: Final = {"give": N_("%(what)s is approved."), "refuse": N_("%(what)s is not approved.")}


async def show_list(context: Context) -> Response:
    """All that waits."""
    raw: dict[str, Any] = {"limit": PAGE_SIZE, **({"after": after} if (after := context.query("after")) else {})}
    async with context.database.read(context.merchant.id) as tx:
        try:
            page = await views.approvals(tx, msgspec.convert(raw, views.ApprovalsQuery))
        except ValueError as error:
            raise NotThere from error
    return context.render("approvals.html", page=page, words=WORDS, is_later="after" in raw)


async def show_act(context: Context) -> Response:
    """The form."""
    context.need("approvals:write")
    return forms.show(context, _form(context))


async def run(context: Context) -> Response:
    """Say it."""
    form, document = _form(context), str(context.request.path_params["document"])
    verb = str(context.request.path_params["verb"])
    payload = {"draft" if document.startswith("D") else "order": document, **forms.payload_of(context, form.fields)}
    return await forms.submit(
        context, f"approvals.{verb}", form, payload, "/approvals", context._(DONE[verb], what=document)
    )


def _form(context: Context) -> Simple:
    document, verb = str(context.request.path_params["document"])[:64], str(context.request.path_params["verb"])
    if verb not in WORDS:
        raise NotThere
    word = context._(WORDS[verb])
    fields = [Field("reason", context._("Reason"), required=True, wide=True)] if verb == "refuse" else []
    icon = "check" if verb == "give" else "ban"
    address = f"/approvals/{document}/{verb}"
    return Simple(f"{word}: {document}", address, fields, word, "/approvals", context._(NOTES[verb]), icon)
