"""The online retail import as text tables, and the laws of its plan on random files."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lading.adapters.channels.online_retail import (
    Known,
    Limits,
    Line,
    Plan,
    ReconciliationError,
    plan_lines,
    read_lines,
    reconcile,
    render,
    wanted,
)
from lading.adapters.channels.online_retail.codes import adjustment_reason
from lading.adapters.channels.online_retail.reader import COLUMNS, parse_lines
from lading.adapters.channels.online_retail.rules import minor_of
from lading.adapters.channels.online_retail.terms import (
    Adjustment,
    Batch,
    CreditNote,
    Kept,
    KnownCharge,
    KnownCredit,
    KnownLine,
    KnownOrder,
    KnownRefund,
    KnownReturn,
    Opening,
    Order,
)

LONDON = ZoneInfo("Europe/London")
REAL_FILE = (
    Path(__file__).parents[3] / "shared" / "data" / "online_retail" / "online_retail_2010-12-01_2011-08-31.csv.gz"
)


def lines_of(table: str) -> list[Line]:
    """invoice | code | description | quantity | time | price | customer [| country]"""
    rows = [[cell.strip() for cell in row.split("|")] for row in table.strip().splitlines()]
    full = [[*row, "United Kingdom"] if len(row) == 7 else row for row in rows]
    return parse_lines(iter([",".join(COLUMNS) + "\n", *(",".join(row) + "\n" for row in full)]))


def plan_of(table: str, known: Known | None = None) -> Plan:
    return plan_lines(lines_of(table), LONDON, known or Known())


# --- a small world in which plans are carried out -------------------------------------------------------------------

Document = Opening | Adjustment | Order | CreditNote | Kept


@dataclass
class World:
    """Does what the operations will do, and refuses what the database would refuse."""

    stock: dict[str, int] = field(default_factory=dict)
    openings: dict[str, int] = field(default_factory=dict)
    opened: dict[str, int] = field(default_factory=dict)
    spelling: dict[str, str] = field(default_factory=dict)
    orders: dict[str, KnownOrder] = field(default_factory=dict)
    credits: dict[str, KnownCredit] = field(default_factory=dict)
    done: set[str] = field(default_factory=set)
    keys: set[str] = field(default_factory=set)

    def known(self) -> Known:
        return Known(
            dict(self.stock),
            dict(self.openings),
            frozenset(self.spelling.values()),
            dict(self.orders),
            dict(self.credits),
            frozenset(self.done),
        )

    def carry_out(self, plan: Plan, documents: int | None = None) -> None:
        """All of the plan, or only its first documents, as if the import were killed then."""
        for product in plan.new_products:
            assert self.spelling.setdefault(product.sku.upper(), product.sku) == product.sku
        for document in itertools.islice(in_order(plan.batches), documents):
            assert document.key not in self.keys, f"{document.key} twice"
            self.keys.add(document.key)
            self.write(document)

    def write(self, document: Document) -> None:
        match document:
            case Opening():
                self.move(document.sku, document.quantity)
                self.openings[document.sku] = self.openings.get(document.sku, 0) + 1
                self.opened[document.sku] = self.opened.get(document.sku, 0) + document.quantity
            case Adjustment():
                self.move(document.sku, document.quantity if document.gain else -document.quantity)
                self.done.add(document.key)
            case Order():
                self.place(document)
            case CreditNote():
                self.take_back(document)
            case Kept():
                self.done.add(document.key)

    def move(self, sku: str, change: int) -> None:
        assert self.spelling[sku.upper()] == sku, f"{sku} is no product"
        self.stock[sku] = self.stock.get(sku, 0) + change
        assert self.stock[sku] >= 0, f"{sku} is below zero"

    def place(self, order: Order) -> None:
        assert order.external_reference not in self.orders
        for line in order.lines:
            self.move(line.sku, -line.quantity)
        lines = [KnownLine(x.number, x.sku, x.quantity, x.unit_price, x.amount_minor) for x in order.lines]
        charges = [KnownCharge(x.number, x.code, x.amount_minor) for x in order.charges]
        self.orders[order.external_reference] = KnownOrder(
            order.external_reference, order.customer, order.placed_at, tuple(lines), tuple(charges)
        )

    def take_back(self, note: CreditNote) -> None:
        returns: list[KnownReturn] = []
        refunds: list[KnownRefund] = []
        for part in note.returns:
            order = self.orders[part.order]
            assert order.placed_at <= note.occurred_at and order.customer == note.customer
            lines = {line.number: line for line in order.lines}
            charges = {charge.number: charge for charge in order.charges}
            for returned in part.lines:
                line = lines[returned.line]
                self.move(returned.sku, returned.quantity)
                lines[returned.line] = msgspec.structs.replace(line, returned=line.returned + returned.quantity)
                assert returned.quantity > 0 and lines[returned.line].returned <= line.quantity
                returns.append(KnownReturn(part.order, returned.line, returned.quantity, returned.refund_minor))
            for refund in part.charges:
                charge = charges[refund.charge]
                refunded = charge.refunded_minor + refund.amount_minor
                assert refund.amount_minor > 0 and refunded <= charge.amount_minor
                charges[refund.charge] = msgspec.structs.replace(charge, refunded_minor=refunded)
                refunds.append(KnownRefund(part.order, refund.charge, refund.amount_minor))
            self.orders[part.order] = msgspec.structs.replace(
                order, lines=tuple(lines.values()), charges=tuple(charges.values())
            )
        assert note.invoice not in self.credits
        self.credits[note.invoice] = KnownCredit(tuple(returns), tuple(refunds))


def in_order(batches: Sequence[Batch]) -> Iterator[Document]:
    """As the loader may write them: what comes back as late as it may, after the orders of the next batch; the queue at the end."""
    late: list[CreditNote] = []
    for batch in batches:
        yield from batch.openings
        yield from batch.gains
        yield from batch.orders
        yield from batch.losses
        yield from late
        late = batch.credit_notes
    yield from late
    for batch in batches:
        yield from batch.kept


def matched(plan: Plan) -> set[tuple[str, str, int, int, int]]:
    """Credit note, order, line, units and refund of all returned lines of a plan."""
    return {
        (note.invoice, part.order, line.line, line.quantity, line.refund_minor)
        for batch in plan.batches
        for note in batch.credit_notes
        for part in note.returns
        for line in part.lines
    }


def reasons(plan: Plan) -> list[tuple[str, str, int, str]]:
    return sorted((x.invoice, x.code, x.quantity, x.reason.value) for batch in plan.batches for x in batch.kept)


def openings(plan: Plan) -> list[tuple[str, int, bool]]:
    return [(x.sku, x.quantity, x.shortfall) for batch in plan.batches for x in batch.openings]


def orders(plan: Plan) -> list[Order]:
    return [order for batch in plan.batches for order in batch.orders]


# --- scenarios ------------------------------------------------------------------------------------------------------


def test_an_invoice_becomes_one_order_with_its_lines_and_charges() -> None:
    plan = plan_of("""
        536365 | 85123A | HEART   |  6 | 2011-06-01 08:26:00 | 2.55  | 17850.0 | EIRE
        536365 | POST   | POSTAGE |  1 | 2011-06-01 08:26:00 | 18.00 | 17850.0 | EIRE
        536365 | 85123A | HEART   |  2 | 2011-06-01 08:26:00 | 2.55  | 17850.0 | EIRE
        536365 | 71053  | LANTERN |  1 | 2011-06-01 08:27:00 | 0.00  | 17850.0 | EIRE
        """)
    (order,) = orders(plan)
    assert (order.key, order.customer, order.country_code, order.currency) == ("order:536365", "17850", "IE", "GBP")
    assert order.placed_at.isoformat() == "2011-06-01T07:26:00+00:00"  # summer time
    assert [(x.number, x.sku, x.quantity, str(x.unit_price), x.amount_minor, x.source_line) for x in order.lines] == [
        (1, "85123A", 6, "2.55", 1530, 2),
        (2, "85123A", 2, "2.55", 510, 4),
        (3, "71053", 1, "0.00", 0, 5),
    ]
    assert [(x.code, x.kind.value, x.amount_minor) for x in order.charges] == [("POST", "shipping", 1800)]
    assert order.total_minor == 3840
    assert plan.notes.invoices_with_several_times == 1


def test_codes_that_differ_only_in_case_are_one_product_and_the_catalogs_spelling_wins() -> None:
    table = """
        1 | 72801c | ROSE CANDLE  | 1 | 2011-06-01 08:00:00 | 1.00 | 1
        2 | 72801C | rose?        | 1 | 2011-06-01 09:00:00 | 1.00 | 1
        3 | 72801c | ROSE CANDLE  | 1 | 2011-06-01 10:00:00 | 1.00 | 1
        """
    (product,) = plan_of(table).products
    assert (product.sku, product.name, product.spellings) == ("72801c", "ROSE CANDLE", (("72801c", 2), ("72801C", 1)))
    again = plan_of(table, Known(products=frozenset({"72801C"})))
    assert (again.new_products, orders(again)[0].lines[0].sku) == ([], "72801C")


def test_a_name_is_never_taken_from_a_write_off() -> None:
    plan = plan_of("""
        1 | 22139 | damaged | -3 | 2011-06-01 08:00:00 | 0.00 |
        2 | 22139 | damaged | -3 | 2011-06-01 08:00:00 | 0.00 |
        3 | 22139 | TEA SET |  1 | 2011-06-01 09:00:00 | 4.25 | 1
        4 | 22140 | lost    | -1 | 2011-06-01 09:00:00 | 0.00 |
        """)
    assert [(product.sku, product.name) for product in plan.products] == [("22139", "TEA SET"), ("22140", "22140")]


def test_free_lines_without_customer_and_price_adjust_stock_by_their_sign() -> None:
    plan = plan_of("""
        1 | A1 | ?            | 10 | 2011-06-01 08:00:00 | 0.00 |
        2 | A1 | wet/rusty    | -4 | 2011-06-01 09:00:00 | 0.00 |
        3 | A1 | Found        |  1 | 2011-06-01 10:00:00 | 0.00 |
        4 | A1 | ?lost        | -9 | 2011-06-01 11:00:00 | 0.00 |
        5 | POST |            |  1 | 2011-06-01 11:00:00 | 0.00 |
        """)
    adjustments = [x for batch in plan.batches for x in batch.gains + batch.losses]
    assert sorted((x.key, x.gain, x.quantity, x.reason.value) for x in adjustments) == [
        ("adjustment:1:1", True, 10, "unknown"),
        ("adjustment:2:1", False, 4, "damaged"),
        ("adjustment:3:1", True, 1, "found"),
        ("adjustment:4:1", False, 9, "lost"),
    ]
    assert openings(plan) == [("A1", 2, False)]
    assert reasons(plan) == [("5", "POST", 1, "free_charge")]


@pytest.mark.parametrize(
    ("text", "gain", "reason"),
    [
        ("thrown away", False, "damaged"),
        ("MIA", False, "lost"),
        ("found some more on shelf", False, "correction"),
        ("sold as set on dotcom", False, "sold_elsewhere"),
        ("wrong barcode (22467)", False, "miscoded"),
        ("showroom", False, "given_away"),
        ("reverse previous adjustment", False, "correction"),
        ("damaged", True, "correction"),
        ("", True, "unknown"),
    ],
)
def test_the_reason_of_an_adjustment_is_read_from_its_text(text: str, gain: bool, reason: str) -> None:
    assert adjustment_reason(text, gain).value == reason


def test_a_cancellation_takes_from_the_latest_order_first_and_spills_to_the_earlier_one() -> None:
    plan = plan_of("""
        1  | A1 | CUP |  6 | 2011-06-01 08:00:00 | 2.00 | 7.0
        2  | A1 | CUP |  4 | 2011-06-02 08:00:00 | 1.50 | 7.0
        3  | A1 | CUP | 50 | 2011-06-02 08:00:00 | 1.50 | 8.0
        C4 | A1 | CUP | -7 | 2011-06-03 08:00:00 | 2.00 | 7.0
        C5 | A1 | CUP | -9 | 2011-06-04 08:00:00 | 2.00 | 7.0
        6  | A1 | CUP |  9 | 2011-06-05 08:00:00 | 2.00 | 7.0
        """)
    assert matched(plan) == {("C4", "2", 1, 4, 600), ("C4", "1", 1, 3, 600), ("C5", "1", 1, 3, 600)}
    assert reasons(plan) == [("C5", "A1", -6, "nothing_left")]
    assert openings(plan) == [("A1", 60, False)]


def test_a_cancellation_prefers_the_line_at_its_price_and_shows_another_price_as_a_difference() -> None:
    table = """
        1  | A1 | CUP |  1 | 2011-06-01 08:00:00 | 3.00 | 7
        1  | A1 | CUP |  1 | 2011-06-01 08:00:00 | 2.00 | 7
        C2 | A1 | CUP | -2 | 2011-06-01 08:00:00 | 2.00 | 7
        """
    plan = plan_of(table)
    assert matched(plan) == {("C2", "1", 2, 1, 200), ("C2", "1", 1, 1, 300)}
    rows = {row.name: (row.lines, row.amount) for row in reconcile(lines_of(table), plan).rows}
    assert rows["returns: matched whole"] == (1, Decimal("-5"))
    assert rows["returns: credited at another price than sold"] == (0, Decimal("1"))


def test_what_matches_nothing_is_kept_with_its_reason() -> None:
    plan = plan_of("""
        C0 | A1 | CUP  | -1 | 2011-06-01 07:00:00 | 2.00 | 7
        1  | A1 | CUP  |  5 | 2011-06-01 08:00:00 | 2.00 | 7
        1  | POST | POSTAGE | 1 | 2011-06-01 08:00:00 | 9.00 | 7
        C2 | A1 | CUP  | -1 | 2011-06-02 08:00:00 | 2.00 |
        C3 | B1 | BOWL | -1 | 2011-06-02 08:00:00 | 2.00 | 7
        C4 | POST | POSTAGE  | -1 | 2011-06-02 08:00:00 | 5.00 | 7
        C5 | POST | POSTAGE  | -1 | 2011-06-02 09:00:00 | 5.00 | 7
        C6 | D  | Discount   | -1 | 2011-06-02 08:00:00 | 5.00 | 7
        C7 | AMAZONFEE | AMAZON FEE | -1 | 2011-06-02 08:00:00 | 5.00 |
        C8 | A1 | CUP  |  1 | 2011-06-02 08:00:00 | 2.00 | 7
        A9 | B  | Adjust bad debt | 1 | 2011-06-02 08:00:00 | -11062.06 |
        10 | A1 | CUP  |  0 | 2011-06-02 08:00:00 | 2.00 | 7
        10 | A1 | CUP  | -2 | 2011-06-02 08:00:00 | 2.00 | 7
        10 | A1 | CUP  |  2 | 2011-06-02 08:00:00 | -2.00 | 7
        """)
    assert reasons(plan) == [
        ("10", "A1", -2, "negative_quantity"),
        ("10", "A1", 0, "zero_quantity"),
        ("10", "A1", 2, "negative_price"),
        ("A9", "B", 1, "bad_debt"),
        ("C0", "A1", -1, "no_earlier_order"),
        ("C2", "A1", -1, "no_customer"),
        ("C3", "B1", -1, "sku_not_bought"),
        ("C5", "POST", -1, "charge_not_found"),
        ("C6", "D", -1, "discount_after_sale"),
        ("C7", "AMAZONFEE", -1, "merchant_cost"),
        ("C8", "A1", 1, "positive_on_credit"),
    ]
    refunds = [c for b in plan.batches for n in b.credit_notes for part in n.returns for c in part.charges]
    assert [(refund.charge, refund.code, refund.amount_minor) for refund in refunds] == [(1, "POST", 500)]


def test_opening_stock_is_the_largest_net_outflow_and_a_later_file_posts_the_shortfall() -> None:
    world = World()
    world.carry_out(
        plan_of("""
        1  | A1 | CUP | 10 | 2011-06-01 08:00:00 | 2.00 | 7
        C2 | A1 | CUP | -4 | 2011-06-02 08:00:00 | 2.00 | 7
        3  | A1 | CUP |  1 | 2011-06-03 08:00:00 | 2.00 | 7
        """)
    )
    assert (world.opened, world.stock) == ({"A1": 10}, {"A1": 3})
    later = plan_of("4 | A1 | CUP | 5 | 2011-07-01 08:00:00 | 2.00 | 7", world.known())
    assert openings(later) == [("A1", 2, True)]
    world.carry_out(later)
    assert world.stock == {"A1": 0}


def test_a_sale_of_units_that_just_came_back_waits_until_they_surely_have() -> None:
    plan = plan_of("""
        1  | A1 | CUP |  5 | 2011-06-01 08:00:00 | 2.00 | 7
        C2 | A1 | CUP | -5 | 2011-06-02 08:00:00 | 2.00 | 7
        3  | A1 | CUP |  5 | 2011-06-03 08:00:00 | 2.00 | 7
        """)
    assert openings(plan) == [("A1", 5, False)]
    assert [len(batch.orders) for batch in plan.batches] == [1, 0, 1]
    World().carry_out(plan)


def test_an_invoice_that_is_loaded_with_other_lines_is_kept_not_changed() -> None:
    world = World()
    world.carry_out(plan_of("1 | A1 | CUP | 5 | 2011-06-01 08:00:00 | 2.00 | 7"))
    table = """
        1 | A1 | CUP | 5 | 2011-06-01 08:00:00 | 2.00 | 7
        1 | A1 | CUP | 1 | 2011-06-01 08:00:00 | 2.00 | 7
        """
    plan = plan_of(table, world.known())
    assert (orders(plan), reasons(plan)) == ([], [("1", "A1", 1, "order_differs"), ("1", "A1", 5, "order_differs")])
    assert reconcile(lines_of(table), plan).amount == Decimal("12")


def test_a_cancellation_may_take_back_an_order_of_an_earlier_file() -> None:
    world = World()
    world.carry_out(plan_of("1 | a1 | CUP | 5 | 2011-06-01 08:00:00 | 2.00 | 7"))
    plan = plan_of("C2 | A1 | CUP | -2 | 2011-07-01 08:00:00 | 2.00 | 7.0", world.known())
    assert matched(plan) == {("C2", "1", 1, 2, 400)}
    world.carry_out(plan)
    assert world.stock == {"a1": 2}


def test_times_that_the_clocks_skip_or_repeat_are_read_alike_and_counted() -> None:
    plan = plan_of("""
        1 | A1 | CUP | 1 | 2011-03-27 01:30:00 | 2.00 | 7
        2 | A1 | CUP | 1 | 2011-10-30 01:30:00 | 2.00 | 7
        """)
    times = [order.placed_at.isoformat() for order in orders(plan)]
    assert times == ["2011-03-27T01:30:00+00:00", "2011-10-30T00:30:00+00:00"]
    assert (plan.notes.times_in_gap, plan.notes.times_twice) == (1, 1)


def test_a_line_is_rounded_once_half_away_from_zero_and_the_rest_is_a_row() -> None:
    assert [minor_of(micros) for micros in (5_000, 4_999, -5_000, 15_000, 25_000)] == [1, 0, -1, 2, 3]
    table = "1 | PADS | PADS | 1 | 2011-06-01 08:00:00 | 0.005 | 7"
    rows = {row.name: row.amount for row in reconcile(lines_of(table), plan_of(table)).rows}
    assert rows == {"orders: goods": Decimal("0.01"), "rounding to whole pence": Decimal("-0.005")}


def test_an_account_that_lacks_a_line_or_a_penny_is_an_error_that_says_so() -> None:
    lines = lines_of("1 | A1 | CUP | 5 | 2011-06-01 08:00:00 | 2.00 | 7")
    plan = plan_lines(lines, LONDON)
    with pytest.raises(ReconciliationError, match="1 lines are not accounted for, the first is line 2"):
        reconcile(lines, msgspec.structs.replace(plan, batches=[]))
    with pytest.raises(ReconciliationError, match="line 2 is in 'orders: goods' and in 'orders: goods'"):
        reconcile(lines, msgspec.structs.replace(plan, batches=plan.batches * 2))


def test_what_must_be_known_is_named_by_the_file() -> None:
    asked = wanted(
        lines_of("""
        1  | a1   | CUP |  5 | 2011-06-01 08:00:00 | 2.00 | 7
        C2 | POST | CUP | -5 | 2011-06-01 08:00:00 | 2.00 | 8
        """)
    )
    assert (sorted(asked.invoices), sorted(asked.credit_notes)) == (["1"], ["C2"])
    assert (sorted(asked.customers), sorted(asked.skus)) == (["8"], ["A1"])


# --- laws -----------------------------------------------------------------------------------------------------------

CODES = ("A1", "A1", "A1", "a1", "B1", "POST", "POST", "M", "D")
PRICES = ("2.55", "2.55", "1.335", "0.85", "0.001", "0.00", "-1.00")
CUSTOMERS = ("7.0", "7.0", "7.0", "7", "8.0", "")


@st.composite
def files(draw: st.DrawFn) -> list[list[Line]]:
    """A file in two halves, by time. Few customers and codes, so that much of it matches; pairs share a minute."""
    rows: list[str] = []
    for number in range(1, draw(st.integers(2, 14)) + 1):
        prefix = draw(st.sampled_from(("", "", "", "C", "C", "C", "A") if number > 2 else ("", "", "C")))
        customer = draw(st.sampled_from(CUSTOMERS))
        for _ in range(draw(st.integers(1, 4))):
            quantity = draw(st.integers(-6, 0) if prefix == "C" else st.integers(-2, 9))
            code, price = draw(st.sampled_from(CODES)), draw(st.sampled_from(PRICES))
            time = f"2011-06-{1 + number // 2:02} 08:{number // 2:02}:00"
            rows.append(f"{prefix}{number} | {code} | text | {quantity} | {time} | {price} | {customer}")
    lines = lines_of("\n".join(rows))
    cut = lines[draw(st.integers(0, len(lines) - 1))].local_time
    return [[x for x in lines if x.local_time < cut], [x for x in lines if x.local_time >= cut]]


@settings(max_examples=200)
@given(files(), st.integers(1, 4))
def test_every_line_is_counted_once_the_sum_is_exact_and_stock_is_never_negative(
    halves: list[list[Line]], size: int
) -> None:
    lines = halves[0] + halves[1]
    plan = plan_lines(lines, LONDON, Known(), Limits(documents=size))
    World().carry_out(plan)
    account = reconcile(lines, plan)
    assert sum(row.lines for row in account.rows) == len(lines)
    assert sum(row.amount for row in account.rows) == sum(line.quantity * line.unit_price for line in lines)
    assert render(account)


@settings(max_examples=200)
@given(files())
def test_two_files_one_after_the_other_match_as_the_whole_does(halves: list[list[Line]]) -> None:
    whole_plan, whole = plan_lines(halves[0] + halves[1], LONDON), World()
    whole.carry_out(whole_plan)
    world, found = World(), set()
    for half in halves:
        plan = plan_lines(half, LONDON, world.known())
        world.carry_out(plan)
        found |= matched(plan)
    assert found == matched(whole_plan)
    assert {k.upper(): v for k, v in world.opened.items()} == {k.upper(): v for k, v in whole.opened.items()}
    assert {k.upper(): v for k, v in world.stock.items()} == {k.upper(): v for k, v in whole.stock.items()}


@settings(max_examples=200)
@given(files(), st.integers(0, 40), st.integers(1, 5))
def test_a_killed_run_is_completed_by_the_next_and_a_third_changes_nothing(
    halves: list[list[Line]], killed_after: int, size: int
) -> None:
    lines = halves[0] + halves[1]
    limits = Limits(documents=size)
    first = plan_lines(lines, LONDON, Known(), limits)
    whole, world = World(), World()
    whole.carry_out(first)
    world.carry_out(first, killed_after)
    second = plan_lines(lines, LONDON, world.known(), limits)
    world.carry_out(second)
    assert world == whole
    third = plan_lines(lines, LONDON, world.known(), limits)
    assert (third.batches, third.new_products) == ([], [])
    accounts = [reconcile(lines, plan) for plan in (first, second, third)]
    told = [[(row.name, row.lines, row.amount) for row in account.rows] for account in accounts]
    assert told[0] == told[1] == told[2]
    assert all(row.lines == row.loaded_before for row in accounts[2].rows)


@settings(max_examples=100)
@given(files())
def test_the_earlier_file_may_come_last(halves: list[list[Line]]) -> None:
    world = World()
    for half in (halves[1], halves[0], halves[1]):
        plan = plan_lines(half, LONDON, world.known())
        world.carry_out(plan)
        reconcile(half, plan)
    assert plan.batches == []


# --- the real file --------------------------------------------------------------------------------------------------


@pytest.mark.skipif(not REAL_FILE.exists(), reason="the real file is not beside the project (../shared/data)")
def test_the_real_file_is_accounted_for_to_the_last_line_in_one_piece_and_in_two() -> None:
    lines = read_lines(REAL_FILE)
    plan = plan_lines(lines, LONDON)
    account = reconcile(lines, plan)
    assert (account.lines, account.amount) == (320_705, Decimal("5761931.382"))
    assert sum(row.amount for row in account.rows) == account.amount
    assert len(plan.folded) == 93
    whole, world = World(), World()
    whole.carry_out(plan)
    cut = lines[200_000].local_time
    found: set[tuple[str, str, int, int, int]] = set()
    for half in ([x for x in lines if x.local_time < cut], [x for x in lines if x.local_time >= cut]):
        part = plan_lines(half, LONDON, world.known())
        world.carry_out(part)
        found |= matched(part)
    assert found == matched(plan)
    assert sum(world.opened.values()) == sum(whole.opened.values())
    assert plan_lines(lines, LONDON, whole.known()).batches == []
