"""Who gets in: nobody without a credential, nobody beyond the scopes of the key, nobody to another merchant's rows."""

from __future__ import annotations

import re
from typing import Any

import pytest
from starlette.routing import BaseRoute, Mount, Route

from lading.entrypoints.api.openapi import document
from lading.entrypoints.api.reads import READS
from lading.operations.registry import verbs
from tests.entrypoints.house import House, Merchant, order, path_of

OPEN = {"/health", "/ready", "/login", "/static"}
"""What answers strangers: health checks, and what a login page needs."""


def routes(found: list[BaseRoute]) -> list[tuple[str, str]]:
    """(method, path) of every route; the holes of its path are filled with something."""
    pairs = []
    for route in found:
        if isinstance(route, Mount):
            pairs.append(("GET", route.path))
        else:
            assert isinstance(route, Route), f"{route} is of a kind that this test does not know"
            pairs += [(method, re.sub(r"{[^}]*}", "1", route.path)) for method in sorted(route.methods or {"GET"})]
    return pairs


def test_nothing_but_health_checks_and_the_login_answers_strangers(house: House) -> None:
    stranger = house.stranger()
    walked = [(method, path) for method, path in routes(house.app.routes) if path not in OPEN]
    assert len(walked) > 80
    for method, path in walked:
        reply = stranger.ask(method, path, {} if method == "POST" else None)
        machine = path.startswith("/v1/") or path == "/metrics"
        if machine:
            assert reply.status == 401, (method, path, reply.status)
            assert reply.headers["www-authenticate"] == "Bearer"
            assert method == "HEAD" or reply.name == "unauthorized"
        else:
            assert reply.status in (303, 401, 403), (method, path, reply.status)
            assert reply.status != 303 or reply.headers["location"].startswith("/login"), (method, path)


def test_health_checks_answer_everybody_and_tell_nothing(house: House) -> None:
    assert house.stranger().get("/health").body == b"alive"
    assert house.stranger().get("/ready").body == b"ready"


@pytest.mark.parametrize(
    "credential",
    ["", "Bearer", "Bearer ", "Bearer lad_1_x_y", "Basic {key}", "{key}", "Bearer {key}x", "Bearer lad_99999999999_a_b",
     "Bearer lad_1_\u00e9_y"],
)  # fmt: skip
def test_a_wrong_credential_is_none(house: House, shop: Merchant, credential: str) -> None:
    header = credential.format(key=shop.key)
    reply = house.stranger().ask("GET", "/v1/orders", headers={"Authorization": header})
    assert (reply.status, reply.name) == (401, "unauthorized")


def test_a_key_of_one_merchant_with_the_number_of_another_is_none(house: House, shop: Merchant) -> None:
    other = house.merchant(stock=None)
    assert shop.key is not None
    forged = shop.key.replace(f"lad_{shop.id}_", f"lad_{other.id}_")
    assert house.caller(forged).get("/v1/orders").status == 401


def test_a_key_that_reads_orders_does_nothing_else(house: House, shop: Merchant) -> None:
    reader = house.with_scopes(shop, "orders:read")
    assert reader.get("/v1/orders").status == 200
    for read in READS:
        path = re.sub(r"{[^}]*}", "1", read.path)
        reply = reader.ask(read.method, path, {} if read.method == "POST" else None)
        assert (reply.status == 403) == (read.scope != "orders:read"), (read.path, reply.status)
    for verb in verbs().values():
        reply = reader.post(verb.route, dict(verb.example))
        assert (reply.status, reply.name) == (403, "forbidden")
        assert verb.scope in reply.json["detail"]
    for path in ("/v1/events", "/v1/events/stream", "/v1/openapi.json", "/metrics"):
        assert reader.get(path).status == 403


def test_a_scope_for_all_reading_reads_all_and_writes_nothing(house: House, shop: Merchant) -> None:
    reader = house.with_scopes(shop, "*:read")
    for path in ("/v1/orders", "/v1/stock", "/v1/events", "/v1/openapi.json", "/metrics"):
        assert reader.get(path).status == 200, path
    assert reader.post("/v1/orders", order()).status == 403


SECRETS = ("GEHEIM", "Quastenberg", "geheim")


