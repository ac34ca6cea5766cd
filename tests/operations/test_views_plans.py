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
from uuid import UUID

import asyncpg
import msgspec
import pytest

from lading.database import queries
from lading.database.pool import Transaction
from lading.entrypoints.api.reads import READS
from lading.entrypoints.worker import arrivals, billing, ledger, levels, paying, search
from lading.payments.settlement import Moved
from lading.views import (
    availability,
    events,
    history,
    lots,
    order,
    orders,
    papers,
    policies,
    postings,
    products,
    queues,
    sourcing,
    stock,
    timeline,
)
from lading.views.exports import EXPORTS
from lading.views.pages import cursor
from lading.views.settlement import done_through
from tests.operations.supply_rows import fill
from tests.operations.test_young_plans import all_read_whole, plan_for_any

ORDERS = int(os.environ.get("LADING_TEST_PLAN_ORDERS", "8000"))
PRODUCTS = 500
START = datetime(2026, 1, 1, tzinfo=UTC)
BIG = {"orders", "order_line", "event", "posting", "allocation", "stock", "parcel", "money_posting", "party_version"}
"""Tables that are never read from end to end."""
LARGE_ROWS = 6_000
"""Nor is any other table that has so many rows; a smaller one may be cheaper to read than its index."""

Question = Callable[[Transaction], Awaitable[Any]]


def line(sku: str) -> dict[str, Any]:
    """One unit of it."""
    return {"sku": sku, "quantity": 1, "unit_price": {"amount": "10.00", "currency": "EUR"}}


def placed(number: int) -> dict[str, Any]:
    """The command of one order of many."""
    customer = number % 3_000
    when = START + timedelta(minutes=5 * number)
    return {
        "channel": "web", "currency": "EUR", "external_reference": f"W-{number:07}", "placed_at": when.isoformat(),
        "ship_by": (when + timedelta(days=2)).isoformat() if number % 3 == 0 else None,
        "customer": {"reference": f"C{customer}", "name": f"Ada Meyer{customer}", "email": f"ada{customer}@example.com",
                     "phone": f"+49 40 {1_000_000 + customer}"},
        "ship_to": None if number % 100 == 0 else {"name": "Ada", "city": "Hamburg", "country": "DE"},
        "lines": [line(f"S{(number * step) % PRODUCTS:04}") for step in (1, 7, 13)[: 1 + number % 3]],
        "tags": ["gift"] if number % 50 == 0 else [],
        "attributes": {"season": "winter"} if number % 50 == 1 else {},
        "charges": [{"kind": "shipping", "code": "std", "amount": {"amount": "4.90", "currency": "EUR"}}],
        "tenders": [{"amount": {"amount": "5.00", "currency": "EUR"}}],
    }  # fmt: skip


LATE = {"sku": "LATE", "name": "Comes later"}


def waiting(number: int) -> dict[str, Any]:
    """The command of one order that waits for stock."""
    return placed(number) | {"external_reference": f"L-{number:07}", "lines": [line("LATE")]}


@pytest.fixture
async def shop(lone_shop: Any) -> Any:
    """Alone: its tables are filled, and analysed."""
    return lone_shop


