"""Everything that moves stock, in random order: after each command the tables are what a model in plain dicts says.

The suite takes a few lives, always the same. LADING_MODEL_EXAMPLES and LADING_MODEL_STEPS say how many and how long they are;
where one of them is set the lives are new ones, or those of pytest's --hypothesis-seed.
"""

from __future__ import annotations

import asyncio
import os
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch
from uuid import uuid4

import msgspec
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from lading.audit import audit
from lading.database.pool import Database
from lading.operations.execute import Executor
from lading.views import availability as availability_view
from lading.views import promisable
from lading.views.availability import AvailabilityQuery
from tests.operations import stock_model
from tests.operations.conftest import Shop
from tests.operations.stock_model import (
    BUCKETS,
    LOTS,
    NORTH,
    PLACES,
    RETURNS,
    STAGES,
    Kept,
    Line,
    Model,
    Refused,
    Row,
)

EXAMPLES = int(os.environ.get("LADING_MODEL_EXAMPLES", "40"))
STEPS = int(os.environ.get("LADING_MODEL_STEPS", "30"))

SAME = not {"LADING_MODEL_EXAMPLES", "LADING_MODEL_STEPS"} & set(os.environ)

BIRTH = datetime(2026, 6, 1, 8, tzinfo=UTC)
"""When each life begins: no life meets a midnight, and all are alike on any day. Ids of events are dated by the machine's clock, so it
is a day that is past."""
DUE = "2035-12-03T08:00:00Z"

few = st.integers(1, 4)
places = st.sampled_from(PLACES)
which = st.integers(0, 5)
"""One of those that there are, the latest first."""


@st.composite
def shelves(draw: st.DrawFn, among: Sequence[str] = stock_model.SKUS) -> Row:
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


