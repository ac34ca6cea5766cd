"""How the console says things: one word, one colour and one icon for each stage, status and kind."""

from typing import Final, NamedTuple


def N_(text: str) -> str:
    """Marks a text for the catalogues; it is translated where it is shown."""
    return text


class Look(NamedTuple):
    """A word with its colour (a class of ours) and icon: never colour alone."""

    word: str
    tone: str
    icon: str


STAGES: Final = {
    "held": Look(N_("On hold"), "orange", "hand-stop"),
    "backordered": Look(N_("Backordered"), "red", "clock"),
    "to_source": Look(N_("To source"), "purple", "route"),
    "to_release": Look(N_("To release"), "azure", "player-play"),
    "to_pick": Look(N_("To pick"), "blue", "list-details"),
    "to_pack": Look(N_("To pack"), "indigo", "package"),
    "to_hand_over": Look(N_("To hand over"), "cyan", "package-export"),
    "with_carrier": Look(N_("With carrier"), "teal", "truck-delivery"),
    "coming_back": Look(N_("Coming back"), "yellow", "truck-return"),
    "done": Look(N_("Done"), "green", "circle-check"),
}
"""The queues of an order, in the order of its journey."""

UNITS: Final = {
    "cancelled": Look(N_("cancelled"), "gray", "ban"),
    "open": Look(N_("to source"), "purple", "route"),
    "backordered": Look(N_("backordered"), "red", "clock"),
    "allocated": Look(N_("allocated"), "azure", "player-play"),
    "released": Look(N_("to pick"), "blue", "list-details"),
    "picked": Look(N_("picked"), "indigo", "package"),
    "packed": Look(N_("packed"), "cyan", "package-export"),
    "in_transit": Look(N_("in transit"), "teal", "truck-delivery"),
    "delivered": Look(N_("delivered"), "green", "circle-check"),
    "sent_back": Look(N_("sent back"), "yellow", "truck-return"),
    "lost": Look(N_("lost"), "red", "package-off"),
    "return_requested": Look(N_("return requested"), "yellow", "truck-return"),
    "returning": Look(N_("returning"), "yellow", "truck-return"),
    "returned": Look(N_("returned"), "orange", "arrow-back-up"),
}
"""Where the units of a line stand."""

LIFECYCLES: Final = {
    "open": Look(N_("open"), "blue", "circle-half-2"),
    "on_hold": Look(N_("on hold"), "orange", "hand-stop"),
    "completed": Look(N_("completed"), "green", "circle-check"),
    "cancelled": Look(N_("cancelled"), "gray", "ban"),
}

FULFILLMENTS: Final = {
    "unfulfilled": Look(N_("unfulfilled"), "gray", "circle-dashed"),
    "partially_fulfilled": Look(N_("partly shipped"), "teal", "circle-half-2"),
    "fulfilled": Look(N_("shipped"), "teal", "truck-delivery"),
    "partially_delivered": Look(N_("partly delivered"), "green", "circle-half-2"),
    "delivered": Look(N_("delivered"), "green", "circle-check"),
    "partially_returned": Look(N_("partly returned"), "orange", "truck-return"),
    "returned": Look(N_("returned"), "orange", "arrow-back-up"),
}

PAYMENTS: Final = {
    "unpaid": Look(N_("unpaid"), "red", "cash"),
    "authorised": Look(N_("authorised"), "azure", "lock"),
    "voided": Look(N_("voided"), "secondary", "ban"),
    "partially_paid": Look(N_("partly paid"), "yellow", "circle-half-2"),
    "paid": Look(N_("paid"), "green", "check"),
    "partially_refunded": Look(N_("partly refunded"), "orange", "receipt-refund"),
    "refunded": Look(N_("refunded"), "orange", "receipt-refund"),
}

