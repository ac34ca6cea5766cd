"""Taxes that are calculated here: a channel that says so, a table of rates, a quote before and edits after."""

from __future__ import annotations

import asyncio
import csv
import random
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from lading.entrypoints.exporting import stream
from lading.views import order as order_view
from lading.views import statement, taxes
from lading.views.exchange_rates import ExchangeRatesQuery, exchange_rates
from lading.views.exports import find_export
from lading.views.order import OrderDetail
from lading.views.statement import StatementQuery
from lading.views.taxes import TaxQuote, TaxQuoteQuery, TaxRatesQuery
from tests.operations.conftest import Shop

Payload = dict[str, Any]


def eur(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": "EUR"}


def charge(kind: str, amount: str, code: str = "x", **more: Any) -> Payload:
    return {"kind": kind, "code": code, "amount": eur(amount), **more}


def vat(percent: str, **more: Any) -> Payload:
    return {"country": "DE", "code": "VAT", "rate": percent, "included": True, "valid_from": "2020-01-01", **more}


NY = [
    {"country": "US", "region": "NY", "code": "STATE", "rate": "4", "valid_from": "2020-01-01"},
    {
        "country": "US",
        "region": "NY",
        "postal_prefix": "100",
        "code": "CITY",
        "rate": "4.5",
        "valid_from": "2020-01-01",
    },
]
IN_NEW_YORK = {"country": "US", "region": "NY", "postal_code": "10001"}


async def calculating(shop: Shop, *rates: Payload) -> None:
    """A channel that calculates, a table, and two products of which one is a book."""
    await shop.stock_up(MUG_HAM=50, BOOK_HAM=50)
    await shop.do("products.save", sku="BOOK", name="Book", tax_category="books")
    await shop.do("policies.set", name="taxes", value="calculate", channel="web")
    await shop.batch("tax-rates.save", *rates)


async def shown(shop: Shop, number: str) -> OrderDetail:
    async with shop.database.read(shop.merchant_id) as tx:
        return await order_view.order(tx, number)


async def quoted(shop: Shop, **fields: Any) -> TaxQuote:
    async with shop.database.read(shop.merchant_id) as tx:
        return await taxes.tax_quote(tx, msgspec.convert(fields, TaxQuoteQuery))


async def balances(shop: Shop, number: str) -> dict[str, str]:
    async with shop.database.read(shop.merchant_id) as tx:
        told = await statement.statement(tx, StatementQuery(number))
    assert told.unexplained.minor == 0
    return {each.account: each.balance.amount for each in told.accounts if each.balance.minor}


def told(detail: OrderDetail) -> list[tuple[str, str, str | None, str | None, str | None]]:
    every = [*detail.charges, *detail.added_charges]
    return [
        (each.code, each.amount.amount, each.rate, each.applies_to, each.source) for each in every if each.kind == "tax"
    ]


async def test_an_order_is_taxed_by_category_with_shipping_and_gift_wrap_and_the_quote_says_the_same(
    shop: Shop,
) -> None:
    await calculating(shop, vat("19"), vat("7", category="books"))
    asked = shop.order(
        {"MUG": 3, "BOOK": 2},
        charges=[
            charge("discount", "-5.00", "SPRING", source="code"),
            charge("shipping", "5.95", "standard"),
            charge("gift_wrap", "2.38", "ribbon", line=2),
            charge("tip", "1.00"),
        ],
    )
    (placed,) = await shop.batch("orders.place", asked)
    detail = await shown(shop, placed["number"])
    assert told(detail) == [
        ("VAT", "4.31", "19", None, "calculated"),  # of 30.00 - 3.00
        ("VAT", "1.18", "7", None, "calculated"),  # of 20.00 - 2.00
        ("VAT", "0.95", "19", "shipping", "calculated"),
        ("VAT", "0.38", "19", "gift_wrap", "calculated"),
    ]
    assert detail.money.total.amount == placed["total"]["amount"] == "54.33"
    assert await balances(shop, placed["number"]) == {
        "receivable": "54.33", "sales": "-44.51", "discounts": "5.00", "shipping_income": "-5.00", "gift_wrapping": "-2.00",
        "tips": "-1.00", "tax": "-6.82",
    }  # fmt: skip
    quote = await quoted(shop, **{name: asked[name] for name in ("currency", "lines", "charges", "ship_to")})
    assert (quote.tax.amount, quote.total.amount, quote.unknown) == ("6.82", "54.33", [])
    assert {(each.code, each.rate, each.applies_to): each.amount.amount for each in quote.taxes} == {
        ("VAT", "19", "goods"): "4.31", ("VAT", "7", "goods"): "1.18", ("VAT", "19", "gift_wrap"): "0.38",
        ("VAT", "19", "shipping"): "0.95",
    }  # fmt: skip
    assert [line.charges for line in quote.lines] == [line.charges for line in detail.lines]
    await shop.check_books()


async def test_taxes_beside_prices_by_place_and_none_for_who_is_exempt(shop: Shop) -> None:
    await calculating(shop, *NY)
    number = await shop.place({"MUG": 3}, ship_to=IN_NEW_YORK, charges=[charge("shipping", "10.00")])
    detail = await shown(shop, number)
    assert told(detail) == [
        ("CITY", "1.35", "4.5", None, "calculated"), ("STATE", "1.20", "4", None, "calculated"),
        ("CITY", "0.45", "4.5", "shipping", "calculated"), ("STATE", "0.40", "4", "shipping", "calculated"),
    ]  # fmt: skip
    assert detail.money.total.amount == "43.40"
    exempt = await shop.place({"MUG": 3}, ship_to=IN_NEW_YORK, tax_exemption="ST-119.1")
    assert told(await shown(shop, exempt)) == []
    assert told(await shown(shop, await shop.place({"MUG": 3}))) == [], "nothing is taxed where no rate is"
    await shop.check_books()


async def test_what_the_channel_charged_stays_as_it_was_charged(shop: Shop) -> None:
    await calculating(shop, vat("19"))
    brought = [charge("tax", "4.00", "VAT", rate="16", included=True)]
    assert told(await shown(shop, await shop.place({"MUG": 3}, charges=brought))) == [("VAT", "4.00", "16", None, None)]
    await shop.do("policies.set", name="taxes", value="as_charged", channel="web")
    assert told(await shown(shop, await shop.place({"MUG": 3}))) == []
    await shop.check_books()


async def test_an_order_that_goes_nowhere_is_taxed_where_it_is_handed_over(shop: Shop) -> None:
    await calculating(shop, vat("19"))
    number = await shop.place({"MUG": 1}, ship_to=None)
    assert told(await shown(shop, number)) == [("VAT", "1.60", "19", None, "calculated")]


async def test_a_kit_is_taxed_as_it_is_sold(shop: Shop) -> None:
    await calculating(shop, vat("19"), vat("7", category="books"))
    await shop.do("products.save", sku="SET", name="Set", tax_category="books")
    await shop.do("kits.save", sku="SET", components=[{"sku": "MUG", "per_kit": 2}, {"sku": "BOOK"}])
    number = await shop.place({"SET": 3})
    detail = await shown(shop, number)
    assert told(detail) == [("VAT", "1.96", "7", None, "calculated")]
    borne = [(line.number, [each.amount.amount for each in line.charges]) for line in detail.lines]
    assert borne == [(1, []), (2, ["1.31"]), (3, ["0.65"])]
    await shop.check_books()


async def edit(shop: Shop, number: str, **fields: Any) -> Payload:
    envelope = shop.envelope("orders.edit", {"order": number, "reason": "customer_request", **fields})
    (preview,) = await shop.preview("orders.edit", [envelope])
    done = await shop.do("orders.edit", order=number, reason="customer_request", **fields)
    assert done == preview
    await shop.check_books()
    return done


async def test_an_edit_is_taxed_as_the_order_was(shop: Shop) -> None:
    await calculating(shop, vat("19"), vat("7", category="books"))
    number = await shop.place({"MUG": 3})
    await shop.do("tax-rates.save", **vat("25", valid_from="2020-01-02") | {"valid_to": "2020-01-03"})
    book = {
        "sku": "BOOK",
        "quantity": 1,
        "unit_price": eur("20.00"),
        "charges": [{"kind": "discount", "code": "x", "percent": "10"}],
    }
    done = await edit(shop, number, add=[book])
    assert (done["difference"], done["tax_difference"]) == (eur("18.00"), eur("1.18"))
    done = await edit(shop, number, prices=[{"line": 1, "unit_price": eur("12.00")}])
    assert (done["difference"], done["tax_difference"]) == (eur("6.00"), eur("0.96"))  # 5.75 - 4.79
    done = await edit(shop, number, charges=[charge("shipping", "5.95"), charge("discount", "-6.00", line=1)])
    assert (done["difference"], done["tax_difference"]) == (eur("-0.05"), eur("-0.01"))  # 0.95 and -0.96
    done = await edit(shop, number, quantities=[{"line": 1, "quantity": 0}, {"line": 2, "quantity": 0}])
    assert done["total"] == eur("0.00")
    assert await balances(shop, number) == {}, "and no tax is left"


async def test_an_order_that_moves_is_taxed_where_it_goes(shop: Shop) -> None:
    await calculating(shop, vat("19"), *NY)
    number = await shop.place({"MUG": 3, "BOOK": 1}, charges=[charge("shipping", "10.00")])
    before = (await shown(shop, number)).money.total.amount
    done = await edit(shop, number, ship_to=IN_NEW_YORK)
    assert before == "50.00" and done["total"] == eur("54.25")  # 8.5 % of each line, and of each share of shipping
    assert (await balances(shop, number))["tax"] == "-4.25"
    done = await edit(shop, number, ship_to={"country": "DE", "postal_code": "20457"})
    assert (done["total"], (await balances(shop, number))["tax"]) == (eur("50.00"), "-7.99")
    done = await edit(shop, number, quantities=[{"line": 1, "quantity": 0}, {"line": 2, "quantity": 0}])
    assert await balances(shop, number) == {}


async def test_an_exempt_order_and_one_that_brought_its_taxes_are_not_taxed_by_edits(shop: Shop) -> None:
    await calculating(shop, vat("19"))
    mug = {"sku": "MUG", "quantity": 1, "unit_price": eur("20.00")}
    for fields in ({"tax_exemption": "A"}, {"charges": [charge("tax", "1.00", "VAT", included=True)]}):
        number = await shop.place({"MUG": 3}, **fields)
        assert (await edit(shop, number, add=[mug]))["tax_difference"] == eur("0.00")


async def test_rates_are_saved_changed_listed_and_withdrawn(shop: Shop) -> None:
    saved = await shop.batch("tax-rates.save", vat("19"), vat("16"), *NY)
    assert [each["version"] for each in saved] == [1, 2, 1, 1]
    async with shop.database.read(shop.merchant_id) as tx:
        first = await taxes.tax_rates(tx, TaxRatesQuery(limit=2))
        rest = await taxes.tax_rates(tx, TaxRatesQuery(limit=2, after=first.next))
    assert [(each.country, each.region, each.code, each.rate) for each in first.items + rest.items] == [
        ("DE", "", "VAT", "16"), ("US", "NY", "STATE", "4"), ("US", "NY", "CITY", "4.5"),
    ]  # fmt: skip
    assert rest.next is None
    await shop.do("tax-rates.save", **vat("16") | {"rate": None})
    lines = [{"sku": "NONE", "quantity": 1, "unit_price": eur("1.00")}]
    quote = await quoted(shop, currency="EUR", lines=lines, location="HAM")
    assert (quote.taxes, quote.unknown) == ([], ["NONE"])
    await shop.check_books()


@pytest.mark.parametrize(
    "wrong",
    [
        {"rate": "19 %"},
        {"rate": "1000"},
        {"country": "de"},
        {"valid_to": "2019-12-31"},
        {"valid_from": "0001-01-01"},
        {"region": "x" * 65},
    ],
)
async def test_what_is_no_rate(shop: Shop, wrong: Payload) -> None:
    with pytest.raises(msgspec.ValidationError):
        await shop.do("tax-rates.save", **vat("19") | wrong)


async def test_orders_of_a_channel_that_does_not_calculate_run_the_statements_they_ran_before(shop: Shop) -> None:
    await shop.stock_up(MUG_HAM=200)
    await shop.do("channels.save", code="shop", name="Shop")
    await shop.place({"MUG": 1})
    before = await shop.statements("orders.place", *[shop.order({"MUG": 1})] * 5)
    await shop.do("policies.set", name="taxes", value="calculate", channel="shop")
    await shop.do("tax-rates.save", **vat("19"))
    assert await shop.statements("orders.place", *[shop.order({"MUG": 1})] * 5) == before
    one = await shop.statements("orders.place", shop.order({"MUG": 1}, channel="shop"))
    many = await shop.statements("orders.place", *[shop.order({"MUG": 1}, channel="shop")] * 50)
    assert one == many <= before + 5, "four that read, one that writes the charges"


@pytest.mark.parametrize("discount", ["line", "order"])
async def test_field_18_in_percent_the_return_equals_the_invoice(shop: Shop, discount: str) -> None:
    """erpnext#41343 with its own figures: 82.50 - 15 % x 10 is 701.25, and ten returns of one are 701.25 too."""
    await shop.stock_up(BOOK_HAM=10)
    off = {"kind": "discount", "code": "SPRING15", "percent": "15", "source": "campaign"}
    line = {"sku": "BOOK", "quantity": 10, "unit_price": eur("82.50")}
    number = await shop.place({}, lines=[line], charges=[off | ({"line": 1} if discount == "line" else {})])
    detail = await shown(shop, number)
    assert detail.money.total.amount == "701.25"
    assert [(each.amount.amount, each.rate, each.source) for each in detail.charges] == [("-123.75", "15", "campaign")]
    owed = []
    for _ in range(10):
        await shop.do("lines.cancel", order=number, reason="x", lines=[{"line": 1, "quantity": 1}])
        owed.append((await shown(shop, number)).money.total.amount)
    assert owed == ["631.12", "561.00", "490.87", "420.75", "350.62", "280.50", "210.37", "140.25", "70.12", "0.00"]
    assert await balances(shop, number) == {}
    await shop.check_books()


async def test_percentages_are_of_what_earlier_discounts_left(shop: Shop) -> None:
    """100.00 and 50.00: 10 % on the first line, then 20.00 and 25 % on all."""
    await shop.stock_up(MUG_HAM=10, CAP_HAM=10)
    charges = [
        {"kind": "discount", "code": "A", "percent": "10", "line": 1},
        charge("discount", "-20.00", "B"),
        {"kind": "discount", "code": "C", "percent": "25"},
        {"kind": "surcharge", "code": "card", "percent": "2"},
    ]
    number = await shop.place({"MUG": 10, "CAP": 5}, charges=charges)
    detail = await shown(shop, number)
    assert [(each.code, each.amount.amount, each.rate) for each in detail.charges] == [
        ("A", "-10.00", "10"), ("B", "-20.00", None), ("C", "-30.00", "25"), ("card", "1.80", "2"),
    ]  # fmt: skip
    assert detail.money.total.amount == "91.80"
    assert sum(each.amount.minor for each in detail.lines[0].charges if each.code == "B") == -1286
    await shop.check_books()


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "discount", "code": "x"},
        {"kind": "discount", "code": "x", "percent": "10", "amount": eur("-1.00")},
        {"kind": "discount", "code": "x", "percent": "100.5"},
        {"kind": "shipping", "code": "x", "percent": "10"},
        {"kind": "shipping", "code": "x", "amount": eur("1.00"), "source": "code"},
        {"kind": "discount", "code": "x", "percent": "10", "source": "friend"},
    ],
)
async def test_what_is_no_discount(shop: Shop, wrong: Payload) -> None:
    with pytest.raises(msgspec.ValidationError):
        await shop.place({"MUG": 1}, charges=[wrong])


