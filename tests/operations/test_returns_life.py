"""What comes back: requested, received, restocked or scrapped, refunded; sent back; recorded from the past."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

EUR = "EUR"
LONG_AGO = "2019-11-04T12:00:00+00:00"


def eur(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": EUR}


async def delivered(
    shop: Any, units: int = 5, *, status: str = "delivered", at: str | None = None, **fields: Any
) -> str:
    """An order of MUGs at 10.00 that left in one parcel and came to its end; its number."""
    await shop.stock_up(MUG_HAM=units)
    number = await shop.place({"MUG": units}, **fields)
    await shop.do("orders.release", order=number)
    await shop.do("fulfillment-orders.pick", fulfillment_order=f"{number}-F1")
    await shop.do("parcels.pack", fulfillment_order=f"{number}-F1")
    shipped = at or datetime.now(UTC).isoformat()
    await shop.do("parcels.ship", parcel=f"{number}-P1", carrier="dhl", occurred_at=shipped)
    await shop.do("parcels.track", parcel=f"{number}-P1", status=status, occurred_at=shipped)
    return number


async def stock(shop: Any) -> dict[str, int]:
    """What lies of MUG at HAM, by bucket."""
    (row,) = await shop.fetch(
        "SELECT stock.* FROM stock JOIN location AS l ON l.merchant_id = $1 AND l.id = stock.location_id"
        " JOIN sku ON sku.merchant_id = $1 AND sku.id = stock.sku_id WHERE stock.merchant_id = $1"
        " AND l.code = 'HAM' AND sku.code = 'MUG'"
    )
    return {bucket: row[bucket] for bucket in ("available", "quality_hold", "damaged") if row[bucket]}


async def money(shop: Any, number: str) -> tuple[int, int, int, str]:
    """(adjusted, captured, refunded, payment status)"""
    (row,) = await shop.fetch("SELECT * FROM orders WHERE merchant_id = $1 AND number = $2", int(number))
    return row["adjusted_minor"], row["captured_minor"], row["refunded_minor"], row["payment_status"]


async def test_the_whole_circle_in_parts(shop: Any) -> None:
    charges = [{"kind": "shipping", "code": "standard", "amount": eur("4.99")}]
    number = await delivered(shop, charges=charges)
    await shop.do("payments.record", order=number, amount=eur("30.00"), kind="bank_transfer")
    paid = await shop.do("payments.record", order=number, amount=eur("24.99"), reference="till 3")
    assert (paid["tender"], paid["due"]["amount"], paid["payment_status"]) == (2, "0.00", "paid")

    asked = await shop.do("returns.request", order=number, reason="does_not_fit", lines=[{"line": 1, "quantity": 4}])
    assert (asked["document"], asked["awaited"], asked["closed"]) == (f"{number}-R1", 4, False)
    assert (await shop.units(number))["return_requested"] == 4
    refusal = await shop.refusal("returns.request", order=number, reason="x", lines=[{"line": 1, "quantity": 2}])
    assert refusal["name"] == "more_than_shipped"
    assert refusal["facts"]["returnable"] == 1

    document = f"{number}-R1"
    got = await shop.do("returns.receive", document=document, location="HAM", lines=[{"line": 1, "quantity": 3}])
    assert (got["awaited"], got["undisposed"], got["unrefunded"]) == (1, 3, 3)
    assert await stock(shop) == {"quality_hold": 3}
    refusal = await shop.refusal(
        "returns.receive", document=document, location="HAM", lines=[{"line": 1, "quantity": 2}]
    )
    assert refusal["name"] == "more_than_awaited"

    refunded = await shop.do("returns.refund", document=document, lines=[{"line": 1, "quantity": 1}])
    assert refunded["refunded"] == eur("10.99")  # 499 x 1 // 5 = 99 of the shipping
    refunded = await shop.do("returns.refund", document=document)
    assert refunded["refunded"] == eur("32.99")  # 499 x 3 // 5 = 299
    assert await money(shop, number) == (-3299, 5499, 3299, "partially_refunded")
    rows = await shop.fetch("SELECT refunded_minor FROM tender WHERE merchant_id = $1 ORDER BY number")
    assert [row["refunded_minor"] for row in rows] == [800, 2499]  # the latest first, then the one before

    lines = [
        {"line": 1, "quantity": 1, "disposition": "restock"},
        {"line": 1, "quantity": 1, "disposition": "damaged"},
    ]
    await shop.do("returns.dispose", document=document, lines=lines)
    left = [{"line": 1, "quantity": 2, "disposition": "scrapped"}]
    assert (await shop.refusal("returns.dispose", document=document, lines=left))["name"] == "not_received"
    left[0]["quantity"] = 1
    await shop.do("returns.dispose", document=document, lines=left)
    assert await stock(shop) == {"available": 1, "damaged": 1}

    closed = await shop.do("returns.cancel", document=document)
    assert (closed["awaited"], closed["closed"]) == (0, True)
    assert (await shop.units(number)) == {"delivered": 5, "returned": 3}
    again = await shop.do("returns.cancel", document=document)
    assert again["version"] == closed["version"]  # nothing is left to withdraw: nothing changes
    await shop.check_books()


async def test_a_request_after_the_window_is_refused(shop: Any) -> None:
    late = (datetime.now(UTC) - timedelta(days=31)).isoformat()
    number = await delivered(shop, at=late)
    refusal = await shop.refusal("returns.request", order=number, reason="x", lines=[{"line": 1, "quantity": 1}])
    assert refusal["name"] == "outside_return_window"


async def test_what_a_carrier_brought_back_is_received_by_its_order(shop: Any) -> None:
    number = await delivered(shop, 3, status="returned_to_sender")
    await shop.do("payments.record", order=number, amount=eur("30.00"))
    assert await shop.units(number) == {"sent_back": 3, "returning": 3}
    refusal = await shop.refusal("returns.request", order=number, reason="x", lines=[{"line": 1, "quantity": 1}])
    assert refusal["name"] == "more_than_shipped"

    got = await shop.do("returns.receive", document=number, location="HAM", lines=[{"line": 1, "quantity": 2}])
    assert got["document"] == f"{number}-R1"
    refusal = await shop.refusal("returns.receive", document=number, location="HAM", lines=[{"line": 1, "quantity": 2}])
    assert refusal["name"] == "more_than_sent_back"
    await shop.do("returns.receive", document=number, location="HAM", lines=[{"line": 1, "quantity": 1}])
    await shop.do("returns.refund", document=got["document"])
    lines = [{"line": 1, "quantity": 3, "disposition": "restock"}]
    assert (await shop.do("returns.dispose", document=got["document"], lines=lines))["closed"]
    assert await stock(shop) == {"available": 3}
    assert await shop.units(number) == {"sent_back": 3}
    assert await money(shop, number) == (-3000, 3000, 3000, "refunded")
    await shop.check_books()


async def test_no_more_goes_back_than_was_taken(shop: Any) -> None:
    number = await delivered(shop, 2)
    await shop.do("payments.record", order=number, amount=eur("5.00"))
    await shop.do("returns.request", order=number, reason="x", lines=[{"line": 1, "quantity": 1}])
    await shop.do("returns.receive", document=f"{number}-R1", location="HAM", lines=[{"line": 1, "quantity": 1}])
    refusal = await shop.refusal("returns.refund", document=f"{number}-R1")
    assert refusal["name"] == "more_than_captured"
    assert "10.00 EUR" in refusal["message"] and "5.00 EUR" in refusal["message"]


@pytest.mark.parametrize("document", ["9999-R1", "1001-R7", "1001-F1"])
async def test_an_unknown_return_is_told_so(shop: Any, document: str) -> None:
    await shop.stock_up(MUG_HAM=1)
    await shop.place({"MUG": 1})
    assert (await shop.refusal("returns.cancel", document=document))["name"] == "unknown_return"


def recorded(**fields: Any) -> dict[str, Any]:
    """The command that records an order of two MUGs."""
    lines = [{"sku": "MUG", "quantity": 2, "unit_price": eur("12.50")}]
    return {
        "channel": "web", "currency": EUR, "location": "HAM", "placed_at": LONG_AGO, "delivered_at": LONG_AGO,
        "lines": lines,
        "tenders": [{"amount": eur("29.90")}],
        "charges": [{"kind": "shipping", "code": "POST", "amount": eur("4.90")}], **fields,
    }  # fmt: skip


async def test_an_order_of_the_past_is_delivered_and_paid_and_asks_nothing_of_anybody(shop: Any) -> None:
    await shop.stock_up(MUG_HAM=3)
    await shop.do("products.save", sku="MUG", name="MUG", active=False)
    outcome = await shop.do("orders.record", **recorded(external_reference="A1"))
    number = outcome["number"]
    assert await shop.units(number) == {"delivered": 2}
    assert await stock(shop) == {"available": 1}
    (row,) = await shop.fetch("SELECT * FROM orders WHERE merchant_id = $1")
    assert (row["history"], row["stage"], row["lifecycle"], row["payment_status"], row["active_holds"]) == (
        True, "done", "completed", "paid", 0,
    )  # fmt: skip
    refusal = await shop.refusal("orders.record", **recorded(external_reference="A2"))
    assert refusal["name"] == "insufficient_stock"
    assert (await shop.do("orders.record", **recorded(external_reference="A1")))["number"] == number
    differing = recorded(external_reference="A1", charges=[])
    assert (await shop.refusal("orders.record", **differing))["name"] == "external_reference_taken"
    await shop.check_books()


async def test_an_order_of_charges_only_is_complete_and_not_cancelled(shop: Any) -> None:
    outcome = await shop.do("orders.record", **recorded(lines=[], tenders=[{"amount": eur("4.90")}]))
    (row,) = await shop.fetch("SELECT * FROM orders WHERE merchant_id = $1")
    assert (row["lifecycle"], row["stage"], row["fulfillment_status"], row["charged_minor"]) == (
        "completed", "done", "fulfilled", 490,
    )  # fmt: skip
    returned = {"order": outcome["number"], "location": "HAM", "reason": "credit_note", "returned_at": LONG_AGO}
    part = await shop.do("returns.record", **returned, charges=[{"charge": 1, "amount": eur("4.00")}])
    assert (part["refunded"], part["closed"]) == (eur("4.00"), True)
    refusal = await shop.refusal("returns.record", **returned, charges=[{"charge": 1, "amount": eur("0.91")}])
    assert refusal["name"] == "more_than_charged"
    assert refusal["facts"]["left"] == "0.90"
    assert await money(shop, outcome["number"]) == (-400, 490, 400, "partially_refunded")


async def test_a_return_of_the_past_restocks_and_refunds_at_once(shop: Any) -> None:
    await shop.stock_up(MUG_HAM=2)
    number = (await shop.do("orders.record", **recorded()))["number"]
    returned = {"order": number, "location": "HAM", "reason": "credit_note", "returned_at": LONG_AGO, "reference": "C1"}
    one = {**returned, "lines": [{"line": 1, "quantity": 1}]}
    first, second, third = await shop.batch("returns.record", one, one, one)
    assert (first["refunded"], second["document"]) == (eur("12.50"), f"{number}-R2")
    assert third["name"] == "more_than_shipped"
    assert await stock(shop) == {"available": 2}
    (line,) = await shop.fetch("SELECT returned, refunded FROM order_line WHERE merchant_id = $1")
    assert (line["returned"], line["refunded"]) == (2, 2)
    assert await money(shop, number) == (-2500, 2990, 2500, "partially_refunded")
    await shop.check_books()


async def test_an_unmatched_return_is_kept_once(shop: Any) -> None:
    item = {
        "channel": "web", "key": "C1:3", "reference": "C1", "sku": "NONE", "quantity": -2, "amount": eur("-5.00"),
        "reason": "no_customer", "occurred_at": LONG_AGO, "description": "BLUE MUG, CHIPPED",
    }  # fmt: skip
    one, two = await shop.batch("unmatched-returns.keep", item, item)
    assert one == two == (await shop.do("unmatched-returns.keep", **item))
    assert len(await shop.fetch("SELECT 1 FROM unmatched_return WHERE merchant_id = $1")) == 1
    told = await shop.fetch(
        "SELECT data->>'description' AS description FROM event WHERE merchant_id = $1 AND kind = 'unmatched_return_kept'"
    )
    assert [each["description"] for each in told] == ["BLUE MUG, CHIPPED"]
    await shop.check_books()


def random_commands(dice: random.Random, verb: str, number: str) -> list[dict[str, Any]]:
    """Commands of which many are refused."""
    made: list[dict[str, Any]] = []
    for _ in range(8):
        lines: list[dict[str, Any]] = [{"line": 1, "quantity": dice.randint(1, 3)}]
        document = f"{number}-R{dice.randint(1, 3)}"
        if verb == "returns.request":
            made.append({"order": number, "reason": "x", "lines": lines})
        elif verb == "returns.receive":
            made.append({"document": document, "location": "HAM", "lines": lines})
        elif verb == "returns.dispose":
            lines[0]["disposition"] = dice.choice(("restock", "damaged", "scrapped"))
            made.append({"document": document, "lines": lines})
        else:
            made.append({"document": document, "lines": dice.choice(([], lines))})
    return made


@pytest.mark.parametrize("seed", range(3))
async def test_a_batch_of_returns_equals_its_commands_one_by_one(shop: Any, twin: Any, seed: int) -> None:
    dice = random.Random(seed)
    numbers = [await delivered(each, 9) for each in (shop, twin)]
    for each, number in zip((shop, twin), numbers, strict=True):
        await each.do("payments.record", order=number, amount=eur("70.00"))
    assert numbers[0] == numbers[1]
    for _ in range(4):
        for verb in ("returns.request", "returns.receive", "returns.dispose", "returns.refund", "returns.cancel"):
            commands = random_commands(dice, verb, numbers[0])
            at_once = await shop.batch(verb, *commands)
            one_by_one = [outcome for command in commands for outcome in await twin.batch(verb, command)]
            assert [told(outcome) for outcome in at_once] == [told(outcome) for outcome in one_by_one], verb
    assert await stock(shop) == await stock(twin)
    await shop.check_books()
    await twin.check_books()


def told(outcome: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in outcome.items() if name != "order_id"}


@pytest.mark.parametrize("verb", ["returns.request", "returns.record"])
async def test_a_batch_of_any_length_runs_the_same_statements(shop: Any, verb: str) -> None:
    await shop.stock_up(MUG_HAM=100)
    orders = await shop.batch("orders.record", *(recorded(external_reference=f"A{index}") for index in range(42)))
    counts = []
    for part in (orders[:1], orders[1:]):
        commands = [{"order": each["number"], "reason": "x", "lines": [{"line": 1, "quantity": 1}]} for each in part]
        if verb == "returns.record":
            commands = [{**command, "location": "HAM", "returned_at": LONG_AGO} for command in commands]
        counts.append(await shop.statements(verb, *commands))
    assert counts[0] == counts[1]


@pytest.mark.parametrize("seed", range(2))
async def test_a_batch_of_recorded_orders_equals_its_commands_one_by_one(shop: Any, twin: Any, seed: int) -> None:
    dice = random.Random(seed)
    for each in (shop, twin):
        await each.stock_up(MUG_HAM=20, CAP_HAM=9)
    commands = []
    for _ in range(25):
        skus = dice.choices(("MUG", "CAP", "NONE"), (8, 8, 1), k=dice.randint(1, 3))
        lines = [{"sku": sku, "quantity": dice.randint(1, 3), "unit_price": eur("9.99")} for sku in skus]
        commands.append(recorded(external_reference=f"A{dice.randint(1, 12)}", lines=lines))
    at_once = await shop.batch("orders.record", *commands)
    one_by_one = [outcome for command in commands for outcome in await twin.batch("orders.record", command)]
    for outcome in at_once + one_by_one:
        outcome.pop("number", None)  # a repeated attempt draws another one; gaps never matter
        outcome.get("facts", {}).pop("order", None)
        outcome.pop("message", None)
    assert [told(outcome) for outcome in at_once] == [told(outcome) for outcome in one_by_one]
    names = {outcome.get("name", "accepted") for outcome in at_once}
    assert {"accepted", "insufficient_stock", "external_reference_taken"} <= names
    assert await stock(shop) == await stock(twin)
    await shop.check_books()
