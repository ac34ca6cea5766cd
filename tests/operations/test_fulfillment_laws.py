"""Whatever is picked, packed, rejected, moved, lost: units and money hold, and nothing stays reserved that nobody waits for."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest

from tests.operations.conftest import Shop

LIVES = range(5)
STEPS = 45
PLACES = ("HAM", "MUC", "LEJ")

Step = Callable[["Life"], tuple[str, dict[str, Any]]]


class Life:
    """Orders of one merchant, and who does something to them by chance."""

    def __init__(self, shop: Shop, seed: int) -> None:
        self.shop = shop
        self.chance = random.Random(seed)
        self.numbers: list[str] = []
        self.done: list[str] = []
        self.documents: dict[str, list[str]] = {}

    async def look(self) -> None:
        """Fulfillment orders with something in the building, and parcels: most steps are about one of them."""
        for letter, table, alive in (
            ("F", "fulfillment_order", "d.released + d.picked + d.packed > 0"),
            ("P", "parcel", "d.status IN ('packed', 'shipped')"),
        ):
            rows = await self.shop.fetch(
                f"SELECT o.number, d.number AS document FROM {table} AS d JOIN orders AS o ON o.merchant_id = $1 AND o.id = d.order_id"
                f" WHERE d.merchant_id = $1 AND {alive} ORDER BY 1, 2"
            )
            self.documents[letter] = [f"{row['number']}-{letter}{row['document']}" for row in rows]

    def document(self, letter: str) -> str:
        if self.documents[letter] and self.chance.random() < 0.95:
            return self.chance.choice(self.documents[letter])
        return f"{self.chance.choice(self.numbers)}-{letter}{self.chance.randint(1, 4)}"

    def lines(self) -> list[dict[str, int]]:
        """Some units of some lines; often none, which means all."""
        if self.chance.random() < 0.5:
            return []
        return [{"line": self.chance.randint(1, 2), "quantity": self.chance.randint(1, 2)}]

    async def step(self) -> None:
        await self.look()
        verb, payload = self.chance.choice(STEPS_OF)(self)
        (outcome,) = await self.shop.batch(verb, payload)
        if "refused" not in outcome:
            self.done.append(verb)
            if verb == "orders.place":
                self.numbers.append(outcome["number"])


def _work(verb: str, **more: Any) -> Step:
    return lambda life: (verb, {"fulfillment_order": life.document("F"), "lines": life.lines(), **more})


def _pick_short(life: Life) -> tuple[str, dict[str, Any]]:
    short = [
        {"line": life.chance.randint(1, 2), "quantity": 1, "reason": "gone", "shelf_empty": life.chance.random() < 0.2}
    ]
    return "fulfillment-orders.pick", {"fulfillment_order": life.document("F"), "short": short}


def _reject(life: Life) -> tuple[str, dict[str, Any]]:
    found = life.chance.choice(["there", "there", "missing", "damaged"])
    verb, payload = _work("fulfillment-orders.reject", reason="busy")(life)
    return verb, {**payload, "found": found}


def _close(life: Life) -> tuple[str, dict[str, Any]]:
    """All that is left is cancelled, or looked for elsewhere, or some of it is."""
    verb, payload = _work("fulfillment-orders.close", reason="sold_out")(life)
    lines = payload.pop("lines")
    if life.chance.random() < 0.5:
        return verb, {**payload, "rest": "source", "cancel": lines}
    return verb, {**payload, "rest": life.chance.choice(["cancel", "source"])}


def _order(verb: str, **more: Any) -> Step:
    return lambda life: (verb, {"order": life.chance.choice(life.numbers), **more})


def _place(life: Life) -> tuple[str, dict[str, Any]]:
    wanted = {"MUG": life.chance.randint(1, 4), "TEE": life.chance.randint(1, 4)}
    command = Shop.order(wanted)
    if life.chance.random() < 0.3:
        command["lines"][0]["pickup"] = "LEJ"
    return "orders.place", command


STEPS_OF: list[Step] = [
    _place,
    _order("orders.release"), _order("orders.release"), _order("orders.source"), _order("orders.source", again=True),
    _work("fulfillment-orders.pick"), _work("fulfillment-orders.pick"), _pick_short, _reject, _reject, _close,
    _work("parcels.pack"), _work("parcels.pack"), _work("fulfillment-orders.ship", carrier="DHL"),
    lambda life: ("parcels.unpack", {"parcel": life.document("P")}),
    lambda life: ("parcels.ship", {"parcel": life.document("P"), "carrier": "DHL"}),
    lambda life: ("pickups.ready", {"parcel": life.document("P")}),
    lambda life: ("pickups.hand-over", {"parcel": life.document("P"), "name": "Ada"}),
    lambda life: ("pickups.expire", {"parcel": life.document("P")}),
    lambda life: ("pickups.receive", {"parcel": life.document("P")}),
    lambda life: (
        "fulfillment-orders.move",
        {"fulfillment_order": life.document("F"), "to_location": life.chance.choice(PLACES), "reason": "x", "lines": life.lines()},
    ),
    lambda life: (
        "fulfillment-orders.split",
        {"fulfillment_order": life.document("F"), "lines": life.lines() or [{"line": 1, "quantity": 1}]},
    ),
    lambda life: (
        "fulfillment-orders.merge",
        {"into": (number := life.chance.choice(life.numbers)) + "-F1", "others": [f"{number}-F{life.chance.randint(2, 4)}"]},
    ),
    lambda life: ("fulfillment-orders.accept", {"fulfillment_order": life.document("F"), "lines": life.lines()}),
    lambda life: ("fulfillment-orders.submit", {"fulfillment_order": life.document("F")}),
    lambda life: ("fulfillment-orders.cancel", {"fulfillment_order": life.document("F"), "reason": "x"}),
    lambda life: (
        "fulfillment-orders.answer-cancellation",
        {"fulfillment_order": life.document("F"), "accepted": life.chance.random() < 0.5},
    ),
    lambda life: ("fulfillment-orders.hold", {"fulfillment_order": life.document("F"), "kind": "x", "lines": life.lines()}),
    lambda life: ("fulfillment-orders.release-hold", {"fulfillment_order": life.document("F")}),
    lambda life: ("lines.cancel", {"order": life.chance.choice(life.numbers), "reason": "x", "lines": life.lines(), "unpack": True}),
]  # fmt: skip


@pytest.mark.parametrize("seed", LIVES)
async def test_units_and_money_hold_and_nothing_stays_reserved_that_nobody_waits_for(shop: Shop, seed: int) -> None:
    await shop.do(
        "locations.save",
        code="LEJ",
        name="L",
        kind="store",
        country="DE",
        time_zone="UTC",
        capabilities=["ship", "pickup"],
    )
    await shop.do("policies.set", name="ship_to_store", value=True)
    await shop.do("policies.set", name="accept_minutes", value=60, location="MUC")
    await shop.do("policies.set", name="may_backorder", value=seed % 2 == 0)
    await shop.stock_up(MUG_HAM=12, MUG_MUC=9, MUG_LEJ=6, TEE_HAM=9, TEE_MUC=12, TEE_LEJ=6)
    life = Life(shop, seed)
    life.numbers = [(await shop.do("orders.place", **_place(life)[1]))["number"] for _ in range(3)]
    await shop.batch("orders.release", *({"order": number} for number in life.numbers))
    for _ in range(STEPS):
        await life.step()
    await shop.check_books()
    # Everybody gives up what has not left: then nothing is set aside anywhere, and who got nothing owes nothing.
    for number in life.numbers:
        await shop.batch("lines.cancel", {"order": number, "reason": "over", "unpack": True})
    (left,) = await shop.fetch(
        "SELECT sum(allocated + picked + packed + reserved) AS held, sum(available + damaged) AS there FROM stock WHERE merchant_id = $1"
    )
    assert left["held"] == 0, life.done
    (gone,) = await shop.fetch(
        "SELECT coalesce(sum(CASE WHEN to_bucket = 'lost' THEN quantity END), 0)::int AS lost FROM posting WHERE merchant_id = $1"
    )
    (units,) = await shop.fetch(
        "SELECT sum(in_transit + delivered) AS away, sum(charged_minor + adjusted_minor) AS owed,"
        " sum(open + backordered + allocated + released + picked + packed) AS waiting FROM orders WHERE merchant_id = $1"
    )
    assert (units["waiting"], units["owed"]) == (0, units["away"] * 1_000)
    assert left["there"] + gone["lost"] + units["away"] == 54
    rows = await shop.fetch(
        "SELECT 1 FROM allocation WHERE merchant_id = $1 AND allocated + released + picked + packed > 0"
    )
    assert rows == []
    await shop.check_books()
    assert len(life.done) > STEPS // 6, life.done