@pytest.fixture
async def grown(shop: Any) -> AsyncIterator[Any]:
    """A merchant with many orders in all stages, placed by verbs, and many rows of everything beside them; analysed."""
    skus = [f"S{number:04}" for number in range(PRODUCTS)]
    for subject in ("order", "product"):
        kind = {"name": "Season", "type": "choice", "allowed": ["summer", "winter"], "filterable": True}
        await shop.do("attributes.define", subject=subject, code="season", **kind)
    await shop.batch("products.save", *({"sku": sku, "name": f"Product {sku}"} for sku in skus))
    for location in ("HAM", "MUC", "LEJ"):
        stocked = ({"sku": sku, "location": location, "quantity": 100_000, "reason": "opening"} for sku in skus)
        await shop.batch("stock.receive", *stocked)
    numbers: list[str] = []
    for first in range(0, ORDERS, 1_000):
        outcomes = await shop.batch("orders.place", *(placed(number) for number in range(first, first + 1_000)))
        numbers += [outcome["number"] for outcome in outcomes if outcome["stage"] != "held"]
    await analyse(shop)
    await fulfil(shop, numbers)
    await shop.batch("invoices.issue", *({"order": number, "bill": "all"} for number in numbers[:1_000]))
    await shop.batch("products.save", *({"sku": f"K{number:03}", "name": "Kit"} for number in range(100)), LATE)
    await shop.do("policies.set", name="may_backorder", value=True, sku="LATE")
    for first in range(0, ORDERS // 10, 1_000):
        await shop.batch("orders.place", *(waiting(number) for number in range(first, first + 1_000)))
    await fill(shop)
    for name, reader in (("search", search), ("ledger_days", ledger)):
        going = True
        while going:
            async with shop.database.write(shop.merchant_id) as tx:
                await tx.execute("INSERT INTO consumer VALUES ($1, $2, 0) ON CONFLICT DO NOTHING", name)
                going = await reader.read_on(tx)
    await analyse(shop)
    yield shop


async def analyse(shop: Any) -> None:
    """New statistics of all tables."""
    connection = await asyncpg.connect(shop.database.dsn)
    await connection.execute("ANALYZE")
    await connection.close()


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


def query(kind: type[Any], /, **fields: Any) -> Any:
    return msgspec.convert(fields, kind)


def listed(**fields: Any) -> Question:
    return lambda tx: orders.orders(tx, query(orders.OrdersQuery, **fields))


def asked(path: str, **fields: Any) -> Question:
    """A question of the API, by its path."""
    (read,) = (read for read in READS if read.path == path)
    return lambda tx: read.handler(tx, query(read.query, **fields))


async def _last_decisions(tx: Transaction) -> Any:
    rows = await tx._connection.fetch("SELECT id FROM orders WHERE merchant_id = $1 LIMIT 50", tx.merchant_id)
    return await sourcing.latest(tx, [row["id"] for row in rows])


async def sell_to_companies(shop: Any) -> dict[str, Question]:
    """A company with its prices, an order, a draft that waits for an approval, a subscription; what is asked of them."""
    address = {"address": {"country": "DE"}}
    person = {"person": {"name": "Eva", "email": "eva@example.com"}}
    nord = {"code": "NORD", "name": "Nord", "terms_days": 0, "contacts": [person], "addresses": [address]}
    await shop.do("companies.save", **nord)
    await shop.do("price-lists.save", code="ALL", name="All", currency="EUR")
    prices = [{"unit_price": {"amount": "2.00", "currency": "EUR"}}]
    await shop.do("prices.set", price_list="ALL", items=[{"sku": "S0013", "prices": prices}])
    lines = [{"sku": "S0013", "quantity": 1}]
    wanted = {"channel": "web", "currency": "EUR", "company": "NORD", "purchase_order": "PO-1", "lines": lines}
    await shop.do("orders.place", **wanted)
    draft = (await shop.do("drafts.create", **wanted))["draft"]
    monthly = {"draft": draft, "unit": "month", "first_at": "2026-01-01T08:00:00Z"}
    subscription = (await shop.do("subscriptions.create", **monthly))["subscription"]
    return {
        "purchase order": asked("/v1/orders", q="PO-1"),
        "companies": asked("/v1/companies"),
        "company": asked("/v1/companies/{company}", company="NORD"),
        "receivables": asked("/v1/receivables", status="open"),
        "drafts": asked("/v1/drafts"),
        "open drafts": asked("/v1/drafts", status="open"),
        "draft": asked("/v1/drafts/{draft}", draft=draft),
        "approvals": asked("/v1/approvals"),
        "price lists": asked("/v1/price-lists"),
        "price list": asked("/v1/price-lists/{price_list}", price_list="ALL"),
        "price": asked("/v1/prices", sku="S0013", currency="EUR", company="NORD"),
        "subscriptions": asked("/v1/subscriptions"),
        "subscription": asked("/v1/subscriptions/{subscription}", subscription=subscription),
    }


def about_sourcing(preview: str) -> dict[str, Question]:
    """Why orders come from where they come from, and where they would."""
    return {
        "why": asked("/v1/orders/{order}/sourcing", order="1042"),
        "rules": asked("/v1/sourcing-rules"),
        "lint": asked("/v1/sourcing-rules/lint", orders=50),
        "kept by filters": asked("/v1/availability", skus=["S0001", "K013"], country="DE", postal_code="20457"),
        "what if": asked("/v1/sourcing/what-if", order="1042", without=["HAM"]),
        "last decisions": _last_decisions,
        "preview": asked("/v1/sourcing-previews/{preview}", preview=preview),
        "previews": asked("/v1/sourcing-previews"),
    }


def about_supply(reservation: str, order_id: str, sku_id: str) -> dict[str, Question]:
    """Every view of what is beside the orders, asked in every way that has a statement of its own."""
    curve, lot = {"sku": "S0013"}, {"sku": "S0013", "lot": "L3"}
    return {
        "purchase orders": asked("/v1/purchase-orders"),
        "purchase orders due": asked("/v1/purchase-orders", sort="due", location="HAM"),
        "purchase orders expected": asked("/v1/purchase-orders", status="expected", sku="S0013", supplier="Potter"),
        "purchase order": asked("/v1/purchase-orders/{purchase_order}", purchase_order="PO1000042"),
        "put backs": asked("/v1/put-backs", location="HAM"),
        "waves": asked("/v1/waves"),
        "waves released": asked("/v1/waves", status="released", location="HAM"),
        "wave": asked("/v1/waves/{wave}", wave="WV4000042"),
        "pick list": asked("/v1/pick-lists/{list}", list="WV4000042-L1"),
        "layout": asked("/v1/layouts/{location}", location="HAM"),
        "holds": asked("/v1/holds"),
        "holds of a kind": asked("/v1/holds", kind="fraud", stops="ship"),
        "backorders": asked("/v1/backorders", sku="LATE"),
        "bins": asked("/v1/bins", location="HAM"),
        "bin": asked("/v1/bins", location="HAM", bin="B7"),
        "bins of a product": asked("/v1/bins", location="HAM", sku="S0013"),
        "capacity": asked("/v1/capacity"),
        "promised of kits": asked("/v1/availability", skus=["K003", "K013"]),
        "pools": asked("/v1/pools"),
        "pools of a product": asked("/v1/pools", sku="S0013"),
        "promised by a date": asked("/v1/availability", skus=["S0001", "S0002"], by="2030-01-01T00:00:00Z",
                                    per=["location", "region"], channel="web"),
        "curve": asked("/v1/stock/promise-curve", **curve),
        "transfers": asked("/v1/transfers"),
        "transfers on their way": asked("/v1/transfers", status="in_transit", to_location="MUC"),
        "transfer": asked("/v1/transfers/{transfer}", transfer="T1020042"),
        "reservations": asked("/v1/reservations"),
        "reservations of a product": asked("/v1/reservations", sku="S0013"),
        "reservation": asked("/v1/reservations/{reservation}", reservation=reservation),
        "counts": asked("/v1/counts"),
        "counts open": asked("/v1/counts", status="open", location="HAM"),
        "count": asked("/v1/counts/{count}", count="C2000042"),
        "count reviewed": asked("/v1/counts/{count}/review", count="C2000042"),
        "shortages": asked("/v1/shortages"),
        "shortages of a product": asked("/v1/shortages", sku="S0013", location="HAM"),
        "shortage plan": asked("/v1/shortages/plan"),
        "shortage plan of a product": asked("/v1/shortages/plan", sku="S0013"),
        "lots": asked("/v1/lots"),
        "lots of a product": asked("/v1/lots", sku="S0013"),
        "lots held": asked("/v1/lots", status="held"),
        "lots that expire": asked("/v1/lots", expires_by="2030-01-01"),
        "who has a lot": asked("/v1/lots/holders", **lot),
        "serials": asked("/v1/serials", sku="S0013"),
        "serials of that name": asked("/v1/serials", serial="N7"),
        "serials at": asked("/v1/serials", sku="S0013", location="HAM", place="on_shelf"),
        "products of a serial": lambda tx: lots.products_of_serial(tx, "N7", ["S0013", "S0014"]),
        "serial": asked("/v1/serials/history", sku="S0013", serial="N7"),
        "kits": asked("/v1/kits"),
        "kits made of": asked("/v1/kits", component="S0013"),
        "kit": asked("/v1/kits/{sku}", sku="K013"),
        "substitutes": asked("/v1/substitutes"),
        "substitutes of a product": asked("/v1/substitutes", sku="S0013"),
        "work orders": asked("/v1/work-orders"),
        "work orders waiting": asked("/v1/work-orders", status="waiting", location="HAM"),
        "work order": asked("/v1/work-orders/{work_order}", work_order="W3000042"),
        "stock feeds": asked("/v1/stock-feeds"),
        "stock feed": asked("/v1/stock-feeds/{reference}", reference="F1000042"),
        "replenishment": asked("/v1/replenishment"),
        "replenishment at": asked("/v1/replenishment", state="stock_out", location="HAM"),
        "replenishment of a product": asked("/v1/replenishment", sku="S0013"),
        "days": asked("/v1/locations/{location}/days", location="HAM"),
        "groups": asked("/v1/location-groups"),
        "locations": asked("/v1/locations"),
        "channels": asked("/v1/channels"),
        "product": asked("/v1/products/{sku}", sku="S0013"),
        "product by id": asked("/v1/products/{sku}", sku=sku_id),
        "order by id": asked("/v1/orders/{order}", order=order_id),
    }  # fmt: skip


def questions(head: int, credit: str) -> dict[str, Question]:
    """Every view, asked in every way that has a statement of its own."""
    after_some = cursor(UUID(int=2**127))
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
        "lost": listed(lost=True),
        "lost and searched": listed(lost=True, q="ada meyer17"),
        "tagged": listed(tag="gift"),
        "tagged and searched": listed(tag="gift", q="ada meyer17"),
        "of a season": listed(attribute="season:winter"),
        "of a season and searched": listed(attribute="season:winter", q="ada meyer17"),
        "products of a season": asked("/v1/products", attribute="season:winter"),
        "tags": asked("/v1/tags"),
        "attributes": asked("/v1/attributes"),
        "prepared edits": asked("/v1/edits"),
        "exchange rates": asked("/v1/exchange-rates"),
        "exchange rates of a currency": asked("/v1/exchange-rates", currency="USD"),
        "tax rates": asked("/v1/tax-rates"),
        "tax rates of a country": asked("/v1/tax-rates", country="DE"),
        "taxes of an order": asked("/v1/taxes/quote", currency="EUR", lines=[line("S0013")], ship_to={"country": "DE"}),
        "taxes where it is collected": asked("/v1/taxes/quote", currency="EUR", lines=[line("S0013")], location="HAM"),
        "order": lambda tx: order.order(tx, "1042"),
        "timeline": lambda tx: timeline.timeline(tx, query(timeline.TimelineQuery, order="1042")),
        "as of": lambda tx: history.order_as_of(tx, query(history.OrderAsOfQuery, order="1042", position=head)),
        "statement": asked("/v1/orders/{order}/statement", order="1042"),
        "settled": lambda tx: done_through(tx, "acme", [Moved("pi_1", "capture", 1, 0, "EUR", START)]),
        "invoices": asked("/v1/invoices"),
        "tax quote": asked(
            "/v1/taxes/quote",
            currency="EUR",
            location="HAM",
            lines=[{"sku": "S0013", "quantity": 1, "unit_price": {"amount": "1.00", "currency": "EUR"}}],
        ),
        "invoices of an order": asked("/v1/invoices", order="1042"),
        "invoice": asked("/v1/invoices/{invoice}", invoice="INV-000017"),
        "credits": asked("/v1/credits"),
        "gift card": asked("/v1/credits", code="GIFT-0000042"),
        "refused by providers": asked("/v1/payments/requests"),
        "awaited of providers": asked("/v1/payments/requests", status="pending"),
        "credit": asked("/v1/credits/{credit}", credit=credit),
        "credits with something left": asked("/v1/credits", kind="gift_card", left=True),
        "troubles": asked("/v1/payments/troubles"),
        "disputes": asked("/v1/payments/disputes"),
        "disputes unanswered": asked("/v1/payments/disputes", status="unanswered"),
        "tax records": asked("/v1/tax-records"),
        "tax records failed": asked("/v1/tax-records", status="failed"),
        "an order's birth": lambda tx: timeline.birth_of(tx, "1042"),
        "payments of an order": asked("/v1/orders/{order}/payments", order="1042"),
        "entries of a day": asked("/v1/ledger/entries", day="2026-01-05"),
        "ledger by day": asked("/v1/ledger/days"),
        "ledger of a month": asked("/v1/ledger/days", since="2026-02-01", until="2026-02-28"),
        "postings": lambda tx: postings.postings(tx, query(postings.PostingsQuery, order="1042")),
        "stock": lambda tx: stock.stock(tx, query(stock.StockQuery)),
        "stock at": lambda tx: stock.stock(tx, query(stock.StockQuery, location="HAM")),
        "stock searched": lambda tx: stock.stock(tx, query(stock.StockQuery, q="product")),
        "on its way": lambda tx: stock.inbound(tx, ["S0013", "S0014"], "MUC"),
        "who holds a product": lambda tx: stock.held(tx, query(stock.HeldQuery, sku="S0013")),
        "stock as of": lambda tx: stock.stock(tx, query(stock.StockQuery, position=head - 50)),
        "ledger": lambda tx: stock.ledger(tx, query(stock.LedgerQuery, sku="S0013")),
        "availability": lambda tx: availability.availability(
            tx, query(availability.AvailabilityQuery, skus=[f"S{number:04}" for number in range(0, PRODUCTS, 5)])
        ),
        "products": lambda tx: products.products(tx, query(products.ProductsQuery)),
        "products searched": lambda tx: products.products(tx, query(products.ProductsQuery, q="S00")),
        "products of codes": lambda tx: products.products_of(tx, ["S0013", "S0014"]),
        "queues": lambda tx: queues.queues(tx, queues.QueuesQuery()),
        "print queue": asked("/v1/print-jobs", station="PACK-1"),
        "wares": lambda tx: tx.fetch(papers.sql.wares, ["S0013", "S0014"]),
        "bins of wares": lambda tx: tx.fetch(papers.sql.bins_of, UUID(int=1), ["S0013"]),
        "where a part goes": lambda tx: tx.fetch(papers.sql.address_of_part, UUID(int=1), 1),
        "names in a parcel": lambda tx: tx.fetch(papers.sql.names_in_parcel, UUID(int=1), 1),
        "greetings": lambda tx: tx.fetch(papers.sql.greetings, UUID(int=1)),
        "manifest": lambda tx: papers.manifest(tx, "HAM", START.date(), "DHL"),
        "print job": lambda tx: tx.fetch(papers.sql.print_job, UUID(int=1)),
        "packing": asked("/v1/parcels/proposal", fulfillment_order="1042-F1"),
        "work": lambda tx: queues.work(tx, query(queues.WorkQuery, location="HAM", stage="to_pick")),
        "work list": asked("/v1/work-list", location="HAM"),
        "vendor orders": asked("/v1/vendor-orders", vendor="HAM"),
        "pickups": asked("/v1/pickups", location="HAM"),
        "returns": lambda tx: queues.returns(tx, query(queues.ReturnsQuery)),
        "unmatched": lambda tx: queues.unmatched_returns(tx, query(queues.UnmatchedQuery)),
        "policies": lambda tx: policies.policies(tx, query(policies.PoliciesQuery)),
        "resolve": lambda tx: policies.resolve(tx, query(policies.ResolveQuery, name="may_split", channel="web")),
        "feed": lambda tx: events.feed(tx, head - 200, 100),
        "to be billed": lambda tx: tx.fetch(billing.sql.orders_to_bill, head - 200, 100, billing.QUIET),
        "to be paid": lambda tx: tx.fetch(paying.sql.orders_to_follow, head - 200, 100, paying.QUIET),
        "waited for": lambda tx: tx.fetch(arrivals.sql.touched_skus, head - 200, 100, arrivals.QUIET),
        "watched": lambda tx: tx.fetch(levels.sql.watched_skus, head - 200, 100),
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
    special = await tx._connection.fetchval(f"EXPLAIN (FORMAT JSON) {statement}", tx.merchant_id, *arguments)
    await tx.stage("SET LOCAL plan_cache_mode = force_generic_plan")
    generic = await plan_for_any(tx, statement)
    await tx.stage("SET LOCAL plan_cache_mode = auto")
    return [msgspec.json.decode(special)[0]["Plan"], generic]


def about_safety() -> dict[str, Question]:
    """What is asked with other statements once a product has a safety stock."""
    return {
        "kept back": asked("/v1/availability", skus=["S0001", "S0002", "K013"]),
        "kept back by a date": asked("/v1/availability", skus=["S0001"], by="2030-01-01T00:00:00Z", per=["location"]),
        "kept back of a curve": asked("/v1/stock/promise-curve", sku="S0001"),
    }  # fmt: skip


class Looker:
    """Asks, and looks at how each statement of the answer is carried out."""

    def __init__(self, shop: Any, never: frozenset[str]) -> None:
        self.shop, self.never = shop, never
        self.wrong: list[tuple[str, str, list[str]]] = []
        """The question, the statement, and the big tables that it reads from end to end."""
        self.looked_at: set[str] = set()

    async def look(self, questions: dict[str, Question]) -> None:
        """Look at every statement of these questions."""
        for name, ask in questions.items():
            async with self.shop.database.read(self.shop.merchant_id) as tx:
                with recorded(tx) as seen:
                    await ask(tx)
            async with self.shop.database.read(self.shop.merchant_id) as tx:
                for statement, arguments in {sql: (sql, arguments) for sql, arguments in seen}.values():
                    called = statement.partition("\n")[0].removeprefix("-- ")
                    self.looked_at.add(called)
                    for plan in await plans(tx, statement, arguments):
                        if bad := scanned(plan) & self.never:
                            self.wrong.append((name, called, sorted(bad)))


async def test_no_view_reads_a_growing_table_from_end_to_end(grown: Any) -> None:
    async with grown.database.read(grown.merchant_id) as tx:
        head = await events.head_position(tx)
        large = await tx._connection.fetch("SELECT relname FROM pg_class WHERE reltuples > $1", LARGE_ROWS)
        reservation = await tx.fetchval("SELECT reservation_id FROM reservation_line WHERE merchant_id = $1 LIMIT 1")
        order_id = await tx.fetchval("SELECT id FROM orders WHERE merchant_id = $1 AND number = 1042")
        credit = await tx.fetchval("SELECT id FROM credit WHERE merchant_id = $1 LIMIT 1")
        sku_id = await tx.fetchval("SELECT id FROM sku WHERE merchant_id = $1 AND code = 'S0013'")
    looker = Looker(grown, BIG | {row["relname"] for row in large})
    await looker.look(questions(head, str(credit)) | about_supply(str(reservation), str(order_id), str(sku_id)))
    await grown.do("policies.set", name="safety_stock", value="3d", sku="S0001")
    await looker.look(about_safety())
    rule = {"name": "x", "by": "nearest", "when": {"products": ["S0013"]}}
    dangerous = {"name": "x", "by": "capability", "capability": "hazardous"}
    far = {"name": "y", "by": "distance", "km": 9, "when": {"regions": [{"country": "DE"}]}}
    await grown.do("sourcing-rules.save", rules=[rule], filters=[dangerous, far])
    preview = (await grown.do("sourcing-previews.make"))["preview"]
    await looker.look(about_sourcing(str(preview)))
    await grown.do("sourcing-rules.save")
    await looker.look(await sell_to_companies(grown))
    assert not looker.wrong, looker.wrong
    whole = {export.statement for export in EXPORTS.values()} | {"money_balances"}
    unasked = {name for name, _ in queries.load(order.__file__)} - looker.looked_at - whole
    assert not unasked, ", ".join(sorted(unasked))
    async with grown.database.write(grown.merchant_id) as tx:
        wrong = {
            name: found & looker.never for name, found in (await all_read_whole(tx)).items() if found & looker.never
        }
    assert not wrong, wrong
