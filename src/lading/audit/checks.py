"""The audit: rebuild every counter and status of one merchant from the journal, and name each difference.

Every check is one set-based statement that returns the rows which differ: who it is, what the row says and what the
journal says, as objects of the same fields. Nothing is written. A check stops after 1,000 rows.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import asyncpg
import msgspec

from lading.database import queries
from lading.database.pool import Transaction
from lading.kernel.ids import ZERO
from lading.orders import status
from lading.orders.rules import RECEIVABLE, SALES
from lading.terms.ledger import (
    ACCOUNTS,
    AUTHORISATIONS,
    AUTHORISED,
    CHARGEBACKS,
    CREDITS_EXPIRED,
    CREDITS_ISSUED,
    DISPUTED,
    LINE_STAGES,
    PROVIDER_FEES,
    REFUNDS_RETURNED,
    RETURN_STAGES,
    STOCK_BUCKETS,
)

sql = queries.load(__file__)

COMMANDS_KEPT = timedelta(days=35)
PAGE = 20_000
"""Orders whose statuses are looked at in one statement."""

_decode = msgspec.json.Decoder(dict[str, Any] | None, float_hook=Decimal).decode


@dataclass(slots=True, frozen=True)
class Difference:
    """One value that is not what the journal makes of it."""

    check: str
    subject: str
    field: str
    """The counter or column; `exists` where a whole row is missing or too much."""
    kept: Any
    """What the row says."""
    told: Any
    """What the journal (or the witness of the check) says."""
    witness: str

    @property
    def sentence(self) -> str:
        """What a person reads."""
        subject = self.subject[:1].upper() + self.subject[1:]
        if self.field == "exists":
            if self.told:
                return f"{subject} is missing: {self.witness} {_knows(self.witness)} it."
            return f"{subject} is there: {self.witness} {_knows(self.witness)} nothing of it."
        return (
            f"{subject}: {self.field} is {_said(self.kept)}, {self.witness} {_says(self.witness)} {_said(self.told)}."
        )


@dataclass(slots=True, frozen=True)
class Check:
    """A statement of queries.sql, whom its rows are compared with, and the arguments that it needs."""

    name: str
    witness: str = "the journal"
    arguments: Callable[[datetime], Sequence[Any]] = lambda _: ()


MONEY_ACCOUNTS = {
    RECEIVABLE,
    AUTHORISED,
    AUTHORISATIONS,
    REFUNDS_RETURNED,
    DISPUTED,
    CHARGEBACKS,
    CREDITS_ISSUED,
    CREDITS_EXPIRED,
    PROVIDER_FEES,
    *SALES.values(),
}

CHECKS = (
    Check("positions"),
    Check("clock"),
    Check("commands", arguments=lambda now: [now - COMMANDS_KEPT]),
    Check("postings_without_event", "the ledger"),
    Check(
        "posting_words",
        arguments=lambda _: [
            list(STOCK_BUCKETS), list(ACCOUNTS), [*LINE_STAGES, *RETURN_STAGES], sorted(MONEY_ACCOUNTS),
        ],
    ),
    Check("posting_lines"),
    Check("stock"),
    Check("stock_owners", "the catalog"),
    Check("reservations"),
    Check("stock_reserved", "the reservations"),
    Check("order_heads"),
    Check("line_heads"),
    Check("line_units"),
    Check("order_units", "its lines and holds"),
    Check("order_money", "the money ledger"),
    Check("order_charges", "its lines, charges and tenders"),
    Check("charges"),
    Check("charges_posted", "the money ledger", lambda _: [list(SALES), list(SALES.values())]),
    Check("lines_added", "its cancelled units"),
    Check("tenders", "the money ledger"),
    Check("tenders_of_providers"),
    Check("tenders_to_come"),
    Check("tenders_awaited", "what its provider was asked"),
    Check("payment_requests"),
    Check("disputes"),
    Check("dispute_answers"),
    Check("tax_requests"),
    Check("provider_fees", "the journal and the money ledger"),
    Check("credits", "the journal and its tenders"),
    Check("ledger_days", "the money ledger"),
    Check("demand_days", "the ledger"),
    Check("invoices"),
    Check("invoice_lines"),
    Check("invoice_charges"),
    Check("invoice_totals", "its lines"),
    Check("invoice_numbers", "the invoices"),
    Check("invoiced_value", "its lines and charges"),
    Check("legal_entities"),
    Check("sourcing_rules"),
    Check("postal_areas"),
    Check("tax_rates"),
    Check("exchange_rates"),
    Check("sourcing_previews"),
    Check("allocations"),
    Check("allocation_rows"),
    Check("stages_of_lines", "its allocations, parcels and returns"),
    Check("stock_of_orders", "the allocations, transfers, work orders and returns"),
    Check("fulfillment_orders"),
    Check("fulfillment_work", "its allocations"),
    Check("bookings"),
    Check("capacity", "the bookings"),
    Check("parcels"),
    Check("sscc_series", "the parcels"),
    Check("cartons"),
    Check("print_jobs"),
    Check("parcel_lines"),
    Check("pickups"),
    Check("returns", "its lines"),
    Check("return_units"),
    Check("return_money", "the money ledger"),
    Check("holds"),
    Check("order_details"),
    Check("order_edits"),
    Check("companies"),
    Check("company_credit", "its orders"),
    Check("company_orders"),
    Check("price_lists"),
    Check("price_list_items"),
    Check("subscriptions"),
    Check("drafts"),
    Check("draft_contents"),
    Check("order_relations"),
    Check("order_notes"),
    Check("order_tags"),
    Check("order_attributes"),
    Check("product_attributes"),
    Check("attributes"),
    Check("pools"),
    Check("pool_takes"),
    Check("limited", "what limits it"),
    Check("orphans", "the order table"),
    Check("unmatched_returns"),
    Check("transfers"),
    Check("transfer_lines"),
    Check("transfers_posted", "the ledger"),
    Check("stock_feeds"),
    Check("feed_lines", "the ledger"),
    Check("shortages"),
    Check("shortage_entries"),
    Check("stock_short", "the shortages"),
    Check("counts"),
    Check("count_lines", "the ledger"),
    Check("count_entries", "the ledger"),
    Check("count_variances", "the ledger"),
    Check("told_late", "the ledger"),
    Check("availability_levels"),
    Check("catalog"),
    Check("purchase_orders"),
    Check("purchase_lines"),
    Check("asns"),
    Check("purchase_receipts", "the ledger"),
    Check("waves"),
    Check("wave_orders"),
    Check("pick_lists"),
    Check("pick_tasks"),
    Check("layouts"),
    Check("places_of_bins"),
    Check("bins", "the moves between bins"),
    Check("bins_in_stock", "the stock"),
    Check("backlog", "the order lines"),
    Check("promises"),
    Check("kits"),
    Check("substitutes"),
    Check("kit_lines", "its kit"),
    Check("network"),
    Check("lots"),
    Check("serials", "the ledger"),
    Check("serials_in_stock", "the stock"),
    Check("parcel_serials"),
    Check("work_orders"),
    Check("work_order_lines"),
    Check("work_orders_posted", "the ledger"),
    Check("corrections"),
    Check("return_lots"),
)  # fmt: skip
"""In the order in which a reader wants to know."""

STATUSES: Mapping[str, Callable[[status.Sums], str]] = {
    "lifecycle": status.lifecycle,
    "fulfillment_status": status.fulfillment_status,
    "payment_status": status.payment_status,
    "stage": status.stage,
}
"""The generated columns, and the rule that each states."""


NAMES = (*(check.name for check in CHECKS), "statuses", "queues")


async def audit(tx: Transaction, only: Collection[str] = NAMES) -> list[Difference]:
    """All differences of the transaction's merchant, or those of some checks. Wants one snapshot, as `Database.read` gives it."""
    await tx.execute(sql.whole_tables)
    now = datetime.now(UTC)
    differences: list[Difference] = []
    for check in (check for check in CHECKS if check.name in only):
        for subject, kept, told in await tx.fetch(getattr(sql, check.name), *check.arguments(now)):
            differences += compare(check, subject, _decode(kept or "null"), _decode(told or "null"))
    if "statuses" in only or "queues" in only:
        differences += [each for each in await _statuses(tx) if each.check in only]
    return differences


