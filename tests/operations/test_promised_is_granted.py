"""What availability tells is what an order gets, in random stores: that much is accepted, and a unit more is refused."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from lading.operations.execute import Executor
from lading.views.availability import AvailabilityQuery, availability
from tests.operations.conftest import Shop

PLACES = ("HAM", "MUC", "LEJ")
CHANNELS = ("web", "pos", "market")
LOOSE = ("PLAIN", "KEPT", "POOLED", "LOTS", "CLAIMED", "SHORT", "CART")
KITS = ("PAIR", "APART", "BOX")
SKUS = (*LOOSE, *KITS)


class Store:
    """A shop that grew by chance; everything in it came through operations."""

    def __init__(self, shop: Shop, seed: int) -> None:
        self.shop, self.dice = shop, random.Random(seed)

    def units(self, most: int = 12) -> int:
        return self.dice.randint(0, most)

    async def build(self) -> None:
        shop = self.shop
        await shop.batch("channels.save", *({"code": code, "name": code} for code in CHANNELS[1:]))
        stock = {f"{sku}_{place}": self.units() for sku in LOOSE if sku != "LOTS" for place in PLACES}
        await shop.stock_up(**stock, **{f"{kit}_HAM": 0 for kit in KITS})
        await shop.do("location-groups.save", code="NORTH", name="North")
        place = {"kind": "warehouse", "time_zone": "Europe/Berlin", "country": "DE", "group": "NORTH", "priority": 2}
        await shop.do("locations.save", code="HAM", name="HAM", **place)
        await self.lots()
        await self.kits()
        await self.rules()
        await self.promises()

    async def lots(self) -> None:
        """Some that last, some that do not, and one that is held."""
        await self.shop.do("products.save", sku="LOTS", name="Lots", tracking="lot")
        today = datetime.now(UTC).date()
        for number in range(6):
            await self.shop.do(
                "stock.receive", sku="LOTS", location=self.dice.choice(PLACES), quantity=1 + self.units(5), reason="opening",
                lot=f"L{number}", expires_on=str(today + timedelta(days=self.dice.choice((-9, 3, 40)))),
            )  # fmt: skip
        await self.shop.do("lots.hold", sku="LOTS", lot="L0", reason="look")

    async def kits(self) -> None:
        """One of two products that stays whole, one that goes in parts, and one that is made ahead."""
        two = self.dice.sample(LOOSE, 2)
        made_of = [{"sku": two[0], "per_kit": self.dice.randint(1, 3)}, {"sku": two[1]}]
        await self.shop.batch(
            "kits.save", *({"sku": kit, "components": made_of, "stocked": kit == "BOX"} for kit in KITS)
        )
        await self.shop.do("policies.set", name="kits_in_parts", value=True, sku="APART")
        await self.shop.do("policies.set", name="assemble_when_short", value=self.dice.random() < 0.5, sku="BOX")
        await self.shop.do(
            "stock.receive", sku="BOX", location=self.dice.choice(PLACES), quantity=1 + self.units(4), reason="opening"
        )

    async def rules(self) -> None:
        """What is kept back, from whom, and who may not be sent two parcels."""
        chosen = [
            {"name": "safety_stock", "value": self.dice.choice(("1", "3", "20%")), "sku": "KEPT"},
            {"name": "safety_stock", "value": self.dice.choice(("1", "30%")), "location": self.dice.choice(PLACES)},
            {"name": "channel_buffer", "value": self.dice.choice(("2", "50%")), "channel": "market"},
            {"name": "lot_min_days_left", "value": self.dice.choice((0, 10)), "sku": "LOTS"},
            {"name": "lot_min_days_left", "value": 5, "channel": "market"},
            {"name": "may_split", "value": False, "channel": "pos"},
            {"name": "fills_orders", "value": False, "location": self.dice.choice(PLACES)},
        ]
        for policy in chosen:
            if self.dice.random() < 0.6:
                await self.shop.do("policies.set", **policy)
        await self.shop.do("policies.set", name="hazardous", value=True, sku="PLAIN")
        filters: list[dict[str, Any]] = [
            {"by": "never", "locations": [self.dice.choice(PLACES)], "when": {"channels": ["market"]}},
            {"by": "never", "locations": [self.dice.choice(PLACES)], "when": {"products": ["KEPT", "POOLED"]}},
            {
                "by": "only",
                "groups": ["NORTH"],
                "when": {"regions": [{"country": "DE"}], "products": ["CLAIMED", "LOTS"]},
            },
            {"by": "never", "kinds": ["warehouse"], "when": {"regions": [{"country": "FR"}]}},
            {"by": "capability", "capability": "hazardous"},
            {"by": "stock", "units": 3, "when": {"products": ["PLAIN", "CART"]}},
        ]
        chosen = [{"name": str(number), **each} for number, each in enumerate(filters) if self.dice.random() < 0.3]
        await self.shop.do("sourcing-rules.save", filters=chosen)

    async def promises(self) -> None:
        """Carts that are over and carts that are not, claims, pools, orders, and units that are missing."""
        clock = datetime.now(UTC) - timedelta(hours=2)
        present = self.shop.executor
        self.shop.executor = Executor(self.shop.database, lambda: clock)
        for seconds in (60, 60, 86_400, 86_400):
            await self.some(
                "reservations.reserve", lines=[{"sku": "CART", "quantity": 1 + self.units(4)}], seconds=seconds
            )
        self.shop.executor = present
        await self.some(
            "reservations.reserve", lines=[{"sku": "CLAIMED", "quantity": 1 + self.units(5)}], seconds=999,
            **self.dice.choice(({"anywhere": True}, {"group": "NORTH"})),
        )  # fmt: skip
        kind = self.dice.choice(("exclusive", "shared", "capped"))
        group = {"group": "NORTH"} if self.dice.random() < 0.5 else {}
        await self.some(
            "pools.set", sku="POOLED", pool="P", kind=kind, channels=["web"], quantity=1 + self.units(8), **group
        )
        await self.some("orders.place", **self.shop.order({"SHORT": 1 + self.units(8)}))
        lost = {"sku": "SHORT", "kind": "lost", "reason": "gone", "held_too": True, "quantity": 1 + self.units(4)}
        await self.some("stock.adjust", **lost, location=self.dice.choice(PLACES))

    async def some(self, verb: str, **fields: Any) -> None:
        """Whether or not it can be."""
        await self.shop.batch(verb, fields)

    async def told(self, sku: str, channel: str) -> int:
        query = AvailabilityQuery(skus=[sku], channel=channel, country="DE")
        async with self.shop.database.read(self.shop.merchant_id) as tx:
            return (await availability(tx, query)).items[0].available

    async def granted(self, sku: str, units: int, channel: str) -> bool:
        """Whether an order over so many would be accepted."""
        asked = self.shop.envelope("orders.place", self.shop.order({sku: units}, channel=channel))
        (outcome,) = await self.shop.preview("orders.place", [asked])
        return "refused" not in outcome

    async def check(self) -> None:
        for channel in CHANNELS:
            for sku in SKUS:
                units = await self.told(sku, channel)
                which = f"{units} {sku} to {channel}"
                assert not units or await self.granted(sku, units, channel), f"{which} were told, and refused"
                assert not await self.granted(sku, units + 1, channel), f"{which} were told, and one more was given"


@pytest.mark.parametrize("seed", range(12))
async def test_what_is_told_is_granted_and_no_unit_more(shop: Shop, seed: int) -> None:
    store = Store(shop, seed)
    await store.build()
    for _ in range(3):
        await store.check()
        for sku in store.dice.sample(SKUS, 3):
            channel = store.dice.choice(CHANNELS)
            if units := await store.told(sku, channel):
                await store.some("orders.place", **shop.order({sku: store.dice.randint(1, units)}, channel=channel))
    sku, channel = store.dice.choice(SKUS), store.dice.choice(CHANNELS)
    if units := await store.told(sku, channel):
        await shop.do("orders.place", **shop.order({sku: units}, channel=channel))
    if (
        channel != "pos" and sku != "BOX"
    ):  # one parcel from one place, or all from stock or put together: the rest is left
        assert await store.told(sku, channel) == 0, f"all {units} {sku} were sold to {channel}"
    await store.check()
    await shop.check_books()
