"""Random commands about orders that exist or do not: what a careless crowd would send."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.races.shop import DAY, Payload, money, order

SKUS = ("A", "B", "C")
PLACES = ("HAM", "BER")
FIRST = 1001
POPULAR = 12
"""So many orders get most of the attention, so that some come all the way."""
NOW = datetime.now(UTC)


class Crowd:
    """Sends batches of commands; everything follows from the seed and the number of orders so far."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.orders = 0
        self.verbs: dict[str, Callable[[], Payload]] = {
            "orders.place": self.place,
            "stock.receive": self.receive,
            "stock.adjust": self.adjust,
            "orders.release": lambda: {"order": self.order()},
            "fulfillment-orders.pick": self.pick,
            "parcels.pack": self.pack,
            "parcels.ship": lambda: {"parcel": self.document("P"), "carrier": "DHL"},
            "parcels.unpack": lambda: {"parcel": self.document("P")},
            "parcels.track": self.track,
            "orders.hold": lambda: {"order": self.order(), "kind": self.chance.choice(["fraud", "manual"])},
            "holds.release": lambda: {"order": self.order()},
            "orders.source": lambda: {"order": self.order()},
            "lines.cancel": self.cancel,
            "fulfillment-orders.put-back": lambda: {
                "fulfillment_order": self.document("F"),
                "lines": self.some_lines(),
            },
            "returns.request": lambda: {"order": self.order(), "reason": "x", "lines": self.lines()},
            "returns.receive": self.receive_return,
            "returns.dispose": self.dispose,
            "returns.refund": lambda: {"document": self.document("R")},
            "returns.cancel": lambda: {"document": self.document("R"), "lines": self.lines()},
            "payments.record": lambda: {"order": self.order(), "amount": money(f"{self.few()}.50")},
            "payments.refund": lambda: {"order": self.order()},
            "orders.record": self.record,
        }

    def batch(self, verb: str, size: int) -> list[Payload]:
        """So many commands of the verb; holds one at a time, for they stop everything else."""
        size = 1 if verb == "orders.hold" else size
        commands = [self.verbs[verb]() for _ in range(size)]
        if verb in ("orders.place", "orders.record"):
            self.orders += size
        return commands

    def few(self) -> int:
        """1 to 4 units, small ones more often."""
        return min(self.chance.randint(1, 4), self.chance.randint(1, 4))

    def order(self) -> str:
        """An order's number, mostly of one that many commands are about; sometimes there is none."""
        among = self.orders + 1 if self.chance.random() < 0.1 else min(self.orders + 1, POPULAR)
        return str(FIRST + self.chance.randrange(among))

    def document(self, letter: str) -> str:
        return f"{self.order()}-{letter}{self.chance.choice([1, 1, 1, 2])}"

    def lines(self) -> list[Payload]:
        if self.chance.random() < 0.5:
            return [{"line": 1, "quantity": 1}]
        numbers = self.chance.sample([1, 2], self.chance.randint(1, 2))
        return [{"line": number, "quantity": self.few()} for number in numbers]

    def some_lines(self) -> list[Payload]:
        return self.lines() if self.chance.random() < 0.4 else []

    def place(self) -> Payload:
        chance = self.chance
        wanted = [(chance.choice(SKUS), self.few()) for _ in range(chance.randint(1, 3))]
        body: dict[str, Any] = order(
            *wanted, price=chance.choice(["9.99", "0.333333", "12"]), placed_at=NOW.isoformat()
        )
        if chance.random() < 0.05:
            del body["ship_to"]
        if chance.random() < 0.5:
            body["charges"] = [{"kind": "shipping", "code": "std", "amount": money("4.90")}]
        if chance.random() < 0.7:
            body["tenders"] = [{"amount": money(f"{chance.randint(1, 60)}.00")} for _ in range(chance.randint(1, 2))]
        return body

    def record(self) -> Payload:
        return {**self.place(), "location": self.chance.choice(PLACES), "placed_at": DAY, "delivered_at": DAY}

    def receive(self) -> Payload:
        chance = self.chance
        return {
            "sku": chance.choice(SKUS),
            "location": chance.choice(PLACES),
            "quantity": self.few() * 5,
            "reason": "po",
        }

    def adjust(self) -> Payload:
        kinds = ["found", "lost", "scrapped", "damaged", "repaired"]
        return {**self.receive(), "quantity": self.few(), "kind": self.chance.choice(kinds)}

    def pick(self) -> Payload:
        short = [{**each, "reason": "gone"} for each in self.lines()] if self.chance.random() < 0.2 else []
        return {"fulfillment_order": self.document("F"), "lines": self.some_lines(), "short": short}

    def pack(self) -> Payload:
        return {"fulfillment_order": self.document("F"), "lines": self.some_lines()}

    def track(self) -> Payload:
        words = [
            "in_transit",
            "out_for_delivery",
            "delivered",
            "delivered",
            "lost",
            "returned_to_sender",
            "failed_attempt",
        ]
        at = NOW + timedelta(minutes=self.chance.randint(0, 100))
        return {"parcel": self.document("P"), "status": self.chance.choice(words), "occurred_at": at.isoformat()}

    def cancel(self) -> Payload:
        lines = self.lines() if self.chance.random() < 0.9 else []
        return {"order": self.order(), "reason": "late", "lines": lines, "unpack": self.chance.random() < 0.3}

    def receive_return(self) -> Payload:
        document = self.document("R") if self.chance.random() < 0.8 else self.order()
        return {"document": document, "location": self.chance.choice(PLACES), "lines": self.lines()}

    def dispose(self) -> Payload:
        kinds = ["restock", "damaged", "scrapped"]
        lines = [{**each, "disposition": self.chance.choice(kinds)} for each in self.lines()]
        return {"document": self.document("R"), "lines": lines}


WEIGHTS = {
    "orders.release": 3, "holds.release": 3, "fulfillment-orders.pick": 4, "parcels.pack": 4, "parcels.ship": 4,
    "parcels.track": 4,
    "returns.request": 2, "returns.receive": 3, "returns.dispose": 3, "returns.refund": 2, "stock.receive": 2,
}  # fmt: skip


def life(crowd: Crowd, batches: int, size_max: int) -> list[tuple[str, list[Payload]]]:
    """Batches of random verbs; the common ones more often."""
    names = list(crowd.verbs)
    chosen = crowd.chance.choices(names, [WEIGHTS.get(name, 1) for name in names], k=batches)
    return [(verb, crowd.batch(verb, crowd.chance.randint(1, size_max))) for verb in chosen]