PARCELS: Final = {
    "packed": Look(N_("packed"), "cyan", "package"),
    "shipped": Look(N_("handed over"), "teal", "truck"),
    "in_transit": Look(N_("in transit"), "teal", "truck-delivery"),
    "out_for_delivery": Look(N_("out for delivery"), "teal", "truck-delivery"),
    "failed_attempt": Look(N_("delivery attempt failed"), "orange", "alert-triangle"),
    "delivered": Look(N_("delivered"), "green", "circle-check"),
    "lost": Look(N_("lost"), "red", "package-off"),
    "returned_to_sender": Look(N_("returned to sender"), "yellow", "truck-return"),
    "cancelled": Look(N_("unpacked"), "gray", "ban"),
    "ready_for_pickup": Look(N_("ready for its customer"), "azure", "user"),
    "arrived": Look(N_("came to the counter"), "azure", "building-store"),
}

FULFILLMENT_ORDERS: Final = {
    "open": Look(N_("open"), "blue", "circle-dashed"),
    "scheduled": Look(N_("scheduled"), "gray", "clock"),
    "on_hold": Look(N_("on hold"), "orange", "hand-stop"),
    "in_progress": Look(N_("in progress"), "indigo", "circle-half-2"),
    "closed": Look(N_("closed"), "green", "circle-check"),
    "incomplete": Look(N_("sent in part"), "orange", "alert-triangle"),
    "cancelled": Look(N_("cancelled"), "gray", "ban"),
}

ASKED: Final = {
    "unsubmitted": Look(N_("not asked"), "gray", "circle-dashed"),
    "submitted": Look(N_("asked"), "orange", "question-mark"),
    "accepted": Look(N_("accepted"), "green", "check"),
    "rejected": Look(N_("rejected"), "red", "ban"),
    "cancellation_requested": Look(N_("asked to stop"), "orange", "hand-stop"),
    "cancellation_accepted": Look(N_("stopped"), "gray", "ban"),
    "cancellation_rejected": Look(N_("sends it all the same"), "indigo", "truck"),
}
"""What a location was asked, and what it said."""

COUNTS: Final = {
    "open": Look(N_("open"), "blue", "circle-half-2"),
    "approved": Look(N_("approved"), "green", "circle-check"),
    "cancelled": Look(N_("cancelled"), "gray", "ban"),
}

WAVES: Final = {
    "planned": Look(N_("planned"), "gray", "circle-dashed"),
    "released": Look(N_("being picked"), "blue", "circle-half-2"),
    "closed": Look(N_("closed"), "green", "circle-check"),
    "cancelled": Look(N_("cancelled"), "gray", "ban"),
}

TRANSFERS: Final = {
    "draft": Look(N_("draft"), "gray", "circle-dashed"),
    "ready": Look(N_("set aside"), "azure", "lock"),
    "in_transit": Look(N_("on its way"), "teal", "truck-delivery"),
    "partially_received": Look(N_("partly received"), "yellow", "circle-half-2"),
    "received": Look(N_("received"), "green", "circle-check"),
    "cancelled": Look(N_("cancelled"), "gray", "ban"),
}

TRANSFERRED: Final = {
    "planned": Look(N_("planned"), "gray", "circle-dashed"),
    "ready": Look(N_("set aside"), "azure", "lock"),
    "in_transit": Look(N_("on their way"), "teal", "truck"),
    "received": Look(N_("received"), "green", "circle-check"),
    "damaged": Look(N_("damaged"), "orange", "alert-triangle"),
    "came_home": Look(N_("came home"), "yellow", "arrow-back-up"),
    "lost": Look(N_("lost"), "red", "package-off"),
    "cancelled": Look(N_("not sent"), "gray", "ban"),
}
"""Where the units of a transfer are."""

WORK: Final = {
    "open": Look(N_("open"), "blue", "circle-dashed"),
    "started": Look(N_("started"), "yellow", "circle-half-2"),
    "completed": Look(N_("completed"), "green", "circle-check"),
    "cancelled": Look(N_("cancelled"), "gray", "ban"),
}

WORKED: Final = {
    "left": Look(N_("to do"), "gray", "circle-dashed"),
    "completed": Look(N_("done"), "green", "circle-check"),
    "cancelled": Look(N_("not done"), "gray", "ban"),
}
"""Where the kits of a work order are."""

