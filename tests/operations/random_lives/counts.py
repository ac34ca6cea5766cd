"""Counts."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import msgspec
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from lading.database.pool import Transaction
from tests.operations.model.types import LOTS, Refused, Row
from tests.operations.random_lives.ground import Ground, compared, which


class Counts(Ground):
    """They are opened, recorded and approved."""

    @rule(data=st.data())
    def open_count(self, data: st.DataObject) -> None:
        sku, place, _ = data.draw(self.shelf(True))

        def then(outcome: dict[str, Any]) -> None:
            there = sorted(row for row in self.model.stock if row[:2] == (sku, place))
            rows = [row for row in there if row[0] not in LOTS or row in self.there()]
            if not rows and sku not in LOTS:
                rows = [(sku, place, "")]
            if not rows:
                raise Refused("nothing_to_count")
            self.model.open_count(outcome["count"], place, rows)
            self.remember("count", outcome["count"])

        self.step("counts.open", {"location": place, "skus": [sku]}, then)

    def there(self) -> set[Row]:
        """Rows of stock that exist; a lot's may be empty."""
        rows = self.fetch("SELECT sku_id, location_id, lot FROM stock WHERE merchant_id = $1")
        return {(self.skus[row["sku_id"]], self.codes[row["location_id"]], row["lot"]) for row in rows}

    @precondition(lambda self: self.known("count"))
    @rule(index=which, data=st.data(), counted=st.integers(0, 8), right=st.booleans(), ago=st.integers(0, 5))
    def record(self, index: int, data: st.DataObject, counted: int, right: bool, ago: int) -> None:
        name = self.one("count", index)
        count = self.model.counts[name]
        row = data.draw(st.sampled_from([line.row for line in count.lines]))
        if right:
            counted = max(self.model.book(row), 0)
        line: dict[str, Any] = {"sku": row[0], "lot": row[2], "quantity": counted}
        fields: dict[str, Any] = {"count": name, "lines": [line]}
        counted_at = None
        if ago > 1:
            counted_at = self.now + timedelta(seconds=1.5 - ago)
            fields["counted_at"] = counted_at.isoformat()
        self.step("counts.record", fields, lambda _: self.model.record(name, row, counted, counted_at))

    @precondition(lambda self: self.known("count"))
    @rule(index=which)
    def recount(self, index: int) -> None:
        name = self.one("count", index)
        self.step("counts.recount", {"count": name}, lambda _: self.model.recount(name))

    @precondition(lambda self: self.known("count"))
    @rule(index=which, leave=st.booleans())
    def approve(self, index: int, leave: bool) -> None:
        name = self.one("count", index)

        def then(outcome: dict[str, Any]) -> None:
            variances = self.model.approve(name, leave)
            assert [each["variance"] for each in outcome["variances"]] == variances

        self.step("counts.approve", {"count": name, "reason": "cycle", "leave_uncounted": leave}, then)

    @precondition(lambda self: self.known("count"))
    @rule(index=which)
    def cancel_count(self, index: int) -> None:
        name = self.one("count", index)
        self.step("counts.cancel", {"count": name, "reason": "vain"}, lambda _: self.model.cancel_count(name))

    @compared
    async def counts_are_the_model(self, tx: Transaction) -> None:
        told: dict[str, tuple[str, list[Any]]] = {}
        for row in await tx.fetch(
            "SELECT c.number AS name, c.status, c.location_id, l.*,"
            " (SELECT jsonb_object_agg(e.pass, jsonb_build_array(e.counted, e.expected)) FROM stock_count_entry AS e"
            "   WHERE e.merchant_id = $1 AND e.count_id = l.count_id AND e.line_number = l.number)::text AS entries"
            " FROM stock_count_line AS l JOIN stock_count AS c ON c.merchant_id = $1 AND c.id = l.count_id"
            " WHERE l.merchant_id = $1 ORDER BY c.number, l.number"
        ):
            _, lines = told.setdefault(f"C{row['name']}", (row["status"], []))
            entries = {int(n): tuple(each) for n, each in msgspec.json.decode(row["entries"] or "{}").items()}
            lines.append((self.row_of(row), row["pass"], row["variance"], entries))
        assert told == {
            name: (
                found.status,
                [
                    (
                        line.row,
                        line.wanted,
                        line.variance,
                        {n: (e.counted, e.expected) for n, e in line.entries.items()},
                    )
                    for line in found.lines
                ],
            )
            for name, found in self.model.counts.items()
        }
