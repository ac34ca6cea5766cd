"""What bad input gets over HTTP: a problem that names each wrong field in words, and nothing half-done."""

from __future__ import annotations

import gzip
import itertools
from typing import Any

import pytest

from tests.entrypoints.house import House, Merchant, Reply, order

JARGON = ("Expected", "`", "regex", "msgspec", "Traceback", "\\x00-")


def refused(reply: Reply, status: int, name: str) -> Reply:
    """The reply, which is a problem of this status and name in words that a person understands."""
    assert (reply.status, reply.name) == (status, name), reply.body
    told = [reply.json["title"], reply.json["detail"], *reply.wrong.values()]
    assert all(sentence and not any(word in sentence for word in JARGON) for sentence in told), told
    return reply


def test_an_unknown_sku_is_named_with_its_place(shop: Merchant) -> None:
    reply = refused(shop.post("/v1/orders", order(sku="NOPE")), 404, "unknown_sku")
    assert list(reply.wrong) == ["/lines/0/sku"]
    assert "NOPE" in reply.json["detail"]


@pytest.mark.parametrize("quantity", [0, -1, 1.5, 2.0, 10**12, 10**40, "3", True, None, [1]])
def test_a_quantity_is_a_whole_number_within_reason(shop: Merchant, quantity: Any) -> None:
    reply = refused(shop.post("/v1/orders", order(quantity)), 422, "malformed")
    assert list(reply.wrong) == ["/lines/0/quantity"]
    assert "a whole number from 1 to 100,000,000" in reply.wrong["/lines/0/quantity"]


@pytest.mark.parametrize("country", ["ZZ", "XX", "UK", "EU", "de", "Unspecified"])
def test_a_country_is_one_that_an_address_can_lie_in(shop: Merchant, country: str) -> None:
    reply = refused(shop.post("/v1/orders", order(ship_to={"country": country})), 422, "malformed")
    assert list(reply.wrong) == ["/ship_to/country"]
    assert f'ISO 3166-1; GB, not UK; XK for Kosovo), such as DE, not "{country}"' in reply.wrong["/ship_to/country"]


def test_who_does_not_know_the_country_leaves_the_address_out_and_somebody_has_to_say_it(shop: Merchant) -> None:
    placed = shop.post("/v1/orders", order(ship_to=None))
    assert (placed.status, placed.json["holds"]) == (201, ["no_address"])
    edited = shop.post(
        "/v1/orders/edit", {"order": placed.json["number"], "ship_to": {"country": "XK"}, "reason": "asked"}
    )
    assert edited.status == 200, edited.body


@pytest.mark.parametrize(
    ("price", "pointer", "words"),
    [
        ({"amount": "9.99", "currency": "XXQ"}, "/lines/0/unit_price", "ISO 4217"),
        ({"amount": "9.1234567", "currency": "EUR"}, "/lines/0/unit_price", "at most 6 decimals"),
        ({"amount": 9.99, "currency": "EUR"}, "/lines/0/unit_price/amount", "a string of digits"),
        ({"amount": "9,99", "currency": "EUR"}, "/lines/0/unit_price", "a string of digits"),
        ({"amount": "1e3", "currency": "EUR"}, "/lines/0/unit_price", "a string of digits"),
        ({"amount": "9" * 16, "currency": "EUR"}, "/lines/0/unit_price", "15 at most before the point"),
        ({"amount": "9.99", "currency": "USD"}, "/lines/0", "one order, one currency"),
        ("9.99", "/lines/0/unit_price", "an object with amount, currency"),
    ],
)
def test_money_is_a_string_of_digits_in_the_currency_of_the_order(
    shop: Merchant, price: Any, pointer: str, words: str
) -> None:
    body = order()
    body["lines"][0]["unit_price"] = price
    reply = refused(shop.post("/v1/orders", body), 422, "malformed")
    assert list(reply.wrong) == [pointer]
    assert words in reply.wrong[pointer]


def test_an_amount_has_no_more_decimals_than_its_currency(shop: Merchant) -> None:
    charge = {"kind": "shipping", "code": "std", "amount": {"amount": "4.905", "currency": "EUR"}}
    reply = refused(shop.post("/v1/orders", order(charges=[charge])), 422, "malformed")
    assert reply.wrong == {"/charges/0/amount": "EUR has 2 decimals, 4.905 has 3"}


