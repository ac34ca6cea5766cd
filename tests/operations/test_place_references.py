"""An external reference names one order for ever: the same body gets its answer again, another body is refused."""

from __future__ import annotations

from typing import Any

import pytest

from tests.operations.conftest import Shop

MUG = {"sku": "MUG", "quantity": 3, "unit_price": {"amount": "10.00", "currency": "EUR"}}
ORDER: dict[str, Any] = {"channel": "web", "external_reference": "W-1", "currency": "EUR", "lines": [MUG]}


async def prepare(shop: Shop) -> dict[str, Any]:
    """Three mugs, and the order that takes them all."""
    await shop.do("products.save", sku="MUG", name="Mug")
    await shop.do("stock.receive", sku="MUG", location="HAM", quantity=3, reason="opening")
    return await shop.do("orders.place", **ORDER)


@pytest.mark.parametrize("quantity", [2, 4])
async def test_another_body_is_refused_and_told_which_order_it_is(shop: Shop, quantity: int) -> None:
    placed = await prepare(shop)
    (answer,) = await shop.batch("orders.place", {**ORDER, "lines": [{**MUG, "quantity": quantity}]})
    assert answer["name"] == "external_reference_taken"
    assert answer["facts"]["order"] == placed["number"]


async def test_an_order_that_was_never_placed_is_refused_for_its_stock(shop: Shop) -> None:
    await prepare(shop)
    (answer,) = await shop.batch("orders.place", {**ORDER, "external_reference": "W-2"})
    assert answer["name"] == "insufficient_stock"


@pytest.mark.parametrize("line", [None, 1], ids=["order", "line"])
@pytest.mark.parametrize(("discount", "total"), [("-30.00", "0.00"), ("-30.01", None)], ids=["all_of_it", "more"])
async def test_discounts_are_at_most_what_they_are_given_on(
    shop: Shop, discount: str, total: str | None, line: int | None
) -> None:
    await prepare(shop)
    await shop.do("stock.receive", sku="MUG", location="HAM", quantity=3, reason="purchase")
    charge = {"kind": "discount", "code": "hello", "line": line, "amount": {"amount": discount, "currency": "EUR"}}
    (answer,) = await shop.batch("orders.place", {**ORDER, "external_reference": "W-3", "charges": [charge]})
    assert answer.get("name") == (None if total else "negative_total")
    assert total is None or answer["total"]["amount"] == total