async def test_a_prepared_move_is_taxed_as_it_was_shown_and_a_second_edit_of_a_batch_where_the_first_sent_it(
    shop: Shop,
) -> None:
    await calculating(shop, vat("19"), *NY)
    number = await shop.place({"MUG": 3})
    begun = await shop.do("edits.begin", order=number, reason="moved", ship_to=IN_NEW_YORK)
    done = await shop.do("edits.confirm", edit=begun["edit"])
    assert done["total"] == eur("32.55")  # 8.5 % of 30.00
    more = [{"line": 1, "unit_price": eur("20.00")}]
    home = {"order": number, "reason": "x", "ship_to": {"country": "DE", "postal_code": "20457"}}
    first, second = await shop.batch("orders.edit", home, {"order": number, "reason": "x", "prices": more})
    assert (first["total"], second["total"], second["tax_difference"]) == (eur("30.00"), eur("60.00"), eur("4.79"))
    await shop.check_books()


async def test_a_draft_tells_the_taxes_that_its_order_will_bear(shop: Shop) -> None:
    await calculating(shop, *NY)
    off = [{"kind": "discount", "code": "TRADE", "percent": "10"}]
    draft = await shop.do("drafts.create", **shop.order({"MUG": 10}, ship_to=IN_NEW_YORK, charges=off))
    assert draft["total"] == eur("97.65")  # 90.00 and 8.5 %
    revised = await shop.do("drafts.revise", draft=draft["draft"], charges=[])
    assert revised["total"] == eur("108.50")
    order = await shop.do("drafts.convert", draft=draft["draft"])
    assert order["total"] == eur("108.50")
    await shop.check_books()


