"""The API, fuzzed from its own OpenAPI document: it does what it says, and nothing that is sent to it breaks it."""

from __future__ import annotations

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

from lading.entrypoints.api.openapi import document
from tests.entrypoints.house import House, Merchant

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
quick = settings(
    max_examples=12, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
)


@pytest.fixture(scope="module")
def lived_in(house: House) -> Merchant:
    """A merchant with an order at the doorstep and another one that waits."""
    shop = house.merchant()
    number = shop.place(3)
    shop.place(2)
    shop.done("/v1/orders/release", {"order": number})
    shop.done("/v1/fulfillment-orders/pick", {"fulfillment_order": f"{number}-F1"})
    shop.done("/v1/parcels/pack", {"fulfillment_order": f"{number}-F1"})
    shop.done("/v1/parcels/ship", {"parcel": f"{number}-P1", "carrier": "DHL"})
    shop.done("/v1/returns/request", {"order": number, "lines": [{"line": 1, "quantity": 1}], "reason": "small"})
    return shop


KNOWN = {
    "order": "1001",
    "sku": "MUG",
    "q": "MUG",
    "channel": "web",
    "location": "HAM",
    "currency": "EUR",
    "fulfillment_order": "1001-F1",
    "parcel": "1001-P1",
    "document": "1001-R1",
}


def acquainted(value: Any) -> Any:
    """The same value, in which names are those of things that exist: so that it comes further than `unknown`."""
    if isinstance(value, dict):
        return {
            key: KNOWN[key] if key in KNOWN and isinstance(each, str) else acquainted(each)
            for key, each in value.items()
        }
    return [acquainted(each) for each in value] if isinstance(value, list) else value


def send(case: Case, house: House, shop: Merchant, checks: list[Any]) -> Any:
    """Send it with a valid key, and check the answer; nobody waits for events here."""
    if isinstance(case.query, dict) and str(case.query.get("wait", "")).isdecimal():
        case.query = {**case.query, "wait": 0}
    reply = case.call(base_url=f"http://127.0.0.1:{house.port}", headers={"Authorization": f"Bearer {shop.key}"})
    case.validate_response(reply, checks=checks)
    return reply


def is_spoiled(case: Case) -> bool:
    """Whether more was spoiled than headers (nobody minds foreign ones, and the key is ours)."""
    parts = case.meta.components if case.meta else {}
    return any(part.mode.is_negative for where, part in parts.items() if where is not ParameterLocation.HEADER)


@pytest.mark.parametrize("label", [label for label in OPERATIONS if label != ENDLESS])
def test_what_fits_the_document_is_answered_as_the_document_says(label: str, house: House, lived_in: Merchant) -> None:
    @quick
    @given(case=OPERATIONS[label].as_strategy(GenerationMode.POSITIVE), by_name=st.booleans())
    def fuzz(case: Case, by_name: bool) -> None:
        if by_name:
            case.body, case.path_parameters = acquainted(case.body), acquainted(case.path_parameters)
            case.query = acquainted(case.query)
        send(case, house, lived_in, CHECKS)

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
            assert any("problem" in result for result in reply.json()["results"]), "each command was accepted"

    fuzz()
