"""Everything that is read over HTTP: one table of routes, each a view."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from msgspec import Struct

from lading.database.pool import Transaction
from lading.views import order, orders, products, stock, timeline

Handler = Callable[[Transaction, Any], Awaitable[Any]]


@dataclass(slots=True, frozen=True)
class Read:
    """One question: a route, what it takes, and the view that answers it."""

    path: str
    summary: str
    scope: str
    handler: Handler
    """(transaction, query) to answer. Raises views.NotFound."""
    query: type[Struct]
    """Path and query parameters (or, for POST, the body)."""
    answer: type[Struct]
    example: Mapping[str, Any] = field(default_factory=dict)
    """Parameters of an example."""
    method: Literal["GET", "POST"] = "GET"


class OrderQuery(Struct, frozen=True, forbid_unknown_fields=True):
    """One order."""

    order: str


async def _order(tx: Transaction, query: OrderQuery) -> order.OrderDetail:
    return await order.order(tx, query.order)


async def _availability(tx: Transaction, query: stock.AvailabilityQuery) -> stock.Availability:
    return await stock.availability(tx, query.skus)


READS: list[Read] = [
    Read(
        "/v1/orders",
        "Orders: the newest first, one queue, what is due, or what was searched.",
        "orders:read",
        orders.orders,
        orders.OrdersQuery,
        orders.OrdersPage,
        {"stage": "to_pick", "limit": 20},
    ),
    Read(
        "/v1/orders/{order}",
        "One order with everything that lives under it, and what can be done now.",
        "orders:read",
        _order,
        OrderQuery,
        order.OrderDetail,
        {"order": "1042"},
    ),
    Read(
        "/v1/orders/{order}/timeline",
        "What happened to an order, in sentences, the newest first.",
        "orders:read",
        timeline.timeline,
        timeline.TimelineQuery,
        timeline.Timeline,
        {"order": "1042"},
    ),
    Read(
        "/v1/stock",
        "Stock by product and location, now or as of a position or time.",
        "stock:read",
        stock.stock,
        stock.StockQuery,
        stock.StockPage,
        {"q": "MUG"},
    ),
    Read(
        "/v1/stock/ledger",
        "The ledger of a product: each posting with its event, the newest first.",
        "stock:read",
        stock.ledger,
        stock.LedgerQuery,
        stock.LedgerPage,
        {"sku": "MUG-BLUE"},
    ),
    Read(
        "/v1/availability",
        "What can be promised of up to 1,000 products, in all and by location.",
        "stock:read",
        _availability,
        stock.AvailabilityQuery,
        stock.Availability,
        {"skus": ["MUG-BLUE", "TEE-M"]},
        "POST",
    ),
    Read(
        "/v1/products",
        "Products by code, GTIN or words of their name.",
        "products:read",
        products.products,
        products.ProductsQuery,
        products.ProductsPage,
        {"q": "mug"},
    ),
    Read(
        "/v1/products/{sku}",
        "One product by code or id.",
        "products:read",
        products.product,
        products.ProductQuery,
        products.Product,
        {"sku": "MUG-BLUE"},
    ),
    Read(
        "/v1/locations",
        "All locations, in the order in which they fill.",
        "catalog:read",
        products.locations,
        products.Nothing,
        products.Locations,
    ),
    Read("/v1/channels", "All channels.", "catalog:read", products.channels, products.Nothing, products.Channels),
]
"""Every question, by path."""