TAKEN: Final = {
    "allocated": Look(N_("set aside"), "azure", "lock"),
    "done": Look(N_("used up"), "green", "circle-check"),
    "cancelled": Look(N_("given back"), "gray", "arrow-back-up"),
}
"""What became of what kits are made of."""

GIVEN: Final = {
    "left": Look(N_("to come"), "gray", "circle-dashed"),
    "done": Look(N_("on the shelf"), "green", "circle-check"),
    "cancelled": Look(N_("not made"), "gray", "ban"),
}
"""What becomes of what is made."""

RESERVATIONS: Final = {
    "kept": Look(N_("kept"), "azure", "lock"),
    "expired": Look(N_("time is over"), "orange", "clock"),
    "released": Look(N_("released"), "gray", "lock-open"),
    "converted": Look(N_("became an order"), "green", "shopping-cart"),
}

DRAFTS: Final = {
    "draft": Look(N_("draft"), "gray", "clipboard-list"),
    "sent": Look(N_("waits for an answer"), "azure", "send"),
    "accepted": Look(N_("accepted"), "green", "circle-check"),
    "declined": Look(N_("declined"), "red", "circle-x"),
    "expired": Look(N_("time is over"), "orange", "clock"),
    "converted": Look(N_("became an order"), "green", "shopping-cart"),
    "dropped": Look(N_("dropped"), "gray", "trash"),
}
"""How far a draft is."""

SUBSCRIPTIONS: Final = {
    "active": Look(N_("runs"), "green", "player-play"),
    "paused": Look(N_("paused"), "orange", "player-pause"),
    "cancelled": Look(N_("cancelled"), "gray", "ban"),
    "ended": Look(N_("ended"), "gray", "circle-check"),
}
"""How a subscription stands."""

INSTEAD: Final = {
    "keep": Look(N_("keeps its units"), "green", "circle-check"),
    "elsewhere": Look(N_("another location"), "azure", "route"),
    "substitute": Look(N_("gets a substitute"), "purple", "arrows-split"),
    "wait": Look(N_("waits"), "orange", "clock"),
    "cancel": Look(N_("is cancelled"), "red", "ban"),
}
"""What becomes of an order's units where a shelf holds fewer than were promised."""

BUCKETS: Final = {
    "available": N_("available"),
    "reserved": N_("reserved"),
    "allocated": N_("allocated"),
    "picked": N_("picked"),
    "packed": N_("packed"),
    "damaged": N_("damaged"),
    "quality_hold": N_("quality hold"),
    "supplier": N_("supplier"),
    "lost": N_("lost"),
    "found": N_("found"),
    "scrapped": N_("scrapped"),
    "outside": N_("outside"),
    "assembled": N_("kits"),
}
"""Buckets of stock, and the accounts that stand opposite."""

HINTS: Final = {
    "stock_out": Look(N_("run out"), "red", "alert-triangle"),
    "reorder": Look(N_("to order"), "orange", "shopping-cart"),
    "overstock": Look(N_("too much"), "yellow", "stack-2"),
    "enough": Look(N_("enough"), "green", "circle-check"),
}
"""How well a location is stocked with a product."""

PURCHASES: Final = {
    "placed": Look(N_("placed"), "azure", "clipboard-list"),
    "partially_received": Look(N_("partly received"), "teal", "circle-half-2"),
    "received": Look(N_("received"), "green", "circle-check"),
    "closed": Look(N_("closed"), "gray", "lock"),
    "cancelled": Look(N_("cancelled"), "gray", "ban"),
}
"""How far a purchase order is."""

FEEDS: Final = {
    "waiting": Look(N_("waiting"), "gray", "clock"),
    "reading": Look(N_("reading"), "azure", "loader"),
    "comparing": Look(N_("comparing"), "azure", "loader"),
    "applying": Look(N_("applying"), "azure", "loader"),
    "done": Look(N_("done"), "green", "circle-check"),
    "failed": Look(N_("failed"), "red", "circle-x"),
}
"""How far a stock feed is."""

LOTS: Final = {
    "ok": Look(N_("good"), "green", "check"),
    "held": Look(N_("held"), "orange", "hand-stop"),
    "recalled": Look(N_("recalled"), "red", "alert-triangle"),
}
"""Whether a lot may be promised."""

