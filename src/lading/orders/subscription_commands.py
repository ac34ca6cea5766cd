"""What can be asked of subscriptions."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from lading.orders.commands import ExpectedVersion
from lading.orders.draft_commands import DraftRef
from lading.terms.fields import Code, Moment

SubscriptionRef = Annotated[str, Meta(min_length=1, max_length=64, description="S1042, or its id", examples=["S1042"])]


class CreateSubscription(Struct, frozen=True, forbid_unknown_fields=True):
    """A contract that places the order that a draft describes, again and again. Revise the draft, and later orders follow it."""

    draft: DraftRef
    unit: Literal["day", "week", "month"]
    first_at: Annotated[Moment, Meta(description="When the first order is placed; later ones at the same time of day")]
    every: Annotated[int, Meta(ge=1, le=120, description="So many days, weeks or months lie between two orders")] = 1
    prices: Annotated[
        Literal["kept", "current"], Meta(description="Those of the draft, or those of price lists at each order")
    ] = "kept"
    time_zone: (
        Annotated[
            str,
            Meta(
                max_length=64,
                description="In which that time of day is kept, such as Europe/Berlin; else the merchant's",
            ),
        ]
        | None
    ) = None
    orders_max: Annotated[int, Meta(ge=1, le=10_000, description="It ends after so many cycles")] | None = None


class PauseSubscription(Struct, frozen=True, forbid_unknown_fields=True):
    """Place no order until it is resumed."""

    subscription: SubscriptionRef
    reason: Code | None = None
    expected_version: ExpectedVersion | None = None


class ResumeSubscription(Struct, frozen=True, forbid_unknown_fields=True):
    """Go on; at the next date of its rhythm that is not over, unless another one is given. What was missed is not ordered."""

    subscription: SubscriptionRef
    next_at: Moment | None = None
    expected_version: ExpectedVersion | None = None


class SkipSubscription(Struct, frozen=True, forbid_unknown_fields=True):
    """Leave out the next order."""

    subscription: SubscriptionRef
    expected_version: ExpectedVersion | None = None


class CancelSubscription(Struct, frozen=True, forbid_unknown_fields=True):
    """Place no order any more. Orders that were placed stay."""

    subscription: SubscriptionRef
    reason: Code
    expected_version: ExpectedVersion | None = None


class PlaceSubscription(Struct, frozen=True, forbid_unknown_fields=True):
    """Place the order of one cycle. The worker does it when it is due; a cycle is placed once, however often it is asked for."""

    subscription: SubscriptionRef
    cycle: Annotated[int, Meta(ge=1, description="Of the next order, as the subscription says it")]