def compare(
    check: Check, subject: str, kept: Mapping[str, Any] | None, told: Mapping[str, Any] | None
) -> Iterator[Difference]:
    """One difference for each field, or one for a row that is missing or too much."""
    if kept is None or told is None:
        yield Difference(check.name, subject, "exists", kept is not None, told is not None, check.witness)
        return
    for field, value in kept.items():
        if value != told.get(field):
            yield Difference(check.name, subject, field, value, told.get(field), check.witness)


async def _statuses(tx: Transaction) -> list[Difference]:
    """Each status as Python says it, and each open order in one queue; page by page, so that memory stays bounded."""
    differences: list[Difference] = []
    last: UUID = ZERO
    while rows := await tx.fetch(sql.order_sums, last, PAGE):
        for row in rows:
            differences += _status_differences(row)
        last = rows[-1]["id"]
    return differences


def _status_differences(row: asyncpg.Record) -> Iterator[Difference]:
    subject = f"order {row['number']}"
    sums = dict(row)
    for column, rule in STATUSES.items():
        if row[column] != (said := rule(sums)):
            yield Difference("statuses", subject, column, row[column], said, "the rule")
    waits = row["stage"] not in ("done", "coming_back")
    if waits != (row["lifecycle"] in ("open", "on_hold")):
        queue = "one of the queues" if not waits else "done"
        yield Difference("queues", subject, "stage", row["stage"], queue, f"its lifecycle {row['lifecycle']}")


def _said(value: Any) -> str:
    return "empty" if value is None else str(value)


def _plural(witness: str) -> bool:
    return witness.endswith("s")


def _says(witness: str) -> str:
    return "say" if _plural(witness) else "says"


def _knows(witness: str) -> str:
    return "know" if _plural(witness) else "knows"
