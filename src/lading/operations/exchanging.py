"""What orders in another currency are worth in that of the shop's books, where the policy `shop_currency` asks for it.

Other merchants pay for none of it.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple, Protocol
from uuid import UUID

from lading.catalog.policies import Policies
from lading.catalog.types import Network
from lading.database.pool import Transaction
from lading.orders.commands import PlaceOrder
from lading.pricing import store as pricing

POLICY = "shop_currency"


class Knows(Protocol):
    """What is known of channels and policies."""

    @property
    def network(self) -> Network: ...
    @property
    def policies(self) -> Policies: ...


class Worth(NamedTuple):
    """What one unit of the order's currency is worth."""

    currency: str
    rate: Decimal


class Rates(NamedTuple):
    """The rates that the orders of a batch may need, by both currencies and when they are placed."""

    known: Mapping[pricing.RateKey, Decimal]
    now: datetime

    def of(self, command: PlaceOrder, policies: Policies, channel_id: UUID) -> Worth | None:
        """Of this order; None where it is in the shop's currency, says its own, or nobody knows."""
        if command.exchange or (wanted := _wanted(command, policies, channel_id, self.now)) is None:
            return None
        rate = self.known.get(wanted)
        return None if rate is None else Worth(wanted.shop_currency, rate)


async def read(tx: Transaction, commands: Iterable[PlaceOrder], world: Knows, now: datetime) -> Rates | None:
    """The rates of these orders' days; None where no policy asks for any."""
    if POLICY not in world.policies.values:
        return None
    channels = world.network.channels
    wanted = {
        key
        for command in commands
        if command.exchange is None and (channel_id := channels.get(command.channel))
        if (key := _wanted(command, world.policies, channel_id, now))
    }
    return Rates(await pricing.read_exchange_rates(tx, wanted), now) if wanted else None


def _wanted(command: PlaceOrder, policies: Policies, channel_id: UUID, now: datetime) -> pricing.RateKey | None:
    shop: str | None = policies.value(POLICY, channel=channel_id)
    if shop is None or shop == command.currency:
        return None
    return pricing.RateKey(command.currency, shop, command.placed_at or now)