def test_an_order_in_a_currency_that_nobody_has_is_malformed(shop: Merchant) -> None:
    body = order(currency="XXQ")
    body["lines"][0]["unit_price"]["currency"] = "XXQ"
    assert "/lines/0/unit_price" in refused(shop.post("/v1/orders", body), 422, "malformed").wrong


def test_the_same_external_reference_with_the_same_body_gets_the_same_answer(shop: Merchant) -> None:
    body = order(external_reference="W-1")
    replies = [shop.post("/v1/orders", body, key=key) for key in (None, None, "a", "b", "a")]
    assert {(reply.status, reply.body) for reply in replies} == {(201, replies[0].body)}
    assert len(shop.get("/v1/orders").json["items"]) == 1


@pytest.mark.parametrize("keys", [(None, None), ("a", "b")])
def test_the_same_external_reference_with_another_body_is_refused(shop: Merchant, keys: tuple[str, str]) -> None:
    shop.post("/v1/orders", order(external_reference="W-1"), key=keys[0])
    reply = shop.post("/v1/orders", order(2, external_reference="W-1"), key=keys[1])
    refused(reply, 409, "external_reference_taken")
    assert len(shop.get("/v1/orders").json["items"]) == 1


def test_the_same_key_with_the_same_body_has_one_effect_and_one_answer(shop: Merchant) -> None:
    first, again = (shop.post("/v1/orders", order(), key="k-1") for _ in range(2))
    assert (first.status, first.body) == (again.status, again.body)
    assert "idempotent-replay" not in first.headers
    assert again.headers["idempotent-replay"] == "true"
    assert len(shop.get("/v1/orders").json["items"]) == 1


def test_the_same_key_with_another_body_is_refused_and_says_so(shop: Merchant) -> None:
    shop.post("/v1/orders", order(), key="k-1")
    reply = refused(shop.post("/v1/orders", order(2), key="k-1"), 409, "command_id_reused")
    assert "Idempotency-Key" in reply.json["detail"]


def test_a_refusal_is_repeated_too(shop: Merchant) -> None:
    number = shop.place()
    held = {"order": number, "expected_version": 99}
    first = refused(shop.post("/v1/orders/hold", held, key="k-2"), 409, "version_conflict")
    assert shop.post("/v1/orders/hold", held, key="k-2").body == first.body


@pytest.mark.parametrize("key", ["", "x" * 256])
def test_a_key_has_1_to_255_characters(shop: Merchant, key: str) -> None:
    refused(shop.post("/v1/orders", order(), key=key), 422, "malformed")


def test_5000_lines_are_more_than_an_order_has(shop: Merchant) -> None:
    body = order()
    body["lines"] *= 5_000
    assert refused(shop.post("/v1/orders", body), 422, "malformed").wrong == {
        "/lines": "must be a list of 1 to 2,000 items, not a list of 5,000"
    }


def test_a_body_of_20_mb_is_too_large_whether_or_not_it_says_so(shop: Merchant) -> None:
    announced = refused(shop.post("/v1/orders", b" " * 20_000_000), 413, "too_large")
    assert "10 MB" in announced.json["detail"]
    pieces = itertools.repeat(b" " * 100_000, 200)
    refused(shop.post("/v1/orders", iter(pieces)), 413, "too_large")
    assert shop.get("/v1/queues").status == 200


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b'{"channel": "\xff"}', "it is not UTF-8"),
        (b'{"channel": "\\ud800"}', ""),
        (b'{"channel": "\\udc00x"}', "surrogate"),
        (b"[" * 5_000, "it is nested too deeply"),
        (b'{"a":' * 5_000, "it is nested too deeply"),
        (b"", "it is empty"),
        (b"{", ""),
        (b'{"channel": NaN}', ""),
        (b"\xef\xbb\xbf{}", ""),
    ],
)
def test_what_is_not_json_is_told_why(shop: Merchant, body: bytes, why: str) -> None:
    reply = refused(shop.post("/v1/orders", body), 400, "not_json")
    assert reply.json["detail"].startswith("The body is not valid JSON: ")
    assert why in reply.json["detail"]


