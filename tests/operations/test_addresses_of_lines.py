"""Lines of one order go to several addresses, each with fulfillment orders of its own."""

from __future__ import annotations

from lading.views.order import order as read_order
from tests.operations.conftest import Shop

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
