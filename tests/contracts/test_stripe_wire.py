"""What the adapter sends to Stripe, and what the twin answers, fit the document in which Stripe describes its API."""

from __future__ import annotations

import gzip
import re
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
import yaml
from stripe.params import PaymentIntentCaptureParams

from lading.adapters.payments.twin import GROWS, ONE, REFUND_FAILS, SEVERAL, open_dispute
from lading.entrypoints.files import Files
from lading.entrypoints.paying import Accounts
from lading.entrypoints.worker.disputing import Disputes
from tests.operations.conftest import *  # noqa: F403 - the fixture of a shop
from tests.operations.test_payments import eur, placed
from tests.twins import paid

DESCRIBED = Path(__file__).parents[3] / "shared" / "data" / "payments_openapi" / "stripe" / "spec3_2023-09-12.yaml.gz"
NEWER = {
    "/v1/payment_intents": ["request_incremental_authorization", "request_multicapture"],
    "/v1/payment_intents/{intent}/capture": ["final_capture"],
}
"""Parameters that came after the document: several captures of one card, and more that is promised on it."""

pytestmark = pytest.mark.skipif(
    not DESCRIBED.exists(), reason="Stripe's document is not beside the project (../shared/data)"
)


@cache
def described() -> Any:
    with gzip.open(DESCRIBED) as file:
        return yaml.load(file, Loader=yaml.CSafeLoader)


def operation(method: str, path: str) -> tuple[str, Any]:
    """The template that a path fits, and its operation."""
    for template, operations in described()["paths"].items():
        if re.fullmatch(re.sub(r"\{\w+\}", r"[^/]+", template), path) and method.lower() in operations:
            return template, operations[method.lower()]
    raise AssertionError(f"Stripe knows no {method} {path}")


def typed(value: Any, schema: Any) -> Any:
    """A form has texts only: as the schema means them."""
    if isinstance(value, dict):
        known, others = schema.get("properties", {}), schema.get("additionalProperties") or {}
        for choice in schema.get("anyOf", ()):
            known = {**known, **choice.get("properties", {})}
            others = others or choice.get("additionalProperties") or {}
        return {name: typed(each, known.get(name, others)) for name, each in value.items()}
    if isinstance(value, list):
        return [typed(each, schema.get("items", {})) for each in value]
    kinds = {schema.get("type")} | {choice.get("type") for choice in schema.get("anyOf", ())}
    if "integer" in kinds and value.lstrip("-").isdigit():
        return int(value)
    return {"true": True, "false": False}.get(value, value) if "boolean" in kinds else value


def nullable(schema: Any) -> Any:
    """OpenAPI 3.0 says nullable where JSON Schema says null."""
    if isinstance(schema, list):
        return [nullable(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    plain = {name: nullable(each) for name, each in schema.items() if name != "nullable"}
    return {"anyOf": [plain, {"type": "null"}]} if schema.get("nullable") is True else plain


@cache
def components() -> Any:
    return nullable(described()["components"])


def errors(schema: Any, value: Any) -> list[str]:
    whole = {**schema, "components": components()}
    return [f"{each.instance_path}: {each.message}" for each in jsonschema_rs.validator_for(whole).iter_errors(value)]


def form_of(described: Any) -> Any:
    (content,) = described["requestBody"]["content"].values()
    return content["schema"]


def without(value: Any, names: list[str]) -> Any:
    if not isinstance(value, dict):
        return value
    return {name: without(each, names) for name, each in value.items() if name not in names}


async def answer_disputes(shop: Any, there: Any, folder: Path) -> None:
    """Evidence against one dispute, with the invoice as a file; another one is accepted."""
    number = await placed(shop, customer={"name": "Ada", "email": "ada@example.com"})
    await shop.do("payments.authorise", order=number, provider="acme", method=SEVERAL)
    await there.work()
    await shop.do("payments.capture", order=number)
    await shop.do("invoices.issue", order=number, bill="all")
    await there.work()
    intent = next(each for each in reversed(there.account.intents.values()) if each["status"] == "succeeded")
    first, second = (open_dispute(there.account, intent["id"], 1000) for _ in range(2))
    waiting = list(there.account.events)
    await there.deliver()
    there.account.events += waiting
    named = {"order": number, "tender": 1}
    await shop.do("disputes.answer", **named, reference=first["id"], words="She signed for it.")
    await shop.do("disputes.accept", **named, reference=second["id"])
    worker = Disputes(
        shop.database, shop.executor, Accounts(providers={"acme": there.stripe}), Files(folder, shop.database)
    )
    assert await worker.call(shop.merchant_id, "shop", datetime.now(UTC) + timedelta(hours=1)) == 2


async def test_every_request_and_answer_fits_the_document(shop: Any, tmp_path: Path) -> None:
    async with paid(shop) as there:
        for method in (SEVERAL, ONE, REFUND_FAILS, "pm_card_chargeDeclined"):
            number = await placed(shop)
            await shop.do("payments.authorise", order=number, provider="acme", method=method)
            await there.work()
            if method == "pm_card_chargeDeclined":
                continue
            await shop.do("payments.capture", order=number, amount=eur("30.00"))
            await there.work()
            await shop.do("lines.cancel", order=number, reason="other")
            await shop.do("payments.refund", order=number)
            await there.work()
            if method == SEVERAL:
                await shop.do("payments.void", order=number)
                await there.work()
        number = await placed(shop)
        await shop.do("payments.authorise", order=number, provider="acme", method=GROWS, amount=eur("20.00"))
        await there.work()
        added = {"sku": "MUG", "quantity": 1, "unit_price": eur("5.00")}
        await shop.stock_up(MUG_HAM=1)
        await shop.do("orders.edit", order=number, reason="wish", add=[added])
        await there.work()
        (adopted,) = [each for each in there.account.intents.values() if each["status"] == "canceled"]
        adopted |= {"status": "requires_capture", "amount_capturable": 1000}
        number = await placed(shop)
        await shop.do("payments.authorise", order=number, provider="acme", reference=adopted["id"], amount=eur("10.00"))
        await there.work()
        await answer_disputes(shop, there, tmp_path)
        asked = set()
        for method, path, form in there.account.calls:
            template, found = operation(method, path)
            asked.add((method, template))
            if template == "/v1/files":
                assert form["purpose"] == "dispute_evidence" and form["file"]["size"] > 100
            elif method == "POST":
                schema = form_of(found)
                assert errors(schema, typed(without(form, NEWER.get(template, [])), schema)) == [], (template, form)
        assert asked == {
            ("POST", "/v1/payment_intents"), ("POST", "/v1/payment_intents/{intent}"),
            ("POST", "/v1/payment_intents/{intent}/increment_authorization"),
            ("POST", "/v1/payment_intents/{intent}/capture"), ("POST", "/v1/payment_intents/{intent}/cancel"), ("POST", "/v1/refunds"),
            ("GET", "/v1/disputes/{dispute}"), ("POST", "/v1/disputes/{dispute}"), ("POST", "/v1/disputes/{dispute}/close"),
            ("POST", "/v1/files"),
        }  # fmt: skip
        for path, _, status, body in there.account.answered.values():
            _, found = operation("POST", path)
            (answer,) = found["responses"]["200" if status == 200 else "default"]["content"].values()
            assert errors(answer["schema"], body) == [], (path, body)
        for event in there.account.events:
            assert errors({"$ref": "#/components/schemas/event"}, event) == []


def test_the_newer_parameters_are_those_of_stripes_own_library() -> None:
    assert "final_capture" in PaymentIntentCaptureParams.__annotations__