@pytest.mark.parametrize(
    ("place", "pointer"),
    [
        ({"channel": "we\0b"}, "/channel"),
        ({"external_reference": "W\x00"}, "/external_reference"),
        ({"external_reference": "W\n1"}, "/external_reference"),
        ({"ship_to": {"country": "DE", "city": "\0"}}, "/ship_to/city"),
        ({"customer": {"name": "A\0da"}}, "/customer/name"),
        ({"currency": "EUR\n"}, "/currency"),
    ],
)
def test_control_characters_are_refused_where_they_stand(shop: Merchant, place: dict[str, Any], pointer: str) -> None:
    assert list(refused(shop.post("/v1/orders", order(**place)), 422, "malformed").wrong) == [pointer]


@pytest.mark.parametrize("moment", ["2026-03-01T12:00:00", "2026-03-01", "yesterday", 1772366400, ""])
def test_a_date_without_its_zone_is_refused(shop: Merchant, moment: Any) -> None:
    reply = refused(shop.post("/v1/orders", order(placed_at=moment)), 422, "malformed")
    assert "a time with its zone" in reply.wrong["/placed_at"]


def test_a_time_that_cannot_be_meant_is_named_with_its_place(shop: Merchant) -> None:
    wrong = refused(shop.post("/v1/orders", order(placed_at="2199-01-01T00:00:00Z")), 422, "malformed").wrong
    assert wrong == {"/placed_at": "placed_at is more than a day ahead, and tells of what happened"}
    line = {"sku": "A", "location": "HAM", "quantity": 1, "due_at": "3999-01-01T00:00:00Z"}
    bought = {"supplier": "S", "lines": [line]}
    assert list(refused(shop.post("/v1/purchase-orders/place", bought), 422, "malformed").wrong) == ["/lines/0/due_at"]
    whole = order(whole_lines=[7])
    assert list(refused(shop.post("/v1/orders", whole), 422, "malformed").wrong) == ["/whole_lines"]


def test_a_compressed_body_is_told_to_come_as_it_is(shop: Merchant) -> None:
    reply = shop.ask("POST", "/v1/orders", gzip.compress(b"{}"), {"Content-Encoding": "gzip"})
    assert "sent as gzip; send it as it is" in refused(reply, 400, "not_json").json["detail"]


def test_unknown_fields_are_refused_at_every_depth(shop: Merchant) -> None:
    body = order(colour="red")
    body["lines"][0]["qty"] = 1
    body["ship_to"]["zip/code"] = "20457"
    wrong = refused(shop.post("/v1/orders", body), 422, "malformed").wrong
    assert sorted(wrong) == ["/colour", "/lines/0/qty", "/ship_to/zip~1code"]
    assert "known are channel, currency, lines" in wrong["/colour"]


def test_all_wrong_fields_are_listed_at_once(shop: Merchant) -> None:
    body = {
        "channel": 7,
        "currency": "euro",
        "lines": [
            {"sku": "", "quantity": "many", "unit_price": {"amount": 1, "currency": "EUR"}},
            {"sku": "MUG", "unit_price": {"amount": "1.00", "currency": "EUR"}},
            "a mug",
        ],
        "placed_at": "noon",
        "customer": [],
        "ship_to": {"country": "Germany"},
        "charges": [{"kind": "bribe", "code": "x", "amount": {"amount": "1.00", "currency": "EUR"}}],
        "tenders": {},
        "priority": 1_000,
    }
    assert sorted(refused(shop.post("/v1/orders", body), 422, "malformed").wrong) == [
        "/channel",
        "/charges/0/kind",
        "/currency",
        "/customer",
        "/lines/0/quantity",
        "/lines/0/sku",
        "/lines/0/unit_price/amount",
        "/lines/1/quantity",
        "/lines/2",
        "/placed_at",
        "/priority",
        "/ship_to/country",
        "/tenders",
    ]


def test_a_body_that_is_wrong_everywhere_is_answered_briefly(shop: Merchant) -> None:
    body = order()
    body["lines"] = [0] * 2_000
    reply = refused(shop.post("/v1/orders", body), 422, "malformed")
    assert reply.json["detail"].startswith("2,000 fields do not fit; nothing was done.")
    assert len(reply.wrong) == 100


