"""Stock alone."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from lading.database.pool import Transaction
from lading.views import availability as availability_view
from lading.views import promisable
from lading.views.availability import AvailabilityQuery
from tests.operations.model.types import BUCKETS, ENDS, LOTS, SKUS
from tests.operations.random_lives.ground import Ground, compared, few, which


class Stock(Ground):
    """It is received, adjusted, moved, set and corrected."""

    @rule(data=st.data(), quantity=st.integers(1, 8))
    def receive(self, data: st.DataObject, quantity: int) -> None:
        row = data.draw(self.shelf(False))
        self.stock_up(row, quantity)

    @rule(data=st.data(), quantity=few, kind=st.sampled_from(sorted(ENDS)), held_too=st.booleans())
    def adjust(self, data: st.DataObject, quantity: int, kind: str, held_too: bool) -> None:
        row = data.draw(self.shelf(kind != "found"))
        place = {"sku": row[0], "location": row[1], "lot": row[2]}
        fields = {**place, "quantity": quantity, "kind": kind, "reason": "seen", "held_too": held_too}
        self.step("stock.adjust", fields, lambda _: self.model.adjust(row, kind, quantity, held_too, self.position()))

    @rule(
        data=st.data(),
        ends=st.permutations(("available", "damaged", "quality_hold")),
        quantity=few,
    )
    def move(self, data: st.DataObject, ends: list[str], quantity: int) -> None:
        row = data.draw(self.shelf(True))
        place = {"sku": row[0], "location": row[1], "lot": row[2]}
        fields = {**place, "quantity": quantity, "source": ends[0], "target": ends[1], "reason": "look"}
        self.step(
            "stock.move", fields, lambda _: self.model.move_stock(row, ends[0], ends[1], quantity, self.position())
        )

    @rule(data=st.data(), quantity=st.integers(0, 9), ago=st.integers(0, 8))
    def set(self, data: st.DataObject, quantity: int, ago: int) -> None:
        row = data.draw(self.shelf(True))
        fields: dict[str, Any] = {"sku": row[0], "location": row[1], "lot": row[2], "quantity": quantity}
        as_of = None
        if ago:
            as_of = self.now + timedelta(seconds=1.5 - ago)
            fields["as_of"] = as_of.isoformat()

        def then(outcome: dict[str, Any]) -> None:
            told = self.model.set_stock(row, quantity, as_of, self.position())
            assert told == {name: outcome[name] for name in told}

        self.step("stock.set", fields, then)

    @precondition(lambda self: self.known("event"))
    @rule(index=which, quantity=st.none() | few)
    def correct(self, index: int, quantity: int | None) -> None:
        position = int(self.one("event", index))
        if position not in self.model.posted:
            return

        def then(outcome: dict[str, Any]) -> None:
            assert self.model.correct(position, quantity) == outcome["quantity"]

        fields = {"event": position, "reason": "typing_error", **({"quantity": quantity} if quantity else {})}
        self.step("stock.correct", fields, then)

    @rule(lot=st.sampled_from(LOTS["L"]))
    def hold_lot(self, lot: str) -> None:
        if lot in self.model.known_lots:
            verb = "lots.release" if lot in self.model.stopped else "lots.hold"
            self.step(verb, {"sku": "L", "lot": lot, "reason": "look"}, lambda _: self.model.stopped.__ixor__({lot}))

    @compared
    async def stock_is_the_model(self, tx: Transaction) -> None:
        told = {
            self.row_of(row): {**{bucket: row[bucket] for bucket in BUCKETS if row[bucket]}, "short": row["short"]}
            for row in await tx.fetch("SELECT * FROM stock WHERE merchant_id = $1")
            if row["short"] or any(row[bucket] for bucket in BUCKETS)
        }
        assert told == {
            row: {**{bucket: units[bucket] for bucket in BUCKETS if units[bucket]}, "short": self.model.short(row)}
            for row, units in self.model.stock.items()
            if any(units.values()) or self.model.short(row)
        }

    @compared
    async def what_is_free_is_the_model(self, tx: Transaction) -> None:
        clock = SimpleNamespace(now=lambda _: self.now)
        with patch.object(availability_view, "datetime", clock), patch.object(promisable, "datetime", clock):
            read = await availability_view.availability(tx, AvailabilityQuery(skus=[*SKUS, "KIT"]))
        told = {item.sku: item.available for item in read.items}
        covered = self.model.is_covered("C")
        free = {sku: self.model.promisable(sku) for sku in (*SKUS, "KIT") if covered or sku != "C"}
        assert {sku: told[sku] for sku in free} == free
