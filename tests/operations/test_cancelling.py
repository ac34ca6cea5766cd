"""Cancellation: any quantity until it ships, also after the pick; the location is told, and the right money is given up."""

from __future__ import annotations

import random
from typing import Any

import pytest

from lading.views.put_backs import PutBacksQuery
from lading.views.put_backs import put_backs as read_put_backs
from tests.operations.conftest import Shop


async def packed(shop: Shop, wanted: dict[str, int], **fields: Any) -> str:
    """An order of which all lies in one parcel."""
    number = await shop.place(wanted, **fields)
    await shop.do("orders.release", order=number)
    await shop.do("fulfillment-orders.pick", fulfillment_order=f"{number}-F1")
    await shop.do("parcels.pack", fulfillment_order=f"{number}-F1")
    return number


async def available(shop: Shop, sku: str = "MUG") -> int:
    (row,) = await shop.fetch(
        "SELECT sum(s.available)::int AS units FROM stock AS s JOIN sku ON sku.id = s.sku_id"
        " WHERE s.merchant_id = $1 AND sku.code = $2",
        sku,
    )
    return int(row["units"])


async def to_put_back(shop: Shop, location: str = "HAM") -> list[tuple[str, int, int]]:
    async with shop.database.read(shop.merchant_id) as tx:
        page = await read_put_backs(tx, PutBacksQuery(location=location))
    return [(each.fulfillment_order, each.line, each.quantity) for each in page.items]


async def test_what_is_packed_is_cancelled_only_where_its_parcel_may_be_opened(shop: Shop) -> None:
    await shop.stock_up(MUG_HAM=9, CAP_HAM=9)
    number = await packed(shop, {"MUG": 3, "CAP": 1})
    one = [{"line": 1, "quantity": 1}]
    assert (await shop.refusal("lines.cancel", order=number, reason="late", lines=one))["name"] == "not_cancellable"
    assert (await shop.refusal("lines.cancel", order=number, reason="late"))["name"] == "nothing_to_cancel"
    await shop.do("lines.cancel", order=number, reason="late", lines=one, unpack=True)
    assert await shop.units(number) == {"cancelled": 1, "picked": 3}
    assert (await shop.refusal("parcels.ship", parcel=f"{number}-P1", carrier="DHL"))["name"] == "unpacked"
    assert await to_put_back(shop) == [(f"{number}-F1", 1, 1)]
    await shop.do("parcels.pack", fulfillment_order=f"{number}-F1")
    await shop.do("parcels.ship", parcel=f"{number}-P2", carrier="DHL")
    await shop.check_books()


async def test_the_location_puts_back_what_was_cancelled_after_its_pick(shop: Shop) -> None:
    await shop.stock_up(MUG_HAM=9)
    number = await shop.place({"MUG": 4})
    await shop.do("orders.release", order=number)
    two = [{"line": 1, "quantity": 2}]
    await shop.do("fulfillment-orders.pick", fulfillment_order=f"{number}-F1", lines=two)
    await shop.do("lines.cancel", order=number, reason="late", lines=two)
    assert await to_put_back(shop) == []
    await shop.do("lines.cancel", order=number, reason="late", lines=two)
    assert await to_put_back(shop) == [(f"{number}-F1", 1, 2)]
    three = [{"line": 1, "quantity": 3}]
    refused = await shop.refusal("fulfillment-orders.put-back", fulfillment_order=f"{number}-F1", lines=three)
    assert refused["name"] == "not_to_put_back"
    done = await shop.do(
        "fulfillment-orders.put-back", fulfillment_order=f"{number}-F1", lines=[{"line": 1, "quantity": 1}]
    )
    assert (done["units"], done["left"]) == (1, 1)
    await shop.do("fulfillment-orders.put-back", fulfillment_order=f"{number}-F1")
    refused = await shop.refusal("fulfillment-orders.put-back", fulfillment_order=f"{number}-F1")
    assert (refused["name"], await available(shop)) == ("nothing_to_put_back", 9)
    await shop.check_books()


async def test_every_stage_gives_up_its_units_the_least_advanced_first(shop: Shop) -> None:
    """Ten mugs: two short, two allocated, two released, two picked, two packed."""
    await shop.stock_up(MUG_HAM=8)
    await shop.allow_backorders()
    number = await shop.place({"MUG": 10})
    await shop.do("orders.release", order=number)
    for verb, units in (("fulfillment-orders.pick", 6), ("parcels.pack", 3)):
        await shop.do(verb, fulfillment_order=f"{number}-F1", lines=[{"line": 1, "quantity": units}])
    await shop.do("stock.receive", sku="MUG", location="MUC", quantity=1, reason="purchase")
    await shop.do("orders.source", order=number)
    stages = {"backordered": 1, "allocated": 1, "released": 2, "picked": 3, "packed": 3}
    assert (await shop.units(number)).items() >= stages.items()
    for stage, units in stages.items():
        for _ in range(units):
            before = await shop.units(number)
            one = [{"line": 1, "quantity": 1}]
            await shop.do("lines.cancel", order=number, reason="late", lines=one, unpack=True)
            after = await shop.units(number)
            if stage != "packed":
                assert after.get(stage, 0) == before[stage] - 1
    assert await shop.units(number) == {"cancelled": 10}
    await shop.check_books()


