"""Orders at their locations and on their way."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from lading.database.pool import Transaction
from tests.operations.model.types import IN_STOCK_AS
from tests.operations.random_lives.ground import Ground, compared, of_lines, which


class Fulfillment(Ground):
    """They are released, picked, packed, shipped and tracked."""

    @precondition(lambda self: self.known("order"))
    @rule(index=which)
    def release(self, index: int) -> None:
        number = self.one("order", index)
        self.step("orders.release", {"order": number}, lambda _: self.model.release(number))

    @precondition(lambda self: self.known("order"))
    @rule(
        index=which,
        work=st.sampled_from((1, 1, 1, 2)),
        wanted=of_lines,
        short=of_lines,
        empty=st.booleans(),
        is_short=st.booleans(),
    )
    def pick(
        self,
        index: int,
        work: int,
        wanted: list[tuple[int, int]],
        short: list[tuple[int, int]],
        empty: bool,
        is_short: bool,
    ) -> None:
        number = self.one("order", index)
        short = short if is_short else []
        fields = {
            "fulfillment_order": f"{number}-F{work}",
            "lines": [{"line": line, "quantity": units} for line, units in wanted],
            "short": [
                {"line": line, "quantity": units, "reason": "gone", "shelf_empty": empty} for line, units in short
            ],
        }
        self.step("fulfillment-orders.pick", fields, lambda _: self.model.pick(number, work, wanted, short, empty))

    @precondition(lambda self: self.known("order"))
    @rule(index=which, work=st.sampled_from((1, 1, 1, 2)), wanted=of_lines)
    def pack(self, index: int, work: int, wanted: list[tuple[int, int]]) -> None:
        number = self.one("order", index)
        lines = [{"line": line, "quantity": units} for line, units in wanted]
        fields = {"fulfillment_order": f"{number}-F{work}", "lines": lines}
        self.step("parcels.pack", fields, lambda _: self.model.pack(number, work, wanted))

    @precondition(lambda self: self.known("order"))
    @rule(index=which, parcel=st.sampled_from((1, 1, 1, 2)))
    def ship(self, index: int, parcel: int) -> None:
        number = self.one("order", index)
        fields = {"parcel": f"{number}-P{parcel}", "carrier": "DHL"}
        self.step("parcels.ship", fields, lambda _: self.model.ship(number, parcel))

    @precondition(lambda self: self.known("order"))
    @rule(index=which, status=st.sampled_from(("delivered", "delivered", "lost", "returned_to_sender")))
    def track(self, index: int, status: str) -> None:
        number = self.one("order", index)
        if self.model.orders[number].returns:
            return  # what carriers say after somebody announced a return is another test's
        at = (self.now + timedelta(seconds=1)).isoformat()
        fields = {"parcel": f"{number}-P1", "status": status, "occurred_at": at}
        self.step("parcels.track", fields, lambda _: self.model.track(number, 1, status))

    @precondition(lambda self: self.known("order"))
    @rule(index=which, whole=st.booleans(), empty=st.booleans())
    def go_on(self, index: int, whole: bool, empty: bool) -> None:
        """An order goes as far as it can: most lives would not get there by chance."""
        number = self.one("order", index)
        if any(each.units["allocated"] for each in self.model.orders[number].allocations):
            self.release(index)
        for work in range(1, len(self.model.orders[number].works) + 1):
            self.pick(index, work, [], [], False, False)
            if whole:
                self.pack(index, work, [])
        if whole and self.model.orders[number].parcels:
            self.ship(index, 1)

    @compared
    async def allocations_are_the_model(self, tx: Transaction) -> None:
        rows = await tx.fetch(
            "SELECT o.number AS order_number, a.* FROM allocation AS a JOIN orders AS o ON o.merchant_id = $1 AND o.id = a.order_id"
            " WHERE a.merchant_id = $1 ORDER BY o.number, a.number"
        )
        told: dict[str, list[Any]] = {}
        for row in rows:
            units = [row[stage] for stage in IN_STOCK_AS]
            told.setdefault(str(row["order_number"]), []).append(
                (row["line_number"], self.row_of(row), row["fulfillment_order"], *units)
            )
        assert told == {
            number: [
                (each.line, each.row, each.work, *(each.units[stage] for stage in IN_STOCK_AS))
                for each in order.allocations
            ]
            for number, order in self.model.orders.items()
            if order.allocations
        }
