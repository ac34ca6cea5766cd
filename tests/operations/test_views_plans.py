"""Every question walks an index: the plans of all views' statements, on many orders with fresh statistics.

The plans seen on 50,000 orders (PostgreSQL 18, after ANALYZE, custom and generic alike):

    orders, newest      Index Scan Backward using orders_pkey; a page's rows by orders_pkey, party_version_pkey,
                        address_version_pkey
    orders, one queue   Index Scan using orders_queue
    orders, due         Index Scan using orders_ship_by
    orders, searched    orders_merchant_id_number_key, orders_external_reference, orders_of_customer, order_line_sku,
                        parcel_tracking, party_email, party_phone, search_term_pkey
    one order           orders_pkey, and the primary key of each table under it
    timeline, as of     event_of_subject; posting_pkey by (SKU, event); money_posting_pkey
    ledger              Index Scan Backward using posting_pkey
    stock, availability sku_merchant_id_code_key, stock_pkey
    queues, work        orders_queue, fulfillment_order_queue
    feed                event_pkey
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import msgspec
import pytest

from lading.database.pool import Transaction
from lading.entrypoints.worker import search
from lading.views import (
    availability,
    events,
    history,
    order,
    orders,
    policies,
    postings,
    products,
    queues,
    stock,
    timeline,
)

ORDERS = int(os.environ.get("LADING_TEST_PLAN_ORDERS", "20000"))
PRODUCTS = 500
START = datetime(2026, 1, 1, tzinfo=UTC)
BIG = {"orders", "order_line", "event", "posting", "allocation", "stock", "parcel", "money_posting", "party_version"}
"""Tables that are never read from end to end."""
LARGE_ROWS = 15_000
"""Nor is any other table that has so many rows; a smaller one may be cheaper to read than its index."""

Question = Callable[[Transaction], Awaitable[Any]]


def line(sku: str) -> dict[str, Any]:
    """One unit of it."""
    return {"sku": sku, "quantity": 1, "unit_price": {"amount": "10.00", "currency": "EUR"}}


def placed(number: int) -> dict[str, Any]:
    """The command of one order of many."""
    customer = number % 3_000
    when = START + timedelta(minutes=number)
    return {
        "channel": "web", "currency": "EUR", "external_reference": f"W-{number:07}", "placed_at": when.isoformat(),
        "ship_by": (when + timedelta(days=2)).isoformat() if number % 3 == 0 else None,
        "customer": {"reference": f"C{customer}", "name": f"Ada Meyer{customer}", "email": f"ada{customer}@example.com",
                     "phone": f"+49 40 {1_000_000 + customer}"},
        "ship_to": None if number % 100 == 0 else {"name": "Ada", "city": "Hamburg", "country": "DE"},
        "lines": [line(f"S{(number * step) % PRODUCTS:04}") for step in (1, 7, 13)[: 1 + number % 3]],
        "charges": [{"kind": "shipping", "code": "std", "amount": {"amount": "4.90", "currency": "EUR"}}],
        "tenders": [{"amount": {"amount": "5.00", "currency": "EUR"}}],
    }  # fmt: skip


@pytest.fixture
async def grown(shop: Any) -> AsyncIterator[Any]:
    """A merchant with many orders in all stages, analysed; filled by verbs only."""
    skus = [f"S{number:04}" for number in range(PRODUCTS)]
    await shop.batch("products.save", *({"sku": sku, "name": f"Product {sku}"} for sku in skus))
    for location in ("HAM", "MUC", "LEJ"):
        stocked = ({"sku": sku, "location": location, "quantity": 100_000, "reason": "opening"} for sku in skus)
        await shop.batch("stock.receive", *stocked)
    numbers: list[str] = []
    for first in range(0, ORDERS, 1_000):
        outcomes = await shop.batch("orders.place", *(placed(number) for number in range(first, first + 1_000)))
        numbers += [outcome["number"] for outcome in outcomes if outcome["stage"] != "held"]
    await fulfil(shop, numbers)
    while True:
        async with shop.database.write(shop.merchant_id) as tx:
            await tx.execute("INSERT INTO consumer VALUES ($1, 'search', 0) ON CONFLICT DO NOTHING")
            if not await search.read_on(tx):
                break
    connection = await asyncpg.connect(shop.database.dsn)
    await connection.execute("ANALYZE")
    await connection.close()
    yield shop


async def fulfil(shop: Any, numbers: list[str]) -> None:
    """Some orders in each stage."""
    steps = [
        ("orders.release", "order", "", {}, 0.50),
        ("fulfillment-orders.pick", "fulfillment_order", "-F1", {}, 0.48),
        ("parcels.pack", "fulfillment_order", "-F1", {}, 0.46),
        ("parcels.ship", "parcel", "-P1", {"carrier": "DHL"}, 0.45),
        ("parcels.track", "parcel", "-P1", {"status": "delivered", "occurred_at": datetime.now(UTC).isoformat()}, 0.44),
    ]
    for verb, field, suffix, more, share in steps:
        chosen = numbers[: int(len(numbers) * share)]
        for first in range(0, len(chosen), 500):
            commands = [
                {
                    field: number + suffix,
                    **more,
                    **({"tracking_number": f"T{number}"} if verb == "parcels.ship" else {}),
                }
                for number in chosen[first : first + 500]
            ]
            await shop.batch(verb, *commands)


def query(kind: type[Any], **fields: Any) -> Any:
    return msgspec.convert(fields, kind)


def listed(**fields: Any) -> Question:
    return lambda tx: orders.orders(tx, query(orders.OrdersQuery, **fields))


def questions(head: int) -> dict[str, Question]:
    """Every view, asked in every way that has a statement of its own."""
    after_some = orders.cursor(orders.FIRST_ID.__class__(int=2**127))
    return {
        "newest": listed(),
        "next page": listed(after=after_some),
        "queue": listed(stage="to_release"),
        "held": listed(stage="held"),
        "queue and location": listed(stage="to_pick", location="HAM"),
        "due": listed(due_before="2026-03-01T00:00:00Z"),
        "filtered": listed(channel="web", payment_status="paid"),
        "number": listed(q="1042"),
        "reference": listed(q="W-00001"),
        "e-mail": listed(q="ada17@example.com"),
        "phone": listed(q="+49 40 1000017"),
        "name": listed(q="ada meyer17"),
        "product code": listed(q="S0013"),
        "tracking": listed(q="T1042"),
        "order": lambda tx: order.order(tx, "1042"),
        "timeline": lambda tx: timeline.timeline(tx, query(timeline.TimelineQuery, order="1042")),
        "as of": lambda tx: history.order_as_of(tx, query(history.OrderAsOfQuery, order="1042", position=head)),
        "postings": lambda tx: postings.postings(tx, query(postings.PostingsQuery, order="1042")),
        "stock": lambda tx: stock.stock(tx, query(stock.StockQuery)),
        "stock at": lambda tx: stock.stock(tx, query(stock.StockQuery, location="HAM")),
        "stock searched": lambda tx: stock.stock(tx, query(stock.StockQuery, q="product")),
        "stock as of": lambda tx: stock.stock(tx, query(stock.StockQuery, position=head - 50)),
        "ledger": lambda tx: stock.ledger(tx, query(stock.LedgerQuery, sku="S0013")),
        "availability": lambda tx: availability.availability(
            tx, query(availability.AvailabilityQuery, skus=[f"S{number:04}" for number in range(0, PRODUCTS, 5)])
        ),
        "products": lambda tx: products.products(tx, query(products.ProductsQuery)),
        "products searched": lambda tx: products.products(tx, query(products.ProductsQuery, q="S00")),
        "queues": lambda tx: queues.queues(tx, queues.QueuesQuery()),
        "work": lambda tx: queues.work(tx, query(queues.WorkQuery, location="HAM", stage="to_pick")),
        "returns": lambda tx: queues.returns(tx, query(queues.ReturnsQuery)),
        "unmatched": lambda tx: queues.unmatched_returns(tx, query(queues.UnmatchedQuery)),
        "policies": lambda tx: policies.policies(tx, query(policies.PoliciesQuery)),
        "resolve": lambda tx: policies.resolve(tx, query(policies.ResolveQuery, name="may_split", channel="web")),
        "feed": lambda tx: events.feed(tx, head - 200, 100),
        "event": lambda tx: events.event(tx, query(events.EventQuery, position=head)),
    }


@contextmanager
def recorded(tx: Transaction) -> Iterator[list[tuple[str, tuple[Any, ...]]]]:
    """The statements that run in the transaction, with their arguments."""
    seen: list[tuple[str, tuple[Any, ...]]] = []
    for name in ("fetch", "fetchrow", "fetchval"):
        run = getattr(tx, name)

        async def told(sql: str, *arguments: Any, run: Any = run) -> Any:
            seen.append((sql, arguments))
            return await run(sql, *arguments)

        setattr(tx, name, told)
    yield seen


def scanned(plan: Any) -> set[str]:
    """The tables that a plan reads from end to end."""
    found = {plan["Relation Name"]} if plan.get("Node Type") == "Seq Scan" else set()
    return found.union(*(scanned(inner) for inner in plan.get("Plans", ())))


async def plans(tx: Transaction, statement: str, arguments: tuple[Any, ...]) -> list[Any]:
    """The plan for these arguments, and the plan for any."""
    connection = tx._connection
    special = await connection.fetchval(f"EXPLAIN (FORMAT JSON) {statement}", tx.merchant_id, *arguments)
    await connection.execute(f"SET LOCAL plan_cache_mode = force_generic_plan; PREPARE any_plan AS {statement}")
    nulls = ", ".join(["NULL"] * (1 + len(arguments)))
    generic = await connection.fetchval(f"EXPLAIN (FORMAT JSON) EXECUTE any_plan({nulls})")
    await connection.execute("DEALLOCATE any_plan; SET LOCAL plan_cache_mode = auto")
    return [msgspec.json.decode(text)[0]["Plan"] for text in (special, generic)]


async def test_no_view_reads_a_growing_table_from_end_to_end(grown: Any) -> None:
    async with grown.database.read(grown.merchant_id) as tx:
        head = await events.head_position(tx)
        large = await tx._connection.fetch("SELECT relname FROM pg_class WHERE reltuples > $1", LARGE_ROWS)
    never = BIG | {row["relname"] for row in large}
    wrong = []
    for name, ask in questions(head).items():
        async with grown.database.read(grown.merchant_id) as tx:
            with recorded(tx) as seen:
                await ask(tx)
        async with grown.database.read(grown.merchant_id) as tx:
            for statement, arguments in {sql: (sql, arguments) for sql, arguments in seen}.values():
                for plan in await plans(tx, statement, arguments):
                    if bad := scanned(plan) & never:
                        wrong.append((name, statement.partition("\n")[0], sorted(bad)))
    assert not wrong, wrong
