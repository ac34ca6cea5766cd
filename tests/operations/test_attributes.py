"""What a merchant wants to know beside what every order, line or product has."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from lading.views import NotFound
from lading.views.order import order as read_order
from lading.views.orders import OrdersQuery, orders
from lading.views.products import ProductsQuery, products
from tests.operations.conftest import Shop


async def define(shop: Shop) -> None:
    """A cost centre that every order names; a date and a free text that it may; whether a line is engraved; what a product is made of."""
    centre = {"type": "choice", "allowed": ["4711", "4712"], "required": True, "filterable": True}
    await shop.do("attributes.define", subject="order", code="cost_centre", name="Cost centre", **centre)
    await shop.do("attributes.define", subject="order", code="fair_on", name="Fair", type="date", filterable=True)
    await shop.do("attributes.define", subject="order", code="door", name="Which door", type="text")
    await shop.do("attributes.define", subject="line", code="engraved", name="Engraved", type="boolean", required=True)
    await shop.do("attributes.define", subject="line", code="depth", name="Depth, mm", type="number")
    await shop.do("attributes.define", subject="product", code="made_of", name="Made of", type="choice", allowed=["clay", "tin"],
                  filterable=True)  # fmt: skip


def with_lines(command: dict[str, Any], **attributes: Any) -> dict[str, Any]:
    return {**command, "lines": [{**line, "attributes": attributes} for line in command["lines"]]}


async def placed(shop: Shop, **fields: Any) -> str:
    command = with_lines(shop.order({"MUG": 2}, attributes={"cost_centre": "4711", **fields}), engraved=True)
    return str((await shop.do("orders.place", **command))["number"])


async def listed(shop: Shop, **fields: Any) -> list[str]:
    async with shop.database.read(shop.merchant_id) as tx:
        page = await orders(tx, msgspec.convert(fields, OrdersQuery))
    return [row.number for row in page.items]


async def test_what_is_said_is_shown_and_found(shop: Shop) -> None:
    await shop.stock_up(MUG_HAM=9)
    await define(shop)
    first = await placed(shop, fair_on="2026-12-03", door="Ask for Ina Kreft")
    second = await placed(shop)
    async with shop.database.read(shop.merchant_id) as tx:
        seen = await read_order(tx, first)
    assert seen.attributes == {"cost_centre": "4711", "fair_on": "2026-12-03", "door": "Ask for Ina Kreft"}
    assert seen.lines[0].attributes == {"engraved": "true"}
    assert await listed(shop, attribute="cost_centre:4711") == [second, first]
    assert await listed(shop, attribute="fair_on:2026-12-03", stage="to_release") == [first]
    with pytest.raises(NotFound):
        await listed(shop, attribute="door:Ask for Ina Kreft")
    for what in ("data::text AS t FROM event", "outcome::text AS t FROM command"):
        assert not [row for row in await shop.fetch(f"SELECT {what} WHERE merchant_id = $1") if "Ina Kreft" in row["t"]]
    await shop.check_books()


@pytest.mark.parametrize(
    ("attributes", "line", "name", "pointer"),
    [
        ({}, {"engraved": True}, "attribute_missing", "/attributes/cost_centre"),
        ({"cost_centre": "9"}, {"engraved": True}, "wrong_attribute", "/attributes/cost_centre"),
        ({"cost_centre": "4711", "colour": "red"}, {"engraved": True}, "unknown_attribute", "/attributes/colour"),
        ({"cost_centre": "4711", "fair_on": "soon"}, {"engraved": True}, "wrong_attribute", "/attributes/fair_on"),
        ({"cost_centre": "4711"}, {}, "attribute_missing", "/lines/0/attributes/engraved"),
        (
            {"cost_centre": "4711"},
            {"engraved": 1, "depth": "deep"},
            "wrong_attribute",
            "/lines/0/attributes/engraved",
        ),
        (
            {"cost_centre": "4711"},
            {"engraved": True, "depth": "deep"},
            "wrong_attribute",
            "/lines/0/attributes/depth",
        ),
    ],
)
async def test_what_does_not_fit_is_refused(
    shop: Shop, attributes: dict[str, Any], line: dict[str, Any], name: str, pointer: str
) -> None:
    await shop.stock_up(MUG_HAM=9)
    await define(shop)
    refused = await shop.refusal("orders.place", **with_lines(shop.order({"MUG": 1}, attributes=attributes), **line))
    assert (refused["name"], refused["pointer"]) == (name, pointer)


async def test_an_edit_says_it_anew_and_blanks_it(shop: Shop) -> None:
    """What is raised says what its line said; what is new says all that has to be said."""
    await shop.stock_up(MUG_HAM=9, CAP_HAM=9)
    await define(shop)
    number = await placed(shop, door="Ask for Ina Kreft")
    said = {
        "attributes": {"cost_centre": "4712", "door": None},
        "line_attributes": [{"line": 1, "attributes": {"depth": "0.50"}}],
    }
    await shop.do("orders.edit", order=number, reason="x", **said)
    cap = {"sku": "CAP", "quantity": 1, "unit_price": {"amount": "1.00", "currency": "EUR"}}
    assert (await shop.refusal("orders.edit", order=number, reason="x", add=[cap]))["name"] == "attribute_missing"
    cap["attributes"] = {"engraved": False}
    await shop.do("orders.edit", order=number, reason="x", add=[cap], quantities=[{"line": 1, "quantity": 3}])
    rows = await shop.fetch("SELECT line_number, code, value FROM order_attribute WHERE merchant_id = $1 ORDER BY 1, 2")
    assert [tuple(row.values()) for row in rows] == [
        (0, "cost_centre", "4712"),
        (1, "depth", "0.5"),
        (1, "engraved", "true"),
        (2, "depth", "0.5"),
        (2, "engraved", "true"),
        (3, "engraved", "false"),
    ]
    refused = await shop.refusal("orders.edit", order=number, reason="x", attributes={"cost_centre": None})
    assert refused["name"] == "attribute_missing"
    assert (await shop.refusal("edits.begin", order=number, reason="x", attributes={"door": "x"}))[
        "name"
    ] == "free_text"
    edit = (await shop.do("edits.begin", order=number, reason="x", attributes={"cost_centre": "4711"}))["edit"]
    await shop.do("edits.confirm", edit=edit)
    assert await listed(shop, attribute="cost_centre:4711") == [number]
    await shop.check_books()


async def test_products_have_attributes_too(shop: Shop) -> None:
    await define(shop)
    await shop.do("products.save", sku="POT", name="Pot", attributes={"made_of": "clay"})
    await shop.do("products.save", sku="PAN", name="Pan", attributes={"made_of": "tin"})
    refused = await shop.refusal("products.save", sku="PAN", name="Pan", attributes={"made_of": "wood"})
    assert refused["name"] == "wrong_attribute"
    async with shop.database.read(shop.merchant_id) as tx:
        page = await products(tx, ProductsQuery(attribute="made_of:clay"))
    assert [(each.sku, each.attributes) for each in page.items] == [("POT", {"made_of": "clay"})]
    await shop.do("products.save", sku="POT", name="Pot", attributes={"made_of": None})
    await shop.check_books()


async def test_a_type_stays_and_what_is_not_in_use_is_not_said(shop: Shop) -> None:
    await shop.stock_up(MUG_HAM=9)
    await define(shop)
    other = {"subject": "order", "code": "cost_centre", "name": "Cost centre"}
    assert (await shop.refusal("attributes.define", **other, type="text"))["name"] == "attribute_type_fixed"
    await shop.do("attributes.define", **other, type="choice", allowed=["1"], active=False)
    await shop.do("attributes.define", subject="line", code="engraved", name="E", type="boolean", active=False)
    await shop.place({"MUG": 1})
    await shop.check_books()