class Stock(RuleBasedStateMachine):
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
                dated = {"sku": sku, "location": "LEJ", "quantity": 1, "lot": lot, "expires_on": f"{year}-01-31"}
                self._receive((sku, "LEJ", lot), dated)
        for place in PLACES[:2]:
            self._receive(("A", place, ""), {"sku": "A", "location": place, "quantity": 3})
            self._receive(("B", place, ""), {"sku": "B", "location": place, "quantity": 3})

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
            "products.save", *({"sku": sku, "name": sku, **tracking.get(sku, {})} for sku in (*stock_model.SKUS, "KIT"))
        )
        for kit, parts in stock_model.KITS.items():
            components = [{"sku": sku, "per_kit": units} for sku, units in parts.items()]
            await shop.do("kits.save", sku=kit, components=components, stocked=kit == "BOX")
        await shop.do("policies.set", name="may_backorder", sku=stock_model.WAITS, value=True)
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

    # Stock alone

    @rule(data=st.data(), quantity=st.integers(1, 8))
    def receive(self, data: st.DataObject, quantity: int) -> None:
        row = data.draw(self.shelf(False))
        self._receive(row, {"sku": row[0], "location": row[1], "lot": row[2], "quantity": quantity})

    def _receive(self, row: Row, fields: dict[str, Any]) -> None:
        def then(outcome: dict[str, Any]) -> None:
            self.model.receive(row, fields["quantity"], self.position())
            assert outcome["available"] == self.model.row(row)["available"]

        self.step("stock.receive", {**fields, "reason": "purchase"}, then)

    @rule(data=st.data(), quantity=few, kind=st.sampled_from(sorted(stock_model.ENDS)), held_too=st.booleans())
    def adjust(self, data: st.DataObject, quantity: int, kind: str, held_too: bool) -> None:
        row = data.draw(self.shelf(kind != "found"))
        place = {"sku": row[0], "location": row[1], "lot": row[2]}
        fields = {**place, "quantity": quantity, "kind": kind, "reason": "seen", "held_too": held_too}
        self.step("stock.adjust", fields, lambda _: self.model.adjust(row, kind, quantity, held_too, self.position()))

    def shelf(self, stocked: bool) -> st.SearchStrategy[Row]:
        """A row of stock, mostly one on which something lies."""
        there = sorted(row for row, units in self.model.stock.items() if any(units.values()))
        found = st.sampled_from(there) if stocked and there else shelves()
        return st.sampled_from((self.focus, self.focus, None)).flatmap(lambda row: st.just(row) if row else found)

    def wishes(self) -> st.SearchStrategy[list[tuple[str, int]]]:
        """Products and units, mostly of what this life is about."""
        sku = self.focus[0] if self.focus else "A"
        line = st.tuples(st.sampled_from((*stock_model.SKUS, sku, sku, sku, sku)), few)
        return st.lists(line, min_size=1, max_size=3)

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

    # Orders

    @rule(data=st.data(), kept=st.booleans())
    def place(self, data: st.DataObject, kept: bool) -> None:
        wants, reservation = data.draw(self.wishes()), None
        if kept and self.known("reservation"):
            reservation = self.one("reservation", data.draw(which))
            if data.draw(st.booleans()):
                held = self.model.reservations[reservation].lines
                wants = [(line.sku, line.quantity) for line in held][:3]
        self._place(wants, reservation)

    def _place(self, wants: list[tuple[str, int]], reservation: str | None) -> None:
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
        self._place([("KIT", quantity)], None)

    def lines(self, number: str, wants: Sequence[tuple[str, int]]) -> list[Line]:
        """The lines that an order should have: as asked, and the parts of kits after them."""
        made = [Line(index, sku, units, None, sku == "KIT") for index, (sku, units) in enumerate(wants, 1)]
        for kit in [line for line in made if line.is_kit]:
            for sku, per_kit in stock_model.KITS[kit.sku].items():
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

    @precondition(lambda self: self.known("order"))
    @rule(index=which, line=st.sampled_from((1, 1, 2)), quantity=st.integers(1, 2))
    def request_return(self, index: int, line: int, quantity: int) -> None:
        number = self.one("order", index)
        order = self.model.orders[number]
        if line in order.lines and order.lines[line].is_kit:
            return
        fields = {"order": number, "reason": "size", "lines": [{"line": line, "quantity": quantity}]}
        self.step("returns.request", fields, lambda _: self.model.request_return(number, line, quantity))

    @precondition(
        lambda self: any(order.returns for order in self.model.orders.values()) if self.known("order") else False
    )
    @rule(
        data=st.data(),
        place=places,
        quantity=st.integers(1, 2),
        lot=st.sampled_from(LOTS["L"]),
        line=st.sampled_from((1, 1, 2)),
    )
    def receive_return(self, data: st.DataObject, place: str, quantity: int, lot: str, line: int) -> None:
        number = data.draw(st.sampled_from([number for number, each in self.model.orders.items() if each.returns]))
        order = self.model.orders[number]
        document = data.draw(st.integers(1, len(order.returns)))
        if line not in order.lines:
            return
        named = lot if order.lines[line].sku in LOTS else ""
        units = {"line": line, "quantity": quantity, **({"lot": named} if named else {})}
        fields = {"document": f"{number}-R{document}", "location": place, "lines": [units]}
        self.step(
            "returns.receive",
            fields,
            lambda _: self.model.receive_return(number, document, line, quantity, place, named),
        )

    @precondition(
        lambda self: any(order.returns for order in self.model.orders.values()) if self.known("order") else False
    )
    @rule(
        data=st.data(),
        quantity=st.integers(1, 2),
        disposition=st.sampled_from(("restock", "damaged", "scrapped")),
        line=st.sampled_from((1, 1, 2)),
    )
    def dispose(self, data: st.DataObject, quantity: int, disposition: str, line: int) -> None:
        number = data.draw(st.sampled_from([number for number, each in self.model.orders.items() if each.returns]))
        document = data.draw(st.integers(1, len(self.model.orders[number].returns)))
        # Somebody may have sold or moved what waits in quality hold by its bucket alone: then nothing can be said.
        lines = self.model.orders[number].returns[document - 1]
        if line in lines and lines[line].place:
            row = (self.model.orders[number].lines[line].sku, str(lines[line].place), lines[line].lot)
            if self.model.row(row)["quality_hold"] < quantity:
                return
        fields = {
            "document": f"{number}-R{document}",
            "lines": [{"line": line, "quantity": quantity, "disposition": disposition}],
        }
        self.step(
            "returns.dispose", fields, lambda _: self.model.dispose(number, document, line, quantity, disposition)
        )

    # Reservations

    @rule(
        data=st.data(),
        how=st.sampled_from(("chosen", "chosen", "anywhere", "group", *PLACES)),
        seconds=st.sampled_from((3, 6, 12, 40)),
    )
    def reserve(self, data: st.DataObject, how: str, seconds: int) -> None:
        wants = dict(data.draw(self.wishes()))
        if how in ("anywhere", "group"):
            wants = {"C": wants.get("C", 2)}
        lines = [{"sku": sku, "quantity": units} for sku, units in wants.items()]
        fields: dict[str, Any] = {"lines": lines, "seconds": seconds}
        fields |= {"anywhere": {"anywhere": True}, "group": {"group": "NORTH"}}.get(how, {})
        if how in PLACES:
            fields["location"] = how

        def then(outcome: dict[str, Any]) -> None:
            place = how if how in PLACES else None
            if self.model.is_covered("C") or "C" not in wants:
                self.model.refuse_reservation(wants, place, how == "group", how == "anywhere")
            elif "refused" in outcome:
                raise Refused(outcome["name"])
            kept = self.kept(outcome["lines"], how == "group")
            expires_at = self.model.reserve(outcome["reservation"], kept, seconds, wants)
            assert datetime.fromisoformat(outcome["expires_at"]) == expires_at
            self.remember("reservation", outcome["reservation"])

        self.step("reservations.reserve", fields, then)

    @staticmethod
    def kept(lines: Sequence[Mapping[str, Any]], group: bool = False) -> list[Kept]:
        return [
            Kept(
                (line["sku"], line["location"], line["lot"]) if line["location"] else None,
                line["sku"],
                line["quantity"],
                group and not line["location"],
            )
            for line in lines
        ]

    @rule(seconds=st.sampled_from((3, 8, 40)))
    def pass_by(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)
        self.model.now = self.now

    @precondition(lambda self: self.known("reservation"))
    @rule(index=which, seconds=st.integers(1, 60))
    def extend(self, index: int, seconds: int) -> None:
        id_ = self.one("reservation", index)
        self.step(
            "reservations.extend", {"reservation": id_, "seconds": seconds}, lambda _: self.model.extend(id_, seconds)
        )

    @precondition(lambda self: self.known("reservation"))
    @rule(index=which, verb=st.sampled_from(("release", "expire")))
    def finish(self, index: int, verb: str) -> None:
        id_ = self.one("reservation", index)

        def then(outcome: dict[str, Any]) -> None:
            assert self.model.finish(id_, verb + "d") == outcome["units"]

        self.step(f"reservations.{verb}", {"reservation": id_}, then)

    @precondition(lambda self: self.known("reservation"))
    @rule(index=which, place=st.none() | places)
    def pin(self, index: int, place: str | None) -> None:
        id_ = self.one("reservation", index)

        def then(outcome: dict[str, Any]) -> None:
            if self.model.is_covered("C"):
                self.model.refuse_pin(id_, place)
            elif "refused" in outcome:
                raise Refused(outcome["name"])
            self.model.pin(id_, self.kept(outcome["lines"]))

        self.step("reservations.pin", {"reservation": id_, **({"location": place} if place else {})}, then)

    # What is bought, and what travels

    @rule(row=shelves(("A", "W", "W", "L")), quantity=st.integers(1, 8))
    def buy(self, row: Row, quantity: int) -> None:
        line = {"sku": row[0], "location": row[1], "quantity": quantity, "due_at": DUE}

        def then(outcome: dict[str, Any]) -> None:
            counted = {"sku": row[0], "place": row[1], "ordered": quantity, "received": 0, "damaged": 0, "cancelled": 0}
            self.model.purchases[outcome["purchase_order"]] = stock_model.Purchase([counted])
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

    @rule(data=st.data(), ends=st.permutations(PLACES), quantity=st.integers(1, 5))
    def transfer(self, data: st.DataObject, ends: list[str], quantity: int) -> None:
        rows = data.draw(st.lists(self.shelf(True), min_size=1, max_size=2))
        if self.focus and self.focus in rows:
            ends = sorted(ends, key=lambda place: place != rows[0][1])
        lines = [{"sku": sku, "lot": lot, "quantity": quantity} for sku, _, lot in rows]
        fields = {"from_location": ends[0], "to_location": ends[1], "due_at": DUE, "lines": lines}

        def then(outcome: dict[str, Any]) -> None:
            planned = [Counter(planned=quantity) for _ in rows]
            self.model.transfers[outcome["transfer"]] = stock_model.Transfer(
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

    # Counts and shortages

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

    # Kits made ahead

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

    # What must hold after each step

    @invariant()
    def the_tables_are_the_model(self) -> None:
        if not hasattr(self, "shop"):
            return
        told = self.run(self._tables())
        model = self.model
        rows = {
            row: {**{bucket: units[bucket] for bucket in BUCKETS if units[bucket]}, "short": model.short(row)}
            for row, units in model.stock.items()
            if any(units.values()) or model.short(row)
        }
        assert told["stock"] == rows
        assert told["lines"] == {
            (number, line.number): {stage: line.units[stage] for stage in (*STAGES, *RETURNS) if line.units[stage]}
            for number, order in model.orders.items()
            for line in order.lines.values()
        }
        assert told["allocations"] == {
            number: [
                (each.line, each.row, each.work, *(each.units[stage] for stage in stock_model.IN_STOCK_AS))
                for each in order.allocations
            ]
            for number, order in model.orders.items()
            if order.allocations
        }
        assert told["reservations"] == {
            id_: [(line.row, line.sku, line.quantity, found.expires_at, line.ended) for line in found.lines]
            for id_, found in model.reservations.items()
        }
        assert told["shortages"] == sorted(
            (each.row, each.kind, each.quantity, each.remaining, each.opened_at) for each in model.shortages
        )
        assert told["purchases"] == {
            name: tuple(found.lines[0][counter] for counter in ("ordered", "received", "damaged", "cancelled"))
            for name, found in model.purchases.items()
        }
        counters = ("ready", "in_transit", "received", "damaged", "came_home", "lost", "cancelled")
        assert told["transfers"] == {
            name: (found.status, [tuple(line[counter] for counter in counters) for line in found.lines])
            for name, found in model.transfers.items()
        }
        assert told["counts"] == {
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
            for name, found in model.counts.items()
        }
        assert told["works"] == {
            name: (
                found.done,
                found.cancelled,
                [(each["row"], each["allocated"], each["done"]) for each in found.lines],
            )
            for name, found in model.works.items()
        }
        for (number, line_number), units in told["promised"].items():
            assert units == model.orders[number].lines[line_number].units["backordered"]
        covered = model.is_covered("C")
        free = {sku: model.promisable(sku) for sku in (*stock_model.SKUS, "KIT") if covered or sku != "C"}
        assert {sku: told["free"][sku] for sku in free} == free

    async def _tables(self) -> dict[str, Any]:
        """All that is compared, in one snapshot."""
        query = AvailabilityQuery(skus=[*stock_model.SKUS, "KIT"])
        async with self.inside.database.read(self.shop.merchant_id) as tx:
            stock = await tx.fetch("SELECT * FROM stock WHERE merchant_id = $1")
            lines = await tx.fetch(
                "SELECT o.number AS order_number, l.* FROM order_line AS l JOIN orders AS o ON o.merchant_id = $1 AND o.id = l.order_id"
                " WHERE l.merchant_id = $1"
            )
            allocations = await tx.fetch(
                "SELECT o.number AS order_number, a.* FROM allocation AS a JOIN orders AS o ON o.merchant_id = $1 AND o.id = a.order_id"
                " WHERE a.merchant_id = $1 ORDER BY o.number, a.number"
            )
            kept = await tx.fetch(
                "SELECT * FROM reservation_line WHERE merchant_id = $1 ORDER BY reservation_id, number"
            )
            shortages = await tx.fetch("SELECT * FROM shortage WHERE merchant_id = $1")
            purchases = await tx.fetch(
                "SELECT p.number AS name, l.* FROM purchase_order_line AS l JOIN purchase_order AS p"
                " ON p.merchant_id = $1 AND p.id = l.purchase_order_id WHERE l.merchant_id = $1"
            )
            transfers = await tx.fetch(
                "SELECT t.number AS name, t.status, l.* FROM transfer_line AS l JOIN transfer AS t"
                " ON t.merchant_id = $1 AND t.id = l.transfer_id WHERE l.merchant_id = $1 ORDER BY t.number, l.number"
            )
            counts = await tx.fetch(
                "SELECT c.number AS name, c.status, c.location_id, l.*,"
                " (SELECT jsonb_object_agg(e.pass, jsonb_build_array(e.counted, e.expected)) FROM stock_count_entry AS e"
                "   WHERE e.merchant_id = $1 AND e.count_id = l.count_id AND e.line_number = l.number)::text AS entries"
                " FROM stock_count_line AS l JOIN stock_count AS c ON c.merchant_id = $1 AND c.id = l.count_id"
                " WHERE l.merchant_id = $1 ORDER BY c.number, l.number"
            )
            works = await tx.fetch(
                "SELECT w.number AS name, w.completed, w.cancelled AS given_up, w.location_id, l.* FROM work_order_line AS l"
                " JOIN work_order AS w ON w.merchant_id = $1 AND w.id = l.work_order_id"
                " WHERE l.merchant_id = $1 AND l.role = 'input' ORDER BY w.number, l.number"
            )
            promised = await tx.fetch(
                "SELECT o.number AS order_number, p.line_number, p.quantity FROM promise AS p JOIN orders AS o"
                " ON o.merchant_id = $1 AND o.id = p.order_id WHERE p.merchant_id = $1"
            )
            clock = SimpleNamespace(now=lambda _: self.now)
            with patch.object(availability_view, "datetime", clock), patch.object(promisable, "datetime", clock):
                free = await availability_view.availability(tx, query)

        def row_of(row: Any) -> Row:
            return self.skus[row["sku_id"]], self.codes[row["location_id"]], row["lot"]

        told: dict[str, Any] = {
            "stock": {
                row_of(row): {**{bucket: row[bucket] for bucket in BUCKETS if row[bucket]}, "short": row["short"]}
                for row in stock
                if row["short"] or any(row[bucket] for bucket in BUCKETS)
            },
            "lines": {
                (str(row["order_number"]), row["number"]): {
                    stage: row[stage] for stage in (*STAGES, *RETURNS) if row[stage]
                }
                for row in lines
            },
            "shortages": sorted(
                (row_of(row), row["kind"], row["quantity"], row["remaining"], row["opened_at"]) for row in shortages
            ),
            "purchases": {
                f"PO{row['name']}": (row["ordered"], row["received"], row["damaged"], row["cancelled"])
                for row in purchases
            },
            "promised": {(str(row["order_number"]), row["line_number"]): row["quantity"] for row in promised},
        }
        by_order = told["allocations"] = {}
        for row in allocations:
            units = [row[stage] for stage in stock_model.IN_STOCK_AS]
            by_order.setdefault(str(row["order_number"]), []).append(
                (row["line_number"], row_of(row), row["fulfillment_order"], *units)
            )
        reservations = told["reservations"] = {}
        for row in kept:
            line = (row_of(row) if row["location_id"] else None, self.skus[row["sku_id"]], row["quantity"])
            reservations.setdefault(str(row["reservation_id"]), []).append((*line, row["expires_at"], row["ended_as"]))
        counters = ("ready", "in_transit", "received", "damaged", "came_home", "lost", "cancelled")
        moved = told["transfers"] = {}
        for row in transfers:
            _, found = moved.setdefault(f"T{row['name']}", (row["status"], []))
            found.append(tuple(row[counter] for counter in counters))
        counted = told["counts"] = {}
        for row in counts:
            _, found = counted.setdefault(f"C{row['name']}", (row["status"], []))
            entries = {int(n): tuple(each) for n, each in msgspec.json.decode(row["entries"] or "{}").items()}
            found.append((row_of(row), row["pass"], row["variance"], entries))
        made = told["works"] = {}
        for row in works:
            *_, found = made.setdefault(f"W{row['name']}", (row["completed"], row["given_up"], []))
            found.append((row_of(row), row["allocated"], row["done"]))
        told["free"] = {item.sku: item.available for item in free.items}
        return told

    def teardown(self) -> None:
        if hasattr(self, "shop"):
            self.run(self._audit())

    async def _audit(self) -> None:
        async with self.inside.database.read(self.shop.merchant_id) as tx:
            assert [difference.sentence for difference in await audit(tx)] == []


def test_stock_is_what_the_model_says(shared_dsn: str) -> None:
    """Random lives; Hypothesis shows the shortest one that fails."""
    inside = Inside(shared_dsn)
    machine = type("Life", (Stock,), {"inside": inside})
    profile = settings(
        max_examples=EXAMPLES,
        stateful_step_count=STEPS,
        suppress_health_check=list(HealthCheck),
        database=None,
        print_blob=True,
        report_multiple_bugs=False,
        derandomize=SAME,
    )
    try:
        run_state_machine_as_test(machine, settings=profile)
    finally:
        inside.close()
