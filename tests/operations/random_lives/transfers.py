"""Transfers."""

from __future__ import annotations

from collections import Counter
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from lading.database.pool import Transaction
from tests.operations.model.types import PLACES, Refused, Transfer
from tests.operations.random_lives.ground import DUE, Ground, compared, of_lines, which


class Transfers(Ground):
    """They are made ready, shipped, received and ended."""

    @rule(data=st.data(), ends=st.permutations(PLACES), quantity=st.integers(1, 5))
    def transfer(self, data: st.DataObject, ends: list[str], quantity: int) -> None:
        rows = data.draw(st.lists(self.shelf(True), min_size=1, max_size=2))
        if self.focus and self.focus in rows:
            ends = sorted(ends, key=lambda place: place != rows[0][1])
        lines = [{"sku": sku, "lot": lot, "quantity": quantity} for sku, _, lot in rows]
        fields = {"from_location": ends[0], "to_location": ends[1], "due_at": DUE, "lines": lines}

        def then(outcome: dict[str, Any]) -> None:
            planned = [Counter(planned=quantity) for _ in rows]
            self.model.transfers[outcome["transfer"]] = Transfer(
                ends[0], ends[1], planned, [(sku, lot) for sku, _, lot in rows]
            )
            self.remember("transfer", outcome["transfer"])

        self.step("transfers.create", fields, then)

    @precondition(lambda self: self.known("transfer"))
    @rule(index=which, wanted=of_lines)
    def ready(self, index: int, wanted: list[tuple[int, int]]) -> None:
        name = self.one("transfer", index)
        fields = {"transfer": name, "lines": [{"line": line, "quantity": units} for line, units in wanted]}

        def then(outcome: dict[str, Any]) -> None:
            if not self.model.is_covered("C") and outcome.get("name") == "kept_back":
                raise Refused("kept_back")
            self.model.ready(name, wanted)

        self.step("transfers.ready", fields, then)

    @precondition(lambda self: self.known("transfer"))
    @rule(index=which, wanted=of_lines)
    def ship_transfer(self, index: int, wanted: list[tuple[int, int]]) -> None:
        name = self.one("transfer", index)
        fields = {"transfer": name, "lines": [{"line": line, "quantity": units} for line, units in wanted]}
        self.step("transfers.ship", fields, lambda _: self.model.ship_transfer(name, wanted))

    @precondition(lambda self: self.known("transfer"))
    @rule(index=which, wanted=of_lines, damaged=st.integers(0, 1))
    def receive_transfer(self, index: int, wanted: list[tuple[int, int]], damaged: int) -> None:
        name = self.one("transfer", index)
        landed = [(line, units, damaged) for line, units in wanted]
        lines = [{"line": line, "quantity": units, "damaged": damaged} for line, units, damaged in landed]
        fields = {"transfer": name, "lines": lines}
        self.step("transfers.receive", fields, lambda _: self.model.receive_transfer(name, landed))

    @precondition(lambda self: self.known("transfer"))
    @rule(
        index=which,
        told=st.dictionaries(st.integers(1, 2), st.tuples(st.integers(0, 3), st.integers(0, 3)), max_size=2),
        cancel=st.booleans(),
    )
    def end_transfer(self, index: int, told: dict[int, tuple[int, int]], cancel: bool) -> None:
        name = self.one("transfer", index)
        lines = [{"line": line, "came_home": home, "lost": lost} for line, (home, lost) in told.items()]
        fields = {"transfer": name, "reason": "truck", "lines": lines}
        verb = "transfers.cancel" if cancel else "transfers.close"
        self.step(verb, fields, lambda _: self.model.end_transfer(name, told, cancel))

    @compared
    async def transfers_are_the_model(self, tx: Transaction) -> None:
        counters = ("ready", "in_transit", "received", "damaged", "came_home", "lost", "cancelled")
        told: dict[str, tuple[str, list[Any]]] = {}
        for row in await tx.fetch(
            "SELECT t.number AS name, t.status, l.* FROM transfer_line AS l JOIN transfer AS t"
            " ON t.merchant_id = $1 AND t.id = l.transfer_id WHERE l.merchant_id = $1 ORDER BY t.number, l.number"
        ):
            _, lines = told.setdefault(f"T{row['name']}", (row["status"], []))
            lines.append(tuple(row[counter] for counter in counters))
        assert told == {
            name: (found.status, [tuple(line[counter] for counter in counters) for line in found.lines])
            for name, found in self.model.transfers.items()
        }
