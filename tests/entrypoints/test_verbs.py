"""What every verb has from its registration: an example, a batch, a dry run that changes nothing and comes true, versions."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import pytest

from lading.operations.registry import Verb, verbs
from tests.entrypoints.house import House, Merchant, order
from tests.entrypoints.life import begin, filled, life, named, version_of

ALL = list(verbs().values())
ROUTES = {verb.name: verb.route for verb in ALL}


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


def stable(value: Any) -> Any:
    """The same without ids and numbers, which a dry run does not draw, and with the moments of now made equal."""
    if isinstance(value, dict):
        return {key: stable(each) for key, each in value.items() if key not in ("number", "order_id")}
    if isinstance(value, list):
        return [stable(each) for each in value]
    if isinstance(value, str):
        value = re.sub(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{22}", "an id", value)
        value = re.sub(r"^(PO|WV|[DSTCW])\d+(?=$|-A)", r"\1", value)
        return re.sub(rf"{datetime.now(UTC).year}-\d\d-\d\dT[0-9:.]+(Z|\+00:00)", "now", re.sub(r"^\d+-R", "R", value))
    return value


def test_a_dry_run_changes_nothing_then_comes_true_and_the_same_key_does_it_once(house: House) -> None:
    shop = house.merchant()
    begin(shop)
    done: set[str] = set()
    known: dict[str, str] = {}
    rows = house.rows(shop.id)
    for step, (name, command) in enumerate(life()):
        body = filled(command, known, shop)
        plan = shop.post(ROUTES[name], body, dry_run=True)
        assert plan.status == 200, (name, plan.body)
        assert house.rows(shop.id) == rows, f"the dry run of {name} wrote something"
        head = shop.get("/v1/events", limit="1").json["head"]
        reply = shop.post(ROUTES[name], body, key=f"step {step}")
        assert reply.status in (200, 201), (name, reply.body)
        known |= named(reply.json)
        assert stable(plan.json["outcome"]) == stable(reply.json), name
        events = shop.get("/v1/events", after=head).json["events"]
        for planned, event in zip([plan.json["event"], *plan.json["also"]], events, strict=True):
            assert planned["kind"] == event["kind"], name
            assert stable(planned["data"]) == stable(event["data"]), name
        after = house.rows(shop.id)
        for kind, table in (("postings", "posting"), ("money", "money_posting")):
            assert len(plan.json[kind]) == len(after[table]) - len(rows[table]), (name, table)
        again = shop.post(ROUTES[name], body, key=f"step {step}")
        assert (again.status, again.body) == (reply.status, reply.body), name
        assert again.headers["idempotent-replay"] == "true", name
        assert house.rows(shop.id) == after, f"{name} was done twice"
        rows = after
        done.add(name)
    assert done == ROUTES.keys()


NOT_DONE: dict[str, list[str]] = {"command": [], "backlog": [], "invoice_series": [], "company_credit": []}
"""Tables that a refusal may add to: that it was refused, and a row at zero that is there to be locked."""


def versioned() -> list[Verb]:
    return [verb for verb in ALL if "expected_version" in verb.command.__struct_fields__]


def test_another_version_than_expected_is_a_conflict_and_nothing_happens(house: House) -> None:
    shop = house.merchant()
    begin(shop)
    tried = set()
    by_name = {verb.name: verb for verb in versioned()}
    assert len(by_name) >= 24
    known: dict[str, str] = {}
    for name, command in life():
        body = filled(command, known, shop)
        if name in by_name:
            version = version_of(shop, body)
            rows = house.rows(shop.id) | NOT_DONE
            for wrong in {version + 1, version - 1} - {0, -1}:
                reply = shop.post(ROUTES[name], body | {"expected_version": wrong})
                assert (reply.status, reply.name) == (409, "version_conflict"), (name, reply.body)
                assert str(version) in reply.json["detail"]
            assert house.rows(shop.id) | NOT_DONE == rows, f"{name} was refused and wrote more than that"
            body["expected_version"] = version
            tried.add(name)
        known |= named(shop.done(ROUTES[name], body))
    assert tried == by_name.keys()


def test_a_batch_of_a_thousand_orders_is_answered_in_its_order(shop: Merchant) -> None:
    commands = [order(1, external_reference=f"W-{index}") for index in range(1_000)]
    shop.done("/v1/stock/receive", {"sku": "MUG", "location": "BER", "quantity": 950, "reason": "more"})
    results = shop.batch("/v1/orders", *commands)
    assert {result["status"] for result in results} == {201}
    numbers = [int(result["outcome"]["number"]) for result in results]
    assert numbers == sorted(set(numbers))