async def test_of_a_kit_the_parcels_of_all_parts_are_opened(shop: Shop) -> None:
    await shop.stock_up(MUG_HAM=9, CAP_HAM=9, SET_HAM=0)
    await shop.do("kits.save", sku="SET", components=[{"sku": "MUG"}, {"sku": "CAP", "per_kit": 2}])
    number = await shop.place({"SET": 2})
    await shop.do("orders.release", order=number)
    await shop.do("fulfillment-orders.pick", fulfillment_order=f"{number}-F1")
    for line, units in ((2, 2), (3, 4)):
        lines = [{"line": line, "quantity": units}]
        await shop.do("parcels.pack", fulfillment_order=f"{number}-F1", lines=lines)
    one = [{"line": 1, "quantity": 1}]
    done = await shop.do("lines.cancel", order=number, reason="late", lines=one, unpack=True)
    assert (done["cancelled"], (await shop.units(number))["picked"]) == (3, 3)
    assert done["due"]["amount"] == "10.00"
    await shop.check_books()


async def test_units_with_names_are_unpacked_by_whoever_knows_them(shop: Shop) -> None:
    await shop.batch("products.save", {"sku": "PHONE", "name": "Phone", "tracking": "serial"})
    named = {"quantity": 2, "reason": "purchase", "serials": ["S1", "S2"]}
    await shop.do("stock.receive", sku="PHONE", location="HAM", **named)
    number = await shop.place({"PHONE": 2})
    await shop.do("orders.release", order=number)
    lines = [{"line": 1, "quantity": 2, "serials": ["S1", "S2"]}]
    await shop.do("fulfillment-orders.pick", fulfillment_order=f"{number}-F1", lines=lines)
    await shop.do("parcels.pack", fulfillment_order=f"{number}-F1")
    assert (await shop.refusal("lines.cancel", order=number, reason="late", unpack=True))["name"] == "nothing_to_cancel"
    await shop.do("parcels.unpack", parcel=f"{number}-P1")
    one = [{"line": 1, "quantity": 1, "serials": ["S2"]}]
    await shop.do("lines.cancel", order=number, reason="late", lines=one)
    assert await to_put_back(shop) == [(f"{number}-F1", 1, 1)]
    await shop.check_books()


CHARGES = [
    {"kind": "discount", "code": "TEN", "amount": {"amount": "-7.01", "currency": "EUR"}},
    {"kind": "shipping", "code": "std", "amount": {"amount": "4.99", "currency": "EUR"}},
    {"kind": "tax", "code": "vat", "amount": {"amount": "9.97", "currency": "EUR"}},
]


@pytest.mark.parametrize("seed", range(8))
async def test_whatever_was_cancelled_when_the_same_cents_are_owed(shop: Shop, seed: int) -> None:
    """Random steps of an order of 13 units; in the end 4 of line 1 and 2 of line 2 are gone, and what is owed is one number."""
    chance = random.Random(seed)
    await shop.stock_up(MUG_HAM=7, MUG_MUC=9, CAP_HAM=9)
    number = await shop.place({"MUG": 8, "CAP": 5}, charges=CHARGES)
    gone = [1] * 4 + [2] * 2
    chance.shuffle(gone)
    while gone:
        await step(shop, number, chance)
        units = chance.randint(1, len(gone))
        lines, gone = gone[:units], gone[units:]
        wanted = [{"line": line, "quantity": lines.count(line)} for line in sorted(set(lines))]
        before = await shop.units(number)
        (outcome,) = await shop.batch(
            "lines.cancel", {"order": number, "reason": "late", "lines": wanted, "unpack": True}
        )
        assert "refused" not in outcome, (outcome, before)
        await shop.check_books()
    (order,) = await shop.fetch("SELECT charged_minor + adjusted_minor AS owed FROM orders WHERE merchant_id = $1")
    # 137.95 in all; line 1 bears 80.00 - 4.31 + 3.07 + 6.14 = 84.90 over 8 units, line 2 53.05 over 5: of 4 and of 3 that is
    assert order["owed"] == 4245 + 3183
    assert (await shop.units(number))["cancelled"] == 6


async def step(shop: Shop, number: str, chance: random.Random) -> None:
    """One step of a warehouse, whether it fits or not; never a hand-over."""
    document = f"{number}-F{chance.choice([1, 1, 2])}"
    some = [{"line": chance.choice([1, 2]), "quantity": chance.randint(1, 2)}]
    steps = [
        ("orders.release", {"order": number}),
        ("fulfillment-orders.pick", {"fulfillment_order": document}),
        ("fulfillment-orders.pick", {"fulfillment_order": document, "lines": some}),
        ("parcels.pack", {"fulfillment_order": document}),
        ("parcels.pack", {"fulfillment_order": document, "lines": some}),
        ("fulfillment-orders.put-back", {"fulfillment_order": document}),
    ]
    for verb, fields in chance.sample(steps, 3):
        await shop.batch(verb, fields)
