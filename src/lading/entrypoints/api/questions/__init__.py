"""What is asked: each a route, what it takes, and the view that answers it; a table for each part of the business."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from msgspec import Struct

from lading.database.pool import Transaction

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
