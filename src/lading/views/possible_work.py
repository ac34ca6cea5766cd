"""What can be done with one fulfillment order beside picking and packing, and in one sentence why the rest cannot. Pure."""

from lading.fulfillment.states import Standing
from lading.views.possible import Possible


def with_fulfillment_order(
    work: Standing, name: str, state: str, *, held_alone: bool, alike: bool, collected: bool
) -> list[Possible]:
    """Every verb that concerns it, what comes next first. `alike`: another one of the order is at the same location.
    `collected`: its customer comes for it there."""
    loose, inside = work.released + work.picked, work.released + work.picked + work.packed
    begun, held = work.picked + work.packed + work.handed_over > 0, state == "on_hold"
    lift = "A hold stops it: lift that first."
    nothing, counter = "Nothing of it is released or picked.", "Its customer collects it."
    told = (
        ("fulfillment-orders.release-hold", held_alone, "No hold is on it alone."),
        ("fulfillment-orders.accept", work.request == "submitted" and loose, "Its location was not asked."),
        ("fulfillment-orders.answer-cancellation", work.request == "cancellation_requested", "Nobody asked its location to stop."),
        ("fulfillment-orders.reject", loose, nothing),
        ("fulfillment-orders.close", loose and not work.packed, "Some of it is packed: send or unpack that first." if loose else nothing),
        ("fulfillment-orders.ship", loose and not held and not collected, lift if held else counter if collected else nothing),
        ("fulfillment-orders.move", work.released and not held, lift if held else "Nothing of it waits to be picked."),
        ("fulfillment-orders.split", loose and inside > 1 and not held, lift if held else "There is nothing to split off."),
        ("fulfillment-orders.merge", loose and alike and not held, lift if held else "No other one of the order is at its location."),
        ("fulfillment-orders.hold", inside, "Nothing of it is in the house."),
        ("fulfillment-orders.schedule", inside and not begun, "Its location is at it already."),
        (
            "fulfillment-orders.submit",
            inside and not begun and work.request == "unsubmitted" and state == "open",
            lift if held else "Its location was asked, or is at it, already.",
        ),
        ("fulfillment-orders.cancel", work.released and work.request != "cancellation_requested", "Nothing of it waits to be picked."),
    )  # fmt: skip
    return [Possible(verb, bool(can), None if can else why_not, [name] if can else []) for verb, can, why_not in told]