@pytest.mark.parametrize(
    ("currency", "price", "shop_currency", "rate", "total"),
    [
        ("USD", "10.00", "EUR", "0.9213", "27.64"),
        ("JPY", "1000", "KWD", "0.00206", "6.180"),
        ("KWD", "1.001", "JPY", "485.1", "1457"),
    ],
)
async def test_an_order_in_another_currency_is_told_in_that_of_the_shops_books_too(
    shop: Shop, currency: str, price: str, shop_currency: str, rate: str, total: str
) -> None:
    """The ledger stays in what the customer pays; the shop's amounts are told by the rate that was kept, each rounded once."""
    await shop.stock_up(MUG_HAM=3)
    line = {"sku": "MUG", "quantity": 3, "unit_price": {"amount": price, "currency": currency}}
    number = await shop.place({}, currency=currency, lines=[line], exchange={"currency": shop_currency, "rate": rate})
    await shop.do("lines.cancel", order=number, reason="x", lines=[{"line": 1, "quantity": 1}])
    told = (await shown(shop, number)).money
    assert told.shop is not None
    assert (told.shop.original.amount, told.shop.original.currency, told.shop.rate) == (total, shop_currency, rate)
    assert told.shop.total.minor == told.shop.original.minor + told.shop.adjusted.minor == told.shop.due.minor
    posted = await shop.fetch("SELECT DISTINCT currency FROM money_posting WHERE merchant_id = $1")
    assert posted == [{"currency": currency}]
    told_to_accountants = [line async for line in stream(shop.database, shop.merchant_id, find_export("money"), "csv")]
    sold = next(csv.DictReader(b"".join(told_to_accountants).decode().splitlines()))
    assert (sold["shop_currency"], sold["shop_rate"], sold["shop_amount"]) == (shop_currency, rate, total)
    await shop.check_books()


