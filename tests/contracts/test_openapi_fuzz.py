"""The API, fuzzed from its own OpenAPI document: it does what it says, and nothing that is sent to it breaks it."""

from __future__ import annotations

import os
import zlib
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.parameters import ParameterLocation
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from lading.audit import audit
from lading.database.pool import Database
from lading.entrypoints.api.openapi import document
from tests.entrypoints.house import House, Merchant, order

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
SCHEMA = schemathesis.openapi.from_dict(dict(document()))
OPERATIONS = {found.ok().label: found.ok() for found in SCHEMA.get_all_operations()}
ENDLESS = "GET /v1/events/stream"
EXAMPLES = os.environ.get("LADING_FUZZ_EXAMPLES")
"""How many for each operation, other ones each time; without it the same few."""
quick = settings(
    max_examples=int(EXAMPLES or 12),
    derandomize=EXAMPLES is None,
    database=None,
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture(scope="module")
def lived_in(house: House) -> Iterator[Merchant]:
    """A merchant with an order at the doorstep and another one that waits, and with one of each document of supply.

    Whatever was sent, the books agree in the end.
    """
    shop = house.merchant()
    number = shop.place(3)
    shop.place(2)
    shop.done("/v1/orders/release", {"order": number})
    shop.done("/v1/fulfillment-orders/pick", {"fulfillment_order": f"{number}-F1"})
    shop.done("/v1/parcels/pack", {"fulfillment_order": f"{number}-F1"})
    shop.done("/v1/parcels/ship", {"parcel": f"{number}-P1", "carrier": "DHL"})
    shop.done("/v1/returns/request", {"order": number, "lines": [{"line": 1, "quantity": 1}], "reason": "small"})
    KNOWN.update(supply(shop), order=[number, str(int(number) + 1)], fulfillment_order=[f"{number}-F1"])
    KNOWN.update(parcel=[f"{number}-P1"], document=[f"{number}-R1"])
    yield shop
    assert house.run(lambda database: differences(database, shop.id)) == []


async def differences(database: Database, merchant_id: int) -> list[str]:
    """What the audit finds, in sentences."""
    async with database.read(merchant_id) as tx:
        return [each.sentence for each in await audit(tx)]


def supply(shop: Merchant) -> dict[str, list[str]]:
    """One of each document of supply; the names of them."""
    for sku, tracking in (("LOT", "lot"), ("PHONE", "serial"), ("KIT", "none"), ("BOX", "none"), ("LATE", "none")):
        shop.done("/v1/products/save", {"sku": sku, "name": sku, "tracking": tracking})
    shop.done("/v1/location-groups/save", {"code": "NORTH", "name": "North"})
    shop.done("/v1/bins/save", {"location": "HAM", "code": "A-1"})
    here = {"location": "HAM", "reason": "opening"}
    shop.done("/v1/stock/receive", {"sku": "LOT", "quantity": 9, "lot": "L1", "expires_on": "2990-01-31", **here})
    shop.done("/v1/stock/receive", {"sku": "PHONE", "quantity": 3, "serials": ["S1", "S2", "S3"], **here})
    shop.done("/v1/stock/put-away", {"sku": "TEE", "location": "HAM", "bin": "A-1", "quantity": 5})
    parts = [{"sku": "MUG"}, {"sku": "TEE", "per_kit": 2}]
    shop.done("/v1/kits/save", {"sku": "KIT", "components": parts})
    shop.done("/v1/kits/save", {"sku": "BOX", "components": parts, "stocked": True})
    shop.done("/v1/substitutes/save", {"sku": "MUG", "substitutes": ["TEE"]})
    shop.done("/v1/policies/set", {"name": "may_backorder", "sku": "LATE", "value": True})
    bought = shop.done("/v1/purchase-orders/place", {"supplier": "Nord", "lines": [
        {"sku": "LATE", "location": "HAM", "quantity": 20, "due_at": "2035-12-03T08:00:00Z"}]})["purchase_order"]  # fmt: skip
    announced = {
        "purchase_order": bought,
        "reference": "S-1",
        "due_at": "2035-12-01T08:00:00Z",
        "lines": [{"line": 1, "quantity": 8}],
    }
    shop.done("/v1/asns/announce", announced)
    shop.done("/v1/orders", order(3, "LATE"))
    shop.done("/v1/orders", order(1, "KIT"))
    moved = {"from_location": "HAM", "to_location": "BER", "due_at": "2035-12-03T08:00:00Z"}
    sent, drafted = [
        shop.done("/v1/transfers/create", {**moved, "lines": [{"sku": sku, "quantity": 2}]})["transfer"]
        for sku in ("MUG", "TEE")
    ]
    shop.done("/v1/transfers/ready", {"transfer": sent})
    shop.done("/v1/transfers/ship", {"transfer": sent})
    counted = [shop.done("/v1/counts/open", {"location": "HAM", "skus": [sku]})["count"] for sku in ("MUG", "TEE")]
    shop.done("/v1/counts/record", {"count": counted[0], "lines": [{"sku": "MUG", "quantity": 7}]})
    made = shop.done("/v1/work-orders/open", {"sku": "BOX", "location": "HAM", "quantity": 2})["work_order"]
    shop.done("/v1/pools/set", {"sku": "TEE", "pool": "P", "kind": "shared", "channels": ["web"], "quantity": 5})
    kept = [
        shop.done("/v1/reservations/reserve", {"lines": [{"sku": "TEE", "quantity": 1}], "seconds": 86_400, "anywhere": anywhere})
        for anywhere in (True, False)
    ]  # fmt: skip
    lost = {"sku": "MUG", "location": "HAM", "quantity": 99, "kind": "lost", "reason": "flood", "held_too": True}
    shop.post("/v1/stock/adjust", lost)
    return {
        "purchase_order": [bought], "asn": [f"{bought}-A1"], "transfer": [sent, drafted], "count": counted, "work_order": [made],
        "reservation": [each["reservation"] for each in kept],
    }  # fmt: skip


KNOWN = {
    "sku": ["MUG", "TEE", "LOT", "PHONE", "KIT", "BOX", "LATE"],
    "q": ["MUG"],
    "channel": ["web"],
    "location": ["HAM", "HAM", "BER"],
    "from_location": ["HAM"],
    "to_location": ["BER"],
    "region": ["NORTH"],
    "group": ["NORTH"],
    "currency": ["EUR"],
    "lot": ["L1", ""],
    "to_lot": ["L1", "L2"],
    "serial": ["S1", "S2", "S9"],
    "bin": ["A-1"],
    "from_bin": ["A-1"],
    "pool": ["P"],
    "supplier": ["Nord"],
    "component": ["MUG"],
}
"""Names of things that exist; those of documents are added when they are made."""
MANY = {
    "skus": "sku",
    "substitutes": "sku",
    "channels": "channel",
    "locations": "location",
    "serials": "serial",
    "damaged_serials": "serial",
    "lost_serials": "serial",
}
"""Lists of such names."""
FEW = {"quantity": 3, "line": 2, "damaged": 2, "per_kit": 3}
"""Numbers that are small where people work."""


def named(key: str, value: str) -> str:
    """One of the names that there are, the same for the same value."""
    return KNOWN[key][zlib.crc32(value.encode()) % len(KNOWN[key])]


def acquainted(value: Any, key: str = "") -> Any:
    """The same value, in which names are those of things that exist, and numbers small: so that it comes further than `unknown`."""
    if isinstance(value, dict):
        return {name: acquainted(each, name) for name, each in value.items()}
    if isinstance(value, list):
        return [acquainted(each, MANY.get(key, "")) for each in value]
    if key in KNOWN and isinstance(value, str):
        return named(key, value)
    return 1 + value % FEW[key] if key in FEW and type(value) is int else value


def send(case: Case, house: House, shop: Merchant, checks: list[Any]) -> Any:
    """Send it with a valid key, and check the answer; nobody waits for events here."""
    if isinstance(case.query, dict) and str(case.query.get("wait", "")).isdecimal():
        case.query = {**case.query, "wait": 0}
    reply = case.call(base_url=f"http://127.0.0.1:{house.port}", headers={"Authorization": f"Bearer {shop.key}"})
    case.validate_response(reply, checks=checks)
    return reply


def is_spoiled(case: Case) -> bool:
    """Whether more was spoiled than headers (nobody minds foreign ones, and the key is ours), and one can see it.

    In a query everything is text: false is sent as "false" and "0" as 0, which may well fit.
    """
    parts = {where for where, part in case.meta.components.items() if part.mode.is_negative} if case.meta else set()
    texts = case.query.values() if isinstance(case.query, dict) else ()
    if not all(isinstance(text, str) and not text.lstrip("-").isdecimal() for text in texts):
        parts -= {ParameterLocation.QUERY}
    return bool(parts - {ParameterLocation.HEADER})


NUMBERED = [
    f"{letters}{'9' * 18}{end}" for letters in ("", "T", "C", "W", "PO") for end in ("", "9", "\0", "-F1", "-P99999")
]
NASTY = ["", "\0", "A\0", "\n", "\u2028", "x" * 5_000, "1" * 40, *NUMBERED]
"""Texts that fit no column, or nearly."""
UNSAID = {"after": ["WyJcdTAwMDAiXQ", "WyIyMDI2LTAxLTAxIiwiXHUwMDAwIiwiYSJd", "WyJBIl0", "WzFd"]}
"""Texts for fields of which each has a language of its own."""
HUGE = [0, -1, 2**15, 2**31, 2**63, -(2**63) - 1, 10**30]


def leaves(value: Any) -> list[tuple[Any, Any]]:
    """Where texts and whole numbers stand in it: (container, key)."""
    keys = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [
        each
        for key, inner in keys
        for each in ([(value, key)] if isinstance(inner, str) or type(inner) is int else leaves(inner))
    ]


def spoil(case: Case, data: st.DataObject) -> bool:
    """Leave everything as it should be but for one text or one number; whether there is one."""
    whole = {"body": case.body, "path_parameters": case.path_parameters, "query": case.query}
    whole = acquainted({name: part for name, part in whole.items() if isinstance(part, dict)})
    if not (there := leaves(whole)):
        return False
    container, key = data.draw(st.sampled_from(there))
    texts = UNSAID.get(key, []) + NASTY
    container[key] = data.draw(st.sampled_from(texts if isinstance(container[key], str) else HUGE))
    for name, part in whole.items():
        setattr(case, name, part)
    return all(whole.get("path_parameters", {}).values())  # Without a name it is another path.


@pytest.mark.parametrize("label", [label for label in OPERATIONS if label != ENDLESS])
def test_what_fits_the_document_is_answered_as_the_document_says(label: str, house: House, lived_in: Merchant) -> None:
    """As it was made up, with names that exist, and with one value that nobody thought of."""

    @quick
    @given(case=OPERATIONS[label].as_strategy(GenerationMode.POSITIVE), by_name=st.booleans(), data=st.data())
    def fuzz(case: Case, by_name: bool, data: st.DataObject) -> None:
        if by_name:
            case.body, case.path_parameters = acquainted(case.body), acquainted(case.path_parameters)
            case.query = acquainted(case.query)
        send(case, house, lived_in, CHECKS)
        if spoil(case, data):
            send(case, house, lived_in, [not_a_server_error, status_code_conformance, content_type_conformance])

    fuzz()


@pytest.mark.parametrize("label", [label for label in OPERATIONS if label != ENDLESS])
def test_what_does_not_fit_the_document_is_refused_as_the_document_says(
    label: str, house: House, lived_in: Merchant
) -> None:
    @quick
    @given(case=OPERATIONS[label].as_strategy(GenerationMode.NEGATIVE))
    def fuzz(case: Case) -> None:
        in_batch = isinstance(case.body, dict) and case.body.keys() == {"commands"}
        spoiled = is_spoiled(case)
        reply = send(case, house, lived_in, CHECKS if in_batch or not spoiled else [*CHECKS, negative_data_rejection])
        if in_batch and spoiled and reply.status_code == 200:
            assert any("problem" in result for result in reply.json()["results"]), (
                f"each command was accepted: {case.body} {case.query}"
            )

    fuzz()
