"""What goes back for the units of a line, whatever its charges are: never below zero, and nothing where nothing was charged."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from lading.orders import rules
from lading.orders.commands import ChargeInput, LineInput, PlaceOrder
from lading.orders.types import Charge, Line, Order, no_units
from lading.terms.money import Money, UnitPrice

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def order_of(goods: int, charges: list[int], units: int) -> Order:
    line = Line(1, uuid.UUID(int=1), None, Decimal(1), goods, units, no_units())
    line.charges = [Charge(number, 1, "discount", "x", amount) for number, amount in enumerate(charges, 1)]
    return Order(
        uuid.UUID(int=2), 1001, uuid.UUID(int=3), None, NOW, None, NOW, "EUR", 0, 1, 0, uuid.UUID(int=4), None, None, None,
        False, goods + sum(charges), lines={1: line},
    )  # fmt: skip


def test_a_free_line_gives_nothing_back() -> None:
    order = order_of(999, [-5, -994], 3)
    assert [rules.credit_returned(order, order.lines[1], 1)[0] for _ in range(3)] == [0, 0, 0]


@given(st.integers(0, 2_000), st.lists(st.integers(-700, 700), max_size=4), st.integers(1, 12))
def test_no_step_goes_the_other_way_than_the_line(goods: int, charges: list[int], units: int) -> None:
    order = order_of(goods, charges, units)
    line, total = order.lines[1], goods + sum(charges)
    steps = [rules.credit_returned(order, line, 1)[0] for _ in range(units)]
    assert sum(steps) == total
    assert all(step * total >= 0 for step in steps)
    assert order.charged_minor + order.adjusted_minor == 0


@given(st.integers(0, 2_000), st.lists(st.integers(-700, 700), max_size=4), st.integers(1, 12), st.data())
def test_cancelled_and_returned_units_meet_at_the_same_cent(
    goods: int, charges: list[int], units: int, data: st.DataObject
) -> None:
    order = order_of(goods, charges, units)
    line = order.lines[1]
    for _ in range(units):
        if data.draw(st.booleans()):
            rules.credit_cancelled(order, line, 1)
            line.units["cancelled"] += 1
        else:
            rules.credit_returned(order, line, 1)
    assert order.charged_minor + order.adjusted_minor == 0


@given(st.lists(st.integers(0, 300), min_size=1, max_size=6), st.data())
def test_discounts_of_an_order_leave_no_line_below_zero(goods: list[int], data: st.DataObject) -> None:
    left, discounts = sum(goods), []
    for _ in range(data.draw(st.integers(1, 4))):
        discounts.append(data.draw(st.integers(0, left)))
        left -= discounts[-1]
    command = PlaceOrder(
        "web", "JPY", [LineInput("A", 1, UnitPrice(str(amount), "JPY")) for amount in goods],
        charges=[ChargeInput("discount", "x", Money(str(-amount), "JPY")) for amount in discounts],
    )  # fmt: skip
    lines = rules.lines_of(command, [uuid.UUID(int=1)] * len(goods), shared=True)
    assert [line.cost_minor(1) >= 0 for line in lines.values()] == [True] * len(goods)
    assert sum(line.cost_minor(1) for line in lines.values()) == left
