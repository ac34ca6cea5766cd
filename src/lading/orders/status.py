"""Each status is a function of the order's own sums. The generated columns of `orders` state the same rule; a test holds them equal."""

from collections.abc import Mapping

Sums = Mapping[str, int]

IN_HOUSE = ("open", "backordered", "allocated", "released", "picked", "packed")

STAGES = {
    "held": "Somebody has to decide before it goes on.",
    "backordered": "Waits for stock that is not there yet.",
    "to_source": "No location has been found for some of it.",
    "to_release": "Stock is allocated; the location has not been asked yet.",
    "to_pick": "A location has been asked; nobody has taken it from the shelf.",
    "to_pack": "Taken from the shelf, not in a parcel yet.",
    "to_hand_over": "In a parcel that waits for its carrier.",
    "with_carrier": "On its way to the customer.",
    "coming_back": "A customer or a carrier brings something back.",
    "done": "Nothing is awaited.",
}
"""The queues of an order, least advanced first; each open order stands in exactly one."""


def lifecycle(sums: Sums) -> str:
    """open, on_hold, completed or cancelled."""
    if sums["cancelled"] == sums["ordered"] > 0:
        return "cancelled"
    if sum(sums[stage] for stage in IN_HOUSE) + sums["in_transit"] == 0:
        return "completed"
    return "on_hold" if sums["active_holds"] > 0 else "open"


def fulfillment_status(sums: Sums) -> str:
    """How far the wanted units have come."""
    wanted = sums["ordered"] - sums["cancelled"]
    away = sums["in_transit"] + sums["sent_back"] + sums["lost"]
    if sums["returned"] > 0:
        return "returned" if sums["returned"] == sums["delivered"] == wanted else "partially_returned"
    if sums["delivered"] > 0:
        return "delivered" if sums["delivered"] == wanted else "partially_delivered"
    if away == 0 and sums["ordered"] > 0:
        return "unfulfilled"
    return "fulfilled" if away == wanted else "partially_fulfilled"


def payment_status(sums: Sums) -> str:
    """How the money stands."""
    if sums["refunded_minor"] > 0:
        return "refunded" if sums["refunded_minor"] == sums["captured_minor"] else "partially_refunded"
    owed = sums["charged_minor"] + sums["adjusted_minor"]
    if owed <= 0 < sums["charged_minor"] and sums["captured_minor"] == 0:
        return "voided"
    if sums["captured_minor"] >= owed:
        return "paid"
    if sums["captured_minor"] > 0:
        return "partially_paid"
    return "authorised" if sums["authorised_minor"] > 0 else "unpaid"


def stage(sums: Sums) -> str:
    """The least advanced queue of the order's open units."""
    if sums["active_holds"] > 0 and sum(sums[name] for name in IN_HOUSE) > 0:
        return "held"
    for units, queue in (
        ("backordered", "backordered"),
        ("open", "to_source"),
        ("allocated", "to_release"),
        ("released", "to_pick"),
        ("picked", "to_pack"),
        ("packed", "to_hand_over"),
        ("in_transit", "with_carrier"),
    ):
        if sums[units] > 0:
            return queue
    return "coming_back" if sums["return_requested"] + sums["returning"] > 0 else "done"