@pytest.mark.parametrize(
    "wrong",
    [
        {"currency": "EUR", "rate": "1"},
        {"currency": "XXX", "rate": "1"},
        {"currency": "USD", "rate": "0"},
        {"currency": "USD", "rate": "-1"},
    ],
)
async def test_what_is_no_exchange(shop: Shop, wrong: Payload) -> None:
    with pytest.raises(msgspec.ValidationError):
        await shop.place({"MUG": 1}, exchange=wrong)


async def test_what_is_collected_is_taxed_where_it_is_collected(shop: Shop) -> None:
    await calculating(shop, vat("19"), *NY)
    await shop.do(
        "locations.save", code="HAM", name="HAM", kind="store", country="DE", time_zone="Europe/Berlin", priority=1,
        capabilities=["ship", "pickup"],
    )  # fmt: skip
    asked = shop.order({"MUG": 1, "BOOK": 1}, ship_to=IN_NEW_YORK)
    asked["lines"][0]["pickup"] = "HAM"
    (placed,) = await shop.batch("orders.place", asked)
    assert told(await shown(shop, placed["number"])) == [
        ("VAT", "1.60", "19", None, "calculated"),
        ("CITY", "0.45", "4.5", None, "calculated"),
        ("STATE", "0.40", "4", None, "calculated"),
    ]
    await shop.check_books()


