"""Vendors who send for us: asked with what is released to them, accepting or not, sending with their own tracking number."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from lading.entrypoints.worker import over
from lading.operations.execute import Executor
from lading.views.vendor_orders import VendorOrdersQuery, vendor_orders
from tests.operations.conftest import Shop
from tests.operations.test_fulfillment_orders import stock, units, work


@pytest.fixture
async def vendor(shop: Shop) -> Shop:
    """The merchant, with a vendor (VEN) whose stock comes before that of the warehouses, as the vendor tells it."""
    await shop.do(
        "locations.save", code="VEN", name="Nordlicht", kind="vendor", country="DE", time_zone="UTC", priority=0
    )
    await shop.stock_up(LAMP_MUC=2)
    await shop.do("stock.set", sku="LAMP", location="VEN", quantity=5)
    return shop


async def asked(shop: Shop, quantity: int) -> str:
    number = await shop.place({"LAMP": quantity})
    (name,) = (await shop.do("orders.release", order=number))["fulfillment_orders"]
    return str(name)


async def test_a_vendor_is_asked_accepts_and_sends_the_orders_line(vendor: Shop) -> None:
    name = await asked(vendor, 3)
    number = name.partition("-")[0]
    async with vendor.database.read(vendor.merchant_id) as tx:
        (told,) = (await vendor_orders(tx, VendorOrdersQuery(vendor="VEN"))).items
    assert (told.vendor_order, told.request, told.ship_to and told.ship_to.city) == (name, "submitted", "Hamburg")
    assert [(line.sku, line.quantity) for line in told.lines] == [("LAMP", 3)]
    await vendor.do("fulfillment-orders.accept", fulfillment_order=name)
    sent = await vendor.do(
        "fulfillment-orders.ship", fulfillment_order=name, carrier="GLS", tracking_number="G1", lines=units(1, 2)
    )
    assert (sent["parcel"], sent["units"], sent["left"]) == (f"{number}-P1", 2, 1)
    await vendor.do("fulfillment-orders.ship", fulfillment_order=name, carrier="GLS", tracking_number="G2")
    delivered = {"status": "delivered", "occurred_at": datetime.now(UTC).isoformat()}
    for tracking in ("G1", "G2"):
        await vendor.do("parcels.track", tracking_number=tracking, **delivered)
    assert await vendor.units(number) == {"delivered": 3}
    refusal = await vendor.refusal("fulfillment-orders.ship", fulfillment_order=name, carrier="GLS")
    assert refusal["name"] == "nothing_to_ship"
    assert await stock(vendor, "LAMP") == {"MUC": (2, 0, 0), "VEN": (2, 0, 0)}
    await vendor.check_books()


async def test_a_vendor_who_says_no_or_nothing_loses_it_to_a_warehouse(vendor: Shop) -> None:
    name = await asked(vendor, 1)
    done = await vendor.do("fulfillment-orders.reject", fulfillment_order=name, reason="sold_out", found="missing")
    assert done["found"] == 1
    await vendor.do("policies.set", name="accept_minutes", location="VEN", value=30)
    silent = await asked(vendor, 1)
    later = datetime.now(UTC) + timedelta(minutes=31)
    executor = Executor(vendor.database, lambda: later)
    assert await over.end_at_locations(vendor.database, executor, vendor.merchant_id, later) == 1
    assert await over.end_at_locations(vendor.database, executor, vendor.merchant_id, later) == 0
    places = [each[:2] for each in (await work(vendor, silent.partition("-")[0])).values()]
    assert places == [("VEN", 0), ("MUC", 1)]
    assert await stock(vendor, "LAMP") == {"MUC": (0, 2, 0), "VEN": (4, 0, 0)}
    await vendor.check_books()


async def test_what_is_scheduled_opens_by_itself_and_its_location_is_asked_then(vendor: Shop) -> None:
    await vendor.do("policies.set", name="accept_minutes", location="VEN", value=30)
    name = await asked(vendor, 1)
    at = datetime.now(UTC) + timedelta(hours=2)
    await vendor.do("fulfillment-orders.schedule", fulfillment_order=name, at=at.isoformat())
    assert (await work(vendor, name.partition("-")[0]))["F1"][-1] == "unsubmitted"
    later = at + timedelta(seconds=1)
    assert (
        await over.end_at_locations(
            vendor.database, Executor(vendor.database, lambda: later), vendor.merchant_id, later
        )
        == 1
    )
    assert (await work(vendor, name.partition("-")[0]))["F1"][-1] == "submitted"
    await vendor.check_books()
