"""What the set-up says of who fills orders, and from when on. Pure: no I/O, no clock, no randomness."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from lading.catalog.policies import Policies
from lading.catalog.types import Network


def ranking(network: Network, policies: Policies) -> dict[UUID, int]:
    """Active locations that policies let fill orders, by their priority."""
    return {
        location.id: location.priority
        for location in network.locations.values()
        if location.active and location.ships and policies.value("fills_orders", location=location.id)
    }


def sold_ahead(sku_id: UUID, policies: Policies, now: datetime) -> datetime | None:
    """Until when nothing of the product is given to orders; None where it may be sold as usual."""
    if "preorder_until" not in policies.values:
        return None
    value = policies.value("preorder_until", sku=sku_id)
    until = datetime.fromisoformat(value) if value else None
    return until if until and until > now else None


def days_to_promise(network: Network, policies: Policies) -> Callable[[UUID, UUID], int | None]:
    """Days after a product is due at a location from which on it is promised, by (product, location).

    None where the location fills no orders.
    """
    fills = ranking(network, policies)

    def days(sku_id: UUID, location_id: UUID) -> int | None:
        if location_id not in fills:
            return None
        found: int = policies.value("promise_buffer_days", location=location_id, sku=sku_id)
        return found

    return days