@pytest.mark.parametrize(("currency", "unit"), [("EUR", "0.01"), ("JPY", "1"), ("KWD", "0.001")])
@pytest.mark.parametrize("seed", [1, 2])
async def test_partial_captures_cancels_edits_and_refunds_in_any_order_end_at_the_same_cents(
    shop: Shop, currency: str, unit: str, seed: int
) -> None:
    """Two orders live the same things in different order, with calculated taxes and percentages: both end at the same cents."""
    await calculating(shop, vat("19"), vat("7", category="books"), *NY)
    chance, ends = random.Random(seed), []

    def cash(units: int) -> dict[str, str]:
        return {"amount": f"{Decimal(unit) * units:f}", "currency": currency}

    lines = [{"sku": sku, "quantity": 5, "unit_price": cash(chance.randint(50, 5000))} for sku in ("MUG", "BOOK")]
    charges = [
        {"kind": "discount", "code": "A", "percent": "12.5", "source": "code"},
        {"kind": "discount", "code": "B", "percent": "33.3", "line": 2},
        {"kind": "shipping", "code": "std", "amount": cash(499)},
    ]
    price, address = {"line": 1, "unit_price": cash(777)}, chance.choice([IN_NEW_YORK, {"country": "DE"}])
    added = {
        "sku": "BOOK",
        "quantity": 3,
        "unit_price": cash(1234),
        "charges": [{"kind": "discount", "code": "C", "percent": "7"}],
    }
    for order in (0, 1):
        number = await shop.place({}, currency=currency, lines=lines, charges=charges, ship_to=address)
        await shop.do("orders.edit", order=number, reason="x", prices=[price])
        steps: list[tuple[str, Payload]] = [
            ("orders.edit", {"reason": "x", "add": [added]}),
            *(("lines.cancel", {"reason": "x", "lines": [{"line": 1 + at % 2, "quantity": 1}]}) for at in range(3)),
            *(("payments.record", {"amount": cash(chance.randint(1, 3000))}) for _ in range(3)),
        ]
        random.Random(seed * 10 + order).shuffle(steps)
        paid = 0
        for verb, fields in steps:
            await shop.do(verb, order=number, **fields)
            paid += verb == "payments.record"
            due = (await shown(shop, number)).money.due.minor
            if due < 0:
                await shop.do("payments.refund", order=number)
        left = (await shown(shop, number)).money
        accounts = (await balances(shop, number)).items()
        ends.append((left.total, {name: each for name, each in accounts if ":" not in name and name != "receivable"}))
        assert left.captured.minor - left.refunded.minor + left.due.minor == left.total.minor
        await shop.do("lines.cancel", order=number, reason="x")
        if (await shown(shop, number)).money.due.minor:
            await shop.do("payments.refund", order=number)
        assert await balances(shop, number) == {}, "all of it went back, each account to nothing"
    assert ends[0] == ends[1]
    await shop.check_books()


