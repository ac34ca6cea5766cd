"""Lines of one order go to several addresses, each with fulfillment orders of its own."""

from __future__ import annotations

from lading.entrypoints.trying import WhatIfQuery, what_if
from lading.views.order import order as read_order
from lading.views.papers import papers
from tests.operations.conftest import Shop
from tests.operations.test_payments import eur

WIEN = {"name": "Kai Ohm", "city": "Wien", "country": "AT"}


async def test_each_address_gets_its_own_fulfillment_orders(shop: Shop) -> None:
    await shop.stock_up(MUG_HAM=5, TEE_HAM=5, CAP_HAM=5)
    number = await shop.place({"MUG": 1, "TEE": 1, "CAP": 1})
    addressed = await shop.do("lines.address", order=number, lines=[2, 3], ship_to=WIEN)
    assert addressed["lines"] == [2, 3]
    await shop.do("lines.address", order=number, lines=[3])
    released = await shop.do("orders.release", order=number)
    assert len(released["fulfillment_orders"]) == 2
    async with shop.database.read(shop.merchant_id) as tx:
        seen = await read_order(tx, number)
    assert [line.ship_to.city if line.ship_to else None for line in seen.lines] == [None, "Wien", None]
    assert [(work.ships_to or None, sum(work.units.values())) for work in seen.fulfillment_orders] == [
        (None, 2), ("Kai Ohm Wien AT", 1),
    ]  # fmt: skip
    assert (await shop.refusal("lines.address", order=number, lines=[1], ship_to=WIEN))["name"] == "line_at_work"
    merged = await shop.refusal("fulfillment-orders.merge", into=f"{number}-F1", others=[f"{number}-F2"])
    assert merged["name"] == "not_alike", "what goes to two places is not one"
    told = await shop.fetch("SELECT string_agg(data::text, ' ') AS told FROM event WHERE merchant_id = $1")
    assert "Ohm" not in told[0]["told"]
    await shop.check_books()


async def test_what_is_in_nobodys_order_or_held_is_not_addressed(shop: Shop) -> None:
    await shop.stock_up(MUG_HAM=5)
    number = await shop.place({"MUG": 1})
    outcomes = await shop.batch(
        "lines.address", {"order": number, "lines": [7], "ship_to": WIEN}, {"order": "7", "lines": [1]},
        {"order": number, "lines": [1], "expected_version": 9},
    )  # fmt: skip
    assert [each["name"] for each in outcomes] == ["unknown_line", "unknown_order", "version_conflict"]
    await shop.do("orders.hold", order=number, kind="call", stops=["edit"])
    assert (await shop.refusal("lines.address", order=number, lines=[1], ship_to=WIEN))["name"] == "on_hold"
    await shop.check_books()


async def test_a_line_is_taxed_looked_for_and_labelled_where_it_goes_itself(shop: Shop) -> None:
    """Two of three lines go to Vienna: 20 % there instead of 19, what that adds is due; their stock comes from where the rules say for
    Austria; and the label of their parcel bears that address."""
    await shop.stock_up(MUG_HAM=5, TEE_HAM=5, TEE_MUC=5)
    await shop.do("policies.set", name="taxes", value="calculate")
    await shop.do("policies.set", name="may_backorder", value=True)
    for country, rate in (("DE", "19"), ("AT", "20")):
        await shop.do("tax-rates.save", country=country, code="VAT", rate=rate, valid_from="2020-01-01")
    number = await shop.place({"MUG": 2, "TEE": 3}, tenders=[{"amount": eur("59.50")}])
    would = await shop.preview(
        "lines.address", [shop.envelope("lines.address", {"order": number, "lines": [2], "ship_to": WIEN})]
    )
    done = await shop.do("lines.address", order=number, lines=[2], ship_to=WIEN)
    assert would == [done]
    assert (done["difference"], done["payment"]["waits"]) == (eur("0.30"), "payment_due")
    await shop.check_books()
    back = await shop.do("lines.address", order=number, lines=[2])
    assert (back["difference"], back["payment"]["goes_on"]) == (eur("-0.30"), ["payment_due"])
    await shop.do("policies.set", name="approve_over", value="59.60")
    dearer = await shop.do("lines.address", order=number, lines=[2], ship_to=WIEN)
    assert dearer["holds"] == ["approval"], "more than may go without an approval, as by an edit"
    await shop.do("approvals.give", order=number)
    await shop.do("payments.record", order=number, amount=eur("0.30"))
    released = await shop.do("orders.release", order=number)
    async with shop.database.read(shop.merchant_id) as tx:
        first, second = [(await papers(tx, each)).ship_to for each in released["fulfillment_orders"]]
    assert first and second and {first.city, second.city} == {"Hamburg", "Wien"}
    dearer = await shop.do(
        "orders.edit", order=number, reason="wish", add=[{"sku": "MUG", "quantity": 1, "unit_price": eur("10.00")}]
    )
    assert dearer["tax_difference"] == eur("1.90"), "what is added goes where the order goes"
    await shop.check_books()


async def test_stock_for_another_address_is_looked_for_as_the_rules_say_of_it(shop: Shop) -> None:
    await shop.do("policies.set", name="may_backorder", value=True)
    await shop.do("products.save", sku="TEE", name="TEE")
    number = await shop.place({"TEE": 2})
    await shop.do(
        "orders.edit", order=number, reason="wish", add=[{"sku": "TEE", "quantity": 1, "unit_price": eur("10.00")}]
    )
    await shop.do("lines.address", order=number, lines=[2], ship_to=WIEN)
    rule = {"name": "south", "by": "listed", "locations": ["MUC"], "when": {"regions": [{"country": "AT"}]}}
    await shop.do("sourcing-rules.save", rules=[rule])
    await shop.stock_up(TEE_HAM=5, TEE_MUC=5)
    async with shop.database.read(shop.merchant_id) as tx:
        then = await what_if(tx, WhatIfQuery(order=number))
    assert sorted((each.location, each.units) for each in then.then) == [("HAM", 2), ("MUC", 1)]
    await shop.do("orders.source", order=number)
    rows = await shop.fetch(
        "SELECT a.line_number, l.code FROM allocation AS a JOIN location AS l ON l.merchant_id = $1 AND l.id = a.location_id"
        " WHERE a.merchant_id = $1 ORDER BY 1"
    )
    assert [tuple(row.values()) for row in rows] == [(1, "HAM"), (2, "MUC")]
    await shop.check_books()
