"""Taxes by the table: the closest rate wins, what prices contain is taken out of them, and no cent is lost or made."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lading.taxes.table import Table, plain
from lading.taxes.types import TaxRate
from lading.terms.taxes import GOODS, Place, TaxDocument, TaxedItem

DAY = date(2026, 3, 1)
HAMBURG = Place("DE", "HH", "20457")


def rate(code: str, percent: str | None, country: str = "DE", **more: Any) -> TaxRate:
    known = {"region": "", "postal_prefix": "", "category": "", "valid_from": date(2020, 1, 1), "valid_to": None,
             "included": False, "compound": False}  # fmt: skip
    value = None if percent is None else Decimal(percent)
    return TaxRate(country=country, code=code, rate=value, version=1, **(known | more))


def taxed(
    rates: list[TaxRate], minor: int = 10_000, place: Place | None = HAMBURG, **more: Any
) -> list[tuple[str, int]]:
    item = TaxedItem(more.pop("kind", GOODS), more.pop("category", ""), minor, more.pop("sent_from", None))
    document = TaxDocument("EUR", more.pop("day", DAY), place, [item], **more)
    return [(tax.code, tax.amount_minor) for tax in Table(rates).taxes(document)]


NY = Place("US", "NY", "10001-1234")
US = [
    rate("STATE", "4", "US", region="NY"),
    rate("STATE", "0", "US", region="NY", category="clothing"),
    rate("CITY", "4.5", "US", region="NY", postal_prefix="100"),
    rate("CITY", "3", "US", region="NY"),
    rate("MCTD", "0.375", "US", region="NY", postal_prefix="100"),
]


@pytest.mark.parametrize(
    ("place", "category", "expected"),
    [
        (NY, "", [("CITY", 450), ("MCTD", 38), ("STATE", 400)]),
        (NY, "clothing", [("CITY", 450), ("MCTD", 38)]),
        (Place("US", " ny ", "14201"), "", [("CITY", 300), ("STATE", 400)]),
        (Place("US", "NJ", "07001"), "", []),
        (Place("CA", "NY", "10001"), "", []),
    ],
)
def test_the_closest_rate_of_each_code_applies_and_codes_stand_beside_each_other(
    place: Place, category: str, expected: list[tuple[str, int]]
) -> None:
    assert taxed(US, place=place, category=category) == expected


def test_a_rate_begins_and_ends_on_its_days_and_a_later_one_supersedes() -> None:
    rates = [
        rate("VAT", "19", included=True),
        rate("VAT", "16", included=True, valid_from=date(2020, 7, 1), valid_to=date(2020, 12, 31)),
    ]
    days = (date(2019, 12, 31), date(2020, 6, 30), date(2020, 7, 1), date(2020, 12, 31), date(2021, 1, 1))
    assert [taxed(rates, 11_900, day=day) for day in days] == [
        [], [("VAT", 1900)], [("VAT", 1641)], [("VAT", 1641)], [("VAT", 1900)],
    ]  # fmt: skip


def test_what_nobody_taxes() -> None:
    rates = [rate("VAT", "19")]
    assert taxed(rates, place=None) == []
    assert taxed(rates, exemption="DE811907980") == []
    assert taxed(rates, 0) == taxed(rates, -5) == []
    assert taxed([rate("VAT", None)]) == taxed([rate("VAT", "0")]) == []
    assert taxed(rates, kind="tip") == taxed(rates, kind="duty") == [], "only where a rate says so"
    assert taxed([*rates, rate("VAT", "7", category="duty")], kind="duty") == [("VAT", 700)]
    assert taxed(rates, kind="shipping") == taxed(rates, kind="gift_wrap") == [("VAT", 1900)]
    assert taxed([*rates, rate("VAT", "0", category="shipping")], kind="shipping") == []
    assert taxed(rates, place=None, sent_from=HAMBURG) == [("VAT", 1900)], "what goes nowhere is taxed where it is"


def test_a_tax_on_the_others_and_taxes_in_a_price_with_taxes_beside_it() -> None:
    quebec = [rate("GST", "5"), rate("QST", "7.5", compound=True)]
    assert taxed(quebec) == [("GST", 500), ("QST", 788)]
    inside = [rate("GST", "5", included=True), rate("QST", "10", included=True, compound=True)]
    assert taxed(inside, 11_550) == [("GST", 500), ("QST", 1050)]
    assert taxed([rate("LOCAL", "2"), rate("VAT", "20", included=True)], 12_000) == [("LOCAL", 200), ("VAT", 2000)]


rates_of = st.lists(
    st.builds(
        lambda at, percent, included, compound: rate(f"T{at}", str(percent), included=included, compound=compound),
        st.integers(0, 5), st.decimals(0, 60, places=4), st.booleans(), st.booleans(),
    ),
    max_size=5, unique_by=lambda each: each.code,
)  # fmt: skip


@given(rates_of, st.integers(1, 10**13))
def test_each_tax_is_its_rate_of_what_it_is_charged_on_rounded_once(rates: list[TaxRate], minor: int) -> None:
    amounts = dict(taxed(rates, minor))
    parts = {each.code: Fraction(each.rate or 0) / 100 for each in rates}
    inside = sum(parts[each.code] for each in rates if each.included and not each.compound)
    on_top = sum(parts[each.code] for each in rates if each.included and each.compound)
    net = minor / ((1 + inside) * (1 + on_top))
    beside = sum(amounts.get(each.code, 0) for each in rates if not each.included and not each.compound)
    for each in rates:
        base = net * (1 + inside) if each.included else net + beside
        exact = (base if each.compound else net) * parts[each.code]
        assert abs(amounts.get(each.code, 0) - exact) <= Fraction(1, 2)
    contained = sum(amounts.get(each.code, 0) for each in rates if each.included)
    assert contained <= minor + len(rates), "a price contains no more than it is"


def test_how_places_are_compared() -> None:
    assert plain(" sw1a 1aa ") == "SW1A1AA"
