"""Payments: what somebody has to look at, what banks took back, what was asked about one order, and a provider's report beside it all."""

import io
from collections.abc import Sequence
from typing import Final

import msgspec
from starlette.datastructures import UploadFile
from starlette.responses import Response

from lading.adapters.payments import stripe_report
from lading.adapters.payments.stripe_report import NotAReport
from lading.entrypoints import paying
from lading.entrypoints.console import listing
from lading.entrypoints.console.context import Context, NotThere
from lading.entrypoints.console.fields import Field
from lading.entrypoints.console.words import N_, TROUBLES
from lading.payments.settlement import Settlement, compare
from lading.terms.money import Money
from lading.views import NotFound
from lading.views import order as order_view
from lading.views import payment_troubles as views
from lading.views.settlement import done_through

PIECE = 1_000
"""Fees that are posted at once."""
STATUSES: Final = (("unanswered", N_("to be answered")), ("open", N_("open")), ("won", N_("won")), ("lost", N_("lost")))
NOTES: Final = {
    "failed": N_("A provider refused it, and nothing has made up for it."),
    "lapsed": N_("The authorisation is over while goods are still to be sent."),
    "unanswered": N_("The provider has been silent for a quarter of an hour; it is asked again."),
    "late": N_("Money that was said to come has not come within a week."),
    "disputed": N_("A customer's bank took money back; evidence is taken until the date."),
}


async def show_troubles(context: Context) -> Response:
    """What waits for a person, the newest first."""
    asked = {"trouble": context.query("trouble")}
    shown = await listing.find(context, views.payment_troubles, views.PaymentTroublesQuery, asked)
    return context.render("payments.html", **shown, troubles=TROUBLES, notes=NOTES, now=context.now)


async def show_disputes(context: Context) -> Response:
    """What banks took back: what is to be answered, the earliest deadline first, what is open, or how it ended."""
    asked = {"status": context.query("status") or "unanswered"}
    shown = await listing.find(context, views.disputes, views.DisputesQuery, asked)
    return context.render("disputes.html", **shown, statuses=STATUSES, now=context.now)


async def show_order(context: Context) -> Response:
    """Tenders, requests and disputes of one order."""
    ref = context.request.path_params["ref"]
    async with context.database.read(context.merchant.id) as tx:
        try:
            order = await order_view.order(tx, ref)
            asked = await views.order_payments(tx, views.OrderPaymentsQuery(ref))
        except (NotFound, ValueError) as error:
            raise NotThere from error
    return context.render("order_payments.html", order=order, asked=asked, now=context.now)


async def show_settlement(context: Context) -> Response:
    """The form that takes a provider's report."""
    return _settlement(context, "stripe")


async def reconcile(context: Context) -> Response:
    """The report beside what was asked of the provider; its fees are posted where that is asked for."""
    file, provider = context.form.get("file"), context.sent("provider")
    if not isinstance(file, UploadFile) or not file.size:
        return _settlement(context, provider, context._("Choose a file that is not empty."))
    try:
        moved = stripe_report.read(io.StringIO((await file.read()).decode("utf-8-sig"), newline=""))
    except (NotAReport, UnicodeDecodeError) as error:
        return _settlement(context, provider, str(error))
    refused: list[str] = []
    if context.sent("post_fees") and context.may_do(paying.FEE):
        fees = [each.command for each in paying.fees(context.merchant.id, provider, moved)]
        for first in range(0, len(fees), PIECE):
            part = fees[first : first + PIECE]
            answers = await context.submit_all(paying.FEE, [msgspec.to_builtins(each) for each in part])
            refused += paying.not_posted([each.movement for each in part], answers)
    async with context.database.read(context.merchant.id) as tx:
        found = compare(moved, await done_through(tx, provider, moved))
    return _settlement(context, provider, found=found, lines=len(moved), refused=refused)


def _settlement(
    context: Context,
    provider: str,
    error: str = "",
    *,
    found: Settlement | None = None,
    lines: int = 0,
    refused: Sequence[str] = (),
) -> Response:
    """The form, and how the report compares."""
    fields = [
        Field("file", context._("Report (CSV)"), "file", required=True, wide=True,
              hint=context._("Stripe: Balance change from activity, itemized, with the column payment_intent_id")),
        Field("provider", context._("Account"), required=True, value=provider, hint=context._("As it is called in lading.toml")),
    ]  # fmt: skip
    if context.may_do(paying.FEE):
        hint = context._("Each movement counts once, however often it is told.")
        fields.append(
            Field("post_fees", context._("Post the fees as expenses of the ledger"), "check", wide=True, hint=hint)
        )
    told = (
        (
            (context._("Captured"), found.captured),
            (context._("Refunded"), found.refunded),
            (context._("Fees"), found.fees),
        )
        if found
        else ()
    )
    sums = [
        (word, Money.of_minor(minor, currency))
        for word, by_currency in told
        for currency, minor in sorted(by_currency.items())
    ]
    status = 409 if error else 200
    return context.render(
        "settlement.html", status, found=found, sums=sums, lines=lines, error=error, fields=fields, refused=refused
    )
