"""What whoever calculates taxes has to keep to: the table of rates in the house, and AvaTax over HTTP, by its twin."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import pytest

from lading.adapters.taxes.avatax_twin import Company
from lading.taxes.port import PaperLine, Rejected, ServiceAway, TaxPaper
from lading.taxes.table import Table
from lading.taxes.types import TaxRate
from lading.terms.taxes import Place, Tax, TaxDocument, TaxedItem
from tests.twins import avatax

DAY = date(2026, 3, 2)
NEW_YORK, HAMBURG = Place("US", "NY", "10001", "New York"), Place("DE", "", "20457", "Hamburg")
NOWHERE = Place("AQ", "Ross", "0")


def rate(country: str, region: str, code: str, percent: str, *, included: bool = False) -> TaxRate:
    return TaxRate(country, region, "", "", code, date(2020, 1, 1), None, Decimal(percent), included, False, 1)


@dataclass
class Calculator:
    """One of them; `included`: prices in New York contain the tax, by the document or by the table."""

    name: str
    taxes: Callable[[TaxDocument], Awaitable[Sequence[Tax]]]


@pytest.fixture(params=["table", "avatax"])
async def calculator(request: pytest.FixtureRequest) -> AsyncIterator[Calculator]:
    if request.param == "avatax":
        async with avatax(Company()) as service:
            yield Calculator("avatax", service.calculate)
        return

    async def by_table(document: TaxDocument) -> Sequence[Tax]:
        names = (("NY STATE TAX", "4"), ("NY CITY TAX", "4.5"), ("NY SPECIAL TAX", "0.375"))
        rates = [rate("US", "NY", name, percent, included=document.included) for name, percent in names]
        german = rate("DE", "", "Standard Rate", "19", included=document.included)
        return Table([*rates, german]).taxes(document)

    yield Calculator("table", by_table)


def document(
    *items: TaxedItem, to: Place | None = NEW_YORK, included: bool = False, exempt: str | None = None
) -> TaxDocument:
    return TaxDocument("USD", DAY, to, items, exempt, included)


def goods(minor: int, **more: object) -> TaxedItem:
    return TaxedItem("goods", "", minor, **more)


def told(taxes: Sequence[Tax]) -> list[tuple[int, str, str, bool, int]]:
    return sorted(
        (each.item, each.code, f"{each.rate.normalize():f}", each.included, each.amount_minor) for each in taxes
    )


async def test_a_calculator_keeps_the_contract(calculator: Calculator) -> None:
    beside = [
        (0, "NY CITY TAX", "4.5", False, 135), (0, "NY SPECIAL TAX", "0.375", False, 11), (0, "NY STATE TAX", "4", False, 120),
    ]  # fmt: skip
    asked = document(goods(3000))
    assert told(await calculator.taxes(asked)) == beside == told(await calculator.taxes(asked)), (
        "a question has no effect"
    )
    both = await calculator.taxes(document(goods(3000), goods(0), TaxedItem("shipping", "", 1000)))
    assert {each.item for each in both} == {0, 2}, "what costs nothing is taxed nothing"
    assert sum(each.amount_minor for each in both if each.item == 2) == 40 + 45 + 4
    assert await calculator.taxes(document(goods(3000), exempt="ST-119.1")) == []
    assert await calculator.taxes(document(goods(3000), to=NOWHERE)) == []
    assert await calculator.taxes(document()) == []
    german = document(goods(11900), to=HAMBURG, included=True)
    assert told(await calculator.taxes(german)) == [(0, "Standard Rate", "19", True, 1900)]
    elsewhere = document(goods(1000, sent_to=HAMBURG), goods(1000, sent_from=HAMBURG, collected=True))
    assert [each[1:3] for each in told(await calculator.taxes(elsewhere))] == [("Standard Rate", "19")] * 2
    assert all(each.amount_minor > 0 and len(each.code) <= 64 for each in both)


PAPER = TaxPaper(
    "INV-000017", "1042", "c-1", "USD", DAY, DAY, None, HAMBURG, NEW_YORK, None,
    [
        PaperLine("1", "MUG", "Mug", "goods", "", 3, 3000, 266, False),
        PaperLine("1-shipping", "", "Post", "shipping", "", 1, 1000, 89, False),
    ],
)  # fmt: skip


async def test_whoever_does_not_answer_is_away_and_what_is_asked_again_is_done_once() -> None:
    company = Company()
    async with avatax(company) as service:
        for number, fault in enumerate(("down", "busy", "broken", "lost"), 1):
            company.dials.answers = [fault, "ok", fault]
            paper = PAPER._replace(name=f"INV-{number:06}")
            with pytest.raises(ServiceAway):
                await service.calculate(document(goods(3000)))
            assert len(await service.calculate(document(goods(3000)))) == 3
            with pytest.raises(ServiceAway):
                await service.record(paper)
            first = await service.record(paper)
            assert await service.record(paper) == first and len(company.documents) == number, fault


async def test_documents_are_kept_under_their_numbers_as_charged_and_an_account_says_what_is_wrong_with_it() -> None:
    company = Company()
    async with avatax(company) as service:
        await service.record(PAPER)
        less = [line._replace(amount_minor=-line.amount_minor, tax_minor=-line.tax_minor) for line in PAPER.lines]
        await service.record(PAPER._replace(name="CN-000001", credits="INV-000017", lines=less))
        kept = {
            key: (each["totalTax"], each["status"], each["referenceCode"]) for key, each in company.documents.items()
        }
        assert kept == {
            ("INV-000017", "SalesInvoice"): (Decimal("3.55"), "Committed", None),
            ("CN-000001", "ReturnInvoice"): (Decimal("-3.55"), "Committed", "INV-000017"),
        }
        with pytest.raises(Rejected, match="another document"):
            await service.record(PAPER._replace(lines=PAPER.lines[:1]))
        with pytest.raises(Rejected) as refusal:
            await service.calculate(document(goods(3000), to=Place("US")))
        assert refusal.value.code == "AddressIncomplete"
        assert await service.check() is None
        company.code = "OTHER"
        assert await service.check() == "The account has no company DEFAULT."
        company.license_key = "changed"
        assert await service.check() == "AvaTax does not know the account and its license key."
