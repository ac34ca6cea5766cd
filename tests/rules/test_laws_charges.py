"""Calculated taxes, discounts in percent, fees, and whatever happens afterwards: every cent is a function of where the units are.

An order is placed, shipped, captured, cancelled, edited, returned, refunded and billed in any order and any currency. After each step
what is owed is what the kept units cost less what the returned ones did, so no other order of the same steps can end at another cent.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import count

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from lading.invoices import rules as billing
from lading.invoices.types import SHIPMENT, Invoice
from lading.kernel import money
from lading.orders import earned, editing, rules, taxing
from lading.orders.commands import ChargeInput, LineInput, PlaceOrder
from lading.orders.types import Charge, Line, Order
from lading.taxes.table import Table
from lading.taxes.types import TaxRate
from lading.terms.ledger import MoneyPosting
from lading.terms.money import Money, UnitPrice
from lading.terms.taxes import Place, TaxDocument

NOW = datetime(2026, 3, 1, tzinfo=UTC)
SKUS = {"PLAIN": uuid.UUID(int=1), "BOOK": uuid.UUID(int=2)}
CATEGORIES = {SKUS["BOOK"]: "books"}
HOME, AWAY = Place("DE"), Place("US")
AWAY_STAGES = ("in_transit",)

percents = st.integers(1, 1_000_000).map(lambda parts: f"{Decimal(parts).scaleb(-4):f}")


@st.composite
def tables(draw: st.DrawFn) -> Table:
    """Rates of two countries, contained and beside, simple and on top, some for books or shipping alone."""
    codes = draw(st.lists(st.sampled_from(["VAT", "STATE", "CITY"]), unique=True, min_size=1))
    rates = [
        TaxRate(
            place.country, "", "", category, code, date(2020, 1, 1), None, draw(st.decimals(0, 60, places=4)), included, compound, 1
        )
        for code in codes
        for included, compound in [(draw(st.booleans()), draw(st.booleans()))]
        for place in (HOME, AWAY)
        for category in draw(st.sampled_from([("",), ("", "books"), ("", "shipping", "gift_wrap"), ("books",)]))
    ]  # fmt: skip
    return Table(rates)


def discount(draw: st.DrawFn, currency: str, lines: int, most: int) -> ChargeInput:
    line = draw(st.none() | st.integers(1, lines))
    if draw(st.booleans()):
        return ChargeInput("discount", "P", percent=draw(percents), line=line, source="campaign")
    return ChargeInput("discount", "A", Money.of_minor(-draw(st.integers(0, most)), currency), line=None, source="code")


@st.composite
def orders(draw: st.DrawFn) -> PlaceOrder:
    currency = draw(st.sampled_from(["EUR", "JPY", "KWD"]))
    decimals = money.exponent(currency) or 0
    lines = [
        LineInput(
            draw(st.sampled_from(sorted(SKUS))), draw(st.integers(1, 7)),
            UnitPrice(f"{Decimal(draw(st.integers(0, 10**6))).scaleb(-decimals - 1):f}", currency),
        )
        for _ in range(draw(st.integers(1, 3)))
    ]  # fmt: skip
    least = sum(line.unit_price.line_minor(line.quantity) for line in lines)
    charges = [discount(draw, currency, len(lines), least // 4) for _ in range(draw(st.integers(0, 3)))]
    charges += [
        ChargeInput(kind, kind, Money.of_minor(draw(st.integers(0, 999)), currency), line=line)
        for kind in ("shipping", "gift_wrap", "tip")
        for line in [draw(st.none() | st.integers(1, len(lines)))]
        if draw(st.booleans())
    ]
    command = PlaceOrder("web", currency, lines, charges=charges)
    assume(not rules.costs_less_than_nothing(command))
    return command


@dataclass
class Life:
    """One order, its ledger, what was taken and given back of it, and its documents."""

    order: Order
    table: Table
    place: Place = HOME
    owed: int = 0
    taxed: int = 0
    captured: int = 0
    given_back: int = 0
    documents: list[Invoice] = field(default_factory=list)

    def post(self, postings: list[MoneyPosting]) -> None:
        for each in postings:
            assert each.amount_minor > 0
            self.owed += each.amount_minor * ((each.debit == "receivable") - (each.credit == "receivable"))
            self.taxed += each.amount_minor * ((each.credit == "tax") - (each.debit == "tax"))

    def bear(self, borne: list[taxing.Borne]) -> list[Charge]:
        document = TaxDocument(self.order.currency, NOW.date(), self.place, [each.item for each in borne])
        return taxing.bear(borne, self.table.taxes(document), editing.next_charge(self.order))

    def edit(self, new: list[Line], charges: list[Charge], *, moved: bool = False) -> None:
        more = self.bear(taxing.edited(self.order, new, charges, CATEGORIES, taxing.Ways({}, {}), moved=moved))
        numbers = {line.number for line in new}
        others = [each for each in (*charges, *more) if each.line_number not in numbers]
        self.post(editing.owe(self.order, new, others))

    def bill(self, policy: str) -> None:
        wanted = billing.to_bill(
            self.order.lines.values(), policy, self.order.due_minor, self.captured - self.given_back
        )
        for draft in billing.drafts(self.order.lines, wanted, self.documents, []):
            lines = [
                billing.line_of(at, part, self.order.lines[part.line], "S", "N")
                for at, part in enumerate(draft.parts, 1)
            ]
            self.documents.append(
                Invoice(
                    self.order.id, len(self.documents) + 1, draft.kind, "MAIN", "INV", 1, 0, NOW, NOW.date(), self.order.currency,
                    sum(line.total_minor for line in lines), sum(line.tax_minor for line in lines), None, draft.credits, None, None, lines,
                )
            )  # fmt: skip

    def settle(self) -> None:
        """Capture what is earned; give back what is owed back."""
        self.captured += max(0, earned.earned_minor(self.order) - (self.captured - self.given_back))
        total = self.order.charged_minor + self.order.adjusted_minor
        self.given_back += max(0, self.captured - self.given_back - total)
        assert 0 <= self.given_back <= self.captured

    def check(self) -> None:
        """The order, its ledger and its taxes are what the units make of them."""
        value = taxes = 0
        for line in self.order.lines.values():
            kept, back = line.ordered - line.units["cancelled"], line.refunded
            value += line.cost_minor(kept) - line.cost_minor(back)
            for units, sign in ((kept, 1), (back, -1)):
                taxes += sign * (line.cost_by_kind(units).get("tax", 0) + sum(line.tax_inside(units).values()))
            assert line.cost_minor(line.ordered) >= 0, "no line costs less than nothing"
        assert self.owed == self.order.charged_minor + self.order.adjusted_minor == value
        assert self.taxed == taxes


def place(command: PlaceOrder, table: Table) -> Life:
    lines = rules.lines_of(command, [SKUS[line.sku] for line in command.lines], shared=True)
    order = Order(
        id=uuid.UUID(int=9), number=1, channel_id=uuid.UUID(int=8), external_reference=None, placed_at=NOW, ship_by=None, queued_at=NOW,
        currency=command.currency, priority=0, version=1, policy_version=0, placed_by=uuid.UUID(int=7), customer_id=None,
        party_version_id=None, ship_to_id=None, history=False, charged_minor=0, lines=lines, stored=False,
    )  # fmt: skip
    life = Life(order, table)
    life.bear(taxing.placed(lines, CATEGORIES, {}))
    charged = rules.charged_by_kind(order)
    order.charged_minor = sum(charged.values())
    life.post([each for kind, amount in charged.items() for each in rules.owe(order.id, kind, amount, order.currency)])
    life.post(rules.set_taxes_apart(order))
    life.check()
    return life


def step(life: Life, what: str, data: st.DataObject) -> None:
    order = life.order
    line = order.lines[data.draw(st.sampled_from(sorted(order.lines)))]
    back = line.units["in_transit"] - line.refunded
    if (what in ("ship", "cancel") and not line.units["open"]) or (what == "return" and not back):
        return
    if what == "ship":
        line.move("open", "in_transit", data.draw(st.integers(1, line.units["open"])))
    elif what == "cancel":
        units = data.draw(st.integers(1, line.units["open"]))
        life.post(rules.credit_cancelled(order, line, units))
        line.move("open", "cancelled", units)
    elif what == "return":
        life.post(
            rules.credit_returned(order, line, data.draw(st.integers(1, line.units["in_transit"] - line.refunded)))[1]
        )
    elif what == "settle":
        life.settle()
    elif what == "bill":
        life.bill(data.draw(st.sampled_from([SHIPMENT, billing.ALL])))
    elif what == "move":
        life.place = data.draw(st.sampled_from([HOME, AWAY]))
        life.edit([], [], moved=True)
    else:
        change(life, line, data)


def change(life: Life, line: Line, data: st.DataObject) -> None:
    """A line comes, a price changes, or a percentage is granted, where the line can bear it."""
    order, numbers = life.order, count(editing.next_charge(life.order))
    price = UnitPrice(str(data.draw(st.integers(0, 500))), order.currency)
    if data.draw(st.booleans()) or not editing.is_whole(line):
        units, sku = data.draw(st.integers(1, 5)), data.draw(st.sampled_from(sorted(SKUS)))
        off = ChargeInput("discount", "NEW", percent=data.draw(percents), source="person")
        charges = rules.in_money({1: price.line_minor(units)}, [1], [off], order.currency)
        life.edit([editing.new_line(order, max(order.lines) + 1, SKUS[sku], price, units, charges, numbers)], [])
    elif (change := editing.price_change(line, price)) + editing.net_minor(line) >= 0 and change:
        changed = editing.price(line, price, numbers)
        life.edit([], [changed] if changed else [])
    else:
        off = ChargeInput("discount", "NOW", percent=data.draw(percents), line=line.number)
        charges = rules.in_money({line.number: editing.goods_now(line)}, [], [off], order.currency)
        life.edit([], editing.share(charges[0], [line], next(numbers)))


STEPS = ("ship", "cancel", "return", "settle", "bill", "move", "edit")


@given(orders(), tables(), st.lists(st.sampled_from(STEPS), max_size=14), st.data())
def test_whatever_happens_to_an_order_every_cent_is_where_its_units_are(
    command: PlaceOrder, table: Table, steps: list[str], data: st.DataObject
) -> None:
    life = place(command, table)
    for what in steps:
        step(life, what, data)
        life.check()
    for line in life.order.lines.values():
        line.move("open", "in_transit", line.units["open"])
    life.settle()
    life.bill(SHIPMENT)
    life.bill(billing.ALL)
    life.check()
    assert life.captured - life.given_back == life.owed, "what was taken and kept is what it costs"
    assert sum(each.total_minor for each in life.documents) == life.owed, (
        "and what was billed, of lines that edits brought too"
    )
    assert sum(each.tax_minor for each in life.documents) == life.taxed
    for line in life.order.lines.values():
        rest = line.ordered - line.units["cancelled"] - line.refunded
        life.post(rules.credit_returned(life.order, line, rest)[1])
    life.settle()
    life.bill(SHIPMENT)
    assert (life.owed, life.taxed, life.captured - life.given_back) == (0, 0, 0), "all of it can go back"
    assert sum(each.total_minor for each in life.documents) == 0
    assert sum(each.tax_minor for each in life.documents) == 0


@given(orders())
def test_percentages_never_take_more_than_there_is(command: PlaceOrder) -> None:
    """Each is of what earlier ones left; together they leave every line at nothing or more."""
    charges = [charge for charge in command.charges if charge.percent]
    left = {number: line.unit_price.line_minor(line.quantity) for number, line in enumerate(command.lines, 1)}
    before = dict(left)
    for charge in rules.in_money(left, list(left), charges, command.currency):
        assert charge.minor <= 0
    assert all(0 <= left[number] <= before[number] for number in left)


@pytest.mark.parametrize(
    ("prices", "charges"),
    [
        (["0", "0.007"], [("discount", "-0.03", None), ("shipping", "0.01", None)]),
        (["0", "0.038"], [("discount", "-0.08", None), ("gift_wrap", "0.01", 1)]),
        (["0.05", "0.05"], [("discount", "-0.04", None), ("discount", "-0.25", 1), ("tip", "0.09", 2)]),
    ],
)
def test_a_discount_beyond_the_goods_takes_what_else_there_is_and_no_line_below_nothing(
    prices: list[str], charges: list[tuple[str, str, int | None]]
) -> None:
    """Of shipping and fees, too: it was given on the order, and the order costs nothing or more."""
    lines = [LineInput("PLAIN", 5, UnitPrice(price, "EUR")) for price in prices]
    told = [ChargeInput(kind, "X", Money(amount, "EUR"), line=line) for kind, amount, line in charges]
    command = PlaceOrder("web", "EUR", lines, charges=told)
    assert not rules.costs_less_than_nothing(command)
    found = rules.lines_of(command, [SKUS["PLAIN"]] * 2, shared=True).values()
    cost = [line.cost_minor(line.ordered) for line in found]
    whole = sum(line.unit_price.line_minor(line.quantity) for line in lines) + sum(charge.minor for charge in told)
    assert min(cost) >= 0 and sum(cost) == whole
    assert all(
        [charge.number for charge in line.charges] == sorted(charge.number for charge in line.charges) for line in found
    )