async def test_who_saves_the_same_rate_at_once_saves_one_after_the_other(shop: Shop) -> None:
    saved = await asyncio.gather(*(shop.do("tax-rates.save", **vat(str(percent))) for percent in range(8)))
    assert sorted(each["version"] for each in saved) == list(range(1, 9))
    (row,) = await shop.fetch("SELECT version FROM tax_rate WHERE merchant_id = $1")
    assert row["version"] == 8
    await shop.check_books()


async def test_no_edit_takes_a_line_below_nothing_by_the_tax_that_falls_with_it(shop: Shop) -> None:
    """10.00 less 4.00, and 60 % on it: 9.60. At 1.00 the goods would be 3.00 below nothing, and no tax would be left to make up for it."""
    rate = {"country": "US", "code": "LUXURY", "rate": "60", "valid_from": "2020-01-01"}
    await calculating(shop, rate)
    off = [charge("discount", "-4.00", line=1)]
    number = await shop.place({"MUG": 1}, ship_to={"country": "US"}, charges=off)
    assert (await shown(shop, number)).money.total.amount == "9.60"
    cheaper = [{"line": 1, "unit_price": eur("1.00")}]
    for fields in (
        {"prices": cheaper},
        {"charges": [charge("discount", "-9.00", line=1)]},
        {"charges": [charge("discount", "-9.00")]},
    ):
        refused = await shop.refusal("orders.edit", order=number, reason="x", **fields)
        assert refused["name"] == "negative_total"
    assert (await edit(shop, number, prices=[{"line": 1, "unit_price": eur("4.00")}]))["total"] == eur("0.00")