@pytest.mark.parametrize("body", [None, 7, "order", [], [order()], True])
def test_a_command_is_an_object(shop: Merchant, body: Any) -> None:
    reply = refused(shop.post("/v1/orders", b"null" if body is None else body), 422, "malformed")
    assert "must be an object with channel" in reply.wrong[""]


@pytest.mark.parametrize("commands", [[], [order()] * 1_001, {}, "all", None])
def test_a_batch_has_1_to_1000_commands(shop: Merchant, commands: Any) -> None:
    reply = refused(shop.post("/v1/orders", {"commands": commands}), 422, "malformed")
    assert "1 to 1,000 commands" in reply.wrong["/commands"]
    assert shop.get("/v1/orders").json["items"] == []


def test_each_command_of_a_mixed_batch_gets_its_own_result_in_its_place(shop: Merchant) -> None:
    mixed = [order(0), order(), order(sku="NOPE"), 7, order(2), order(colour="red")]
    results = shop.batch("/v1/orders", *mixed, key="mixed")
    assert [result["status"] for result in results] == [422, 201, 404, 422, 201, 422]
    assert [error["pointer"] for error in results[0]["problem"]["errors"]] == ["/lines/0/quantity"]
    assert int(results[4]["outcome"]["number"]) > int(results[1]["outcome"]["number"])
    assert len(shop.get("/v1/orders").json["items"]) == 2
    assert shop.batch("/v1/orders", *mixed, key="mixed") == results
    assert len(shop.get("/v1/orders").json["items"]) == 2


def test_values_of_any_kind_may_be_strange_and_are_refused_all_the_same(shop: Merchant) -> None:
    deep: Any = 1
    for _ in range(900):
        deep = [deep]
    for value in (deep, 10**400, -(10**30), "\0", {"a": "\0"}, [None] * 1_000, 1e300):
        reply = shop.post("/v1/policies/set", {"name": "may_split", "value": value})
        refused(reply, 409, "wrong_value")


def test_a_misspelt_or_repeated_parameter_does_nothing(shop: Merchant) -> None:
    for query in ("dryrun=true", "dry_run=true&dry_run=false", "dry_run=yes", "dry_run="):
        refused(shop.ask("POST", f"/v1/orders?{query}", order()), 422, "malformed")
    refused(shop.get("/v1/orders?limit=1&limit=2"), 422, "malformed")
    assert shop.get("/v1/orders").json["items"] == []


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ({"limit": "0"}, "/limit"),
        ({"limit": "many"}, "/limit"),
        ({"stage": "nowhere"}, "/stage"),
        ({"after": "!!"}, "/after"),
        ({"page": "2"}, "/page"),
        ({"due_before": "2026-03-01T12:00:00"}, "/due_before"),
        ({"due_before": "1772366400"}, "/due_before"),
        ({"queued_before": "0.0"}, "/queued_before"),
        ({"customer": "Ada"}, "/customer"),
    ],
)
def test_a_wrong_parameter_is_named(shop: Merchant, query: dict[str, str], pointer: str) -> None:
    reply = shop.get("/v1/orders", **query)
    assert (reply.status, list(reply.wrong)) == (422, [pointer]), reply.body


def test_an_unknown_path_or_method_is_a_problem_too(shop: Merchant) -> None:
    refused(shop.get("/v1/nothing"), 404, "not_found")
    refused(shop.post("/v1/orders/hld", {"order": "1042"}), 404, "not_found")
    reply = refused(shop.ask("DELETE", "/v1/orders"), 405, "method_not_allowed")
    assert reply.headers["allow"] == "GET, POST" and "use GET or POST" in reply.json["detail"]
    assert refused(shop.get("/v1/availability"), 405, "method_not_allowed").headers["allow"] == "POST"


def test_nothing_half_done_is_left_behind(house: House, shop: Merchant) -> None:
    before = house.rows(shop.id)
    shop.post("/v1/orders", order(0))
    shop.post("/v1/orders", {"commands": [order(1.5), order(price="x")]})
    shop.post("/v1/orders", b"[" * 5_000)
    assert house.rows(shop.id) == before
