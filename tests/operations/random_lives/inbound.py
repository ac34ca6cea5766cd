"""What is bought."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from lading.database.pool import Transaction
from tests.operations.model.types import LOTS, Purchase, Row
from tests.operations.random_lives.ground import DUE, Ground, compared, few, shelves, which


class Inbound(Ground):
    """It is received and called off."""

    @rule(row=shelves(("A", "W", "W", "L")), quantity=st.integers(1, 8))
    def buy(self, row: Row, quantity: int) -> None:
        line = {"sku": row[0], "location": row[1], "quantity": quantity, "due_at": DUE}

        def then(outcome: dict[str, Any]) -> None:
            counted = {"sku": row[0], "place": row[1], "ordered": quantity, "received": 0, "damaged": 0, "cancelled": 0}
            self.model.purchases[outcome["purchase_order"]] = Purchase([counted])
            self.remember("purchase", outcome["purchase_order"])

        self.step("purchase-orders.place", {"supplier": "Nord", "lines": [line]}, then)

    @precondition(lambda self: self.known("purchase"))
    @rule(index=which, good=st.integers(0, 5), damaged=st.integers(0, 1), lot=st.sampled_from(LOTS["L"]))
    def receive_purchase(self, index: int, good: int, damaged: int, lot: str) -> None:
        if not good + damaged:
            return
        name = self.one("purchase", index)
        named = lot if self.model.purchases[name].lines[0]["sku"] in LOTS else ""
        line: dict[str, Any] = {"line": 1, "quantity": good, "damaged": damaged, "lot": named}
        self.step(
            "purchase-orders.receive",
            {"purchase_order": name, "lines": [line]},
            lambda _: self.model.receive_purchase(name, good, damaged, named),
        )

    @precondition(lambda self: self.known("purchase"))
    @rule(index=which, quantity=st.none() | few)
    def call_off(self, index: int, quantity: int | None) -> None:
        name = self.one("purchase", index)
        lines = [{"line": 1, "quantity": quantity}] if quantity else []
        fields = {"purchase_order": name, "reason": "scarce", "lines": lines}
        self.step("purchase-orders.cancel", fields, lambda _: self.model.call_off(name, quantity))

    @compared
    async def purchases_are_the_model(self, tx: Transaction) -> None:
        counters = ("ordered", "received", "damaged", "cancelled")
        rows = await tx.fetch(
            "SELECT p.number AS name, l.* FROM purchase_order_line AS l JOIN purchase_order AS p"
            " ON p.merchant_id = $1 AND p.id = l.purchase_order_id WHERE l.merchant_id = $1"
        )
        told = {f"PO{row['name']}": [row[counter] for counter in counters] for row in rows}
        assert told == {
            name: [found.lines[0][counter] for counter in counters] for name, found in self.model.purchases.items()
        }
