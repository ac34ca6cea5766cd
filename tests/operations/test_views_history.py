"""Orders as of the past: folded from the journal, equal to what the tables said then."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from lading.terms.ledger import LINE_STAGES, RETURN_STAGES
from lading.views import history, postings
from lading.views.events import head_position
from lading.views.pages import NotFound

NOW = datetime.now(UTC).isoformat()


def money(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": "EUR"}


LIFE: list[tuple[str, dict[str, Any]]] = [
    ("orders.hold", {"order": "{n}", "kind": "fraud_review"}),
    ("orders.hold", {"order": "{n}", "kind": "address"}),
    ("holds.release", {"order": "{n}", "kind": "address"}),
    ("holds.release", {"order": "{n}"}),
    ("lines.cancel", {"order": "{n}", "reason": "test", "lines": [{"line": 2, "quantity": 1}]}),
    ("orders.release", {"order": "{n}"}),
    ("fulfillment-orders.pick", {"fulfillment_order": "{n}-F1", "lines": [{"line": 1, "quantity": 3}],
                                 "short": [{"line": 2, "quantity": 1, "reason": "not_found"}]}),
    ("orders.source", {"order": "{n}"}),
    ("parcels.pack", {"fulfillment_order": "{n}-F1", "lines": [{"line": 1, "quantity": 2}]}),
    ("parcels.pack", {"fulfillment_order": "{n}-F1"}),
    ("parcels.ship", {"parcel": "{n}-P1", "carrier": "DHL"}),
    ("parcels.ship", {"parcel": "{n}-P2", "carrier": "DHL"}),
    ("payments.record", {"order": "{n}", "amount": money("20.00")}),
    ("parcels.track", {"parcel": "{n}-P1", "status": "delivered", "occurred_at": NOW}),
    ("parcels.track", {"parcel": "{n}-P2", "status": "returned_to_sender", "occurred_at": NOW}),
    ("returns.request", {"order": "{n}", "reason": "test", "lines": [{"line": 1, "quantity": 2}]}),
    ("returns.receive", {"document": "{n}-R2", "location": "HAM", "lines": [{"line": 1, "quantity": 1}]}),
    ("returns.cancel", {"document": "{n}-R2"}),
    ("returns.dispose", {"document": "{n}-R2", "lines": [{"line": 1, "quantity": 1, "disposition": "restock"}]}),
    ("returns.refund", {"document": "{n}-R2"}),
    ("returns.receive", {"document": "{n}", "location": "HAM", "lines": [{"line": 1, "quantity": 1}]}),
]  # fmt: skip


def filled(value: Any, number: str) -> Any:
    """The fields with the order's number."""
    return msgspec.json.decode(msgspec.json.encode(value).replace(b"{n}", number.encode()))


async def as_of(shop: Any, number: str, **fields: Any) -> history.OrderAsOf:
    """The order then."""
    async with shop.database.read(shop.merchant_id) as tx:
        return await history.order_as_of(tx, msgspec.convert({"order": number, **fields}, history.OrderAsOfQuery))


async def now(shop: Any, number: str) -> dict[str, Any]:
    """What the tables say: statuses, units, money, version."""
    (row,) = await shop.fetch("SELECT * FROM orders WHERE merchant_id = $1 AND number = $2", int(number))
    lines = await shop.fetch(
        "SELECT * FROM order_line WHERE merchant_id = $1 AND order_id = $2 ORDER BY number", row["id"]
    )
    stages = (*LINE_STAGES, *RETURN_STAGES)
    return {
        **{name: row[name] for name in ("version", "stage", "lifecycle", "fulfillment_status", "payment_status")},
        "units": {stage: row[stage] for stage in ("ordered", *stages) if row[stage]},
        "lines": [{stage: each[stage] for stage in stages if each[stage]} for each in lines],
        "minor": [row[name] for name in ("charged_minor", "adjusted_minor", "captured_minor", "refunded_minor")],
        "holds": row["active_holds"],
    }


def told(then: history.OrderAsOf) -> dict[str, Any]:
    """The same of a fold."""
    return {
        **{
            name: getattr(then, name)
            for name in ("version", "stage", "lifecycle", "fulfillment_status", "payment_status")
        },
        "units": then.units,
        "lines": [line.units for line in then.lines],
        "minor": [amount.minor for amount in (then.original, then.adjusted, then.captured, then.refunded)],
        "holds": len(then.holds),
    }


async def test_every_step_of_a_life_can_be_asked_for_later(shop: Any) -> None:
    await shop.stock_up(MUG_HAM=9, CAP_HAM=2, CAP_MUC=3)
    number = await shop.place(
        {"MUG": 3, "CAP": 2},
        charges=[{"kind": "shipping", "code": "standard", "amount": money("4.90")}],
        tenders=[{"amount": money("25.00")}],
    )
    known: dict[int, dict[str, Any]] = {}
    for verb, fields in [("", {}), *LIFE]:
        if verb:
            await shop.do(verb, **filled(fields, number))
        async with shop.database.read(shop.merchant_id) as tx:
            known[await head_position(tx)] = await now(shop, number)
    for position, was in known.items():
        assert told(await as_of(shop, number, position=position)) == was, position
    with pytest.raises(NotFound, match="had not been placed"):
        await as_of(shop, number, position=min(known) - 1)
    assert told(await as_of(shop, number)) == known[max(known)]


async def test_a_recorded_order_folds_as_well(shop: Any) -> None:
    await shop.stock_up(MUG_HAM=5)
    order = shop.order({"MUG": 2}, tenders=[{"amount": money("20.00")}])
    past = {"location": "HAM", "placed_at": "2020-01-01T00:00:00Z", "delivered_at": "2020-01-03T00:00:00Z"}
    number = (await shop.do("orders.record", **order, **past))["number"]
    await shop.do("returns.record", order=number, location="HAM", reason="old", returned_at="2020-02-01T00:00:00Z",
                  lines=[{"line": 1, "quantity": 1}])  # fmt: skip
    assert told(await as_of(shop, number)) == await now(shop, number)


async def test_the_postings_are_a_penny_trail(shop: Any) -> None:
    await shop.stock_up(MUG_HAM=5)
    number = await shop.place({"MUG": 2}, tenders=[{"amount": money("20.00")}])
    await shop.do("lines.cancel", order=number, reason="test", lines=[{"line": 1, "quantity": 1}])
    async with shop.database.read(shop.merchant_id) as tx:
        page = await postings.postings(tx, postings.PostingsQuery(order=number))
        first = await postings.postings(tx, postings.PostingsQuery(order=number, limit=1))
        rest = await postings.postings(tx, postings.PostingsQuery(order=number, limit=1, after=first.next))
    assert [(each.kind, [(row.debit, row.credit, row.amount.amount) for row in each.money]) for each in page.items] == [
        ("order_placed", [("receivable", "sales", "20.00"), ("tender:paid_elsewhere", "receivable", "20.00")]),
        ("lines_cancelled", [("sales", "receivable", "10.00")]),
    ]
    assert [(row.sku, row.quantity, row.line_from, row.line_to) for each in page.items for row in each.units] == [
        ("MUG", 2, "open", "allocated"), ("MUG", 1, "allocated", "cancelled"),
    ]  # fmt: skip
    assert [*first.items, *rest.items] == page.items and rest.next is None
