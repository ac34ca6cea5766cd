"""What of an order may be captured by now: what was handed over, a deposit on what is still to come, and in the end all that it costs."""

from collections.abc import Callable

from lading.orders.types import Line, Order

IN_HOUSE = ("open", "backordered", "allocated", "released", "picked", "packed")
HANDED_OVER = ("in_transit", "delivered", "sent_back", "lost")


def is_over(order: Order) -> bool:
    """Whether nothing of it is still to be sent."""
    return sum(order.sum(stage) for stage in IN_HOUSE) == 0


def earned_minor(order: Order) -> int:
    """What handed-over units cost with their shares of charges, less what was credited of them; the last ones bring the remainder."""
    total = order.charged_minor + order.adjusted_minor
    if is_over(order):
        return total
    earned = 0
    for line in order.lines.values():
        if not line.is_kit:
            handed_over = sum(line.units[stage] for stage in HANDED_OVER)
            earned += line.cost_minor(handed_over) - line.cost_minor(line.refunded)
    return min(earned, total)


def deposit_minor(order: Order, percent: Callable[[Line], int]) -> int:
    """What is paid ahead for units that are still to be sent: so many percent of what they cost, rounded down once a line."""
    deposit = 0
    for line in order.lines.values():
        if not line.is_kit and (share := percent(line)):
            kept = line.ordered - line.units["cancelled"]
            handed_over = sum(line.units[stage] for stage in HANDED_OVER)
            deposit += (line.cost_minor(kept) - line.cost_minor(handed_over)) * share // 100
    return deposit
