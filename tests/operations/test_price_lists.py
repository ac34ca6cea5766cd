"""Price lists: what a line costs where the order does not say it, and in which quantities a product is sold."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from lading.views import prices as views
from lading.views.order import order as read_order
from tests.operations.conftest import Shop


def eur(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": "EUR"}


def order(*lines: tuple[str, int], **more: Any) -> dict[str, Any]:
    """An order that says no price."""
    wanted = [{"sku": sku, "quantity": quantity} for sku, quantity in lines]
    return {"channel": "web", "currency": "EUR", "ship_to": {"country": "DE"}, "lines": wanted, **more}


async def price_list(shop: Shop, code: str, prices: dict[str, dict[int, str]], **more: Any) -> None:
    """A list of prices by quantity."""
    of_item = ("minimum", "multiple")
    head = {name: value for name, value in more.items() if name not in of_item}
    await shop.do("price-lists.save", code=code, name=code, **{"currency": "EUR", **head})
    items = [
        {
            "sku": sku, **{name: more[name] for name in of_item if name in more},
            "prices": [
                {"from_quantity": quantity, "unit_price": {"amount": price, "currency": head.get("currency", "EUR")}}
                for quantity, price in steps.items()
            ],
        }
        for sku, steps in prices.items()
    ]  # fmt: skip
    await shop.do("prices.set", price_list=code, items=items)


async def test_the_price_falls_with_the_quantity_and_one_that_is_said_stands(shop: Shop) -> None:
    await shop.stock_up(MUG_HAM=500, TEE_HAM=9)
    await price_list(shop, "ALL", {"MUG": {1: "10", 12: "9.90", 120: "8.7512"}})
    placed = await shop.batch("orders.place", *(order(("MUG", quantity)) for quantity in (11, 12, 119, 120)))
    assert [each["total"]["amount"] for each in placed] == ["110.00", "118.80", "1178.10", "1050.14"]
    said = order(("MUG", 120), lines=[{"sku": "MUG", "quantity": 120, "unit_price": eur("1.00")}])
    assert (await shop.do("orders.place", **said))["total"]["amount"] == "120.00"
    mixed = order(lines=[{"sku": "TEE", "quantity": 1, "unit_price": eur("3.00")}, {"sku": "MUG", "quantity": 1}])
    number = (await shop.do("orders.place", **mixed))["number"]
    async with shop.database.read(shop.merchant_id) as tx:
        lines = (await read_order(tx, number)).lines
    assert [line.unit_price for line in lines] == ["3.00", "10.00"]
    assert (await shop.refusal("orders.place", **order(("TEE", 1))))["name"] == "no_price"
    (event,) = await shop.fetch(
        "SELECT data->'price_lists' IS NOT NULL AS told FROM event WHERE merchant_id = $1 AND kind = 'order_placed'"
        " ORDER BY position DESC LIMIT 1"
    )
    assert event["told"], "which list priced which line stands in the journal"
    await shop.check_books()


async def test_the_closest_list_wins_then_its_priority_then_the_cheaper(shop: Shop) -> None:
    await shop.stock_up(MUG_HAM=500)
    await shop.batch(
        "companies.save",
        {"code": "NORD", "name": "N", "group": "hotels"},
        {"code": "SUED", "name": "S", "group": "hotels"},
    )
    await shop.do("channels.save", code="store", name="Store")
    await price_list(shop, "ALL", {"MUG": {1: "10"}})

    async def costs(**more: Any) -> str:
        (outcome,) = await shop.batch("orders.place", order(("MUG", 1), **more))
        return str(outcome["total"]["amount"] if "total" in outcome else outcome["name"])

    assert await costs() == await costs(company="NORD") == "10.00"
    await price_list(shop, "WEB", {"MUG": {1: "11"}}, channel="web")
    assert (await costs(), await costs(channel="store")) == ("11.00", "10.00")
    await price_list(shop, "GROUP", {"MUG": {1: "12"}}, company_group="hotels")
    assert (await costs(), await costs(company="SUED")) == ("11.00", "12.00")
    await price_list(shop, "OWN", {"MUG": {2: "13"}}, company="NORD")
    assert await costs(company="NORD") == "12.00", "of one unit the company's own list says nothing"
    await price_list(shop, "OWN2", {"MUG": {1: "14"}}, company="NORD")
    assert (await costs(company="NORD"), await costs(company="SUED")) == ("14.00", "12.00")
    await price_list(shop, "OWN3", {"MUG": {1: "15"}}, company="NORD")
    assert await costs(company="NORD") == "14.00", "of two alike the cheaper"
    await price_list(shop, "OWN3", {"MUG": {1: "15"}}, company="NORD", priority=1)
    assert await costs(company="NORD") == "15.00"
    await price_list(shop, "USD", {"MUG": {1: "1"}}, company="NORD", priority=9, currency="USD")
    assert await costs(company="NORD") == "15.00"
    await shop.do("prices.set", price_list="OWN3", items=[{"sku": "MUG"}])
    assert await costs(company="NORD") == "14.00", "a list without a price says nothing of it any more"
    async with shop.database.read(shop.merchant_id) as tx:
        told = await views.cost(tx, views.CostQuery("MUG", "EUR", 1, "NORD", "web"))
        lists = await views.price_lists(tx, views.PriceListsQuery(company="NORD"))
        one = await views.price_list(tx, views.PriceListQuery(price_list="OWN"))
    assert told.unit_price and (told.price_list, told.unit_price.amount) == ("OWN2", "14.00")
    assert set(told.others) == {"ALL", "WEB", "GROUP", "OWN"}
    assert [each.code for each in lists.items] == ["GROUP", "OWN", "OWN2", "OWN3", "USD"]
    assert [(each.sku, each.prices[0].from_quantity) for each in one.items] == [("MUG", 2)]
    await shop.check_books()


async def test_a_list_holds_in_its_time(shop: Shop) -> None:
    await shop.stock_up(MUG_HAM=500)
    now = datetime.now(UTC)
    sale = {"valid_from": (now - timedelta(hours=1)).isoformat(), "valid_until": (now + timedelta(hours=1)).isoformat()}
    await price_list(shop, "ALL", {"MUG": {1: "10"}})
    await price_list(shop, "SALE", {"MUG": {1: "5"}}, priority=1, **sale)
    placed_at = [(now + timedelta(hours=hours)).isoformat() for hours in (-2, 0)]
    placed = await shop.batch("orders.place", *(order(("MUG", 1), placed_at=at) for at in placed_at))
    assert [each["total"]["amount"] for each in placed] == ["10.00", "5.00"]
    await price_list(shop, "SALE", {"MUG": {1: "5"}}, priority=1, active=False)
    assert (await shop.do("orders.place", **order(("MUG", 1))))["total"]["amount"] == "10.00"


async def test_products_are_sold_in_their_quantities(shop: Shop) -> None:
    await shop.stock_up(MUG_HAM=500, TEE_HAM=99)
    await price_list(shop, "ALL", {"MUG": {1: "1"}}, minimum=12, multiple=6)
    outcomes = await shop.batch("orders.place", *(order(("MUG", quantity)) for quantity in (6, 13, 18)))
    assert [each.get("name", "placed") for each in outcomes] == ["below_minimum", "not_a_multiple", "placed"]
    await shop.do("policies.set", name="sell_multiple", sku="TEE", value=4)
    await shop.do("policies.set", name="sell_minimum", sku="TEE", value=8)
    said = [Shop.order({"TEE": units}) for units in (4, 9, 12)]
    outcomes = await shop.batch("orders.place", *said)
    assert [each.get("name", "placed") for each in outcomes] == ["below_minimum", "not_a_multiple", "placed"]
    assert (await shop.refusal("drafts.create", **order(("MUG", 7))))["name"] == "below_minimum"
    await shop.check_books()


async def test_a_quote_takes_the_prices_of_its_day_and_keeps_them(shop: Shop) -> None:
    await shop.stock_up(MUG_HAM=500)
    await price_list(shop, "ALL", {"MUG": {1: "10", 50: "9"}})
    made = await shop.do("drafts.create", **order(("MUG", 50)))
    assert made["total"]["amount"] == "450.00"
    await price_list(shop, "ALL", {"MUG": {1: "20"}})
    revised = await shop.do("drafts.revise", draft=made["draft"], note="Prices as quoted.")
    assert revised["total"]["amount"] == "450.00"
    assert (await shop.do("drafts.convert", draft=made["draft"]))["total"]["amount"] == "450.00"
    other = (await shop.do("drafts.create", **order(("MUG", 1))))["draft"]
    await price_list(shop, "ALL", {"MUG": {1: "30"}})
    lines = [{"sku": "MUG", "quantity": 2}]
    assert (await shop.do("drafts.revise", draft=other, lines=lines))["total"]["amount"] == "60.00"
    await shop.check_books()


async def test_who_changed_a_list_meanwhile_is_told_so(shop: Shop) -> None:
    await shop.stock_up(MUG_HAM=5)
    await price_list(shop, "ALL", {"MUG": {1: "10"}})
    assert (await shop.refusal("prices.set", price_list="ALL", items=[{"sku": "MUG"}], expected_version=1))["name"] == (
        "version_conflict"
    )
    usd = [{"sku": "MUG", "prices": [{"unit_price": {"amount": "1", "currency": "USD"}}]}]
    assert (await shop.refusal("prices.set", price_list="ALL", items=usd))["name"] == "other_currency"
    assert (await shop.refusal("prices.set", price_list="NONE", items=usd))["name"] == "unknown_price_list"
    assert (await shop.refusal("price-lists.save", code="ALL", name="All", currency="USD"))["name"] == "currency_stays"
    huge = order(("MUG", 5), lines=[{"sku": "MUG", "quantity": 1_000_000}])
    await price_list(shop, "ALL", {"MUG": {1: "99999999999"}})
    assert (await shop.refusal("orders.place", **huge))["name"] == "no_price", "a sum that no column holds"
    await shop.check_books()