async def test_an_edit_that_tells_a_tax_leaves_the_others_to_be_calculated(shop: Shop) -> None:
    """What it says of a line, or of a charge, stays as it was said; all else of the order is calculated as before."""
    await calculating(shop, vat("19"))
    number = await shop.place({"MUG": 3})
    told = {
        "sku": "BOOK",
        "quantity": 1,
        "unit_price": eur("20.00"),
        "charges": [charge("tax", "1.40", "VAT", included=True, rate="7")],
    }
    done = await edit(shop, number, add=[told])
    assert done["tax_difference"] == eur("1.40"), "nobody taxes the book again"
    done = await edit(shop, number, prices=[{"line": 2, "unit_price": eur("30.00")}])
    assert done["tax_difference"] == eur("0.00"), "who told it, tells what changes"
    done = await edit(shop, number, prices=[{"line": 1, "unit_price": eur("12.00")}])
    assert done["tax_difference"] == eur("0.96"), "the mugs are still calculated"
    shipping = [
        charge("shipping", "10.00", line=1),
        charge("tax", "0.70", "VAT", line=1, applies_to="shipping", included=True),
    ]
    assert (await edit(shop, number, charges=shipping))["tax_difference"] == eur("0.70")
    assert (await edit(shop, number, charges=[charge("shipping", "5.95", line=1)]))["tax_difference"] == eur("0.95")


async def test_an_order_keeps_the_rate_of_its_day_from_the_table(shop: Shop) -> None:
    """By the merchant's clock: an order of 23:30 UTC is the next day's in Berlin. What says its own rate keeps that."""
    await shop.stock_up(MUG_HAM=9)
    usd = {"currency": "USD", "shop_currency": "EUR"}
    days = [{**usd, "day": f"2026-01-0{day}", "rate": f"0.9{day}"} for day in (1, 2, 5)]
    await shop.batch("exchange-rates.save", *days, {**days[0], "rate": "0.901"})
    line = {"sku": "MUG", "quantity": 1, "unit_price": {"amount": "10.00", "currency": "USD"}}
    dollars = {"currency": "USD", "lines": [line]}
    assert (await shown(shop, await shop.place({}, **dollars))).money.shop is None, "no policy asks for it"
    await shop.do("policies.set", name="shop_currency", value="EUR")
    rates = []
    for at in ("2026-01-01T12:00", "2026-01-01T23:30", "2026-01-04T12:00", "2026-01-09T12:00"):
        told = (await shown(shop, await shop.place({}, **dollars, placed_at=f"{at}:00+00:00"))).money.shop
        rates.append(told and told.rate)
    assert rates == ["0.901", "0.92", "0.92", "0.95"]
    before = await shop.place({}, **dollars, placed_at="2025-12-31T12:00:00+00:00")
    assert (await shown(shop, before)).money.shop is None, "nobody knows"
    own = await shop.place({}, **dollars, exchange={"currency": "GBP", "rate": "0.8"})
    told = (await shown(shop, own)).money.shop
    assert told and (told.rate, told.original.currency) == ("0.8", "GBP")
    async with shop.database.read(shop.merchant_id) as tx:
        page = await exchange_rates(tx, ExchangeRatesQuery(limit=2))
        rest = await exchange_rates(tx, ExchangeRatesQuery(limit=2, after=page.next))
    assert [(str(each.day), each.rate) for each in (*page.items, *rest.items)] == [
        ("2026-01-05", "0.95"), ("2026-01-02", "0.92"), ("2026-01-01", "0.901"),
    ]  # fmt: skip
    await shop.check_books()
