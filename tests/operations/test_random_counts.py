"""Random lives of one shelf with bins: whatever is counted, put away, picked and written off, the books agree."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.operations.conftest import Shop

HERE = {"sku": "MUG", "location": "HAM"}
CAM = {"sku": "CAM", "location": "HAM"}
NAMES = ["S1", "S2", "S3", "S4"]


class Life:
    """Takes random steps; refusals are part of life."""

    def __init__(self, shop: Shop, seed: int) -> None:
        self.shop, self.chance = shop, random.Random(seed)
        self.counts: list[str] = []
        self.orders: list[str] = []
        self.variances = 0
        self.moments = [datetime.now(UTC).isoformat()]

    def some(self, most: int = 6) -> int:
        return self.chance.randint(1, most)

    def late(self) -> dict[str, str]:
        """Sometimes it is told after it occurred."""
        return {"occurred_at": self.chance.choice(self.moments)} if self.chance.random() < 0.4 else {}

    async def step(self) -> None:
        pick = self.chance.choice
        self.moments = [*self.moments[-3:], datetime.now(UTC).isoformat()]
        bins = ["A-1", "A-2", "B-1"]
        known = self.counts[-3:] or ["C0"]
        orders = self.orders[-3:] or ["1"]
        counted: dict[str, Any] = {
            "count": pick(known),
            "lines": [{"sku": "MUG", "quantity": self.chance.randint(0, 25)}],
        }
        if self.chance.random() < 0.15:
            seen = [name for name in NAMES if self.chance.random() < 0.5]
            counted["lines"] = [{"sku": "CAM", "quantity": len(seen), "serials": seen}]
        gone = [{"line": number, "serials": [pick(NAMES)]} for number in (1, 2) if self.chance.random() < 0.2]
        if self.chance.random() < 0.4:
            counted["counted_at"] = pick(self.moments)
        steps: list[tuple[str, dict[str, Any]]] = [
            ("stock.receive", {**HERE, "quantity": self.some(), "reason": "x", **self.late()}),
            ("stock.put-away", {**HERE, "quantity": self.some(), "bin": pick(bins), **self.late()}),
            ("stock.put-away", {**HERE, "quantity": self.some(), "bin": pick(bins), "from_bin": pick(bins)}),
            ("stock.adjust", {**HERE, "quantity": self.some(4), "kind": pick(["lost", "damaged", "scrapped", "found"]),
                              "reason": "x", "held_too": self.chance.random() < 0.5, **self.late()}),
            ("stock.set", {**HERE, "quantity": self.chance.randint(0, 25), "as_of": pick(self.moments)}),
            ("orders.place", self.shop.order({"MUG": self.some()})),
            ("orders.release", {"order": pick(orders)}),
            ("fulfillment-orders.pick", {"fulfillment_order": f"{pick(orders)}-F1", "lines": [{"line": 1, "quantity": self.some(2)}]}),
            ("fulfillment-orders.pick", {"fulfillment_order": f"{pick(orders)}-F1", "short": [
                {"line": 1, "quantity": 1, "reason": "x", "shelf_empty": self.chance.random() < 0.3}]}),
            ("parcels.pack", {"fulfillment_order": f"{pick(orders)}-F1"}),
            ("parcels.unpack", {"parcel": f"{pick(orders)}-P{self.some(2)}"}),
            ("lines.cancel", {"order": pick(orders), "reason": "x"}),
            ("shortages.cover", HERE),
            ("stock.receive", {**CAM, "quantity": 1, "serials": [pick(NAMES)], "reason": "x"}),
            ("stock.put-away", {**CAM, "quantity": 1, "bin": pick(bins)}),
        ]  # fmt: skip
        counts: list[tuple[str, dict[str, Any]]] = [
            ("counts.open", {"location": "HAM", "zone": pick(["A", "A-1", "B"])}),
            ("counts.open", {"location": "HAM", "skus": ["MUG"]}),
            *[("counts.record", counted)] * 4,
            ("counts.recount", {"count": pick(known)}),
            *[("counts.approve", {"count": pick(known), "reason": "x", "gone": gone})] * 4,
        ]
        verb, fields = pick(counts if self.chance.random() < 0.5 else steps)
        (outcome,) = await self.shop.batch(verb, fields)
        if verb == "counts.open" and "count" in outcome:
            self.counts.append(outcome["count"])
        if verb == "counts.approve" and "variances" in outcome:
            self.variances += len(outcome["variances"])
        if verb == "orders.place" and "number" in outcome:
            self.orders.append(str(outcome["number"]))


@pytest.mark.parametrize("seed", range(6))
async def test_random_lives_of_a_shelf_with_bins(shop: Shop, seed: int) -> None:
    await shop.stock_up(MUG_HAM=12)
    await shop.do("products.save", sku="CAM", name="Camera", tracking="serial")
    for number, code in enumerate(("A-1", "A-2", "B-1")):
        await shop.do("bins.save", location="HAM", code=code, sequence=number)
    life = Life(shop, seed)
    for number in range(1, 121):
        await life.step()
        if number % 40 == 0:
            await shop.check_books()
    assert life.variances
