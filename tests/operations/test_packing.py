"""Packing: what the merchant has of cartons, what is proposed, and what the scanner says at the bench."""

from __future__ import annotations

import asyncio

from lading.database import failpoints
from lading.packing import sscc
from lading.views import packing as views
from tests.operations.conftest import Shop

VASE = {"length_mm": 90, "width_mm": 90, "height_mm": 200, "weight_grams": 400, "fragile": True, "upright": True}
BOOK = {"length_mm": 240, "width_mm": 170, "height_mm": 30, "weight_grams": 700}


def cost(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": "EUR"}


def sides(length: int, width: int, height: int) -> dict[str, int]:
    return {"length_mm": length, "width_mm": width, "height_mm": height}


async def set_up(shop: Shop) -> str:
    """Cartons, rates, a vase and books; an order over both, picked. The name of its fulfillment order."""
    await shop.batch(
        "cartons.save",
        {"code": "FLAT", "inner": sides(250, 180, 60), "cost": cost("0.40"), "max_grams": 5_000, "tare_grams": 60},
        {"code": "CUBE", "inner": sides(260, 260, 260), "cost": cost("0.90"), "max_grams": 10_000, "tare_grams": 150},
        {"code": "GONE", "inner": sides(900, 900, 900), "cost": cost("0"), "max_grams": 90_000, "active": False},
    )
    steps = [{"up_to_grams": grams, "price": cost(price)} for grams, price in ((1_000, "3.00"), (5_000, "5.00"))]
    await shop.do("parcel-rates.save", code="ALL", steps=steps, mm3_per_gram=5_000)
    await shop.batch(
        "products.save",
        {"sku": "VASE", "name": "Vase", "gtin": "4006381333931", **VASE},
        {"sku": "BOOK", "name": "Book", **BOOK},
        {"sku": "SOAP", "name": "Soap"},
    )
    await shop.batch(
        "stock.receive",
        *({"sku": sku, "location": "HAM", "quantity": 50, "reason": "opening"} for sku in ("VASE", "BOOK", "SOAP")),
    )
    return await picked(shop, {"VASE": 1, "BOOK": 3})


async def picked(shop: Shop, wanted: dict[str, int], **fields: object) -> str:
    number = await shop.place(wanted, **fields)
    await shop.do("orders.release", order=number)
    await shop.do("fulfillment-orders.pick", fulfillment_order=f"{number}-F1")
    return f"{number}-F1"


async def proposal(shop: Shop, name: str) -> views.Proposal:
    async with shop.database.read(shop.merchant_id) as tx:
        return await views.proposal(tx, views.ProposalQuery(name))


async def test_the_cheapest_cartons_are_proposed_with_a_place_for_each_unit(shop: Shop) -> None:
    name = await set_up(shop)
    found = await proposal(shop, name)
    assert [(each.carton, each.cost.amount) for each in found.parcels] == [("CUBE", "5.90")]
    (parcel,) = found.parcels
    assert found.proven and found.rate == "ALL" and found.left == [] and found.stage == "picked"
    assert parcel.weight_grams == 400 + 3 * 700 + 150 and parcel.billed_grams == -(-(260**3) // 5_000)
    assert {each.sku: each.height_mm for each in parcel.pieces}["VASE"] == 200
    assert [(line.sku, line.quantity) for line in parcel.lines] == [("VASE", 1), ("BOOK", 3)]
    # A product that nobody measured is left to people.
    other = await proposal(shop, await picked(shop, {"SOAP": 2}))
    assert other.parcels == [] and [(line.sku, line.quantity) for line in other.left] == [("SOAP", 2)]


async def test_the_scanner_refuses_what_does_not_belong_into_the_parcel(shop: Shop) -> None:
    name = await set_up(shop)
    assert (await refused(shop, name, {"code": "4711"}))["name"] == "unknown_barcode"
    assert (await refused(shop, name, {"code": "SOAP"}))["name"] == "wrong_item"
    assert (await refused(shop, name, {"code": "4006381333931"}, {"code": "VASE"}))["name"] == "too_many_scanned"
    packed = await shop.do(
        "parcels.pack", fulfillment_order=name, scans=[{"code": "4006381333931"}, {"code": "BOOK", "quantity": 2}],
        carton="CUBE",
    )  # fmt: skip
    assert packed["units"] == 3 and packed["sscc"] is None
    (row,) = await shop.fetch("SELECT carton, length_mm, width_mm, height_mm FROM parcel WHERE merchant_id = $1")
    assert tuple(row.values()) == ("CUBE", 260, 260, 260)
    assert (await refused(shop, name, {"code": "VASE"}))["name"] == "too_many_scanned"
    await shop.check_books()


async def refused(shop: Shop, name: str, *scans: dict[str, object]) -> dict[str, object]:
    return await shop.refusal("parcels.pack", fulfillment_order=name, scans=list(scans))


async def test_a_parcel_of_another_weight_waits_until_somebody_looked(shop: Shop) -> None:
    name = await set_up(shop)
    await shop.do("policies.set", name="parcel_weight_tolerance_percent", value=10)
    heavy = {"fulfillment_order": name, "lines": [{"line": 2, "quantity": 2}], "carton": "FLAT", "weight_grams": 2_000}
    off = await shop.refusal("parcels.pack", **heavy)
    assert off["name"] == "weight_off" and off["facts"] == {"weight_grams": 2_000, "expected_grams": 1_460}
    await shop.do("parcels.pack", **heavy, weight_confirmed=True)
    await shop.do("cartons.save", code="FLAT", inner=sides(250, 180, 60), cost=cost("0.40"), max_grams=300)
    rest = {"fulfillment_order": name, "carton": "FLAT"}
    assert (await shop.refusal("parcels.pack", **rest))["name"] == "too_heavy"
    assert (await shop.refusal("parcels.pack", **{**rest, "carton": "BAG"}))["name"] == "unknown_carton"
    await shop.check_books()


async def test_parcels_packed_by_many_at_once_have_serials_without_a_gap(shop: Shop) -> None:
    """Each waits a moment before it writes: who draws next waits for it. What is refused draws nothing."""
    await set_up(shop)
    await shop.do("policies.set", name="gs1_company_prefix", value="4012345")
    names = [
        await picked(shop, {sku: 1}) for sku in ("BOOK", "VASE", "SOAP")
    ]  # the same product would wait for its stock
    await shop.do("parcels.pack", fulfillment_order=await picked(shop, {"BOOK": 1}))
    waiting: list[int] = []

    async def hesitate() -> None:
        waiting.append(1)
        assert len(waiting) == 1, "two hold the next serial at once"
        await asyncio.sleep(0.05)
        waiting.pop()

    failpoints.arm("before_postings", hesitate)
    try:
        done = await asyncio.gather(*(shop.do("parcels.pack", fulfillment_order=name) for name in names))
    finally:
        failpoints.disarm("before_postings")
    await refused(shop, await picked(shop, {"BOOK": 1}), {"code": "SOAP"})
    assert sorted(each["sscc"] for each in done) == [sscc.compose("4012345", serial) for serial in range(2, 5)]
    last = {"fulfillment_order": await picked(shop, {"BOOK": 1})}
    preview = await shop.preview("parcels.pack", [shop.envelope("parcels.pack", last)])
    assert preview[0]["sscc"] == sscc.compose("4012345", 5)
    await shop.check_books()


async def test_two_stations_of_one_name_never_get_the_same_paper(shop: Shop) -> None:
    """Both look before either has written: what one is taking is left out by the other."""
    await shop.batch("print-jobs.add", *({"kind": "label", "of": f"{n}-P1", "station": "PACK-1"} for n in range(12)))
    both, arrived = asyncio.Event(), []

    async def wait_for_the_other() -> None:
        arrived.append(1)
        if len(arrived) == 2:
            both.set()
        await asyncio.wait_for(both.wait(), 10)

    failpoints.arm("before_postings", wait_for_the_other)
    try:
        claims = await asyncio.gather(*(shop.do("print-jobs.claim", station="PACK-1", most=5) for _ in range(2)))
    finally:
        failpoints.disarm("before_postings")
    jobs = [job["job"] for claim in claims for job in claim["jobs"]]
    assert len(jobs) == len(set(jobs)) == 10
    rest = (await shop.do("print-jobs.claim", station="PACK-1", most=20))["jobs"]
    assert len({*jobs, *(job["job"] for job in rest)}) == 12
    await shop.check_books()
