"""Gifts say something to whoever gets them; of a preorder a part is paid ahead."""

from __future__ import annotations

from typing import Any

from lading.views.order import order as read_order
from tests.operations.conftest import Shop


async def test_a_gift_bears_a_message_that_is_in_no_event_and_can_be_blanked(shop: Shop) -> None:
    await shop.stock_up(MUG_HAM=5)
    note = {"text": "Happy birthday, dear Ina!", "audience": "recipient"}
    number = await shop.place({"MUG": 1}, gift=True, notes=[note])
    async with shop.database.read(shop.merchant_id) as tx:
        seen = await read_order(tx, number)
    assert seen.gift and [(each.text, each.audience) for each in seen.notes] == [(note["text"], "recipient")]
    told = await shop.fetch("SELECT string_agg(data::text, ' ') AS told FROM event WHERE merchant_id = $1")
    assert "Ina" not in told[0]["told"]
    await shop.do("notes.blank", note=f"{number}-N1")
    async with shop.database.read(shop.merchant_id) as tx:
        assert (await read_order(tx, number)).notes[0].text is None
    await shop.check_books()


async def test_a_part_of_a_preorder_is_captured_ahead_and_the_rest_with_each_shipment(shop: Shop) -> None:
    await shop.stock_up(MUG_HAM=3, TEE_HAM=1)
    await shop.do("policies.set", name="deposit_percent", sku="MUG", value=30)
    number = await shop.place({"MUG": 3, "TEE": 1})
    await shop.do("payments.authorise", order=number, provider="acme", method="pm_1")
    answer = {"order": number, "tender": 1, "outcome": "succeeded"}
    await shop.do("payments.answer", **answer, request=1, reference="pi_1", expires_at="2990-01-01T00:00:00Z")

    async def followed(request: int) -> str:
        """What the worker has captured then."""
        asked: list[dict[str, Any]] = (await shop.do("payments.follow", order=number))["asked"]
        if asked:
            await shop.do("payments.answer", **answer, request=request, reference=f"ch_{request}")
        return ", ".join(each["amount"]["amount"] for each in asked)

    assert await followed(2) == "9.00", "30 % of three mugs, nothing of the other product"
    assert await followed(3) == ""
    await shop.do("orders.release", order=number)
    work = f"{number}-F1"
    for parcel, lines in (
        (1, [{"line": 1, "quantity": 1}]),
        (2, [{"line": 1, "quantity": 2}, {"line": 2, "quantity": 1}]),
    ):
        await shop.do("fulfillment-orders.pick", fulfillment_order=work, lines=lines)
        await shop.do("parcels.pack", fulfillment_order=work, lines=lines)
        await shop.do("parcels.ship", parcel=f"{number}-P{parcel}", carrier="DHL", tracking_number=f"T{parcel}")
        if parcel == 1:
            assert await followed(3) == "7.00", "one mug less its deposit"
    assert await followed(4) == "24.00"
    async with shop.database.read(shop.merchant_id) as tx:
        assert (await read_order(tx, number)).money.due.minor == 0
    await shop.check_books()
