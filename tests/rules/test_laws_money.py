"""Money is conserved: shares sum exactly, and steps in any order end at the same cent."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from lading.kernel import money
from lading.orders import rules
from lading.orders.types import Charge, Line, Order, no_units
from lading.payments import rules as payments
from lading.payments.types import Tender
from lading.terms.ledger import MoneyPosting

AMOUNTS = st.integers(-(10**12), 10**12)
WEIGHTS = st.lists(st.integers(0, 10**9), min_size=1, max_size=30)
NOW = datetime(2026, 3, 1, tzinfo=UTC)


def an_order(line: Line) -> Order:
    return Order(
        id=uuid.uuid4(), number=1001, channel_id=uuid.uuid4(), external_reference=None, placed_at=NOW, ship_by=None,
        queued_at=NOW, currency="EUR", priority=0, version=1, policy_version=0, placed_by=uuid.uuid4(),
        customer_id=None, party_version_id=None, ship_to_id=None, history=False,
        charged_minor=line.cost_minor(line.ordered),
        lines={1: line}, stored=False,
    )  # fmt: skip


def a_line(quantity: int, goods: int, charges: list[int]) -> Line:
    line = Line(1, uuid.uuid4(), None, Decimal(1), goods, quantity, no_units() | {"open": quantity})
    kinds = ("discount", "tax", "shipping", "fee", "adjustment")
    line.charges += [Charge(number, 1, kinds[number % 5], "x", amount) for number, amount in enumerate(charges, 1)]
    for number, base in enumerate(("goods", "shipping"), len(charges) + 1):
        line.charges.append(Charge(number, 1, "tax", "VAT", goods // 7, Decimal(19), True, base))
    return line


def owed(postings: list[MoneyPosting]) -> int:
    """What the postings add to what the customer owes."""
    return sum(p.amount_minor * ((p.debit == "receivable") - (p.credit == "receivable")) for p in postings)


def taxed(postings: list[MoneyPosting]) -> int:
    """What the postings add to the taxes that are owed to the state."""
    return sum(p.amount_minor * ((p.credit == "tax") - (p.debit == "tax")) for p in postings)


@given(AMOUNTS, WEIGHTS)
def test_shares_sum_to_the_amount_and_are_fair_within_one(amount: int, weights: list[int]) -> None:
    shares = money.share(amount, weights)
    assert sum(shares) == amount
    fair = weights if sum(weights) else [1] * len(weights)
    for part, weight in zip(shares, fair, strict=True):
        assert abs(part - Fraction(amount * weight, sum(fair))) < 1


@given(AMOUNTS, WEIGHTS)
def test_a_share_of_less_is_the_negated_share_of_more(amount: int, weights: list[int]) -> None:
    assert money.share(-amount, weights) == [-part for part in money.share(amount, weights)]


@given(AMOUNTS, st.lists(st.integers(1, 50), min_size=1, max_size=12), st.randoms(use_true_random=False))
def test_steps_of_a_line_sum_to_its_amount_in_whatever_pieces(amount: int, steps: list[int], random: object) -> None:
    units, paid, done = sum(steps), 0, 0
    for step in steps:
        part = money.cumulative(amount, done + step, units) - money.cumulative(amount, done, units)
        assert part * amount >= 0, "no step goes against the amount"
        paid, done = paid + part, done + step
    assert paid == amount
    assert money.cumulative(amount, 0, units) == 0


@given(st.decimals(min_value=-(10**9), max_value=10**9, places=6, allow_nan=False), st.sampled_from([0, 2, 3]))
def test_amounts_are_rounded_half_away_from_zero(amount: Decimal, exponent: int) -> None:
    exact = Fraction(amount) * 10**exponent
    minor = money.to_minor(amount, exponent)
    assert abs(minor - exact) <= Fraction(1, 2)
    if abs(minor - exact) == Fraction(1, 2):
        assert abs(minor) > abs(exact)


@given(st.integers(-(10**15), 10**15), st.sampled_from([0, 2, 3]))
def test_minor_units_survive_being_written_and_read(minor: int, exponent: int) -> None:
    assert money.to_minor(Decimal(money.from_minor(minor, exponent)), exponent) == minor


@st.composite
def line_lives(draw: st.DrawFn) -> tuple[int, int, list[int], list[tuple[str, int]]]:
    """(units, goods, charges, steps): cancellations and returns in any order, together no more than the line has."""
    quantity = draw(st.integers(1, 40))
    goods = draw(st.integers(0, 10**7))
    charges = draw(st.lists(st.integers(-(10**4), 10**5), max_size=4))
    steps, left = [], quantity
    while left and draw(st.booleans()):
        units = draw(st.integers(1, left))
        steps.append((draw(st.sampled_from(["cancel", "return"])), units))
        left -= units
    return quantity, goods, charges, steps


def lived(quantity: int, goods: int, charges: list[int], steps: list[tuple[str, int]]) -> tuple[Order, int, int]:
    """The order after the steps, and what all their postings add to what is owed to us and by us to the state."""
    line = a_line(quantity, goods, charges)
    order, total, tax = an_order(line), 0, 0
    for what, units in steps:
        if what == "cancel":
            postings = rules.credit_cancelled(order, line, units)
            total += owed(postings)
            line.move("open", "cancelled", units)
        else:
            credit, postings = rules.credit_returned(order, line, units)
            assert owed(postings) == -credit
            total -= credit
        tax += taxed(postings)
    return order, total, tax


@given(line_lives(), st.randoms(use_true_random=False))
def test_cancellations_and_returns_in_any_order_end_at_the_same_cent(
    life: tuple[int, int, list[int], list[tuple[str, int]]], random: st.DataObject
) -> None:
    quantity, goods, charges, steps = life
    order, posted, tax = lived(quantity, goods, charges, steps)
    assert posted == order.adjusted_minor, "the ledger and the order say the same"
    shuffled = list(steps)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    one_by_one = [(what, 1) for what, units in shuffled for _ in range(units)]
    for other in (shuffled, one_by_one):
        again, _, taxes = lived(quantity, goods, charges, other)
        assert (again.adjusted_minor, taxes) == (order.adjusted_minor, tax)
    if sum(units for _, units in steps) == quantity:
        assert order.charged_minor + order.adjusted_minor == 0, "a line of which nothing is left owes nothing"
        assert -tax == sum(each.amount_minor for each in order.lines[1].charges if each.kind == "tax"), "nor any tax"


@given(st.lists(st.integers(0, 10**6), min_size=1, max_size=5), st.data())
def test_a_refund_never_passes_what_a_tender_captured(captured: list[int], data: st.DataObject) -> None:
    tenders = [Tender(uuid.uuid4(), number, "card", None, taken, taken) for number, taken in enumerate(captured, 1)]
    given_back = 0
    for _ in range(3):
        amount = data.draw(st.integers(0, sum(captured) - given_back))
        given = payments.give_back(tenders, amount, "EUR", NOW)
        postings, touched = given.money, given.tenders
        given_back += amount
        assert sum(posting.amount_minor for posting in postings) == amount
        assert {tender.number for tender in touched} == {posting.tender_number for posting in postings}
        assert all(0 <= tender.refunded_minor <= tender.captured_minor for tender in tenders)
    assert sum(tender.refunded_minor for tender in tenders) == given_back


@given(
    st.integers(1, 40), st.integers(0, 10**6), st.lists(st.integers(-(10**5), 10**5), max_size=5),
    st.lists(st.tuples(st.sampled_from(["cancel", "replace"]), st.integers(1, 10)), max_size=8), st.data(),
)  # fmt: skip
def test_a_substitute_bears_just_what_its_units_did(
    quantity: int, goods: int, charges: list[int], steps: list[tuple[str, int]], data: st.DataObject
) -> None:
    order = an_order(a_line(quantity, goods, charges))
    posted: list[MoneyPosting] = []
    for how, units in steps:
        open_lines = [line for line in order.lines.values() if line.units["open"]]
        if not open_lines:
            break
        line = data.draw(st.sampled_from(open_lines))
        units = min(units, line.units["open"])
        before = order.due_minor, len(order.lines)
        if how == "cancel":
            posted += rules.credit_cancelled(order, line, units)
        else:
            new, money_of_it = rules.stand_in(order, line, units, uuid.uuid4())
            posted += money_of_it
            assert (order.due_minor, owed(money_of_it), len(order.lines)) == (before[0], 0, before[1] + 1)
            assert taxed(money_of_it) == 0, "nor does the state get more or less"
            assert (new.ordered, new.instead_of, order.lines[new.number]) == (units, line.number, new)
        line.move("open", "cancelled", units)
    wanted = sum(line.cost_minor(line.ordered - line.units["cancelled"]) for line in order.lines.values())
    assert order.charged_minor + order.adjusted_minor == wanted, "what is left costs what is owed"
    assert owed(posted) == order.adjusted_minor
    for line in order.lines.values():
        _, credits = rules.credit_returned(order, line, line.ordered - line.units["cancelled"])
        posted += credits
    assert order.charged_minor + order.adjusted_minor == 0, "and all of it goes back"
    assert owed(posted) == -order.charged_minor
    billed = sum(charge.amount_minor for charge in order.lines[1].charges if charge.kind == "tax")
    assert -taxed(posted) == billed, "taxes too, those inside prices as well"
