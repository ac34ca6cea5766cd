"""What all random lives stand on: a merchant with a little stock, its model, one command after the other, and the comparison of both."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import msgspec
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant

from lading.audit import audit
from lading.database.pool import Database, Transaction
from lading.entrypoints.worker import demand_days
from lading.operations.execute import Executor
from tests.operations.conftest import Shop
from tests.operations.model.model import Model
from tests.operations.model.types import KITS, LOTS, NORTH, PLACES, SKUS, WAITS, Refused, Row

Comparison = Callable[[Any, Transaction], Awaitable[None]]

BIRTH = datetime(2026, 6, 1, 8, tzinfo=UTC)
"""When each life begins: no life meets a midnight, and all are alike on any day. Ids of events are dated by the machine's clock, so it
is a day that is past."""
DUE = "2035-12-03T08:00:00Z"

few = st.integers(1, 4)
places = st.sampled_from(PLACES)
which = st.integers(0, 5)
"""One of those that there are, the latest first."""


@st.composite
def shelves(draw: st.DrawFn, among: Sequence[str] = SKUS) -> Row:
    sku = draw(st.sampled_from(among))
    return sku, draw(places), draw(st.sampled_from(LOTS.get(sku, ("",))))


of_lines = st.lists(st.tuples(st.integers(1, 3), st.integers(1, 3)), max_size=2, unique_by=lambda each: each[0])
"""(line, units); none: all."""


class Inside:
    """One event loop and one database for all lives; each life is a merchant of its own."""

    def __init__(self, dsn: str) -> None:
        self.runner = asyncio.Runner()
        self.database: Database = self.runner.run(Database.connect(dsn))

    def close(self) -> None:
        self.runner.run(self.database.close())
        self.runner.close()


def compared(comparison: Comparison) -> Comparison:
    """After each step a room's tables are what the model says of them."""
    comparison.compares = True  # type: ignore[attr-defined]
    return comparison


