"""Orders until they are released."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from lading.database.pool import Transaction
from tests.operations.conftest import Shop
from tests.operations.model.types import KITS, RETURNS, STAGES, Line, Refused
from tests.operations.random_lives.ground import Ground, compared, of_lines, which


class Orders(Ground):
    """They are placed, sourced and cancelled."""

    @rule(data=st.data(), kept=st.booleans())
    def place(self, data: st.DataObject, kept: bool) -> None:
        wants, reservation = data.draw(self.wishes()), None
        if kept and self.known("reservation"):
            reservation = self.one("reservation", data.draw(which))
            if data.draw(st.booleans()):
                held = self.model.reservations[reservation].lines
                wants = [(line.sku, line.quantity) for line in held][:3]
        self.place_order(wants, reservation)

    def place_order(self, wants: list[tuple[str, int]], reservation: str | None) -> None:
        lines = [
            {"sku": sku, "quantity": units, "unit_price": {"amount": "10.00", "currency": "EUR"}}
            for sku, units in wants
        ]
        fields = {**Shop.order({}), "lines": lines, **({"reservation": reservation} if reservation else {})}

        def then(outcome: dict[str, Any]) -> None:
            named = self.model.reservations.get(reservation) if reservation else None
            told = self.model.is_covered("C", named) or not any(sku == "C" for sku, _ in wants)
            if told or "refused" not in outcome:
                if told:
                    self.model.refuse_order(wants, reservation)
                number = outcome["number"]
                self.model.place(number, self.lines(number, wants), wants, reservation, self.takes())
                self.remember("order", number)
            else:
                raise Refused(outcome["name"])

        self.step("orders.place", fields, then)

    @rule(quantity=st.integers(1, 3))
    def place_kits(self, quantity: int) -> None:
        self.place_order([("KIT", quantity)], None)

    def lines(self, number: str, wants: Sequence[tuple[str, int]]) -> list[Line]:
        """The lines that an order should have: as asked, and the parts of kits after them."""
        made = [Line(index, sku, units, None, sku == "KIT") for index, (sku, units) in enumerate(wants, 1)]
        for kit in [line for line in made if line.is_kit]:
            for sku, per_kit in KITS[kit.sku].items():
                made.append(Line(len(made) + 1, sku, kit.ordered * per_kit, kit.number, per_kit=per_kit))
        return made

    @precondition(lambda self: self.known("order"))
    @rule(index=which, wanted=of_lines)
    def cancel(self, index: int, wanted: list[tuple[int, int]]) -> None:
        number = self.one("order", index)
        lines = [{"line": line, "quantity": units} for line, units in wanted]
        fields = {"order": number, "reason": "late", "lines": lines}
        self.step("lines.cancel", fields, lambda _: self.model.cancel(number, wanted))

    @precondition(lambda self: self.known("order"))
    @rule(index=which)
    def source(self, index: int) -> None:
        number = self.one("order", index)
        self.step("orders.source", {"order": number}, lambda _: self.model.source(number, self.takes()))

    @compared
    async def lines_are_the_model(self, tx: Transaction) -> None:
        rows = await tx.fetch(
            "SELECT o.number AS order_number, l.* FROM order_line AS l JOIN orders AS o ON o.merchant_id = $1 AND o.id = l.order_id"
            " WHERE l.merchant_id = $1"
        )
        stages = (*STAGES, *RETURNS)
        told = {
            (str(row["order_number"]), row["number"]): {stage: row[stage] for stage in stages if row[stage]}
            for row in rows
        }
        assert told == {
            (number, line.number): {stage: line.units[stage] for stage in stages if line.units[stage]}
            for number, order in self.model.orders.items()
            for line in order.lines.values()
        }

    @compared
    async def promises_are_the_model(self, tx: Transaction) -> None:
        promised = await tx.fetch(
            "SELECT o.number AS order_number, p.line_number, p.quantity FROM promise AS p JOIN orders AS o"
            " ON o.merchant_id = $1 AND o.id = p.order_id WHERE p.merchant_id = $1"
        )
        for row in promised:
            line = self.model.orders[str(row["order_number"])].lines[row["line_number"]]
            assert row["quantity"] == line.units["backordered"]
