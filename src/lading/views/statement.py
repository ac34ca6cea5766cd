"""The statement of an order: every cent from what was charged to what was paid and given back, each with its event."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg
import msgspec
from msgspec import Struct

from lading.database import queries
from lading.database.pool import Transaction
from lading.kernel import money
from lading.orders.rules import RECEIVABLE
from lading.terms.ledger import AUTHORISED, CHARGEBACKS, DISPUTED, PROVIDER_FEES, REFUNDS_RETURNED
from lading.terms.money import Money
from lading.views.names import read_actors
from lading.views.order import find_order
from lading.views.order_money import rate_text
from lading.views.pennies import KINDS, Penny, made_of
from lading.views.sentences import sentence
from lading.views.timeline import order_names

sql = queries.load(__file__)

_LATEST = 2**62


class StatementLine(Struct, frozen=True):
    """One posting: an amount, from where to where, why, and what the customer owes after it."""

    position: int
    """Of the event."""
    at: datetime
    """When it occurred."""
    what: str
    amount: Money
    debit: str
    credit: str
    owed: Money
    """What the customer owes more by it; below zero: less."""
    balance: Money
    """What the customer owes after it; below zero: what is owed to the customer."""
    event: str
    """The kind of the event."""
    sentence: str
    who: str
    made_of: list[Penny] = []
    """The lines or charges that it sums, where the event tells them."""


class AccountSum(Struct, frozen=True):
    """One account of the order."""

    account: str
    debit: Money
    credit: Money
    balance: Money
    """Debit less credit; over all accounts these sum to zero."""


class Statement(Struct, frozen=True):
    """All money of one order, the oldest first."""

    order: str
    currency: str
    charged: Money
    """The original total; never changes."""
    adjusted: Money
    """Changes beside it."""
    captured: Money
    refunded: Money
    due: Money
    """As the order's own row has it."""
    unexplained: Money
    """What is due less the balance of the postings: always nothing, or the books are broken."""
    lines: list[StatementLine]
    accounts: list[AccountSum]
    shop_currency: str | None = None
    """Of the shop's books, where the customer pays in another."""
    shop_rate: str | None = None
    """What one unit of the order's currency was worth in it."""
    shop_due: Money | None = None


class StatementQuery(Struct, frozen=True, forbid_unknown_fields=True):
    """Whose statement."""

    order: str


async def statement(tx: Transaction, query: StatementQuery) -> Statement:
    """The penny trail of an order. Raises NotFound."""
    order_id = await find_order(tx, query.order)
    head = await tx.fetchrow(sql.order_money_head, order_id)
    assert head is not None
    posted = await tx.fetch(sql.money_of_order, order_id)
    lines = await _lines(tx, order_id, posted, head["currency"])

    def cash(minor: int) -> Money:
        return Money.of_minor(minor, head["currency"])

    due = head["charged_minor"] + head["adjusted_minor"] - head["captured_minor"] + head["refunded_minor"]
    balance = lines[-1].balance.minor if lines else 0
    charged, adjusted, captured, refunded = (
        cash(head[f"{name}_minor"]) for name in ("charged", "adjusted", "captured", "refunded")
    )
    return Statement(
        str(head["number"]), head["currency"], charged, adjusted, captured, refunded, cash(due), cash(due - balance), lines,
        _accounts(posted, cash), *_in_shop(head, due),
    )  # fmt: skip


def _in_shop(head: asyncpg.Record, due: int) -> tuple[str | None, str | None, Money | None]:
    """What is due in the currency of the shop's books, and the rate."""
    currency = head["shop_currency"]
    if currency is None:
        return None, None, None
    minor = money.exchanged(due, head["currency"], currency, head["shop_rate"])
    return currency, rate_text(head["shop_rate"]), Money.of_minor(minor, currency)


async def _lines(
    tx: Transaction, order_id: UUID, posted: Sequence[asyncpg.Record], currency: str
) -> list[StatementLine]:
    """In the order in which the journal has them, with the balance that runs."""
    events = {row["event_id"]: row for row in await tx.fetch(sql.events_until, order_id, _LATEST)}
    names = await order_names(tx, order_id)
    names.currency = currency
    who = await read_actors(tx, {events[row["event_id"]]["actor"] for row in posted})
    told: dict[UUID, tuple[str, dict[str, Any]]] = {}
    lines: list[StatementLine] = []
    balance = 0
    for row in sorted(posted, key=lambda row: (events[row["event_id"]]["position"], row["number"])):
        event = events[row["event_id"]]
        if row["event_id"] not in told:
            data: dict[str, Any] = msgspec.json.decode(event["data"])
            told[row["event_id"]] = sentence(event["kind"], data, names), data
        said, data = told[row["event_id"]]
        amount = row["amount_minor"]
        owed = amount * ((row["debit"] == RECEIVABLE) - (row["credit"] == RECEIVABLE))
        balance += owed
        lines.append(
            StatementLine(
                event["position"], event["occurred_at"], what(row["debit"], row["credit"], row["tender_number"]),
                Money.of_minor(amount, currency), row["debit"], row["credit"], Money.of_minor(owed, currency),
                Money.of_minor(balance, currency), event["kind"], said, who[event["actor"]],
                made_of(data, row["debit"], row["credit"], amount, names, currency),
            )
        )  # fmt: skip
    return lines


def what(debit: str, credit: str, tender: int | None) -> str:
    """A posting in a few words: goods charged, discount given, paid by cash (1)."""
    if AUTHORISED in (debit, credit):
        return f"{'promised' if debit == AUTHORISED else 'no longer promised'} ({tender})"
    if REFUNDS_RETURNED in (debit, credit):
        return f"refund came back ({tender})" if credit == REFUNDS_RETURNED else f"to be given back again ({tender})"
    if DISPUTED in (debit, credit):
        ended = "dispute lost" if debit == CHARGEBACKS else "dispute won"
        return f"{'taken back by a bank' if debit == DISPUTED else ended} ({tender})"
    if PROVIDER_FEES in (debit, credit):
        return f"{'kept by the provider' if debit == PROVIDER_FEES else 'fee that came back'} ({tender})"
    if RECEIVABLE not in (debit, credit):
        return f"of {_kind(debit)}: {_kind(credit)}"
    other = credit if debit == RECEIVABLE else debit
    if other.startswith("tender:"):
        means = f"{other.removeprefix('tender:').replace('_', ' ')} ({tender})"
        return f"given back: {means}" if debit == RECEIVABLE else f"paid: {means}"
    kind = _kind(other)
    if kind == "discount":
        return "discount taken back" if debit == RECEIVABLE else "discount given"
    return f"{kind} charged" if debit == RECEIVABLE else f"{kind} credited"


def _kind(account: str) -> str:
    return KINDS.get(account, account).replace("_", " ")


def _accounts(posted: Iterable[asyncpg.Record], cash: Any) -> list[AccountSum]:
    sums: dict[str, list[int]] = {}
    for row in posted:
        sums.setdefault(row["debit"], [0, 0])[0] += row["amount_minor"]
        sums.setdefault(row["credit"], [0, 0])[1] += row["amount_minor"]
    return [
        AccountSum(account, cash(debit), cash(credit), cash(debit - credit))
        for account, (debit, credit) in sorted(sums.items())
    ]
