"""A batch equals its commands one by one, in order of arrival; units and money of what was decided are conserved."""

from __future__ import annotations

import copy
import hashlib
import uuid
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from lading.catalog.policies import Policies
from lading.catalog.rules import ranking
from lading.catalog.types import Location, Network, Sku
from lading.customers.types import People
from lading.inventory.types import Shelf, Supplies
from lading.journal.types import Decision, Envelope
from lading.kernel.ids import ZERO
from lading.operations import place_orders
from lading.operations.choosing_stock import Stock
from lading.operations.place_orders import decide
from lading.operations.placing import World
from lading.operations.registry import Batch
from lading.orders.commands import PlaceOrder
from lading.orders.types import Order

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
CODES = ("A", "B", "C")
SKUS = {code: Sku(uuid.uuid5(ZERO, code), code, active=True) for code in CODES} | {
    "OLD": Sku(uuid.uuid5(ZERO, "OLD"), "OLD", active=False)
}
PLACES = {name: Location(uuid.uuid5(ZERO, name), name, name, 1, active=True) for name in ("HAM", "BER")}
PRICES = st.sampled_from(["1.99", "0.333333", "20"])
CHANNEL = uuid.uuid5(ZERO, "web")


def euros(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": "EUR"}


@st.composite
def orders(draw: st.DrawFn) -> dict[str, Any]:
    """An order as JSON: few products and references, so that orders meet."""
    lines = draw(
        st.lists(st.tuples(st.sampled_from([*CODES, *CODES, "OLD", "NEW"]), st.integers(1, 4)), min_size=1, max_size=2)
    )
    body: dict[str, Any] = {
        "channel": draw(st.sampled_from(["web"] * 9 + ["shop"])), "currency": "EUR",
        "lines": [{"sku": sku, "quantity": units, "unit_price": euros(draw(PRICES))} for sku, units in lines],
    }  # fmt: skip
    if draw(st.integers(0, 2)):
        body["external_reference"] = draw(st.sampled_from(["R1", "R2"]))
    if draw(st.booleans()):
        body["charges"] = [{"kind": "shipping", "code": "std", "amount": euros("4.90")}]
        body["tenders"] = [{"amount": euros("5.00")}]
    if draw(st.booleans()):
        body["ship_to"] = {"country": "DE"}
    return body


@st.composite
def worlds(draw: st.DrawFn) -> World:
    supplies: Supplies = {
        SKUS[code].id: [Shelf(place.id, "", draw(st.integers(0, 6))) for place in PLACES.values()] for code in CODES
    }
    flags = {name: {("merchant", ZERO): draw(st.booleans())} for name in ("may_split", "may_backorder")}
    network = Network({"web": CHANNEL}, {place.id: place for place in PLACES.values()})
    policies = Policies(1, flags)
    stock = Stock(policies, ranking(network, policies), supplies)
    return World(SKUS, network, policies, People(), stock=stock)


def envelopes(bodies: Sequence[dict[str, Any]]) -> list[Envelope[PlaceOrder]]:
    made = []
    for index, body in enumerate(bodies):
        digest = hashlib.sha256(msgspec.json.encode(body, order="sorted")).digest()
        ids = [uuid.uuid5(ZERO, f"{index}-{what}") for what in ("command", "event", "fresh")]
        made.append(Envelope(ids[0], digest, "key:test", msgspec.convert(body, PlaceOrder), ids[1], ids[2]))
    return made


def told(decision: Decision) -> tuple[Any, ...]:
    """All that write would be given."""
    return decision.outcome, decision.event, list(decision.postings), list(decision.money), decision.rows


@given(worlds(), st.lists(orders(), min_size=1, max_size=8))
def test_a_batch_equals_its_commands_one_by_one(world: World, bodies: list[dict[str, Any]]) -> None:
    again, batch = copy.deepcopy(world), envelopes(bodies)
    numbers = range(1001, 1001 + len(batch))
    whole = decide(world, Batch(batch, True, 0, numbers, NOW))
    alone = [
        decision
        for envelope, number in zip(batch, numbers, strict=True)
        for decision in decide(again, Batch([envelope], True, 0, [number], NOW))
    ]
    assert [told(decision) for decision in whole] == [told(decision) for decision in alone]


@settings(max_examples=500)
@given(worlds(), st.lists(orders(), min_size=3, max_size=8))
def test_what_was_proposed_before_the_locks_is_what_is_decided_under_them(
    world: World, bodies: list[dict[str, Any]]
) -> None:
    batch = envelopes(bodies)
    inside = Batch(batch, True, 0, range(1001, 1001 + len(batch)), NOW)
    planned = copy.deepcopy(world)
    planned.decided = place_orders._decide((again := copy.deepcopy(world)).anew(), again.stock, inside)
    assert [told(decision) for decision in decide(planned, inside)] == [
        told(decision) for decision in decide(world, inside)
    ]


@given(worlds(), st.lists(orders(), min_size=1, max_size=8))
def test_units_and_money_of_what_was_decided_are_conserved(world: World, bodies: list[dict[str, Any]]) -> None:
    before = {
        (sku, shelf.location_id): shelf.available for sku, shelves in world.stock.supplies.items() for shelf in shelves
    }
    batch = envelopes(bodies)
    for decision in decide(world, Batch(batch, True, 0, range(1001, 1001 + len(batch)), NOW)):
        if not decision.rows:
            assert decision.event is None and not decision.postings and not decision.money
            continue
        order = next(row for row in decision.rows if isinstance(row, Order))
        for line in order.lines.values():
            assert sum(line.units.values()) == line.ordered and min(line.units.values()) >= 0
        for posting in decision.postings:
            if posting.source:
                before[(posting.sku_id, posting.source.location_id or ZERO)] -= posting.quantity
        owed = sum(m.amount_minor if m.debit == "receivable" else -m.amount_minor for m in decision.money)
        assert owed == order.due_minor
        assert order.charged_minor == sum(line.cost_minor(line.ordered) for line in order.lines.values())
    left = {
        (sku, shelf.location_id): shelf.available for sku, shelves in world.stock.supplies.items() for shelf in shelves
    }
    assert before == left and min(left.values()) >= 0
