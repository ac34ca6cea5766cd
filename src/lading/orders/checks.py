"""The checks that may hold an order when it is placed. Each is asked for by a policy; none of them refuses anything. Pure."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple, Protocol
from uuid import UUID

from lading.kernel import money
from lading.orders.commands import PlaceOrder
from lading.orders.holds import APPROVAL, WITH_MONEY, Terms
from lading.orders.types import Order
from lading.terms.people import AddressInput

RECENT_MAX = 200
"""So many orders of a customer are looked at: a channel may give all of its buyers one name."""

LOOKING_BACK = ("hold_duplicate_minutes", "hold_over_orders")
"""Policies that ask what a customer ordered lately."""
OWING = "hold_over_credit"
"""The policy that asks what a customer owes."""

AWAITING_PAYMENT = "awaiting_payment"
"""The hold until what an order costs is promised or paid."""

AWAITING_TAXES = "awaiting_taxes"
"""The hold until a tax service tells what the order is taxed."""

AddressFault = Callable[[AddressInput], str | None]
"""The first field of an address that cannot be right; None where all may be."""

Basket = tuple[tuple[UUID, int], ...]


class Settings(Protocol):
    """What the checks need of policies."""

    def value(
        self, name: str, *, channel: UUID | None = ..., location: UUID | None = ..., sku: UUID | None = ...
    ) -> Any:
        """The value that applies."""

    def says(self, name: str) -> bool:
        """Whether it may be anything but nothing or no somewhere."""


class Recent(NamedTuple):
    """An earlier order of a customer."""

    customer_id: UUID
    number: int
    placed_at: datetime
    currency: str
    charged_minor: int
    cancelled: bool
    basket: Basket


@dataclass(slots=True)
class Past:
    """What is known of the customers of a batch; later orders of it see the earlier ones."""

    asked: bool = False
    """Whether a policy asks for it at all."""
    recent: dict[UUID, list[Recent]] = field(default_factory=dict)
    """By customer."""
    approved: set[UUID] = field(default_factory=set)
    """Commands of which somebody approved the draft already."""
    owed: dict[tuple[UUID, str], int] = field(default_factory=dict)
    """Minor units that no tender covers, by customer and currency."""

    def copy(self) -> "Past":
        """The same, to be added to apart."""
        recent = {customer_id: list(orders) for customer_id, orders in self.recent.items()}
        return replace(self, recent=recent, owed=dict(self.owed))

    def remember(self, order: Order) -> None:
        """An order that was placed now."""
        if not self.asked or order.customer_id is None:
            return
        goods = basket((line.sku_id, line.ordered) for line in order.lines.values())
        recent = Recent(
            order.customer_id, order.number, order.placed_at, order.currency, order.charged_minor, False, goods
        )
        self.recent.setdefault(order.customer_id, []).append(recent)
        key = (order.customer_id, order.currency)
        self.owed[key] = self.owed.get(key, 0) + _uncovered(order)


def basket(units: Iterable[tuple[UUID, int]]) -> Basket:
    """What was ordered, in whatever order it was named."""
    return tuple(sorted(units))


def asked(policies: Settings) -> list["Check"]:
    """The checks that policies ask for, in a fixed order: what nobody asks for is not looked at, order by order."""
    return [check for name, check in _CHECKS.items() if policies.says(name)]


def look(
    asked: Iterable["Check"],
    command: PlaceOrder,
    order: Order,
    policies: Settings,
    past: Past,
    fault: AddressFault,
    now: datetime,
) -> list[Terms]:
    """The holds that these checks want, in their order."""
    seen = _Seen(command, order, policies, past, fault, now)
    return [terms for check in asked for terms in check(seen)]


@dataclass(slots=True, frozen=True)
class _Seen:
    command: PlaceOrder
    order: Order
    policies: Settings
    past: Past
    fault: AddressFault
    now: datetime

    def policy(self, name: str) -> Any:
        return self.policies.value(name, channel=self.order.channel_id)

    def recent(self, minutes: int) -> list[Recent]:
        """Other orders of the customer within so many minutes of this one, on either side: orders come in as they come."""
        order, window = self.order, timedelta(minutes=minutes)
        if order.customer_id is None:
            return []
        others = self.past.recent.get(order.customer_id, ())
        return [each for each in others if abs(each.placed_at - order.placed_at) <= window]

    def minor(self, amount: str) -> int:
        """A policy's amount in the order's currency."""
        return money.to_minor(Decimal(amount), money.exponent(self.order.currency) or 0)


def _value(seen: _Seen) -> Iterator[Terms]:
    limit = seen.policy("hold_over_amount")
    if limit is not None and seen.order.charged_minor > seen.minor(limit):
        yield Terms("high_value")


def _approval(seen: _Seen) -> Iterator[Terms]:
    limit = seen.policy("approve_over")
    if (
        limit is not None
        and seen.order.charged_minor > seen.minor(limit)
        and seen.order.placed_by not in seen.past.approved
    ):
        yield Terms(APPROVAL, stops=WITH_MONEY)


def _no_address(seen: _Seen) -> Iterator[Terms]:
    sent = not all(line.pickup_at for line in seen.order.lines.values())
    if seen.command.ship_to is None and sent and seen.policy("hold_without_address"):
        yield Terms("no_address")


def _product(seen: _Seen) -> Iterator[Terms]:
    channel = seen.order.channel_id
    lines = seen.order.lines.values()
    if any(seen.policies.value("hold_sku", channel=channel, sku=line.sku_id) for line in lines):
        yield Terms("product_review")


def _bad_address(seen: _Seen) -> Iterator[Terms]:
    if seen.command.ship_to and seen.policy("hold_bad_address") and (where := seen.fault(seen.command.ship_to)):
        yield Terms("bad_address", reason=where)


def _two_addresses(seen: _Seen) -> Iterator[Terms]:
    billed, shipped = seen.command.bill_to, seen.command.ship_to
    if billed is None or shipped is None or not seen.policy("hold_other_address"):
        return
    for name in ("country", "postal_code", "city"):
        one, other = (str(getattr(each, name) or "").casefold().replace(" ", "") for each in (billed, shipped))
        if one and other and one != other:
            yield Terms("other_address", reason=name)
            return


def _duplicate(seen: _Seen) -> Iterator[Terms]:
    minutes = seen.policy("hold_duplicate_minutes")
    if minutes is None:
        return
    goods = basket((line.sku_id, line.ordered) for line in seen.order.lines.values())
    same = [each.number for each in seen.recent(minutes) if each.basket == goods and not each.cancelled]
    if same:
        yield Terms("duplicate_order", stops=WITH_MONEY, reason=str(max(same)))


def _velocity(seen: _Seen) -> Iterator[Terms]:
    most = seen.policy("hold_over_orders")
    if most is None:
        return
    count = len(seen.recent(seen.policy("orders_minutes"))) + 1
    if count > most:
        yield Terms("many_orders", stops=WITH_MONEY, reason=str(count) if count <= RECENT_MAX else f"{RECENT_MAX}+")


def _risk(seen: _Seen) -> Iterator[Terms]:
    most = seen.policy("hold_over_risk")
    if most is not None and seen.command.risk is not None and seen.command.risk > most:
        yield Terms("payment_risk", stops=WITH_MONEY, reason=str(seen.command.risk))


def _credit(seen: _Seen) -> Iterator[Terms]:
    limit, order = seen.policy(OWING), seen.order
    if limit is None or order.customer_id is None:
        return
    owed = seen.past.owed.get((order.customer_id, order.currency), 0) + _uncovered(order)
    if _uncovered(order) and owed > seen.minor(limit):
        yield Terms("credit_limit", reason=money.from_minor(owed, money.exponent(order.currency) or 0))


def _remorse(seen: _Seen) -> Iterator[Terms]:
    minutes = seen.policy("remorse_minutes")
    if minutes:
        yield Terms("remorse", stops=WITH_MONEY, expires_at=seen.now + timedelta(minutes=minutes))


def _unpaid(seen: _Seen) -> Iterator[Terms]:
    tenders = seen.command.tenders
    if (
        tenders
        and any(each.is_asked or each.kind == "bank_transfer" for each in tenders)
        and seen.policy("hold_unpaid")
    ):
        yield Terms(AWAITING_PAYMENT)


def over_credit(owed: str) -> Terms:
    """The hold of a company's order with which it would owe more than it may."""
    return Terms("credit_limit", reason=owed)


