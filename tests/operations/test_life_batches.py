"""The verbs from hold to delivery in batches: as their commands one by one, answered once, in constant statements."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterable
from typing import Any

import msgspec
import pytest

SKUS = ("MUG", "CAP", "PEN")
TABLES = (
    "orders", "order_line", "allocation", "fulfillment_order", "parcel", "parcel_line", "hold", "stock", "posting",
    "money_posting", "event",
)  # fmt: skip
RARE = ("orders.hold", "lines.cancel")
OWN = {"merchant_id", "event_id", "command_id", "placed_by", "position", "policy_version", "party_version_id"}
"""Ids that two merchants cannot share."""


async def tables(shop: Any) -> dict[str, list[str]]:
    """All rows without times, with names in the place of ids, in an order of their own."""
    names: dict[str, str] = {}
    for table, name in (("orders", "number"), ("sku", "code"), ("location", "code"), ("channel", "code")):
        for row in await shop.fetch(f"SELECT id, {name} AS name FROM {table} WHERE merchant_id = $1"):
            names[str(row["id"])] = f"{table}:{row['name']}"
    seen = {}
    for table in TABLES:
        rows = await shop.fetch(f"SELECT * FROM {table} WHERE merchant_id = $1")
        seen[table] = sorted(spelled(row, names) for row in rows)
    return seen


def spelled(row: dict[str, Any], names: dict[str, str]) -> str:
    """The row as text; ids that have no name (addresses, events) are left out."""
    told = {}
    for column, value in row.items():
        if column in OWN or column.endswith("_at") or column == "ship_to_id":
            continue
        text = str(value)
        if column == "data":
            data = msgspec.json.decode(value)
            data.pop("ship_to_id", None)
            text = msgspec.json.encode(data, order="sorted").decode()
            for id_, name in names.items():
                text = text.replace(id_, name)
        told[column] = names.get(text, text)
    return repr(told)


def some_lines(dice: random.Random) -> list[dict[str, int]]:
    return [{"line": dice.randint(1, 3), "quantity": dice.randint(1, 3)} for _ in range(dice.choice((0, 0, 1, 2)))]


def commands(dice: random.Random, verb: str, numbers: list[str]) -> list[dict[str, Any]]:
    """Random commands, many of them refused, several for the same order."""
    made = []
    for _ in range(4 if verb in RARE else 40):
        number, part = dice.choice(numbers), dice.randint(1, 3)
        order: dict[str, Any] = {"order": number}
        if dice.random() < 0.1:
            order["expected_version"] = dice.randint(1, 9)
        made.append(
            {
                "orders.hold": {**order, "kind": dice.choice(("fraud", "address"))},
                "holds.release": {**order, "kind": dice.choice(("fraud", None))},
                "orders.source": order,
                "orders.release": order,
                "lines.cancel": {**order, "reason": "test", "lines": some_lines(dice)[:1]},
                "fulfillment-orders.pick": {
                    "fulfillment_order": f"{number}-F{part}",
                    "lines": some_lines(dice),
                    "short": [{**line, "reason": "gone"} for line in some_lines(dice)[:1]],
                },
                "parcels.pack": {"fulfillment_order": f"{number}-F{part}", "lines": some_lines(dice)},
                "parcels.ship": {"parcel": f"{number}-P{part}", "carrier": "DHL"},
                "parcels.track": {
                    "parcel": f"{number}-P{part}",
                    "status": dice.choice(("in_transit", "failed_attempt", "delivered", "lost", "returned_to_sender")),
                    "occurred_at": f"2026-01-05T{dice.randint(10, 14)}:00:00Z",
                },
            }[verb]
        )
    return made


ROUND = (
    "orders.hold", "orders.source", "orders.release", "holds.release", "orders.release", "lines.cancel",
    "fulfillment-orders.pick", "parcels.pack", "fulfillment-orders.pick", "parcels.pack", "parcels.ship",
    "parcels.track", "parcels.track",
)  # fmt: skip


async def open_shop(shop: Any, dice: random.Random) -> list[str]:
    """Ten orders over three products, of which there are too few."""
    await shop.allow_backorders()
    await shop.stock_up(MUG_HAM=20, CAP_HAM=5, CAP_MUC=9, PEN_LEJ=25)
    orders = [shop.order({sku: dice.randint(1, 6) for sku in SKUS}) for _ in range(10)]
    return [outcome["number"] for outcome in await shop.batch("orders.place", *orders)]


@pytest.mark.parametrize("seed", range(3))
async def test_a_batch_equals_its_commands_one_by_one(shop: Any, twin: Any, seed: int) -> None:
    numbers = await open_shop(shop, random.Random(seed))
    assert numbers == await open_shop(twin, random.Random(seed))
    dice = random.Random(seed)
    accepted = set()
    for _ in range(3):
        for verb in ROUND:
            batch = commands(dice, verb, numbers)
            together = await shop.batch(verb, *batch)
            alone = [(await twin.batch(verb, command))[0] for command in batch]
            for command, with_others, by_itself in zip(batch, together, alone, strict=True):
                assert (verb, command, with_others) == (verb, command, by_itself)
            accepted |= {verb for outcome in together if "refused" not in outcome}
        await shop.stock_up(MUG_MUC=2, CAP_HAM=3)
        await twin.stock_up(MUG_MUC=2, CAP_HAM=3)
        await shop.check_books()
    assert accepted == set(ROUND)
    seen, twins = await tables(shop), await tables(twin)
    for table in TABLES:
        assert set(seen[table]) ^ set(twins[table]) == set(), table


async def test_the_same_ids_again_get_the_same_answers_and_change_nothing(shop: Any) -> None:
    dice = random.Random(7)
    numbers = await open_shop(shop, dice)
    sent = []
    for verb in ROUND:
        envelopes = [shop.envelope(verb, fields) for fields in commands(dice, verb, numbers)]
        sent.append((verb, envelopes, await shop.run(verb, envelopes)))
    before = await tables(shop)
    for verb, envelopes, answers in sent:
        again = await shop.run(verb, envelopes)
        assert [answer.replayed for answer in again] == [True] * len(again)
        assert [(a.accepted, msgspec.json.decode(a.body)) for a in again] == [
            (a.accepted, msgspec.json.decode(a.body)) for a in answers
        ]
    assert await tables(shop) == before


async def test_a_dry_run_tells_what_would_happen_and_changes_nothing(shop: Any) -> None:
    dice = random.Random(11)
    numbers = await open_shop(shop, dice)
    for verb in ROUND:
        envelopes = [shop.envelope(verb, fields) for fields in commands(dice, verb, numbers)]
        before = await tables(shop)
        told = await shop.preview(verb, envelopes)
        assert await tables(shop) == before
        assert told == [msgspec.json.decode(answer.body) for answer in await shop.run(verb, envelopes)]


def each(verb_fields: str, letters: str, numbers: Iterable[str], **fields: Any) -> list[dict[str, Any]]:
    return [{verb_fields: f"{number}{letters}", **fields} for number in numbers]


async def test_two_hundred_commands_take_as_many_statements_as_one(shop: Any) -> None:
    await shop.allow_backorders()
    await shop.stock_up(MUG_HAM=250, CAP_HAM=0)
    order = shop.order({"MUG": 1, "CAP": 1})
    numbers = [outcome["number"] for outcome in await shop.batch("orders.place", *[order] * 201)]
    await shop.stock_up(CAP_HAM=250)
    day = "2026-01-05T10:00:00Z"
    steps = (
        ("orders.hold", each("order", "", numbers)),
        ("holds.release", each("order", "", numbers)),
        ("orders.source", each("order", "", numbers)),
        ("orders.release", each("order", "", numbers)),
        (
            "fulfillment-orders.pick",
            each("fulfillment_order", "-F1", numbers, short=[{"line": 2, "quantity": 1, "reason": "gone"}]),
        ),
        ("parcels.pack", each("fulfillment_order", "-F1", numbers)),
        ("parcels.ship", each("parcel", "-P1", numbers, carrier="DHL")),
        ("parcels.track", each("parcel", "-P1", numbers, status="delivered", occurred_at=day)),
        ("lines.cancel", each("order", "", numbers, reason="late")),
    )
    counts = {}
    for verb, given in steps:
        counts[verb] = (await shop.statements(verb, given[0]), await shop.statements(verb, *given[1:]))
    await shop.check_books()
    assert {verb: one for verb, (one, _) in counts.items()} == {verb: many for verb, (_, many) in counts.items()}


async def test_refusals_come_in_their_order_and_name_the_field(shop: Any) -> None:
    await shop.stock_up(MUG_HAM=5)
    number = await shop.place({"MUG": 2})
    for verb, fields in (
        ("orders.hold", {}), ("holds.release", {}), ("orders.source", {}), ("orders.release", {}),
        ("lines.cancel", {"reason": "late"}),
    ):  # fmt: skip
        unknown = await shop.refusal(verb, order="999999", expected_version=9, **fields)
        assert (unknown["name"], unknown["pointer"]) == ("unknown_order", "/order")
        stale = await shop.refusal(verb, order=number, expected_version=9, **fields)
        assert (stale["name"], stale["pointer"]) == ("version_conflict", "/expected_version")
        assert stale["facts"] == {"order": number, "version": 1, "expected": 9}
    await shop.do("orders.hold", order=number, expected_version=1)
    held = await shop.refusal("orders.release", order=number, expected_version=2)
    assert held["message"] == f"Order {number} is held (manual): lift the hold first."
    many = await shop.refusal("lines.cancel", order=number, reason="late", lines=[{"line": 1, "quantity": 3}])
    assert (many["name"], many["pointer"], many["facts"]["waiting"]) == ("not_cancellable", "/lines/0/quantity", 2)
    wrong = await shop.refusal("fulfillment-orders.pick", fulfillment_order=f"{number}-R1")
    assert (wrong["name"], wrong["pointer"]) == ("unknown_fulfillment_order", "/fulfillment_order")


async def test_a_word_about_the_future_is_refused(shop: Any) -> None:
    await shop.stock_up(MUG_HAM=5)
    number = await shop.place({"MUG": 2})
    await shop.do("orders.release", order=number)
    await shop.do("fulfillment-orders.pick", fulfillment_order=f"{number}-F1")
    await shop.do("parcels.pack", fulfillment_order=f"{number}-F1")
    later = {"parcel": f"{number}-P1", "occurred_at": "2999-01-01T00:00:00Z"}
    assert (await shop.refusal("parcels.ship", carrier="DHL", **later))["name"] == "in_future"
    await shop.do("parcels.ship", parcel=f"{number}-P1", carrier="DHL", occurred_at="2026-01-05T10:00:00Z")
    assert (await shop.refusal("parcels.track", status="delivered", **later))["name"] == "in_future"
    (parcel,) = await shop.fetch("SELECT status, shipped_at, status_at FROM parcel WHERE merchant_id = $1")
    assert parcel["status"] == "shipped" and parcel["shipped_at"] == parcel["status_at"]


async def test_cancelling_gives_back_each_cent_once(shop: Any) -> None:
    await shop.stock_up(MUG_HAM=5)
    euros = [{"amount": amount, "currency": "EUR"} for amount in ("3.33", "-1.00", "31.63")]
    lines = [{"sku": "MUG", "quantity": 3, "unit_price": {"amount": "9.7666", "currency": "EUR"}}]
    number = await shop.place(
        {}, lines=lines, tenders=[{"amount": euros[2]}],
        charges=[
            {"kind": "shipping", "code": "standard", "amount": euros[0]},
            {"kind": "discount", "code": "hello", "amount": euros[1]},
        ],
    )  # fmt: skip
    for due in ("-10.55", "-21.09", "-31.63"):  # what is kept is counted on the line: 21.08, 10.54, 0
        cancelled = await shop.do("lines.cancel", order=number, reason="late", lines=[{"line": 1, "quantity": 1}])
        assert cancelled["due"] == {"amount": due, "currency": "EUR"}
        await shop.check_books()
    (order,) = await shop.fetch("SELECT * FROM orders WHERE merchant_id = $1")
    assert (order["lifecycle"], order["charged_minor"], order["adjusted_minor"]) == ("cancelled", 3163, -3163)


async def test_whoever_comes_first_in_the_batch_is_sourced_first(shop: Any) -> None:
    await shop.allow_backorders()
    await shop.stock_up(MUG_HAM=0)
    first, second = [await shop.place({"MUG": 2}) for _ in range(2)]
    await shop.stock_up(MUG_MUC=3)
    outcomes = await shop.batch("orders.source", {"order": second}, {"order": first}, {"order": second})
    assert [(each["order"], each["allocated"], each["missing"]) for each in outcomes] == [
        (second, 2, 0), (first, 1, 1), (second, 0, 0),
    ]  # fmt: skip
    assert outcomes[2]["sourcing"] == "nothing_to_source"


async def test_notes_about_people_stay_out_of_the_journal(shop: Any) -> None:
    await shop.stock_up(MUG_HAM=5)
    number = await shop.place({"MUG": 1})
    await shop.do("orders.hold", order=number, kind="fraud", note="Ada Meyer called twice.")
    told = await shop.fetch("SELECT data::text AS data FROM event WHERE merchant_id = $1")
    assert not [event for event in told if "Meyer" in event["data"]]


async def test_the_age_in_a_queue_starts_anew_only_in_another_queue(shop: Any) -> None:
    await shop.stock_up(MUG_HAM=5)
    number = await shop.place({"MUG": 2})
    await shop.do("orders.release", order=number)
    await shop.do("fulfillment-orders.pick", fulfillment_order=f"{number}-F1", lines=[{"line": 1, "quantity": 1}])
    ages = """
        SELECT queued_at, (SELECT recorded_at FROM event WHERE merchant_id = $1 AND kind = $2) AS since
          FROM orders WHERE merchant_id = $1"""
    (partly,) = await shop.fetch(ages, "order_released")
    assert partly["queued_at"] == partly["since"]
    await shop.do("fulfillment-orders.pick", fulfillment_order=f"{number}-F1")
    (wholly,) = await shop.fetch(ages, "order_released")
    assert wholly["queued_at"] > wholly["since"]


async def test_verbs_side_by_side_leave_books_that_agree(shop: Any) -> None:
    """Batches of all verbs at once over the same orders and shelves: some are refused, none fails, no unit is lost."""
    dice = random.Random(23)
    numbers = await open_shop(shop, dice)
    for _ in range(4):
        batches = [shop.batch(verb, *commands(dice, verb, numbers)) for verb in ROUND]
        batches += [shop.batch("orders.place", *[shop.order({"PEN": 1, "MUG": 1, "CAP": 1})] * 5) for _ in range(3)]
        await asyncio.gather(*batches)
        await shop.check_books()
