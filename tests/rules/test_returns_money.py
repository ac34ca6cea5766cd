"""Any sequence of cancellations and refunds, in any order, ends at the same cent."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from lading.kernel import money
from lading.orders import rules
from lading.orders.commands import ChargeInput, LineInput, PlaceOrder
from lading.orders.types import Line, Order
from lading.payments import rules as payments
from lading.payments.types import Tender
from lading.terms.ledger import MoneyPosting
from lading.terms.money import Money, UnitPrice

NOW = datetime(2026, 1, 1, tzinfo=UTC)
CURRENCIES = st.sampled_from(("JPY", "EUR", "KWD"))


def order_of(command: PlaceOrder) -> Order:
    """The order that the command makes, everything delivered."""
    lines = rules.lines_of(command, [uuid.uuid4() for _ in command.lines], shared=True)
    order = Order(
        uuid.uuid4(), 1001, uuid.uuid4(), None, NOW, None, NOW, command.currency, 0, 1, 0, uuid.uuid4(), None, None,
        None,
        False, 0, lines=lines,
    )  # fmt: skip
    order.charged_minor = sum(rules.charged_by_kind(order).values())
    return order


@st.composite
def commands(draw: st.DrawFn) -> PlaceOrder:
    """An order with odd prices and charges that do not divide."""
    currency = draw(CURRENCIES)
    decimals = money.exponent(currency) or 0
    prices = st.integers(0, 99_999).map(lambda size: f"{Decimal(size).scaleb(-decimals - 1):f}")
    lines = draw(
        st.lists(
            st.builds(lambda amount, quantity: (amount, quantity), prices, st.integers(1, 7)), min_size=1, max_size=4
        )
    )
    charges = draw(
        st.lists(st.tuples(st.sampled_from(("shipping", "tax", "fee", "discount")), st.integers(0, 999)), max_size=3)
    )
    return PlaceOrder(
        channel="web",
        currency=currency,
        lines=[LineInput("A", quantity, UnitPrice(amount, currency)) for amount, quantity in lines],
        charges=[
            ChargeInput(kind, kind, Money.of_minor(-size if kind == "discount" else size, currency))
            for kind, size in charges
        ],
    )


def balance(postings: list[MoneyPosting], account: str) -> int:
    """Debits less credits."""
    return sum(
        posting.amount_minor * ((posting.debit == account) - (posting.credit == account)) for posting in postings
    )


def steps(draw: st.DrawFn, order: Order) -> list[tuple[str, Line, int]]:
    """Every unit once: cancelled or returned, in parts and in any order."""
    made: list[tuple[str, Line, int]] = []
    for line in order.lines.values():
        left = line.ordered
        while left:
            units = draw(st.integers(1, left))
            made.append((draw(st.sampled_from(("cancel", "refund"))), line, units))
            left -= units
    return draw(st.permutations(made))


@given(st.data(), commands())
def test_any_sequence_of_cancellations_and_refunds_ends_at_the_same_cent(
    data: st.DataObject, command: PlaceOrder
) -> None:
    order = order_of(command)
    postings = [
        posting
        for kind, amount in rules.charged_by_kind(order).items()
        for posting in rules.owe(order.id, kind, amount, order.currency)
    ]
    for what, line, units in steps(data.draw, order):
        if what == "cancel":
            postings += rules.credit_cancelled(order, line, units)
            line.move("open", "cancelled", units)
        else:
            before = order.adjusted_minor
            expected = line.cost_minor(line.refunded + units) - line.cost_minor(line.refunded)
            amount, reversed_ = rules.credit_returned(order, line, units)
            postings += reversed_
            assert amount == expected == before - order.adjusted_minor
    assert order.adjusted_minor == -order.charged_minor
    for account in (rules.RECEIVABLE, *rules.SALES.values()):
        assert balance(postings, account) == 0, account


@given(st.lists(st.integers(1, 500), min_size=1, max_size=4), st.data())
def test_money_goes_back_through_the_latest_tender_first_and_never_above_what_it_took(
    taken: list[int], data: st.DataObject
) -> None:
    order_id = uuid.uuid4()
    tenders = [
        Tender(order_id, number, "paid_elsewhere", None, amount, amount) for number, amount in enumerate(taken, 1)
    ]
    left = sum(taken)
    while left:
        part = data.draw(st.integers(1, left))
        given = payments.give_back(tenders, part, "EUR", NOW)
        postings, touched = given.money, given.tenders
        left -= part
        assert sum(posting.amount_minor for posting in postings) == part
        assert all(0 < tender.refunded_minor <= tender.captured_minor for tender in touched)
        first = next((index for index, tender in enumerate(tenders) if tender.refunded_minor), len(tenders))
        assert all(tender.refundable_minor == 0 for tender in tenders[first + 1 :])
    assert all(tender.refundable_minor == 0 for tender in tenders)
