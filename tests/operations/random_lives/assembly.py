"""Kits made ahead."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from lading.database.pool import Transaction
from tests.operations.random_lives.ground import Ground, compared, places, which


class Assembly(Ground):
    """Work orders are opened and finished."""

    @rule(place=places, quantity=st.integers(1, 3))
    def open_work(self, place: str, quantity: int) -> None:
        def then(outcome: dict[str, Any]) -> None:
            self.model.refuse_work(place, quantity)
            name = outcome["work_order"]
            self.model.open_work(name, place, quantity, [(row, units) for _, row, units, _ in self.takes()])
            self.remember("work", name)

        self.step("work-orders.open", {"sku": "BOX", "location": place, "quantity": quantity}, then)

    @precondition(lambda self: self.known("work"))
    @rule(index=which, quantity=st.none() | st.integers(1, 2), to=st.sampled_from(("done", "done", "cancelled")))
    def finish_work(self, index: int, quantity: int | None, to: str) -> None:
        name = self.one("work", index)
        verb = "work-orders.complete" if to == "done" else "work-orders.cancel"
        fields = {"work_order": name, **({"quantity": quantity} if quantity else {})}
        fields |= {} if to == "done" else {"reason": "late"}
        self.step(verb, fields, lambda _: self.model.finish_work(name, quantity, to))

    @compared
    async def work_orders_are_the_model(self, tx: Transaction) -> None:
        told: dict[str, tuple[int, int, list[Any]]] = {}
        for row in await tx.fetch(
            "SELECT w.number AS name, w.completed, w.cancelled AS given_up, w.location_id, l.* FROM work_order_line AS l"
            " JOIN work_order AS w ON w.merchant_id = $1 AND w.id = l.work_order_id"
            " WHERE l.merchant_id = $1 AND l.role = 'input' ORDER BY w.number, l.number"
        ):
            *_, lines = told.setdefault(f"W{row['name']}", (row["completed"], row["given_up"], []))
            lines.append((self.row_of(row), row["allocated"], row["done"]))
        assert told == {
            name: (
                found.done,
                found.cancelled,
                [(each["row"], each["allocated"], each["done"]) for each in found.lines],
            )
            for name, found in self.model.works.items()
        }
