"""What every verb has from its registration: an example, a batch, a dry run that changes nothing and comes true, versions."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from lading.operations.registry import Verb, verbs
from tests.entrypoints.house import House, Merchant, order

ALL = list(verbs().values())
ROUTES = {verb.name: verb.route for verb in ALL}
DAY = "2019-03-02T11:42:00+01:00"


@pytest.mark.parametrize("verb", ALL, ids=lambda verb: verb.name)
def test_the_example_of_a_verb_is_a_command_of_it(verb: Verb) -> None:
    msgspec.convert(dict(verb.example), verb.command)


@pytest.mark.parametrize("verb", ALL, ids=lambda verb: verb.name)
def test_a_verb_takes_one_many_and_a_dry_run(shop: Merchant, verb: Verb) -> None:
    body = dict(verb.example)
    one = shop.post(verb.route, body, dry_run=True)
    assert one.status in (200, 404, 409), one.body
    planned, malformed = shop.batch(verb.route, body, {"nonsense": 1}, dry_run=True)
    assert planned["status"] == one.status
    assert planned.get("plan", planned.get("problem")) == one.json or one.status == 200
    assert malformed["status"] == malformed["problem"]["status"] == 422
    done, malformed = shop.batch(verb.route, body, {"nonsense": 1})
    assert done["status"] == (201 if verb.creates and one.status == 200 else one.status)
    assert malformed["status"] == 422


def life() -> Iterator[tuple[str, dict[str, Any]]]:
    """Commands of every verb, in an order in which each is accepted; the first order is 1001."""
    mugs, two = [{"line": 1, "quantity": 1}], [{"line": 1, "quantity": 2}]
    yield "channels.save", {"code": "pos", "name": "Till"}
    yield "location-groups.save", {"code": "SOUTH", "name": "South"}
    yield "locations.save", {"code": "MUC", "name": "Munich", "kind": "store", "time_zone": "UTC", "country": "DE"}
    yield "products.save", {"sku": "BOWL", "name": "Bowl", "weight_grams": 800}
    yield "stock.receive", {"sku": "BOWL", "location": "MUC", "quantity": 7, "reason": "opening"}
    yield "stock.adjust", {"sku": "BOWL", "location": "MUC", "quantity": 1, "kind": "damaged", "reason": "chipped"}
    yield "policies.set", {"name": "may_backorder", "value": True}
    yield "orders.place", order(5, tenders=[{"amount": {"amount": "49.95", "currency": "EUR"}}])
    yield "orders.place", order(500)
    yield "orders.hold", {"order": "1001", "kind": "fraud"}
    yield "holds.release", {"order": "1001", "kind": "fraud"}
    yield "payments.record", {"order": "1002", "amount": {"amount": "5.00", "currency": "EUR"}, "kind": "cash"}
    yield "lines.cancel", {"order": "1001", "reason": "late", "lines": mugs}
    yield "payments.refund", {"order": "1001", "amount": {"amount": "1.00", "currency": "EUR"}}
    yield "orders.release", {"order": "1001"}
    short = [{"line": 1, "quantity": 1, "reason": "gone"}]
    yield "fulfillment-orders.pick", {"fulfillment_order": "1001-F1", "short": short}
    yield "orders.source", {"order": "1001"}
    yield "parcels.pack", {"fulfillment_order": "1001-F1", "lines": two}
    yield "parcels.ship", {"parcel": "1001-P1", "carrier": "DHL", "tracking_number": "T-1"}
    yield "parcels.track", {"parcel": "1001-P1", "status": "delivered", "occurred_at": datetime.now(UTC).isoformat()}
    yield "returns.request", {"order": "1001", "reason": "small", "lines": two}
    yield "returns.receive", {"document": "1001-R1", "location": "BER", "lines": mugs}
    disposed = [{"line": 1, "quantity": 1, "disposition": "restock"}]
    yield "returns.dispose", {"document": "1001-R1", "lines": disposed}
    yield "returns.refund", {"document": "1001-R1"}
    yield "returns.cancel", {"document": "1001-R1"}
    past = order(4, "BOWL", tenders=[{"amount": {"amount": "39.96", "currency": "EUR"}}])
    yield "orders.record", past | {"location": "MUC", "placed_at": DAY, "delivered_at": DAY}
    back = {"order": "{last}", "location": "MUC", "reason": "credit", "returned_at": DAY, "lines": mugs}
    yield "returns.record", back
    yield "products.save", {"sku": "MILK", "name": "Milk", "tracking": "lot"}
    milk = {"sku": "MILK", "location": "BER", "quantity": 5, "reason": "purchase"}
    yield "stock.receive", milk | {"lot": "A", "expires_on": "2990-01-31"}
    yield "stock.receive", milk | {"lot": "B", "expires_on": "2990-02-28"}
    yield "orders.place", order(2, "MILK")
    swap = {"order": "{last}", "line": 1, "lot": "A", "to_lot": "B", "reason": "complaint"}
    yield "allocations.swap-lot", swap
    for verb in ("hold", "recall", "release"):
        yield f"lots.{verb}", {"sku": "MILK", "lot": "A", "reason": "complaint"}
    moved = {"source": "available", "target": "quality_hold", "lot": "A", "quantity": 1}
    yield "stock.move", milk | moved
    yield "stock.correct", {"event": "{head}", "reason": "typing_error"}
    yield (
        "unmatched-returns.keep",
        {
            "channel": "web", "key": "k-1", "reference": "C-9", "sku": "MUG", "quantity": -1, "reason": "no_such_order",
            "amount": {"amount": "-9.99", "currency": "EUR"}, "occurred_at": DAY,
        },
    )  # fmt: skip


def filled(command: dict[str, Any], last: str, shop: Merchant) -> dict[str, Any]:
    """The command with the number of the last order, and the position of the last event, where it asks for them."""
    body = {key: last if value == "{last}" else value for key, value in command.items()}
    if body.get("event") == "{head}":
        body["event"] = shop.get("/v1/events", limit="1").json["head"]
    return body


def stable(value: Any) -> Any:
    """The same without ids and order numbers, which a dry run does not draw, and with the moments of now made equal."""
    if isinstance(value, dict):
        return {key: stable(each) for key, each in value.items() if key not in ("number", "order_id")}
    if isinstance(value, list):
        return [stable(each) for each in value]
    if isinstance(value, str):
        value = re.sub(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{22}", "an id", value)
        return re.sub(rf"{datetime.now(UTC).year}-\d\d-\d\dT[0-9:.]+(Z|\+00:00)", "now", re.sub(r"^\d+-R", "R", value))
    return value


def test_a_dry_run_changes_nothing_and_says_what_then_comes_true(house: House) -> None:
    shop = house.merchant()
    done, last = set(), "0"
    rows = house.rows(shop.id)
    for name, command in life():
        body = filled(command, last, shop)
        plan = shop.post(ROUTES[name], body, dry_run=True)
        assert plan.status == 200, (name, plan.body)
        assert house.rows(shop.id) == rows, f"the dry run of {name} wrote something"
        head = shop.get("/v1/events", limit="1").json["head"]
        outcome = shop.done(ROUTES[name], body)
        last = outcome.get("number", last)
        assert stable(plan.json["outcome"]) == stable(outcome), name
        (event,) = shop.get("/v1/events", after=head).json["events"]
        assert plan.json["event"]["kind"] == event["kind"], name
        assert stable(plan.json["event"]["data"]) == stable(event["data"]), name
        after = house.rows(shop.id)
        for kind, table in (("postings", "posting"), ("money", "money_posting")):
            assert len(plan.json[kind]) == len(after[table]) - len(rows[table]), (name, table)
        rows = after
        done.add(name)
    assert done == ROUTES.keys()


def versioned() -> list[Verb]:
    return [verb for verb in ALL if "expected_version" in verb.command.__struct_fields__]


def test_another_version_than_expected_is_a_conflict_and_nothing_happens(house: House) -> None:
    shop = house.merchant()
    tried = set()
    by_name = {verb.name: verb for verb in versioned()}
    assert len(by_name) >= 9
    last = "0"
    for name, command in life():
        body = filled(command, last, shop)
        if name in by_name:
            subject = str(body.get("order", body.get("document", ""))).partition("-")[0]
            version = shop.get(f"/v1/orders/{subject}").json["version"]
            rows = house.rows(shop.id)["orders"]
            for wrong in {version + 1, version - 1} - {0}:
                reply = shop.post(ROUTES[name], body | {"expected_version": wrong})
                assert (reply.status, reply.name) == (409, "version_conflict"), (name, reply.body)
                assert str(version) in reply.json["detail"]
            assert house.rows(shop.id)["orders"] == rows
            body["expected_version"] = version
            tried.add(name)
        last = shop.done(ROUTES[name], body).get("number", last)
    assert tried == by_name.keys()


def test_a_batch_of_a_thousand_orders_is_answered_in_its_order(shop: Merchant) -> None:
    commands = [order(1, external_reference=f"W-{index}") for index in range(1_000)]
    shop.done("/v1/stock/receive", {"sku": "MUG", "location": "BER", "quantity": 950, "reason": "more"})
    results = shop.batch("/v1/orders", *commands)
    assert {result["status"] for result in results} == {201}
    numbers = [int(result["outcome"]["number"]) for result in results]
    assert numbers == sorted(set(numbers))
