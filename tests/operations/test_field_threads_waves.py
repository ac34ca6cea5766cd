"""Threads of the field about waves, as regression tests."""

from __future__ import annotations

from tests.operations.conftest import Shop


async def test_field_08_a_partly_picked_wave_is_closed_and_leaves_nothing_reserved(shop: Shop) -> None:
    """erpnext#52851: a pick list that was delivered in part cannot be closed, and its rest stays reserved."""
    await shop.stock_up(MUG_HAM=6)
    numbers = [await shop.place({"MUG": 3}) for _ in range(2)]
    await shop.batch("orders.release", *({"order": number} for number in numbers))
    wave = (await shop.do("waves.plan", location="HAM"))["wave"]
    await shop.do("waves.release", wave=wave)
    await shop.do("waves.pick", wave=wave, task=1, quantity=2)
    await shop.do("parcels.pack", fulfillment_order=f"{numbers[0]}-F1")
    await shop.do("parcels.ship", parcel=f"{numbers[0]}-P1", carrier="DHL")
    assert (await shop.do("waves.close", wave=wave))["given_up"] == 4
    await shop.batch("lines.cancel", *({"order": number, "reason": "late"} for number in numbers))
    rows = await shop.fetch("SELECT available, allocated, picked FROM stock WHERE merchant_id = $1")
    assert rows == [{"available": 4, "allocated": 0, "picked": 0}]
    await shop.place({"MUG": 4})
    await shop.check_books()