SERIALS: Final = {
    "on_shelf": Look(N_("on the shelf"), "green", "packages"),
    "picked": Look(N_("picked"), "indigo", "package"),
    "packed": Look(N_("packed"), "cyan", "package"),
    "damaged": Look(N_("damaged"), "red", "package-off"),
    "quality_hold": Look(N_("quality hold"), "orange", "hand-stop"),
    "in_transit": Look(N_("on its way"), "azure", "truck"),
    "delivered": Look(N_("delivered"), "green", "home"),
    "sent_back": Look(N_("sent back"), "yellow", "truck-return"),
    "lost": Look(N_("lost"), "red", "question-mark"),
    "scrapped": Look(N_("scrapped"), "gray", "trash"),
    "supplier": Look(N_("with its supplier"), "gray", "building-store"),
    "found": Look(N_("found"), "gray", "search"),
    "outside": Look(N_("outside"), "gray", "external-link"),
    "assembled": Look(N_("used up in a kit"), "gray", "box"),
}
"""Where one unit is."""

POOLS: Final = {"exclusive": N_("exclusive"), "shared": N_("shared"), "capped": N_("capped")}
"""What a channel's pool does."""

TASKS: Final = {
    "PO": "/purchase-orders",
    "T": "/transfers",
    "C": "/counts",
    "W": "/work-orders",
    "D": "/drafts",
    "S": "/subscriptions",
}
"""Where documents of their own are shown, by the letters before their numbers."""

GONE: Final = ("with_carrier", "coming_back", "done")
"""Stages in which nothing is left in the building: no date to ship by can be missed any more."""

TROUBLES: Final = {
    "failed": Look(N_("failed"), "red", "circle-x"),
    "lapsed": Look(N_("lapsed"), "orange", "clock"),
    "unanswered": Look(N_("unanswered"), "yellow", "loader"),
    "late": Look(N_("late"), "yellow", "hand-stop"),
    "disputed": Look(N_("disputed"), "red", "alert-triangle"),
}
"""Why somebody has to look at a payment."""

REQUESTS: Final = {
    "pending": Look(N_("not answered"), "yellow", "loader"),
    "succeeded": Look(N_("done"), "green", "check"),
    "failed": Look(N_("refused"), "red", "circle-x"),
}
"""What became of what a provider was asked."""

DISPUTES: Final = {
    "open": Look(N_("open"), "orange", "alert-triangle"),
    "won": Look(N_("won"), "green", "check"),
    "lost": Look(N_("lost"), "red", "circle-x"),
}
"""How a dispute stands."""

LOOKS: Final = {
    "stage": STAGES,
    "units": UNITS,
    "lifecycle": LIFECYCLES,
    "fulfillment": FULFILLMENTS,
    "payment": PAYMENTS,
    "parcel": PARCELS,
    "fulfillment_order": FULFILLMENT_ORDERS,
    "asked": ASKED,
    "count": COUNTS,
    "wave": WAVES,
    "transfer": TRANSFERS,
    "transferred": TRANSFERRED,
    "work": WORK,
    "worked": WORKED,
    "taken": TAKEN,
    "given": GIVEN,
    "reservation": RESERVATIONS,
    "draft": DRAFTS,
    "subscription": SUBSCRIPTIONS,
    "instead": INSTEAD,
    "hint": HINTS,
    "purchase": PURCHASES,
    "feed": FEEDS,
    "lot": LOTS,
    "trouble": TROUBLES,
    "request": REQUESTS,
    "dispute": DISPUTES,
    "serial": SERIALS,
}


def look(kind: str, name: str) -> Look:
    """How to show it; what has no word yet is shown as it is."""
    return LOOKS[kind].get(name) or Look(name.replace("_", " "), "gray", "circle")


HOLD_STOPS = {
    "source": N_("looking for stock"),
    "release": N_("release"),
    "capture": N_("taking money"),
    "edit": N_("changes"),
    "ship": N_("hand-over"),
}
"""What a hold may stop."""
