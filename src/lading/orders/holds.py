"""Holds: what stops an order, or a part of it, and from what. Pure.

A hold names the transactions that it stops. Without lines and fulfillment orders it is on the whole order. On lines it is on what the
customer bought: a kit's line means its parts.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from lading.orders import kits
from lading.orders.types import STOPS_AT_FIRST, Hold, Order

APPROVAL = "approval"
"""The hold of what costs more than may go without an approval: only who may approve lifts it."""

WITH_MONEY = ("release", "capture", "ship")
"""The transactions that a doubt about the money of an order stops."""
UNITS = ("source", "release", "ship")
"""The transactions that move units: an order with a hold that stops one of them stands in the queue of the held."""


@dataclass(slots=True, frozen=True)
class Terms:
    """What a new hold says."""

    kind: str
    stops: tuple[str, ...] = STOPS_AT_FIRST
    lines: tuple[int, ...] = ()
    fulfillment_orders: tuple[int, ...] = ()
    reason: str | None = None
    note: str | None = None
    expires_at: datetime | None = None


def stops_units(hold: Hold) -> bool:
    """Whether units wait for it."""
    return not set(UNITS).isdisjoint(hold.stops)


def active(order: Order) -> list[Hold]:
    """The holds that stand."""
    return [hold for hold in order.holds if hold.released_at is None]


def place(order: Order, terms: Terms, actor: str, now: datetime) -> Hold:
    """Add a hold."""
    new = Hold(
        order.id, len(order.holds) + 1, terms.kind, terms.note, now, None, list(terms.stops), list(terms.lines),
        list(terms.fulfillment_orders), terms.reason, terms.expires_at, actor, stored=False,
    )  # fmt: skip
    order.holds.append(new)
    order.active_holds += stops_units(new)
    return new


def lift(order: Order, holds: Iterable[Hold], actor: str, now: datetime) -> None:
    """Lift holds that stand."""
    for hold in holds:
        hold.released_at, hold.released_by = now, actor
        order.active_holds -= stops_units(hold)


def bought(order: Order, lines: Iterable[int]) -> tuple[int, ...]:
    """The lines as the customer bought them, each once."""
    return tuple(sorted({kits.sold_as(order, order.lines[number]).number for number in lines}))


def of_order(order: Order, transaction: str) -> list[Hold]:
    """The holds on the whole order that stop it."""
    return [
        hold
        for hold in order.holds
        if hold.released_at is None and transaction in hold.stops and not hold.lines and not hold.fulfillment_orders
    ]


def of_part(order: Order, transaction: str, lines: Collection[int], fulfillment_order: int | None = None) -> list[Hold]:
    """The holds that stop it for one of those lines or that fulfillment order; those on the whole order too."""
    found = [hold for hold in order.holds if hold.released_at is None and transaction in hold.stops]
    return [
        hold
        for hold in found
        if not (hold.lines or hold.fulfillment_orders)
        or fulfillment_order in hold.fulfillment_orders
        or any(_is_on(hold, order, number) for number in lines)
    ]


def _is_on(hold: Hold, order: Order, number: int) -> bool:
    return number in hold.lines or order.lines[number].part_of in hold.lines


def held_lines(order: Order, transaction: str) -> set[int]:
    """The lines that holds of their own stop, parts of kits among them."""
    found = [hold for hold in order.holds if hold.released_at is None and transaction in hold.stops and hold.lines]
    return {number for number in order.lines for hold in found if _is_on(hold, order, number)}


def kinds(holds: Iterable[Hold]) -> list[str]:
    """Their kinds, each once, in alphabetical order."""
    return sorted({hold.kind for hold in holds})


def told(holds: Sequence[Hold]) -> list[dict[str, object]]:
    """As the journal keeps new holds: without their notes, which people write."""
    return [
        {
            "number": hold.number, "kind": hold.kind, "stops": hold.stops, "lines": hold.lines,
            "fulfillment_orders": hold.fulfillment_orders, "reason": hold.reason, "expires_at": hold.expires_at,
        }
        for hold in holds
    ]  # fmt: skip