def _uncovered(order: Order) -> int:
    return max(0, order.charged_minor - max(order.authorised_minor, order.captured_minor))


Check = Callable[[_Seen], Iterator[Terms]]

_CHECKS: Mapping[str, Check] = {
    "hold_over_amount": _value, "approve_over": _approval, "hold_without_address": _no_address, "hold_sku": _product,
    "hold_bad_address": _bad_address, "hold_other_address": _two_addresses, "hold_duplicate_minutes": _duplicate,
    "hold_over_orders": _velocity, "hold_over_risk": _risk, OWING: _credit, "remorse_minutes": _remorse, "hold_unpaid": _unpaid,
}  # fmt: skip
"""By the policy that asks for it."""

KINDS: Mapping[str, str] = {
    "high_value": "It costs more than may go without review.",
    APPROVAL: "It costs more than may go without somebody's approval.",
    "no_address": "Nobody said where it goes.",
    "product_review": "It holds a product that is reviewed.",
    "bad_address": "The address cannot be right.",
    "other_address": "It is billed to one place and sent to another.",
    "duplicate_order": "The customer ordered the same a short while ago.",
    "many_orders": "The customer ordered many times in a short while.",
    "payment_risk": "The channel says that the payment is at risk.",
    "credit_limit": "The customer owes more than was allowed.",
    "remorse": "The customer may still change their mind.",
    AWAITING_TAXES: "The tax service has not told what it is taxed.",
    AWAITING_PAYMENT: "A card has not promised its money yet, or a bank transfer has not come.",
}
"""The holds that checks place, with their meaning."""
