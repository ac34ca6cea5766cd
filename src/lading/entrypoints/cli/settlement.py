"""`lading payments reconcile`: a provider's report beside what was asked of it."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console
from rich.table import Table

from lading.adapters.payments import stripe_report
from lading.database.pool import Database
from lading.entrypoints import paying
from lading.entrypoints.cli.access import MerchantSlug, choose_merchant, with_database
from lading.journal.types import Envelope
from lading.operations.execute import Executor
from lading.operations.registry import verbs
from lading.payments.commands import PostProviderFee
from lading.payments.settlement import Settlement, compare
from lading.terms.money import Money
from lading.views.settlement import done_through

PIECE = 1_000


def reconcile(file: Path, *, provider: str = "stripe", post_fees: bool = False, merchant: MerchantSlug = None) -> int:
    """Compare Stripe's report "Balance change from activity, itemized" with the captures and refunds that were asked of it.

    Parameters
    ----------
    file
        The report as CSV, with the column payment_intent_id.
    provider
        The code of the account that the report is of.
    post_fees
        Post what the provider kept as expenses of the ledger; each movement counts once, however often it is told.
    """
    settlement, refused = with_database(
        lambda database: _compared(database, merchant, provider, file, post_fees=post_fees)
    )
    show(settlement)
    for each in refused:
        print(f"Not posted: {each}")
    return 1 if settlement.unmatched or refused else 0


async def _compared(
    database: Database, slug: str | None, provider: str, file: Path, *, post_fees: bool
) -> tuple[Settlement, list[str]]:
    """How the report compares, and the fees that were not posted, with the reason."""
    chosen = await choose_merchant(database, slug)
    with file.open(encoding="utf-8-sig", newline="") as lines:
        moved = stripe_report.read(lines)
    refused = await _post(database, chosen.id, paying.fees(chosen.id, provider, moved)) if post_fees else []
    async with database.read(chosen.id) as tx:
        return compare(moved, await done_through(tx, provider, moved)), refused


async def _post(database: Database, merchant_id: int, fees: list[Envelope[PostProviderFee]]) -> list[str]:
    """The movements whose fees were not posted, each with the reason."""
    refused: list[str] = []
    for first in range(0, len(fees), PIECE):
        part = fees[first : first + PIECE]
        answers = await Executor(database).run(merchant_id, verbs()[paying.FEE], part)
        refused += paying.not_posted([work.command.movement for work in part], answers)
    return refused


def show(settlement: Settlement) -> None:
    """Sums by currency, then what only one side knows of."""
    print(f"{settlement.matched} movements on both sides.")
    for what, sums in (("captured", settlement.captured), ("refunded", settlement.refunded), ("fees", settlement.fees)):
        for currency, minor in sorted(sums.items()):
            print(f"{what}: {Money.of_minor(minor, currency).amount} {currency}")
    if settlement.unmatched:
        table = Table("known", "payment", "what", "amount", "at", "order")
        for each in settlement.unmatched:
            amount = Money.of_minor(each.amount_minor, each.currency)
            side = "here only" if each.side == "here" else "there only"
            table.add_row(
                side,
                each.payment,
                each.kind,
                f"{amount.amount} {amount.currency}",
                f"{each.at:%Y-%m-%d %H:%M}",
                each.order or "",
            )
        Console().print(table)
