"""Shortages."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from lading.database.pool import Transaction
from tests.operations.model.types import Row
from tests.operations.random_lives.ground import Ground, compared, few


class Shortages(Ground):
    """They are settled and covered."""

    def held_short(self) -> list[tuple[str, int, Row]]:
        """(order, line, row) that hold units where something is short."""
        return [
            (number, each.line, each.row)
            for number, order in self.model.orders.items()
            for each in order.allocations
            if self.model.short(each.row)
        ]

    @precondition(lambda self: self.known("order") and self.held_short())
    @rule(data=st.data(), quantity=st.integers(1, 3), instead=st.sampled_from(("elsewhere", "wait", "cancel")))
    def settle(self, data: st.DataObject, quantity: int, instead: str) -> None:
        number, line, row = data.draw(st.sampled_from(self.held_short()))
        units = {"line": line, "quantity": quantity, "location": row[1], "lot": row[2], "instead": instead}
        self.step(
            "shortages.settle",
            {"order": number, "lines": [units]},
            lambda _: self.model.settle_shortage(number, line, row, quantity, instead),
        )

    @precondition(
        lambda self: any(each.remaining for each in self.model.shortages) if hasattr(self, "model") else False
    )
    @rule(data=st.data(), quantity=st.none() | few)
    def cover(self, data: st.DataObject, quantity: int | None) -> None:
        row = data.draw(st.sampled_from([each.row for each in self.model.shortages if each.remaining]))

        def then(outcome: dict[str, Any]) -> None:
            units = self.model.cover(row, quantity)
            assert (outcome["covered"], outcome["short"]) == (units, self.model.short(row))

        fields = {"sku": row[0], "location": row[1], "lot": row[2], **({"quantity": quantity} if quantity else {})}
        self.step("shortages.cover", fields, then)

    @compared
    async def shortages_are_the_model(self, tx: Transaction) -> None:
        told = sorted(
            (self.row_of(row), row["kind"], row["quantity"], row["remaining"], row["opened_at"])
            for row in await tx.fetch("SELECT * FROM shortage WHERE merchant_id = $1")
        )
        assert told == sorted(
            (each.row, each.kind, each.quantity, each.remaining, each.opened_at) for each in self.model.shortages
        )
