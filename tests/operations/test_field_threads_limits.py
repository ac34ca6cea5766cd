"""Threads of the field about promises that several places share: what was asked there does not happen here."""

from __future__ import annotations

import asyncio

import pytest

from tests.operations.conftest import Shop


@pytest.fixture
async def shop(shop: Shop) -> Shop:
    """A second channel beside the web shop; three units in each of two locations."""
    await shop.do("channels.save", code="pos", name="Shops")
    await shop.stock_up(MUG_HAM=3, MUG_MUC=3)
    return shop


async def test_field_04_what_was_confirmed_over_all_locations_is_kept_over_all_of_them(shop: Shop) -> None:
    """medusajs/medusa#14987: stock is confirmed as the sum over locations and reserved at the first one only."""
    claim = {"lines": [{"sku": "MUG", "quantity": 5}], "anywhere": True, "seconds": 600}
    kept = await shop.do("reservations.reserve", **claim)
    assert (await shop.refusal("reservations.reserve", **claim))["name"] == "insufficient_stock"
    pinned = await shop.do("reservations.pin", reservation=kept["reservation"])
    assert [(line["location"], line["quantity"]) for line in pinned["lines"]] == [("HAM", 3), ("MUC", 2)]
    await shop.check_books()


async def test_field_01_reservations_made_at_once_never_pass_what_their_group_has(shop: Shop) -> None:
    """medusajs/medusa#16569: reservations made at the same time are more than there is, and the cached sum loses an update."""
    claim = {"lines": [{"sku": "MUG", "quantity": 1}], "anywhere": True}
    outcomes = await asyncio.gather(*(shop.batch("reservations.reserve", claim) for _ in range(20)))
    assert sum("refused" not in each[0] for each in outcomes) == 6
    await shop.check_books()


async def test_field_13_every_door_sees_what_is_kept_for_others(shop: Shop) -> None:
    """spree/spree PR#13978: reservations were heeded by one API and passed by at the other entry points."""
    await shop.do("pools.set", sku="MUG", pool="till", kind="exclusive", channels=["pos"], quantity=6)
    one = [{"sku": "MUG", "quantity": 1}]
    assert (await shop.refusal("orders.place", **shop.order({"MUG": 1})))["name"] == "insufficient_stock"
    for place in ({}, {"location": "HAM"}, {"anywhere": True}):
        refusal = await shop.refusal("reservations.reserve", lines=one, channel="web", **place)
        assert refusal["name"] == "insufficient_stock", place
    await shop.allow_backorders()
    number = await shop.place({"MUG": 1})
    assert (await shop.do("orders.source", order=number))["allocated"] == 0
    way = {"from_location": "HAM", "to_location": "MUC", "due_at": "2030-01-01T00:00:00Z"}
    draft = await shop.do("transfers.create", **way, lines=one)
    await shop.refusal("transfers.ready", transfer=draft["transfer"])
    await shop.do("pools.remove", sku="MUG", pool="till")
    assert (await shop.do("orders.source", order=number))["allocated"] == 1
    await shop.check_books()