def lived_in(house: House) -> tuple[Merchant, str]:
    """A merchant whose every name is a secret, and an order that went out and comes back."""
    owner = house.merchant(stock=None)
    owner.done("/v1/channels/save", {"code": "GEHEIM-C", "name": "GEHEIM channel"})
    place = {"code": "GEHEIM-L", "name": "GEHEIM place", "kind": "store", "time_zone": "UTC", "country": "DE"}
    owner.done("/v1/locations/save", place)
    owner.done("/v1/products/save", {"sku": "GEHEIM-S", "name": "GEHEIM product"})
    received = {"sku": "GEHEIM-S", "location": "GEHEIM-L", "quantity": 9, "reason": "GEHEIM"}
    owner.done("/v1/stock/receive", received)
    owner.done("/v1/policies/set", {"name": "may_backorder", "value": True, "sku": "GEHEIM-S"})
    wanted = order(2, "GEHEIM-S") | {
        "channel": "GEHEIM-C", "external_reference": "GEHEIM-1",
        "customer": {"name": "Wilhelmina Quastenberg", "email": "geheim@example.com"},
    }  # fmt: skip
    number = str(owner.done("/v1/orders", wanted)["number"])
    owner.done("/v1/orders/release", {"order": number})
    owner.done("/v1/fulfillment-orders/pick", {"fulfillment_order": f"{number}-F1"})
    owner.done("/v1/parcels/pack", {"fulfillment_order": f"{number}-F1"})
    owner.done("/v1/parcels/ship", {"parcel": f"{number}-P1", "carrier": "GEHEIM", "tracking_number": "GEHEIM-T"})
    asked = {"order": number, "reason": "GEHEIM", "lines": [{"line": 1, "quantity": 1}]}
    owner.done("/v1/returns/request", asked)
    return owner, number


def test_no_question_shows_another_merchants_rows(house: House) -> None:
    owner, number = lived_in(house)
    order_id = owner.get(f"/v1/orders/{number}").json["id"]
    nosy = house.merchant()
    holes = {"order": order_id, "sku": "GEHEIM-S", "name": "may_backorder", "position": "5"}
    own = {read.path for read in READS if "{" not in read.path} | {"/v1/policies/{name}"}
    for read in READS:
        path = path_of(read.path, **holes)
        queries: list[dict[str, Any]] = [{}, {"q": "GEHEIM"}, {"sku": "GEHEIM-S"}, {"location": "GEHEIM-L"}]
        queries += [{"stage": "to_pick", "location": "GEHEIM-L"}, {"q": "geheim@example.com"}, {"position": "9"}]
        for query in queries:
            reply = nosy.post(path, {"skus": ["GEHEIM-S", "MUG"]}) if read.method == "POST" else nosy.get(path, **query)
            said = reply.body.decode().replace("GEHEIM-S", "").replace("GEHEIM-L", "")
            assert reply.status in (200, 404, 422), (path, query, reply.status)
            assert reply.status != 200 or not any(secret in said for secret in SECRETS), (path, query, reply.body)
        if read.path not in own and "{order}" in read.path:
            asked = nosy.get(path, position="9") if read.path.endswith("as-of") else nosy.get(path)
            assert (asked.status, asked.name) == (404, "not_found"), path
    feed = nosy.get("/v1/events", limit="1000")
    assert not any(secret in feed.body.decode() for secret in SECRETS)
    assert order_id not in feed.body.decode()


def test_no_verb_touches_another_merchants_order(house: House) -> None:
    owner, number = lived_in(house)
    order_id = owner.get(f"/v1/orders/{number}").json["id"]
    nosy = house.merchant()
    before = house.rows(owner.id)
    tried = 0
    for verb in verbs().values():
        body = dict(verb.example)
        for name in ("order", "fulfillment_order", "parcel", "document"):
            if isinstance(body.get(name), str):
                body[name] = order_id if name == "order" else f"{number}-{str(body[name])[-2:]}"
                reply = nosy.post(verb.route, body)
                assert (reply.status, reply.name[:8]) == (404, "unknown_"), (verb.name, reply.body)
                tried += 1
    assert tried >= 14
    assert house.rows(owner.id) == before


def test_the_document_names_every_route_of_the_api(house: House) -> None:
    told = {(method.upper(), path) for path, item in document()["paths"].items() for method in item}
    served = {
        (method, route.path)
        for route in house.app.routes
        if isinstance(route, Route) and route.path.startswith("/v1/") and route.path != "/v1/openapi.json"
        for method in (route.methods or set()) - {"HEAD"}
    }
    assert told == served
