"""Answering a bank that took money back: the evidence is shown first, and a merchant who gives in is told what that costs."""

from typing import Any, Final

from starlette.datastructures import UploadFile
from starlette.responses import Response

from lading.entrypoints.console import forms
from lading.entrypoints.console.context import Context, NotThere
from lading.entrypoints.console.feeds import pieces
from lading.entrypoints.console.fields import Field
from lading.entrypoints.console.forms import Simple
from lading.entrypoints.console.preview import Told
from lading.entrypoints.console.rendering import write_day, write_money
from lading.entrypoints.console.words import N_
from lading.entrypoints.files import Files
from lading.journal.types import Decision
from lading.kernel.outcomes import Refusal
from lading.operations.answering_disputes import DisputeAnswerState, Shown

NAMED = ("order", "tender", "reference")
PURPOSES: Final = (
    ("customer_communication", N_("what was written with the customer")),
    ("shipping_documentation", N_("proof of shipping or delivery")),
    ("refund_policy", N_("refund policy")),
    ("other", N_("something else")),
)
"""What a file shows."""


async def show_answer(context: Context) -> Response:
    """The form for evidence."""
    context.need("payments:write")
    return forms.show(context, _answer(context, _named(context, context.query)))


async def answer(context: Context, files: Files) -> Response:
    """Show what the bank is given; then ask the provider to pass it on."""
    context.need("payments:write")
    named = _named(context, context.sent)
    form = _answer(context, named)
    payload = _payload(named, forms.payload_of(context, [each for each in form.fields if each.kind != "file"]))
    purpose, kept = payload.pop("purpose", "other"), context.sent("_file")
    file = context.form.get("file")
    if isinstance(file, UploadFile) and file.size:
        kept = (await files.keep(context.merchant.id, pieces(file), file.content_type or "")).sha256
    if kept:
        payload["files"] = [{"sha256": kept, "purpose": purpose}]
        form.hidden = {**form.hidden, "_file": kept}
    said = context._("The evidence is on its way to the bank.")
    return await forms.submit(
        context, "disputes.answer", form, payload, "/disputes?status=unanswered", said, _teller(context)
    )


async def show_accept(context: Context) -> Response:
    """The form for giving in."""
    context.need("payments:write")
    return forms.show(context, _accept(context, _named(context, context.query)))


async def accept(context: Context) -> Response:
    """Give in; what that costs is told first."""
    named = _named(context, context.sent)
    said = context._("The bank keeps the money; the provider is told so.")
    form = _accept(context, named)
    return await forms.submit(
        context, "disputes.accept", form, _payload(named, {}), "/disputes?status=unanswered", said, _teller(context)
    )


def _named(context: Context, read: Any) -> dict[str, str]:
    """Which dispute. Raises NotThere."""
    named = {name: str(read(name)) for name in NAMED}
    if not all(named.values()) or not named["tender"].isdecimal() or len(named["tender"]) > 5:
        raise NotThere
    return named


def _payload(named: dict[str, str], more: dict[str, Any]) -> dict[str, Any]:
    return {**named, "tender": int(named["tender"]), **more}


def _teller(context: Context) -> forms.Teller:
    async def tell(decision: Decision) -> Told:
        told = decision.outcome
        if isinstance(told, Refusal):
            return Told(False, [told.message])
        if not isinstance(told, DisputeAnswerState):
            raise TypeError(type(told))
        if told.task == "accept":
            amount = write_money(told.amount.minor, told.amount.currency, context.locale)
            return Told(True, [context._("%(amount)s are lost: a chargeback, an expense of the shop.", amount=amount)])
        return Told(True, [_sentence(context, each) for each in told.evidence])

    return tell


def _sentence(context: Context, shown: Shown) -> str:
    match shown.what:
        case "parcel" if shown.delivered_at:
            when = write_day(shown.delivered_at, context.merchant.time_zone, context.locale)
            return context._(
                "%(parcel)s (%(tracking)s) was delivered: %(when)s",
                parcel=shown.name,
                tracking=shown.tracking or "",
                when=when,
            )
        case "parcel":
            return context._("%(parcel)s (%(tracking)s) was sent", parcel=shown.name, tracking=shown.tracking or "")
        case "invoice":
            return context._("Invoice %(name)s, as PDF", name=shown.name)
        case "file":
            return context._("The file: %(what)s", what=context._(dict(PURPOSES)[shown.name]))
        case _:
            return context._("What you write")


def _answer(context: Context, named: dict[str, str]) -> Simple:
    _ = context._
    fields = [
        Field("words", _("What there is to say"), "area", wide=True, hint=_("It goes to the bank, and is never in the journal.")),
        Field("invoice", _("The invoice goes with it"), "check", value="yes"),
        Field("file", _("A file (PDF or picture)"), "file"),
        Field("purpose", _("What the file shows"), "select", [(name, _(word)) for name, word in PURPOSES]),
    ]  # fmt: skip
    note = _(
        "Parcels with their tracking and delivery, the address and what was bought go with it. Banks take evidence once."
    )
    return Simple(
        _("Evidence for order %(order)s", order=named["order"]), "/disputes/answer", fields, _("Pass it on"), "/disputes?status=unanswered",
        note, "send", hidden=named, danger=True,
    )  # fmt: skip


def _accept(context: Context, named: dict[str, str]) -> Simple:
    title = context._("Give in: order %(order)s", order=named["order"])
    note = context._("The bank's customer keeps the money.")
    return Simple(
        title,
        "/disputes/accept",
        [],
        context._("Give in"),
        "/disputes?status=unanswered",
        note,
        "ban",
        hidden=named,
        danger=True,
    )
