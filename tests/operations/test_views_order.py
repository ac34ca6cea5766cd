"""One order: what its page says, what can be done with it, and the story that its timeline tells."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import uuid4

import msgspec
import pytest

from lading.operations.registry import verbs
from lading.views.names import Names
from lading.views.order import OrderDetail, order
from lading.views.order_money import price_text
from lading.views.pages import NotFound
from lading.views.sentences import SENTENCES, sentence
from lading.views.timeline import TimelineQuery, timeline


async def seen(shop: Any, number: str) -> OrderDetail:
    """The order."""
    async with shop.database.read(shop.merchant_id) as tx:
        return await order(tx, number)


async def told(shop: Any, number: str, **fields: Any) -> list[str]:
    """The sentences of its timeline, the newest first."""
    async with shop.database.read(shop.merchant_id) as tx:
        return [entry.sentence for entry in (await timeline(tx, TimelineQuery(order=number, **fields))).items]


def ways(detail: OrderDetail) -> dict[str, list[str] | str]:
    """What is possible, with the documents; and why the rest is not."""
    return {
        each.verb: each.documents if each.possible else each.why_not or ""
        for each in detail.possible
    }  # fmt: skip


NOW = datetime.now(UTC).isoformat()


def money(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": "EUR"}


async def circle(shop: Any) -> str:
    """An order from the click to the doorstep and back, partly."""
    await shop.stock_up(MUG_HAM=9, CAP_HAM=9)
    number = await shop.place(
        {"MUG": 2, "CAP": 1},
        customer={"name": "Ada Meyer", "email": "ada@example.com"},
        charges=[{"kind": "shipping", "code": "standard", "amount": money("4.90")}],
        tenders=[{"amount": money("34.90")}],
    )
    await shop.do("orders.hold", order=number, kind="fraud_review")
    await shop.do("holds.release", order=number)
    await shop.do("lines.cancel", order=number, reason="customer_request", lines=[{"line": 2, "quantity": 1}])
    await shop.do("orders.release", order=number)
    await shop.do("fulfillment-orders.pick", fulfillment_order=f"{number}-F1")
    await shop.do("parcels.pack", fulfillment_order=f"{number}-F1", weight_grams=800)
    await shop.do("parcels.ship", parcel=f"{number}-P1", carrier="DHL", tracking_number="T1")
    await shop.do("parcels.track", parcel=f"{number}-P1", status="delivered", occurred_at=NOW)
    return number


async def test_the_page_of_an_order_has_everything(shop: Any) -> None:
    number = await circle(shop)
    detail = await seen(shop, number)
    assert (detail.stage, detail.lifecycle, detail.fulfillment_status) == ("done", "completed", "delivered")
    assert [(line.sku, line.ordered, line.units) for line in detail.lines] == [
        ("MUG", 2, {"delivered": 2}), ("CAP", 1, {"cancelled": 1}),
    ]  # fmt: skip
    assert detail.customer and (detail.customer.name, detail.customer.email) == ("Ada Meyer", "ada@example.com")
    assert detail.ship_to and detail.ship_to.city == "Hamburg"
    assert [(charge.kind, charge.amount.amount) for charge in detail.charges] == [("shipping", "4.90")]
    assert [line.total.amount for line in detail.lines] == ["23.27", "11.63"]
    assert (detail.money.original.amount, detail.money.adjusted.amount, detail.money.due.amount) == (
        "34.90",
        "-11.63",
        "-11.63",
    )
    assert [(parcel.name, parcel.tracking_number, parcel.status) for parcel in detail.parcels] == [
        (f"{number}-P1", "T1", "delivered")
    ]
    assert [(line.sku, line.quantity) for line in detail.parcels[0].lines] == [("MUG", 2)]
    assert [(work.name, work.location, work.stage) for work in detail.fulfillment_orders] == [
        (f"{number}-F1", "HAM", "closed")
    ]
    assert [hold.kind for hold in detail.holds] == ["fraud_review"] and detail.holds[0].released_at is not None
    assert detail.progress == "2 of 2 delivered"


async def test_it_is_found_by_id_number_or_document_and_by_nobody_else(shop: Any, twin: Any) -> None:
    await shop.stock_up(MUG_HAM=1)
    number = await shop.place({"MUG": 1})
    detail = await seen(shop, number)
    for ref in (str(detail.id), f"#{number}", f"{number}-F1"):
        assert (await seen(shop, ref)).number == number
    for ref in (str(detail.id), str(uuid4()), "9" * 25, "x", "-", "²"):
        with pytest.raises(NotFound, match="There is no order"):
            await seen(twin, ref)


async def test_what_is_possible_follows_the_order_and_says_why_not(shop: Any) -> None:
    await shop.stock_up(MUG_HAM=9)
    number = await shop.place({"MUG": 2})
    way = ways(await seen(shop, number))
    assert way["orders.release"] == [] and way["lines.cancel"] == [] and way["orders.hold"] == []
    assert way["fulfillment-orders.pick"] == "Nothing waits to be picked."
    assert way["returns.request"] == "Nothing has been shipped that is not coming back already."
    await shop.do("orders.hold", order=number)
    assert ways(await seen(shop, number))["orders.release"] == "On hold (manual): lift the hold first."
    await shop.do("holds.release", order=number)
    await shop.do("orders.release", order=number)
    assert ways(await seen(shop, number))["fulfillment-orders.pick"] == [f"{number}-F1"]
    await shop.do("fulfillment-orders.pick", fulfillment_order=f"{number}-F1", lines=[{"line": 1, "quantity": 1}])
    await shop.do("parcels.pack", fulfillment_order=f"{number}-F1")
    way = ways(await seen(shop, number))
    assert way["fulfillment-orders.pick"] == [f"{number}-F1"] and way["parcels.ship"] == [f"{number}-P1"]
    await shop.do("parcels.ship", parcel=f"{number}-P1", carrier="DHL")
    way = ways(await seen(shop, number))
    assert way["parcels.track"] == [f"{number}-P1"] and way["returns.request"] == []


DOCUMENT = {
    "fulfillment-orders.pick": "fulfillment_order", "parcels.pack": "fulfillment_order",
    "parcels.ship": "parcel", "parcels.track": "parcel", "parcels.unpack": "parcel",
    "returns.receive": "document", "returns.dispose": "document", "returns.refund": "document",
    "returns.cancel": "document", "edits.confirm": "edit", "edits.drop": "edit",
}  # fmt: skip
"""The field that names the document of a verb; all others name the order."""

REFUSED = ("orders.hold", "orders.edit", "orders.release", "lines.cancel", "returns.request")
"""Verbs of the order itself that refuse where they are not possible; the others change nothing then."""

MORE: dict[str, dict[str, Any]] = {
    "lines.cancel": {"reason": "test", "unpack": True},
    "orders.edit": {"reason": "test", "ship_by": "2030-01-02T00:00:00Z"},
    "edits.begin": {"reason": "test", "ship_by": "2030-01-02T00:00:00Z"},
    "notes.add": {"text": "test"},
    "orders.split": {"reason": "test", "lines": [{"line": 1, "quantity": 1}]},
    "orders.tag": {"add": ["test"]},
    "parcels.ship": {"carrier": "DHL"},
    "parcels.track": {"status": "in_transit", "occurred_at": "2026-01-02T00:00:00Z"},
    "returns.request": {"reason": "test", "lines": [{"line": 1, "quantity": 1}]},
    "returns.receive": {"location": "HAM", "lines": [{"line": 1, "quantity": 1}]},
    "returns.dispose": {"lines": [{"line": 1, "quantity": 1, "disposition": "restock"}]},
    "payments.record": {"amount": money("1.00")},
}


async def test_what_is_possible_is_what_the_verbs_accept(shop: Any) -> None:
    """At each step of a life every verb is tried as a dry run."""
    await shop.stock_up(MUG_HAM=9)
    number = await shop.place({"MUG": 1})
    steps: list[tuple[str, dict[str, Any]]] = [
        ("edits.begin", {"order": number, **MORE["edits.begin"]}),
        ("edits.confirm", {"edit": f"{number}-E1"}),
        ("edits.begin", {"order": number, **MORE["edits.begin"]}),
        ("edits.drop", {"edit": f"{number}-E2"}),
        ("orders.hold", {"order": number}),
        ("holds.release", {"order": number}),
        ("orders.release", {"order": number}),
        ("fulfillment-orders.pick", {"fulfillment_order": f"{number}-F1"}),
        ("parcels.pack", {"fulfillment_order": f"{number}-F1"}),
        ("parcels.ship", {"parcel": f"{number}-P1", "carrier": "DHL"}),
        ("payments.record", {"order": number, "amount": money("10.00")}),
        ("parcels.track", {"parcel": f"{number}-P1", "status": "delivered", "occurred_at": NOW}),
        ("returns.request", {"order": number, "reason": "test", "lines": [{"line": 1, "quantity": 1}]}),
        ("returns.receive", {"document": f"{number}-R1", "location": "HAM", "lines": [{"line": 1, "quantity": 1}]}),
        ("returns.refund", {"document": f"{number}-R1"}),
        ("returns.dispose", {"document": f"{number}-R1", **MORE["returns.dispose"]}),
    ]  # fmt: skip
    await compare(shop, number)
    for verb, fields in steps:
        await shop.do(verb, **fields)
        await compare(shop, number)


async def compare(shop: Any, number: str) -> None:
    for each in (await seen(shop, number)).possible:
        if (not each.possible and each.verb not in REFUSED) or each.verb == "orders.merge":
            continue  # Merging wants another order.
        field = DOCUMENT.get(each.verb, "order")
        for document in each.documents or [number]:
            fields = {field: document, **MORE.get(each.verb, {})}
            (outcome,) = await shop.preview(each.verb, [shop.envelope(each.verb, fields)])
            assert ("refused" not in outcome) == each.possible, (each, outcome)


async def test_every_verb_on_offer_is_registered(shop: Any) -> None:
    await shop.stock_up(MUG_HAM=1)
    number = await shop.place({"MUG": 1})
    assert {each.verb for each in (await seen(shop, number)).possible} <= verbs().keys()


async def test_the_timeline_reads_like_a_story(shop: Any) -> None:
    number = await circle(shop)
    story = (await told(shop, number))[::-1]
    assert story == [
        "Placed on channel web: 2 × MUG and 1 × CAP for 34.90 EUR. Allocated 3 in HAM.",
        "Put on hold: fraud review.",
        "Hold lifted: fraud review.",
        "Cancelled 1 × CAP. Reason: customer request.",
        "Released 2 × MUG to HAM (F1).",
        "Picked 2 × MUG in HAM.",
        "Packed parcel P1, 800 g: 2 × MUG.",
        "Parcel P1 handed to DHL, tracking number T1: 2 × MUG.",
        "Parcel P1 was delivered.",
    ]
    assert await told(shop, number, limit=2) == story[:-3:-1]


async def test_the_way_back_is_told_too(shop: Any) -> None:
    number = await circle(shop)
    await shop.do("returns.request", order=number, reason="too_small", lines=[{"line": 1, "quantity": 2}])
    document = f"{number}-R1"
    await shop.do("returns.cancel", document=document, lines=[{"line": 1, "quantity": 1}])
    await shop.do("returns.receive", document=document, location="MUC", lines=[{"line": 1, "quantity": 1}])
    await shop.do("returns.dispose", document=document, lines=[{"line": 1, "quantity": 1, "disposition": "restock"}])
    await shop.do("returns.refund", document=document)
    assert (await told(shop, number, limit=5))[::-1] == [
        "Return R1 requested: 2 × MUG. Reason: too small.",
        "Return R1: 1 × MUG will not come back after all.",
        "Return R1: 1 × MUG received in MUC; to be looked at.",
        "Return R1: 1 × MUG back on the shelf.",
        "Return R1: 11.63 EUR refunded for 1 × MUG.",
    ]
    detail = await seen(shop, number)
    assert [(each.name, each.closed_at is not None) for each in detail.returns] == [(document, True)]
    assert detail.returns[0].lines[0].units == {
        "requested": 2, "withdrawn": 1, "received": 1, "restocked": 1, "refunded": 1,
    }  # fmt: skip


async def test_who_did_it_has_a_name(shop: Any) -> None:
    await shop.stock_up(MUG_HAM=1)
    number = await shop.place({"MUG": 1})
    async with shop.database.read(shop.merchant_id) as tx:
        (entry,) = (await timeline(tx, TimelineQuery(order=number))).items
    assert entry.who == "key test"
    assert entry.event.kind == "order_placed" and b"Ada" not in bytes(entry.event.data)


def test_every_kind_of_event_has_its_sentence() -> None:
    assert {verb.event for verb in verbs().values()} - SENTENCES.keys() == set()


def test_an_unknown_kind_is_said_by_its_name() -> None:
    assert sentence("moon_seen", {}, Names()) == "Moon seen."


def test_unit_prices_keep_their_decimals() -> None:
    assert price_text(Decimal("10.000000"), "EUR") == "10.00"
    assert price_text(Decimal("0.012500"), "EUR") == "0.0125"
    assert price_text(Decimal("300.000000"), "JPY") == "300"


def test_an_answer_goes_over_the_wire() -> None:
    assert msgspec.json.schema(OrderDetail)