class Ground(RuleBasedStateMachine):
    """One merchant, and the model of it."""

    inside: Inside

    @initialize(focus=st.none() | shelves())
    def open(self, focus: Row | None) -> None:
        self.focus = focus
        """Most of this life happens there: what several commands make of one row is seen often enough."""
        self.now = BIRTH
        self.model = Model(self.now)
        self.run(self._open())
        self.last: dict[str, list[str]] = {}
        """Names of documents, the latest last."""
        for sku, lots in LOTS.items():
            for year, lot in enumerate(lots, 2991):
                self.stock_up((sku, "LEJ", lot), 1, expires_on=f"{year}-01-31")
        for place in PLACES[:2]:
            self.stock_up(("A", place, ""), 3)
            self.stock_up(("B", place, ""), 3)
        self.begin()

    def begin(self) -> None:
        """What happens before chance takes over."""

    async def _open(self) -> None:
        executor = Executor(self.inside.database, lambda: self.now)
        self.shop = shop = await Shop.open(self.inside.database, f"life-{uuid4().hex}", executor)
        await shop.do("location-groups.save", code="NORTH", name="North")
        fields = {"kind": "warehouse", "country": "DE", "time_zone": "Europe/Berlin", "group": "NORTH"}
        await shop.batch(
            "locations.save",
            *({"code": code, "name": code, "priority": rank, **fields} for rank, code in enumerate(NORTH, 1)),
        )
        tracking = {sku: {"tracking": "lot"} for sku in LOTS}
        await shop.batch(
            "products.save", *({"sku": sku, "name": sku, **tracking.get(sku, {})} for sku in (*SKUS, "KIT"))
        )
        for kit, parts in KITS.items():
            components = [{"sku": sku, "per_kit": units} for sku, units in parts.items()]
            await shop.do("kits.save", sku=kit, components=components, stocked=kit == "BOX")
        await shop.do("policies.set", name="may_backorder", sku=WAITS, value=True)
        await shop.do("policies.set", name="assemble_when_short", sku="BOX", value=False)
        self.places = {
            row["code"]: row["id"] for row in await shop.fetch("SELECT code, id FROM location WHERE merchant_id = $1")
        }
        self.codes = {id_: code for code, id_ in self.places.items()}
        self.skus = {
            row["id"]: row["code"] for row in await shop.fetch("SELECT code, id FROM sku WHERE merchant_id = $1")
        }

    def run(self, work: Any) -> Any:
        return self.inside.runner.run(work)

    def fetch(self, sql: str, *arguments: Any) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.run(self.shop.fetch(sql, *arguments))
        return found

    def step(self, verb: str, fields: Mapping[str, Any], then: Callable[[dict[str, Any]], None]) -> dict[str, Any]:
        """A second later, one command: it is refused by the name that the model gives, or both change."""
        self.now += timedelta(seconds=1)
        self.model.now = self.now
        self.envelope = self.shop.envelope(verb, fields)
        (answer,) = self.run(self.shop.run(verb, [self.envelope]))
        assert not answer.failed, f"{verb} failed: look at the log"
        outcome: dict[str, Any] = msgspec.json.decode(answer.body)
        try:
            then(outcome)
        except Refused as refusal:
            assert outcome.get("name") == str(refusal), f"{verb} should be refused: {refusal}; it is {outcome}"
        except KeyError as error:
            if "refused" not in outcome:
                raise
            raise AssertionError(f"{verb} should be accepted: {outcome}") from error
        else:
            self.accepted(verb, outcome)
        return outcome

    def accepted(self, verb: str, outcome: Mapping[str, Any]) -> None:
        """The model did it; so did the system."""
        assert "refused" not in outcome, f"{verb} should be accepted: {outcome}"
        if verb.startswith("stock.") and verb != "stock.correct":
            self.remember("event", str(self.position()))

    def position(self) -> int:
        (row,) = self.fetch("SELECT coalesce(max(position), 0) AS position FROM event WHERE merchant_id = $1")
        return int(row["position"])

    def takes(self) -> list[tuple[int, Row, int, str]]:
        """What the last command allocated: the one thing that the model does not know before."""
        rows = self.fetch(
            "SELECT line_number, sku_id, from_location_id, from_lot, quantity, from_bucket FROM posting"
            " WHERE merchant_id = $1 AND event_id = $2 AND to_bucket = 'allocated' ORDER BY number",
            self.envelope.event_id,
        )
        return [
            (
                row["line_number"],
                (self.skus[row["sku_id"]], self.codes[row["from_location_id"]], row["from_lot"] or ""),
                row["quantity"],
                row["from_bucket"],
            )
            for row in rows
        ]

    def one(self, kind: str, index: int) -> str:
        names = self.last[kind]
        return names[-1 - index % len(names)]

    def known(self, kind: str) -> bool:
        return bool(getattr(self, "last", {}).get(kind))

    def remember(self, kind: str, name: str) -> None:
        self.last.setdefault(kind, []).append(name)

    def stock_up(self, row: Row, quantity: int, **more: str) -> None:
        """Units arrive from a supplier."""
        sku, location, lot = row
        fields = {"sku": sku, "location": location, "quantity": quantity, "reason": "purchase", **more}

        def then(outcome: dict[str, Any]) -> None:
            self.model.receive(row, quantity, self.position())
            assert outcome["available"] == self.model.row(row)["available"]

        self.step("stock.receive", {**fields, **({"lot": lot} if lot else {})}, then)

    def shelf(self, stocked: bool) -> st.SearchStrategy[Row]:
        """A row of stock, mostly one on which something lies."""
        there = sorted(row for row, units in self.model.stock.items() if any(units.values()))
        found = st.sampled_from(there) if stocked and there else shelves()
        return st.sampled_from((self.focus, self.focus, None)).flatmap(lambda row: st.just(row) if row else found)

    def wishes(self) -> st.SearchStrategy[list[tuple[str, int]]]:
        """Products and units, mostly of what this life is about."""
        sku = self.focus[0] if self.focus else "A"
        line = st.tuples(st.sampled_from((*SKUS, sku, sku, sku, sku)), few)
        return st.lists(line, min_size=1, max_size=3)

    def row_of(self, row: Any) -> Row:
        return self.skus[row["sku_id"]], self.codes[row["location_id"]], row["lot"]

    @invariant()
    def the_tables_are_the_model(self) -> None:
        if hasattr(self, "shop"):
            self.run(self._compare())

    async def _compare(self) -> None:
        """Each room with its part of the model, all in one snapshot."""
        rooms = [getattr(self, name) for name in dir(type(self)) if hasattr(getattr(type(self), name), "compares")]
        async with self.inside.database.read(self.shop.merchant_id) as tx:
            for compare in rooms:
                await compare(tx)

    def teardown(self) -> None:
        if hasattr(self, "shop"):
            self.run(self._audit())

    async def _audit(self) -> None:
        await demand_days.catch_up(self.inside.database, self.shop.merchant_id)
        async with self.inside.database.read(self.shop.merchant_id) as tx:
            assert [difference.sentence for difference in await audit(tx)] == []
