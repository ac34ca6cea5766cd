"""What documents bill and credit sums to what was shipped and kept, to the cent, whatever happens in whatever order."""

from __future__ import annotations

import uuid
from datetime import UTC, date, datetime
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from lading.invoices import rules
from lading.invoices.rules import ALL, Draft
from lading.invoices.types import CAPTURE, CREDIT_NOTE, INVOICE, SHIPMENT, Invoice, name_of, parse_name
from lading.orders.types import Charge, Line, no_units

NOW = datetime(2026, 3, 1, tzinfo=UTC)
POLICIES = (SHIPMENT, CAPTURE, ALL, "none")


def issued(documents: list[Invoice], draft: Draft, lines: dict[int, Line]) -> Invoice:
    """The document, as the operation would write it."""
    billed = [
        rules.line_of(number, part, lines[part.line], "SKU", "Name") for number, part in enumerate(draft.parts, 1)
    ]
    return Invoice(
        uuid.UUID(int=1), len(documents) + 1, draft.kind, "MAIN", "INV", len(documents) + 1, 0, NOW, date(2026, 3, 1), "EUR",
        sum(line.total_minor for line in billed), sum(line.tax_minor for line in billed), draft.parcel, draft.credits, None, None, billed,
    )  # fmt: skip


def bill(documents: list[Invoice], lines: dict[int, Line], policy: str, due: int = 0, received: int = 0) -> None:
    wanted = rules.to_bill(lines.values(), policy, due, received)
    for draft in rules.drafts(lines, wanted, documents, []):
        documents.append(issued(documents, draft, lines))
    assert rules.drafts(lines, wanted, documents, []) == [], "what is up to date needs no document"


@st.composite
def a_line(draw: st.DrawFn, number: int) -> Line:
    quantity = draw(st.integers(1, 12))
    line = Line(number, uuid.uuid4(), None, Decimal(1), draw(st.integers(0, 10**6)), quantity, no_units())
    line.units["open"] = quantity
    for at, kind in enumerate(draw(st.lists(st.sampled_from(["discount", "tax", "shipping", "fee", "inside"]))), 1):
        amount = draw(st.integers(-(10**4), 0) if kind == "discount" else st.integers(0, 10**5))
        line.charges.append(
            Charge(at, number, "tax" if kind == "inside" else kind, "X", amount, None, kind == "inside")
        )
    return line


def tax(line: Line, units: int) -> int:
    """What the first units carry of all taxes."""
    sums = [
        (1 if charge.amount_minor >= 0 else -1) * (abs(charge.amount_minor) * units // line.ordered)
        for charge in line.charges
        if charge.kind == "tax"
    ]
    return sum(sums)


@given(st.data())
def test_documents_sum_to_what_was_billed_and_kept_whatever_happens_in_between(data: st.DataObject) -> None:
    lines = {number: data.draw(a_line(number)) for number in range(1, data.draw(st.integers(1, 3)) + 1)}
    documents: list[Invoice] = []
    for _ in range(data.draw(st.integers(1, 12))):
        line = lines[data.draw(st.sampled_from(sorted(lines)))]
        what = data.draw(st.sampled_from(["ship", "cancel", "refund", "bill", "change"]))
        if what == "ship" and line.units["open"]:
            line.move("open", "in_transit", data.draw(st.integers(1, line.units["open"])))
        elif what == "cancel" and line.units["open"]:
            line.move("open", "cancelled", data.draw(st.integers(1, line.units["open"])))
        elif what == "refund" and line.units["in_transit"] > line.refunded:
            line.refunded += data.draw(st.integers(1, line.units["in_transit"] - line.refunded))
        elif what == "change" and line.charges:
            line.charges[0].amount_minor += data.draw(st.integers(-500, 500))
        else:
            policy = data.draw(st.sampled_from(POLICIES))
            bill(documents, lines, policy, data.draw(st.integers(0, 1)), data.draw(st.integers(0, 10**6)))
    bill(documents, lines, SHIPMENT)
    value = taxes = 0
    for line in lines.values():
        held = rules.billed_units(line.number, documents)
        assert [each.first for each in held] == [0, *(each.last for each in held)][: len(held)], (
            "no unit twice, none left out"
        )
        units = held[-1].last if held else 0
        assert rules.shipped(line) <= units <= rules.kept(line)
        assert rules.credited_units(line.number, documents) == line.refunded
        value += line.cost_minor(units) - line.cost_minor(line.refunded)
        taxes += tax(line, units) - tax(line, line.refunded)
    assert sum(document.total_minor for document in documents) == value
    assert sum(document.tax_minor for document in documents) == taxes
    for document in documents:
        assert (document.kind == CREDIT_NOTE) == (document.credits is not None)
        assert document.lines, "no document is empty"
        if document.credits:
            assert documents[document.credits - 1].kind == INVOICE
            assert document.credits < document.number


@given(st.data())
def test_billed_at_shipment_alone_the_sum_is_the_shipped_value(data: st.DataObject) -> None:
    line = data.draw(a_line(1))
    documents: list[Invoice] = []
    while line.units["open"]:
        line.move("open", "in_transit", data.draw(st.integers(1, line.units["open"])))
        bill(documents, {1: line}, SHIPMENT)
        assert sum(each.total_minor for each in documents) == line.cost_minor(line.units["in_transit"])
        assert all(each.kind == INVOICE for each in documents)
    assert sum(each.total_minor for each in documents) == line.cost_minor(line.ordered)


@given(st.sampled_from(["MAIN", "UK", "DE2"]), st.sampled_from(["INV", "INV2026", "CN"]), st.integers(1, 10**12))
def test_a_name_says_which_document_it_is(entity: str, series: str, serial: int) -> None:
    assert parse_name(name_of(entity, series, serial)) == (entity, series, serial)


def test_what_is_no_name() -> None:
    for name in ("", "INV", "INV-", "INV-x", "A-B-C-1", "INV-" + "1" * 19, "INV-١"):
        assert parse_name(name) is None
