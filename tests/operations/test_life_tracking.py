"""What a carrier's word does to returns that were announced for the parcel."""

from __future__ import annotations

from typing import Any


async def shipped(shop: Any, units: int, parcels: int, **more: Any) -> str:
    """An order of so many units, in so many equal parcels, all with their carrier; its number."""
    await shop.stock_up(MUG_HAM=units)
    paid = [{"amount": {"amount": f"{units * 10}.00", "currency": "EUR"}}]
    number = await shop.place({"MUG": units}, **{"tenders": paid, **more})
    await shop.do("orders.release", order=number)
    await shop.do("fulfillment-orders.pick", fulfillment_order=f"{number}-F1")
    for parcel in range(1, parcels + 1):
        lines = [{"line": 1, "quantity": units // parcels}]
        await shop.do("parcels.pack", fulfillment_order=f"{number}-F1", lines=lines)
        await shop.do("parcels.ship", parcel=f"{number}-P{parcel}", carrier="DHL")
    return str(number)


async def told(shop: Any, verb: str, number: str, parcel: int, status: str, hour: int) -> dict[str, Any]:
    """The outcome of `verb` (do or refusal) of tracking."""
    outcome: dict[str, Any] = await getattr(shop, verb)(
        "parcels.track", parcel=f"{number}-P{parcel}", status=status, occurred_at=f"2026-01-05T{hour:02}:00:00Z"
    )
    return outcome


async def request(shop: Any, number: str, units: int) -> dict[str, Any]:
    outcome: dict[str, Any] = await shop.do(
        "returns.request", order=number, reason="too_small", lines=[{"line": 1, "quantity": units}]
    )
    return outcome


async def test_a_lost_parcel_withdraws_the_latest_announcements_that_no_longer_fit(shop: Any) -> None:
    number = await shipped(shop, units=4, parcels=2)
    await request(shop, number, 1)
    await request(shop, number, 2)
    await told(shop, "do", number, 1, "lost", 10)
    assert await shop.units(number) == {"in_transit": 2, "lost": 2, "return_requested": 2}
    lines = await shop.fetch("SELECT return_number, withdrawn FROM return_line WHERE merchant_id = $1 ORDER BY 1")
    assert [(line["return_number"], line["withdrawn"]) for line in lines] == [(1, 0), (2, 1)]
    await told(shop, "do", number, 2, "returned_to_sender", 10)
    assert await shop.units(number) == {"sent_back": 2, "lost": 2, "returning": 2}
    returns = await shop.fetch(
        "SELECT closed_at IS NOT NULL AS closed FROM return_order WHERE merchant_id = $1 ORDER BY number"
    )
    assert [each["closed"] for each in returns] == [True, True, False]
    await shop.check_books()


async def test_a_parcel_is_not_lost_after_its_units_came_back(shop: Any) -> None:
    number = await shipped(shop, units=2, parcels=1)
    await request(shop, number, 2)
    await shop.do("returns.receive", document=f"{number}-R1", location="HAM", lines=[{"line": 1, "quantity": 1}])
    refusal = await told(shop, "refusal", number, 1, "lost", 10)
    assert (refusal["name"], refusal["facts"]["line"]) == ("came_back", 1)
    await told(shop, "do", number, 1, "delivered", 11)
    assert await shop.units(number) == {"delivered": 2, "return_requested": 1, "returned": 1}
    await shop.check_books()


async def test_the_same_word_again_is_heard_once_and_its_answer_is_the_status(shop: Any) -> None:
    number = await shipped(shop, units=2, parcels=1)
    await told(shop, "do", number, 1, "lost", 10)
    await told(shop, "do", number, 1, "delivered", 9)
    again = await told(shop, "do", number, 1, "lost", 10)
    assert (again["status"], again["changed"]) == ("delivered", False)
    words = await shop.fetch("SELECT 1 FROM event WHERE merchant_id = $1 AND kind = 'parcel_tracked'")
    assert len(words) == 2


async def shipped_as(shop: Any, tracking_number: str) -> str:
    number = await shop.place({"MUG": 1})
    (work,) = (await shop.do("orders.release", order=number))["fulfillment_orders"]
    await shop.do("fulfillment-orders.pick", fulfillment_order=work)
    parcel = (await shop.do("parcels.pack", fulfillment_order=work))["parcel"]
    await shop.do("parcels.ship", parcel=parcel, carrier="DHL", tracking_number=tracking_number)
    return str(parcel)


async def test_a_carrier_names_the_parcel_by_its_number(shop: Any) -> None:
    await shop.stock_up(MUG_HAM=9)
    parcel = await shipped_as(shop, "T-1")
    word = {"status": "delivered", "occurred_at": "2026-01-05T10:00:00Z"}
    told = await shop.do("parcels.track", tracking_number="T-1", **word)
    assert (told["parcel"], told["status"]) == (parcel, "delivered")
    assert (await shop.refusal("parcels.track", tracking_number="T-2", **word))["name"] == "unknown_tracking_number"
    await shipped_as(shop, "T-1")
    twice = await shop.refusal("parcels.track", tracking_number="T-1", **word)
    assert twice["name"] == "ambiguous_tracking_number" and "1001-P1, 1002-P1" in twice["message"]
    await shop.check_books()
